"""What the people quoted say, and the one claim among them that the record can test.

Michael Clarke (Daily Sabah, 20 February 2025) holds that a force which fails "could collapse into
renewed conflict within two years", and that a successful one "could last 20 or 30 years". A record
of ceasefires speaks to both if it has two regimes: how likely a failing ceasefire is to be gone
within two years, and what share of the durable ones passes 20 and 30 years.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from simulator.evidence.fits import fit
from simulator.evidence.lifetables import LifeTable
from simulator.evidence.reference import Joint, in_model_terms
from simulator.evidence.spells import Spells
from simulator.evidence.writing import rounded

__all__ = ["CLAIM_AGES", "View", "claim_test", "expert_views"]

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


@dataclass(frozen=True)
class View:
    """One person's view as the book of the people quoted holds it.

    Attributes
    ----------
    name, description : str
        Key of the view and who it is.
    weight : float
        Share of the draws that take this view, in [0, 1].
    quotation, file, note : str
        What was said, in which article, and how it is read; empty where nothing is quoted.
    implies : mapping of str to (float, float, float)
        Assumptions that the view replaces: their 5, 50 and 95 % quantiles.
    choices : mapping of str to mapping of str to float
        Structural choices that it decides, as weights.
    """

    name: str
    description: str
    weight: float
    quotation: str
    file: str
    note: str
    implies: Mapping[str, tuple[float, float, float]]
    choices: Mapping[str, Mapping[str, float]]


def expert_views(book: str = "experts", choice: str = "view") -> tuple[View, ...]:
    """Return the views of a book, in order of weight and name.

    Parameters
    ----------
    book : str
        Name or path of a book that has the structural choice `choice`.

    Raises
    ------
    InputError
        If the book cannot be read.
    ValueError
        If it has no such choice.
    """
    from simulator.assumptions.book import load_book

    read = load_book(book)
    if choice not in read.choices:
        raise ValueError(f"the book '{book}' keeps no views apart: it has no choice '{choice}'")
    options = read.choices[choice].options
    total = sum(option.weight for option in options.values()) or 1.0
    views = [
        View(
            name,
            option.description,
            option.weight / total,
            option.source.quotation or "",
            option.source.file or "",
            option.source.note or "",
            {key: _quantiles(entry) for key, entry in option.layer.entries.items()},
            option.reweights,
        )
        for name, option in options.items()
    ]
    return tuple(sorted(views, key=lambda view: (-view.weight, view.name)))


def _quantiles(entry: Any) -> tuple[float, float, float]:
    low, middle, high = entry.distribution.ppf(np.array([0.05, 0.5, 0.95]))
    return rounded(float(low)), rounded(float(middle)), rounded(float(high))
