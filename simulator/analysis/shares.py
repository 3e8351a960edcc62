"""Shares of the draws: in how many a plan is better than another, or the best of all.

They speak of the assumptions. Each draw is judged by the difference of its outcomes, averaged over
its trials. With `TRIALS_FOR_RANGE` of them little noise is left in that, and draws are simply
counted; with fewer a share would be drawn towards one half (.938 instead of .961, at 4 trials), and
is not given.
"""

import numpy as np

from simulator.analysis.paired import Rows
from simulator.model.compiled import FloatArray
from simulator.outcomes.curves import TRIALS_FOR_RANGE
from simulator.outcomes.spread import known, mean_error
from simulator.quantities import QUANTITIES

Share = tuple[float | None, float | None]  # and its standard error; None where it is not given


def shares_ahead(first: FloatArray, second: FloatArray, like: Rows, quantity: str) -> list[Share]:
    """Shares of the draws in which first plans are better than second ones, shape (D, N) each.

    Draws in which they are equal count half.
    """
    return _shares(_ahead(first, second, quantity), like)


def share_in_order(plans: FloatArray, like: Rows, quantity: str) -> Share:
    """Share of the draws in which each plan is better than the next, shape (D, N).

    A step between plans that are equal in a draw counts half, and whole where they are equal in
    all draws.
    """
    ahead = _ahead(plans[:, :-1], plans[:, 1:], quantity)
    ahead[:, (ahead == 0.5).all(axis=0)] = 1.0
    return _shares(ahead.prod(axis=1, keepdims=True), like)[0]


def shares_best(plans: FloatArray, like: Rows, quantity: str) -> list[Share]:
    """Share of the draws in which each plan is the best of all, shape (D, N); ties are shared."""
    scores = (QUANTITIES[quantity].better or 0) * plans
    best = scores == scores.max(axis=1, keepdims=True)
    return _shares(best / best.sum(axis=1, keepdims=True), like)


def _ahead(first: FloatArray, second: FloatArray, quantity: str) -> FloatArray:
    """Whether first plans are better in each draw: 1, 1/2 where they are equal, 0."""
    return 0.5 + 0.5 * np.sign((QUANTITIES[quantity].better or 0) * (first - second))


def _shares(held: FloatArray, like: Rows) -> list[Share]:
    if like.trials < TRIALS_FOR_RANGE or like.draws.size < 2:
        return [(None, None)] * held.shape[1]
    # Where all draws agree, the share is known no better than to half a draw.
    least = 0.5 / like.draws.size
    found = zip(held.mean(axis=0), mean_error(held, like.draws), strict=True)
    return [(known(share), max(known(error) or 0.0, least)) for share, error in found]
