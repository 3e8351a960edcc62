"""What crowds of forecasters said of a ceasefire to come, and the phases that say the same.

Three crowds were asked in 2025 how long a ceasefire between Russia and Ukraine would last if there
was one that year (`configs/forecasts.yaml`). Their class differs from every class of the record:
any truce counts, one agreed for 30 days as well. They have a book of their own.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np

from simulator.books.load import load_book
from simulator.evidence.forms import phases, survival
from simulator.evidence.spells import DAYS_PER_YEAR, Floats
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
        """Shares that collapse within 30 days, to 60, to 90, and later.

        A truce that ends on day 30 as agreed ends after the first 30 days.
        """
        less, thirty, sixty, ninety, more = self.said.values()
        return np.array([less, thirty + sixty, ninety, more])


def forecasts() -> tuple[Forecast, ...]:
    """Return the forecasts, the latest of each crowd first."""
    read = read_document(shipped("configs") / "forecasts.yaml").value
    found = []
    for name, row in read["forecasts"].items():
        total = sum(row["percent"])
        shares = [percent / total for percent in row["percent"]]
        said = dict(zip(read["answers"], shares, strict=True))
        found.append(Forecast(name, row["crowd"], row["date"], said))
    return tuple(sorted(found, key=lambda f: ("March" in f.date, f.name)))


def question() -> tuple[str, str]:
    """Return what was asked, and where the answers were published."""
    read = read_document(shipped("configs") / "forecasts.yaml").value
    return read["question"], read["citation"]


def implied(w0: float, q_failing_2y: float, h_holding: float, kappa_0: float) -> Floats:
    """Return the bins of `Forecast.bins` under the model's phases, without a force."""
    natural = np.array([[w0, -math.log1p(-q_failing_2y) / 2.0, h_holding]])
    alive = survival(phases(kappa_0), natural, np.array(DAYS) / DAYS_PER_YEAR)[0]
    return -np.diff(np.concatenate([[1.0], alive, [0.0]]))


def held() -> dict[str, Floats]:
    """Return the bins that each view of the book ``forecasters`` implies, by name of the view."""
    book = load_book("forecasters")
    found = {}
    for name, option in book.choices["view"].options.items():
        entries = {**book.entries, **option.entries}
        middle = {
            key: float(entries[key].distribution.ppf(np.array([0.5]))[0])
            for key in ("w0", "q_failing_2y", "h_holding", "kappa_0")
        }
        found[name] = implied(**middle)
    return found
