"""Shares of the draws: in how many a plan is better than another, or the best of all.

They speak of the assumptions, but each draw is judged by its paths, and their luck may judge it
wrongly. With ``x`` the difference of two means over the paths of a draw and ``s`` its standard
error from path noise, luck has the sign wrong with a chance of about Phi(-|x| / s), and of one half
where no path differs. Averaged over draws this bounds what luck does to a share: in 1,500
comparisons of shipped plans, held against 8,000 paths a draw, shares were wrong by less, and by up
to two-fifths where it was large. A share is therefore given only where luck decides few draws.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Final

import numpy as np

from simulator.analysis.paired import BETTER, PairedSums, values
from simulator.model.compiled import BoolArray, FloatArray
from simulator.outcomes.tally import group_means

MOST_LUCK: Final = 0.15  # of the draws decided by luck, above which no share is given

Share = tuple[float | None, float | None]  # and its standard error; None where it is not given


def level(first: PairedSums, second: PairedSums, quantity: str) -> BoolArray:
    """Draws in which all groups of paths live equally long and have as much of a quantity."""
    equal = np.ones(first.draws.size, bool)
    for name in (quantity, "rmst_years"):
        equal &= (values(first, name) == values(second, name)).all(axis=1)
    return equal


def share_ahead(first: PairedSums, second: PairedSums, quantity: str) -> Share:
    """Share of the draws in which the first plan is better; equal ones count half."""
    held, surely = _ahead(first, second, quantity)
    return _share(held, np.minimum(surely, 1.0 - surely) * ~level(first, second, quantity))


def share_in_order(plans: Sequence[PairedSums], quantity: str) -> Share:
    """Share of the draws in which each plan is better than the next.

    A step between plans that are equal in a draw counts half, and whole where they are equal in
    all draws.
    """
    held, decided, surely = (np.ones(plans[0].draws.size) for _ in range(3))
    for first, second in pairwise(plans):
        equal = level(first, second, quantity)
        if not equal.all():
            ahead, chance = _ahead(first, second, quantity)
            held *= ahead
            decided *= np.where(equal, 0.5, ahead > 0.5)
            surely *= chance
    return _share(held, np.abs(decided - surely))


def shares_best(plans: Sequence[PairedSums], quantity: str) -> tuple[Share, ...]:
    """Share of the draws in which each plan is the best of all; ties are shared."""
    scores = BETTER[quantity] * np.stack([values(p, quantity).sum(axis=1) for p in plans])
    best = scores == scores.max(axis=0)  # (N, D); as many paths under all plans
    first = best.argmax(axis=0)
    luck = np.zeros(scores.shape)
    for b in np.unique(first):
        equal = np.stack([level(plans[b], plan, quantity) for plan in plans])
        behind = np.stack([1.0 - _ahead(plans[b], plan, quantity)[1] for plan in plans]) * ~equal
        # What may overtake the best may overtake all that are equal to it.
        here = first == b
        luck[:, here] = np.where(equal, behind.max(axis=0), behind)[:, here]
    held = best / best.sum(axis=0)
    return tuple(_share(*pair) for pair in zip(held, luck, strict=True))


def _ahead(first: PairedSums, second: PairedSums, quantity: str) -> tuple[FloatArray, FloatArray]:
    """Whether the first plan is better in each draw (1, 1/2, 0), and the chance that it is."""
    lead = BETTER[quantity] * (values(first, quantity) - values(second, quantity))
    means, noise = group_means(lead, first.sizes.astype(np.float64))
    ahead = np.where(means == 0.0, 0.5, means > 0.0)
    if np.isnan(noise).any():  # one path a draw: nobody can say
        return ahead, np.full(means.shape, 0.5)
    from scipy.special import ndtr

    error = float(np.sqrt(noise.mean()))
    return ahead, np.asarray(ndtr(means / error)) if error > 0.0 else ahead


def _share(held: FloatArray, luck: FloatArray) -> Share:
    """Mean of ``held``; its error is that of so many draws, and half of what luck can do."""
    decided = float(luck.mean())
    if held.size < 2 or decided > MOST_LUCK:
        return None, None
    # Where all draws agree, the share is known no better than to half a draw.
    variance = max(float(held.var(ddof=1)), 0.25 / held.size) / held.size
    return float(held.mean()), float(np.sqrt(variance + (decided / 2.0) ** 2))
