"""Hold-outs: fit on some spells, predict others, and score the prediction.

Splits by time ask whether yesterday's record would have foretold today's; splits by class whether
one kind of war foretells another. Each prediction is scored against the Kaplan-Meier curve and the
single Weibull of the same training spells.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np

from research.scores import brier, expected_failures, integrated, kaplan_meier_replicates
from research.splits import SPLITS, Split
from simulator.evidence.fits import refit
from simulator.evidence.forms import FORMS, survival
from simulator.evidence.spells import Floats, Spells, kaplan_meier
from simulator.evidence.writing import rounded

REPORT_AGES: Floats = np.array([1.0, 2.0, 5.0, 10.0])
"""Ages at which predicted and observed survival are set side by side, years."""

MODELS = ("two_regime", "two_regime_exponential", "phase_process", "weibull", "kaplan_meier")
"""What predicts: three two-regime forms, and the two baselines."""

_BASELINES = ("kaplan_meier", "weibull")
_AT_RISK = 10  # scores stop at the age where fewer test spells than this are left
_LONGEST = 20.0  # years


Prediction = Callable[[Floats], Floats]
"""``prediction(ages (k,)) -> S, shape (1 + replicates, k)``; row 0 is the record's own."""


def _predict(model: str, train: Spells, weights: Floats) -> Prediction:
    """Fit `model` to each weighting of the training spells; weights (1 + replicates, n)."""
    if model == "kaplan_meier":
        return lambda ages: kaplan_meier_replicates(train, weights, ages)
    values = refit(model, train, weights, half_events=False).values
    return lambda ages: survival(FORMS[model], values, ages)


def _weights(spells: Spells, replicates: int, rng: np.random.Generator) -> Floats:
    """Row 0 counts every spell once; the others are resamples."""
    return np.concatenate([np.ones((1, len(spells))), spells.resample(replicates, rng)])


def _summary(values: Floats, digits: int = 3) -> dict[str, float]:
    """Value on the record itself and 90 % range over the replicates that could be fitted."""
    low, high = np.nanquantile(values[1:], [0.05, 0.95])
    return {
        "value": rounded(float(values[0]), digits),
        "p05": rounded(float(low), digits),
        "p95": rounded(float(high), digits),
    }


def _grid(test: Spells) -> Floats:
    """Ages at which the Brier score is taken: quarters of a year while enough are at risk."""
    exits = np.sort(test.exit)
    last = exits[-min(_AT_RISK, len(exits))]
    return np.arange(1, max(2, int(min(last, _LONGEST) * 4) + 1)) / 4.0


def score_split(split: Split, replicates: int, rng: np.random.Generator) -> dict[str, Any]:
    """Fit on the training spells, predict the test spells, score.

    Every range is a bootstrap over both: training clusters are resampled and refitted, test
    clusters are resampled, independently.

    Returns
    -------
    dict
        ``observed`` (Kaplan-Meier of the test spells with its pointwise interval), and per model
        ``predicted`` S, ``gap`` (predicted - observed; a range without 0 is a miss), Brier scores,
        the integrated Brier score with its differences from the baselines (negative is better), and
        ``failures_expected`` against those observed.
    """
    train, test = split.train, split.test
    weights = _weights(test, replicates, rng)
    training = _weights(train, replicates, rng)
    ages = np.array([age for age in REPORT_AGES if age <= test.exit.max()])
    observed = kaplan_meier_replicates(test, weights, ages)
    grid = _grid(test)
    found: dict[str, Any] = {}
    overall: dict[str, Floats] = {}
    for model in MODELS:
        prediction = _predict(model, train, training)
        curve = prediction(ages)
        overall[model] = integrated(grid, brier(test, weights, grid, prediction(grid)))
        scores = brier(test, weights, ages, curve)
        spent = -np.log(np.maximum(prediction(test.exit), 1e-300))
        expected = expected_failures(weights, spent)
        failures = weights @ test.event
        found[model] = {
            "predicted": _by_age(ages, curve),
            "gap": _by_age(ages, curve - observed),
            "brier": _by_age(ages, scores),
            "integrated_brier": _summary(overall[model]),
            "failures_expected": _summary(expected),
            "observed_over_expected": _summary(failures / np.maximum(expected, 1e-300)),
        }
    for model in MODELS:
        found[model]["integrated_brier_minus"] = {
            baseline: _summary(overall[model] - overall[baseline])
            for baseline in _BASELINES
            if baseline != model
        }
    s, low, high = kaplan_meier(test).at(ages)
    return {
        "title": split.title,
        "train": _size(train),
        "test": _size(test),
        "scored_to_years": float(grid[-1]),
        "observed": {
            f"{age:g}": {"value": rounded(a, 3), "p05": rounded(b, 3), "p95": rounded(c, 3)}
            for age, a, b, c in zip(ages, s, low, high, strict=True)
        },
        "models": found,
    }


def _by_age(ages: Floats, values: Floats) -> dict[str, dict[str, float]]:
    return {f"{age:g}": _summary(values[:, j]) for j, age in enumerate(ages)}


def _size(spells: Spells) -> dict[str, int]:
    return {"spells": len(spells), "failures": spells.failures}


def backtest(name: str, folder: Path, replicates: int = 500, seed: int = 1) -> dict[str, Any]:
    """Run one split of `research.splits.SPLITS` on the rows in `folder`.

    Raises
    ------
    InputError
        If the rows are not there; says which files are missing and what can be done without.
    KeyError
        If there is no such split.
    """
    split = SPLITS[name](folder)
    number = list(SPLITS).index(name)
    return score_split(split, replicates, np.random.default_rng([seed, number]))


def run_backtests(folder: Path, replicates: int = 500, seed: int = 1) -> Mapping[str, Any]:
    """Run every split; see `backtest`."""
    return MappingProxyType({name: backtest(name, folder, replicates, seed) for name in SPLITS})
