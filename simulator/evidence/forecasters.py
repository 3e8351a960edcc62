"""What crowds of forecasters said of a ceasefire to come, and the phases that say the same.

Three crowds were asked in 2025 how long a ceasefire between Russia and Ukraine would last if there
was one that year (`configs/forecasts.yaml`). Their class differs from every class of the record:
any truce counts, one agreed for 30 days as well. They have a book of their own.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np

from simulator.evidence.forms import phases, survival
from simulator.evidence.spells import DAYS_PER_YEAR, Floats
from simulator.inputs import read_document, shipped

__all__ = ["BINS", "DAYS", "Forecast", "fitted", "forecasts", "held", "implied", "question"]

BINS: Final = ("within 30 days", "30-60 days", "61-90 days", "later")
DAYS: Final = (30.0, 60.0, 90.0)
"""Ends of the bins that a process without a calendar can tell apart; the last bin is open."""

_ALMOST_NONE: Final = 1e-9  # failing share at least and at most: 0 and 1 have no odds
_ALMOST_ALL: Final = 1.0 - 1e-4


@dataclass(frozen=True)
class Forecast:
    """One crowd on one day.

    Attributes
    ----------
    name : str
        Of the view in the book ``forecasters``.
    crowd, date : str
    said : mapping of str to float
        Share of each answer, the published percentages made to sum to 1.
    """

    name: str
    crowd: str
    date: str
    said: Mapping[str, float]

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
    from simulator.books.load import load_book

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


def fitted(forecast: Forecast, h_holding: float, kappa_0: float) -> tuple[float, float]:
    """Find the failing share and two-year failure that say what a crowd said.

    The share that is gone within 30 days is met exactly, the later bins as nearly as the two
    numbers can (least squares).

    Returns
    -------
    w0, q_failing_2y : float
    """
    from scipy.optimize import brentq, minimize_scalar

    def q(log_hazard: float) -> float:
        return -math.expm1(-2.0 * math.exp(log_hazard))

    def share(log_hazard: float) -> float:
        def short(w0: float) -> float:
            return float(implied(w0, q(log_hazard), h_holding, kappa_0)[0] - forecast.bins[0])

        # a hazard too low even for all of them fails by the whole shortfall
        return (
            float(brentq(short, _ALMOST_NONE, _ALMOST_ALL))
            if short(_ALMOST_ALL) > 0
            else _ALMOST_ALL
        )

    def miss(log_hazard: float) -> float:
        found = implied(share(log_hazard), q(log_hazard), h_holding, kappa_0)
        weights = np.array([1e3, 1.0, 1.0, 1.0])
        return float(weights @ np.square(found - forecast.bins))

    best = minimize_scalar(miss, bounds=(math.log(1.0), math.log(18.0)), method="bounded").x
    return share(best), q(best)
