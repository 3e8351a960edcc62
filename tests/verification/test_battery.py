"""The fast engine passes the battery, and every engine that is wrong on purpose fails it."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np
import pytest

from simulator.analysis.path_by_path import path_by_path
from simulator.engines import core, reference
from simulator.model.compiled import FORCE_RESPONSES, CompiledModel
from tests.models import Contributor, eventful, harsh
from tests.verification.battery import Finding, failures, in_expectation, when_and_which
from tests.verification.mutants import MUTANTS

HARSH = harsh(draws=2, response=["saturating", "tripwire"])
EVENTFUL = eventful(response="doubling")

# Mutants whose mistake shows in what happens when, given the state that the log itself implies.
SEEN_IN_A_LOG = (
    "exit rate halved",
    "backstop never regained",
    "biased exponential",
    "exit clocks not rescaled",
    "ageing ignored",
)


def test_core_passes():
    findings = [
        *when_and_which(core.simulate, HARSH, paths=1200, events=12_000),
        *when_and_which(core.simulate, EVENTFUL, paths=1000, events=6_000),
        *in_expectation(core.simulate, HARSH, paths=50_000),
    ]
    assert failures(findings) == []
    assert {f.test for f in findings} == {"when", "which", "independence", "exact"}


def test_reference_passes():
    assert failures(when_and_which(reference.simulate, HARSH, paths=100, events=900)) == []


@pytest.mark.parametrize("name", MUTANTS)
def test_every_mutant_is_caught_in_expectation(name):
    caught = failures(in_expectation(MUTANTS[name], HARSH, paths=30_000))
    assert caught, name


@pytest.mark.parametrize("name", SEEN_IN_A_LOG)
def test_mutants_are_caught_in_their_logs(name):
    caught = failures(when_and_which(MUTANTS[name], HARSH, paths=1200, events=12_000))
    assert caught, name


@lru_cache(maxsize=1)
def _true(model: CompiledModel, paths: int, first: int, last: int) -> Any:
    return reference.simulate(model, paths, first, last, log=True)


@pytest.mark.parametrize("name", MUTANTS)
def test_every_mutant_is_caught_path_by_path(name):
    def once(model: CompiledModel, *request: int, log: bool) -> Any:
        return _true(model, *request)

    checks = path_by_path(HARSH, 100, fast=MUTANTS[name], slow=once)
    assert not all(check.agrees for check in checks), name
    assert all(check.agrees for check in path_by_path(HARSH, 100, slow=once))


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
    "all effect on the odds": {"rho": 1.0},
    "all effect on the hazards": {"rho": 0.0},
}


@pytest.mark.long
@pytest.mark.parametrize("rates", RATES)
@pytest.mark.parametrize("response", FORCE_RESPONSES)
def test_core_against_exact_over_rates_and_responses(rates, response):
    model = harsh(response=response, **RATES[rates])
    # 60 models: each has its share of one budget.
    assert failures(in_expectation(core.simulate, model, 150_000), 1e-6 / 60) == []


@pytest.mark.long
@pytest.mark.parametrize("count", range(7))
def test_core_against_exact_over_contributors(count):
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
    assert failures(in_expectation(core.simulate, model, 150_000), 1e-6 / 7) == []


@pytest.mark.long
@pytest.mark.parametrize("seed", range(5))
def test_core_in_the_long_run(seed):
    model = eventful(draws=4, seed=seed, response=list(FORCE_RESPONSES))
    findings = when_and_which(core.simulate, model, paths=5_000, events=120_000)
    findings += in_expectation(core.simulate, model, paths=100_000)
    assert failures(findings, 1e-6 / 5) == []


def test_neighbouring_seeds_are_independent():
    # Given the exact probability p of holding 2 years, the mean of the product of two seeds'
    # indicators is p squared, whatever the seeds, if and only if they are uncorrelated.
    from simulator.analysis.against_exact import chance_of_deviation
    from simulator.engines import exact

    p = float(exact.expectations(harsh(), np.array([2.0])).survival.value[0, 0])
    n = 15_000
    holds = [core.simulate(harsh(seed=s), n, 0, n).end_time > 2.0 for s in (7, 8, 9, 2**64 + 7)]
    pairs = [(a, b) for i, a in enumerate(holds) for b in holds[i + 1 :]]
    for a, b in pairs:
        assert chance_of_deviation((a & b).mean(), p * p, 1.0, n) > 1e-6 / len(pairs)


def test_neighbouring_draws_and_paths_are_independent():
    from simulator.analysis.against_exact import chance_of_deviation
    from simulator.engines import exact

    p = float(exact.expectations(harsh(), np.array([2.0])).survival.value[0, 0])
    n = 15_000
    two = core.simulate(harsh(draws=2), n, 0, 2 * n).end_time > 2.0
    # Disjoint pairs: draws 0 and 1 of one path; paths 2k and 2k + 1 of one draw.
    for a, b in ((two[:n], two[n:]), (two[0::2], two[1::2])):
        assert chance_of_deviation((a & b).mean(), p * p, 1.0, n) > 1e-6 / 2
