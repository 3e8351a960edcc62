"""What the people quoted say, and the one claim among them that the record can test.

Michael Clarke (Daily Sabah, 20 February 2025) holds that a force which fails "could collapse into
renewed conflict within two years", and that a successful one "could last 20 or 30 years". A record
of ceasefires speaks to both if it has two regimes: how likely a failing ceasefire is to be gone
within two years, and what share of the durable ones passes 20 and 30 years.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from simulator.evidence.fits import fit
from simulator.evidence.lifetables import LifeTable
from simulator.evidence.reference import Joint, in_model_terms
from simulator.evidence.spells import Spells
from simulator.evidence.writing import rounded

__all__ = ["CLAIM_AGES", "claim_test", "expert_views"]

CLAIM_AGES = (20.0, 30.0)
"""Ages, in years, that a ceasefire which succeeds is said to reach."""


def claim_test(record: Spells | LifeTable, joints: Mapping[str, Joint]) -> dict[str, Any]:
    """Put the claim to one record, under every two-regime form.

    Parameters
    ----------
    record : Spells or LifeTable
        The record.
    joints : mapping of str to Joint
        Bootstrap of each of `simulator.evidence.reference.TWO_REGIME_FORMS` on it
        (`simulator.evidence.reference.fit_every_form`).

    Returns
    -------
    dict
        Per form: ``failing_share``, ``fails_within_2y`` (given that it is failing) and
        ``passes_20y``, ``passes_30y`` (given that it is durable), each with the maximum-likelihood
        value and the bootstrap's p05, p50, p95; and ``aic_minus_weibull``, whether two regimes are
        there at all: above 0 one Weibull describes the record as well with fewer numbers.
    """
    single = fit("weibull", record).aic
    found: dict[str, Any] = {}
    for form, joint in joints.items():
        own = fit(form, record)
        best = in_model_terms(form, np.array(own.values))
        drawn = joint.values
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
            low, middle, high = np.nanquantile(values, [0.05, 0.5, 0.95])
            row[name] = {
                key: round(float(number), 4)
                for key, number in (("value", value), ("p05", low), ("p50", middle), ("p95", high))
            }
        found[form] = row
    return found


def expert_views() -> list[dict[str, Any]]:
    """Return the views of the book ``experts``, in order of weight and name.

    Returns
    -------
    list of dict
        ``name``, ``description``, ``weight`` (share of the draws), ``quotation``, ``file``,
        ``note`` (empty where nothing is quoted), ``implies`` (assumption that it replaces -> p05,
        p50, p95) and ``choices`` (structural choice that it decides -> weights).
    """
    from simulator.books.load import load_book

    options = load_book("experts").choices["view"].options
    total = sum(option.weight for option in options.values())
    views: list[dict[str, Any]] = [
        {
            "name": name,
            "description": option.description,
            "weight": option.weight / total,
            "quotation": option.source.quotation or "",
            "file": option.source.file or "",
            "note": option.source.note or "",
            "implies": {key: _quantiles(entry) for key, entry in option.entries.items()},
            "choices": {choice: dict(weights) for choice, weights in option.reweights.items()},
        }
        for name, option in options.items()
    ]
    return sorted(views, key=lambda view: (-view["weight"], view["name"]))


def _quantiles(entry: Any) -> dict[str, float]:
    values = entry.distribution.ppf(np.array([0.05, 0.5, 0.95]))
    return dict(zip(("p05", "p50", "p95"), map(rounded, values.tolist()), strict=True))
