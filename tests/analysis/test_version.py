"""Stored results are taken up again by the version of the model: it must move when they do."""

from __future__ import annotations

import numpy as np
import pytest

from simulator.analysis.inputs import load_plans
from simulator.analysis.run import Job, run
from simulator.model.compile import MODEL_VERSION

BOOK, VERSION = "d80e7a8c0ef7", 4
ESTIMATES = {  # value, MCSE and the ends of the 5-95 % range
    "p_collapse_within_2y": (0.3091311298, 0.01360668124, 0.1073804675, 0.5426623507),
    "p_holds_30y": (0.3062053804, 0.01514501252, 0.1091514849, 0.6570912257),
    "median_years": (12.91294336, 1.565562295, 1.481156194, np.nan),
    "rmst_years": (14.78715969, 0.4371454131, 7.262198578, 23.1955634),
    "fill_rate": (0.6372222649, 0.01228828004, 0.3580576613, 0.8139965139),
    "troop_years": (29452.81546, 905.7844063, 12541.32158, 50925.43258),
    "backstop_off_share": (0.4680344603, 0.009968353633, 0.1604844428, 0.8439919029),
    "cost_gbp": (6873573518, 572352639.9, 1033043644, 1.753875648e10),
}


def test_results_are_those_of_this_version_of_the_model() -> None:
    """Where only the book changed, write down its digest and the new estimates.

    Where the book is the same, a sweep that resumes would mix old results with new ones: raise
    `MODEL_VERSION` as well. Relative 1e-6: processors differ in the last place of a logarithm.
    """
    ((scenario, book),) = load_plans(["coalition-of-the-willing"])
    found = run(Job(scenario, book, seed=1, draws=64, trials=16)).outcome.estimates
    assert (book.digest[:12], MODEL_VERSION) == (BOOK, VERSION)
    for name, expected in ESTIMATES.items():
        e = found[name]
        got = np.array([e.value, e.mcse, e.p05, e.p95], np.float64)  # None becomes NaN
        assert got == pytest.approx(expected, rel=1e-6, abs=1e-9, nan_ok=True), name
