"""Monte Carlo error and spread over assumptions are told apart."""

from __future__ import annotations

import numpy as np
import pytest

from simulator.engines.core import simulate
from simulator.outcomes.curves import band
from simulator.outcomes.estimates import outcome, probability, proportion
from simulator.outcomes.median import crossing
from simulator.outcomes.options import by_option, survival_by_option
from simulator.outcomes.spread import estimate, standard_error, without_path_noise
from simulator.outcomes.tally import add, empty
from tests.models import build

RNG_SEED = 20251122


def beta_draws(draws, paths, a=2.0, b=3.0):
    rng = np.random.default_rng(RNG_SEED)
    p = rng.beta(a, b, draws)
    return p, rng.binomial(paths, p)


def test_removing_path_noise_restores_the_spread_of_the_assumptions():
    # p ~ Beta(2, 3) seen through 10 paths a draw: var 0.04 + noise 0.02. With 20,000 draws the
    # quantiles of p' are those of Beta(2, 3) up to sampling error (sd about 0.002) and the blur of
    # the shrunken shape (< 0.03 here, computed once from 4e6 draws); raw quantiles miss by > 0.04.
    p, counts = beta_draws(20_000, 10)
    means, noise = proportion(counts.astype(float), np.full(20_000, 10.0))
    shrunk = without_path_noise(means, noise)
    true = np.quantile(p, [0.05, 0.95])
    assert shrunk.var(ddof=1) == pytest.approx(p.var(ddof=1), rel=0.05)
    assert np.abs(np.quantile(shrunk, [0.05, 0.95]) - true).max() < 0.04
    assert np.abs(np.quantile(means, [0.05, 0.95]) - true).max() > 0.04


def test_pure_path_noise_leaves_no_range():
    # 2,000 draws, 50 paths, one p: V - noise is below 5 sd of its estimate (2 / 2000)^.5 = 3 %.
    for seed in range(6):
        rng = np.random.default_rng(seed)
        means, noise = proportion(rng.binomial(50, 0.3, 2000).astype(float), np.full(2000, 50.0))
        e = estimate(means, noise)
        raw = np.quantile(means, [0.05, 0.95])
        if e.p05 is None:
            assert "path noise" in e.note
        else:
            assert e.p95 - e.p05 < np.sqrt(5 * 0.032) * (raw[1] - raw[0])
            assert "rough" in e.note


def test_a_curve_has_no_range_where_path_noise_hides_it():
    # 400 draws of 20 paths: one share for all, where the noise is the whole variance (its estimate
    # strays by 7 %, one sd), and Beta(2, 3), where it is a sixth; and the start, where all hold.
    rng = np.random.default_rng(RNG_SEED)
    shares = np.stack([np.ones(400), np.full(400, 0.5), rng.beta(2, 3, 400)], axis=1)
    by_draw = rng.binomial(20, shares) / 20
    found = band(by_draw, by_draw * (1.0 - by_draw) / 19)
    np.testing.assert_array_equal(np.isnan(found.p05), [False, True, False])
    np.testing.assert_array_equal(np.isnan(found.p95), [False, True, False])
    assert found.p05[0] == found.p95[0] == 1.0


def test_nothing_seen_is_bounded_by_draws_not_by_paths():
    # 20 draws of which 2.25 % hold for sure: 4,000 paths without an event bound nothing at 1e-3.
    none = probability(np.zeros(20), np.zeros(20), np.full(20, 200))
    assert "below 0.15 " in none.note
    every = probability(np.ones(20), np.zeros(20), np.full(20, 200))
    assert "above 0.85 " in every.note
    # 3 / 230 = 0.01304: rounded so that the bound still holds.
    assert "below 0.014 " in probability(np.zeros(230), np.zeros(230), np.full(230, 9)).note
    assert "above 0.986 " in probability(np.ones(230), np.zeros(230), np.full(230, 9)).note
    assert "bound nothing" in probability(np.zeros(1), np.zeros(1), np.full(1, 2)).note
    assert "one draw" in probability(np.zeros(1), np.zeros(1), np.full(1, 900)).note


def test_options_of_a_pool_are_compared_within_each_book():
    model = build(draws=40)
    tally = empty(model.draws, model.horizon)
    add(tally, simulate(model, 10, 0, 400), 10)
    books = ["evidence"] * 20 + ["experts"] * 20
    response = ["none", "tripwire"] * 9 + ["none", "none"] + ["tripwire"] * 20
    found = by_option(tally, {"book": books, "force_response": response})
    assert found.keys() == {"book", "force_response (evidence)"}
    counts = {option: of.draws for option, of in found["force_response (evidence)"].items()}
    assert counts == {"none": 11, "tripwire": 9}  # of evidence alone, which 20 draws took
    curves = survival_by_option(tally, {"book": books, "force_response": response})
    assert curves.keys() == found.keys()
    at = int(np.searchsorted(tally.years, 20.0)) + 1  # the curves begin at 0
    for choice, options in curves.items():
        for option, curve in options.items():
            one = found[choice][option].estimates["p_holds_20y"]
            assert curve.value[0] == 1.0
            assert curve.value[at] == pytest.approx(one.value)
            assert curve.mcse[at] == pytest.approx(one.mcse)
    few = by_option(tally, {"x": ["a"] * 37 + ["b"] * 3})
    assert "b" not in survival_by_option(tally, {"x": ["a"] * 37 + ["b"] * 3})["x"]
    assert few["x"]["b"].estimates["p_holds_20y"].mcse is None
    assert "3 draws" in few["x"]["b"].estimates["p_holds_20y"].note


def test_mcse_is_clustered_by_draw():
    # Paths of one draw resemble each other: the naive error, as if 1e6 paths were independent,
    # is a tenth of the truth. 400 repetitions tell the sd to 1 / sqrt(800) = 3.5 %; 5 sd: 18 %.
    rng = np.random.default_rng(RNG_SEED)
    values, errors = [], []
    for _ in range(400):
        p = rng.beta(2, 3, 100)
        means, noise = proportion(rng.binomial(500, p).astype(float), np.full(100, 500.0))
        e = estimate(means, noise)
        values.append(e.value)
        errors.append(e.mcse)
    assert np.std(values, ddof=1) == pytest.approx(np.mean(errors), rel=0.18)
    naive = np.sqrt(0.4 * 0.6 / (100 * 500))
    assert np.std(values, ddof=1) > 5 * naive


def test_what_cannot_be_told_is_none_and_says_why():
    one = estimate(np.array([0.4]), np.array([0.01]))
    assert one.mcse == pytest.approx(0.1)
    assert one.p05 is None
    assert "one draw" in one.note
    single = estimate(np.array([0.0, 1.0]), np.array([np.nan, np.nan]))
    assert single.p05 is None
    assert "2 paths" in single.note
    assert standard_error(np.array([1.0]), np.array([np.nan])) is None
    assert "rough" in estimate(np.array([0.1, 0.2]), np.array([0.0, 0.0])).note


def test_median_and_headlines_beyond_the_horizon_are_none():
    model = build(horizon=5.0, w0=0.01, holding=0.001)
    tally = empty(model.draws, model.horizon)
    add(tally, simulate(model, 500, 0, 500), 500)
    found = outcome(tally, model).estimates
    assert found["median_years"].value is None
    assert "beyond 5 years" in found["median_years"].note
    assert found["p_holds_20y"].value is None
    assert "beyond the horizon" in found["p_holds_20y"].note
    assert found["fill_rate"].value == 0.0
    assert found["backstop_off_share"].value is None


def test_median_of_an_exponential_life():
    # One hazard of 0.2 a year, so the median is ln 2 / 0.2 = 3.466; 400,000 paths. 5 MCSE.
    model = build(w0=0.5, failing=0.2, holding=0.2, hr=dict.fromkeys(MILD, 1.0))
    tally = empty(model.draws, model.horizon)
    for first in range(0, 400_000, 100_000):
        add(tally, simulate(model, 400_000, first, first + 100_000), 400_000)
    median = outcome(tally, model).estimates["median_years"]
    assert median.mcse == pytest.approx(0.5 / np.sqrt(400_000) / (0.5 * 0.2), rel=0.1)
    assert abs(median.value - np.log(2) / 0.2) < 5 * median.mcse


MILD = (
    "presence",
    "air",
    "monitoring",
    "backstop",
    "ukraine",
    "russia_unready",
    "no_consent",
    "naval",
)


def test_crossing_reads_the_first_time():
    years, survival = np.array([0.0, 1.0, 2.0]), np.array([1.0, 0.5, 0.5])
    assert crossing(years, survival, 0.5) == 1.0
    assert crossing(years, survival, 0.4) is None
    assert crossing(years, survival, 1.0) == 0.0
