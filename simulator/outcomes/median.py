"""The median life time, which a bounded horizon may hide."""

from __future__ import annotations

import numpy as np

from simulator.model.compiled import FloatArray
from simulator.outcomes.curves import survival_by_draw
from simulator.outcomes.spread import (
    HIGH,
    LOW,
    Estimate,
    standard_error,
    without_path_noise,
)
from simulator.outcomes.tally import FINE_BINS, Tally


def median_lifetime(tally: Tally) -> Estimate:
    """Median years to collapse, pooled over draws.

    The value is read off the pooled fine histogram. Its MCSE is half the distance between the
    times at which survival passes 1/2 plus and minus its own MCSE (Woodruff 1952). The range over
    draws is that of the medians of the draws' survival curves with the path noise removed.
    """
    paths = int(tally.paths.sum())
    edges = np.linspace(0.0, tally.horizon, FINE_BINS + 1)
    survival = 1.0 - np.concatenate([[0], np.cumsum(tally.lifetimes)]) / paths
    value = crossing(edges, survival, 0.5)
    notes = [] if value is not None else [f"the median lies beyond {tally.horizon:g} years"]

    grid = np.concatenate([[0.0], tally.years])
    by_draw, noise = survival_by_draw(tally)
    mcse = None
    if value is not None:
        at = np.array([np.interp(value, grid, s) for s in by_draw])
        error = standard_error(at, np.array([np.interp(value, grid, noise[0])]))
        if error is not None:
            early = crossing(edges, survival, 0.5 + error)
            late = crossing(edges, survival, 0.5 - error)
            if early is not None and late is not None:
                mcse = (late - early) / 2
            else:
                notes.append("its Monte Carlo error reaches the horizon")

    low = high = None
    if by_draw.shape[0] > 1 and not np.isnan(noise).any():
        shrunk = np.minimum.accumulate(without_path_noise(by_draw, noise), axis=1)
        medians = [crossing(grid, s, 0.5) for s in shrunk]
        finite = np.array([np.inf if m is None else m for m in medians])
        low, high = (_finite(np.quantile(finite, q, method="inverted_cdf")) for q in (LOW, HIGH))
        if low is None or high is None:
            notes.append(f"part of the range over draws lies beyond {tally.horizon:g} years")
    return Estimate(value, mcse, low, high, note="; ".join(notes))


def crossing(years: FloatArray, survival: FloatArray, level: float) -> float | None:
    """First time at which a non-increasing curve falls to ``level``; None if it never does.

    Examples
    --------
    >>> crossing(np.array([0.0, 1.0, 2.0]), np.array([1.0, 0.6, 0.4]), 0.5)
    1.5
    """
    below = np.flatnonzero(survival <= level)
    if below.size == 0:
        return None
    k = int(below[0])
    if k == 0:
        return float(years[0])
    share = (survival[k - 1] - level) / (survival[k - 1] - survival[k])
    return float(years[k - 1] + share * (years[k] - years[k - 1]))


def _finite(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None
