"""Curves over the years: survival, cumulative incidence by cause, deployed troops."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Final

import numpy as np
from numpy.typing import NDArray

from simulator.estimates.estimate import Estimate, known, mean, mean_error, replicate_error, spread
from simulator.estimates.tally import BY_CAUSE, SHAPED, SUMS, Tally, grid_years
from simulator.model.compiled import FloatArray

# What depends on the world (troops, cost, the backstop) scatters within a draw as it does between
# draws: with fewer trials a range over draws would hold the scatter of its worlds too.
TRIALS_FOR_RANGE: Final = 16
MORE_TRIALS: Final = f"--trials {TRIALS_FOR_RANGE}"  # what to ask for, where that is so
TOO_FEW_TRIALS: Final = f"a range over assumptions needs {MORE_TRIALS}"


@dataclass(frozen=True, eq=False, slots=True)
class Band:
    """A curve with its Monte Carlo error and its range over draws: shape (..., K).

    NaN where a number cannot be known.
    """

    value: FloatArray
    mcse: FloatArray
    p05: FloatArray
    p95: FloatArray
    p05_mcse: FloatArray | None = None
    p95_mcse: FloatArray | None = None

    def at(self, i: int) -> Estimate:
        """The curve at one of its places."""
        return Estimate(
            known(self.value[i]), known(self.mcse[i]), known(self.p05[i]), known(self.p95[i])
        )


@dataclass(frozen=True, eq=False, slots=True)
class Curves:
    """Curves of an outcome."""

    years: FloatArray  # (G + 1,) from 0 to the horizon
    survival: Band  # (G + 1,) share that still holds after each of the years
    incidence: Band  # (3, G + 1) share collapsed by each cause until each of the years
    # (Y,) soldiers deployed, averaged over each year of the plan and over all worlds; a ceasefire
    # that has collapsed counts as 0
    deployed: Band


def curves(tally: Tally) -> Curves:
    """Pool the draws of a tally into curves."""
    years = grid_years(tally.horizon)
    ends = np.minimum(np.arange(1.0, np.ceil(tally.horizon) + 1.0), tally.horizon)
    at_ends = np.searchsorted(tally.years, ends)
    lengths = np.diff(ends, prepend=0.0)

    def by_year(curve: FloatArray) -> FloatArray:
        return np.diff(curve[..., at_ends], prepend=0.0, axis=-1) / lengths

    causes = [_band(tally, name, partial(_on_grid, tally, 0.0)) for name in BY_CAUSE]
    return Curves(
        years=np.append(0.0, years),
        survival=_band(tally, "survival", partial(_on_grid, tally, 1.0)),
        incidence=Band(*(np.stack([getattr(b, n) for b in causes]) for n in Band.__slots__)),
        deployed=_band(tally, "soldier_years", by_year, ranged=tally.trials >= TRIALS_FOR_RANGE),
    )


def _on_grid(tally: Tally, start: float, curve: FloatArray) -> FloatArray:
    """A curve on the grid, from its value at 0 on."""
    first = np.full_like(curve[..., :1], start)
    kept = np.searchsorted(tally.years, grid_years(tally.horizon))
    return np.concatenate([first, curve[..., kept]], axis=-1)


def mean_curves(tally: Tally, name: str) -> FloatArray:
    """Mean curve of all draws, then those of the replicates (NaN without draws): (1 + R, G)."""
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
    held = _on_grid(tally, 1.0, shapes(tally, "survival")[rows])
    draws = tally.draws[rows]
    (low, low_error), (high, high_error) = spread(held, draws)
    return Band(mean(held), mean_error(held, draws), low, high, low_error, high_error)


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
