"""Stored results are taken up again by the version of the model: it must move when they do."""

from __future__ import annotations

import numpy as np
import pytest

from simulator.analysis.inputs import load_plans
from simulator.analysis.run import Job, run
from simulator.model.compile import MODEL_VERSION

BOOK, VERSION = "5d86f56232b6", 4
ESTIMATES = {  # value, MCSE and the ends of the 5-95 % range
    "p_collapse_within_2y": (0.3325925881, 0.01361607525, 0.125817324, 0.5777598713),
    "p_holds_30y": (0.2879776939, 0.01338833072, 0.0673619801, 0.5858237361),
    "median_years": (9.672348499, 1.482062051, 1.019874394, np.nan),
    "rmst_years": (13.91111171, 0.4713762166, 6.601329232, 21.27765718),
    "fill_rate": (0.6309768234, 0.01288716675, 0.3472369332, 0.8223476981),
    "troop_years": (27820.28644, 932.9889063, 10964.56127, 48614.98918),
    "backstop_off_share": (0.4654033447, 0.01108607263, 0.1585959262, 0.8367192985),
    "cost_gbp": (6544898421, 578465065.6, 945056394.9, 1.464204882e10),
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
