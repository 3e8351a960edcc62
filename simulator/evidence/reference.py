"""From a record to what the simulator needs to know of it: three numbers, jointly.

The simulator describes a ceasefire without a force by the share that is failing (``w0``), the
probability that a failing one collapses within two years (``q_failing_2y``) and the hazard of a
holding one (``h_holding``). The three come from one fit, and their uncertainty from one bootstrap,
so that a draw of them is a draw of one possible record: a record with more failing ceasefires has
safer holding ones.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np

from simulator.evidence.fits import Replicates, refit, resample
from simulator.evidence.forms import FORMS, survival
from simulator.evidence.lifetables import LifeTable
from simulator.evidence.spells import Floats, Spells
from simulator.evidence.writing import range_of, rounded, rounded_share

__all__ = [
    "MODEL_FORM",
    "MODEL_NAMES",
    "TWO_REGIME_FORMS",
    "Joint",
    "entries",
    "fit_every_form",
    "in_model_terms",
    "rank_correlation",
]

MODEL_FORM = "phase_process"
"""The form whose parameters the assumption books carry: the one that the simulator runs."""

TWO_REGIME_FORMS = ("phase_process", "two_regime_exponential", "two_regime")
"""The forms that have a failing share, a two-year failure and a durable hazard."""

MODEL_NAMES = ("w0", "q_failing_2y", "h_holding")
_UNITS = {"w0": "probability", "q_failing_2y": "probability", "h_holding": "1/year"}
_SCALES = {"w0": "logit", "q_failing_2y": "logit", "h_holding": "log"}
_LEAST_EIGENVALUE = 0.01  # of a correlation matrix that a book states to three digits


@dataclass(frozen=True)
class Joint:
    """One two-regime form fitted to a record, with its bootstrap, in the model's terms.

    Attributes
    ----------
    form : str
        Key in `simulator.evidence.forms.FORMS`.
    values : ndarray, shape (replicates, 3)
        `MODEL_NAMES` of each resampled record.
    replicates : Replicates
        The same in the form's own parameters.
    """

    form: str
    values: Floats
    replicates: Replicates

    def ranges(self) -> dict[str, dict[str, float]]:
        """``{p05, p50, p95}`` of each of `MODEL_NAMES`."""
        return {
            name: range_of(self.values[:, j], share=_UNITS[name] == "probability")
            for j, name in enumerate(MODEL_NAMES)
        }

    def rank_correlations(self) -> list[dict[str, Any]]:
        """Spearman's correlation of every pair, and the normal-score correlation that gives it.

        A number that is the same in every resample is correlated with nothing and left out. Where
        the others determine each other, their correlations are drawn towards 0 until they do not
        quite: a joint distribution needs it.
        """
        ranges = self.ranges().values()
        varying = [j for j, found in enumerate(ranges) if found["p05"] < found["p95"]]
        ranks = np.eye(len(MODEL_NAMES))
        for i, j in combinations(varying, 2):
            ranks[i, j] = ranks[j, i] = rank_correlation(self.values[:, i], self.values[:, j])
        # for a Gaussian copula, rank correlation = (6 / pi) arcsin(rho / 2)
        rho = 2.0 * np.sin(np.pi * ranks / 6.0)
        smallest = float(np.linalg.eigvalsh(rho)[0])
        if smallest < _LEAST_EIGENVALUE:
            kept = (1.0 - _LEAST_EIGENVALUE) / (1.0 - smallest)
            rho = kept * rho + (1.0 - kept) * np.eye(len(rho))
        return [
            {
                "between": [MODEL_NAMES[i], MODEL_NAMES[j]],
                "rank": round(float(ranks[i, j]), 3),
                "rho": round(float(rho[i, j]), 3),
            }
            for i, j in combinations(varying, 2)
        ]

    def survival_ranges(self, ages: Floats) -> dict[str, dict[str, float]]:
        """``{p05, p50, p95}`` of S at each age, by age."""
        curves = survival(FORMS[self.form], self.replicates.values, ages)
        return {f"{age:g}": range_of(curves[:, j], True) for j, age in enumerate(ages)}


def in_model_terms(form: str, values: Floats) -> Floats:
    """Turn parameters (..., p) of a two-regime form into `MODEL_NAMES`, shape (..., 3).

    The two-year failure is 1 - S_failing(2), whatever the shape of the failing regime.
    """
    names = FORMS[form].parameters
    column = {name: values[..., j] for j, name in enumerate(names)}
    if "failing_hazard" in column:
        spent = 2.0 * column["failing_hazard"]
    else:
        spent = (2.0 / column["scale_years"]) ** column["shape"]
    return np.stack([column["failing_share"], -np.expm1(-spent), column["durable_hazard"]], axis=-1)


def fit_every_form(
    record: Spells | LifeTable, replicates: int, rng: np.random.Generator
) -> dict[str, Joint]:
    """Bootstrap every two-regime form, on the same resamples."""
    weights = resample(record, replicates, rng)
    found = {form: refit(form, record, weights) for form in TWO_REGIME_FORMS}
    return {form: Joint(form, in_model_terms(form, r.values), r) for form, r in found.items()}


def rank_correlation(one: Floats, other: Floats) -> float:
    """Spearman's rank correlation; ties have their mean rank. Neither may be constant."""
    known = np.isfinite(one) & np.isfinite(other)
    ranks = np.stack([_ranks(values[known]) for values in (one, other)])
    centred = ranks - ranks.mean(axis=1, keepdims=True)
    return float((centred[0] @ centred[1]) / np.sqrt((centred**2).sum(axis=1).prod()))


def _ranks(values: Floats) -> Floats:
    _, place, count = np.unique(values, return_inverse=True, return_counts=True)
    ranks: Floats = (np.cumsum(count) - (count - 1) / 2.0)[place]
    return ranks


def entries(joint: Joint, source: Mapping[str, Any]) -> dict[str, Any]:
    """Return ``entries`` and ``correlations`` as an option of an assumption book has them.

    Parameters
    ----------
    joint : Joint
        The fit.
    source : mapping
        ``kind``, ``citation``, ``note`` of every entry.
    """
    ranges = joint.ranges()
    return {
        "entries": {
            name: {
                "distribution": _distribution(ranges[name], _SCALES[name]),
                "unit": _UNITS[name],
                "group": "base hazard",
                "source": dict(source),
            }
            for name in MODEL_NAMES
        },
        "correlations": [
            {"between": pair["between"], "rho": rounded(pair["rho"], 3)}
            for pair in joint.rank_correlations()
        ],
    }


_FARTHEST_DRAW = 8.3  # standard deviations: no uniform of 52 bits reaches farther
_LOGIT_BELOW_ONE = 36.0  # the logistic of more is 1 in floating point
_LEAST_STEP = 1e-3  # between neighbouring quantiles, on the scale: a thousandth of a hazard


def _distribution(quantiles: Mapping[str, float], scale: str) -> dict[str, Any]:
    """Return the distribution with these quantiles, in a form that a book can draw from.

    Equal quantiles are one fixed number; where two of the three are equal, as at the edge of a
    search, they are written a thousandth apart.
    """
    low, middle, high = (quantiles[name] for name in ("p05", "p50", "p95"))
    if low == high:
        return {"fixed": middle}
    found = dict(quantiles)
    at = _on_scale(middle, scale)
    if _on_scale(low, scale) > at - _LEAST_STEP:
        found["p05"] = _off_scale(at - _LEAST_STEP, scale)
    if _on_scale(high, scale) < at + _LEAST_STEP:
        found["p95"] = _off_scale(at + _LEAST_STEP, scale)
    return {"quantiles": _drawable(found, scale), "scale": scale}


def _on_scale(value: float, scale: str) -> float:
    return math.log(value) - (math.log1p(-value) if scale == "logit" else 0.0)


def _off_scale(value: float, scale: str) -> float:
    if scale == "logit":
        return rounded_share(1.0 / (1.0 + math.exp(-value)), 6)
    return rounded(math.exp(value), 6)


def _drawable(quantiles: Mapping[str, float], scale: str) -> dict[str, float]:
    """Keep the farthest draw of a probability below 1: draw in the 95 % quantile where it is not.

    A record of few failures leaves a failing regime that may be gone within days, a two-year
    failure of 1 - 1e-12 say. What is drawn in stays above 0.9998: the same days.
    """
    found = dict(quantiles)
    if scale != "logit":
        return found
    middle = _on_scale(found["p50"], scale)
    room = (_LOGIT_BELOW_ONE - middle) * 1.6449 / _FARTHEST_DRAW
    highest = _off_scale(middle + room, scale)
    if found["p95"] > highest:
        found["p95"] = highest
    return found
