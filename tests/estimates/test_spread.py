"""Monte Carlo error and spread over assumptions are kept apart, and both are what they say."""

from __future__ import annotations

import numpy as np
import pytest

from simulator.addresses import REPLICATES, assumption_uniform
from simulator.estimates.estimate import (
    estimate,
    mean,
    mean_error,
    replicate_error,
    spread,
    with_error,
)
from simulator.estimates.influence import by_option, survival_by_option
from simulator.estimates.outcome import estimate_of, outcome
from simulator.estimates.tally import ages_by_which
from simulator.quantities import QUANTITIES
from tests.estimates.made import OFF, POUNDS, SOLDIERS, model_of, tallied
from tests.models import Contributor

NAMES = ("rho", "kappa", "w0")


def outcome_of(seed, draws):
    """A curved, a waved and a jumping dependence on three assumptions, as a run draws them."""
    a, b, c = (assumption_uniform(seed, name, draws) for name in NAMES)
    return a**2 + 0.5 * np.sin(3.0 * b) * c + 0.3 * (c > 0.6)


def repeated(count, draws):
    """Value and ends of ``count`` runs under other seeds, their printed errors, and intervals."""
    numbers = np.arange(draws)
    found = [estimate(outcome_of(seed, numbers), numbers) for seed in range(count)]
    values = np.array([(e.value, e.p05, e.p95) for e in found])
    errors = np.array([(e.mcse, e.p05_mcse, e.p95_mcse) for e in found])
    return values, errors, np.array([e.interval() for e in found])


def test_printed_errors_are_those_between_seeds():
    # 600 runs know the true sd to 1 / sqrt(2 x 600) = 2.9 %, and the rms of the printed ones to
    # 1 / sqrt(2 x 15 x 600) = 0.7 %. The error of a mean is unbiased: .85 to 1.15 is 5 sd, a
    # false alarm of 6e-7. That of an end also rests on the slope of a percentile: .75 to 1.25.
    values, errors, intervals = repeated(600, 1024)
    ratio = np.sqrt(np.square(errors).mean(axis=0)) / values.std(axis=0, ddof=1)
    assert 0.85 < ratio[0] < 1.15
    assert (ratio[1:] > 0.75).all()
    assert (ratio[1:] < 1.25).all()
    # The printed interval covers 95 % of the runs: sd 0.9 %, so 90.5 % is 5 sd below.
    assert np.mean((intervals - values.mean(axis=0)[0]).prod(axis=1) < 0.0) > 0.905
    away = (intervals[:, 1] - values[:, 0]) / errors[:, 0]
    np.testing.assert_allclose(away, 2.1314, rtol=1e-4)  # t of 15 degrees of freedom
    # Even draws are what makes the difference: independent ones would err 10 times as much.
    naive = outcome_of(0, np.arange(1024)).std() / np.sqrt(1024)
    assert ratio[0] * values[:, 0].std() < naive / 10.0


def test_an_error_that_takes_draws_for_independent_would_be_caught():
    values, *_ = repeated(100, 256)
    naive = outcome_of(0, np.arange(256)).std() / 16.0
    assert not 0.5 < naive / values[:, 0].std(ddof=1) < 1.5


def test_a_replicate_counted_twice_would_be_caught():
    # The scatter of 16 means of which one repeats another; the ratio of the errors is sqrt of
    # about 1 + 2 / 16, and of the values themselves more.
    draws = np.arange(4096)
    x = outcome_of(3, draws)
    means = np.array([x[draws % REPLICATES == r].mean() for r in range(REPLICATES)])
    right = replicate_error(means, np.full(REPLICATES, 256))
    assert right == pytest.approx(means.std(ddof=1) / 4.0)
    assert estimate(x, draws).mcse == pytest.approx(float(right))
    twice = np.concatenate([means, means[:1]])
    assert replicate_error(twice, np.full(17, 256)) != pytest.approx(right, rel=1e-3)


def test_the_error_of_independent_draws_is_the_textbook_one():
    # Fewer draws than replicates: each draw is one, and the error is sd / sqrt(n) exactly.
    x = np.array([0.2, 0.5, 0.9, 0.4, 0.7])
    assert estimate(x, np.arange(5)).mcse == pytest.approx(x.std(ddof=1) / np.sqrt(5.0))
    # Unequal replicates weigh by their draws: 24 draws are 8 of two and 8 of one.
    x = np.random.default_rng(1).random(24)
    means = np.array([x[r::REPLICATES].mean() for r in range(REPLICATES)])
    weights = np.array([2.0] * 8 + [1.0] * 8) / 24.0
    expected = np.sqrt((weights**2 * (means - x.mean()) ** 2).sum() * 16.0 / 15.0)
    assert estimate(x, np.arange(24)).mcse == pytest.approx(expected)


def test_part_of_the_draws_has_an_error_from_the_replicates_that_they_are_in():
    draws = np.array([3, 19, 35, 4, 20])  # of replicates 3 and 4 alone
    x = np.array([1.0, 2.0, 3.0, 7.0, 9.0])
    weights, means = np.array([0.6, 0.4]), np.array([2.0, 8.0])
    expected = np.sqrt((weights**2 * (means - x.mean()) ** 2).sum() * 2.0)
    assert estimate(x, draws).mcse == pytest.approx(expected)
    assert estimate(x[:3], draws[:3]).mcse is None  # one replicate knows nothing of its error


def test_ranges_are_percentiles_and_their_errors_those_of_a_curve_too():
    draws = np.arange(512)
    x = np.stack([outcome_of(7, draws), outcome_of(8, draws)], axis=1)
    low, high, low_error, high_error = spread(x, draws)
    np.testing.assert_allclose([low, high], np.quantile(x, [0.05, 0.95], axis=0))
    for k in range(2):
        one_low, one_high, one_low_error, one_high_error = spread(x[:, k], draws)
        assert [low[k], high[k]] == [one_low, one_high]
        assert [low_error[k], high_error[k]] == [one_low_error, one_high_error]
    # Of one uniform, which nets spread evenly, an end is known better than of independent draws.
    _, _, error, _ = spread(assumption_uniform(1, "rho", draws), draws)
    assert 0.0 <= error < 0.5 * np.sqrt(0.05 * 0.95 / 512)


def test_a_constant_has_neither_error_nor_spread():
    e = estimate(np.full(100, 0.3), np.arange(100))
    assert (e.mcse, e.p05, e.p95, e.p05_mcse, e.p95_mcse) == (
        pytest.approx(0.0, abs=1e-16), 0.3, 0.3, 0.0, 0.0,
    )  # fmt: skip


def test_infinite_ends_are_none():
    x = np.concatenate([np.arange(90.0), np.full(10, np.inf)])
    e = estimate(x, np.arange(100))
    assert (e.value, e.mcse, e.p95, e.p95_mcse) == (None, None, None, None)
    assert e.p05 == pytest.approx(np.quantile(np.arange(100.0), 0.05))
    assert e.p05_mcse is not None
    # 4 of 100 beyond: the 95th percentile is not, but what is two errors above it may be.
    x = np.concatenate([np.arange(96.0), np.full(4, np.inf)])
    e = estimate(x[np.random.default_rng(1).permutation(100)], np.arange(100))
    assert e.p95 == pytest.approx(np.quantile(np.arange(100.0), 0.95))
    assert e.p95_mcse is None


def test_a_number_rounds_as_it_does_alone():
    columns = np.random.default_rng(5).lognormal(20.0, 2.0, (999, 7))
    draws = np.arange(999)
    together = np.stack([mean(columns), mean_error(columns, draws)])
    for j, column in enumerate(columns.T):
        alone = column[:, None]
        assert [*together[:, j]] == [*mean(alone), *mean_error(alone, draws)]


def test_one_draw_has_no_error():
    e = estimate(np.array([0.4]), np.array([0]))
    assert (e.value, e.mcse, e.p05, e.p95, e.interval()) == (0.4, None, None, None, None)
    assert "one draw" in e.note


def test_a_ratio_is_that_of_the_means_and_its_error_that_of_the_ratio():
    # 2 x over x: no error at all, although either sum has one.
    draws = np.arange(256)
    x = 1.0 + outcome_of(2, draws)
    value, error = with_error(lambda rows: (2.0 * x[rows]).sum() / x[rows].sum(), draws)
    assert value == pytest.approx(2.0)
    assert error < 1e-12


RATES = np.random.default_rng(9).gamma(2.0, 0.1, 512)


def test_estimates_of_constant_hazards_are_known():
    model = model_of(range(512), contributors=[Contributor(troops=SOLDIERS)], target_troops=4000.0)
    found = outcome(tallied(RATES, trials=16), model).estimates
    held = -np.expm1(-30.0 * RATES) / RATES
    expected = {
        "p_collapse_within_2y": -np.expm1(-2.0 * RATES),
        "p_between_2y_20y": np.exp(-2.0 * RATES) - np.exp(-20.0 * RATES),
        "p_holds_30y": np.exp(-30.0 * RATES),
        "rmst_years": held,
        "fill_rate": np.full(512, 0.25),
        "mean_deployed_troops_year_1": SOLDIERS * -np.expm1(-RATES) / RATES,
        "cost_gbp": POUNDS * SOLDIERS * held,
    }
    for name, values in expected.items():
        assert found[name].value == pytest.approx(values.mean(), rel=1e-9), name
        ends = np.quantile(values, [0.05, 0.95])
        assert [found[name].p05, found[name].p95] == pytest.approx(ends, rel=1e-9), name
    # While it holds, all soldiers are there, at one price.
    assert found["mean_deployed_troops_while_holding"].value == pytest.approx(SOLDIERS)
    assert found["cost_gbp_per_year_while_holding"].value == pytest.approx(POUNDS * SOLDIERS)
    assert found["backstop_off_share"].value is None
    promised = model_of(range(512), promised=True)
    off = estimate_of(tallied(RATES), promised, "backstop_off_share")
    assert off.value == pytest.approx(OFF)


def test_ages_of_collapse_are_roots_of_the_mean_survival():
    found = outcome(tallied(RATES), model_of(range(512))).estimates
    for name, share in (("q05_years", 0.05), ("q25_years", 0.25), ("median_years", 0.5)):
        survival = np.exp(-RATES * found[name].value).mean()
        assert survival == pytest.approx(1.0 - share, abs=2e-5), name
        assert found[name].mcse > 0.0
    # The mean of the draws' medians is another number: survival is averaged, not its quantiles.
    assert found["median_years"].value < 0.95 * (np.log(2.0) / RATES).mean()


def test_the_error_of_a_median_is_that_of_survival_over_its_slope():
    tally = tallied(RATES)
    found = estimate_of(tally, model_of(range(512)), "median_years")
    at = np.exp(-RATES * found.value)
    error = estimate(at, np.arange(512)).mcse
    assert found.mcse == pytest.approx(error / (RATES * at).mean(), rel=0.02)


def test_what_lies_beyond_the_horizon_is_none_and_says_so():
    slow = outcome(tallied(np.full(40, 1e-3), horizon=5.0), model_of(range(40), 5.0)).estimates
    for name in ("median_years", "q95_years"):
        assert slow[name].value is None
        assert "beyond 5 years" in slow[name].note
    assert "beyond the horizon of 5" in slow["p_holds_20y"].note
    early = outcome(tallied(RATES, horizon=0.05), model_of(range(512), 0.05)).estimates
    assert "30 days lie beyond the horizon" in early["p_collapse_within_30d"].note
    assert early["mean_deployed_troops_year_1"].value is None
    for found in (slow, early):
        assert all(e.note for e in found.values() if e.value is None)


def test_what_lives_in_the_world_has_a_range_from_16_trials_on():
    model = model_of(range(512), contributors=[Contributor(troops=SOLDIERS)], target_troops=4000.0)
    few, many = (outcome(tallied(RATES, trials=t), model) for t in (15, 16))
    for name in ("troop_years", "cost_gbp", "mean_deployed_troops_year_1"):
        assert few.estimates[name].p05 is None
        assert "--trials 16" in few.estimates[name].note
        assert few.estimates[name].mcse == many.estimates[name].mcse
        assert many.estimates[name].p05 < many.estimates[name].p95
    assert np.isnan(few.curves.deployed.p05).all()
    assert not np.isnan(many.curves.deployed.p05).any()
    # The same in every draw: nothing that few worlds could blur.
    assert few.estimates["fill_rate"].p05 == few.estimates["fill_rate"].p95 == 0.25
    for name in ("rmst_years", "p_holds_20y"):
        assert few.estimates[name].p05 == many.estimates[name].p05


def test_curves_agree_with_the_estimates_and_add_up():
    horizon = 12.5
    found = outcome(tallied(RATES, horizon, trials=16), model_of(range(512), horizon))
    survival, incidence = found.curves.survival, found.curves.incidence
    assert survival.value[0] == 1.0
    np.testing.assert_allclose(
        survival.value + sum(one.value for one in incidence.values()), 1.0, 0.0, 1e-12
    )
    at = found.curves.years.tolist().index(2.0)
    early = found.estimates["p_collapse_within_2y"]
    assert survival.value[at] == pytest.approx(1.0 - early.value, abs=1e-12)
    assert survival.mcse[at] == pytest.approx(early.mcse, rel=1e-6)
    assert survival.p05[at] == pytest.approx(1.0 - early.p95, rel=1e-6)
    assert survival.p05_mcse[at] == pytest.approx(early.p95_mcse, rel=1e-3)
    lengths = np.append(np.ones(12), 0.5)
    deployed = found.curves.deployed.value
    assert (deployed * lengths).sum() == pytest.approx(found.estimates["troop_years"].value)
    assert deployed[0] == pytest.approx(found.estimates["mean_deployed_troops_year_1"].value)
    for cause, one in zip(found.causes.values(), incidence.values(), strict=True):
        assert cause.value == pytest.approx(one.value[-1])


def test_every_estimate_is_of_every_plan():
    found = outcome(tallied(RATES), model_of(range(512))).estimates
    assert found.keys() == QUANTITIES.keys()
    assert all(e.note for e in found.values() if None in (e.value, e.mcse, e.p05, e.p95))


def test_options_of_a_pool_are_compared_within_each_book():
    tally = tallied(RATES[:40])
    books = ["evidence"] * 20 + ["experts"] * 20
    response = ["none", "tripwire"] * 9 + ["none", "none"] + ["tripwire"] * 20
    labels = {"book": books, "force_response": response}
    found = by_option(tally, labels)
    assert found.keys() == {"book", "force_response (evidence)"}
    counts = {option: of.draws for option, of in found["force_response (evidence)"].items()}
    assert counts == {"none": 11, "tripwire": 9}  # of evidence alone, which 20 draws took
    curves = survival_by_option(tally, labels)
    assert curves.keys() == found.keys()
    at = int(np.searchsorted(np.append(0.0, tally.years), 20.0)) - 2  # less 30 and 91 days
    for choice, options in curves.items():
        for option, curve in options.items():
            one = found[choice][option].estimates["p_holds_20y"]
            assert curve.value[0] == 1.0
            assert curve.value[at] == pytest.approx(one.value, rel=1e-6)
            assert curve.mcse[at] == pytest.approx(one.mcse, rel=1e-4)
    few = by_option(tally, {"x": ["a"] * 37 + ["b"] * 3})
    assert "b" not in survival_by_option(tally, {"x": ["a"] * 37 + ["b"] * 3})["x"]
    assert few["x"]["b"].estimates["p_holds_20y"].mcse is None
    assert "3 draws" in few["x"]["b"].estimates["p_holds_20y"].note


def test_options_are_of_the_draws_that_have_labels():
    tally = tallied(RATES)
    found = by_option(tally, {"x": ["a"] * 30 + ["b"] * 30})
    assert [one.draws for one in found["x"].values()] == [30, 30]
    expected = np.exp(-20.0 * RATES[30:60]).mean()
    assert found["x"]["b"].estimates["p_holds_20y"].value == pytest.approx(expected)


def test_ages_by_which_are_exact_where_curves_are_cubic():
    # Survival 1 - t^3 / 1000 on uneven ages: met everywhere but in the first piece, a parabola.
    years = np.array([1.0, 2.5, 4.0, 9.0])
    survival, rate = 1.0 - years**3 / 1000.0, 3.0 * years**2 / 1000.0
    shares = np.array([0.002, 0.03, 0.064, 0.5, 0.72899])
    found = ages_by_which(shares, years, survival[None], rate[None])[:, 0]
    np.testing.assert_allclose(found, np.cbrt(1000.0 * shares), atol=5.0 * 2.0**-20)
    assert ages_by_which(np.array([0.75]), years, survival[None], rate[None])[0] == np.inf


def test_ages_by_which_take_the_first_time_and_never_overshoot():
    # A cliff between flat parts, with slopes that a plain cubic would swing past.
    years = np.array([1.0, 2.0, 3.0, 4.0])
    survival = np.array([[0.9, 0.9, 0.1, 0.1]])
    rate = np.array([[0.0, 5.0, 5.0, 0.0]])
    shares = np.linspace(0.11, 0.89, 40)
    found = ages_by_which(shares, years, survival, rate)[:, 0]
    assert (np.diff(found) > 0.0).all()
    assert (found > 2.0).all()
    assert (found < 3.0).all()
    assert ages_by_which(np.array([0.1]), years, survival, rate)[0] == pytest.approx(1.0, abs=2e-6)
