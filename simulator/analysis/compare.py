"""Plans against each other under common random numbers.

The difference between two plans is estimated draw by draw: same assumptions, same worlds, same
random numbers. Three questions are kept apart. How large is the difference, and how well is it
known (value and paired Monte Carlo standard error)? How does it depend on what nobody knows
(range over draws, and the share of draws in which the first plan is better)? What did the pairing
save (the variance of the difference between independent runs over the paired one)?
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

from simulator.addresses import REPLICATES
from simulator.analysis.inert import Inert, Label, inert_values
from simulator.analysis.paired import (
    Rows,
    check_comparable,
    comparable,
    difference_estimates,
    in_columns,
    plan_estimates,
    shared,
)
from simulator.analysis.shares import Share, share_in_order, shares_ahead, shares_best
from simulator.outcomes.spread import Estimate, mean_error
from simulator.quantities import QUANTITIES

if TYPE_CHECKING:  # with the engines, which those who only read comparisons do not need
    from simulator.analysis.records import Precision

# How often chance alone may call the difference of two equal plans significant: once in 700 pairs.
# That is 3.9 standard errors, which come from 16 replicates; fewer draws than these need more
# (Student's distribution).
FALSE_ALARM = 1.0 / 700.0

WHOLE = ("scenario", "book")  # settings that are plans and books, not levers of one


@dataclass(frozen=True, eq=False, slots=True)
class Plan:
    """A plan that was simulated, by name, with the levers that were varied if any were."""

    name: str
    rows: Rows
    settings: Mapping[str, Label] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Difference:
    """How much more of a quantity one plan has than another.

    Attributes
    ----------
    first, second, quantity : str
    estimate : Estimate
        First minus second: value, paired MCSE, and range over draws if they have trials enough.
    p_better : float or None
        Share of the draws of the assumptions in which the first is better than the second; draws in
        which they are equal count half. None for draws of few trials, for a single draw, and for
        what a plan spends, where less is not better.
    p_better_mcse : float or None
    gain : float or None
        Variance of the difference between independent runs of the same size, over that of the
        paired difference; None where the paired variance is zero or unknown. Both are estimated
        from 16 replicates, so it is known to a factor of about 1.7.
    significant : bool
        Whether no more computing is needed to say which of the two is larger.
    same : bool
        Whether they have equally much of the quantity in every draw: nothing that differs between
        them matters to it.
    """

    first: str
    second: str
    quantity: str
    estimate: Estimate
    p_better: float | None
    p_better_mcse: float | None
    gain: float | None
    significant: bool
    same: bool


class Ranked(NamedTuple):
    """A plan in the order of a ranking, with the share of the draws in which it is the best."""

    plan: str
    estimate: Estimate
    p_best: float | None
    p_best_mcse: float | None


@dataclass(frozen=True, eq=False, slots=True)
class Ranking:
    """Plans in order, the best first, and how stable that order is.

    Attributes
    ----------
    quantity : str
    order : tuple of str
    estimates : tuple of Estimate
        Of each plan, in this order.
    steps : tuple of Difference
        Between each plan and the next one.
    p_best : tuple of float or None
        Share of the draws in which each plan is the best of all (ties are shared); None for draws
        of few trials and for a single draw.
    p_best_mcse : tuple of float or None
    p_order : float or None
        Share of the draws that put all plans in exactly this order; a step between plans that are
        equal in a draw counts half, unless they are equal in all. None as for `p_best`.
    p_order_mcse : float or None
    """

    quantity: str
    order: tuple[str, ...]
    estimates: tuple[Estimate, ...]
    steps: tuple[Difference, ...]
    p_best: tuple[float | None, ...]
    p_best_mcse: tuple[float | None, ...]
    p_order: float | None
    p_order_mcse: float | None

    @property
    def places(self) -> list[Ranked]:
        """The plans in order."""
        columns = self.order, self.estimates, self.p_best, self.p_best_mcse
        return [Ranked(*one) for one in zip(*columns, strict=True)]

    @property
    def unresolved(self) -> tuple[Difference, ...]:
        """Steps that more computing could turn round."""
        return tuple(step for step in self.steps if not step.significant and not step.same)


@dataclass(frozen=True, eq=False, slots=True)
class Comparison:
    """Plans against a reference, and their ranking.

    Attributes
    ----------
    reference : str
    draws, trials : int
        Those that all plans have.
    precision : Precision or None
        What was asked for of the differences, and where it ended.
    differences : tuple of Difference
        Each other plan less the reference, in every quantity that can be compared.
    ranking : Ranking
        Of all plans, the reference included.
    estimates : mapping of plan to mapping of quantity to Estimate
        Of all plans, in the same quantities.
    inert : tuple of Inert
        Values of varied levers among which every row is the same.
    """

    reference: str
    draws: int
    trials: int
    precision: Precision | None
    differences: tuple[Difference, ...]
    ranking: Ranking
    estimates: Mapping[str, Mapping[str, Estimate]]
    inert: tuple[Inert, ...]


def comparison(
    plans: Sequence[Plan], quantity: str, precision: Precision | None = None
) -> Comparison:
    """Compare plans with the first of them, and rank all of them by one quantity.

    Raises
    ------
    ValueError
        If there are fewer than two, or they cannot be compared in that quantity.
    """
    if len(plans) < 2:
        raise ValueError("a comparison needs at least two plans")
    plans = _shared(plans)
    rows = [plan.rows for plan in plans]
    quantities = comparable([one.horizon for one in rows])
    pairs = [(other, plans[0]) for other in plans[1:]]
    by_quantity = {name: _differences(pairs, name) for name in quantities}
    estimates = {name: plan_estimates(rows, name) for name in quantities}
    return Comparison(
        reference=plans[0].name,
        draws=rows[0].draws.size,
        trials=rows[0].trials,
        precision=precision,
        differences=tuple(by_quantity[name][i] for i in range(len(pairs)) for name in quantities),
        ranking=ranking(plans, quantity),
        estimates={
            plan.name: {name: estimates[name][i] for name in quantities}
            for i, plan in enumerate(plans)
        },
        inert=_inert(plans),
    )


def _shared(plans: Sequence[Plan]) -> list[Plan]:
    rows = shared([plan.rows for plan in plans])
    return [replace(plan, rows=cut) for plan, cut in zip(plans, rows, strict=True)]


def _inert(plans: Sequence[Plan]) -> tuple[Inert, ...]:
    levers = dict.fromkeys(lever for plan in plans for lever in plan.settings)
    points = [(plan.settings, plan.rows.values.tobytes()) for plan in plans]
    return inert_values([lever for lever in levers if lever not in WHOLE], points)


def difference(first: Plan, second: Plan, quantity: str) -> Difference:
    """Compare two plans in one quantity.

    Parameters
    ----------
    first, second : Plan
        Simulated with one seed and the same trials; of different draws those of both count.
    quantity : str
        One of `simulator.analysis.paired.comparable`.

    Raises
    ------
    NotComparableError
        If they cannot be compared in that quantity.
    """
    pair = _shared([first, second])
    check_comparable([plan.rows.horizon for plan in pair], quantity)
    return _differences([(pair[0], pair[1])], quantity)[0]


def _differences(pairs: Sequence[tuple[Plan, Plan]], quantity: str) -> list[Difference]:
    """Compare pairs of plans that all share their draws."""
    like = pairs[0][0].rows
    first, second = (in_columns([pair[i].rows for pair in pairs], quantity) for i in range(2))
    differences = first - second
    found = difference_estimates(differences, like)
    alone = mean_error(first, like.draws) ** 2 + mean_error(second, like.draws) ** 2
    better: list[Share] = [(None, None)] * len(pairs)
    if QUANTITIES[quantity].is_worth:
        better = shares_ahead(first, second, like, quantity)
    return [
        Difference(
            first=pair[0].name,
            second=pair[1].name,
            quantity=quantity,
            estimate=found[i],
            p_better=better[i][0],
            p_better_mcse=better[i][1],
            gain=float(alone[i]) / mcse**2 if (mcse := found[i].mcse) else None,
            significant=_is_significant(found[i], like.draws.size),
            same=not differences[:, i].any(),
        )
        for i, pair in enumerate(pairs)
    ]


def ranking(plans: Sequence[Plan], quantity: str) -> Ranking:
    """Order plans by one quantity, the best first.

    Raises
    ------
    NotComparableError
        If they cannot be compared in that quantity.
    """
    plans = _shared(plans)
    check_comparable([plan.rows.horizon for plan in plans], quantity)
    found = plan_estimates([plan.rows for plan in plans], quantity)
    better = QUANTITIES[quantity].better or 0
    order = sorted(range(len(plans)), key=lambda i: -better * (found[i].value or 0.0))
    ordered = [plans[i] for i in order]
    columns, like = in_columns([plan.rows for plan in ordered], quantity), ordered[0].rows
    best = shares_best(columns, like, quantity)
    p_order, p_order_mcse = share_in_order(columns, like, quantity)
    return Ranking(
        quantity=quantity,
        order=tuple(plan.name for plan in ordered),
        estimates=tuple(found[i] for i in order),
        steps=tuple(_differences(list(pairwise(ordered)), quantity)),
        p_best=tuple(share for share, _ in best),
        p_best_mcse=tuple(error for _, error in best),
        p_order=p_order,
        p_order_mcse=p_order_mcse,
    )


def _is_significant(found: Estimate, draws: int) -> bool:
    if found.value is None or found.mcse is None:
        return False
    return abs(found.value) > errors_needed(draws) * found.mcse


def errors_needed(draws: int) -> float:
    """How many of its standard errors a difference must exceed to be significant.

    Examples
    --------
    >>> round(errors_needed(16), 1), round(errors_needed(4), 1)
    (3.9, 11.5)
    """
    from scipy.special import stdtrit

    return float(stdtrit(min(REPLICATES, draws) - 1, 1.0 - FALSE_ALARM / 2.0))
