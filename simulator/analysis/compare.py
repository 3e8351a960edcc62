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
from typing import TYPE_CHECKING

from simulator.addresses import REPLICATES
from simulator.analysis.inert import Inert, Label, inert_values
from simulator.analysis.paired import (
    BETTER,
    SPENT,
    Rows,
    check_comparable,
    comparable,
    difference_estimate,
    plan_estimate,
    shared,
    values,
)
from simulator.analysis.shares import are_equal, share_ahead, share_in_order, shares_best
from simulator.outcomes.spread import Estimate

if TYPE_CHECKING:  # with the engines, which those who only read comparisons do not need
    from simulator.analysis.run import Precision

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
    rows = shared([plan.rows for plan in plans])
    plans = [replace(plan, rows=cut) for plan, cut in zip(plans, rows, strict=True)]
    reference, *others = plans
    quantities = comparable(rows)
    return Comparison(
        reference=reference.name,
        draws=rows[0].draws.size,
        trials=rows[0].trials,
        precision=precision,
        differences=tuple(
            difference(other, reference, name) for other in others for name in quantities
        ),
        ranking=ranking(plans, quantity),
        estimates={
            plan.name: {name: plan_estimate(plan.rows, name) for name in quantities}
            for plan in plans
        },
        inert=_inert(plans),
    )


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
    ValueError
        If they cannot be compared in that quantity.
    """
    a, b = shared([first.rows, second.rows])
    check_comparable([a, b], quantity)
    found = difference_estimate(values(a, quantity) - values(b, quantity), a)
    p_better = its_error = None
    if quantity not in SPENT:
        p_better, its_error = share_ahead(a, b, quantity)
    return Difference(
        first=first.name,
        second=second.name,
        quantity=quantity,
        estimate=found,
        p_better=p_better,
        p_better_mcse=its_error,
        gain=_gain([plan_estimate(rows, quantity) for rows in (a, b)], found),
        significant=_is_significant(found, a.draws.size),
        same=are_equal(a, b, quantity),
    )


def ranking(plans: Sequence[Plan], quantity: str) -> Ranking:
    """Order plans by one quantity, the best first.

    Raises
    ------
    ValueError
        If they cannot be compared in that quantity.
    """
    rows = shared([plan.rows for plan in plans])
    check_comparable(rows, quantity)
    plans = [replace(plan, rows=cut) for plan, cut in zip(plans, rows, strict=True)]
    sign = BETTER[quantity]
    found = {plan.name: plan_estimate(plan.rows, quantity) for plan in plans}
    ordered = sorted(plans, key=lambda plan: -sign * (found[plan.name].value or 0.0))
    rows = [plan.rows for plan in ordered]
    best = shares_best(rows, quantity)
    in_order = share_in_order(rows, quantity)
    return Ranking(
        quantity=quantity,
        order=tuple(plan.name for plan in ordered),
        estimates=tuple(found[plan.name] for plan in ordered),
        steps=tuple(difference(better, worse, quantity) for better, worse in pairwise(ordered)),
        p_best=tuple(share for share, _ in best),
        p_best_mcse=tuple(error for _, error in best),
        p_order=in_order[0],
        p_order_mcse=in_order[1],
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


def _gain(alone: Sequence[Estimate], paired: Estimate) -> float | None:
    errors = [one.mcse for one in alone if one.mcse is not None]
    return sum(error**2 for error in errors) / paired.mcse**2 if paired.mcse else None
