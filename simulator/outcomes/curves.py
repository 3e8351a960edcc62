"""Curves over the years: survival, cumulative incidence by cause, deployed troops."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from simulator.model.compiled import FloatArray
from simulator.outcomes.spread import HIDDEN_NOISE, HIGH, LOW, without_path_noise
from simulator.outcomes.tally import TROOP_UNITS, Tally

PATHS_FOR_DEPLOYED: Final = 50  # of a draw, before its yearly means are shown as a range


@dataclass(frozen=True, eq=False, slots=True)
class Band:
    """A curve with its Monte Carlo error and its range over draws.

    Attributes
    ----------
    value, mcse, p05, p95 : float64 array, shape (..., K)
        NaN where it cannot be told.
    """

    value: FloatArray
    mcse: FloatArray
    p05: FloatArray
    p95: FloatArray


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
        all paths, those that have collapsed included as 0.
    """

    years: FloatArray
    survival: Band
    incidence: Band
    deployed: Band


def survival_by_draw(tally: Tally) -> tuple[FloatArray, FloatArray]:
    """Survival of each draw on the grid, 0 included, and its variance from path noise.

    Returns
    -------
    survival, noise : float64 array, shape (D, G + 1)
    """
    incidence = _incidence_by_draw(tally)
    survival = 1.0 - incidence.sum(axis=1)
    return survival, _binomial_noise(survival, tally)


def curves(tally: Tally) -> Curves:
    """Pool the draws of a tally into curves."""
    years = np.concatenate([[0.0], tally.years])
    incidence = _incidence_by_draw(tally)
    survival, noise = survival_by_draw(tally)
    deployed = _deployed_by_draw(tally)
    few = tally.paths.sum(axis=1).min() < PATHS_FOR_DEPLOYED and deployed.shape[0] > 1
    return Curves(
        years=years,
        survival=band(survival, noise),
        incidence=band(incidence, _binomial_noise(incidence, tally)),
        # No path noise is kept by year, so this range holds it too; with many paths a draw it is
        # a little too wide, with few it would mislead and is not given.
        deployed=band(deployed, np.full_like(deployed, np.nan if few else 0.0)),
    )


def band(by_draw: FloatArray, noise: FloatArray) -> Band:
    """Pool curves of equally weighted draws.

    Parameters
    ----------
    by_draw, noise : float64 array, shape (D, ..., K)
        Curve of each draw and its variance from path noise.
    """
    draws = by_draw.shape[0]
    value = by_draw.mean(axis=0)
    mcse = by_draw.std(axis=0, ddof=1) / np.sqrt(draws) if draws > 1 else np.sqrt(noise[0])
    if draws < 2 or np.isnan(noise).any():
        nothing = np.full_like(value, np.nan)
        return Band(value, mcse, nothing, nothing)
    ends = np.quantile(without_path_noise(by_draw, noise), [LOW, HIGH], axis=0)
    # Without this a range that noise hides would shrink to a line, as if nothing were in doubt.
    hidden = noise.mean(axis=0) > HIDDEN_NOISE * by_draw.var(axis=0, ddof=1)
    low, high = np.where(hidden, np.nan, ends)
    return Band(value, mcse, low, high)


def _incidence_by_draw(tally: Tally) -> FloatArray:
    """Shape (D, 3, G + 1)."""
    paths = tally.paths.sum(axis=1)[:, None, None]
    shares = np.cumsum(tally.collapses, axis=2) / paths
    return np.concatenate([np.zeros((*shares.shape[:2], 1)), shares], axis=2)


def _binomial_noise(share: FloatArray, tally: Tally) -> FloatArray:
    paths = tally.paths.sum(axis=1).reshape(-1, *([1] * (share.ndim - 1)))
    if paths.min() < 2:
        return np.full_like(share, np.nan)
    return np.asarray(share * (1.0 - share) / (paths - 1))


def _deployed_by_draw(tally: Tally) -> FloatArray:
    """Shape (D, Y); a last year cut short by the horizon is averaged over what there is of it."""
    rest, whole = tally.troops / TROOP_UNITS
    earlier = np.cumsum(whole, axis=1) - whole
    total = rest + earlier
    length = np.ones(total.shape[1])
    cut = tally.horizon - (total.shape[1] - 1)
    if cut < 1.0:
        # Changes were weighted by what is left of a whole year: take off what lies past the end.
        total[:, -1] -= (earlier + whole)[:, -1] * (1.0 - cut)
        length[-1] = cut
    return np.asarray(total / length / tally.paths.sum(axis=1)[:, None])
