"""Shares of the draws: in how many a plan is better than another, or the best of all.

They speak of the assumptions. Each draw is judged by the difference of its outcomes, averaged over
its trials. With `TRIALS_FOR_RANGE` of them little noise is left in that, and draws are simply
counted; with fewer a share would be drawn towards one half (.938 instead of .961, at 4 trials), and
is not given.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from simulator.analysis.paired import BETTER, Rows, values
from simulator.model.compiled import FloatArray
from simulator.outcomes.curves import TRIALS_FOR_RANGE
from simulator.outcomes.spread import known, with_error

Share = tuple[float | None, float | None]  # and its standard error; None where it is not given


def are_equal(first: Rows, second: Rows, quantity: str) -> bool:
    """Whether two plans have equally much of a quantity in every draw."""
    return np.array_equal(values(first, quantity), values(second, quantity))


def share_ahead(first: Rows, second: Rows, quantity: str) -> Share:
    """Share of the draws in which the first plan is better; equal ones count half."""
    return _share(_ahead(first, second, quantity), first)


def share_in_order(plans: Sequence[Rows], quantity: str) -> Share:
    """Share of the draws in which each plan is better than the next.

    A step between plans that are equal in a draw counts half, and whole where they are equal in
    all draws.
    """
    held = np.ones(plans[0].draws.size)
    for first, second in pairwise(plans):
        if not are_equal(first, second, quantity):
            held *= _ahead(first, second, quantity)
    return _share(held, plans[0])


def shares_best(plans: Sequence[Rows], quantity: str) -> tuple[Share, ...]:
    """Share of the draws in which each plan is the best of all; ties are shared."""
    scores = BETTER[quantity] * np.stack([values(plan, quantity) for plan in plans])
    best = scores == scores.max(axis=0)  # (N, D)
    return tuple(_share(held, plans[0]) for held in best / best.sum(axis=0))


def _ahead(first: Rows, second: Rows, quantity: str) -> FloatArray:
    """Whether the first plan is better in each draw: 1, 1/2 where they are equal, 0."""
    lead = BETTER[quantity] * (values(first, quantity) - values(second, quantity))
    return 0.5 + 0.5 * np.sign(lead)


def _share(held: FloatArray, like: Rows) -> Share:
    share, error = map(known, with_error(lambda rows: held[rows].mean(), like.draws))
    if error is None or like.trials < TRIALS_FOR_RANGE:
        return None, None
    # Where all draws agree, the share is known no better than to half a draw.
    return share, max(error, 0.5 / held.size)
