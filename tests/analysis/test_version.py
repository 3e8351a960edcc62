"""Stored results are taken up again by the version of the model: it must move when they do."""

from __future__ import annotations

import pytest

from simulator.analysis.inputs import load_plans
from simulator.analysis.run import Job, run
from simulator.model.compile import MODEL_VERSION

BOOK, VERSION = "b04ff19ed931", 2
ESTIMATES = {  # value, MCSE and the ends of the 5-95 % range
    "p_collapse_within_2y": (0.478, 0.034431649, 0.1825444937, 0.8060824947),
    "p_holds_30y": (0.193, 0.02655956055, 0.01923243169, 0.3811731698),
    "median_years": (2.38, 0.6174908129, 0.4947772084, 17.91381987),
    "rmst_years": (10.14019007, 0.8586209714, 3.901954595, 17.25816833),
    "fill_rate": (0.5600956, 0.02391148411, 0.3672591585, 0.7414967936),
    "troop_years": (16750.31158, 1265.097905, 7768.295273, 25158.10694),
    "backstop_off_share": (0.5147097518, 0.03621745692, 0.2084332322, 0.8321152720),
    "cost_gbp": (3811462882.0, 622710930.4, 719768552.4, 9554098886.0),
}


def test_results_are_those_of_this_version_of_the_model() -> None:
    """Where only the book changed, write down its digest and the new estimates.

    Where the book is the same, a sweep that resumes would mix old results with new ones: raise
    `MODEL_VERSION` as well. Relative 1e-6: processors differ in the last place of a logarithm.
    """
    ((scenario, book),) = load_plans(["coalition-of-the-willing"])
    found = run(Job(scenario, book, seed=1, draws=40, paths=25)).outcome.estimates
    assert (book.digest[:12], MODEL_VERSION) == (BOOK, VERSION)
    for name, expected in ESTIMATES.items():
        e = found[name]
        got = (e.value, e.mcse, e.p05, e.p95)
        assert got == pytest.approx(expected, rel=1e-6, abs=1e-9), name
