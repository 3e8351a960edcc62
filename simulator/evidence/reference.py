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

from simulator.books.normals import from_quantiles
from simulator.evidence.fits import Replicates, refit, resample
from simulator.evidence.forms import FORMS, phases, survival
from simulator.evidence.kernels import ESTABLISHING_RATE
from simulator.evidence.lifetables import LifeTable
from simulator.evidence.spells import Floats, Spells
from simulator.evidence.writing import drawn_whole, range_of, rounded, rounded_share

__all__ = [
    "ESTABLISHING_RATES",
    "MODEL_FORM",
    "MODEL_NAMES",
    "ROWS",
    "TWO_REGIME_FORMS",
    "Joint",
    "entries",
    "entries_with_establishing",
    "fit_every_form",
    "in_model_terms",
    "thinned",
]

MODEL_FORM = "phase_process"
"""The form whose parameters the assumption books carry: the one that the simulator runs."""

TWO_REGIME_FORMS = ("phase_process", "two_regime_exponential", "two_regime")
"""The forms that have a failing share, a two-year failure and a durable hazard."""

ROWS = 200
"""Resamples of a class that a book holds: their survival has the range of all within .03."""

_THINNED_BY: Floats = np.array([2.0, 20.0])  # years

ESTABLISHING_RATES = tuple(
    float(rate) for rate in from_quantiles(2.0, 6.0, 15.0, "log").ppf((np.arange(10) + 0.5) / 10)
)
"""The book's ``kappa_0`` per year at ten even quantiles."""

MODEL_NAMES = ("w0", "q_failing_2y", "h_holding")
_SHARES = ("w0", "q_failing_2y")


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
            name: range_of(self.values[:, j], share=name in _SHARES)
            for j, name in enumerate(MODEL_NAMES)
        }

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


def thinned(values: Floats, curves: Floats, count: int) -> Floats:
    """Choose resamples that stand for all of them, in the order of the collapse they imply.

    Resamples are sorted by the probability of collapse within 2 years, within slices of it by
    survival to 20 years, and taken at even steps, so that the few have the distribution of the
    many. In the order returned neighbours are alike, as a low-discrepancy sequence wants it.

    Parameters
    ----------
    values : ndarray, shape (replicates, parameters)
        Parameters of each resample; those that could not be fitted are NaN and left out.
    curves : ndarray, shape (replicates, 2)
        Survival to 2 and to 20 years of each.
    count : int
        Resamples wanted; all that could be fitted are returned if they are fewer.

    Returns
    -------
    ndarray, shape (rows, parameters)
        By rising probability of collapse within 2 years.
    """
    fitted = np.isfinite(values).all(axis=1)
    values, curves = values[fitted], curves[fitted]
    count = min(count, len(values))
    order = np.argsort(-curves[:, 0], kind="stable")
    slices = np.array_split(order, math.ceil(math.sqrt(count)))
    # back and forth, so that the end of a slice is like the start of the next
    snake = np.concatenate(
        [part[np.argsort((-1) ** i * curves[part, 1])] for i, part in enumerate(slices)]
    )
    steps = ((np.arange(count) + 0.5) * len(snake) / count).astype(np.int64)
    chosen = snake[steps]
    rows: Floats = values[chosen[np.argsort(-curves[chosen, 0], kind="stable")]]
    return rows


def entries(joint: Joint, source: Mapping[str, Any]) -> dict[str, Any]:
    """Return the ``entries`` of an option of a book that extends ``evidence``.

    The establishing rate is the one under which the form is fitted: the failing share hangs on it.

    Parameters
    ----------
    joint : Joint
        The fit; `ROWS` of its resamples are drawn whole.
    source : mapping
        ``kind``, ``citation``, ``note`` of every entry.
    """
    curves = survival(FORMS[joint.form], joint.replicates.values, _THINNED_BY)
    rows = thinned(joint.values, curves, ROWS)
    return _entries(np.column_stack([rows, np.full(len(rows), ESTABLISHING_RATE)]), source)


def entries_with_establishing(
    record: Spells | LifeTable,
    replicates: int,
    rng: np.random.Generator,
    source: Mapping[str, Any],
) -> dict[str, Any]:
    """Return the ``entries`` of an option, the establishing rate among them.

    A record fixes the failing share only given the rate at which ceasefires establish themselves,
    and does not fix that rate. Each resample is therefore fitted under one of
    `ESTABLISHING_RATES`, and drawn with it.
    """
    weights = resample(record, replicates, rng)
    values, curves = [], []
    for j, rate in enumerate(ESTABLISHING_RATES):
        family = phases(rate)
        found = refit(MODEL_FORM, record, weights[j :: len(ESTABLISHING_RATES)], family=family)
        three = in_model_terms(MODEL_FORM, found.values)
        values.append(np.column_stack([three, np.full(len(three), rate)]))
        curves.append(survival(family, found.values, _THINNED_BY))
    return _entries(thinned(np.concatenate(values), np.concatenate(curves), ROWS), source)


def _entries(rows: Floats, source: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "entries": {
            name: {
                "distribution": drawn_whole(_written(name, value) for value in column),
                "source": dict(source),
            }
            for name, column in zip((*MODEL_NAMES, "kappa_0"), rows.T, strict=True)
        }
    }


def _written(name: str, value: float) -> float:
    return (rounded_share if name in _SHARES else rounded)(float(value))
