"""Many small maximisations side by side: damped Newton steps in a box."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from simulator.evidence.likelihood import Objective
from simulator.evidence.spells import Floats

__all__ = ["Maximum", "maximise"]

_GRADIENT_TOLERANCE = 1e-7  # log-likelihood per unit of a working parameter
_LONGEST_STEP = 2.0  # working units: a factor of e^2 in a rate
_LEAST_GAIN = 1e-11  # relative: below this a step only moves rounding error
_DAMPING_LIMIT = 1e12


class Maximum(NamedTuple):
    """Where the searches ended.

    ``point`` (r, p), ``value`` (r,), ``converged`` (r,) and ``at_bound`` (r, p).
    """

    point: Floats
    value: Floats
    converged: npt.NDArray[np.bool_]
    at_bound: npt.NDArray[np.bool_]


def _step(gradient: Floats, hessian: Floats, damping: Floats) -> Floats:
    """Uphill Newton step; directions of positive curvature are followed by their absolute value."""
    values, vectors = np.linalg.eigh(-hessian)
    along = np.einsum("rji,rj->ri", vectors, gradient) / (np.abs(values) + damping[:, None])
    step: Floats = np.einsum("rij,rj->ri", vectors, along)
    longest = np.abs(step).max(axis=1, keepdims=True)
    curb: Floats = np.minimum(1.0, _LONGEST_STEP / np.maximum(longest, 1e-300))
    return step * curb


def maximise(
    objective: Objective, start: Floats, lower: Floats, upper: Floats, iterations: int = 200
) -> Maximum:
    """Climb `objective` from each starting point inside the box.

    Parameters
    ----------
    objective : Objective
        Value, gradient and Hessian of the replicates asked for.
    start : ndarray, shape (r, p)
        One starting point per replicate.
    lower, upper : ndarray, shape (p,)
        The box, closed.
    iterations : int
        Trial steps allowed per replicate.

    Notes
    -----
    A coordinate on its bound whose gradient points outward is held there. A step that does not
    gain raises that replicate's damping tenfold, one that does lowers it; a replicate is done when
    its free gradient is flat or no step gains more than rounding error.
    """
    point = np.clip(start, lower, upper)
    everyone = np.arange(len(point))
    value, gradient, hessian = objective(point, everyone)
    damping = np.full(len(point), 1e-3)
    converged = np.zeros(len(point), dtype=bool)
    for _ in range(iterations):
        held = ((point <= lower) & (gradient < 0)) | ((point >= upper) & (gradient > 0))
        free = np.where(held, 0.0, gradient)
        converged |= np.abs(free).max(axis=1) < _GRADIENT_TOLERANCE
        live = np.flatnonzero(~converged)
        if not len(live):
            break
        curb = held[live]
        reduced = np.where(curb[:, :, None] | curb[:, None, :], 0.0, hessian[live])
        reduced -= curb[:, :, None] * np.eye(point.shape[1])  # held coordinates stand alone
        step = _step(free[live], reduced, damping[live])
        trial = np.clip(point[live] + step, lower, upper)
        v, g, h = objective(trial, live)
        gain = v - value[live]
        better = np.isfinite(v) & (gain > 0)
        up = live[better]
        point[up], value[up], gradient[up], hessian[up] = (
            trial[better], v[better], g[better], h[better],
        )  # fmt: skip
        damping[up] = np.maximum(damping[up] * 0.2, 1e-9)
        down = live[~better]
        damping[down] *= 10.0
        small = np.abs(gain) <= _LEAST_GAIN * (1.0 + np.abs(value[live]))
        converged[live[small]] = True
        converged[down[damping[down] > _DAMPING_LIMIT]] = True
    return Maximum(point, value, converged, (point <= lower) | (point >= upper))
