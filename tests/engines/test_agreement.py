"""Worlds against whole paths and against exact expectations, wherever a model may go.

Worlds and paths share their events, whatever the seed. What happens on paths given their worlds is
random: a false alarm of one model has a probability of at most 1e-6, as against the exact engine.
"""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from itertools import product

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from simulator.analysis.inputs import load_plans
from simulator.analysis.run import Job, compile_job
from simulator.engines import worlds
from simulator.engines.exact import size_bound
from simulator.engines.records import EVENT_KINDS
from simulator.evidence.reference import ACTS_ON
from simulator.model.compiled import FACTORS, FORCE_RESPONSES
from simulator.verification import against_exact, against_worlds
from simulator.verification.verify import ages, largest_solvable, sample
from tests.models import CONTRIBUTORS, NEVER, Base, Contributor, build, eventful, unlike

# Where a force is, a ceasefire whose phase is drawn is all but sure to fail.
OVERWHELMING = {
    "response": "tripwire",
    "hr": {"presence": 1e30},
    "clamp": (1e-30, 1e30),
    "odds_exponent": 1.0,
    "hazard_exponent": 0.0,
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
            Contributor(name, troops=1000, arrival=0.1, exit_rate=1e6)
            for name in ("alpha", "bravo", "charlie")
        ]
    ),
    "exits at once, effects that stay": eventful(
        contributors=[Contributor(troops=1000, arrival=0.1, exit_rate=1e6)], stays=True
    ),
    "a mission that ends at once": eventful(mission_end_rate=1e12, rescues=True),
    "reinforced at once": eventful(reinforcement_rate=1e9, growth=40.0),
    "a hazard that explodes": eventful(holding=1e-9, holding_slope=1.5),
    "a ceiling of nothing": eventful(target_troops=0.0, reinforcement_ceiling=0.0),
    "as many as needed": eventful(target_troops=70_000.0, as_needed=True),
    "a plan of aircraft": eventful(
        contributors=[Contributor("alpha", troops=0, aircraft=20, arrival=0.0, exit_rate=0.1)]
    ),
    "everything on one day": eventful(
        contributors=[
            Contributor(name, troops=900, arrival=1.0, exit_rate=0.2)
            for name in ("alpha", "bravo", "charlie", "delta")
        ],
        army_restored=8.0,  # steps at 1, 3, 5 and 7
        reconstituted=8.0,
    ),
    "everything on the first day": eventful(
        contributors=[Contributor(name, arrival=0.0, exit_rate=0.2) for name in ("a", "b", "c")],
        army_restored=0.0,
        reconstituted=0.0,
    ),
    "everything on the last day": eventful(
        contributors=[Contributor(name, arrival=30.0) for name in ("a", "b")],
        army_restored=240.0,
        reconstituted=240.0,
    ),
    "certain war of one cause": eventful(cause_shares=(0.0, 0.0, 1.0), failing=3.0),
    "commitments all alike": eventful(correlation=0.99),
    "consent is always refused": eventful(consent=0.0, refusal_blocks=0.5),
    "a hazard that fades away": eventful(holding=2.0, holding_slope=-1.5, kappa=1.0),
    "phases that the force decides": eventful(
        **OVERWHELMING, kappa=1.0, failing=0.05, mission_end_rate=0.3
    ),
    "phases drawn up to the last day": eventful(
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
    "late forces that rescue": eventful(rescues=True, odds_exponent=2.0, hazard_exponent=0.0),
    "effects that stay": eventful(stays=True, odds_exponent=0.0, hazard_exponent=2.0),
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


def agree(model, trials):
    years = ages(model.horizon)
    for check in against_worlds.same_worlds(model, trials):
        assert check.agrees, check
    for check in against_worlds.given_worlds(model, trials, years):
        assert check.agrees, check


@pytest.mark.slow
@pytest.mark.parametrize("name", EXTREMES)
def test_extremes(name):
    agree(EXTREMES[name], 15)


@pytest.mark.parametrize("response", FORCE_RESPONSES)
def test_force_responses(response):
    agree(eventful(draws=2, response=response, rescues=[False, True], stays=[True, False]), 15)


@pytest.mark.slow
@pytest.mark.parametrize("what", LACKING)
def test_a_model_without(what):
    agree(eventful(draws=2, rescues=[False, True], **LACKING[what]), 12)


@pytest.mark.long
@pytest.mark.parametrize("response", FORCE_RESPONSES)
def test_a_thousand_paths_of_each_response(response):
    agree(eventful(draws=50, response=response), 20)


# --- the exact engine, on plans cut down to what it can solve -----------------------------------

CHOICES = {
    "structure.effect_acts_on": ACTS_ON,
    "structure.late_force": ("too_late", "rescues"),
    "structure.departure": ("effect_goes", "effect_stays"),
    "structure.force_response": FORCE_RESPONSES,
    "force.offers": ("pledged", "as_needed"),
}
MATRIX = list(product(*CHOICES.values()))
# Every option of every choice at least once; where effects act with both options of the next two.
FEW = [
    ("both", "rescues", "effect_stays", "saturating", "as_needed"),
    ("odds", "too_late", "effect_stays", "tripwire", "pledged"),
    ("odds", "rescues", "effect_goes", "doubling", "as_needed"),
    ("hazards", "rescues", "effect_stays", "tripwire", "as_needed"),
    ("both", "too_late", "effect_goes", "none", "pledged"),
]


@cache
def reduced(options, plan, draws, states):
    """A shipped plan with its choices pinned, cut down to the largest contributors that fit."""
    sets = [f"{path}={option}" for path, option in zip(CHOICES, options, strict=True)]
    # Strong effects, and a force that comes, grows and goes within a few years.
    sets += ["assumptions.hr.presence=0.4", "assumptions.hr.no_consent=1.5", "horizon_years=12"]
    sets += ["assumptions.hr_per_doubling_troops=0.8", "assumptions.kappa=0.3"]
    sets += ["force.reinforcement=30000", "assumptions.replacement=0"]
    [(scenario, book)] = load_plans([plan], "evidence", sets)
    model, _ = compile_job(Job(scenario, book, 3, draws, 1))
    return largest_solvable(model, states)


def disagreements(model, trials, share=1.0):
    """Name what the worlds of a model, and the exact engine on it, disagree on."""
    years = ages(model.horizon)
    checks = against_exact.against_exact(
        model,
        sample(model, trials, years),
        years,
        false_alarm_rate=share * against_exact.FALSE_ALARM_RATE,
    )
    return [check for check in checks if not check.agrees]


def test_few_of_the_matrix_hold_every_option():
    assert set(FEW) <= set(MATRIX)
    for options, few in zip(CHOICES.values(), zip(*FEW, strict=True), strict=True):
        assert set(few) == set(options)


@pytest.mark.parametrize("options", FEW, ids="-".join)
def test_choices_against_exact(options):
    model = reduced(options, "reassurance-force", 2, 1_500)
    assert model.contributors.names
    assert disagreements(model, 1_500, 1.0 / len(FEW)) == []


PLANS = ("reassurance-force", "coalition-of-the-willing", "no-us-backstop")


@pytest.mark.long
@pytest.mark.parametrize("plan", PLANS)
@pytest.mark.parametrize("options", MATRIX, ids="-".join)
def test_every_combination_of_choices_against_exact(options, plan):
    model = reduced(options, plan, 3, 3_000)
    assert size_bound(model) > 300
    assert disagreements(model, 10_000, 1.0 / (len(MATRIX) * len(PLANS))) == []


# --- any model ----------------------------------------------------------------------------------


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
        as_needed=draw(st.booleans()),
        reinforcement_ceiling=draw(st.sampled_from([None, 0.0, 5000.0, 60_000.0])),
        reinforcement_rate=draw(rate(5.0)),
        growth=draw(st.floats(0.5, 6.0)),
        mission_end_rate=draw(rate(1.0)),
        consent=draw(st.floats(0.0, 1.0)),
        refusal_blocks=draw(st.floats(0.0, 1.0)),
        response=draw(st.sampled_from(FORCE_RESPONSES)),
        reference_density=draw(st.floats(0.1, 30.0)),
        most_dose=draw(st.floats(0.5, 2.0)),
        stays=draw(st.booleans()),
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
        odds_exponent=draw(st.floats(0.0, 2.5)),
        hazard_exponent=draw(st.floats(0.0, 2.5)),
        rescues=draw(st.booleans()),
        clamp=draw(st.sampled_from([(0.25, 4.0), (1.0, 1.0), (1e-4, 1e4)])),
    )


@settings(
    max_examples=25,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(models())
def test_any_model(model):
    agree(model, 5)
    years = ages(model.horizon)
    found = worlds.simulate_worlds(model, 5, years)
    # Nothing is lost and nothing comes from nowhere: to some hundred roundings.
    total = found.survival + found.incidence.sum(axis=1)
    assert total == pytest.approx(np.ones_like(total), abs=1e-11)
    assert np.all(np.diff(found.survival, axis=1) <= 1e-12)
    assert np.all(np.diff(found.incidence, axis=2) >= -1e-12)
    assert np.all(np.diff(found.soldier_years, axis=1) >= -1e-6)
    assert found.soldier_years[:, -1] == pytest.approx(found.troop_years, rel=1e-9, abs=1e-6)
    assert np.all((found.rmst >= 0.0) & (found.rmst <= 30.0 + 1e-9))
    assert np.all(found.events[:, EVENT_KINDS.index("reinforcement")] <= 1.0 + 1e-12)
    for name in ("ending_rate", "soldier_years", "peak_troops", "cost", "backstop_off_years"):
        assert np.all(getattr(found, name) >= -1e-9), name
