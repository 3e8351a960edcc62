"""The engine's expectations are the means of whole paths, simulated by the scalar twin.

The twin's draws and paths are independent, so its error follows from the scatter of its draws; the
engine's from its replicates. A score is the |z| of the difference, Welch's: what a normal number
would have to be to be as improbable. Under the same model a score is above 4 with probability
6.3e-5, so of the quick test's 5 x 23 scores one is with at most .7 %, of the long one's 12 x 23
with at most 1.8 %.
"""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache, partial

import numpy as np
import pytest
from scipy import stats

from simulator import addresses
from simulator.analysis.inputs import load_plans
from simulator.analysis.run import Job, blocks, compile_job
from simulator.books.draws import draw_with
from simulator.engines.worlds import simulate
from simulator.estimates.estimate import with_error
from simulator.estimates.tally import COLLAPSED_BY, HELD_FOR, ages
from simulator.model.compile import compile_model
from tests.models import eventful, harsh, unlike

pytest.importorskip("numba")
from benchmarks import twin

MOST = 4.0
SINGLE = (*COLLAPSED_BY.values(), *HELD_FOR.values())  # ages in years
YEARS = ages(30.0)


def rows(found):
    """Estimates of every draw, shape (D, 23), of the engine or of the twin."""
    at = np.searchsorted(found.years, SINGLE)
    amounts = (found.rmst, found.peak_troops, found.troop_years, found.backstop_off_years)
    first_year = found.soldier_years[:, np.searchsorted(found.years, 1.0)]
    return np.concatenate(
        [
            found.survival[:, at],
            found.incidence[:, :, -1],
            np.stack([*amounts, first_year, found.soldier_years[:, -1], found.cost], axis=1),
            found.events,
        ],
        axis=1,
    )


def scores(true, draws, found, count, squares):
    """|z| of the differences between the engine's rows and sums over the twin's."""
    value, error = with_error(lambda of: true[of].mean(axis=0), draws)
    mean = found / count
    noise = np.sqrt(np.maximum(squares / count - mean**2, 0.0) / (count - 1))
    total = np.hypot(error, noise)
    same = np.isclose(value, mean, rtol=1e-12, atol=0.0)
    with np.errstate(divide="ignore", invalid="ignore"):
        t = np.abs(value - mean) / total
        degrees = total**4 / (error**4 / (addresses.REPLICATES - 1) + noise**4 / (count - 1))
    return np.where(same, 0.0, stats.norm.isf(stats.t.sf(t, degrees)))


@lru_cache(maxsize=1)
def worlds(model, trials):
    return rows(simulate(model, trials, YEARS))


def compared(true_model, model, paths, trials=16):
    """Scores of models whose draws are all alike, but for chance."""
    true = worlds(true_model, trials)
    found = rows(twin.simulate(model, 0, paths, YEARS))
    return scores(
        true, true_model.draws, found.sum(axis=0), len(found), np.square(found).sum(axis=0)
    )


QUICK = [
    pytest.param(eventful(draws=400), id="eventful"),
    pytest.param(eventful(draws=400, response="doubling", as_needed=True), id="doubling"),
    pytest.param(harsh(draws=400, rescues=True, stays=True), id="harsh"),
    pytest.param(harsh(draws=400, response="tripwire", rescues=True), id="tripwire"),
]


@pytest.mark.slow
@pytest.mark.parametrize("model", QUICK)
def test_worlds_are_the_mean_of_paths(model):
    assert compared(model, model, 250).max() <= MOST


def independent(plan, draws):
    scenario, book = plan
    uniforms = partial(addresses.independent_assumption_uniform, 2)
    return compile_model(scenario, draw_with(book, scenario, 2, draws, uniforms))


@pytest.mark.slow
def test_a_run_is_the_mean_of_paths_under_independent_draws():
    (plan,) = load_plans(["small-trainers"])
    model, _ = compile_job(Job(*plan, seed=1, draws=2048))
    assert compared(model, independent(plan, np.arange(2000)), 50, trials=4).max() <= MOST


# What is wrong in the twin, and by how much, must show in 1e5 paths.
WRONG = {
    "commitment": lambda m: with_part(m, "contributors", "commitment", lambda p: p * 0.95),
    "arrival": lambda m: with_part(m, "contributors", "arrival", lambda t: t * 1.1),
    "exit_rate": lambda m: with_part(m, "contributors", "exit_rate", lambda r: r * 1.1),
    "exit_contagion": lambda m: with_part(m, "contributors", "exit_contagion", lambda c: c * 2.0),
    "correlation": lambda m: with_part(
        m, "contributors", "political_correlation", lambda r: r + 0.5
    ),
    "troops": lambda m: with_part(m, "contributors", "troops", lambda n: n - 1000.0),
    "consent": lambda m: with_part(m, "mission", "consent", lambda p: p + 0.1),
    "mission": lambda m: with_part(m, "mission", "end_rate", lambda r: r * 1.1),
    "reinforcement": lambda m: with_part(m, "mission", "reinforcement_rate", lambda r: r * 1.5),
    "growth": lambda m: with_part(m, "mission", "growth", lambda g: g - 0.5),
    "loss": lambda m: with_part(m, "backstop", "loss_rate", lambda r: r * 1.1),
    "regain": lambda m: with_part(m, "backstop", "regain_rate", lambda r: r * 1.2),
    "kappa_0": lambda m: with_part(m, "hazards", "kappa_0", lambda r: r * 2.0),
    "kappa": lambda m: with_part(m, "hazards", "kappa", lambda r: r * 1.1),
    "odds": lambda m: with_part(m, "hazards", "odds_exponent", lambda e: e * 0.8),
    "hazards": lambda m: with_part(m, "hazards", "hazard_exponent", lambda e: e * 0.8),
    "rescues": lambda m: with_part(m, "hazards", "rescues", lambda r: ~r),
    "stays": lambda m: with_part(m, "presence", "stays", lambda r: ~r),
    "most_dose": lambda m: with_part(m, "presence", "most_dose", lambda most: most * 0.5),
    "recorded": lambda m: with_part(m, "presence", "reference_density", lambda n: n * 0.5),
    "slope": lambda m: with_part(m, "hazards", "holding_slope", lambda r: r * 0.9),
    "w0": lambda m: with_part(m, "hazards", "logit_w0", lambda w: w + 0.1),
    "failing": lambda m: with_part(m, "hazards", "failing", lambda h: h * 1.1),
    "capacity": lambda m: with_part(m, "air", "base_capacity", lambda n: n * 0.0),
    "milestone": lambda m: with_part(m, "milestones", "army_restored", lambda t: t + 0.5),
}


def with_part(model, part, field, change):
    old = getattr(model, part)
    return replace(model, **{part: replace(old, **{field: change(getattr(old, field))})})


EVENTFUL = eventful(draws=400, hr={"air": 0.3, "presence": 0.3}, clamp=(0.02, 4.0))


@pytest.mark.slow
@pytest.mark.parametrize("wrong", WRONG)
def test_a_wrong_number_is_found_out(wrong):
    assert compared(EVENTFUL, WRONG[wrong](EVENTFUL), 250).max() > MOST


def test_the_draws_of_a_model_may_differ():
    model = unlike()
    found = twin.simulate(model, 0, 20_000, YEARS)
    true = simulate(model, 2_000, YEARS)
    # Per draw: the noise of 20,000 paths is at most .0036 in a probability, and 4.5 of it .016.
    np.testing.assert_allclose(found.survival, true.survival, atol=0.016)
    assert np.ptp(true.survival[:, 20]) > 0.05  # so rows taken for each other would be seen


def test_paths_add_up_however_they_are_cut():
    model = eventful(draws=[3, 7])
    whole = twin.simulate(model, 0, 60, YEARS)
    parts = [twin.simulate(model, *part, YEARS) for part in ((0, 20), (20, 60))]
    np.testing.assert_allclose(
        rows(whole), (20 * rows(parts[0]) + 40 * rows(parts[1])) / 60, rtol=1e-12
    )


def test_one_by_one_are_the_same_paths():
    model = eventful(draws=30)
    one = twin.one_by_one(model, YEARS)
    alone = [one(row) for row in range(30)]
    together = twin.simulate(model, 0, 1, YEARS)
    np.testing.assert_array_equal([held for held, _ in alone], together.survival)
    np.testing.assert_array_equal([rmst for _, rmst in alone], together.rmst)


PLANS = ("no-force", "reassurance-force", "coalition-of-the-willing", "small-trainers")
BOOKS = ("blend", "evidence", "experts")
DRAWS, PATHS = 250_000, 40  # 1e7 paths: about a minute


@pytest.mark.long
@pytest.mark.parametrize("book", BOOKS)
@pytest.mark.parametrize("plan", PLANS)
def test_a_run_is_the_mean_of_ten_million_paths(plan, book):
    (inputs,) = load_plans([plan], book)
    job = Job(*inputs, seed=1, draws=65_536)
    true = []
    for first, last in blocks(0, job.draws, job.trials):
        true.append(rows(simulate(compile_job(job, first, last)[0], job.trials, YEARS)))
    total = squares = 0.0
    for first, last in blocks(0, DRAWS, PATHS):
        found = rows(twin.simulate(independent(inputs, np.arange(first, last)), 0, PATHS, YEARS))
        total, squares = total + found.sum(axis=0), squares + np.square(found).sum(axis=0)
    found = scores(np.concatenate(true), np.arange(job.draws), total, DRAWS, squares)
    assert found.max() <= MOST
