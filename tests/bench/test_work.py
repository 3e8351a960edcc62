"""Variances, work and gains are what they are defined to be."""

from __future__ import annotations

import numpy as np
import pytest

from simulator.addresses import REPLICATES
from simulator.analysis.inputs import load_plans
from simulator.bench import work as benched
from simulator.bench.work import (
    ESTIMATES,
    Found,
    Sample,
    arms,
    best_split,
    difference_of,
    engine,
    estimates,
    gain,
    path_rows,
    work,
)

PARTS = {"draw": 2.0, "compile": 1.0, "simulate": 5.0, "tally": 1.0}


def sample(rows, trials=4, even=False):
    rows = np.asarray(rows, float)
    return Sample(PARTS, np.repeat(rows[..., None], len(ESTIMATES), axis=-1), trials, even)


def found(variance=1.0, drawing=1.0, simulating=1.0, draws=100, trials=10, within=None):
    return Found(variance, drawing, simulating, draws, trials, within)


def test_the_variance_of_independent_draws_is_that_of_their_mean():
    values = np.random.default_rng(1).normal(size=50)
    one = estimates([sample(values[None])], "no-force")[ESTIMATES[0]]
    assert one.variance == pytest.approx(values.var(ddof=1) / 50)
    assert (one.drawing, one.simulating, one.seconds) == (3.0, 6.0, 9.0)


def test_the_variance_of_even_draws_is_that_of_their_replicates():
    values = np.random.default_rng(2).normal(size=REPLICATES * 5)
    one = estimates([sample(values[None], even=True)], "no-force")[ESTIMATES[0]]
    means = values.reshape(5, REPLICATES).mean(axis=0)
    assert one.variance == pytest.approx(means.var(ddof=1) / REPLICATES)


def test_a_difference_is_paired_and_takes_the_time_of_both():
    values = np.random.default_rng(3).normal(size=(2, 50))
    both = [sample(values[:1]), sample(values[1:])]
    one = estimates(both, "no-force")[difference_of(ESTIMATES[0], "no-force")]
    assert one.variance == pytest.approx((values[0] - values[1]).var(ddof=1) / 50)
    assert one.seconds == 18.0


def test_halves_of_the_paths_give_the_variance_within_draws():
    # 20,000 draws of 40 paths: the variance within is known to a relative .01; 4 of it are .04.
    random = np.random.default_rng(4)
    draws = random.normal(size=20_000)
    halves = draws + random.normal(scale=3.0 / np.sqrt(20), size=(2, 20_000))
    one = estimates([sample(halves, trials=40)], "no-force")[ESTIMATES[0]]
    assert one.within == pytest.approx(9.0, rel=0.04)


def test_estimates_beyond_the_horizon_are_left_out():
    (plan,) = load_plans(["no-force"], None, ["horizon_years=10"])
    assert list(estimates(engine([plan], 1, True, draws=32), "no-force")) == [
        "p_collapse_within_2y",
        "rmst_years",
    ]
    assert np.isnan(path_rows(np.array([1.0]), np.array([True]), 10.0)[0, 1])


def test_outcomes_of_paths():
    rows = path_rows(np.array([1.0, 15.0, 25.0, 30.0]), np.array([1, 1, 1, 0], bool), 30.0)
    np.testing.assert_array_equal(rows[:, 0], [1, 0, 0, 0])
    np.testing.assert_array_equal(rows[:, 1], [0, 0, 1, 1])


def test_the_best_split_balances_draws_and_paths():
    # Between 1 and within 4 and a path at a hundredth of a draw: sqrt(4 / 1 * 100) = 20 paths.
    one = found(variance=(1.0 + 4.0 / 10) / 100, drawing=100.0, simulating=10.0, within=4.0)
    needed, paths = best_split([one])
    assert paths == 20
    assert needed == pytest.approx((1.0 + 4.0 / 20) * (1.0 + 0.01 * 20))
    assert needed < work([one])


def test_a_gain_compares_work_and_its_interval_holds_it():
    # 400 benchmarks of 10 rounds, true gain 6: intervals of 95 % hold it in 91 to 98.5 %
    # (4 binomial standard deviations and .007 of a jackknife's own bias).
    random = np.random.default_rng(5)
    inside = []
    for _ in range(400):
        slow = random.lognormal(sigma=0.3, size=10)  # what slows a round, slows both
        core = [found(random.chisquare(15) / 15, 0.0, s) for s in slow]
        arm = [found(2.0, 0.0, 3.0 * s) for s in slow]
        one = gain(arm, core)
        inside.append(one.low <= 6.0 <= one.high)
        assert one.value == pytest.approx(work(arm) / work(core))
    assert 0.91 <= np.mean(inside) <= 0.985


def test_equal_plans_have_no_gain():
    assert gain([found()] * 2, [found(variance=0.0)] * 2) is None


@pytest.mark.slow
@pytest.mark.parametrize("name", arms())
def test_arms_find_the_same_outcomes(name):
    """|z| <= 4.5 for each of 5 arms x 3 estimates: one is above it with at most 1e-4."""
    arm = arms()[name]
    if arm is None:
        pytest.skip("not at hand")
    plans = load_plans(["reassurance-force"])
    (rows,) = (one.rows.mean(axis=0) for one in engine(plans, 9, True, draws=8192))
    (of,) = arm(plans, 1)
    values = of.rows.mean(axis=0)
    noise = values.std(axis=0, ddof=1) / np.sqrt(len(values))  # of even draws an upper bound
    assert np.all(np.abs(values.mean(axis=0) - rows.mean(axis=0)) <= 4.5 * noise)


def test_developers_arms_are_null_without_a_checkout(monkeypatch, tmp_path):
    monkeypatch.setattr(benched.simulator, "__file__", str(tmp_path / "simulator" / "__init__.py"))
    at_hand = {name for name, arm in arms().items() if arm is not None}
    assert at_hand == {"core", "simpy", "independent"}
