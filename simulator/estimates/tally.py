"""Mergeable tallies: what is kept of simulated draws once their models are dropped.

A draw keeps one row of outcomes. Curves are kept as sums over the draws of each replicate, in fixed
point: integers add in any order to the same bits, so neither blocks nor workers can change a
result. Ranges of curves over draws are read from the curves of the first `SHAPES` draws, which are
kept whole.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from simulator.addresses import REPLICATES
from simulator.engines.records import Outcomes
from simulator.model.compiled import CAUSES, CompiledModel, FloatArray, IntArray
from simulator.quantities import AGES, ALSO_HELD, COLLAPSED_BY, HELD_FOR

SHAPES: Final = 65_536  # draws with lower numbers keep their curves
MOST_DRAWS: Final = 2**24  # whose fixed-point sums cannot overflow

BY_CAUSE: Final = tuple(f"cause:{cause}" for cause in CAUSES)
COLUMNS: Final = (
    *COLLAPSED_BY,
    *HELD_FOR,
    *ALSO_HELD,
    *BY_CAUSE,
    "rmst_years",
    "troop_years_first",
    "troop_years",
    "peak_troops",
    "soldiers_held",
    "backstop_off_years",
    "cost_gbp",
    *AGES,
)

# Curves: name -> fixed-point units to one. A draw's value times its units must stay below 2**43;
# 2**20 of them, the most in a replicate, then add up to less than 2**63.
SUMS: Final = {
    "survival": 2.0**42,
    "ending_rate": 2.0**30,
    **dict.fromkeys(BY_CAUSE, 2.0**42),
    "soldier_years": 2.0**12,
}
SHAPED: Final = tuple(name for name in SUMS if name != "ending_rate")


def grid_years(horizon: float) -> FloatArray:
    """Years at which survival is reported: quarters to 2, halves to 5, then every year.

    From the first quarter on (0 is left out) to the horizon, which is always the last.

    Examples
    --------
    >>> grid_years(3.0)
    array([0.25, 0.5 , 0.75, 1.  , 1.25, 1.5 , 1.75, 2.  , 2.5 , 3.  ])
    """
    years = np.concatenate(
        [np.arange(0.25, 2.0, 0.25), np.arange(2.0, 5.0, 0.5), np.arange(5.0, horizon + 1.0)]
    )
    return np.append(years[years < horizon], horizon)


def ages(horizon: float) -> FloatArray:
    """Ages at which an engine is asked for curves: the grid, and those of single outcomes."""
    single = np.array([*COLLAPSED_BY.values(), *HELD_FOR.values()])
    return np.union1d(grid_years(horizon), single[single < horizon])


@dataclass(frozen=True, eq=False, slots=True)
class Tally:
    """Outcomes of draws, each averaged over its trials."""

    draws: IntArray  # (D,) their numbers, increasing
    trials: int  # worlds of each draw
    horizon: float
    years: FloatArray  # (G,) `ages` of the horizon
    # (D, len(COLUMNS)) NaN where the horizon does not reach; ages beyond it are infinite
    rows: FloatArray
    counts: IntArray  # (REPLICATES,) draws of each replicate
    # (REPLICATES, len(SUMS), G) curves added up over the draws of each, in the units of `SUMS`
    sums: IntArray
    # (d, len(SHAPED), G) curves of the draws with numbers below `SHAPES`: the first d of them
    shapes: NDArray[np.float32]


def empty(draws: IntArray, trials: int, horizon: float) -> Tally:
    """A tally of these draws to `put` outcomes in; ValueError beyond `MOST_DRAWS` of them."""
    if draws.size > MOST_DRAWS:
        raise ValueError(f"{draws.size:,} draws; at most {MOST_DRAWS:,} can be summed exactly")
    years = ages(horizon)
    shaped = int(np.searchsorted(draws, SHAPES))
    return Tally(
        draws=draws,
        trials=trials,
        horizon=horizon,
        years=years,
        rows=np.full((draws.size, len(COLUMNS)), np.nan),
        counts=np.zeros(REPLICATES, np.int64),
        sums=np.zeros((REPLICATES, len(SUMS), years.size), np.int64),
        shapes=np.zeros((shaped, len(SHAPED), years.size), np.float32),
    )


def put(total: Tally, part: Tally) -> None:
    """Add a part of the draws of ``total``, in place; each draw once, in any order."""
    rows = np.searchsorted(total.draws, part.draws)
    total.rows[rows] = part.rows
    total.shapes[rows[: len(part.shapes)]] = part.shapes
    total.counts[:] += part.counts
    total.sums[:] += part.sums


def merge(tallies: Sequence[Tally]) -> Tally:
    """Join tallies of different draws of one plan; their order changes no bit."""
    if len({(tally.trials, tally.horizon) for tally in tallies}) != 1:
        raise ValueError("tallies of one horizon and as many trials are needed, and at least one")
    numbers = np.concatenate([tally.draws for tally in tallies])
    draws = np.unique(numbers)
    if draws.size < numbers.size:
        raise ValueError("a draw is in two of the tallies")
    total = empty(draws, tallies[0].trials, tallies[0].horizon)
    for tally in tallies:
        put(total, tally)
    return total


def tally_of(outcomes: Outcomes, model: CompiledModel, trials: int) -> Tally:
    """Tally what an engine found for the draws of a model at `ages`."""
    tally = empty(model.draws, trials, model.horizon)
    if not np.array_equal(tally.years, outcomes.years):
        raise ValueError("outcomes at the ages of this horizon are needed")
    _fill_rows(tally, outcomes, model)
    one_by_one = (outcomes.survival, outcomes.ending_rate, *outcomes.incidence.swapaxes(0, 1))
    curves = np.stack([*one_by_one, outcomes.soldier_years], axis=1)
    shaped = [i for i, name in enumerate(SUMS) if name in SHAPED]
    tally.shapes[:] = curves[: len(tally.shapes), shaped]
    curves *= np.array(list(SUMS.values()))[:, None]
    if not np.abs(curves).max(initial=0.0) < 2.0**43:
        raise ValueError("a rate or a number of soldiers is too large to be summed exactly")
    fixed = np.rint(curves, out=curves).astype(np.int64)
    replicate = model.draws % REPLICATES
    tally.counts[:] = np.bincount(replicate, minlength=REPLICATES)
    for r in range(REPLICATES):
        tally.sums[r] = fixed[replicate == r].sum(axis=0)
    return tally


def _fill_rows(tally: Tally, outcomes: Outcomes, model: CompiledModel) -> None:
    def at(age: float, values: FloatArray) -> FloatArray:
        index = np.flatnonzero(tally.years == age)
        return values[:, index[0]] if index.size else np.full(len(values), np.nan)

    shares = np.array(list(AGES.values()))
    found = ages_by_which(shares, tally.years, outcomes.survival, outcomes.ending_rate)
    columns = {
        **{name: 1.0 - at(age, outcomes.survival) for name, age in COLLAPSED_BY.items()},
        **{name: at(age, outcomes.survival) for name, age in (HELD_FOR | ALSO_HELD).items()},
        **{name: outcomes.incidence[:, c, -1] for c, name in enumerate(BY_CAUSE)},
        "rmst_years": outcomes.rmst,
        "troop_years_first": at(1.0, outcomes.soldier_years),
        "troop_years": outcomes.troop_years,
        "peak_troops": outcomes.peak_troops,
        "soldiers_held": outcomes.peak_troops * model.money.rotation_ratio,
        "backstop_off_years": outcomes.backstop_off_years,
        "cost_gbp": outcomes.cost,
        **dict(zip(AGES, found, strict=True)),
    }
    for i, name in enumerate(COLUMNS):
        tally.rows[:, i] = columns[name]


def column(tally: Tally, name: str) -> FloatArray:
    """One outcome in each draw, shape (D,)."""
    return tally.rows[:, COLUMNS.index(name)]


HALVINGS: Final = 20  # of an interval between two ages of a curve: 30 seconds of a year


def ages_by_which(
    shares: FloatArray, years: FloatArray, survival: FloatArray, ending_rate: FloatArray
) -> FloatArray:
    """Ages by which given shares in (0, 1) have collapsed, shape (L, N); infinite beyond the last.

    Survival and minus its slope are given at some ages, shape (N, G). Between these ages it is a
    cubic that meets it and its slope at both ends; the slopes are limited so that it never rises
    (Fritsch & Carlson 1980). It is 1 at age 0.

    Examples
    --------
    >>> years = np.arange(1.0, 10.0)
    >>> curve = np.exp(-0.2 * years)[None]
    >>> np.round(ages_by_which(np.array([0.5, 0.9]), years, curve, 0.2 * curve), 3)
    array([[3.466],
           [  inf]])
    """
    knots = np.append(0.0, years)
    curve = np.concatenate([np.ones((1, len(survival))), survival.T])
    # The slope at 0 makes the first piece a parabola.
    first = 2.0 * (survival[:, 0] - 1.0) / years[0] + ending_rate[:, 0]
    slope = np.concatenate([first[None], -ending_rate.T])

    level = 1.0 - shares[:, None]
    right = np.stack([(curve > one).sum(axis=0) for one in level])
    beyond = right == knots.size
    right = np.minimum(right, knots.size - 1)

    def at(values: FloatArray, index: np.ndarray[tuple[int, ...], np.dtype[np.intp]]) -> FloatArray:
        return np.take_along_axis(values, index, axis=0)

    width = knots[right] - knots[right - 1]
    low, fall = at(curve, right - 1), at(curve, right) - at(curve, right - 1)
    left_slope, right_slope = (
        np.clip(width * at(slope, side), 3.0 * fall, 0.0) for side in (right - 1, right)
    )
    square = 3.0 * fall - 2.0 * left_slope - right_slope
    cube = left_slope + right_slope - 2.0 * fall
    share = np.zeros(right.shape)
    step = 1.0
    for _ in range(HALVINGS):
        step /= 2.0
        middle = share + step
        share += step * (low + middle * (left_slope + middle * (square + middle * cube)) > level)
    share += step / 2.0
    return np.where(beyond, np.inf, knots[right - 1] + share * width)
