"""The reference engine on lives whose luck is written down, so that every date is known by hand."""

from __future__ import annotations

import ast
import math
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pytest

from simulator.engines import reference
from simulator.engines.reference import Life, life
from simulator.model.compiled import FACTORS, CompiledModel
from tests.models import Contributor, build

FLAT = dict.fromkeys(FACTORS, 1.0)
PEACE = {"failing": 0.0, "holding": 0.0}
LONG = 1e9  # a budget that nothing uses up


def told(
    monkeypatch: pytest.MonkeyPatch,
    model: CompiledModel,
    luck: Mapping[str | tuple[str, int], float],
) -> Life:
    """Live through a path whose random numbers are given; others are 0.5, or never."""

    class Scripted:
        def __init__(self, *address: int) -> None:
            pass

        def uniform(self, name: str, occurrence: int = 0) -> float:
            return luck.get((name, occurrence), luck.get(f"{name}?", 0.5))

        def exponential(self, name: str, occurrence: int = 0) -> float:
            return luck.get((name, occurrence), luck.get(name, LONG) if not occurrence else LONG)

    monkeypatch.setattr(life, "Chance", Scripted)
    return reference.live(model, 0, 0)


def dates(lived: Life) -> list[tuple[str, float]]:
    return [(event.name, pytest.approx(event.time, rel=1e-12)) for event in lived.events]


def test_reinforcement_clock_pauses_outside_failing(monkeypatch):
    # Without effects w = w0 = 1/2, so phases switch at 1/2 a year. Failing from 1.0 to 1.4 and
    # again from 2.0 on: a budget of 1.0 at one a year is used up at 2.6.
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
    luck = {
        "resolve": 2.0,
        ("resolve", 1): 0.4,
        ("phase", 0): 0.2,
        ("phase", 1): 0.3,
        "reinforcement": 1.0,
    }
    lived = told(monkeypatch, model, luck)
    assert dates(lived) == [
        ("contributor:alpha", 0.5),
        ("phase", 1.0),
        ("phase", 1.4),
        ("phase", 2.0),
        ("reinforcement", 2.6),
    ]
    assert [event.phase for event in lived.events[1:4]] == ["failing", "holding", "failing"]
    assert lived.events[-1].troops == 1700


def test_reinforcement_waits_for_troops_and_stops_at_its_ceiling(monkeypatch):
    model = build(
        contributors=[Contributor(troops=1000, arrival=3.0)],
        reinforcement_ceiling=1500.0,
        reinforcement_rate=2.0,
        growth=1.7,
        kappa_0=2.0,
        hr=FLAT,
        **PEACE,
    )
    lived = told(monkeypatch, model, {"resolve": 2.0, ("resolve", 1): 0.4, "reinforcement": 1.0})
    assert dates(lived)[-1] == ("reinforcement", 3.5)
    assert lived.events[-1].troops == 1500


def test_contagion_hastens_those_who_stay(monkeypatch):
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
    lived = told(monkeypatch, model, {"exit:alpha": 0.1, "exit:bravo": 1.0})
    assert dates(lived) == [
        ("contributor:alpha", 0.0),
        ("contributor:bravo", 0.0),
        ("contributor:alpha", 1.0),
        ("contributor:bravo", 1.0 + 0.9 / 0.175),
    ]


def test_equal_times_go_by_row_and_the_later_sees_what_the_earlier_changed(monkeypatch):
    # With the force of this very moment the odds of failing are below 0.45, without it above:
    # arriving in time for the resolution, at the same instant, the force counts.
    model = build(
        contributors=[
            Contributor("alpha", troops=20_000, arrival=1.0),
            Contributor("bravo", troops=0, arrival=1.0),
        ],
        army_restored=1.0,
        reconstituted=1.0,
        kappa_0=2.0,
        rho=1.0,
        hr=FLAT | {"presence": 0.5},
        **PEACE,
    )
    lived = told(monkeypatch, model, {"resolve": 2.0, ("resolve", 1): 0.45})
    assert dates(lived) == [
        ("contributor:alpha", 1.0),
        ("contributor:bravo", 1.0),
        ("army_restored", 1.0),
        ("reconstituted", 1.0),
        ("phase", 1.0),
    ]
    # odds 1 * 0.5 ** (20 / (20 + 5))
    assert lived.events[-1].failing_odds == pytest.approx(0.5**0.8 / (1 + 0.5**0.8), rel=1e-12)
    assert lived.phase == "holding"


def test_the_horizon_comes_before_what_happens_at_it(monkeypatch):
    model = build(
        contributors=[Contributor(arrival=10.0)], horizon=10.0, army_restored=10.0, **PEACE
    )
    lived = told(monkeypatch, model, {})
    assert lived.events == []
    assert lived.env.now == 10.0


def test_the_end_of_the_mission_sends_all_home_and_nobody_comes(monkeypatch):
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
    lived = told(monkeypatch, model, {"mission_end": 1.0})
    assert dates(lived) == [
        ("contributor:alpha", 1.0),
        ("contributor:bravo", 2.0),
        ("mission_end", 5.0),
    ]
    from simulator.engines.reference.records import spells

    cut = spells(lived)
    assert [spell.troops for spell in cut] == [0, 1000, 1500, 0]
    assert [spell.cost_troops for spell in cut] == [0, 1000, 2000, 0]


def test_records_add_up_what_was_lived(monkeypatch):
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
    luck = {
        ("backstop", 0): 1.0,
        ("backstop", 1): 0.5,
        ("backstop", 2): 3.0,
        "exit:alpha": 0.4,
        "cause:escalation": 0.7,
        "cause:offensive": 0.1,
    }
    told(monkeypatch, model, luck)
    records, log = reference.simulate(model, 1, 0, 1, log=True)
    assert records.end_time == pytest.approx([7.0], rel=1e-12)
    assert records.cause.tolist() == [1]
    assert records.peak_troops == [1500.0]
    assert records.troop_years == pytest.approx([1000 * 4.0 + 500 * 5.0], rel=1e-12)
    assert records.troop_years_first == pytest.approx([500.0], rel=1e-12)
    assert records.backstop_off_years == pytest.approx([1.0 + 2.0], rel=1e-12)
    cost = 10 * (1000 + 2 * 500) + 3 * (1000 * 4.0 + 2 * 500 * 5.0)
    assert records.cost == pytest.approx([cost], rel=1e-12)
    assert records.events.tolist() == [[2, 1, 0, 3, 0, 0, 0, 0]]
    assert records.troop_changes.change.tolist() == [1000.0, 500.0, -1000.0, -500.0]
    assert log.time == pytest.approx([0.5, 1.0, 2.0, 2.0, 4.5, 5.0, 7.0], rel=1e-12)


def test_the_hazard_of_holding_grows_with_the_age_of_the_ceasefire(monkeypatch):
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
    lived = told(monkeypatch, model, {"resolve": 1.0, ("resolve", 1): 0.9, "cause:offensive": 1.2})
    left = 1.2 - a * resolved  # establishing: the holding hazard at t = 0, to within w0
    expected = math.log(math.exp(b * resolved) + b * left / a) / b
    assert lived.env.now == pytest.approx(expected, rel=1e-8)


def test_a_hazard_that_dies_out_may_never_be_enough():
    hazard = reference.life.Hazard(0.1, -0.5)  # 0.2 in all
    assert hazard.years_to_use(0.2, 0.0) == math.inf
    assert hazard.years_to_use(0.1, 0.0) == pytest.approx(2.0 * math.log(2.0), rel=1e-12)


def test_paths_do_not_depend_on_the_range_they_are_asked_in():
    from tests.models import eventful

    model = eventful(draws=3)
    whole, log = reference.simulate(model, 4, 0, 12, log=True)
    part, part_log = reference.simulate(model, 4, 5, 9, log=True)
    assert np.array_equal(part.end_time, whole.end_time[5:9])
    assert np.array_equal(part_log.time, log.time[(log.path >= 5) & (log.path < 9)])
    assert part.first == 5
    with pytest.raises(ValueError, match="3 draws of 4 paths"):
        reference.simulate(model, 4, 0, 13)
    with pytest.raises(ValueError, match="the model has 3 draws"):
        reference.live(model, 3, 0)


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
