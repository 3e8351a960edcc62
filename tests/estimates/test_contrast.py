"""Means over points of a sweep against each other: the paired error is the right one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np
import pytest

from simulator.estimates.compare import Plan, difference
from simulator.estimates.paired import Rows, contrast, values
from simulator.quantities import COMPARED

QUANTITY = "p_holds_20y"
EFFECT = 0.02

Error = Callable[[Sequence[Rows], Sequence[Rows]], float]


def made(shares: np.ndarray, horizon: float = 30.0) -> Rows:
    """A point at which these shares of the worlds of each draw hold 20 years, shape (D,)."""
    rows = np.zeros((len(shares), len(COMPARED)), np.float32)
    rows[:, COMPARED.index(QUANTITY)] = shares
    return Rows(np.arange(len(shares)), horizon, 16, rows)


def sweep(rng: np.random.Generator, draws: int) -> list[list[Rows]]:
    """Three points at each of two levels that share draws.

    The level adds `EFFECT` on average, with a standard deviation of 0.01 over draws; every point
    has noise of its own of 0.006 in each draw.
    """
    shared = 0.5 + rng.normal(0.0, 0.1, draws)
    effect = rng.normal(EFFECT, 0.01, draws)
    noise = rng.normal(0.0, 0.006, (2, 3, draws))
    return [[made(shared + i * effect + noise[i, j]) for j in range(3)] for i in range(2)]


def means(points: Sequence[Rows]) -> np.ndarray:
    """Mean of each draw over points."""
    return np.mean([values(point, QUANTITY) for point in points], axis=0)


def paired(points: Sequence[Rows], reference: Sequence[Rows]) -> float:
    error = contrast(points, reference, QUANTITY).mcse
    assert error is not None
    return error


def unpaired(points: Sequence[Rows], reference: Sequence[Rows]) -> float:
    """Wrong on purpose: as if the two means were of runs of their own."""
    parts = [means(some).var(ddof=1) / means(some).size for some in (points, reference)]
    return float(np.sqrt(sum(parts)))


def all_alone(points: Sequence[Rows], reference: Sequence[Rows]) -> float:
    """Wrong on purpose: as if each difference of two points were independent of the others."""
    pairs = [paired([a], [b]) for a, b in zip(points, reference, strict=True)]
    return float(np.sqrt(np.square(pairs).sum()) / len(pairs))


def coverage(error: Error, repetitions: int = 500) -> float:
    rng = np.random.default_rng(20250922)
    hits = 0
    for _ in range(repetitions):
        reference, points = sweep(rng, draws=48)
        value = contrast(points, reference, QUANTITY).value
        assert value is not None
        hits += abs(value - EFFECT) < 2.0 * error(points, reference)
    return hits / repetitions


@pytest.mark.slow
@pytest.mark.parametrize(
    ("error", "right"), [(paired, True), (unpaired, False), (all_alone, False)]
)
def test_two_paired_errors_hold_the_truth_as_often_as_they_should(
    error: Error, right: bool
) -> None:
    """Student's distribution of 15 degrees of freedom has 93.61 % within 2.

    Of 500 repetitions that has a standard deviation of 1.09 points; 4 of them are exceeded by
    chance once in 16,000 times, were the seed another.
    """
    assert (abs(coverage(error) - 0.9361) < 4 * 0.0109) == right


def test_one_point_against_one_is_a_comparison() -> None:
    (reference, *_), (point, *_) = sweep(np.random.default_rng(1), draws=32)
    expected = difference(Plan("b", point), Plan("a", reference), QUANTITY).estimate
    assert contrast([point], [reference], QUANTITY) == expected


def test_numbers_of_points_may_differ() -> None:
    reference, points = sweep(np.random.default_rng(2), draws=32)
    found = contrast(points, reference[:2], QUANTITY)
    delta = means(points) - means(reference[:2])
    assert found.value == pytest.approx(delta.mean())
    by_replicate = delta.reshape(2, 16).mean(axis=0)
    assert found.mcse == pytest.approx(by_replicate.std(ddof=1) / 4.0)


def test_points_of_different_draws_are_compared_in_those_of_all() -> None:
    reference, points = sweep(np.random.default_rng(6), draws=64)
    cut = [replace(one, draws=one.draws[:32], values=one.values[:32]) for one in points]
    expected = contrast(
        cut,
        [replace(one, draws=one.draws[:32], values=one.values[:32]) for one in reference],
        QUANTITY,
    )
    assert contrast([cut[0], *points[1:]], reference, QUANTITY) == expected


def test_the_range_over_assumptions_is_none_of_the_error() -> None:
    """The effect is normal over draws: 5 to 95 % are 1.645 of its standard deviations.

    With the noise of the points that is 0.0111. Of 4,000 draws an end of the range has a standard
    deviation of 0.00037; 5 of these are exceeded by chance less than once in a million times. The
    error is 1 / sqrt(4,000) of the scatter, and known to 0.18 of itself.
    """
    reference, points = sweep(np.random.default_rng(3), draws=4000)
    found = contrast(points, reference, QUANTITY)
    ends = EFFECT + np.array([-1.645, 1.645]) * 0.0111
    assert [found.p05, found.p95] == pytest.approx(ends, abs=5 * 0.00037)
    assert found.mcse == pytest.approx(0.0111 / 4000**0.5, rel=4 * 0.18)


def test_of_few_trials_there_is_no_range() -> None:
    reference, points = (
        [replace(one, trials=15) for one in some]
        for some in sweep(np.random.default_rng(4), draws=32)
    )
    found = contrast(points, reference, QUANTITY)
    assert found.mcse is not None
    assert found.p05 is found.p95 is None


def test_a_single_draw_has_neither_error_nor_range() -> None:
    reference, points = sweep(np.random.default_rng(4), draws=1)
    found = contrast(points, reference, QUANTITY)
    assert found.value is not None
    assert found.mcse is found.p05 is None


def test_what_is_equal_at_both_levels_is_told_as_nothing() -> None:
    """In whatever order the points are: sums of float32 numbers in float64 are exact."""
    _, points = sweep(np.random.default_rng(5), draws=700)
    found = contrast(points, points[::-1], QUANTITY)
    assert (found.value, found.mcse, found.p05) == (0.0, 0.0, 0.0)


def test_points_over_another_horizon_are_refused() -> None:
    point = made(np.full(3, 0.5))
    with pytest.raises(ValueError, match="cannot be compared"):
        contrast([point], [replace(point, horizon=10.0)], "rmst_years")
