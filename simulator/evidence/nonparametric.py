"""Kaplan-Meier curves, with pointwise intervals, and the log-rank test.

`scipy.stats` does what it can (right censoring); delayed entry and many weighted replicates at
once are done here.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import Any

import numpy as np

from simulator.evidence.spells import Floats, Spells

__all__ = ["Curve", "LogRank", "kaplan_meier", "kaplan_meier_replicates", "logrank"]


@dataclass(frozen=True)
class Curve:
    """A survival curve: right-continuous steps, S = 1 before the first.

    Attributes
    ----------
    ages : ndarray, shape (m,)
        Ages of the observed failures, years, increasing.
    survival, low, high : ndarray, shape (m,)
        S from that age on, and its pointwise interval.
    level : float
        Coverage of the interval.
    last : float
        Greatest age watched; beyond it the curve says nothing.
    """

    ages: Floats
    survival: Floats
    low: Floats
    high: Floats
    level: float
    last: float

    def at(self, ages: Floats) -> tuple[Floats, Floats, Floats]:
        """S, low and high at `ages`; NaN beyond the last age watched."""
        ages = np.asarray(ages, dtype=np.float64)
        step = np.searchsorted(self.ages, ages, side="right")
        return tuple(  # type: ignore[return-value]  # three columns in, three out
            np.where(ages <= self.last, np.concatenate([[1.0], column])[step], np.nan)
            for column in (self.survival, self.low, self.high)
        )


@dataclass(frozen=True)
class LogRank:
    """Log-rank test: standardised excess of failures in the first group, and its p (two-sided)."""

    statistic: float
    p_value: float


def _risk_sets(spells: Spells, weights: Floats) -> tuple[Floats, Floats, Floats]:
    """Failure ages (m,), weighted failures and numbers at risk (replicates, m)."""
    ages = np.unique(spells.exit[spells.event])
    failed = (spells.exit[:, None] == ages) & spells.event[:, None]
    watched = (spells.entry[:, None] < ages) & (ages <= spells.exit[:, None])
    return ages, weights @ failed, weights @ watched


def kaplan_meier_replicates(spells: Spells, weights: Floats, ages: Floats) -> Floats:
    """Kaplan-Meier S at `ages` for many weightings of the same rows.

    Parameters
    ----------
    spells : Spells
        n rows; delayed entry allowed.
    weights : ndarray, shape (replicates, n)
        How often each row counts.
    ages : ndarray, shape (k,)
        Years.

    Returns
    -------
    ndarray, shape (replicates, k)
        A risk set that a replicate left empty changes nothing.
    """
    steps, failed, watched = _risk_sets(spells, weights)
    passed = np.cumprod(1.0 - failed / np.maximum(watched, 1e-300), axis=1)
    curve = np.concatenate([np.ones((len(weights), 1)), passed], axis=1)
    picked: Floats = curve[:, np.searchsorted(steps, ages, side="right")]
    return picked


def _log_log(survival: Floats, greenwood: Floats, level: float) -> tuple[Floats, Floats]:
    """Interval for S on the scale log(-log S); Kalbfleisch & Prentice, as scipy's 'log-log'."""
    from scipy.special import ndtri

    inside = (survival > 0) & (survival < 1)
    log_s = np.log(np.where(inside, survival, 0.5))
    reach = ndtri(0.5 + level / 2) * np.sqrt(np.where(inside, greenwood, 0.0)) / log_s
    low = np.where(inside, np.exp(log_s * np.exp(-reach)), survival)
    return low, np.where(inside, np.exp(log_s * np.exp(reach)), survival)


def kaplan_meier(spells: Spells, level: float = 0.90) -> Curve:
    """Kaplan-Meier curve with a pointwise log-log interval (Greenwood's variance).

    Parameters
    ----------
    spells : Spells
        Rows; delayed entry counts a row from its entry on (risk set: entry < age <= exit).
    level : float
        Coverage of the interval, in (0, 1).

    Notes
    -----
    Where S has reached 0 no variance exists; the interval there runs from 0 to the last upper
    bound before.
    """
    if not spells.truncated:
        ages, survival, low, high = _from_scipy(spells, level)
    else:
        ages, failed, watched = _risk_sets(spells, np.ones((1, len(spells))))
        d, n = failed[0], watched[0]
        survival = np.cumprod(1.0 - d / n)
        greenwood = np.cumsum(np.where(n > d, d / (n * np.maximum(n - d, 1.0)), 0.0))
        low, high = _log_log(survival, greenwood, level)
    if len(survival) and survival[-1] == 0.0:
        low[-1], high[-1] = 0.0, high[-2] if len(high) > 1 else 1.0
    return Curve(ages, survival, low, high, level, float(spells.exit.max()))


def _from_scipy(spells: Spells, level: float) -> tuple[Floats, Floats, Floats, Floats]:
    from scipy import stats

    ages = np.unique(spells.exit[spells.event])
    if not len(ages):
        return ages, ages.copy(), ages.copy(), ages.copy()
    data = stats.CensoredData.right_censored(spells.exit, ~spells.event)
    sf = stats.ecdf(data).sf
    with warnings.catch_warnings():
        # where S is 1 or 0 the bounds are NaN and scipy says so; the caller mends S = 0
        warnings.filterwarnings("ignore", "The confidence interval is undefined")
        # two curves, whatever the stubs say of them
        bounds: Any = sf.confidence_interval(level, method="log-log")
    return ages, sf.evaluate(ages), bounds.low.evaluate(ages), bounds.high.evaluate(ages)


def logrank(one: Spells, other: Spells) -> LogRank:
    """Compare two groups of right-censored spells.

    Raises
    ------
    ValueError
        If a group is left-truncated: compare from a landmark instead, with ages counted from it.
    """
    from scipy import stats

    if one.truncated or other.truncated:
        raise ValueError(
            "the log-rank test here takes right-censored spells only; for left-truncated ones "
            "start both groups at a common landmark and count ages from there"
        )
    result = stats.logrank(
        stats.CensoredData.right_censored(one.exit, ~one.event),
        stats.CensoredData.right_censored(other.exit, ~other.event),
    )
    return LogRank(float(result.statistic), float(result.pvalue))
