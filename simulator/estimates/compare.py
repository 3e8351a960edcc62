"""Plans against each other under common random numbers.

The difference between two plans is estimated draw by draw: same assumptions, same worlds, same
random numbers. Three questions are kept apart. How large is the difference, and how well is it
known (value and paired Monte Carlo standard error)? How does it depend on what nobody knows
(range over draws, and the share of draws in which the first plan is better)? What did the pairing
save (the variance of the difference between independent runs over the paired one)?

Shares judge each draw by its outcomes, averaged over its trials. With `TRIALS_FOR_RANGE` of them
little noise is left in that, and draws are simply counted; with fewer a share would be drawn
towards one half (.938 instead of .961, at 4 trials), and is not given.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import chain, pairwise
from typing import NamedTuple

import numpy as np

from simulator.addresses import REPLICATES
from simulator.estimates.estimate import Estimate, Precision, known, mean, mean_error
from simulator.estimates.no_effect import Inert, Label, inert_values
from simulator.estimates.outcome import TRIALS_FOR_RANGE
from simulator.estimates.paired import (
    Rows,
    check_comparable,
    comparable,
    difference_estimates,
    in_columns,
    plan_estimates,
    shared,
)
from simulator.model.compiled import FloatArray
from simulator.quantities import QUANTITIES

# How often chance alone may call the difference of two equal plans significant: once in 700 pairs.
# That is 3.9 standard errors, which come from 16 replicates; fewer draws than these need more
# (Student's distribution).
FALSE_ALARM = 1.0 / 700.0

WHOLE = ("scenario", "book")  # settings that are plans and books, not levers of one

Share = tuple[float | None, float | None]  # of the draws, and its error; None where not given


@dataclass(frozen=True, eq=False, slots=True)
class Plan:
    """A plan that was simulated, by name, with the levers that were varied if any were."""

    name: str
    rows: Rows
    settings: Mapping[str, Label] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Difference:
    """How much more of a quantity one plan has than another."""

    first: str
    second: str
    quantity: str
    # First minus second: value, paired MCSE, and range over draws if they have trials enough.
    estimate: Estimate
    # Share of the draws in which the first is better than the second; equal ones count half. None
    # for draws of few trials, and for what a plan spends, where less is not better.
    p_better: float | None
    p_better_mcse: float | None
    # Variance of the difference between independent runs of the same size, over that of the paired
    # difference; both come from 16 replicates, so it is known to a factor of about 1.7.
    gain: float | None
    significant: bool  # no more computing is needed to say which of the two is larger
    same: bool  # equally much in every draw: nothing that differs between them matters to it


class Ranked(NamedTuple):
    """A plan in the order of a ranking."""

    plan: str
    estimate: Estimate
    # Share of the draws in which it is the best of all; ties are shared. None as `p_better`.
    p_best: float | None
    p_best_mcse: float | None


@dataclass(frozen=True, eq=False, slots=True)
class Ranking:
    """Plans in order, the best first, and how stable that order is."""

    quantity: str
    places: tuple[Ranked, ...]
    steps: tuple[Difference, ...]  # between each plan and the next one
    # Share of the draws that put all plans in this order. A step between plans that are equal in a
    # draw counts half.
    p_order: float | None
    p_order_mcse: float | None

    @property
    def order(self) -> tuple[str, ...]:
        """The plans in order."""
        return tuple(one.plan for one in self.places)

    @property
    def unresolved(self) -> tuple[Difference, ...]:
        """Steps that more computing could turn round."""
        return tuple(step for step in self.steps if not step.significant and not step.same)


@dataclass(frozen=True, eq=False, slots=True)
class Comparison:
    """Plans against a reference, and their ranking."""

    reference: str
    draws: int  # that all plans have
    trials: int
    precision: Precision | None  # what was asked for of the differences
    differences: tuple[Difference, ...]  # each other plan less the reference, in every quantity
    ranking: Ranking  # of all plans, the reference included
    estimates: Mapping[str, Mapping[str, Estimate]]  # plan -> quantity
    inert: tuple[Inert, ...]  # values of varied levers among which every row is the same


def comparison(
    plans: Sequence[Plan], quantity: str, precision: Precision | None = None
) -> Comparison:
    """Compare plans with the first, and rank all by one quantity; ValueError if that cannot be."""
    if len(plans) < 2:
        raise ValueError("a comparison needs at least two plans")
    plans = _shared(plans)
    rows = [plan.rows for plan in plans]
    quantities = comparable([one.horizon for one in rows])
    pairs = [(other, plans[0]) for other in plans[1:]]
    differences = zip(*(_differences(pairs, name) for name in quantities), strict=True)
    estimates = zip(*(plan_estimates(rows, name) for name in quantities), strict=True)
    levers = dict.fromkeys(lever for plan in plans for lever in plan.settings)
    return Comparison(
        reference=plans[0].name,
        draws=rows[0].draws.size,
        trials=rows[0].trials,
        precision=precision,
        differences=tuple(chain.from_iterable(differences)),
        ranking=ranking(plans, quantity),
        estimates={
            plan.name: dict(zip(quantities, found, strict=True))
            for plan, found in zip(plans, estimates, strict=True)
        },
        inert=inert_values(
            [lever for lever in levers if lever not in WHOLE],
            [(plan.settings, plan.rows.values.tobytes()) for plan in plans],
        ),
    )


def _shared(plans: Sequence[Plan]) -> list[Plan]:
    rows = shared([plan.rows for plan in plans])
    return [replace(plan, rows=cut) for plan, cut in zip(plans, rows, strict=True)]


def difference(first: Plan, second: Plan, quantity: str) -> Difference:
    """Compare two plans of one seed in the draws that both have; raises NotComparableError."""
    first, second = _shared([first, second])
    check_comparable([first.rows.horizon, second.rows.horizon], quantity)
    return _differences([(first, second)], quantity)[0]


def _differences(pairs: Sequence[tuple[Plan, Plan]], quantity: str) -> list[Difference]:
    """Compare pairs of plans that all share their draws."""
    like = pairs[0][0].rows
    first, second = (
        in_columns([plan.rows for plan in plans], quantity) for plans in zip(*pairs, strict=True)
    )
    alone = mean_error(first, like.draws) ** 2 + mean_error(second, like.draws) ** 2
    better: list[Share] = [(None, None)] * len(pairs)
    if QUANTITIES[quantity].is_worth:
        better = _shares(_ahead(first, second, quantity), like)
    needed = errors_needed(like.draws.size)
    return [
        Difference(
            first=one.name,
            second=other.name,
            quantity=quantity,
            estimate=e,
            p_better=share,
            p_better_mcse=error,
            gain=float(variance) / e.mcse**2 if e.mcse else None,
            significant=e.mcse is not None and abs(e.value or 0.0) > needed * e.mcse,
            same=not column.any(),
        )
        for (one, other), e, (share, error), variance, column in zip(
            pairs,
            difference_estimates(first - second, like),
            better,
            alone,
            (first - second).T,
            strict=True,
        )
    ]


def ranking(plans: Sequence[Plan], quantity: str) -> Ranking:
    """Order plans by one quantity, the best first; raises NotComparableError."""
    plans = _shared(plans)
    check_comparable([plan.rows.horizon for plan in plans], quantity)
    found = plan_estimates([plan.rows for plan in plans], quantity)
    better = QUANTITIES[quantity].better or 0
    order = sorted(range(len(plans)), key=lambda i: -better * (found[i].value or 0.0))
    ordered = [plans[i] for i in order]
    like, columns = ordered[0].rows, in_columns([plan.rows for plan in ordered], quantity)
    best = better * columns == (better * columns).max(axis=1, keepdims=True)
    shares = _shares(best / best.sum(axis=1, keepdims=True), like)
    ahead = _ahead(columns[:, :-1], columns[:, 1:], quantity)
    ahead[:, (ahead == 0.5).all(axis=0)] = 1.0  # equal in all draws: any order is right
    ((p_order, p_order_mcse),) = _shares(ahead.prod(axis=1, keepdims=True), like)
    return Ranking(
        quantity=quantity,
        places=tuple(
            Ranked(plans[i].name, found[i], *share) for i, share in zip(order, shares, strict=True)
        ),
        steps=tuple(_differences(list(pairwise(ordered)), quantity)),
        p_order=p_order,
        p_order_mcse=p_order_mcse,
    )


def errors_needed(draws: int) -> float:
    """How many of its standard errors a difference must exceed to be significant.

    >>> round(errors_needed(16), 1), round(errors_needed(4), 1)
    (3.9, 11.5)
    """
    from scipy.special import stdtrit

    return float(stdtrit(min(REPLICATES, draws) - 1, 1.0 - FALSE_ALARM / 2.0))


def _ahead(first: FloatArray, second: FloatArray, quantity: str) -> FloatArray:
    """Whether first plans are better in each draw: 1, 1/2 where they are equal, 0."""
    return 0.5 + 0.5 * np.sign((QUANTITIES[quantity].better or 0) * (first - second))


def _shares(held: FloatArray, like: Rows) -> list[Share]:
    """Shares of the draws in which something holds, from how much of it does in each, (D, N)."""
    if like.trials < TRIALS_FOR_RANGE or like.draws.size < 2:
        return [(None, None)] * held.shape[1]
    # Where all draws agree, the share is known no better than to half a draw.
    least = 0.5 / like.draws.size
    found = zip(mean(held), mean_error(held, like.draws), strict=True)
    return [(known(share), max(known(error) or 0.0, least)) for share, error in found]
