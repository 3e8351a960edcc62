"""Core and reference: the same paths, event by event, wherever a model may go."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from simulator.analysis.path_by_path import path_by_path
from simulator.engines import core
from simulator.engines.tags import MOST_CONTRIBUTORS
from simulator.model.compiled import FACTORS, FORCE_RESPONSES
from tests.models import CONTRIBUTORS, NEVER, Base, Contributor, build, eventful, unlike

# Where a force is, a ceasefire that resolves is all but sure to fail.
OVERWHELMING = {
    "response": "tripwire",
    "hr": {"presence": 1e30},
    "clamp": (1e-30, 1e30),
    "rho": 1.0,
}

EXTREMES = {
    "nothing at all": build(),
    "nothing but peace": build(failing=0.0, holding=0.0, kappa_0=0.0),
    "all rates zero": eventful(
        mission_end_rate=0.0,
        reinforcement_rate=0.0,
        loss_rate=0.0,
        regain_rate=0.0,
        kappa=0.0,
        kappa_0=0.0,
        failing=0.0,
        holding=0.0,
    ),
    "war at once": eventful(failing=1e6, holding=1e6, kappa_0=1e3),
    "hazards too small to matter": eventful(failing=1e-300, holding=1e-300),
    "a first phase that takes no time": eventful(kappa_0=1e12),
    "a first phase that never ends": eventful(kappa_0=1e-12),
    "restless backstop": eventful(loss_rate=200.0, regain_rate=500.0, horizon=0.5),
    "restless phases": eventful(kappa=100.0, horizon=1.5),
    "exits at once": eventful(
        contributors=[
            Contributor(name, troops=1000, arrival=0.1, exit_rate=1e9)
            for name in ("alpha", "bravo", "charlie")
        ]
    ),
    "reinforced at once": eventful(reinforcement_rate=1e9, growth=40.0),
    "a hazard that explodes": eventful(holding=1e-9, holding_slope=1.5),
    "a ceiling of nothing": eventful(target_troops=0.0, reinforcement_ceiling=0.0),
    "a plan of aircraft": eventful(
        contributors=[Contributor("alpha", troops=0, aircraft=20, arrival=0.0, exit_rate=0.1)]
    ),
    "everything on one day": eventful(
        contributors=[
            Contributor(name, troops=900, arrival=1.0, exit_rate=0.2)
            for name in ("alpha", "bravo", "charlie", "delta")
        ],
        army_restored=1.0,
        reconstituted=1.0,
    ),
    "everything on the first day": eventful(
        contributors=[Contributor(name, arrival=0.0, exit_rate=0.2) for name in ("a", "b", "c")],
        army_restored=0.0,
        reconstituted=0.0,
    ),
    "everything on the last day": eventful(
        contributors=[Contributor(name, arrival=30.0) for name in ("a", "b")],
        army_restored=30.0,
        reconstituted=30.0,
    ),
    "certain war of one cause": eventful(cause_shares=(0.0, 0.0, 1.0), failing=3.0),
    "commitments all alike": eventful(correlation=0.99),
    "consent is always refused": eventful(consent=0.0, refusal_blocks=0.5),
    "a hazard that fades away": eventful(holding=2.0, holding_slope=-1.5, kappa=1.0),
    "phases that the force brings to a standstill": eventful(
        **OVERWHELMING,
        kappa=1.0,
        failing=0.05,
        mission_end_rate=0.3,
    ),
    "phases that switch up to the last day": eventful(
        draws=4,
        contributors=[Contributor(arrival=0.1)],
        **OVERWHELMING,
        kappa=0.05,
        kappa_0=20.0,
        failing=1e-3,
        holding=1e-3,
        mission_end_rate=0.0,
    ),
    "effects just beyond the clamps": eventful(
        hr=dict.fromkeys(FACTORS, 1.0) | {"ukraine": 0.8, "no_consent": 1.3}, clamp=(0.85, 1.2)
    ),
    "a horizon that is no round number": eventful(horizon=3.3, failing=0.1),
    "draws unlike one another": unlike(),
}

# What a model lacks is not computed: all the rest must not notice.
LACKING = {
    "ceiling": {"reinforcement_ceiling": None},
    "ceiling and cost factors": {
        "reinforcement_ceiling": None,
        "contributors": [replace(c, cost_factor=1.0) for c in CONTRIBUTORS],
    },
    "cost factors": {"contributors": [replace(c, cost_factor=1.0) for c in CONTRIBUTORS]},
    "aircraft": {"contributors": [replace(c, aircraft=0.0) for c in CONTRIBUTORS]},
    "ships": {"contributors": [replace(c, ships=0.0) for c in CONTRIBUTORS]},
    "soldiers": {"contributors": [replace(c, troops=0.0) for c in CONTRIBUTORS]},
    "contributors": {"contributors": ()},
    "refusal": {"consent": 1.0},
    "backstop": {"promised": False},
    "ageing": {"holding_slope": 0.0},
    "switching": {"kappa": 0.0},
    "clamps": {"clamp": (1e-9, 1e9)},
    "lower clamp": {"clamp": (1e-9, 1.05)},
    "upper clamp": {"clamp": (0.8, 1e9)},
}


def agree(model, paths, lanes=3):
    """Few lanes by default, so that each lives through many paths and nothing stays behind."""
    for check in path_by_path(model, paths, fast=partial(core.simulate, lanes=lanes)):
        assert check.agrees, check


@pytest.mark.parametrize("name", EXTREMES)
def test_extremes(name):
    agree(EXTREMES[name], 25)


@pytest.mark.parametrize("response", FORCE_RESPONSES)
def test_force_responses(response):
    agree(eventful(draws=2, response=response), 25)


@pytest.mark.parametrize("what", LACKING)
def test_a_model_without(what):
    agree(eventful(draws=2, **LACKING[what]), 25)


@pytest.mark.parametrize("number", [20, MOST_CONTRIBUTORS])
def test_many_contributors(number):
    many = [
        Contributor(
            f"c{i:02}", 500.0 * (1 + i % 5), arrival=i % 3 / 4, exit_rate=0.4 * i / number,
            aircraft=i % 3, commitment=0.3 + 0.6 * i / number, needs_backstop=i % 7 == 0,
            cost_factor=0.8 + 0.4 * i / number,
        )
        for i in range(number)
    ]  # fmt: skip
    agree(eventful(draws=2, contributors=many, target_troops=12_000.0), 25)


@pytest.mark.parametrize("lanes", [1, 25, None])
def test_numbers_of_lanes(lanes):
    agree(unlike(), 25, lanes)


@pytest.mark.long
@pytest.mark.parametrize("response", FORCE_RESPONSES)
def test_a_thousand_paths_of_each_response(response):
    agree(eventful(draws=50, response=response), 20)


def rate(largest):
    return st.one_of(st.just(0.0), st.floats(1e-6, largest))


@st.composite
def models(draw):
    """Any model whose engines should agree; settings of `eventful` replaced at random."""
    count = draw(st.integers(0, 4))
    who = [
        Contributor(
            f"c{i}",
            troops=draw(st.integers(0, 20_000)),
            aircraft=draw(st.integers(0, 30)),
            ships=draw(st.integers(0, 6)),
            commitment=draw(st.floats(0.01, 0.99)),
            arrival=draw(st.sampled_from([0.0, 0.25, 1.0, 1.0, 40.0])),
            exit_rate=draw(rate(3.0)),
            needs_backstop=draw(st.booleans()),
            cost_factor=draw(st.floats(0.2, 3.0)),
        )
        for i in range(count)
    ]
    hosts = draw(st.dictionaries(st.sampled_from(["poland", "romania"]), st.floats(0, 1)))
    return eventful(
        contributors=who,
        seed=draw(st.integers(0, 2**64)),
        correlation=draw(st.floats(0.0, 0.95)),
        contagion=draw(st.floats(0.0, 5.0)),
        target_troops=draw(st.sampled_from([0.0, 1000.0, 15_000.0, 1e6])),
        reinforcement_ceiling=draw(st.sampled_from([None, 0.0, 5000.0, 60_000.0])),
        reinforcement_rate=draw(rate(5.0)),
        growth=draw(st.floats(0.5, 6.0)),
        mission_end_rate=draw(rate(1.0)),
        consent=draw(st.floats(0.0, 1.0)),
        refusal_blocks=draw(st.floats(0.0, 1.0)),
        response=draw(st.sampled_from(FORCE_RESPONSES)),
        hosts=hosts,
        bases=[Base(host, 6.0, draw(st.floats(100.0, 3000.0))) for host in hosts],
        promised=draw(st.booleans()),
        surveillance=draw(st.booleans()),
        logistics=draw(st.booleans()),
        loss_rate=draw(rate(3.0)),
        regain_rate=draw(rate(3.0)),
        army_restored=draw(st.sampled_from([0.0, 1.0, 7.5, NEVER])),
        reconstituted=draw(st.sampled_from([0.0, 1.0, 7.5, NEVER])),
        kappa_0=draw(st.sampled_from([0.0, 0.5, 6.0, 1e6])),
        kappa=draw(rate(3.0)),
        failing=draw(rate(3.0)),
        holding=draw(rate(0.5)),
        holding_slope=draw(st.sampled_from([-0.3, 0.0, 0.15, 0.6])),
        rho=draw(st.floats(0.0, 1.0)),
        clamp=draw(st.sampled_from([(0.25, 4.0), (1.0, 1.0), (1e-4, 1e4)])),
    )


@settings(
    max_examples=30,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(models())
def test_any_model(model):
    agree(model, 8)
