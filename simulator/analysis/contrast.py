"""The mean over some points of a sweep against the mean over others, paired by draw.

All points of a sweep meet the same draws and the same luck, so the errors of two means over points
are far from independent: most of each is in the other too, and is gone from their difference.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from simulator.analysis.paired import UNITS, PairedSums, comparable
from simulator.model.compiled import FloatArray
from simulator.outcomes.spread import Estimate, estimate
from simulator.outcomes.tally import group_means


def contrast(
    points: Sequence[PairedSums], reference: Sequence[PairedSums], quantity: str
) -> Estimate:
    """Mean over ``points`` less the mean over ``reference``, every point weighing the same.

    With ``x[p, d]`` the mean over the paths of draw ``d`` at point ``p``, the difference in a draw
    is ``delta[d] = mean_p x[p, d] - mean_q x[q, d]`` for ``p`` in points and ``q`` in reference.

    * value: ``mean_d delta[d]``
    * MCSE: ``sd_d(delta[d]) / sqrt(D)`` over the ``D`` draws; of one draw, from the scatter of
      ``delta`` between groups of paths
    * p05, p95: of ``delta[d]`` over draws, once the path noise in it is taken out, which is read
      off the groups of paths that all points share

    Parameters
    ----------
    points, reference : sequence of PairedSums
        At least one each, of one seed, with the same draws and paths.
    quantity : str
        One of `simulator.analysis.paired.comparable` of all of them.

    Raises
    ------
    ValueError
        If they cannot be compared in that quantity.
    """
    if quantity not in comparable([*points, *reference]):
        raise ValueError(f"'{quantity}' cannot be compared over these horizons")
    difference = _mean(points, quantity) - _mean(reference, quantity)
    return estimate(*group_means(difference, points[0].sizes.astype(np.float64)))


def _mean(points: Sequence[PairedSums], quantity: str) -> FloatArray:
    """Mean over points of their sums, shape (D, G), added as integers: equal stays equal."""
    i = list(UNITS).index(quantity)
    total = points[0].sums[:, :, i].copy()
    for point in points[1:]:
        total += point.sums[:, :, i]
    return np.asarray(total / (UNITS[quantity] * len(points)))
