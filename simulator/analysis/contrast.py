"""The mean over some points of a sweep against the mean over others, paired by draw.

All points of a sweep share draws and worlds, so the errors of two means over points are far from
independent: most of each is in the other too, and is gone from their difference.
"""

from collections.abc import Sequence

from simulator.analysis.paired import Rows, check_comparable, difference_estimates, shared, values
from simulator.model.compiled import FloatArray
from simulator.outcomes.spread import Estimate


def contrast(points: Sequence[Rows], reference: Sequence[Rows], quantity: str) -> Estimate:
    """Mean over ``points`` less the mean over ``reference``, every point weighing the same.

    With ``x[p, d]`` the mean over the trials of draw ``d`` at point ``p``, the difference in a draw
    is ``delta[d] = mean_p x[p, d] - mean_q x[q, d]`` for ``p`` in points and ``q`` in reference.

    * value: ``mean_d delta[d]``
    * MCSE: of that mean, from the replicates of the draws
    * p05, p95: of ``delta[d]`` over draws, if they have trials enough

    Points that took different numbers of draws are compared in those that all of them have.

    Parameters
    ----------
    points, reference : sequence of Rows
        At least one each, of one seed, with the same trials.
    quantity : str
        One of `simulator.analysis.paired.comparable` of all of them.

    Raises
    ------
    NotComparableError
        If they cannot be compared in that quantity.
    """
    rows = shared([*points, *reference])
    check_comparable([one.horizon for one in rows], quantity)
    there, here = rows[: len(points)], rows[len(points) :]
    difference = _mean(there, quantity) - _mean(here, quantity)
    return difference_estimates(difference[:, None], rows[0])[0]


def _mean(points: Sequence[Rows], quantity: str) -> FloatArray:
    """Mean over points in each draw: rows have float32 values, whose sums in float64 are exact."""
    total = values(points[0], quantity)
    for point in points[1:]:
        total = total + values(point, quantity)
    return total / len(points)
