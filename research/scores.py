"""How good a predicted survival curve was: Brier scores under censoring, and calibration.

A prediction here is one curve for all test spells: the form has no covariates. The Brier score at
age t is the mean square of (alive at t) - S(t); a spell censored before t has an unknown state, and
those whose state is known are weighted by the inverse probability of not being censored (Graf,
Schmoor, Sauerbrei & Schumacher 1999).
"""

from __future__ import annotations

import numpy as np

from simulator.evidence.spells import Floats, Spells, risk_sets


def kaplan_meier_replicates(spells: Spells, weights: Floats, ages: Floats) -> Floats:
    """Kaplan-Meier S at `ages` (k,), shape (replicates, k), for weights (replicates, n) of n rows.

    A risk set that a replicate left empty changes nothing.
    """
    steps, failed, watched = risk_sets(spells, weights)
    passed = np.cumprod(1.0 - failed / np.maximum(watched, 1e-300), axis=1)
    curve = np.concatenate([np.ones((len(weights), 1)), passed], axis=1)
    picked: Floats = curve[:, np.searchsorted(steps, ages, side="right")]
    return picked


def brier(test: Spells, weights: Floats, ages: Floats, predicted: Floats) -> Floats:
    """Brier scores of S as `predicted` at `ages` (k,), both (replicates, k).

    `weights`, (replicates, n), say how often each of n right-censored spells counts.
    """
    if test.truncated:
        raise ValueError("the Brier score here takes right-censored test spells only")
    censoring = Spells(test.exit, ~test.event)
    # at a tie failures come first, so a failure is weighted by what was uncensored just before
    before = kaplan_meier_replicates(censoring, weights, np.nextafter(test.exit, 0.0))
    at = kaplan_meier_replicates(censoring, weights, ages)
    total = weights.sum(axis=1)
    scores = np.empty((len(weights), len(ages)))
    for j, age in enumerate(ages):
        dead = test.event & (test.exit <= age)
        alive = test.exit > age
        gone = (weights[:, dead] / np.maximum(before[:, dead], 1e-300)).sum(axis=1)
        here = weights[:, alive].sum(axis=1) / np.maximum(at[:, j], 1e-300)
        s = predicted[:, j]
        scores[:, j] = (gone * s**2 + here * (1.0 - s) ** 2) / total
    return scores


def integrated(ages: Floats, scores: Floats) -> Floats:
    """Mean over age of scores (replicates, k) at `ages` (k,), by the trapezoid rule from age 0.

    At age 0 everybody is alive and every curve says so: the score there is 0.
    """
    grid = np.concatenate([[0.0], ages])
    padded = np.concatenate([np.zeros((len(scores), 1)), scores], axis=1)
    area = ((padded[:, 1:] + padded[:, :-1]) / 2.0 * np.diff(grid)).sum(axis=1)
    mean: Floats = area / grid[-1]
    return mean


def expected_failures(weights: Floats, spent: Floats) -> Floats:
    """Failures that a prediction expects among the test spells, shape (replicates,).

    `weights`, (replicates, n), say how often each spell counts, `spent` is its predicted cumulative
    hazard over the stretch it was watched. If the prediction is right, failures minus their sum is
    a martingale with mean 0, whatever the censoring.
    """
    total: Floats = (weights * spent).sum(axis=1)
    return total
