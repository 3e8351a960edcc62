"""The frontier against brute force, a case worked out by hand, and repeated runs."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.decide.frontier import POOLED, envelope, fieller, frontier, frontiers

from .conftest import REPLICATES, draws_of

LINES = st.lists(st.tuples(st.integers(0, 20), st.integers(-50, 50)), min_size=1, max_size=8)


@given(LINES)
def test_envelope_is_highest_everywhere(lines: list[tuple[int, int]]) -> None:
    slope, level = (np.array(one, float) for one in zip(*lines, strict=True))
    on = envelope(slope, level)
    for v in np.append(np.linspace(0.0, 12.0, 121), 1e6):
        assert (slope[on] * v + level[on]).max() == pytest.approx((slope * v + level).max())
    # In order, and none without a stretch of its own.
    crossings = [(level[a] - level[b]) / (slope[b] - slope[a]) for a, b in pairwise(on)]
    assert (np.diff(slope[on]) > 0.0).all()
    assert (np.diff([0.0, *crossings]) >= 0.0).all()
    assert (np.diff(crossings) > 0.0).all()


def two_plans(rng: np.random.Generator, size: int = 1_600):
    """Holding more by .1 for 5 more: worth it from 50 on."""
    held, spent = rng.normal(0.5, 0.2, (2, size)), rng.normal(20.0, 4.0, (2, size))
    held[1] += 0.1
    spent[1] += 5.0
    return draws_of({"p_holds_20y": held, "cost_gbp": spent})


def test_switch_points_and_shares() -> None:
    draws = two_plans(np.random.default_rng(1))
    found = frontier(draws)
    (change,) = found.changes
    assert found.plans == ("p0", "p1")
    assert (change.below, change.above) == ("p0", "p1")
    assert change.low < change.worth.value < change.high
    assert change.low <= 50.0 <= change.high
    lines = np.array([found.mean_worth["p0"], found.mean_worth["p1"]])
    held, spent = found.peace["p1"].value, found.cost["p1"].value
    np.testing.assert_allclose(lines[1], held * np.array(found.worths) - spent)
    best = np.array([found.probability_best["p0"], found.probability_best["p1"]])
    np.testing.assert_allclose(best.sum(axis=0), 1.0)
    for v, share in zip(found.worths, best[1], strict=True):
        worth = v * draws.outcomes["p_holds_20y"] - draws.outcomes["cost_gbp"]
        assert share == np.mean(worth[1] > worth[0])
    assert found.worths[0] < change.worth.value < found.worths[-1]


def test_a_cheap_plan_that_holds_longest_is_best_for_all() -> None:
    held, spent = np.array([[0.4] * 64, [0.5] * 64]), np.array([[2.0] * 64, [1.0] * 64])
    found = frontier(draws_of({"p_holds_20y": held, "cost_gbp": spent}))
    assert found.plans == ("p1",)
    assert found.changes == ()
    assert set(found.probability_best["p1"]) == {1.0}


def test_books_have_frontiers_of_their_own() -> None:
    one = two_plans(np.random.default_rng(2))
    book = np.array(["a", "b"], object)[np.arange(one.size) // 16 % 2]
    draws = draws_of(dict(one.outcomes), book=book)
    found = frontiers(draws)
    assert set(found) == {POOLED, "a", "b"}
    assert found["a"].draws + found["b"].draws == found[POOLED].draws
    assert found["a"].changes == frontier(draws.take(book == "a")).changes


@pytest.mark.slow
def test_intervals_of_the_change_cover() -> None:
    """400 runs: 95 % give or take 3.5 standard deviations; one test in 2,000 would fall outside."""
    inside, errors, points = 0, [], []
    for number in range(400):
        (change,) = frontier(two_plans(np.random.default_rng([3, number]))).changes
        inside += change.low <= 50.0 <= change.high
        errors.append(change.worth.mcse)
        points.append(change.worth.value)
    away = 3.5 * (400 * 0.95 * 0.05) ** 0.5
    assert abs(inside - 380) <= away
    assert np.median(errors) == pytest.approx(np.std(points), rel=0.2)


def test_an_unknown_sign_leaves_the_interval_open() -> None:
    rng = np.random.default_rng(4)
    top, bottom = rng.normal(1.0, 1.0, 320), rng.normal(0.01, 1.0, 320)
    replicate = np.arange(320) % REPLICATES
    assert fieller(top, bottom, replicate) == (None, None)
    assert fieller(top, bottom, 0 * replicate) == (None, None)
