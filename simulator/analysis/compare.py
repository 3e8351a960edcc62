"""Plans against each other under common random numbers.

The difference between two plans is estimated path by path: same draw of the assumptions, same
path, same random numbers. Three questions are kept apart. How large is the difference, and how well
is it known (value and paired Monte Carlo standard error)? How does it depend on what nobody knows
(range over draws, and the share of draws in which the first plan is better)? What did the pairing
save (the variance of the difference between independent runs over the paired one)?
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np

from simulator.analysis.inert import Inert, Label, inert_values
from simulator.analysis.paired import BETTER, SPENT, PairedSums, comparable, values
from simulator.analysis.shares import level, share_ahead, share_in_order, shares_best
from simulator.model.compiled import FloatArray
from simulator.outcomes.spread import Estimate, estimate, standard_error
from simulator.outcomes.tally import group_means

# How often chance alone may tell apart two plans that are equal: once in 700 pairs. With many draws
# that is 3.2 standard errors of their difference; with few, whose scatter is itself not well known,
# it is more (Student's distribution).
FALSE_ALARM = 1.0 / 700.0

WHOLE = ("scenario", "book")  # settings that are plans and books, not levers of one


@dataclass(frozen=True, eq=False, slots=True)
class Plan:
    """A plan that was simulated, by name, with the levers that were varied if any were."""

    name: str
    sums: PairedSums
    settings: Mapping[str, Label] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Difference:
    """How much more of a quantity one plan has than another.

    Attributes
    ----------
    first, second, quantity : str
    estimate : Estimate
        First minus second: value, paired MCSE, and range over draws with the path noise removed.
    p_better : float or None
        Share of the draws of the assumptions in which the first is better than the second; draws in
        which they are equal count half. None where path noise hides it, for a single draw, and for
        what a plan spends, where less is not better.
    p_better_mcse : float or None
        Of so many draws, and of the path noise.
    gain : float or None
        Variance of the difference between independent runs of the same size, over that of the
        paired difference; None where the paired variance is zero or unknown.
    told_apart : bool
        Whether no more computing is needed to say which of the two is larger.
    same : bool
        Whether every group of paths lives equally long under both and has equally much of the
        quantity: nothing that differs between them matters to it.
    """

    first: str
    second: str
    quantity: str
    estimate: Estimate
    p_better: float | None
    p_better_mcse: float | None
    gain: float | None
    told_apart: bool
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
        Share of the draws in which each plan is the best of all (ties are shared); None where path
        noise hides it.
    p_best_mcse : tuple of float or None
    p_order : float or None
        Share of the draws that put all plans in exactly this order; a step between plans that are
        equal in a draw counts half, unless they are equal in all. None where path noise hides it.
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
        return tuple(step for step in self.steps if not step.told_apart and not step.same)


@dataclass(frozen=True, eq=False, slots=True)
class Comparison:
    """Plans against a reference, and their ranking.

    Attributes
    ----------
    reference : str
    differences : tuple of Difference
        Each other plan less the reference, in every quantity that can be compared.
    ranking : Ranking
        Of all plans, the reference included.
    estimates : mapping of plan to mapping of quantity to Estimate
        Of all plans, in the same quantities.
    inert : tuple of Inert
        Values of varied levers among which every sum is the same.
    """

    reference: str
    differences: tuple[Difference, ...]
    ranking: Ranking
    estimates: Mapping[str, Mapping[str, Estimate]]
    inert: tuple[Inert, ...]


def comparison(plans: Sequence[Plan], quantity: str) -> Comparison:
    """Compare plans with the first of them, and rank all of them by one quantity.

    Raises
    ------
    ValueError
        If there are fewer than two, or they cannot be compared in that quantity.
    """
    if len(plans) < 2:
        raise ValueError("a comparison needs at least two plans")
    reference, *others = plans
    quantities = comparable([plan.sums for plan in plans])
    return Comparison(
        reference=reference.name,
        differences=tuple(
            difference(other, reference, name) for other in others for name in quantities
        ),
        ranking=ranking(plans, quantity),
        estimates={
            plan.name: {name: plan_estimate(plan, name) for name in quantities} for plan in plans
        },
        inert=_inert(plans),
    )


def _inert(plans: Sequence[Plan]) -> tuple[Inert, ...]:
    levers = dict.fromkeys(lever for plan in plans for lever in plan.settings)
    points = [(plan.settings, plan.sums.sums.tobytes()) for plan in plans]
    return inert_values([lever for lever in levers if lever not in WHOLE], points)


def plan_estimate(plan: Plan, quantity: str) -> Estimate:
    """Estimate one quantity of one plan."""
    return estimate(*_means(values(plan.sums, quantity), plan.sums))


def difference(first: Plan, second: Plan, quantity: str) -> Difference:
    """Compare two plans in one quantity.

    Parameters
    ----------
    first, second : Plan
        Simulated with one seed and the same numbers of draws and paths.
    quantity : str
        One of `simulator.analysis.paired.comparable`.

    Raises
    ------
    ValueError
        If they cannot be compared in that quantity.
    """
    if quantity not in comparable([first.sums, second.sums]):
        raise ValueError(f"'{quantity}' cannot be compared over these horizons")
    a, b = values(first.sums, quantity), values(second.sums, quantity)
    means, noise = _means(a - b, first.sums)
    found = estimate(means, noise)
    p_better = its_error = None
    if quantity not in SPENT:
        p_better, its_error = share_ahead(first.sums, second.sums, quantity)
    return Difference(
        first=first.name,
        second=second.name,
        quantity=quantity,
        estimate=found,
        p_better=p_better,
        p_better_mcse=its_error,
        gain=_gain(a, b, found.mcse, first.sums),
        told_apart=_told_apart(found, first.sums),
        same=bool(level(first.sums, second.sums, quantity).all()),
    )


def ranking(plans: Sequence[Plan], quantity: str) -> Ranking:
    """Order plans by one quantity, the best first.

    Raises
    ------
    ValueError
        If they cannot be compared in that quantity.
    """
    if quantity not in comparable([plan.sums for plan in plans]):
        raise ValueError(f"'{quantity}' cannot be compared over these horizons")
    sign = BETTER[quantity]
    found = {plan.name: plan_estimate(plan, quantity) for plan in plans}
    ordered = sorted(plans, key=lambda plan: -sign * (found[plan.name].value or 0.0))
    sums = [plan.sums for plan in ordered]
    best = shares_best(sums, quantity)
    in_order = share_in_order(sums, quantity)
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


def _means(sums: FloatArray, like: PairedSums) -> tuple[FloatArray, FloatArray]:
    return group_means(sums, like.sizes.astype(np.float64))


def _told_apart(found: Estimate, like: PairedSums) -> bool:
    if found.value is None or found.mcse is None:
        return False
    from scipy.special import stdtrit

    draws, groups = like.sizes.shape
    free = (draws if draws > 1 else groups) - 1
    return bool(abs(found.value) > stdtrit(free, 1.0 - FALSE_ALARM / 2.0) * found.mcse)


def _gain(a: FloatArray, b: FloatArray, paired: float | None, like: PairedSums) -> float | None:
    alone = [standard_error(*_means(x, like)) for x in (a, b)]
    if not paired or any(error is None for error in alone):
        return None
    return sum(error**2 for error in alone if error is not None) / paired**2
