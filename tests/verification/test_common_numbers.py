"""Common random numbers: two plans that differ in one lever share every clock it leaves alone."""

from __future__ import annotations

from collections import defaultdict

import numpy as np
import pytest

from simulator.engines import core, reference
from simulator.model.clocks import row_names
from tests.models import Contributor, eventful

# Without hazards every path reaches the horizon, so that nothing is hidden by an early end;
# without contagion and common ceiling, contributors do not touch one another.
CALM = {"failing": 0.0, "holding": 0.0, "contagion": 0.0, "target_troops": 1e6}
PATHS = 300


def dates(model, simulate=core.simulate):
    """Return the times of all events by row name, path by path."""
    _, log = simulate(model, PATHS, 0, PATHS, log=True)
    found = defaultdict(list)
    names = row_names(model)
    for path, time, row in zip(log.path, log.time, log.row, strict=True):
        found[names[row]].append((int(path), float(time)))
    return found


BASE = eventful(**CALM)
ALL = set(row_names(BASE))
WHO = {f"contributor:{name}" for name in BASE.contributors.names}

# lever -> (the other plan, rows that may differ). A reinforcement follows the phase and the force;
# switches of phase follow the odds, which follow everything.
FOLLOWERS = {"phase", "reinforcement"}
LEVERS = {
    "mission end": (eventful(**CALM, mission_end_rate=0.5), {"mission_end"} | WHO | FOLLOWERS),
    "loss of the backstop": (eventful(**CALM, loss_rate=1.0), {"backstop"} | FOLLOWERS),
    "army restored": (eventful(**CALM, army_restored=9.0), {"army_restored"} | FOLLOWERS),
    "drones": (eventful(**CALM, watched_km=0.0), FOLLOWERS),
    "tankers": (eventful(**CALM, tankers=9.0), FOLLOWERS),
    "speed of reinforcement": (eventful(**CALM, reinforcement_rate=9.0), FOLLOWERS),
}


@pytest.mark.parametrize("lever", LEVERS)
def test_unaffected_clocks_keep_every_bit(lever):
    other, may_differ = LEVERS[lever]
    one, two = dates(BASE), dates(other)
    for row in ALL - may_differ:
        assert one[row] == two[row], row
    assert any(one[row] != two[row] for row in may_differ)


def test_another_contributor_changes_nobody_else():
    before = list(BASE.contributors.names)
    more = eventful(
        **CALM,
        contributors=[
            Contributor("aardvark", 1000, arrival=0.1, exit_rate=0.3, commitment=0.6),
            Contributor("alpha", 6000, aircraft=12, arrival=0.2, exit_rate=0.15, commitment=0.8),
            Contributor("bravo", 4000, ships=3, arrival=0.45, exit_rate=0.1, commitment=0.7),
            Contributor("charlie", 2500, aircraft=6, arrival=0.8, exit_rate=0.3, commitment=0.5,
                        needs_backstop=True),
        ],
        mission_end_rate=0.0,
    )  # fmt: skip
    one, two = dates(eventful(**CALM, mission_end_rate=0.0)), dates(more)
    for name in before:
        # The row of a name moves down by one, and its last bits with it (tags break ties there).
        first, second = one[f"contributor:{name}"], two[f"contributor:{name}"]
        assert [path for path, _ in first] == [path for path, _ in second]
        assert np.allclose([t for _, t in first], [t for _, t in second], rtol=1e-12, atol=0.0)
    assert one["backstop"] == two["backstop"] or np.allclose(
        one["backstop"], two["backstop"], rtol=1e-12, atol=0.0
    )


def test_the_reference_shares_them_too():
    few = {"loss_rate": 1.0}
    one = dates_of_reference(BASE)
    two = dates_of_reference(eventful(**CALM, **few))
    for row in WHO | {"mission_end", "army_restored", "reconstituted"}:
        assert one[row] == two[row], row


def dates_of_reference(model):
    _, log = reference.simulate(model, 60, 0, 60, log=True)
    found = defaultdict(list)
    for path, time, row in zip(log.path, log.time, log.row, strict=True):
        found[row_names(model)[row]].append((int(path), float(time)))
    return found


def test_less_hazard_never_shortens_a_life():
    # With the same budgets a path lives at least as long where every hazard is lower, as long as
    # phases do not hang on the lever (rho = 0, so that it acts on the hazards alone).
    worse = core.simulate(eventful(rho=0.0, kappa=0.0), PATHS * 10, 0, PATHS * 10)
    better = core.simulate(
        eventful(rho=0.0, kappa=0.0, hr={"backstop": 0.3}), PATHS * 10, 0, PATHS * 10
    )
    assert np.all(better.end_time >= worse.end_time * (1 - 1e-12))
    assert better.end_time.mean() > worse.end_time.mean()
