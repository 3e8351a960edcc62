"""Stored results are taken up again by the version of the model: it must move when they do."""

from __future__ import annotations

import numpy as np
import pytest

from simulator.analysis.inputs import load_plans
from simulator.analysis.run import Job, run
from simulator.model.compile import MODEL_VERSION

BOOK, VERSION = "b04ff19ed931", 3
ESTIMATES = {  # value, MCSE and the ends of the 5-95 % range
    "p_collapse_within_2y": (0.4699032624, 0.01672666599, 0.1660748825, 0.7099995945),
    "p_holds_30y": (0.1759373451, 0.01688483562, 0.03904177743, 0.5058511983),
    "median_years": (2.477418184, 0.3240053965, 0.858721602, np.nan),
    "rmst_years": (10.11356336, 0.6110513267, 4.113310127, 19.96116617),
    "fill_rate": (0.5762477802, 0.01348664981, 0.3370180422, 0.8085091501),
    "troop_years": (16850.35692, 795.5962549, 7017.651894, 32107.66266),
    "backstop_off_share": (0.4836905378, 0.01518476284, 0.1543276636, 0.8241587587),
    "cost_gbp": (4041851203.0, 479836570.0, 623327416.3, 9564574603.8),
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
