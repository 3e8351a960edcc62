"""What the people quoted say, as the book ``experts`` holds it."""

from typing import Any

import numpy as np

from simulator.books.book import Entry
from simulator.books.load import load_book
from simulator.evidence.writing import rounded


def expert_views() -> list[dict[str, Any]]:
    """Return the views of the book ``experts``, in order of weight and name.

    Each has ``name``, ``description``, ``weight`` (share of the draws), ``quotation``, ``file``,
    ``note`` (empty where nothing is quoted), ``implies`` (assumption that it replaces -> p05, p50,
    p95) and ``choices`` (structural choice that it decides -> weights).
    """
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
            "implies": {
                key: _quantiles(entry)
                for key, entry in option.entries.items()
                if not entry.form.is_shares
            },
            "choices": {choice: dict(weights) for choice, weights in option.reweights.items()},
        }
        for name, option in options.items()
    ]
    return sorted(views, key=lambda view: (-view["weight"], view["name"]))


def _quantiles(entry: Entry) -> dict[str, float]:
    values = entry.distribution.ppf(np.array([0.05, 0.5, 0.95]))
    return dict(zip(("p05", "p50", "p95"), map(rounded, values.tolist()), strict=True))
