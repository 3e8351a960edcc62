"""Stored results are taken up again by the version of the model: it must move when they do."""

from __future__ import annotations

import numpy as np
import pytest

from simulator.analysis.inputs import load_plans
from simulator.analysis.run import Job, run
from simulator.model.compile import MODEL_VERSION

BOOK, VERSION = "ec9e1e4df9e4", 4
ESTIMATES = {  # value, MCSE and the ends of the 5-95 % range
    "p_collapse_within_2y": (0.3383025568, 0.01288715303, 0.1268460871, 0.5777598713),
    "p_holds_30y": (0.2790824877, 0.01346866356, 0.09645183488, 0.5610260395),
    "median_years": (9.532872677, 1.311268801, 1.019874394, np.nan),
    "rmst_years": (13.7743009, 0.4404285197, 6.810785476, 21.06178794),
    "fill_rate": (0.6268824769, 0.01212441902, 0.3499522467, 0.8058413588),
    "troop_years": (27550.62053, 870.7961165, 11298.01022, 47508.16157),
    "backstop_off_share": (0.4664448789, 0.01132658479, 0.1593032852, 0.837613879),
    "cost_gbp": (6512149447, 586931553.9, 945056394.9, 1.717578574e10),
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
