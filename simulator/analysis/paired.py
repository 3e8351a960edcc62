"""Sums by draw and group of paths, kept so that plans can be compared path by path.

Plans simulated with one seed share every random number that both of them use: path 7 of draw 3
meets the same luck under both. Their difference is then known far better than either of them, and
its Monte Carlo error is read off the differences between groups of paths that the plans share.
Everything is an integer, so sums of parts are the sums of the whole, to the bit.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from simulator.engines.records import PathRecords
from simulator.model.compiled import FloatArray, IntArray
from simulator.outcomes.tally import MAX_BLOCK

# Quantities that can be compared: all of them means over paths. The number is the fixed-point units
# that make one; rounding a path to half a unit is far below what any number of paths can resolve.
UNITS: Final = {
    "p_collapse_within_2y": 1.0,
    "p_holds_20y": 1.0,
    "p_holds_30y": 1.0,
    "rmst_years": 2.0**10,
    "troop_years": 1.0,
    "cost_gbp": 1e-6,
}
# Where more is better (+1) and where less is (-1).
BETTER: Final = {
    "p_collapse_within_2y": -1,
    "p_holds_20y": 1,
    "p_holds_30y": 1,
    "rmst_years": 1,
    "troop_years": -1,
    "cost_gbp": -1,
}
# What a plan takes: to be ranked by, but no measure of its worth, since a plan that fails at once
# takes nothing more.
SPENT: Final = ("troop_years", "cost_gbp")
_HORIZON_NEEDED: Final = {
    "p_collapse_within_2y": 2.0,
    "p_holds_20y": 20.0,
    "p_holds_30y": 30.0,
}
# With so many groups over all draws the standard error of a difference is itself known to a few
# percent; more would only cost memory.
GROUPS_OVER_ALL: Final = 1024


@dataclass(frozen=True, eq=False, slots=True)
class PairedSums:
    """Fixed-point sums over the paths of one plan.

    Attributes
    ----------
    draws : int64 array, shape (D,)
        Numbers of the draws, increasing.
    horizon : float
        Years.
    sizes : int64 array, shape (D, G)
        Paths in each group; path ``p`` of a draw belongs to group ``p % G``.
    sums : int64 array, shape (D, G, len(UNITS))
        In the units of `UNITS`.
    """

    draws: IntArray
    horizon: float
    sizes: IntArray
    sums: IntArray


def groups_for(draws: int, paths: int) -> int:
    """Return how many groups the paths of a draw fall in: few where draws are many.

    Examples
    --------
    >>> groups_for(1000, 200), groups_for(1, 10_000), groups_for(1, 5)
    (2, 1024, 5)
    """
    return min(paths, max(2, GROUPS_OVER_ALL // draws))


def no_sums(draws: IntArray, horizon: float, groups: int) -> PairedSums:
    """Sums over no paths: the identity of `merge_sums` among sums of the same draws."""
    return PairedSums(
        draws,
        horizon,
        np.zeros((draws.size, groups), np.int64),
        np.zeros((draws.size, groups, len(UNITS)), np.int64),
    )


def add_paths(sums: PairedSums, records: PathRecords, paths_per_draw: int) -> None:
    """Add the records of a block of at most 2**20 paths to ``sums``, in place."""
    n = records.end_time.size
    if n > MAX_BLOCK:
        raise ValueError(f"a block of {n} paths; at most {MAX_BLOCK} can be summed exactly")
    path = records.first + np.arange(n)
    row = path // paths_per_draw
    groups = sums.sizes.shape[1]
    rows = slice(int(row[0]), int(row[-1]) + 1)
    cell = (row - row[0]) * groups + path % paths_per_draw % groups
    shape = (rows.stop - rows.start, groups)
    cells = shape[0] * shape[1]
    sums.sizes[rows] += np.bincount(cell, minlength=cells).reshape(shape)
    for i, (name, units) in enumerate(UNITS.items()):
        amount = np.rint(_quantity(records, name) * units)
        total = np.bincount(cell, weights=amount, minlength=cells)
        sums.sums[rows, :, i] += total.astype(np.int64).reshape(shape)


def _quantity(records: PathRecords, name: str) -> FloatArray:
    if name in _HORIZON_NEEDED:
        collapsed = (records.cause >= 0) & (records.end_time <= _HORIZON_NEEDED[name])
        counted = collapsed if name.startswith("p_collapse") else ~collapsed
        return counted.astype(np.float64)
    return {
        "rmst_years": records.end_time,
        "troop_years": records.troop_years,
        "cost_gbp": records.cost,
    }[name]


def merge_sums(parts: Sequence[PairedSums]) -> PairedSums:
    """Add sums over different paths of one plan, of the same or of different draws.

    Raises
    ------
    ValueError
        If there are none, or they differ in horizon or number of groups.
    """
    shapes = {(part.horizon, part.sizes.shape[1]) for part in parts}
    if len(shapes) != 1:
        raise ValueError("sums of one plan are needed, and at least one")
    horizon, groups = shapes.pop()
    total = no_sums(np.unique(np.concatenate([part.draws for part in parts])), horizon, groups)
    for part in parts:
        rows = np.searchsorted(total.draws, part.draws)
        total.sizes[rows] += part.sizes
        total.sums[rows] += part.sums
    return total


def comparable(plans: Sequence[PairedSums]) -> tuple[str, ...]:
    """Return the quantities in which plans can be compared, given their horizons.

    Raises
    ------
    ValueError
        If the plans do not share draws and groups of paths, so that nothing can be paired.
    """
    first = plans[0]
    for other in plans[1:]:
        same_draws = np.array_equal(first.draws, other.draws)
        if not same_draws or not np.array_equal(first.sizes, other.sizes):
            raise ValueError("only plans with the same draws and paths can be compared in pairs")
    horizons = {plan.horizon for plan in plans}
    return tuple(
        name
        for name in UNITS
        if (
            min(horizons) >= _HORIZON_NEEDED[name]
            if name in _HORIZON_NEEDED
            else len(horizons) == 1
        )
    )


def values(sums: PairedSums, name: str) -> FloatArray:
    """Return the sum of one quantity in each draw and group, in its own unit, shape (D, G)."""
    return np.asarray(sums.sums[:, :, list(UNITS).index(name)] / UNITS[name])
