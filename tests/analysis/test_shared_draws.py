"""Draws are shared between the points of a sweep only where nothing that decides them differs."""

from __future__ import annotations

import numpy as np
import pytest

from simulator.analysis.inputs import load_plans
from simulator.analysis.run import Job, _draws, compile_job
from simulator.books.draws import draw_assumptions

# Whose approval depends on the posture.
LIMITED = [
    "contributors.members.poland.conditions=[constitutional_limit]",
    "contributors.members.poland.approval=government",
]
SETS = {
    "none": [],
    "troops": ["force.target_troops=9000"],
    "mandate": ["force.mandate=un"],
    "posture": ["force.posture=line"],
    "member": ["contributors.members.poland.commitment=0.5"],
    "joined": ["contributors.members.poland.exit_hazard={p05: 0.1, p50: 0.2, p95: 0.4}"],
    "limited": LIMITED,
    "limited line": [*LIMITED, "force.posture=line"],
    "pin": ["assumptions.w0=0.4"],
    "other pin": ["assumptions.w0=0.5"],
    "choice": ["structure.reference_class=civil_no_force"],
    "backstop": ["us_backstop.logistics=false"],
    "ukraine": ["ukraine_support.trainers=100"],
    "adversary": ["adversary.troops=500000"],
    "horizon": ["horizon_years=20"],
}


@pytest.fixture(scope="module")
def plans():
    return {
        (name, book): load_plans(["reassurance-force"], book, sets)[0]
        for name, sets in SETS.items()
        for book in (("evidence", "blend") if name in ("none", "troops") else ("evidence",))
    }


def test_a_draw_is_the_same_after_any_other_plan(plans):
    fresh = {key: draw_assumptions(book, plan, 1, 0, 16) for key, (plan, book) in plans.items()}
    _draws.cache_clear()
    first = ("none", "evidence")
    for key in [one for other in plans for one in (other, first)] + list(plans):
        plan, book = plans[key]
        _, found = compile_job(Job(plan, book, 1, 16, 1))
        assert found.labels == fresh[key].labels
        assert list(found.values) == list(fresh[key].values)
        for name, values in fresh[key].values.items():
            np.testing.assert_array_equal(found.values[name], values)
    info = _draws.cache_info()
    assert info.hits > info.misses / 10


def test_a_lever_that_decides_no_assumption_keeps_the_draws(plans):
    for name in ("troops", "backstop", "ukraine", "adversary", "horizon"):
        drawn = [compile_job(Job(*plans[key, "evidence"], 1, 16, 1))[1] for key in ("none", name)]
        assert drawn[0] is drawn[1]
