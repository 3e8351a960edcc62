"""Means over points of a sweep against each other: the paired error is the right one."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import pytest

from simulator.analysis.compare import Plan, difference
from simulator.analysis.contrast import contrast
from simulator.analysis.paired import UNITS, PairedSums

PATHS = 1_000_000  # of a group: rounding to whole paths is far below everything else
QUANTITY = "p_holds_20y"
EFFECT = 0.02

Error = Callable[[Sequence[PairedSums], Sequence[PairedSums]], float]


def made(shares: np.ndarray, horizon: float = 30.0) -> PairedSums:
    """A point at which these shares of the paths hold 20 years, shape (D, G)."""
    sums = np.zeros((*shares.shape, len(UNITS)), np.int64)
    sums[:, :, list(UNITS).index(QUANTITY)] = np.rint(shares * PATHS)
    return PairedSums(np.arange(len(shares)), horizon, np.full(shares.shape, PATHS), sums)


def sweep(rng: np.random.Generator, draws: int, groups: int = 2) -> list[list[PairedSums]]:
    """Three points at each of two levels that share draws and luck.

    The level adds `EFFECT` on average, with a standard deviation of 0.01 over draws; every point
    has path noise of its own of 0.006 a group, and shares noise of 0.02 with all others.
    """
    shared = 0.5 + rng.normal(0.0, 0.1, (draws, 1)) + rng.normal(0.0, 0.02, (draws, groups))
    effect = rng.normal(EFFECT, 0.01, (draws, 1))
    noise = rng.normal(0.0, 0.006, (2, 3, draws, groups))
    return [[made(shared + i * effect + noise[i, j]) for j in range(3)] for i in range(2)]


def means(points: Sequence[PairedSums]) -> np.ndarray:
    """Mean of each draw over points of the same size, worked out from shares."""
    i = list(UNITS).index(QUANTITY)
    return np.mean([(p.sums[:, :, i] / p.sizes).mean(axis=1) for p in points], axis=0)


def paired(points: Sequence[PairedSums], reference: Sequence[PairedSums]) -> float:
    error = contrast(points, reference, QUANTITY).mcse
    assert error is not None
    return error


def unpaired(points: Sequence[PairedSums], reference: Sequence[PairedSums]) -> float:
    """Wrong on purpose: as if the two means were of runs of their own."""
    parts = [means(some).var(ddof=1) / means(some).size for some in (points, reference)]
    return float(np.sqrt(sum(parts)))


def all_alone(points: Sequence[PairedSums], reference: Sequence[PairedSums]) -> float:
    """Wrong on purpose: as if each difference of two points were independent of the others."""
    pairs = [paired([a], [b]) for a, b in zip(points, reference, strict=True)]
    return float(np.sqrt(np.square(pairs).sum()) / len(pairs))


def coverage(error: Error, repetitions: int = 1000) -> float:
    rng = np.random.default_rng(20250922)
    hits = 0
    for _ in range(repetitions):
        reference, points = sweep(rng, draws=40)
        value = contrast(points, reference, QUANTITY).value
        assert value is not None
        hits += abs(value - EFFECT) < 2.0 * error(points, reference)
    return hits / repetitions


@pytest.mark.parametrize(
    ("error", "right"), [(paired, True), (unpaired, False), (all_alone, False)]
)
def test_two_paired_errors_hold_the_truth_as_often_as_they_should(
    error: Error, right: bool
) -> None:
    """Student's distribution of 39 degrees of freedom has 94.75 % within 2.

    Of 1,000 repetitions that has a standard deviation of 0.71 points; 4 of them are exceeded by
    chance once in 16,000 times, were the seed another.
    """
    assert (abs(coverage(error) - 0.9475) < 4 * 0.0071) == right


def test_one_point_against_one_is_a_comparison() -> None:
    (reference, *_), (point, *_) = sweep(np.random.default_rng(1), draws=25)
    expected = difference(Plan("b", point), Plan("a", reference), QUANTITY).estimate
    assert contrast([point], [reference], QUANTITY) == expected


def test_numbers_of_points_may_differ() -> None:
    reference, points = sweep(np.random.default_rng(2), draws=25)
    found = contrast(points, reference[:2], QUANTITY)
    delta = means(points) - means(reference[:2])
    assert found.value == pytest.approx(delta.mean())
    assert found.mcse == pytest.approx(delta.std(ddof=1) / 5.0)


def test_the_range_over_assumptions_is_none_of_the_error() -> None:
    """The effect is normal over draws: 5 to 95 % are 1.645 of its standard deviations, 0.01.

    Of 4,000 draws an end of the range has a standard deviation of 0.00034, and what the path noise
    adds before it is taken out is a tenth of the variance; 5 of these are exceeded by chance less
    than once in a million times. The error is 1 / sqrt(4,000) of the scatter, 0.0106.
    """
    reference, points = sweep(np.random.default_rng(3), draws=4000)
    found = contrast(points, reference, QUANTITY)
    ends = EFFECT + np.array([-1.645, 1.645]) * 0.01
    assert [found.p05, found.p95] == pytest.approx(ends, abs=5 * 0.00034)
    assert found.mcse == pytest.approx(0.0106 / 4000**0.5, rel=0.06)


def test_a_single_draw_has_an_error_of_its_paths_and_no_range() -> None:
    reference, points = sweep(np.random.default_rng(4), draws=1, groups=200)
    found = contrast(points, reference, QUANTITY)
    # Each level averages three noises of 0.006; of 200 groups the error is known to 5 %.
    assert found.mcse == pytest.approx(0.006 * (2 / 3) ** 0.5 / 200**0.5, rel=0.25)
    assert found.p05 is None


def test_what_is_equal_at_both_levels_is_told_as_nothing() -> None:
    _, points = sweep(np.random.default_rng(5), draws=7)
    found = contrast(points, points[::-1], QUANTITY)
    assert (found.value, found.mcse) == (0.0, 0.0)


def test_points_over_another_horizon_are_refused() -> None:
    point = made(np.full((3, 2), 0.5))
    with pytest.raises(ValueError, match="cannot be compared"):
        contrast([point], [made(np.full((3, 2), 0.5), horizon=10.0)], QUANTITY)
