"""Common random numbers: two plans that differ in one lever share every clock it leaves alone."""

from __future__ import annotations

from collections import defaultdict

import numpy as np
import pytest

from simulator import addresses
from simulator.engines import reference, worlds
from simulator.model.clocks import row_names
from tests.models import CONTRIBUTORS, Contributor, eventful

# Without hazards every path reaches the horizon, so that nothing is hidden by an early end;
# without contagion and common ceiling, contributors do not touch one another.
CALM = {"failing": 0.0, "holding": 0.0, "contagion": 0.0, "target_troops": 1e6}
TRIALS = 300
YEARS = np.array([2.0, 10.0, 30.0])


def dates(model, log=worlds.world_log, trials=TRIALS):
    """Return the times of all events by row name, world by world."""
    events = log(model, trials)
    found = defaultdict(list)
    names = row_names(model)
    for world, time, row in zip(events.path, events.time, events.row, strict=True):
        found[names[row]].append((int(world), float(time)))
    return found


BASE = eventful(**CALM)
ALL = set(row_names(BASE))
WHO = {f"contributor:{name}" for name in BASE.contributors.names}

# lever -> (the other plan, rows that change)
LEVERS = {
    "mission end": ({"mission_end_rate": 0.5}, {"mission_end"} | WHO),
    "loss of the backstop": ({"loss_rate": 1.0}, {"backstop"}),
    "army restored": ({"army_restored": 9.0}, {"army_restored"}),
    "Russia reconstituted": ({"reconstituted": 9.0}, {"reconstituted"}),
    "phases": ({"kappa": 0.5}, {"phase"}),
    "drones": ({"watched_km": 0.0}, set()),
    "tankers": ({"tankers": 9.0}, set()),
    "speed of reinforcement": ({"reinforcement_rate": 9.0}, set()),
    "where effects act": ({"odds_exponent": 2.0, "hazard_exponent": 0.0}, set()),
    "late forces": ({"rescues": True}, set()),
    "departures": ({"stays": True}, set()),
    "offers": ({"as_needed": True}, set()),
}


@pytest.mark.parametrize("lever", LEVERS)
def test_unaffected_clocks_keep_every_bit(lever):
    change, changed = LEVERS[lever]
    one, two = dates(BASE), dates(eventful(**(CALM | change)))
    assert {row for row in ALL if one[row] != two[row]} == changed
    hazards = {"failing": 0.5, "holding": 0.03}
    a, b = (
        worlds.simulate(eventful(**(CALM | settings | hazards)), 20, YEARS).survival
        for settings in ({}, change)
    )
    assert not np.array_equal(a, b)  # the lever does something


def numbers_of(model):
    """Return every random number that worlds ask for, by name."""
    found = {}

    def uniforms(seed, name, draws, trials):
        found[name] = addresses.world_uniforms(seed, name, draws, trials)
        return found[name]

    worlds.simulate_worlds(model, TRIALS, YEARS, uniforms)
    return found


def test_another_contributor_changes_nobody_else():
    first = Contributor("aardvark", 1000, arrival=0.1, exit_rate=0.3, commitment=0.6)
    base = eventful(**CALM, mission_end_rate=0.0)
    more = eventful(**CALM, mission_end_rate=0.0, contributors=(first, *CONTRIBUTORS))
    before, after = numbers_of(base), numbers_of(more)
    assert set(after) - set(before) == {"commit:aardvark", "exit:aardvark"}
    assert all(np.array_equal(before[name], after[name]) for name in before)
    one, two = dates(base), dates(more)
    for row in ALL - {"reinforcement"}:
        # Names move down by one row, and what times are rounded to depends on how many there are.
        assert [world for world, _ in one[row]] == [world for world, _ in two[row]]
        times = [[t for _, t in events] for events in (one[row], two[row])]
        assert np.allclose(*times, rtol=0.0, atol=1e-10), row


def test_more_trials_contain_fewer():
    few, many = (dates(BASE, trials=trials) for trials in (20, 60))
    for row in ALL:
        assert few[row] == [event for event in many[row] if event[0] < 20]


def test_whole_paths_share_them_too():
    def log(model, trials):
        return reference.simulate(model, trials)[1]

    one = dates(BASE, log, 60)
    two = dates(eventful(**CALM, loss_rate=1.0), log, 60)
    for row in WHO | {"mission_end", "army_restored", "reconstituted", "phase"}:
        assert one[row] == two[row], row


def test_less_hazard_never_shortens_a_ceasefire():
    # World by world, as long as the phase does not hang on the lever; path by path as well, since
    # with the same budgets a path lasts at least as long where every hazard is lower.
    settings = {"odds_exponent": 0.0, "hazard_exponent": 1.0}
    worse, better = eventful(**settings), eventful(**settings, hr={"backstop": 0.3})
    a, b = (worlds.simulate_worlds(model, TRIALS, YEARS) for model in (worse, better))
    assert np.all(b.survival >= a.survival * (1 - 1e-12))
    assert b.rmst.mean() > a.rmst.mean()
    before, after = (reference.simulate(model, 100)[0].end_time for model in (worse, better))
    assert np.all(after >= before * (1 - 1e-12))
    assert after.mean() > before.mean()
