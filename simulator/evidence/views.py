"""What crowds of forecasters, and the experts quoted, said of a ceasefire to come.

Three crowds were asked in 2025 how long a ceasefire between Russia and Ukraine would last if there
was one that year (`configs/forecasts.yaml`). Their class differs from every class of the record:
any truce counts, one agreed for 30 days as well. They have a book of their own.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from simulator.books.book import Entry
from simulator.books.load import load_book
from simulator.evidence.forms import phases, survival
from simulator.evidence.reference import MODEL_NAMES
from simulator.evidence.spells import DAYS_PER_YEAR, Floats
from simulator.evidence.writing import rounded
from simulator.inputs import read_document, shipped

BINS: Final = ("within 30 days", "30-60 days", "61-90 days", "later")
DAYS: Final = (30.0, 60.0, 90.0)
"""Ends of the bins that a process without a calendar distinguishes; the last bin is open."""


@dataclass(frozen=True)
class Forecast:
    """One crowd on one day."""

    name: str  # of the view in the book ``forecasters``
    crowd: str
    date: str
    said: Mapping[str, float]  # share of each answer, the published percentages made to sum to 1

    @property
    def bins(self) -> Floats:
        """Shares that collapse within 30 days, to 60, to 90, and later."""
        less, thirty, sixty, ninety, more = self.said.values()
        return np.array([less, thirty + sixty, ninety, more])


def _published() -> Any:
    return read_document(shipped("configs") / "forecasts.yaml").value


def forecasts() -> tuple[Forecast, ...]:
    """Return the forecasts, the latest of each crowd first."""
    read, found = _published(), []
    for name, row in read["forecasts"].items():
        shares = [percent / sum(row["percent"]) for percent in row["percent"]]
        said = dict(zip(read["answers"], shares, strict=True))
        found.append(Forecast(name, row["crowd"], row["date"], said))
    return tuple(sorted(found, key=lambda f: ("March" in f.date, f.name)))


def question() -> tuple[str, str]:
    """Return what was asked, and where the answers were published."""
    read = _published()
    return read["question"], read["citation"]


def implied(w0: float, q_failing_2y: float, h_holding: float, kappa_0: float) -> Floats:
    """Return the bins of `Forecast.bins` under the model's phases, without a force."""
    natural = np.array([[w0, -math.log1p(-q_failing_2y) / 2.0, h_holding]])
    alive = survival(phases(kappa_0), natural, np.array(DAYS) / DAYS_PER_YEAR)[0]
    return -np.diff(np.concatenate([[1.0], alive, [0.0]]))


def held() -> dict[str, Floats]:
    """Return the bins that each view of the book ``forecasters`` implies, by name of the view."""
    book, found = load_book("forecasters"), {}
    for name, option in book.choices["view"].options.items():
        entries = {**book.entries, **option.entries}
        of = (entries[key].distribution for key in (*MODEL_NAMES, "kappa_0"))
        found[name] = implied(*(float(one.ppf(np.array([0.5]))[0]) for one in of))
    return found


def expert_views() -> list[dict[str, Any]]:
    """Return the views of the book ``experts``, in order of weight and name.

    ``weight`` is the share of the draws; ``implies`` has p05, p50 and p95 of the assumptions that a
    view replaces, ``choices`` the weights of structural choices that it decides.
    """
    options = load_book("experts").choices["view"].options
    total = sum(option.weight for option in options.values())
    views: list[dict[str, Any]] = [
        {
            "name": name,
            "description": option.description,
            "weight": option.weight / total,
            **{key: getattr(option.source, key) or "" for key in ("quotation", "file", "note")},
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
