"""Comparisons: what they say is true of numbers made up for the purpose, and of real plans."""

from __future__ import annotations

import numpy as np
import pytest

from simulator.analysis.compare import Plan, comparison, difference, ranking
from simulator.analysis.paired import (
    BETTER,
    SPENT,
    UNITS,
    PairedSums,
    add_paths,
    comparable,
    groups_for,
    merge_sums,
    no_sums,
)
from simulator.analysis.run import Job, compile_job, run
from simulator.assumptions.book import load_book
from simulator.engines.core import simulate
from simulator.scenario import load_scenario

DRAWS, PATHS = 150, 40


def simulated(job, cuts=()):
    model, _ = compile_job(job)
    total = job.draws * job.paths
    parts = []
    for first, last in zip((0, *cuts), (*cuts, total), strict=True):
        sums = no_sums(model.draws, model.horizon, groups_for(job.draws, job.paths))
        add_paths(sums, simulate(model, job.paths, first, last), job.paths)
        parts.append(sums)
    return merge_sums(parts)


def job(sets=(), name="reassurance-force", seed=1, draws=DRAWS, paths=PATHS):
    return Job(load_scenario(name, sets), load_book("evidence"), seed, draws, paths)


@pytest.fixture(scope="module")
def plans():
    return {
        "base": Plan("base", simulated(job())),
        "no logistics": Plan("no logistics", simulated(job(["us_backstop.logistics=false"]))),
        "fewer": Plan("fewer", simulated(job(["force.target_troops=2000"]))),
        "unarmed": Plan("unarmed", simulated(job(["ukraine_support.rearmament=0"]))),
    }


def made(values, paths=1000, name="made"):
    """Return a plan whose mean number of paths that hold 20 years is ``values``, shape (D, G)."""
    values = np.asarray(values)
    sums = np.zeros((*values.shape, len(UNITS)), np.int64)
    sums[:, :, list(UNITS).index("p_holds_20y")] = np.rint(values * paths)
    sizes = np.full(values.shape, paths, np.int64)
    return Plan(name, PairedSums(np.arange(values.shape[0]), 30.0, sizes, sums))


def test_sums_are_the_same_however_the_paths_are_cut():
    whole = simulated(job(draws=6, paths=10))
    for cuts in ((1,), (7, 33), (10, 20, 59)):
        parts = simulated(job(draws=6, paths=10), cuts)
        assert parts.horizon == whole.horizon
        for name in ("draws", "sizes", "sums"):
            np.testing.assert_array_equal(getattr(parts, name), getattr(whole, name))


def test_the_difference_is_that_of_single_runs(plans):
    one, two = run(job()).outcome, run(job(["force.target_troops=2000"])).outcome
    for name in ("p_collapse_within_2y", "p_holds_20y", "p_holds_30y", "rmst_years", "cost_gbp"):
        found = difference(plans["base"], plans["fewer"], name).estimate.value
        expected = one.estimates[name].value - two.estimates[name].value
        # Life times are rounded to 2**-10 years and costs to a million pounds a path.
        assert found == pytest.approx(
            expected, abs={"rmst_years": 1e-3, "cost_gbp": 1e6}.get(name, 1e-12)
        )


def test_the_order_of_two_plans_is_a_matter_of_sign(plans):
    for quantity in ("p_holds_20y", "troop_years"):
        there = difference(plans["base"], plans["fewer"], quantity)
        back = difference(plans["fewer"], plans["base"], quantity)
        assert there.estimate.value == -back.estimate.value
        assert there.estimate.mcse == back.estimate.mcse
        assert there.gain == back.gain
    better, worse = (made(np.full((9, 4), p), name=str(p)) for p in (0.5, 0.2))
    assert difference(better, worse, "p_holds_20y").p_better == 1.0
    assert difference(worse, better, "p_holds_20y").p_better == 0.0


@pytest.mark.parametrize("quantity", SPENT)
def test_less_spent_is_not_better(quantity, plans):
    """A plan that fails at once spends least."""
    found = difference(plans["base"], plans["fewer"], quantity)
    assert found.told_apart
    assert found.p_better is found.p_better_mcse is None


@pytest.mark.parametrize("other", ["no logistics", "fewer", "unarmed"])
@pytest.mark.parametrize("quantity", ["p_holds_20y", "p_holds_30y", "rmst_years"])
def test_pairing_saves_at_least_nine_tenths_of_the_work(other, quantity, plans):
    """One lever changed: the paired variance is at most a tenth of that of independent runs."""
    assert difference(plans["base"], plans[other], quantity).gain > 10


def test_without_common_random_numbers_nothing_is_saved(plans):
    """The control: another seed for the second plan, and the gain is that of chance."""
    other = Plan("other seed", simulated(job(["us_backstop.logistics=false"], seed=2)))
    found = difference(plans["base"], other, "p_holds_20y")
    # Over 150 draws the correlation of independent means has a standard deviation of 0.082, so
    # the gain strays from 1 by more than 0.5 about once in ten thousand seeds.
    assert 1 / 1.5 < found.gain < 1.5


def test_fixed_assumptions_are_compared_path_by_path():
    """One draw: everything that differs is luck, and most of it is shared."""
    base = Plan("base", simulated(job(draws=1, paths=4000)))
    other = Plan("other", simulated(job(["us_backstop.logistics=false"], draws=1, paths=4000)))
    found = difference(base, other, "rmst_years")
    assert found.estimate.p05 is None
    assert found.p_better_mcse is None
    assert found.gain > 10


def test_the_paired_error_is_the_scatter_of_repetitions():
    """A thousand made-up comparisons: their scatter is what each of them says of itself.

    A variance from 1000 repetitions has a relative standard deviation of sqrt(2 / 1000) = 0.045,
    so it strays by more than 0.25 less than once in ten million runs.
    """
    random = np.random.default_rng(7)
    for draws, groups in ((1, 1024), (30, 34), (600, 2)):
        found, said = [], []
        for _ in range(1000):
            luck = random.normal(0.5, 0.05, (draws, 1)) + random.normal(0, 0.1, (draws, groups))
            own = random.normal(0.01, 0.02, (draws, groups)) + random.normal(0, 0.01, (draws, 1))
            one = difference(made(luck + own, 10**6), made(luck, 10**6), "p_holds_20y")
            found.append(one.estimate.value)
            said.append(one.estimate.mcse)
        if draws == 1:  # one draw knows nothing of the scatter between draws
            assert np.mean(np.square(said)) == pytest.approx(0.02**2 / groups, rel=0.25)
        else:
            assert np.var(found) == pytest.approx(np.mean(np.square(said)), rel=0.25)


def test_the_range_over_draws_is_free_of_path_noise():
    """Truth: normal over draws with standard deviation 0.05; the variance of paths is half of its.

    From 2000 draws the 5th and 95th percentile are known to about 0.0024 (one standard error).
    """
    random = np.random.default_rng(3)
    draws, groups = 2000, 4
    truth = random.normal(0.02, 0.05, draws)
    noisy = truth[:, None] + random.normal(0, 0.05 * np.sqrt(groups / 2), (draws, groups))
    found = difference(
        made(0.5 + noisy, 10**6), made(np.full((draws, groups), 0.5), 10**6), "p_holds_20y"
    )
    low, high = np.quantile(truth, [0.05, 0.95])
    assert found.estimate.p05 == pytest.approx(low, abs=0.01)
    assert found.estimate.p95 == pytest.approx(high, abs=0.01)
    raw = np.quantile(noisy.mean(axis=1), [0.05, 0.95])
    assert raw[1] - raw[0] > 1.15 * (found.estimate.p95 - found.estimate.p05)
    assert found.p_better is None  # a third of the variance: many draws have the wrong sign


def test_draws_in_which_two_plans_are_equal_stay_so():
    """In half of the draws nothing differs, in the others the first is a little better."""
    ahead = np.zeros((60, 4))
    ahead[::2] = 0.1 + np.linspace(0, 0.04, 30)[:, None] + [0.0, 0.01, -0.01, 0.02]
    a, b = made(0.5 + ahead, name="a"), made(np.full((60, 4), 0.5), name="b")
    assert difference(a, b, "p_holds_20y").p_better == 0.75
    found = ranking([b, a], "p_holds_20y")
    assert found.order == ("a", "b")
    assert found.p_best == (0.75, 0.25)
    assert found.p_order == 0.75


@pytest.mark.parametrize("paths", [40, 400, 4000])
def test_a_share_of_the_draws_is_right_or_not_given(paths):
    """Counted paths: in 7 of 10 draws the first plan holds more often, in the others less."""
    random = np.random.default_rng(2)
    truth = np.where(np.arange(400) % 10 < 7, 0.03, -0.02) * random.uniform(0.5, 1.5, 400)
    groups = np.full((400, 2), paths // 2)
    better = random.binomial(groups, np.maximum(truth, 0.0)[:, None]) / groups
    worse = random.binomial(groups, np.maximum(-truth, 0.0)[:, None]) / groups
    a = made(0.5 + better, paths // 2, name="a")
    b = made(0.5 + worse, paths // 2, name="b")
    a.sums.sums[:, :, list(UNITS).index("rmst_years")] = 1  # lives differ in every draw
    found, ranked = difference(a, b, "p_holds_20y"), ranking([a, b], "p_holds_20y")
    if paths == 40:
        assert (found.p_better, found.p_better_mcse) == (None, None)
        assert ranked.p_best == (None, None)
        assert ranked.p_order is None
    else:
        assert found.p_better == pytest.approx(0.7, abs=0.1)
        assert ranked.p_best == pytest.approx([0.7, 0.3], abs=0.1)
        assert ranked.p_order == pytest.approx(found.p_better)
        assert ranked.p_order_mcse == pytest.approx(found.p_better_mcse)
        assert ranked.p_best_mcse == pytest.approx([found.p_better_mcse] * 2)
        # So many draws alone: sqrt(0.7 * 0.3 / 400) = 0.023.
        assert 0.022 < found.p_better_mcse < 0.023 + 0.15 / 2


def test_a_plan_clearly_behind_is_not_the_best_whatever_noise_hides_among_the_others():
    random = np.random.default_rng(4)
    noise = random.normal(0.0, 0.01, (2, 50, 4))
    a, b = (made(0.5 + one, 10**6, name=name) for name, one in zip("ab", noise, strict=True))
    last = made(np.full((50, 4), 0.2), 10**6, name="last")
    found = ranking([last, a, b], "p_holds_20y")
    assert found.order[-1] == "last"
    assert found.p_best == (None, None, 0.0)
    assert found.p_order is None


def test_no_path_that_differs_does_not_make_two_plans_the_same():
    """The lives differ, only not in what was counted: more paths could show it there too."""
    a, b = made(np.full((20, 4), 0.5), name="a"), made(np.full((20, 4), 0.5), name="b")
    a.sums.sums[:, 2, list(UNITS).index("rmst_years")] += 1
    found = difference(a, b, "p_holds_20y")
    assert not found.same
    assert not found.told_apart
    assert found.p_better is None
    assert ranking([a, b], "p_holds_20y").unresolved


def test_few_draws_tell_apart_only_what_is_far_apart():
    """Equal plans, 4,000 times: told apart about once in 700 times, however few draws there are.

    6 times are expected; more than 19 happen by chance less than once in 100,000 runs.
    """
    random = np.random.default_rng(8)
    for draws in (3, 10):
        luck = 0.5 + random.normal(0.0, 0.02, (4000, draws, 2))
        even = made(np.full((draws, 2), 0.5), 10**6)
        told = [difference(made(x, 10**6), even, "p_holds_20y").told_apart for x in luck]
        assert sum(told) < 20
    assert difference(made(luck[0] + 0.1, 10**6), even, "p_holds_20y").told_apart


def test_one_draw_says_nothing_of_other_draws():
    a, b = made(np.full((1, 4), 0.6), name="a"), made(np.full((1, 4), 0.5), name="b")
    found, ranked = difference(a, b, "p_holds_20y"), ranking([a, b], "p_holds_20y")
    assert found.told_apart
    assert found.p_better is None
    assert ranked.p_best == (None, None)
    assert ranked.p_order is None


def test_equal_plans_are_called_equal(plans):
    found = difference(plans["base"], Plan("twin", plans["base"].sums), "p_holds_20y")
    assert found.same
    assert not found.told_apart
    assert found.p_better == 0.5
    assert found.gain is None


def test_what_is_lost_in_noise_is_not_called_better():
    """All draws differ alike, and only by luck: nobody can say in which a plan is better."""
    random = np.random.default_rng(5)
    luck = random.normal(0.5, 0.1, (100, 4))
    luck -= luck.mean(axis=1, keepdims=True) * 0.999  # draws scatter less than their paths
    found = difference(made(0.5 + luck), made(np.full((100, 4), 0.5)), "p_holds_20y")
    assert found.estimate.p05 is None
    assert found.p_better is None
    assert found.p_better_mcse is None


def test_less_is_better_where_less_is_better():
    assert {name for name, sign in BETTER.items() if sign < 0} == {
        "p_collapse_within_2y",
        "troop_years",
        "cost_gbp",
    }
    assert list(BETTER) == list(UNITS)


def test_a_ranking_says_how_stable_it_is():
    steps = np.linspace(-0.2, 0.2, 40)[:, None] * np.ones((40, 4))
    a = made(0.5 + 0 * steps, name="a")
    b = made(0.45 + steps, name="b")  # ahead of a in the draws above 0.05: 15 of 40
    c = made(0.2 + 0 * steps, name="c")
    found = ranking([c, b, a], "p_holds_20y")
    assert found.order == ("a", "b", "c")
    assert [e.value for e in found.estimates] == pytest.approx([0.5, 0.45, 0.2], abs=1e-3)
    assert found.p_best == pytest.approx([25 / 40, 15 / 40, 0.0])
    # b falls behind c never: it is at 0.25 at worst.
    assert found.p_order == pytest.approx(25 / 40)
    assert [step.told_apart for step in found.steps] == [False, True]
    assert [(step.first, step.second) for step in found.unresolved] == [("a", "b")]
    backwards = ranking([a, b, c], "p_holds_20y")
    assert backwards.order == found.order


def test_ties_share_the_first_place():
    found = ranking([made(np.full((5, 2), 0.5), name=n) for n in "ab"], "p_holds_20y")
    assert found.p_best == (0.5, 0.5)
    assert not found.unresolved


def test_of_equal_plans_noise_hides_both_or_neither():
    noise = np.random.default_rng(4).normal(0.0, 0.01, (2, 50, 4))
    a, twin, b = (made(0.5 + noise[i], 10**6, name=n) for i, n in ((0, "a"), (0, "twin"), (1, "b")))
    assert ranking([a, twin, b], "p_holds_20y").p_best == (None, None, None)


def test_horizons_limit_what_can_be_compared():
    short = simulated(job(["horizon_years=10"], draws=4, paths=4))
    long = simulated(job(draws=4, paths=4))
    assert comparable([long, long]) == tuple(UNITS)
    assert comparable([short, long]) == ("p_collapse_within_2y",)
    assert "rmst_years" in comparable([short, short])
    with pytest.raises(ValueError, match="cannot be compared over these horizons"):
        difference(Plan("s", short), Plan("l", long), "p_holds_20y")
    with pytest.raises(ValueError, match="cannot be compared over these horizons"):
        ranking([Plan("s", short), Plan("l", long)], "rmst_years")
    with pytest.raises(ValueError, match="same draws and paths"):
        comparable([long, simulated(job(draws=5, paths=4))])


def test_a_comparison_holds_every_plan_against_the_first(plans):
    found = comparison(list(plans.values()), "rmst_years")
    assert found.reference == "base"
    firsts = list(dict.fromkeys(one.first for one in found.differences))
    assert firsts == ["no logistics", "fewer", "unarmed"]
    assert len(found.differences) == 3 * len(UNITS)
    assert set(found.ranking.order) == set(plans)
    with pytest.raises(ValueError, match="at least two"):
        comparison([plans["base"]], "rmst_years")
