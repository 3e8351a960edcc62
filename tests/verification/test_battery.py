"""The fast engine passes the battery, and every engine that is wrong on purpose fails it."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest

from simulator.addresses import independent_world_uniforms
from simulator.engines import reference, worlds
from simulator.model.compiled import FACTORS, FORCE_RESPONSES
from simulator.verification.against_exact import chance_of_deviation
from tests.models import Contributor, build, eventful, harsh
from tests.verification.battery import (
    Finding,
    failures,
    given_worlds,
    in_expectation,
    in_its_log,
    same_worlds,
    when_and_which,
)
from tests.verification.mutants import MUTANTS

# Two draws in which every part of the model matters: one rescues, in the other effects stay.
STRONG = harsh(
    draws=2,
    horizon=12.0,
    contributors=(
        Contributor("alpha", 3000, aircraft=10, arrival=0.05, exit_rate=0.35, commitment=0.6),
        Contributor(
            "bravo", 2000, ships=3, arrival=0.3, exit_rate=0.3, commitment=0.6, cost_factor=1.5
        ),
    ),
    correlation=0.9,
    response=["saturating", "doubling"],
    half_effect=10.0,
    reference_density=[10.0, 0.5],
    hr_per_doubling=0.6,
    hr={"presence": 0.1, "backstop": 0.3, "russia_unready": 2.5, "no_consent": 3.0},
    odds_exponent=0.8,
    hazard_exponent=0.6,
    rescues=[False, True],
    stays=[True, False],
)
# One force that comes and goes, and changes why ceasefires end.
ONE_FORCE = build(
    horizon=12.0,
    contributors=[Contributor("alpha", 4000, arrival=1.0, exit_rate=0.3)],
    response="tripwire",
    hr={"presence": 0.05},
    loading={("unravelling", "presence"): 0.0},
    clamp=(0.01, 100.0),
    cause_shares=(0.3, 0.2, 0.5),
    failing=0.4,
    holding=0.1,
    kappa=0.5,
    hazard_exponent=0.6,
    per_soldier_year=1e3,
    reconstituted=0.0,
)
# Nearly every ceasefire has its force enlarged.
ENLARGED = build(
    horizon=12.0,
    contributors=[Contributor("alpha", 1000, arrival=0.01, exit_rate=0.1)],
    reinforcement_ceiling=1e6,
    reinforcement_rate=6.0,
    growth=3.0,
    hr=dict.fromkeys(FACTORS, 1.0),
    w0=0.9,
    failing=0.2,
    cause_shares=(0.2, 0.2, 0.6),
    kappa_0=50.0,
    kappa=0.8,
)
BLIND = {"largest force without reinforcement"}  # the exact engine does not know the largest force
ELSEWHERE = {"split of the segment before": ONE_FORCE, "paid on leaving": ONE_FORCE}
SEEN_GIVEN_WORLDS = (
    "largest force without reinforcement",
    "a cause dropped",
    "reinforced inflow lost",
)
# Mutants whose mistake shows in what happens when, given the state that the log itself implies.
SEEN_IN_A_LOG = (
    "exit rate halved",
    "exit clocks not rescaled",
    "backstop never regained",
    "a clock that repeats its numbers",
)
SEEN_IN_EVENTS = (
    *SEEN_IN_A_LOG,
    "biased exponential",
    "arrivals a month late",
    "armies in one step",
    "common shock ignored",
    "phase redrawn twice as often",
    "refusal ignored",
)
TRIALS = 8_000


def test_worlds_pass():
    findings = [
        *in_its_log(STRONG, trials=60, events=1_500),
        *in_expectation(STRONG, TRIALS),
        *in_expectation(ONE_FORCE, TRIALS),
        *given_worlds(ENLARGED, 500),
    ]
    assert failures(findings) == []
    assert {f.test for f in findings} == {"when", "which", "independence", "exact", "given worlds"}
    assert same_worlds(STRONG, 30)


def test_whole_paths_pass():
    trials = 30
    records, log = reference.simulate(STRONG, trials, independent_world_uniforms)
    assert failures(when_and_which(STRONG, trials, 250, log, records.end_time)) == []


@pytest.mark.parametrize("name", sorted(set(MUTANTS) - BLIND))
def test_every_mutant_is_caught_in_expectation(name):
    assert failures(in_expectation(ELSEWHERE.get(name, STRONG), TRIALS, MUTANTS[name]))


@pytest.mark.parametrize("name", SEEN_GIVEN_WORLDS)
def test_mutants_are_caught_given_worlds(name):
    assert failures(given_worlds(ENLARGED, 500, MUTANTS[name]))


@pytest.mark.slow
@pytest.mark.parametrize("name", SEEN_IN_A_LOG)
def test_mutants_are_caught_in_their_logs(name):
    assert failures(in_its_log(STRONG, 250, 4_000, MUTANTS[name]))


@pytest.mark.parametrize("name", SEEN_IN_EVENTS)
def test_mutants_are_caught_world_by_world(name):
    assert not same_worlds(STRONG, 30, MUTANTS[name])


def test_a_finding_fails_at_its_share_of_the_budget():
    findings = [Finding("t", "w", chance) for chance in (1e-6, 3e-7, 1.0, 0.5)]
    assert failures(findings) == []
    assert failures([*findings, Finding("t", "w", 1e-7)]) == [Finding("t", "w", 1e-7)]


# Rates of zero, large and small, each alone in a model that is eventful otherwise.
RATES = {
    "no exits": {"contagion": 0.0, "correlation": 0.0},
    "no end of the mission": {"mission_end_rate": 0.0},
    "mission soon over": {"mission_end_rate": 50.0},
    "backstop that never returns": {"regain_rate": 0.0},
    "backstop that flickers": {"loss_rate": 40.0, "regain_rate": 60.0},
    "phases frozen": {"kappa": 0.0},
    "phases that flicker": {"kappa": 30.0},
    "first phase at once": {"kappa_0": 1e9},
    "first phase for good": {"kappa_0": 0.0},
    "hardly any hazard": {"failing": 1e-7, "holding": 1e-7},
    "hazards of hours": {"failing": 2000.0, "holding": 1000.0},
    "reinforced at once": {"reinforcement_rate": 1e3},
    "steep ageing": {"holding": 1e-6, "holding_slope": 0.8},
    "all effect on the odds": {"odds_exponent": 2.0, "hazard_exponent": 0.0},
    "all effect on the hazards": {"odds_exponent": 0.0, "hazard_exponent": 2.0},
    "late forces that rescue": {"rescues": True},
    "effects that stay": {"stays": True},
    "late forces that rescue, effects that stay": {"rescues": True, "stays": True},
}


@pytest.mark.long
@pytest.mark.parametrize("rates", RATES)
@pytest.mark.parametrize("response", FORCE_RESPONSES)
def test_worlds_against_exact_over_rates_and_responses(rates, response):
    model = harsh(response=response, **RATES[rates])
    # Each model has its share of one budget.
    share = 1e-6 / (len(RATES) * len(FORCE_RESPONSES))
    assert failures(in_expectation(model, 50_000), share) == []


@pytest.mark.long
@pytest.mark.parametrize("count", range(7))
def test_worlds_against_exact_over_contributors(count):
    who = [
        Contributor(
            f"c{i}",
            1000.0 * (i + 1),
            aircraft=3 * i,
            ships=i % 2,
            commitment=0.3 + 0.1 * i,
            arrival=0.2 * i,
            exit_rate=0.1 + 0.05 * i,
            needs_backstop=i == 2,
        )
        for i in range(count)
    ]
    model = eventful(contributors=who, hosts={}, bases=(), consent=1.0)
    assert failures(in_expectation(model, 50_000), 1e-6 / 7) == []


@pytest.mark.long
@pytest.mark.parametrize("seed", range(5))
def test_worlds_in_the_long_run(seed):
    model = eventful(draws=4, seed=seed, response=list(FORCE_RESPONSES))
    findings = in_its_log(model, 1_000, 50_000) + in_expectation(model, 50_000)
    assert failures(findings, 1e-6 / 5) == []


# Years without the backstop are half of all years by symmetry, so the mean of the product of two
# worlds' shares is 1 / 4, whatever the worlds, if and only if they are uncorrelated.
N = 15_000


def shares_off(**address):
    model = build(
        **address, promised=True, on_at_start=0.5, loss_rate=0.1, regain_rate=0.1, horizon=5.0,
        failing=0.0, holding=0.0,
    )  # fmt: skip
    found = worlds.simulate_worlds(model, N, np.array([1.0]), independent_world_uniforms)
    return found.backstop_off_years / model.horizon


def chance_of_product(a, b):
    return chance_of_deviation((a * b).mean(), 0.25, 1.0, a.size, variance=(a * b).var(ddof=1))


def test_neighbouring_seeds_are_independent():
    of_seed = [shares_off(seed=s) for s in (7, 8, 9, 2**64 + 7)]
    pairs = list(combinations(of_seed, 2))
    for a, b in pairs:
        assert chance_of_product(a, b) > 1e-6 / len(pairs)


def test_neighbouring_draws_and_trials_are_independent():
    two = shares_off(draws=2)
    # Disjoint pairs: draws 0 and 1 of one trial; trials 2k and 2k + 1 of one draw.
    for a, b in ((two[:N], two[N:]), (two[0::2], two[1::2])):
        assert chance_of_product(a, b) > 1e-6 / 2


def test_worlds_that_are_one_and_the_same_are_seen():
    one = shares_off()
    assert chance_of_product(one, one) < 1e-12
