"""What a lever does is what its evidence says: studies of the simulated ceasefires come out right.

Engines that agree can agree on a wrong model. Here the study behind an input is repeated on
simulated ceasefires, and each check is shown to fail on the model as it was: half of every effect
on the odds of failing and half on the hazards, refusal in full from the first soldier on.

Nothing here is a significance test. Tolerances are the record's own, or the classes' spread; Monte
Carlo error (standard errors below .004 at these sizes) is small beside them.
"""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from unittest.mock import patch

import numpy as np
import pytest

from simulator.analysis.run import Job, compile_job
from simulator.books.load import load_book
from simulator.engines import worlds
from simulator.engines.worlds import states
from simulator.evidence.model_curves import RECORD_LIKE
from simulator.evidence.reference import ACTS_ON, cox_limit
from simulator.model.compiled import CompiledModel, Contributors
from simulator.scenario import load_scenario

CIVIL = ("civil_no_force", "civil_no_victory")
INPUT = 0.57  # the published hazard ratio of a force
FOLLOWED = 15.0  # years of the study
DRAWS, TRIALS = 256, 2
_YOUNG = FOLLOWED * np.linspace(0.0, 1.0, 81)[1:] ** 2
AGES = np.unique(np.concatenate([_YOUNG, [2.0, 10.0, 20.0, 30.0]]))


@cache
def compiled(plan: str, draws: int, *sets: str, book: str = "evidence") -> CompiledModel:
    """A shipped plan under a book, with overrides."""
    scenario = load_scenario(plan, sets)
    return compile_job(Job(scenario, load_book(book), 1, draws))[0]


def record_like(*sets: str, book: str = "evidence") -> CompiledModel:
    """No force, and no factor that the rows of the record do not distinguish."""
    return compiled("no-force", DRAWS, *RECORD_LIKE, *sets, book=book)


def with_force(model: CompiledModel, troops: float = 12_000.0, consent: float = 1.0):
    """Add an accepted force that is there on day 0 and stays."""
    draws = model.draws.size
    one, pair = np.ones(draws), np.ones((draws, 2))
    return replace(
        model,
        contributors=Contributors(
            names=("first", "second"),
            commitment=pair,
            political_correlation=0.0 * one,
            needs_backstop=np.zeros(2, bool),
            troops=troops / 2.0 * pair,
            aircraft=np.zeros(2),
            ships=np.zeros(2),
            arrival=0.0 * pair,
            exit_rate=0.0 * pair,
            exit_contagion=0.0 * one,
            cost_factor=np.ones(2),
        ),
        mission=replace(
            model.mission,
            target_troops=troops,
            end_rate=0.0 * one,
            consent=consent * one,
            refusal_blocks=0.0 * one,
        ),
    )


def survival(model: CompiledModel) -> np.ndarray:
    """Survival of the population, averaged over draws, at `AGES`."""
    return worlds.simulate(model, TRIALS, AGES).survival.mean(axis=0)


def measured_hazard_ratio(model: CompiledModel) -> float:
    """What a Cox regression over 15 years says of two large groups, one with a force."""
    groups = []
    for group in (model, with_force(model)):
        within = survival(group)[AGES <= FOLLOWED]
        groups.append(np.concatenate([[1.0], within])[None])
    return float(cox_limit(*groups)[0])


def halved(model: CompiledModel) -> CompiledModel:
    """The model as it was: half of an effect on the odds, half on the hazards."""
    half = np.full(model.draws.size, 0.5)
    return replace(model, hazards=replace(model.hazards, odds_exponent=half, hazard_exponent=half))


def study(name: str, acts_on: str) -> CompiledModel:
    return record_like(
        f"structure.reference_class={name}",
        f"structure.effect_acts_on={acts_on}",
        f"assumptions.hr.presence={INPUT}",
        "structure.force_response=tripwire",
    )


@pytest.mark.parametrize("acts_on", ACTS_ON)
@pytest.mark.parametrize("name", CIVIL)
def test_a_study_returns_the_hazard_ratio_that_was_put_in(name, acts_on):
    assert 0.54 <= measured_hazard_ratio(study(name, acts_on)) <= 0.60


def of_people_quoted(acts_on: str) -> CompiledModel:
    sets = (f"structure.effect_acts_on={acts_on}", f"assumptions.hr.presence={INPUT}")
    return record_like(*sets, "structure.force_response=tripwire", book="experts")


@pytest.mark.parametrize("acts_on", ACTS_ON)
def test_so_does_a_study_of_the_ceasefires_of_the_people_quoted(acts_on):
    assert 0.54 <= measured_hazard_ratio(of_people_quoted(acts_on)) <= 0.60


def test_with_the_power_of_the_record_it_does_not():
    model = of_people_quoted("odds")
    power = np.full(DRAWS, 2.1)  # the record's median; of the people quoted 2.6
    weak = replace(model, hazards=replace(model.hazards, odds_exponent=power))
    assert measured_hazard_ratio(weak) > 0.65


@pytest.mark.parametrize("name", CIVIL)
def test_the_model_as_it_was_fails_that_study(name):
    assert measured_hazard_ratio(halved(study(name, "both"))) > 0.70  # as built: .76


# Fortna (2008), with a force and without immortal-time bias: centre and 90 % interval.
WITH_A_FORCE = {2.0: (0.62, 0.47, 0.78), 10.0: (0.47, 0.30, 0.65), 20.0: (0.32, 0.0, 0.56)}


def outside_half_the_interval(model: CompiledModel) -> list[float]:
    found = survival(with_force(model))
    return [
        age
        for age, (centre, low, high) in WITH_A_FORCE.items()
        if not centre - (centre - low) / 2.0
        <= found[np.searchsorted(AGES, age)]
        <= centre + (high - centre) / 2.0
    ]


@pytest.mark.parametrize("acts_on", ACTS_ON)
def test_an_adequate_force_from_day_0_does_what_recorded_forces_did(acts_on):
    assert outside_half_the_interval(study("civil_no_force", acts_on)) == []


def test_the_model_as_it_was_leaves_those_intervals():
    assert outside_half_the_interval(halved(study("civil_no_force", "both"))) != []


# Kaplan-Meier of the rows at 2, 10 and 20 years.
RECORDS = {
    "civil_no_force": {2.0: 0.50},
    "interstate_rivals_war_or_fatal": {2.0: 0.60, 10.0: 0.40, 20.0: 0.33, 30.0: 0.27},
}


@pytest.mark.parametrize("name", RECORDS)
def test_each_class_gives_its_record_back(name):
    found = survival(record_like(f"structure.reference_class={name}"))
    for age, value in RECORDS[name].items():
        assert found[np.searchsorted(AGES, age)] == pytest.approx(value, abs=0.04), age


SIZES = (0.0, 500.0, 2_000.0, 8_000.0, 32_000.0, 128_000.0)
RESPONSES = ("saturating", "tripwire", "doubling", "none")


def collapse_by_size(response: str, consent: float = 1.0, late: str = "too_late") -> np.ndarray:
    """P(collapse within 2 years) at every size of a force, under common random numbers."""
    model = record_like(
        f"structure.force_response={response}",
        f"structure.late_force={late}",
        "assumptions.hr.presence=0.57",
        "assumptions.hr.no_consent=1.2",
        "assumptions.hr_per_doubling_troops=0.9",
    )
    at = np.searchsorted(AGES, 2.0)
    return np.array([1.0 - survival(with_force(model, n, consent))[at] for n in SIZES])


@pytest.mark.parametrize("consent", [1.0, 0.0])
@pytest.mark.parametrize("response", RESPONSES)
def test_no_size_of_a_force_has_the_wrong_sign(response, consent):
    found = collapse_by_size(response, consent)
    assert np.all(np.diff(found) <= 1e-9)
    assert response == "none" or found[-1] < found[0] - 0.01


def test_refusal_in_full_from_the_first_soldier_had_the_wrong_sign():
    def in_full(tables, draw, troops):
        return np.ones(troops.size)

    with patch.object(states, "_refusal", in_full):
        found = collapse_by_size("saturating", consent=0.0)
    assert np.any(np.diff(found) > 1e-4)


LEVERS = {  # towards less collapse: assumption, worse value, better value, plan
    "backstop": ("assumptions.us_backstop.on_at_start", 0.0, 1.0, "reassurance-force"),
    "arrival": ("assumptions.deploy_months", 24.0, 1.0, "reassurance-force"),
    "size": ("force.target_troops", 1_000, 20_000, "reassurance-force"),
    "aircraft": ("assumptions.air.serviceability", 0.0, 0.9, "coalition-of-the-willing"),
    "monitoring": ("monitoring.orbits", 0, 10, "reassurance-force"),
    "rearmament": ("ukraine_support.rearmament", 0.2, 1.5, "train-and-rearm"),
}
STRUCTURES = [
    f"structure.{choice}={option}"
    for choice, options in {
        "effect_acts_on": ACTS_ON,
        "late_force": ("too_late", "rescues"),
        "departure": ("effect_goes", "effect_stays"),
    }.items()
    for option in options
]


@pytest.mark.parametrize("structure", STRUCTURES)
@pytest.mark.parametrize("lever", LEVERS)
def test_every_lever_has_the_sign_of_its_input(lever, structure):
    path, worse, better, name = LEVERS[lever]
    sets = [
        structure,
        *(
            f"assumptions.hr.{f}=0.7"
            for f in ("presence", "backstop", "air", "monitoring", "ukraine")
        ),
        "assumptions.hr_per_doubling_troops=0.9",
        "assumptions.hr.no_consent=1",
    ]
    found = []
    for value in (worse, better):
        model = compiled(name, 128, *sets, f"{path}={value}")
        found.append(worlds.simulate(model, 1, np.array([2.0, 10.0])).survival.mean(axis=0))
    assert np.all(found[1] >= found[0] - 1e-9)
    assert found[1][1] > found[0][1]


def test_more_soldiers_are_worth_more_where_they_come_as_needed():
    found = []
    for troops in (2_000, 10_000, 50_000, 250_000):
        sets = ["force.offers=as_needed", f"force.target_troops={troops}"]
        sets += ["assumptions.hr.presence=0.57", "assumptions.hr_per_doubling_troops=0.9"]
        model = compiled("reassurance-force", 256, *sets)
        outcomes = worlds.simulate(model, 1, np.array([2.0]))
        found.append((outcomes.survival.mean(), outcomes.peak_troops.mean()))
    survived, peak = np.array(found).T
    assert np.all(np.diff(survived) > 0.0)
    assert np.all(np.diff(peak) > 0.0)
