import numpy as np
import pytest

from research.scores import brier, expected_failures, integrated
from simulator.evidence.spells import Floats, Spells

AGES = np.array([1.0, 3.0, 8.0])


def _censored(seed: int, n: int = 40) -> Spells:
    rng = np.random.default_rng(seed)
    life, end = np.round(rng.exponential(5.0, n) + 0.1, 1), np.round(rng.uniform(1, 12, n), 1)
    return Spells(np.minimum(life, end), life <= end)


def _plain(test: Spells, age: float, s: float) -> float:
    """The score in loops, with the Kaplan-Meier of being censored computed on the way."""

    def uncensored(before: float, including: bool) -> float:
        g = 1.0
        for t in sorted({float(t) for t in test.exit[~test.event]}):
            if t > before or (t == before and not including):
                break
            at_risk = int((test.exit >= t).sum())
            g *= 1 - int(((test.exit == t) & ~test.event).sum()) / at_risk
        return g

    total = 0.0
    for t, event in zip(test.exit, test.event, strict=True):
        if event and t <= age:
            total += s**2 / uncensored(float(t), including=False)
        elif t > age:
            total += (1 - s) ** 2 / uncensored(age, including=True)
    return total / len(test)


def test_brier_matches_the_definition_in_loops() -> None:
    test = _censored(1)
    predicted = np.array([[0.8, 0.55, 0.2]])
    scores = brier(test, np.ones((1, len(test))), AGES, predicted)[0]
    expected = [_plain(test, float(a), float(s)) for a, s in zip(AGES, predicted[0], strict=True)]
    np.testing.assert_allclose(scores, expected, rtol=1e-12)


def test_without_censoring_it_is_the_mean_square() -> None:
    exit_ = np.array([0.5, 2.0, 4.0, 9.0])
    test = Spells(exit_, np.ones(4, dtype=bool))
    scores = brier(test, np.ones((1, 4)), AGES, np.array([[0.7, 0.5, 0.1]]))[0]
    expected = [
        np.mean(((exit_ > age) - s) ** 2) for age, s in zip(AGES, (0.7, 0.5, 0.1), strict=True)
    ]
    np.testing.assert_allclose(scores, expected, rtol=1e-14)


def test_the_truth_scores_best_under_heavy_censoring() -> None:
    """A proper score: with 4000 spells the true curve beats one that is 0.1 off at every age."""
    test = _censored(2, 4000)
    truth = np.exp(-np.maximum(AGES - 0.1, 0) / 5.0)
    weights = np.ones((3, len(test)))
    scores = brier(test, weights, AGES, np.stack([truth, truth + 0.1, truth - 0.1]))
    assert (scores[0] < scores[1]).all()
    assert (scores[0] < scores[2]).all()


def test_weights_are_repeated_spells() -> None:
    test = _censored(3, 12)
    times = np.array([0, 1, 2, 1, 0, 3, 1, 1, 1, 0, 2, 1])
    chosen = np.repeat(np.arange(12), times)
    repeated = Spells(test.exit[chosen], test.event[chosen])
    predicted = np.array([[0.8, 0.5, 0.2]])
    weighted: Floats = times[None, :].astype(np.float64)
    np.testing.assert_allclose(
        brier(test, weighted, AGES, predicted),
        brier(repeated, np.ones((1, len(chosen))), AGES, predicted),
        rtol=1e-12,
    )


def test_left_truncated_test_spells_are_refused() -> None:
    late = Spells(np.array([2.0]), np.array([True]), np.array([1.0]))
    with pytest.raises(ValueError, match="right-censored"):
        brier(late, np.ones((1, 1)), AGES, np.ones((1, 3)))


def test_the_integral_is_a_mean_over_age() -> None:
    assert integrated(np.array([2.0, 4.0]), np.array([[0.2, 0.2]]))[0] == pytest.approx(0.15)


def test_failures_minus_what_the_truth_expects_is_a_martingale() -> None:
    """Sum of the true cumulative hazards: mean equals failures, variance their expectation."""
    test = _censored(4, 5000)
    spent = np.maximum(test.exit - 0.1, 0)[None, :] / 5.0
    expected = expected_failures(np.ones((1, len(test))), spent)[0]
    # rounding to a tenth of a year moves the sum by up to 0.05/5 a spell: 50, and 4 standard
    # deviations of the martingale are 4 sqrt(3000) = 220
    assert abs(test.failures - expected) < 270
    assert abs(test.failures - 1.2 * expected) > 270  # a hazard 20 % too high is noticed
