"""The whole pipeline against the closed form of docs/model.md, eq. 23, for every reading."""

from __future__ import annotations

import math

import numpy as np
import pytest

from simulator.analysis.inputs import load_plans
from simulator.analysis.run import Job, run
from simulator.books.names import ASSUMPTIONS

W0, Q = 0.58, 0.82
HOLDING = {
    "memoryless": lambda t: np.exp(-math.log(2) / 25 * t),
    "quartiles": lambda t: np.exp(-0.00215 / 0.1535 * np.expm1(0.1535 * t)),
    "record": lambda t: np.exp(-0.015 * t),
}
# Nothing is random but when establishing ends, some 1e-9 years after the start.
BOUND = 1e-8


def survival(reading, kappa_0):
    pins = [
        "assumptions.kappa=0",
        f"assumptions.kappa_0={kappa_0}",
        f"assumptions.w0={W0}",
        f"assumptions.q_failing_2y={Q}",
        "assumptions.h_holding=0.015",
        f"structure.holding_reading={reading}",
        "structure.reference_class=book",
        *(f"assumptions.{name}=1" for name in ASSUMPTIONS if name.startswith("hr.")),
    ]
    [(scenario, book)] = load_plans(["no-force"], "evidence", pins)
    curves = run(Job(scenario, book, seed=3, draws=1, trials=16)).outcome.curves
    return curves.years[1:], curves.survival.value[1:]


def deviations(reading, kappa_0=1e9):
    years, found = survival(reading, kappa_0)
    failing = -math.log1p(-Q) / 2
    expected = W0 * np.exp(-failing * years) + (1 - W0) * HOLDING[reading](years)
    return found - expected


@pytest.mark.parametrize("reading", HOLDING)
def test_mixture_of_failing_and_holding(reading):
    apart = deviations(reading)
    assert apart.size == 39
    assert np.abs(apart).max() < BOUND


def test_the_bound_catches_a_slightly_wrong_model():
    # Establishing that takes five seconds (kappa_0 = 6e6) instead of none is already too much.
    assert np.abs(deviations("record", kappa_0=6e6)).max() > BOUND
