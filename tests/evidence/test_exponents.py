"""Powers of a published hazard ratio: the study, repeated, returns the ratio."""

from __future__ import annotations

import numpy as np
import pytest

from simulator.evidence.reference import ACTS_ON, cox_limit, exponents, model_survival

# A class that fails fast, and one in which too few fail for the odds alone to matter so much.
CLASSES = {
    "w0": np.array([0.55, 0.02]),
    "q_failing_2y": np.array([0.8, 0.8]),
    "h_holding": np.array([0.02, 0.05]),
    "kappa_0": np.array([6.0, 6.0]),
}
KAPPA = 0.008


def test_cox_returns_the_ratio_of_proportional_hazards():
    hazard = np.linspace(0.0, 3.0, 2001)[None]
    limit = cox_limit(np.exp(-hazard), np.exp(-0.57 * hazard))
    assert limit == pytest.approx([0.57], rel=1e-4)  # of the grid


def test_survival_is_the_mixture_where_phases_are_drawn_at_once_and_for_good():
    at_once = CLASSES | {"kappa_0": np.array([1e7, 1e7])}
    zero = np.zeros(2)
    found = model_survival(at_once, 1e-12, 1.0, zero, zero)
    ages = 15.0 * np.linspace(0.0, 1.0, 801) ** 2
    failing = -np.log(0.2) / 2.0
    for i, (w0, holding) in enumerate(zip(CLASSES["w0"], CLASSES["h_holding"], strict=True)):
        mixture = w0 * np.exp(-failing * ages) + (1.0 - w0) * np.exp(-holding * ages)
        np.testing.assert_allclose(found[i, 1:], mixture[1:], atol=1e-6)


@pytest.mark.parametrize("acts_on", ACTS_ON)
def test_a_study_of_the_model_returns_the_ratio(acts_on):
    power = exponents(CLASSES, KAPPA, acts_on)
    on_odds, on_hazards = ACTS_ON[acts_on]
    zero = np.zeros(2)
    without = model_survival(CLASSES, KAPPA, 0.57, zero, zero)
    having = model_survival(CLASSES, KAPPA, 0.57, on_odds * power, on_hazards * power)
    measured = cox_limit(without, having)
    reached = power > 0.0
    assert reached.tolist() == [True, acts_on != "odds"]
    assert measured[reached] == pytest.approx(0.57, abs=1e-4)
