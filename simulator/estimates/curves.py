"""Curves over the years: survival, cumulative incidence by cause, deployed troops."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from simulator.estimates.estimate import Estimate, mean_error, replicate_error, spread
from simulator.estimates.tally import BY_CAUSE, SHAPED, SUMS, Tally, grid_years
from simulator.model.compiled import FloatArray

# What lives in the world (troops, cost, the backstop) scatters within a draw as it does between
# draws: with fewer trials a range over draws would hold the scatter of its worlds too.
TRIALS_FOR_RANGE: Final = 16
MORE_TRIALS: Final = f"--trials {TRIALS_FOR_RANGE}"  # what to ask for, where that is so


@dataclass(frozen=True, eq=False, slots=True)
class Band:
    """A curve with its Monte Carlo error and its range over draws.

    Attributes
    ----------
    value, mcse, p05, p95 : float64 array, shape (..., K)
        NaN where it cannot be known.
    p05_mcse, p95_mcse : float64 array, shape (..., K), or None
        Of the ends of the range.
    """

    value: FloatArray
    mcse: FloatArray
    p05: FloatArray
    p95: FloatArray
    p05_mcse: FloatArray | None = None
    p95_mcse: FloatArray | None = None

    def at(self, i: int) -> Estimate:
        """The curve at one of its places."""
        numbers = (float(v[i]) for v in (self.value, self.mcse, self.p05, self.p95))
        value, mcse, low, high = (v if np.isfinite(v) else None for v in numbers)
        return Estimate(value, mcse, low, high)


@dataclass(frozen=True, eq=False, slots=True)
class Curves:
    """Curves of an outcome.

    Attributes
    ----------
    years : float64 array, shape (G + 1,)
        From 0 to the horizon.
    survival : Band
        Shape (G + 1,): share that still holds after each of ``years``.
    incidence : Band
        Shape (3, G + 1): share collapsed by each cause until each of ``years``.
    deployed : Band
        Shape (Y,): soldiers deployed in each year of the plan, averaged over that year and over
        all worlds; a ceasefire that has collapsed counts as 0.
    """

    years: FloatArray
    survival: Band
    incidence: Band
    deployed: Band


def curves(tally: Tally) -> Curves:
    """Pool the draws of a tally into curves."""
    years = grid_years(tally.horizon)
    kept = np.searchsorted(tally.years, years)
    ends = np.minimum(np.arange(1.0, np.ceil(tally.horizon) + 1.0), tally.horizon)
    at_ends = np.searchsorted(tally.years, ends)
    lengths = np.diff(ends, prepend=0.0)

    def grid(start: float) -> Callable[[FloatArray], FloatArray]:
        def shape(curve: FloatArray) -> FloatArray:
            first = np.full_like(curve[..., :1], start)
            return np.concatenate([first, curve[..., kept]], axis=-1)

        return shape

    def by_year(curve: FloatArray) -> FloatArray:
        return np.diff(curve[..., at_ends], prepend=0.0, axis=-1) / lengths

    causes = [_band(tally, name, grid(0.0)) for name in BY_CAUSE]
    return Curves(
        years=np.append(0.0, years),
        survival=_band(tally, "survival", grid(1.0)),
        incidence=_stacked(causes),
        deployed=_band(tally, "soldier_years", by_year, ranged=tally.trials >= TRIALS_FOR_RANGE),
    )


def mean_curves(tally: Tally, name: str) -> FloatArray:
    """Mean curve of all draws, then those of the replicates in turn, shape (1 + R, G).

    NaN of a replicate without draws.
    """
    sums = tally.sums[:, list(SUMS).index(name)]
    whole, counts = sums.sum(axis=0, dtype=np.float64), tally.counts.astype(np.float64)
    with np.errstate(invalid="ignore"):
        parts = sums / counts[:, None]
    return np.concatenate([whole[None] / counts.sum(), parts]) / SUMS[name]


def shapes(tally: Tally, name: str) -> FloatArray:
    """Curves of the draws that keep them, shape (d, G)."""
    return tally.shapes[:, SHAPED.index(name)].astype(np.float64)


def survival_of(tally: Tally, rows: NDArray[np.intp]) -> Band:
    """Survival on the grid, 0 included, of some of the draws that keep their curves."""
    kept = np.searchsorted(tally.years, grid_years(tally.horizon))
    held = shapes(tally, "survival")[rows][:, kept]
    held = np.concatenate([np.ones((rows.size, 1)), held], axis=1)
    draws = tally.draws[rows]
    (low, low_error), (high, high_error) = spread(held, draws)
    return Band(held.mean(axis=0), mean_error(held, draws), low, high, low_error, high_error)


def _band(
    tally: Tally,
    name: str,
    shape: Callable[[FloatArray], FloatArray],
    ranged: bool = True,
) -> Band:
    """Pool one curve of all draws; its range is that of the draws that keep their curves."""
    means = shape(mean_curves(tally, name))
    value, error = means[0], replicate_error(means[1:], tally.counts)
    if not ranged or not len(tally.shapes):
        nothing = np.full_like(value, np.nan)
        return Band(value, error, nothing, nothing, nothing, nothing)
    by_draw = shape(shapes(tally, name))
    (low, low_error), (high, high_error) = spread(by_draw, tally.draws[: len(by_draw)])
    return Band(value, error, low, high, low_error, high_error)


def _stacked(bands: list[Band]) -> Band:
    return Band(*(np.stack([getattr(b, name) for b in bands]) for name in Band.__slots__))
