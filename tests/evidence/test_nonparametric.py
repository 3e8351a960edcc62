"""Kaplan-Meier and log-rank against lifelines, and against counting by hand."""

import warnings

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.evidence.nonparametric import kaplan_meier, kaplan_meier_replicates, logrank
from simulator.evidence.spells import Floats, Spells


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


def test_both_ways_give_the_same_interval() -> None:
    """scipy's curve without truncation, ours with: a row that enters at 1e-9 years is no news."""
    spells = _random(3, late=False)
    entry = np.zeros(len(spells))
    entry[0] = 1e-9
    ours = kaplan_meier(Spells(spells.exit, spells.event, entry))
    scipys = kaplan_meier(spells)
    ages = np.array([0.5, 2.0, 8.0])
    for a, b in zip(ours.at(ages), scipys.at(ages), strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-10)


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


def test_logrank_matches_lifelines_and_refuses_truncation() -> None:
    lifelines = pytest.importorskip("lifelines.statistics")
    one, other = _random(4, late=False), _random(5, late=False, n=45)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        theirs = lifelines.logrank_test(one.exit, other.exit, one.event, other.event)
    ours = logrank(one, other)
    assert ours.p_value == pytest.approx(theirs.p_value, rel=1e-8)
    assert ours.statistic**2 == pytest.approx(theirs.test_statistic, rel=1e-8)
    with pytest.raises(ValueError, match="landmark"):
        logrank(one, _random(6, late=True))
