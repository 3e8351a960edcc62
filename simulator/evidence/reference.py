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
_PAIRS = (("w0", "q_failing_2y"), ("w0", "h_holding"), ("q_failing_2y", "h_holding"))


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
        """Spearman's correlation of every pair, and the normal-score correlation that gives it."""
        found = []
        for pair in _PAIRS:
            one, other = (self.values[:, MODEL_NAMES.index(name)] for name in pair)
            rank = rank_correlation(one, other)
            # for a Gaussian copula, rank correlation = (6 / pi) arcsin(rho / 2)
            rho = 2.0 * math.sin(math.pi * rank / 6.0)
            found.append({"between": list(pair), "rank": round(rank, 3), "rho": round(rho, 3)})
        return found

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
    """Spearman's rank correlation; ties, which a continuous fit does not have, are not averaged."""
    known = np.isfinite(one) & np.isfinite(other)
    one, other = one[known], other[known]
    ranks = np.stack([np.argsort(np.argsort(values)) for values in (one, other)])
    centred = ranks - ranks.mean(axis=1, keepdims=True)
    return float((centred[0] @ centred[1]) / np.sqrt((centred**2).sum(axis=1).prod()))


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
                "distribution": {
                    "quantiles": _drawable(ranges[name], _SCALES[name]),
                    "scale": _SCALES[name],
                },
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


def _drawable(quantiles: Mapping[str, float], scale: str) -> dict[str, float]:
    """Keep the farthest draw of a probability below 1: draw in the 95 % quantile where it is not.

    A record of few failures leaves a failing regime that may be gone within days, a two-year
    failure of 1 - 1e-12 say. What is drawn in stays above 0.9998: the same days.
    """
    found = dict(quantiles)
    if scale != "logit":
        return found
    middle = math.log(found["p50"]) - math.log1p(-found["p50"])
    room = (_LOGIT_BELOW_ONE - middle) * 1.6449 / _FARTHEST_DRAW
    highest = 1.0 / (1.0 + math.exp(-(middle + room)))
    if found["p95"] > highest:
        found["p95"] = rounded_share(highest, 6)
    return found
