"""Stored results are taken up again by the version of the model: it must move when they do."""

from __future__ import annotations

import math

import pytest

from simulator.analysis.inputs import load_plans
from simulator.analysis.run import Job, run
from simulator.model.compile import MODEL_VERSION

BOOK, VERSION = "9db1fbdc5603", 2
ESTIMATES = {  # value, MCSE and the ends of the 5-95 % range
    "p_collapse_within_2y": (0.478, 0.03183128601, 0.2637095209, 0.7649013026),
    "p_holds_30y": (0.191, 0.02424183711, 0.02375413069, 0.5158597776),
    "median_years": (2.29, 0.4145815552, 0.7034965754, math.nan),  # beyond the horizon
    "rmst_years": (9.934502806, 0.7629063643, 4.558195551, 18.11926269),
    "fill_rate": (0.5786955, 0.02494890988, 0.3474033647, 0.7538657295),
    "troop_years": (16747.61723, 1258.81123, 7539.656013, 26815.01533),
    "backstop_off_share": (0.5031930775, 0.03976336362, 0.1960775321, 0.8279215349),
    "cost_gbp": (3874585879.0, 702747456.2, 659526018.9, 14559248588.0),
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
        got = [math.nan if v is None else v for v in (e.value, e.mcse, e.p05, e.p95)]
        assert got == pytest.approx(list(expected), rel=1e-6, abs=1e-9, nan_ok=True), name
