"""What the shipped books and tables take from a fit: resamples, ranges, a claim, a crowd's view."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np

from simulator.books.load import load_book
from simulator.evidence.fits import Replicates, bootstrap_forms, fit, refit
from simulator.evidence.forms import phases, survival
from simulator.evidence.reference import (
    MODEL_FORM,
    ROWS,
    THINNED_BY,
    entries_of,
    in_model_terms,
    thinned,
)
from simulator.evidence.search import Record
from simulator.evidence.spells import Floats
from simulator.evidence.views import Forecast, implied

TWO_REGIME_FORMS = ("phase_process", "two_regime_exponential", "two_regime")
"""The forms that have a failing share, a two-year failure and a durable hazard."""

CLAIM_AGES = (20.0, 30.0)  # years that a ceasefire which succeeds is said to reach

_ALMOST_NONE = 1e-9  # failing share at least and at most: 0 and 1 have no odds
_ALMOST_ALL = 1.0 - 1e-4


def bootstrap(form: str, record: Record, replicates: int, rng: np.random.Generator) -> Replicates:
    """Refit one form to `replicates` resampled records."""
    return bootstrap_forms({form: fit(form, record)}, record, replicates, rng)[form]


def fit_every_form(
    record: Record, replicates: int, rng: np.random.Generator
) -> dict[str, Replicates]:
    """Bootstrap every two-regime form, on the same resamples."""
    weights = record.resample(replicates, rng)
    return {form: refit(form, record, weights) for form in TWO_REGIME_FORMS}


def establishing_rates() -> Floats:
    """Return the book's ``kappa_0`` per year at ten even quantiles."""
    kappa_0 = load_book("evidence").entries["kappa_0"].distribution
    return np.asarray(kappa_0.ppf((np.arange(10) + 0.5) / 10))


def entries_with_establishing(
    record: Record, replicates: int, rng: np.random.Generator, source: Mapping[str, Any]
) -> dict[str, Any]:
    """Return the ``entries`` of an option, the establishing rate among them.

    A record fixes the failing share only given the rate at which ceasefires establish themselves,
    and does not fix that rate. Each resample is therefore fitted under one of
    `establishing_rates`, and drawn with it.
    """
    weights = record.resample(replicates, rng)
    values, curves = [], []
    rates = establishing_rates().tolist()
    for j, rate in enumerate(rates):
        family = phases(rate)
        found = refit(MODEL_FORM, record, weights[j :: len(rates)], family=family)
        three = in_model_terms(MODEL_FORM, found.values)
        values.append(np.column_stack([three, np.full(len(three), rate)]))
        curves.append(survival(family, found.values, THINNED_BY))
    return entries_of(thinned(np.concatenate(values), np.concatenate(curves), ROWS), source)


def claim_test(record: Record, forms: Mapping[str, Replicates]) -> dict[str, Any]:
    """Put Michael Clarke's claim to one record, under each of `TWO_REGIME_FORMS`.

    He holds that a force which fails "could collapse into renewed conflict within two years", and
    that a successful one "could last 20 or 30 years" (Daily Sabah, 20 February 2025). Per form:
    ``failing_share``, ``fails_within_2y`` (given that it is failing) and ``passes_20y``,
    ``passes_30y`` (given that it is durable), each with the maximum-likelihood value and the
    bootstrap's p05, p50, p95; and ``aic_minus_weibull``, whether two regimes are there at all:
    above 0 one Weibull describes the record as well with fewer numbers.
    """
    single = fit("weibull", record).aic
    found: dict[str, Any] = {}
    for form, replicates in forms.items():
        own = fit(form, record)
        best = in_model_terms(form, np.array(own.values))
        drawn = in_model_terms(form, replicates.values)
        row: dict[str, Any] = {"aic_minus_weibull": round(own.aic - single, 2)}
        columns = {
            "failing_share": (best[0], drawn[:, 0]),
            "fails_within_2y": (best[1], drawn[:, 1]),
            **{
                f"passes_{age:g}y": (np.exp(-best[2] * age), np.exp(-drawn[:, 2] * age))
                for age in CLAIM_AGES
            },
        }
        for name, (value, values) in columns.items():
            numbers = (value, *np.nanquantile(values, [0.05, 0.5, 0.95]))
            row[name] = {
                key: round(float(number), 4)
                for key, number in zip(("value", "p05", "p50", "p95"), numbers, strict=True)
            }
        found[form] = row
    return found


def fitted(forecast: Forecast, h_holding: float, kappa_0: float) -> tuple[float, float]:
    """Find the failing share and two-year failure that say what a crowd said.

    The share that is gone within 30 days is met exactly, the later bins as nearly as the two
    numbers can (least squares).
    """
    from scipy.optimize import brentq, minimize_scalar

    def q(log_hazard: float) -> float:
        return -math.expm1(-2.0 * math.exp(log_hazard))

    def share(log_hazard: float) -> float:
        def short(w0: float) -> float:
            return float(implied(w0, q(log_hazard), h_holding, kappa_0)[0] - forecast.bins[0])

        # a hazard too low even for all of them fails by the whole shortfall
        enough = short(_ALMOST_ALL) > 0
        return float(brentq(short, _ALMOST_NONE, _ALMOST_ALL)) if enough else _ALMOST_ALL

    def miss(log_hazard: float) -> float:
        found = implied(share(log_hazard), q(log_hazard), h_holding, kappa_0)
        return float(np.array([1e3, 1.0, 1.0, 1.0]) @ np.square(found - forecast.bins))

    best = minimize_scalar(miss, bounds=(math.log(1.0), math.log(18.0)), method="bounded").x
    return share(best), q(best)
