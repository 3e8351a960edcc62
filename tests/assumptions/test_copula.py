"""The Gaussian copula: the correlation asked for, untouched margins, contradictions refused.

Sample sizes are chosen so that each test raises a false alarm with probability below 1e-6 (were the
seeds drawn anew) and still tells the correlation asked for from the one that mistaking it for a
rank correlation would give.
"""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.special import chdtrc, ndtr, ndtri

from simulator.addresses import independent_assumption_uniform
from simulator.books.layers import ContradictionError, cholesky, correlate, groups

N = 2**18
FALSE_ALARM = 1e-6


def independent(count: int) -> list[np.ndarray]:
    return [independent_assumption_uniform(11, f"x{i}", np.arange(N)) for i in range(count)]


def correlation_p(a: np.ndarray, b: np.ndarray, rho: float) -> float:
    """Two-sided p of the correlation of normal scores, by Fisher's transformation."""
    x, y = (scores - scores.mean() for scores in (ndtri(a), ndtri(b)))
    r = (x * y).sum() / np.sqrt((x * x).sum() * (y * y).sum())
    z = (math.atanh(r) - math.atanh(rho)) * math.sqrt(N - 3)
    return float(2 * ndtr(-abs(z)))


PAIRS = {("a", "b"): 0.6, ("b", "c"): -0.5, ("a", "c"): 0.2, ("c", "d"): 0.95}


def test_every_pair_has_the_correlation_asked_for():
    names = ("a", "b", "c", "d")
    pairs = PAIRS | {("b", "d"): -0.45, ("a", "d"): 0.2}
    mixed = correlate(independent(4), cholesky(names, pairs))
    p = [
        correlation_p(mixed[names.index(a)], mixed[names.index(b)], rho)
        for (a, b), rho in pairs.items()
    ]
    assert min(p) > FALSE_ALARM / len(p)


def test_the_test_tells_rank_correlation_and_independence_apart():
    u = independent(2)
    assert correlation_p(*u, 0.6) < FALSE_ALARM
    as_rank = 2 * math.sin(math.pi * 0.6 / 6)
    mixed = correlate(u, cholesky(("a", "b"), {("a", "b"): as_rank}))
    assert correlation_p(*mixed, 0.6) < FALSE_ALARM


def test_margins_stay_uniform_and_the_first_stays_itself():
    u = independent(3)
    mixed = correlate(
        u, cholesky(("a", "b", "c"), {("a", "b"): 0.9, ("b", "c"): 0.7, ("a", "c"): 0.5})
    )
    assert np.array_equal(mixed[0], u[0])
    for values in mixed:
        counts = np.bincount((values * 64).astype(int), minlength=64)
        statistic = ((counts - N / 64) ** 2).sum() / (N / 64)
        upper = float(chdtrc(63, statistic))
        assert 2 * min(upper, 1 - upper) > FALSE_ALARM / 3


def test_a_draw_does_not_depend_on_how_many_are_drawn():
    names = tuple("abcdef")
    pairs = {(a, b): 0.3 for a in names for b in names if a < b}
    u = independent(6)
    lower = cholesky(names, pairs)
    whole = correlate([x[:1000] for x in u], lower)
    for start, stop in ((0, 1), (1, 8), (993, 1000)):
        part = correlate([x[start:stop] for x in u], lower)
        assert all(np.array_equal(p, w[start:stop]) for p, w in zip(part, whole, strict=True))


def test_extreme_scores_stay_inside_the_unit_interval():
    extreme = np.array([2.0**-53, 1 - 2.0**-53])
    names = tuple("abcd")
    pairs = {(a, b): 0.5 for a in names for b in names if a < b}
    for values in correlate([extreme] * 4, cholesky(names, pairs)):
        assert np.all((values >= 2.0**-53) & (values <= 1 - 2.0**-53))


def test_groups_join_what_is_correlated_through_others():
    assert groups([]) == []
    assert groups([("b", "c"), ("x", "y"), ("c", "d"), ("a", "d")]) == [
        ("a", "b", "c", "d"),
        ("x", "y"),
    ]
    # The order of the model comes first, so that the first of a group keeps its own numbers.
    assert groups([("hr.air", "w0"), ("contributors.france.troops", "w0")]) == [
        ("w0", "hr.air", "contributors.france.troops")
    ]


@pytest.mark.parametrize(
    "pairs",
    [
        {("a", "b"): 0.9, ("b", "c"): 0.9, ("a", "c"): -0.9},
        {("a", "b"): 0.8, ("b", "c"): 0.8},  # a and c are left at 0
    ],
)
def test_contradictory_correlations_are_refused(pairs):
    with pytest.raises(
        ContradictionError, match=r"a, b, c contradict .* must be positive"
    ) as caught:
        cholesky(("a", "b", "c"), pairs)
    assert "between a, b, c contradict" in str(caught.value)
