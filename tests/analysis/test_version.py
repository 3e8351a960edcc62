"""Stored results are taken up again by the version of the model: it must move when they do."""

from __future__ import annotations

import numpy as np
import pytest

from simulator.analysis.inputs import load_plans
from simulator.analysis.run import Job, run
from simulator.model.compile import MODEL_VERSION

BOOK, VERSION = "343e0cc9ef1c", 5
ESTIMATES = {  # value, MCSE and the ends of the 5-95 % range
    "p_collapse_within_2y": (0.340422383, 0.01788426641, 0.1101439889, 0.6166341894),
    "p_holds_30y": (0.2723363109, 0.01667527562, 0.07553942252, 0.5755112368),
    "median_years": (10.08541441, 1.526236351, 1.098001111, np.nan),
    "rmst_years": (13.82740805, 0.5363584777, 6.745526184, 21.88392355),
    "fill_rate": (0.6251353712, 0.01470494211, 0.3766151311, 0.8228052645),
    "troop_years": (27812.39792, 1041.321377, 10947.24068, 53529.55146),
    "backstop_off_share": (0.444007198, 0.01311420814, 0.158908654, 0.8272555735),
    "cost_gbp": (6664448693, 641994037.8, 954730402.4, 1.352159154e10),
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
