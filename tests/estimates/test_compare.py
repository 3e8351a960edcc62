"""Comparisons: what they say is true of numbers made up for the purpose, and of real plans."""

from __future__ import annotations

from dataclasses import astuple, replace

import numpy as np
import pytest

from simulator.analysis.run import Job, run, tally_draws
from simulator.books.load import load_book
from simulator.estimates.compare import Plan, comparison, difference, ranking
from simulator.estimates.paired import (
    NotComparableError,
    Rows,
    comparable,
    join,
    rows_of,
    values,
)
from simulator.quantities import COMPARED, QUANTITIES
from simulator.scenario import load_scenario

DRAWS, TRIALS = 1024, 4


def job(sets=(), name="reassurance-force", seed=1, draws=DRAWS, trials=TRIALS):
    return Job(load_scenario(name, sets), load_book("evidence"), seed, draws, trials)


def simulated(job):
    return rows_of(tally_draws(job, 0, job.draws))


@pytest.fixture(scope="module")
def plans():
    return {
        "base": Plan("base", simulated(job())),
        "no logistics": Plan("no logistics", simulated(job(["us_backstop.logistics=false"]))),
        "fewer": Plan("fewer", simulated(job(["force.target_troops=10000"]))),
        "unarmed": Plan("unarmed", simulated(job(["ukraine_support.rearmament=0"]))),
    }


def made(shares, name="made", trials=16, quantity="p_holds_20y"):
    """Return a plan of which this share of each draw holds 20 years, and nothing else is known."""
    rows = np.zeros((len(shares), len(COMPARED)), np.float32)
    rows[:, COMPARED.index(quantity)] = shares
    return Plan(name, Rows(np.arange(len(shares)), 30.0, trials, rows))


def even(draws):
    return made(np.full(draws, 0.5), name="even")


def test_rows_are_the_same_however_the_draws_are_cut():
    whole = job(draws=50)
    parts = [rows_of(tally_draws(whole, *ends)) for ends in ((20, 50), (0, 7), (7, 20))]
    found, expected = join(parts), simulated(whole)
    np.testing.assert_array_equal(found.draws, expected.draws)
    np.testing.assert_array_equal(found.values, expected.values)
    assert (found.horizon, found.trials) == (30.0, TRIALS)
    with pytest.raises(ValueError, match="in two parts"):
        join([*parts, parts[0]])


def test_the_difference_is_that_of_single_runs(plans):
    one, two = run(job()).outcome, run(job(["force.target_troops=10000"])).outcome
    for name in COMPARED:
        found = difference(plans["base"], plans["fewer"], name).estimate.value
        ends = one.estimates[name].value, two.estimates[name].value
        # Rows have 24 bits: half of the last is 3e-8 of a value, and far less of a mean.
        assert found == pytest.approx(ends[0] - ends[1], abs=3e-8 * max(ends))


def test_the_order_of_two_plans_is_a_matter_of_sign(plans):
    for quantity in ("p_holds_20y", "troop_years"):
        there = difference(plans["base"], plans["fewer"], quantity)
        back = difference(plans["fewer"], plans["base"], quantity)
        assert there.estimate.value == -back.estimate.value
        assert there.estimate.mcse == pytest.approx(back.estimate.mcse, rel=1e-12)
    better, worse = (made(np.full(32, p), name=str(p)) for p in (0.5, 0.2))
    assert difference(better, worse, "p_holds_20y").p_better == 1.0
    assert difference(worse, better, "p_holds_20y").p_better == 0.0
    fast, slow = (made(np.full(32, p), quantity="p_collapse_within_2y") for p in (0.5, 0.2))
    assert difference(slow, fast, "p_collapse_within_2y").p_better == 1.0


@pytest.mark.parametrize("quantity", [name for name in COMPARED if QUANTITIES[name].spent])
def test_less_spent_is_not_better(quantity, plans):
    """A plan that fails at once spends least."""
    found = difference(plans["base"], plans["fewer"], quantity)
    assert found.significant
    assert found.p_better is found.p_better_mcse is None
    much, little = (made(np.full(32, p), quantity=quantity) for p in (0.5, 0.2))
    assert difference(much, little, quantity).p_better is None


@pytest.mark.parametrize("other", ["no logistics", "fewer", "unarmed"])
@pytest.mark.parametrize("quantity", ["p_holds_20y", "p_holds_30y", "rmst_years"])
def test_pairing_saves_at_least_nine_tenths_of_the_work(other, quantity, plans):
    """One lever changed: the paired variance is at most a tenth of that of independent runs."""
    assert difference(plans["base"], plans[other], quantity).gain > 10


def test_without_common_random_numbers_nothing_is_saved(plans):
    """The control: another seed for the second plan, and the gain is that of chance.

    The gain is 1 / (1 - r) with r the correlation of 16 replicates, about. That exceeds 0.75 of
    independent ones, either way, in one of 1,200 seeds.
    """
    other = Plan("other seed", simulated(job(["us_backstop.logistics=false"], seed=2)))
    assert 1 / 1.75 < difference(plans["base"], other, "p_holds_20y").gain < 4


@pytest.mark.slow
def test_the_paired_error_is_the_scatter_of_repetitions():
    """A thousand made-up comparisons: their scatter is what each of them says of itself.

    The draws of a replicate stray together, as points of one net do, so their own scatter says
    little of the error. A variance from 1,000 repetitions has a relative standard deviation of
    sqrt(2 / 1000) = 0.045: it strays by more than 0.25 less than once in ten million runs.
    """
    random = np.random.default_rng(7)
    for draws in (20, 64):
        found, said, alone = [], [], []
        for _ in range(1000):
            shared = random.normal(0.5, 0.05, draws)
            own = random.normal(0.01, 0.02, 16)[np.arange(draws) % 16]
            own += random.normal(0, 0.005, draws)
            one = difference(made(shared + own), made(shared), "p_holds_20y")
            found.append(one.estimate.value)
            said.append(one.estimate.mcse)
            alone.append(own.std(ddof=1) / np.sqrt(draws))
        assert np.var(found) == pytest.approx(np.mean(np.square(said)), rel=0.25)
        if draws == 64:  # wrong on purpose: as if the draws were independent
            assert np.var(found) > 2 * np.mean(np.square(alone))


def test_the_range_is_that_of_the_draws_differences():
    """Independent normal draws: an end has a standard error of 2.11 s / sqrt(n) = 0.0037.

    That of one comparison is known to a third of itself, or a little worse; the mean square of 200
    to 0.06. The rest of the 0.25 is for what 800 draws say of the density at an end.
    """
    random = np.random.default_rng(3)
    shared, own = random.normal(0.5, 0.1, 800), random.normal(0.02, 0.05, (200, 800))
    plans = [made(shared), *(made(shared + one) for one in own)]
    of = [d for d in comparison(plans, "p_holds_20y").differences if d.quantity == "p_holds_20y"]
    found = [one.estimate for one in of]
    ends = np.quantile(own, [0.05, 0.95], axis=1)
    np.testing.assert_allclose([one.p05 for one in found], ends[0], atol=1e-6)
    np.testing.assert_allclose([one.p95 for one in found], ends[1], atol=1e-6)
    for name in ("p05_mcse", "p95_mcse"):
        square = np.mean([getattr(one, name) ** 2 for one in found])
        assert np.sqrt(square) == pytest.approx(0.0037, rel=0.25)
    alone = difference(plans[7], plans[0], "p_holds_20y").estimate
    assert astuple(alone)[:6] == pytest.approx(astuple(found[6])[:6], rel=1e-12)


def best(ranked):
    return [one.p_best for one in ranked.places]


def test_draws_of_few_trials_have_neither_range_nor_shares():
    """In a draw the worlds have more of a difference than of an outcome."""
    own = np.linspace(-0.1, 0.2, 64)
    for trials, is_given in ((15, False), (16, True)):
        a, b = made(0.5 + own, name="a", trials=trials), made(np.full(64, 0.5), trials=trials)
        found, ranked = difference(a, b, "p_holds_20y"), ranking([a, b], "p_holds_20y")
        given = [found.estimate.p05, found.estimate.p95, found.p_better, ranked.p_order]
        given += [share for one in ranked.places for share in one[2:]]
        assert [one is not None for one in given] == [is_given] * len(given)
        assert ("--trials 16" in found.estimate.note) != is_given
        assert found.estimate.mcse is not None
        assert ranked.places[0].estimate.p05 is not None  # an outcome's range needs no more trials
    spent = [made(own, trials=4, quantity="cost_gbp"), made(-own, trials=4, quantity="cost_gbp")]
    assert ranking(spent, "cost_gbp").places[0].estimate.p05 is None


def test_draws_in_which_two_plans_are_equal_stay_so():
    """In half of the draws nothing differs, in the others the first is a little better."""
    ahead = np.zeros(64)
    ahead[::2] = 0.1 + np.linspace(0, 0.04, 32)
    a, b = made(0.5 + ahead, name="a"), made(np.full(64, 0.5), name="b")
    assert difference(a, b, "p_holds_20y").p_better == 0.75
    found = ranking([b, a], "p_holds_20y")
    assert found.order == ("a", "b")
    assert best(found) == [0.75, 0.25]
    assert found.p_order == 0.75


def test_the_error_of_a_share_is_that_of_so_many_draws():
    """Independent draws, of which 7 in 10 favour the first: sqrt(0.7 * 0.3 / 1600) = 0.0115.

    From 16 replicates it is known to 0.18 of itself; 4 of these are exceeded once in 16,000 seeds.
    """
    random = np.random.default_rng(2)
    own = np.where(random.uniform(size=1600) < 0.7, 0.03, -0.02)
    a, b = made(0.5 + own, name="a"), made(np.full(1600, 0.5), name="b")
    found, ranked = difference(a, b, "p_holds_20y"), ranking([a, b], "p_holds_20y")
    assert found.p_better == pytest.approx(0.7, abs=4 * 0.0115)
    assert found.p_better_mcse == pytest.approx(0.0115, rel=4 * 0.18)
    assert best(ranked) == pytest.approx([found.p_better, 1 - found.p_better])
    assert ranked.p_order == found.p_better
    errors = [ranked.p_order_mcse, *(one.p_best_mcse for one in ranked.places)]
    assert errors == pytest.approx([found.p_better_mcse] * 3)
    # Where all draws agree, half a draw may still be missing.
    assert difference(b, made(np.full(1600, 0.4)), "p_holds_20y").p_better_mcse == 0.5 / 1600


@pytest.mark.slow
def test_chance_is_significant_as_seldom_as_is_said():
    """Equal plans, 4,000 times: significant about once in 700 times, however few draws there are.

    6 times are expected; more than 19 happen by chance less than once in 100,000 runs.
    """
    random = np.random.default_rng(8)
    for draws in (3, 48):
        noise = 0.5 + random.normal(0.0, 0.02, (4000, draws))
        names = ["p_holds_20y"]
        found = comparison([even(draws), *map(made, noise)], *names).differences
        assert sum(one.significant for one in found if one.quantity in names) < 20
        # As many standard errors as independent draws would need are too few.
        naive = [x.mean() - 0.5 > 3.2 * x.std(ddof=1) / draws**0.5 for x in noise]
        assert draws > 3 or sum(naive) > 20
        assert difference(made(noise[0] + 0.5), even(draws), "p_holds_20y").significant


def test_one_draw_says_nothing_of_other_draws():
    a, b = made([0.6], name="a"), made([0.5], name="b")
    found, ranked = difference(a, b, "p_holds_20y"), ranking([a, b], "p_holds_20y")
    assert found.estimate.value == pytest.approx(0.1, abs=1e-6)
    assert found.estimate.mcse is found.p_better is found.gain is None
    assert not found.significant
    assert not found.same
    assert best(ranked) == [None, None]
    assert ranked.p_order is None


def test_equal_plans_are_called_equal(plans):
    found = difference(plans["base"], Plan("twin", plans["base"].rows), "p_holds_20y")
    assert found.same
    assert not found.significant
    assert found.gain is None
    assert difference(even(32), even(32), "p_holds_20y").p_better == 0.5


def test_rounding_sets_no_plans_apart():
    """The last bits of an outcome depend on how it was added up, those of a row do not."""
    shares = np.random.default_rng(1).uniform(size=64)
    other = made(shares * (1.0 + 1e-15))
    assert difference(made(shares), other, "p_holds_20y").same


def test_a_ranking_says_how_stable_it_is():
    steps = np.random.default_rng(6).permutation(np.linspace(-0.2, 0.2, 40))
    a = made(0.5 + 0 * steps, name="a")
    b = made(0.47 + steps, name="b")  # ahead of a in the draws above 0.03: 17 of 40
    c = made(0.2 + 0 * steps, name="c")
    found = ranking([c, b, a], "p_holds_20y")
    assert found.order == ("a", "b", "c")
    assert [one.estimate.value for one in found.places] == pytest.approx([0.5, 0.47, 0.2], abs=1e-6)
    assert best(found) == pytest.approx([23 / 40, 17 / 40, 0.0])
    # b falls behind c never: it is at 0.27 at worst.
    assert found.p_order == pytest.approx(23 / 40)
    assert [step.significant for step in found.steps] == [False, True]
    assert [(step.first, step.second) for step in found.unresolved] == [("a", "b")]
    backwards = ranking([a, b, c], "p_holds_20y")
    assert backwards.order == found.order


def test_ties_share_the_first_place():
    found = ranking([even(32), even(32)], "p_holds_20y")
    assert best(found) == [0.5, 0.5]
    assert not found.unresolved


def test_horizons_limit_what_can_be_compared():
    short = simulated(job(["horizon_years=10"], draws=4))
    long = simulated(job(draws=4))
    assert comparable([30.0, 30.0]) == COMPARED
    early = tuple(name for name in COMPARED if name.startswith("p_collapse"))
    assert comparable([10.0, 30.0]) == early
    assert "rmst_years" in comparable([10.0, 10.0])
    plans = [Plan("s", short), Plan("l", long)]
    assert tuple(comparison(plans, early[0]).estimates["s"]) == early
    with pytest.raises(NotComparableError, match=r"over horizons of 10 and 30 years; .*_2y"):
        difference(*plans, "p_holds_20y")
    with pytest.raises(NotComparableError, match="over horizons of 10 and 30 years"):
        ranking(plans, "rmst_years")


def test_plans_are_compared_in_the_draws_that_they_share():
    long, short = simulated(job(draws=64)), simulated(job(["force.posture=line"], draws=48))
    cut = replace(long, draws=long.draws[:48], values=long.values[:48])
    plans = [Plan("long", long), Plan("short", short)]
    found = comparison(plans, "p_holds_20y")
    expected = comparison([Plan("long", cut), plans[1]], "p_holds_20y")
    assert (found.draws, found.trials) == (48, TRIALS)
    assert found.differences == expected.differences
    assert found.estimates == expected.estimates
    assert found.ranking.places == expected.ranking.places
    assert difference(*plans, "rmst_years") == difference(Plan("long", cut), plans[1], "rmst_years")


@pytest.mark.parametrize(
    "other", [simulated(job(draws=4, trials=2)), rows_of(tally_draws(job(draws=8), 4, 8))]
)
def test_what_shares_no_draws_or_trials_is_not_compared(other):
    rows = simulated(job(draws=4))
    with pytest.raises(ValueError, match="same draws and trials"):
        difference(Plan("a", rows), Plan("b", other), "p_holds_20y")


def test_a_comparison_holds_every_plan_against_the_first(plans):
    found = comparison(list(plans.values()), "rmst_years")
    assert found.reference == "base"
    firsts = list(dict.fromkeys(one.first for one in found.differences))
    assert firsts == ["no logistics", "fewer", "unarmed"]
    assert len(found.differences) == 3 * len(COMPARED)
    assert set(found.ranking.order) == set(plans)
    base = values(plans["base"].rows, "cost_gbp")
    assert found.estimates["base"]["cost_gbp"].value == pytest.approx(base.mean(), rel=1e-12)
    with pytest.raises(ValueError, match="at least two"):
        comparison([plans["base"]], "rmst_years")
