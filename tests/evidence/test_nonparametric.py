"""Kaplan-Meier and log-rank against lifelines, and against counting by hand."""

import warnings

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from research.scores import kaplan_meier_replicates
from simulator.evidence.spells import (
    Floats,
    Spells,
    kaplan_meier,
    landmark,
    logrank,
    watched_from,
)


def _random(seed: int, late: bool, n: int = 60) -> Spells:
    rng = np.random.default_rng(seed)
    exit_ = np.round(rng.weibull(0.6, n) * 5 + 0.05, 1)  # rounded: ties
    entry = (
        np.where(rng.random(n) < 0.5, rng.uniform(0, 1, n) * exit_, 0.0) if late else np.zeros(n)
    )
    return Spells(exit_, rng.random(n) < 0.7, np.minimum(entry, exit_ - 0.01))


def _by_counting(spells: Spells, age: float) -> float:
    """The product over failure ages up to `age`, in plain loops."""
    s = 1.0
    for t in sorted({float(t) for t in spells.exit[spells.event] if t <= age}):
        at_risk = sum(1 for a, b in zip(spells.entry, spells.exit, strict=True) if a < t <= b)
        failed = sum(1 for b, e in zip(spells.exit, spells.event, strict=True) if e and b == t)
        s *= 1 - failed / at_risk
    return s


@pytest.mark.parametrize("late", [False, True], ids=["from the start", "delayed entry"])
def test_matches_counting_by_hand(late: bool) -> None:
    spells = _random(1, late)
    ages = np.array([0.1, 0.5, 1.0, 4.0, 9.0])
    curve = kaplan_meier(spells)
    expected = [_by_counting(spells, float(age)) for age in ages]
    np.testing.assert_allclose(curve.at(ages)[0], expected, rtol=1e-12)
    ones = np.ones((1, len(spells)))
    np.testing.assert_allclose(kaplan_meier_replicates(spells, ones, ages)[0], expected, rtol=1e-12)


@pytest.mark.parametrize("late", [False, True], ids=["from the start", "delayed entry"])
def test_curve_and_interval_match_lifelines(late: bool) -> None:
    lifelines = pytest.importorskip("lifelines")
    spells = _random(2, late)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # lifelines warns of its own pandas calls
        theirs = lifelines.KaplanMeierFitter(alpha=0.1).fit(
            spells.exit, spells.event, entry=spells.entry if late else None
        )
        ages = np.unique(spells.exit[spells.event])[:-1]
        expected = theirs.survival_function_at_times(ages).to_numpy()
        bounds = theirs.confidence_interval_.loc[ages].to_numpy()
    s, low, high = kaplan_meier(spells, 0.9).at(ages)
    inside = (s > 0) & (s < 1)
    np.testing.assert_allclose(s, expected, rtol=1e-10)
    np.testing.assert_allclose(low[inside], bounds[inside, 0], rtol=1e-8)
    np.testing.assert_allclose(high[inside], bounds[inside, 1], rtol=1e-8)


def test_curve_and_interval_match_scipy() -> None:
    spells = _random(3, late=False)
    theirs = stats.ecdf(stats.CensoredData.right_censored(spells.exit, ~spells.event)).sf
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # where S is 0 it has no bounds
        bounds = theirs.confidence_interval(0.9, method="log-log")
    ages = np.array([0.5, 2.0, 8.0])
    s, low, high = kaplan_meier(spells, 0.9).at(ages)
    np.testing.assert_allclose(s, theirs.evaluate(ages), rtol=1e-10)
    np.testing.assert_allclose(low, bounds.low.evaluate(ages), rtol=1e-10)
    np.testing.assert_allclose(high, bounds.high.evaluate(ages), rtol=1e-10)


@pytest.mark.parametrize(
    ("entry", "exit_", "event", "since"),
    [
        ([0, 0, 0], [1, 2, 3], [1, 1, 1], 0.0),
        ([0.5, 0.2], [1, 2], [1, 0], 0.2),  # nobody before the first entry
        ([0, 2, 2.5], [1, 5, 6], [1, 1, 0], 2.0),  # a lone early spell that failed
        ([0, 2, 2.5], [1, 5, 6], [0, 1, 0], 2.0),  # ... or was lost: nobody from 1 to 2
        ([0, 1, 2], [1, 5, 6], [1, 1, 0], 1.0),  # all who were watched failed as the next came
        ([0, 1, 2], [1, 5, 6], [0, 1, 0], 0.0),  # one life in stretches
        ([0, 1, 2, 0], [1, 5, 6, 1], [1, 1, 0, 0], 0.0),  # one of two survived
        ([0, 0.5, 3, 7], [1, 2, 6, 9], [1, 1, 1, 1], 7.0),  # the last of several gaps
    ],
)
def test_a_curve_begins_where_somebody_is_always_watched(
    entry: list[float], exit_: list[float], event: list[int], since: float
) -> None:
    spells = Spells(np.array(exit_), np.array(event, dtype=bool), np.array(entry))
    assert watched_from(spells) == since
    # from there on no risk set is empty before the last age
    rest = landmark(spells, since)
    ages = np.linspace(since, rest.exit.max(), 200)[1:]
    assert all(((rest.entry < age) & (age <= rest.exit)).any() for age in ages)


def test_the_curve_says_nothing_beyond_the_last_age_and_is_one_before_the_first() -> None:
    curve = kaplan_meier(Spells(np.array([1.0, 2.0, 3.0]), np.array([True, False, False])))
    s, low, high = curve.at(np.array([0.5, 3.0, 3.1]))
    assert s[0] == low[0] == high[0] == 1.0
    assert s[1] == pytest.approx(2 / 3)
    assert np.isnan([s[2], low[2], high[2]]).all()


def test_a_curve_that_reaches_zero_has_an_interval_to_zero() -> None:
    curve = kaplan_meier(Spells(np.array([1.0, 2.0]), np.array([True, True])))
    s, low, high = curve.at(np.array([2.0]))
    assert s[0] == low[0] == 0.0
    assert 0.0 < high[0] < 1.0


def test_nothing_failed_is_a_curve_at_one() -> None:
    curve = kaplan_meier(Spells(np.array([1.0, 2.0]), np.array([False, False])))
    assert curve.at(np.array([1.5]))[0][0] == 1.0


@given(st.integers(0, 10_000), st.lists(st.integers(0, 3), min_size=20, max_size=20))
@settings(max_examples=40)
def test_a_weighting_is_the_record_with_rows_repeated(seed: int, times: list[int]) -> None:
    spells = _random(seed, late=True, n=20)
    weights: Floats = np.array([times], dtype=np.float64)
    chosen = np.repeat(np.arange(20), times)
    if not len(chosen):
        return
    repeated = Spells(spells.exit[chosen], spells.event[chosen], spells.entry[chosen])
    ages = np.array([0.3, 1.0, 5.0])
    np.testing.assert_allclose(
        kaplan_meier_replicates(spells, weights, ages),
        kaplan_meier_replicates(repeated, np.ones((1, len(chosen))), ages),
        rtol=1e-12,
    )


def test_logrank_matches_lifelines() -> None:
    lifelines = pytest.importorskip("lifelines.statistics")
    one, other = _random(4, late=False), _random(5, late=False, n=45)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        theirs = lifelines.logrank_test(one.exit, other.exit, one.event, other.event)
    assert logrank(one, other) == pytest.approx(theirs.p_value, rel=1e-8)


def test_groups_never_watched_together_have_no_test() -> None:
    one = Spells(np.array([1.0, 1.5]), np.array([False, False]))
    other = Spells(np.array([2.0, 3.0]), np.array([True, True]))
    assert np.isnan(logrank(one, other))
