"""Kaplan-Meier curves, with pointwise intervals, and the log-rank test."""

from dataclasses import dataclass
from statistics import NormalDist

import numpy as np

from simulator.evidence.spells import Floats, Spells


@dataclass(frozen=True)
class Curve:
    """A survival curve: right-continuous steps, S = 1 before the first."""

    ages: Floats  # of the observed failures, years, increasing, shape (m,)
    survival: Floats  # S from that age on
    low: Floats  # ... and its pointwise interval
    high: Floats
    last: float  # greatest age watched; beyond it the curve says nothing

    def at(self, ages: Floats) -> tuple[Floats, Floats, Floats]:
        """S, low and high at `ages`; NaN beyond the last age watched."""
        ages = np.asarray(ages, dtype=np.float64)
        step = np.searchsorted(self.ages, ages, side="right")
        return tuple(  # type: ignore[return-value]  # three columns in, three out
            np.where(ages <= self.last, np.concatenate([[1.0], column])[step], np.nan)
            for column in (self.survival, self.low, self.high)
        )


def risk_sets(spells: Spells, weights: Floats) -> tuple[Floats, Floats, Floats]:
    """Failure ages (m,), weighted failures and numbers at risk (replicates, m)."""
    ages = np.unique(spells.exit[spells.event])

    def before(of: Floats, counted: Floats) -> Floats:
        """Weight (replicates, m) of the rows whose age `of` lies below each failure age."""
        order = np.argsort(of, kind="stable")
        total = np.zeros((len(counted), len(of) + 1))
        np.cumsum(counted[:, order], axis=1, out=total[:, 1:])
        return total[:, np.searchsorted(of[order], ages, side="left")]

    ended = spells.exit[spells.event]
    failing = before(ended, weights[:, spells.event])
    failed = np.diff(failing, axis=1, append=weights[:, spells.event].sum(axis=1, keepdims=True))
    return ages, failed, before(spells.entry, weights) - before(spells.exit, weights)


def watched_from(spells: Spells) -> float:
    """Age from which on somebody was at risk all the time, years; a curve can start there.

    Before it lies an age at which nobody was watched, or at which all who were failed at once: a
    product over earlier failures is 0 ever after, or steps over years that nobody saw. Of spells
    that are watched from their start it is 0.
    """
    order = np.argsort(spells.entry, kind="stable")
    entry, exit_, event = spells.entry[order], spells.exit[order], spells.event[order]
    last = np.maximum.accumulate(exit_)[:-1]  # greatest age watched by whoever entered earlier
    # those who left at that age: whether one of them was censored there and so survived it
    survivors = np.unique(exit_[~event])
    place = np.minimum(np.searchsorted(survivors, last), max(len(survivors) - 1, 0))
    survived = survivors[place] == last if len(survivors) else np.zeros(len(last), dtype=bool)
    broken = (entry[1:] > last) | ((entry[1:] == last) & ~survived)
    starts = np.concatenate([entry[:1], entry[1:][broken]])
    return float(starts[-1])


def _log_log(survival: Floats, greenwood: Floats, level: float) -> tuple[Floats, Floats]:
    """Interval for S on the scale log(-log S); Kalbfleisch & Prentice."""
    inside = (survival > 0) & (survival < 1)
    log_s = np.log(np.where(inside, survival, 0.5))
    reach = (
        NormalDist().inv_cdf(0.5 + level / 2) * np.sqrt(np.where(inside, greenwood, 0.0)) / log_s
    )
    low = np.where(inside, np.exp(log_s * np.exp(-reach)), survival)
    return low, np.where(inside, np.exp(log_s * np.exp(reach)), survival)


def kaplan_meier(spells: Spells, level: float = 0.90) -> Curve:
    """Kaplan-Meier curve with a pointwise log-log interval (Greenwood's variance).

    Delayed entry counts a row from its entry on (risk set: entry < age <= exit). Where S has
    reached 0 no variance exists; the interval there runs from 0 to the last upper bound before.
    """
    ages, failed, watched = risk_sets(spells, np.ones((1, len(spells))))
    d, n = failed[0], watched[0]
    survival = np.cumprod(1.0 - d / n)
    greenwood = np.cumsum(np.where(n > d, d / (n * np.maximum(n - d, 1.0)), 0.0))
    low, high = _log_log(survival, greenwood, level)
    if len(survival) and survival[-1] == 0.0:
        low[-1], high[-1] = 0.0, high[-2] if len(high) > 1 else 1.0
    return Curve(ages, survival, low, high, float(spells.exit.max()))


def logrank(one: Spells, other: Spells) -> float:
    """Two-sided p of the log-rank test of spells that are not left-truncated.

    NaN if nothing failed at an age at which both groups were watched.
    """
    from scipy import stats

    first, second = (stats.CensoredData.right_censored(x.exit, ~x.event) for x in (one, other))
    with np.errstate(invalid="ignore"):  # without a common age the variance is 0
        return float(stats.logrank(first, second).pvalue)
