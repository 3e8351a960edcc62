"""One number from many draws: its value, its Monte Carlo error, and its spread over assumptions.

The two uncertainties are kept apart (docs/model.md, section "Two levels of uncertainty"). The Monte
Carlo standard error (MCSE) says how far the printed value may be from what infinitely many draws
and paths would give; more computing shrinks it. The range over draws says how the answer depends
on what nobody knows; more computing only shows it more sharply.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from simulator.model.compiled import FloatArray

LOW, HIGH = 0.05, 0.95
# Fewer draws than this do not really have a 5th and a 95th percentile: the range is then rough.
DRAWS_FOR_RANGE: Final = 20
# Above this share of path noise in the variance, the shape of the range is blurred visibly.
ROUGH_NOISE: Final = 0.3
# Above this share it is not given: with few paths that count, most of its shape is their number,
# and a range of differences would exclude zero where the assumptions do not.
HIDDEN_NOISE: Final = 0.5


@dataclass(frozen=True, slots=True)
class Estimate:
    """An estimate of one quantity.

    Attributes
    ----------
    value : float or None
        None where the quantity does not exist (a median beyond the horizon, a rate over nothing).
    mcse : float or None
        Monte Carlo standard error of the value, clustered by draw; None where one draw with one
        path leaves nothing to estimate it from.
    p05, p95 : float or None
        Range over draws of the assumptions with the path noise removed.
    numerical_error : float
        Bound on the error of an engine that solves equations; 0 for simulated paths, whose
        arithmetic is exact up to rounding.
    note : str
        Why something is None; empty otherwise.
    """

    value: float | None
    mcse: float | None
    p05: float | None
    p95: float | None
    numerical_error: float = 0.0
    note: str = ""


def without_path_noise(means: FloatArray, noise: FloatArray) -> FloatArray:
    """Draw means pulled towards their average until their variance is that of the assumptions.

    The variance of the means over draws is the variance due to assumptions plus the mean path
    noise. Shrinking every deviation by the square root of the first over the sum leaves the
    average alone and restores the variance; the 5th and 95th percentile are read off the result.

    Parameters
    ----------
    means : float64 array, shape (D, ...)
        Mean over the paths of each draw.
    noise : float64 array, shape (D, ...)
        Variance of each of those means from path noise alone.

    Returns
    -------
    float64 array, shape (D, ...)
        All equal where the path noise explains the whole variance.
    """
    centre = means.mean(axis=0)
    variance = means.var(axis=0, ddof=1)
    epistemic = np.maximum(0.0, variance - noise.mean(axis=0))
    factor = np.sqrt(epistemic / np.where(variance > 0.0, variance, 1.0))
    return np.asarray(centre + factor * (means - centre))


def estimate(
    means: FloatArray, noise: FloatArray, numerical_error: float = 0.0, note: str = ""
) -> Estimate:
    """Pool the means of equally weighted draws.

    Parameters
    ----------
    means, noise : float64 array, shape (D,)
        As for `without_path_noise`; NaN noise where a draw has too few paths to show it.
    """
    value = float(means.mean())
    mcse = standard_error(means, noise)
    low, high, why = _range(means, noise)
    return Estimate(value, mcse, low, high, numerical_error, "; ".join(filter(None, (note, why))))


def standard_error(means: FloatArray, noise: FloatArray) -> float | None:
    """MCSE of the average over draws: from the scatter of draws, or of one draw's paths."""
    if means.size > 1:
        return float(means.std(ddof=1) / np.sqrt(means.size))
    return None if np.isnan(noise[0]) else float(np.sqrt(noise[0]))


def _range(means: FloatArray, noise: FloatArray) -> tuple[float | None, float | None, str]:
    if means.size < 2:
        return None, None, "one draw: the error is that of its paths alone, and there is no range"
    if np.isnan(noise).any():
        return None, None, "a range over draws needs at least 2 paths a draw"
    variance = float(means.var(ddof=1))
    if variance > 0.0 and noise.mean() > HIDDEN_NOISE * variance:
        return None, None, "path noise hides the range over draws: more paths a draw are needed"
    low, high = np.quantile(without_path_noise(means, noise), [LOW, HIGH])
    return float(low), float(high), _how_rough(means.size, float(noise.mean()), variance)


def _how_rough(draws: int, noise: float, variance: float) -> str:
    if draws < DRAWS_FOR_RANGE:
        return f"a rough range, of {draws} draws"
    if noise > ROUGH_NOISE * variance:
        return "a rough range: much of the scatter of the draws is path noise, taken out on average"
    return ""


def unknown(why: str) -> Estimate:
    """An estimate that does not exist, and why."""
    return Estimate(None, None, None, None, note=why)
