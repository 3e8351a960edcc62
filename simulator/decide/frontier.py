"""The best plan on average, by the worth of twenty years of peace.

Peace worth v makes a plan worth v H - C: H the probability that the ceasefire holds, C what the
plan costs. Its mean is a line in v, the best plan at each v is on the upper envelope of the lines,
and the points at which the best plan changes are where neighbours on the envelope cross.
"""

import math
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

import numpy as np
from scipy.special import stdtrit

from simulator.decide.draws import FEWEST, Draws, Floats, Replicates, Value, mean, means
from simulator.estimates.estimate import known

PEACE: Final = "p_holds_20y"
COST: Final = "cost_gbp"
POINTS: Final = 41  # worths of peace at which plans are shown; odd
DECADES: Final = 1.0  # shown beyond the first and the last change
POOLED: Final = "pooled"


@dataclass(frozen=True, slots=True)
class Change:
    """Where the best plan changes."""

    worth: Value  # of peace, at which both plans are equally good on average
    low: float | None  # its 95 % interval by Fieller's theorem; None where it has no end
    high: float | None
    below: str  # best plan of less worth, and of more
    above: str


@dataclass(frozen=True, slots=True)
class Frontier:
    """The best plan by the worth of peace."""

    draws: int
    plans: tuple[str, ...]  # those that are best somewhere, of the least worth first
    changes: tuple[Change, ...]  # one fewer
    peace: dict[str, Value]  # mean of every plan
    cost: dict[str, Value]
    worths: tuple[float, ...]  # at which plans are shown, increasing
    mean_worth: dict[str, tuple[float, ...]]  # of every plan at these worths
    probability_best: dict[str, tuple[float, ...]]  # a draw with several best plans is shared
    loss: dict[str, tuple[float, ...]]  # what the best plan of each draw is worth more, on average


def envelope(slope: Floats, level: Floats) -> list[int]:
    """Which of the lines ``slope v + level`` are highest at some v >= 0, in the order of v.

    Of equal lines the first is kept.
    """
    on = [max(range(slope.size), key=lambda i: (level[i], slope[i], -i))]
    while True:
        last = on[-1]
        steeper = [i for i in range(slope.size) if slope[i] > slope[last]]
        if not steeper:
            return on
        # The next is the first to cross; of those that cross together, the steepest.
        cross = {i: (level[last] - level[i]) / (slope[i] - slope[last]) for i in steeper}
        on.append(min(steeper, key=lambda i: (cross[i], -slope[i], i)))


def frontiers(draws: Draws) -> dict[str, Frontier]:
    """The frontier of all draws, and of each book with at least `FEWEST` of them."""
    found = {POOLED: frontier(draws)}
    for book in sorted(set(draws.book)):
        rows = draws.book == book
        if FEWEST <= np.count_nonzero(rows) < draws.size:
            found[str(book)] = frontier(draws.take(rows))
    return found


def frontier(draws: Draws) -> Frontier:
    """Best plans by the worth of `PEACE`, less `COST`."""
    held, spent = draws.outcomes[PEACE], draws.outcomes[COST]
    on, changes = best_plans(draws)
    worths = _worths([change.worth.value or 0.0 for change in changes], held, spent)
    worth = worths[:, None, None] * held - spent
    best = np.array([best_in(one).mean(axis=1) for one in worth])
    lines = worth.mean(axis=2)
    loss = worth.max(axis=1).mean(axis=1)[:, None] - lines

    def by_plan(table: Floats) -> dict[str, tuple[float, ...]]:
        return {p: tuple(row.tolist()) for p, row in zip(draws.plans, table.T, strict=True)}

    return Frontier(
        draws=draws.size,
        plans=tuple(draws.plans[i] for i in on),
        changes=tuple(changes),
        peace=means(draws, held),
        cost=means(draws, spent),
        worths=tuple(worths.tolist()),
        mean_worth=by_plan(lines),
        probability_best=by_plan(best),
        loss=by_plan(loss),
    )


def best_plans(draws: Draws) -> tuple[list[int], list[Change]]:
    """The plans that are best somewhere, of the least worth first, and where they change."""
    on = envelope(draws.outcomes[PEACE].mean(axis=1), -draws.outcomes[COST].mean(axis=1))
    return on, [_change(draws, below, above) for below, above in pairwise(on)]


def best_in(worth: Floats) -> Floats:
    """Which plan is best in each draw, shape (P, D) as the worths; several share it."""
    best = worth == worth.max(axis=0)
    return np.asarray(best / best.sum(axis=0))


def _change(draws: Draws, below: int, above: int) -> Change:
    """Where two plans are equally good: what the upper costs more over what it holds more."""
    held, spent = draws.outcomes[PEACE], draws.outcomes[COST]
    more, dearer = held[above] - held[below], spent[above] - spent[below]
    point = float(dearer.mean() / more.mean())
    away = mean((dearer - point * more) / more.mean(), draws.replicate)
    low, high = fieller(dearer, more, draws.replicate)
    return Change(Value(point, away.mcse), low, high, draws.plans[below], draws.plans[above])


def fieller(
    top: Floats, bottom: Floats, replicate: Replicates
) -> tuple[float | None, float | None]:
    """95 % interval of mean(top) / mean(bottom), both shape (D,); None for an end that is not.

    It holds every v of which ``mean(top - v bottom)`` could be 0 by Student's test (Fieller 1954).
    """
    parts = [replicate == one for one in np.unique(replicate)]
    if len(parts) < 2:
        return None, None
    means_ = np.array([[top[part].mean(), bottom[part].mean()] for part in parts])
    a, b = top.mean(), bottom.mean()
    cov = np.cov(means_.T) / len(parts) * float(stdtrit(len(parts) - 1, 0.975)) ** 2
    # (a - v b)^2 <= cov_aa - 2 v cov_ab + v^2 cov_bb
    square, half, rest = b * b - cov[1, 1], a * b - cov[0, 1], a * a - cov[0, 0]
    root = half * half - square * rest
    if square <= 0.0 or root < 0.0:
        return None, None  # the sign of the lower term is not known: any v may be it
    low, high = ((half + sign * math.sqrt(root)) / square for sign in (-1.0, 1.0))
    return known(low), known(high)


def _worths(changes: list[float], held: Floats, spent: Floats) -> Floats:
    """From a decade below the first change to one above the last, evenly in the logarithm."""
    positive = [change for change in changes if change > 0.0]
    if not positive:  # one plan for all worths: around what its cost buys
        typical = float(spent.mean() / held.mean()) if held.any() else 1.0
        positive = [typical if typical > 0.0 else 1.0]
    return np.geomspace(positive[0] / 10.0**DECADES, positive[-1] * 10.0**DECADES, POINTS)
