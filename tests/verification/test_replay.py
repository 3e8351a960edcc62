"""Event logs replayed: the paths of the reference engine, the worlds of the fast one, wrong ones.

Each finding is a bound on the probability that a right log looks this bad. A false alarm of one
log has a probability of at most 1e-6, shared equally by its findings.
"""

from __future__ import annotations

import numpy as np
import pytest

from simulator.addresses import independent_world_uniforms
from simulator.engines import reference, worlds
from simulator.model.compiled import FORCE_RESPONSES
from tests.models import eventful, harsh
from tests.verification.replay import chances, replay

RIGHT = {"draws": 2, "response": ["saturating", "tripwire"]}
FALSE_ALARM_RATE = 1e-6


def failures(model, trials, log, events, end_times=None):
    found = chances(replay(model, trials, log, end_times), events)
    return {what: p for what, p in found.items() if p < FALSE_ALARM_RATE / len(found)}


def of_paths(model, simulated, trials, events):
    records, log = reference.simulate(simulated, trials, independent_world_uniforms)
    return failures(model, trials, log, events, records.end_time)


def of_worlds(model, simulated, trials, events, uniforms=independent_world_uniforms):
    return failures(model, trials, worlds.world_log(simulated, trials, uniforms), events)


@pytest.mark.slow
def test_paths_of_the_reference_pass():
    model = harsh(**RIGHT)
    assert of_paths(model, model, trials=150, events=1_400) == {}


def test_worlds_pass():
    model = harsh(**RIGHT)
    assert of_worlds(model, model, trials=100, events=6_000) == {}
    model = eventful(draws=2)
    assert of_worlds(model, model, trials=100, events=2_500) == {}


@pytest.mark.slow
@pytest.mark.parametrize(
    "mistake",
    [{"holding_slope": 0.6}, {"failing": 2.0}, {"reinforcement_rate": 0.6}],
    ids=str,
)
def test_mistakes_in_paths_are_found(mistake):
    model = harsh(**RIGHT)
    assert of_paths(model, harsh(**(RIGHT | mistake)), trials=150, events=1_400)


@pytest.mark.parametrize(
    "mistake",
    [{"kappa": 0.6}, {"regain_rate": 0.2}, {"mission_end_rate": 0.3}],
    ids=str,
)
def test_mistakes_in_worlds_are_found(mistake):
    model = harsh(**RIGHT)
    assert of_worlds(model, harsh(**(RIGHT | mistake)), trials=100, events=4_000)


def test_a_biased_exponential_is_found():
    def biased(*address):
        return independent_world_uniforms(*address) ** 1.1

    model = harsh(**RIGHT)
    assert of_worlds(model, model, trials=100, events=4_000, uniforms=biased)


def test_a_clock_that_repeats_its_numbers_is_found():
    def repeated(seed, name, draws, trials):
        clock, _, number = name.partition(":")
        if clock == "phase":
            name = f"phase:{int(number) // 2 * 2}"
        return independent_world_uniforms(seed, name, draws, trials)

    model = harsh(**RIGHT)
    assert of_worlds(model, model, trials=100, events=4_000, uniforms=repeated)


def test_what_cannot_happen_is_found():
    model = harsh(**RIGHT)
    log = worlds.world_log(harsh(**(RIGHT | {"promised": True})), 5, independent_world_uniforms)
    none = harsh(**(RIGHT | {"promised": False}))
    assert any("cannot happen" in what for what in failures(none, 5, log, 10))
    late = type(log)(log.path, log.time + np.where(log.row == 0, 0.1, 0.0), log.row)
    assert any("due" in what for what in failures(model, 5, late, 10))


@pytest.mark.long
@pytest.mark.parametrize("seed", range(3))
def test_many_paths_pass(seed):
    model = eventful(draws=4, seed=seed, response=list(FORCE_RESPONSES))
    assert of_paths(model, model, trials=1_500, events=40_000) == {}


@pytest.mark.long
@pytest.mark.parametrize("seed", range(3))
def test_many_worlds_pass(seed):
    model = eventful(draws=4, seed=seed, response=list(FORCE_RESPONSES))
    assert of_worlds(model, model, trials=2_000, events=100_000) == {}
