"""Mergeable tallies: what is kept of simulated paths once they are dropped.

Everything is a count or a sum in fixed point, held in int64: integers add in any order to the same
bits, so neither blocks nor workers can change a result. A tally takes memory in proportion to the
draws, never to the paths.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from simulator.engines.records import EVENT_KINDS, PathRecords
from simulator.model.compiled import CAUSES, FloatArray, IntArray

GROUPS: Final = 16  # paths of a draw fall in groups by number: their means give the path noise
FINE_BINS: Final = 3000  # of the pooled life-time histogram, from which the median is read

# Quantities summed per path, and how many fixed-point units make one. Rounding costs at most half
# a unit a path; the largest block (2**20 paths) stays below 2**53, where floats are exact too.
SUMS: Final = {
    "lifetime": 2.0**20,  # years, so about 30 seconds
    "peak_troops": 1.0,  # whole soldiers
    "troop_years_first": 2.0**10,
    "troop_years": 2.0**10,
    "backstop_off_years": 2.0**20,
    "cost": 1e-3,  # thousands of pounds
}
TROOP_UNITS: Final = 2.0**10
MAX_BLOCK: Final = 2**20


def grid_years(horizon: float) -> FloatArray:
    """Years at which survival is reported: quarters to 2, halves to 5, then every year.

    Parameters
    ----------
    horizon : float
        Years, positive; always the last point.

    Returns
    -------
    float64 array, shape (G,)
        Increasing, from the first quarter (or the horizon) on; 0 is left out.

    Examples
    --------
    >>> grid_years(3.0)
    array([0.25, 0.5 , 0.75, 1.  , 1.25, 1.5 , 1.75, 2.  , 2.5 , 3.  ])
    """
    years = np.concatenate(
        [np.arange(0.25, 2.0, 0.25), np.arange(2.0, 5.0, 0.5), np.arange(5.0, horizon + 1.0)]
    )
    return np.append(years[years < horizon], horizon)


@dataclass(frozen=True, eq=False, slots=True)
class Tally:
    """Counts and fixed-point sums by draw.

    Attributes
    ----------
    draws : int64 array, shape (D,)
        Numbers of the draws, increasing.
    years : float64 array, shape (G,)
        The grid; ``collapses[:, :, g]`` counts collapses in ``(years[g - 1], years[g]]``.
    paths : int64 array, shape (D, GROUPS)
        Paths tallied, by path number modulo `GROUPS`.
    collapses : int64 array, shape (D, 3, G)
    sums : int64 array, shape (D, GROUPS, len(SUMS))
        Fixed point, in the units of `SUMS`.
    troops : int64 array, shape (2, D, Y)
        Changes of deployed troops by year, in units of 1 / `TROOP_UNITS`: weighted by what is left
        of their year, and whole, from the year after.
    events : int64 array, shape (D, len(EVENT_KINDS))
    lifetimes : int64 array, shape (FINE_BINS,)
        Collapses of all draws in equal bins up to the horizon.
    """

    draws: IntArray
    years: FloatArray
    paths: IntArray
    collapses: IntArray
    sums: IntArray
    troops: IntArray
    events: IntArray
    lifetimes: IntArray

    @property
    def horizon(self) -> float:
        """Years; the last point of the grid."""
        return float(self.years[-1])


def empty(draws: IntArray, horizon: float) -> Tally:
    """A tally of no paths: the identity of `merge` among tallies of the same draws."""
    d, years = draws.size, grid_years(horizon)
    whole_years = int(np.ceil(horizon))

    def zeros(*shape: int) -> IntArray:
        return np.zeros(shape, np.int64)

    return Tally(
        draws=draws,
        years=years,
        paths=zeros(d, GROUPS),
        collapses=zeros(d, len(CAUSES), years.size),
        sums=zeros(d, GROUPS, len(SUMS)),
        troops=zeros(2, d, whole_years),
        events=zeros(d, len(EVENT_KINDS)),
        lifetimes=zeros(FINE_BINS),
    )


def add(tally: Tally, records: PathRecords, paths_per_draw: int) -> None:
    """Add the records of a block of paths to ``tally``, in place.

    Parameters
    ----------
    tally : Tally
        Of all draws of the model that the records come from.
    records : PathRecords
        At most 2**20 paths.
    paths_per_draw : int

    Raises
    ------
    ValueError
        If the block is too large for exact sums.
    """
    n = records.end_time.size
    if n > MAX_BLOCK:
        raise ValueError(f"a block of {n} paths; at most {MAX_BLOCK} can be summed exactly")
    path = records.first + np.arange(n)
    row = path // paths_per_draw
    base = int(row[0])  # count within the few draws of the block, then add to all
    local = row - base
    rows = slice(base, int(row[-1]) + 1)
    d = rows.stop - base
    group = local * GROUPS + path % paths_per_draw % GROUPS

    def count(index: IntArray, *shape: int, weights: FloatArray | None = None) -> IntArray:
        total = np.bincount(index, weights=weights, minlength=int(np.prod(shape)))
        return total.astype(np.int64).reshape(shape)

    tally.paths[rows] += count(group, d, GROUPS)
    collapsed = np.flatnonzero(records.cause >= 0)
    time, cause = records.end_time[collapsed], records.cause[collapsed].astype(np.int64)
    g = tally.years.size
    at = np.searchsorted(tally.years, time, side="left")
    tally.collapses[rows] += count((local[collapsed] * 3 + cause) * g + at, d, 3, g)
    for i, (name, units) in enumerate(SUMS.items()):
        amount = records.end_time if name == "lifetime" else getattr(records, name)
        tally.sums[rows, :, i] += count(group, d, GROUPS, weights=np.rint(amount * units))
    for i in range(len(EVENT_KINDS)):
        tally.events[rows, i] += count(local, d, weights=records.events[:, i].astype(np.float64))
    fine = np.ceil(time * (FINE_BINS / tally.horizon)).astype(np.int64) - 1
    tally.lifetimes[:] += np.bincount(np.clip(fine, 0, FINE_BINS - 1), minlength=FINE_BINS)
    _add_troops(tally.troops[:, rows], records, local)


def _add_troops(troops: IntArray, records: PathRecords, local: IntArray) -> None:
    """Each change counts in part in its own year and whole in the years after (docs/model.md)."""
    changes = records.troop_changes
    _, d, years = troops.shape
    year = np.minimum(changes.time.astype(np.int64), years - 1)
    index = local[changes.path] * years + year
    rest = changes.change * (year + 1 - changes.time)
    for part, amount in enumerate((rest, changes.change)):
        units = np.rint(amount * TROOP_UNITS)
        total = np.bincount(index, weights=units, minlength=d * years).astype(np.int64)
        troops[part] += total.reshape(d, years)


def merge(tallies: list[Tally]) -> Tally:
    """Add tallies of the same or of different draws.

    Parameters
    ----------
    tallies : list of Tally
        At least one, all of one horizon.

    Returns
    -------
    Tally
        Of the union of their draws; the order of the list does not matter.

    Raises
    ------
    ValueError
        If the list is empty or the horizons differ.
    """
    if not tallies or any(t.horizon != tallies[0].horizon for t in tallies):
        raise ValueError("tallies of one horizon are needed, and at least one")
    draws = np.unique(np.concatenate([t.draws for t in tallies]))
    total = empty(draws, tallies[0].horizon)
    for tally in tallies:
        rows = np.searchsorted(draws, tally.draws)
        total.paths[rows] += tally.paths
        total.collapses[rows] += tally.collapses
        total.sums[rows] += tally.sums
        total.troops[:, rows] += tally.troops
        total.events[rows] += tally.events
        total.lifetimes[:] += tally.lifetimes
    return total


def by_draw(tally: Tally, name: str) -> tuple[FloatArray, NDArray[np.float64]]:
    """Mean of a summed quantity in each draw, and its variance from path noise.

    Parameters
    ----------
    tally : Tally
    name : str
        A key of `SUMS`.

    Returns
    -------
    mean : float64 array, shape (D,)
    noise : float64 array, shape (D,)
        Variance of that mean between repetitions with other paths, estimated from the group means;
        NaN where fewer than two groups hold paths.
    """
    units = SUMS[name]
    sums = tally.sums[:, :, list(SUMS).index(name)] / units
    return group_means(sums, tally.paths.astype(np.float64))


def group_means(sums: FloatArray, sizes: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Weighted mean over groups and the variance of that mean, along the last axis.

    For groups of independent paths, sum_g n_g (m_g - m)^2 / ((G - 1) n) estimates the variance of
    the mean ``m`` of all ``n`` paths without bias.
    """
    n = sizes.sum(axis=-1)
    mean = sums.sum(axis=-1) / n
    used = np.count_nonzero(sizes, axis=-1)
    deviation = sums / np.where(sizes > 0, sizes, 1.0) - mean[..., None]
    scatter = (sizes * deviation**2).sum(axis=-1)
    noise = np.where(used > 1, scatter / (np.maximum(used - 1, 1) * n), np.nan)
    return mean, noise
