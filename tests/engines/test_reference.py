"""The reference engine: paths whose random numbers are written down, and the exact expectations."""

from __future__ import annotations

import ast
import math
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path

import numpy as np
import pytest

from simulator import addresses
from simulator.engines import exact, reference
from simulator.engines.reference.rates import Hazard
from simulator.engines.reference.records import spells
from simulator.model.compiled import FACTORS, FORCE_RESPONSES
from simulator.verification.against_exact import against_exact, of_paths
from tests.models import Contributor, build, eventful, harsh

FLAT = dict.fromkeys(FACTORS, 1.0)
PEACE = {"failing": 0.0, "holding": 0.0}
LONG = 700.0  # a budget that nothing here uses up
UNIFORMS = ("common_shock", "commit", "basing", "consent", "refusal_blocks", "direction")


def scripted(numbers: Mapping[str, float]):
    """Return random numbers by name: uniforms, 0.5 if not given, and exponentials, or never."""

    def uniforms(seed, name, draws, trials):
        if name == "backstop:start" or name.split(":")[0] in UNIFORMS:
            value = numbers.get(name, 0.5)
        else:
            value = math.exp(-numbers.get(name, LONG))
        return np.full((draws.size, trials.size), value)

    return uniforms


def simulate(model, numbers):
    """Simulate the only path of a model with random numbers that are written down."""
    return reference.simulate_path(model, 0, 0, scripted(numbers))


def dates(path) -> list[tuple[str, float]]:
    return [(event.name, pytest.approx(event.time, rel=1e-12)) for event in path.events]


def test_the_phase_is_drawn_anew_whatever_it_was():
    # Drawn at 1.0 (failing), and at intervals of E / kappa: 1.5 (failing again), 3.5, 4.0.
    model = build(kappa_0=2.0, kappa=0.5, hr=FLAT, **PEACE)
    path = simulate(
        model,
        {"resolve": 2.0, "phase:0": 0.25, "phase:1": 1.0, "phase:2": 0.25}
        | {"direction:0": 0.4, "direction:1": 0.49, "direction:2": 0.51, "direction:3": 0.9},
    )
    assert dates(path) == [("phase", 1.0), ("phase", 1.5), ("phase", 3.5), ("phase", 4.0)]
    assert [e.phase for e in path.events] == ["failing", "failing", "holding", "holding"]


def test_a_draw_of_the_phase_goes_by_the_force_of_that_moment():
    # w = 1/2 without the force; with it, from year 2 on, odds of 0.5 ** (20 / (20 + 5)).
    model = build(
        contributors=[Contributor(troops=20_000, arrival=2.0)],
        kappa_0=2.0,
        kappa=1.0,
        odds_exponent=1.0,
        hazard_exponent=0.0,
        reconstituted=0.0,
        hr=FLAT | {"presence": 0.5},
        **PEACE,
    )
    numbers = {"resolve": 2.0, "phase:0": 0.9, "phase:1": 0.2}
    path = simulate(model, numbers | {f"direction:{k}": 0.45 for k in range(3)})
    drawn = [e for e in path.events if e.kind == "phase"]
    assert [e.phase for e in drawn] == ["failing", "failing", "holding"]
    odds = 0.5  # 20 soldiers per km, as many as the record's: dose 1
    assert [e.failing_probability for e in drawn] == pytest.approx(
        [0.5, 0.5, odds / (1.0 + odds)], rel=1e-12
    )


def test_reinforcement_clock_pauses_outside_failing():
    # Failing from 1.0 to 1.4 and again from 2.0 on; drawn anew, and failing still, at 1.2 and 2.3:
    # a budget of 1.0 at one a year is used up at 2.6.
    model = build(
        contributors=[Contributor(troops=1000, arrival=0.5)],
        reinforcement_ceiling=5000.0,
        reinforcement_rate=1.0,
        growth=1.7,
        kappa_0=2.0,
        kappa=1.0,
        hr=FLAT,
        **PEACE,
    )
    waits = {"phase:0": 0.2, "phase:1": 0.2, "phase:2": 0.6, "phase:3": 0.3}
    directions = {f"direction:{k}": u for k, u in enumerate([0.4, 0.3, 0.6, 0.2, 0.1])}
    path = simulate(model, {"resolve": 2.0, "reinforcement": 1.0} | waits | directions)
    assert dates(path) == [
        ("contributor:alpha", 0.5),
        ("phase", 1.0),
        ("phase", 1.2),
        ("phase", 1.4),
        ("phase", 2.0),
        ("phase", 2.3),
        ("reinforcement", 2.6),
    ]
    phases = [event.phase for event in path.events[1:6]]
    assert phases == ["failing", "failing", "holding", "failing", "failing"]
    assert path.events[-1].troops == 1700


def test_reinforcement_waits_for_troops_and_stops_at_its_ceiling():
    model = build(
        contributors=[Contributor(troops=1000, arrival=3.0)],
        reinforcement_ceiling=1500.0,
        reinforcement_rate=2.0,
        growth=1.7,
        kappa_0=2.0,
        hr=FLAT,
        **PEACE,
    )
    path = simulate(model, {"resolve": 2.0, "direction:0": 0.4, "reinforcement": 1.0})
    assert dates(path)[-1] == ("reinforcement", 3.5)
    assert path.events[-1].troops == 1500


def test_contagion_hastens_those_who_stay():
    # Bravo uses 0.1 of its budget of 1 by year 1, then 0.1 * (1 + 1.5 / 2) a year.
    model = build(
        contributors=[
            Contributor("alpha", arrival=0.0, exit_rate=0.1),
            Contributor("bravo", arrival=0.0, exit_rate=0.1),
        ],
        contagion=1.5,
        hr=FLAT,
        **PEACE,
    )
    path = simulate(model, {"exit:alpha": 0.1, "exit:bravo": 1.0})
    assert dates(path) == [
        ("contributor:alpha", 0.0),
        ("contributor:bravo", 0.0),
        ("contributor:alpha", 1.0),
        ("contributor:bravo", 1.0 + 0.9 / 0.175),
    ]


def test_equal_times_go_by_row_and_the_later_sees_what_the_earlier_changed():
    # With the force of this very moment the odds of failing are below 0.45, without it above:
    # arriving in time for the resolution, at the same instant, the force counts.
    model = build(
        contributors=[
            Contributor("alpha", troops=20_000, arrival=1.0),
            Contributor("bravo", troops=0, arrival=1.0),
        ],
        army_restored=8 / 7,  # in steps, the last of them at 1.0
        reconstituted=8 / 7,
        kappa_0=2.0,
        odds_exponent=1.0,
        hazard_exponent=0.0,
        hr=FLAT | {"presence": 0.5},
        **PEACE,
    )
    path = simulate(model, {"resolve": 2.0, "direction:0": 0.45})
    assert dates(path)[-5:] == [
        ("contributor:alpha", 1.0),
        ("contributor:bravo", 1.0),
        ("army_restored", 1.0),
        ("reconstituted", 1.0),
        ("phase", 1.0),
    ]
    # odds 1 * 0.5, with as many soldiers per km as the record's
    assert path.events[-1].failing_probability == pytest.approx(1 / 3, rel=1e-12)
    assert path.phase == "holding"


def test_the_horizon_comes_before_what_happens_at_it():
    model = build(
        contributors=[Contributor(arrival=10.0)], horizon=10.0, army_restored=80.0, **PEACE
    )
    path = simulate(model, {})
    assert path.events == []
    assert path.env.now == 10.0


def test_the_end_of_the_mission_sends_all_home_and_nobody_comes():
    model = build(
        contributors=[
            Contributor("alpha", troops=1000, arrival=1.0),
            Contributor("bravo", troops=500, arrival=2.0, cost_factor=2.0),
            Contributor("charlie", troops=700, arrival=9.0),
        ],
        mission_end_rate=0.25,
        setup_per_soldier=10.0,
        per_soldier_year=3.0,
        **PEACE,
    )
    path = simulate(model, {"mission_end": 1.0})
    assert dates(path) == [
        ("contributor:alpha", 1.0),
        ("contributor:bravo", 2.0),
        ("mission_end", 5.0),
    ]
    cut = spells(path)
    assert [spell.troops for spell in cut] == [0, 1000, 1500, 0]
    assert [spell.cost_troops for spell in cut] == [0, 1000, 2000, 0]


def test_records_add_up_what_happened():
    model = build(
        contributors=[
            Contributor("alpha", troops=1000, arrival=0.5, exit_rate=0.1),
            Contributor("bravo", troops=500, arrival=2.0, cost_factor=2.0),
        ],
        promised=True,
        loss_rate=1.0,
        regain_rate=0.5,
        setup_per_soldier=10.0,
        per_soldier_year=3.0,
        kappa_0=0.0,
        holding=0.0,
        failing=0.2,
        w0=0.5,
        cause_shares=(0.0, 1.0, 0.0),
        hr=FLAT,
    )
    # On at the start; off from 1, on from 2, off from 5. Alpha leaves at 4.5. Establishing: half
    # the failing hazard of 0.2, so a budget of 0.7 lasts seven years.
    numbers = {
        "backstop:0": 1.0,
        "backstop:1": 0.5,
        "backstop:2": 3.0,
        "exit:alpha": 0.4,
        "cause:escalation": 0.7,
        "cause:offensive": 0.1,
    }
    records, log = reference.simulate(model, 1, scripted(numbers))
    assert records.end_time == pytest.approx([7.0], rel=1e-12)
    assert records.cause.tolist() == [1]
    assert records.peak_troops == [1500.0]
    assert records.troop_years == pytest.approx([1000 * 4.0 + 500 * 5.0], rel=1e-12)
    assert records.troop_years_first == pytest.approx([500.0], rel=1e-12)
    assert records.backstop_off_years == pytest.approx([1.0 + 2.0], rel=1e-12)
    cost = 10 * (1000 + 2 * 500) + 3 * (1000 * 4.0 + 2 * 500 * 5.0)
    assert records.cost == pytest.approx([cost], rel=1e-12)
    assert records.events.tolist() == [[2, 1, 0, 3, 0, 0, 0, 0]]
    assert log.time == pytest.approx([0.5, 1.0, 2.0, 2.0, 4.5, 5.0, 7.0], rel=1e-12)


def test_the_hazard_of_holding_grows_with_the_age_of_the_ceasefire():
    a, b, resolved = 0.01, 0.1, 0.5
    model = build(
        kappa_0=2.0,
        holding=a,
        holding_slope=b,
        failing=0.0,
        w0=1e-9,
        reconstituted=0.0,
        cause_shares=(1.0, 0.0, 0.0),
    )
    path = simulate(model, {"resolve": 1.0, "direction:0": 0.9, "cause:offensive": 1.2})
    left = 1.2 - a * resolved  # establishing: the holding hazard at t = 0, to within w0
    expected = math.log(math.exp(b * resolved) + b * left / a) / b
    assert path.env.now == pytest.approx(expected, rel=1e-8)


def test_a_hazard_that_dies_out_may_never_be_enough():
    hazard = Hazard(0.1, -0.5)  # 0.2 in all
    assert hazard.years_to_use(0.2, 0.0) == math.inf
    assert hazard.years_to_use(0.1, 0.0) == pytest.approx(2.0 * math.log(2.0), rel=1e-12)


def test_a_path_depends_on_its_draw_and_trial_alone():
    whole, log = reference.simulate(eventful(draws=[3, 8]), 4)
    fewer, fewer_log = reference.simulate(eventful(draws=[8]), 2)
    assert np.array_equal(fewer.end_time, whole.end_time[4:6])
    assert np.array_equal(fewer.cost, whole.cost[4:6])
    assert np.array_equal(fewer_log.time, log.time[(log.path >= 4) & (log.path < 6)])
    with pytest.raises(ValueError, match="row 2, trial 0: the model has 2 draws"):
        reference.simulate_path(eventful(draws=[3, 8]), 2, 0)


# A false alarm has a probability of at most 1e-6 in each of these comparisons. Of the mistakes
# below, phases that are not drawn anew are seen least clearly: 2e-12 where 3e-8 is allowed.
STRONG = {
    "horizon": 10.0,
    "kappa": 1.0,
    "odds_exponent": 1.0,
    "hazard_exponent": 0.0,
    "holding_slope": 0.3,
}
SOLVED = {
    "strong effects, ageing": harsh(**STRONG),
    "many contributors, consent, bases": eventful(
        horizon=10.0, kappa=0.5, odds_exponent=0.2, hazard_exponent=0.8
    ),
}


def disagreements(model, trials, simulated=None):
    """Compare whole paths with the exact expectations; return what disagrees."""
    years = np.array([0.25, 1.0, 3.0, 10.0])
    independent = addresses.independent_world_uniforms
    records, _ = reference.simulate(simulated or model, trials, independent)
    samples = of_paths(records, model.draws.size, years)
    del samples["peak_troops"]  # a maximum, which no chain expects
    checks = against_exact(model, samples, years, solve=solved)
    return [check.what for check in checks if not check.agrees]


@lru_cache(maxsize=4)
def _solved(model, years):
    return exact.expectations(model, np.array(years))


def solved(model, years):
    """Solve a model once, however many samples are compared with it."""
    return _solved(model, tuple(years.tolist()))


@pytest.mark.slow
@pytest.mark.parametrize("name", SOLVED)
def test_paths_agree_with_the_exact_expectations(name):
    assert disagreements(SOLVED[name], 400) == []


@pytest.mark.slow
@pytest.mark.parametrize(
    "mistake",
    [
        {"kappa": 0.0},
        {"odds_exponent": 0.0, "hazard_exponent": 1.0},
        {"holding_slope": 0.0},
        {"reinforcement_rate": 0.0},
    ],
    ids=str,
)
def test_a_mistake_disagrees_with_the_exact_expectations(mistake):
    model = SOLVED["strong effects, ageing"]
    assert disagreements(model, 400, harsh(**(STRONG | mistake))) != []


@pytest.mark.slow
def test_soldier_years_of_the_first_year_agree_with_the_exact_expectation():
    model, year = SOLVED["strong effects, ageing"], np.array([1.0])
    records, _ = reference.simulate(model, 400, addresses.independent_world_uniforms)
    samples = {"soldier_years": records.troop_years_first.reshape(1, -1, 1)}
    (check,) = against_exact(model, samples, year)
    assert check.agrees


@pytest.mark.long
@pytest.mark.parametrize("response", FORCE_RESPONSES)
@pytest.mark.parametrize("kappa", [0.0, 0.3, 5.0])
def test_many_paths_agree_with_the_exact_expectations(response, kappa):
    assert disagreements(harsh(response=response, **(STRONG | {"kappa": kappa})), 5_000) == []


def test_the_reference_stays_readable():
    # A newcomer learns the model from it: short modules, and no body to scroll through.
    folder = Path(reference.__file__).parent
    for module in folder.glob("*.py"):
        source = module.read_text(encoding="utf-8")
        assert source.count("\n") < 200, module.name
        for node in ast.walk(ast.parse(source)):
            if isinstance(node, ast.FunctionDef):
                body = node.body[1:] if ast.get_docstring(node) else node.body
                lines = (node.end_lineno or 0) - body[0].lineno + 1 if body else 0
                assert lines <= 40, f"{module.name}: {node.name} has {lines} lines"
