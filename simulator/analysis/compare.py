"""Plans against each other under common random numbers.

The difference between two plans is estimated path by path: same draw of the assumptions, same
path, same random numbers. Three questions are kept apart. How large is the difference, and how well
is it known (value and paired Monte Carlo standard error)? How does it depend on what nobody knows
(range over draws, and the share of draws in which the first plan is better)? What did the pairing
save (the variance of the difference between independent runs over the paired one)?
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations, pairwise

import numpy as np

from simulator.analysis.paired import BETTER, PairedSums, comparable, values
from simulator.model.compiled import FloatArray
from simulator.outcomes.spread import Estimate, estimate, standard_error
from simulator.outcomes.tally import group_means

# Two plans count as told apart where their difference exceeds this many of its standard errors: for
# one pair, chance alone does that less than once in 700 times.
TOLD_APART = 3.2
# Which of two plans is better in a draw is read off its paths. Where their noise makes up more than
# this share of the variance of the difference between draws, too many draws have the wrong sign, or
# no path that differs: shares of the draws are then not given. Below it they were within 0.08 of
# those of 8,000 paths a draw, in all of some 900 comparisons of shipped plans.
MOST_NOISE = 0.2


@dataclass(frozen=True, eq=False, slots=True)
class Plan:
    """A plan that was simulated, by name."""

    name: str
    sums: PairedSums


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
        which they are equal count half. None where path noise hides it, and for a single draw.
    p_better_mcse : float or None
    gain : float or None
        Variance of the difference between independent runs of the same size, over that of the
        paired difference; None where the paired variance is zero or unknown.
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
    same: bool

    @property
    def told_apart(self) -> bool:
        """Whether no more computing is needed to say which of the two is larger."""
        value, mcse = self.estimate.value, self.estimate.mcse
        return value is not None and mcse is not None and abs(value) > TOLD_APART * mcse


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
        noise hides how it stands to another plan that is the best somewhere.
    p_order : float or None
        Share of the draws that put all plans in exactly this order; a step between plans that are
        equal in a draw counts half, unless they are the same in all. None where path noise hides
        one of the steps.
    """

    quantity: str
    order: tuple[str, ...]
    estimates: tuple[Estimate, ...]
    steps: tuple[Difference, ...]
    p_best: tuple[float | None, ...]
    p_order: float | None

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
    """

    reference: str
    differences: tuple[Difference, ...]
    ranking: Ranking


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
    )


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
    same = _same(first, second, quantity)
    p_better, its_error = _p_better(BETTER[quantity] * means, noise, same)
    return Difference(
        first=first.name,
        second=second.name,
        quantity=quantity,
        estimate=found,
        p_better=p_better,
        p_better_mcse=its_error,
        gain=_gain(a, b, found.mcse, first.sums),
        same=same,
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
    steps = tuple(difference(better, worse, quantity) for better, worse in pairwise(ordered))
    return Ranking(
        quantity=quantity,
        order=tuple(plan.name for plan in ordered),
        estimates=tuple(found[plan.name] for plan in ordered),
        steps=steps,
        p_best=_p_best(ordered, quantity),
        p_order=_p_order(ordered, steps, quantity),
    )


def _p_best(plans: Sequence[Plan], quantity: str) -> tuple[float | None, ...]:
    sums = np.stack([values(plan.sums, quantity) for plan in plans])  # (N, D, G)
    scores = BETTER[quantity] * sums.sum(axis=-1)  # as many paths under all plans
    best = scores == scores.max(axis=0)
    found: list[float | None] = (best / best.sum(axis=0)).mean(axis=1).tolist()
    if best.shape[1] < 2:
        return (None,) * len(found)
    for i, j in combinations(np.flatnonzero(best.any(axis=1)).tolist(), 2):
        if found[i] is None and found[j] is None:
            continue
        clear = _clear(*_means(sums[i] - sums[j], plans[0].sums))
        if not clear and not _same(plans[i], plans[j], quantity):
            found[i] = found[j] = None
    return tuple(found)


def _p_order(plans: Sequence[Plan], steps: Sequence[Difference], quantity: str) -> float | None:
    if any(step.p_better is None for step in steps):
        return None
    share = np.ones(plans[0].sums.draws.size)
    for step, (better, worse) in zip(steps, pairwise(plans), strict=True):
        if not step.same:
            lead = values(better.sums, quantity) - values(worse.sums, quantity)
            share *= _ahead(BETTER[quantity] * lead.sum(axis=-1))
    return float(share.mean())


def _means(sums: FloatArray, like: PairedSums) -> tuple[FloatArray, FloatArray]:
    return group_means(sums, like.sizes.astype(np.float64))


def _p_better(lead: FloatArray, noise: FloatArray, same: bool) -> tuple[float | None, float | None]:
    """Share of the draws in which a plan leads, and its standard error."""
    if lead.size < 2 or not (same or _clear(lead, noise)):
        return None, None
    ahead = _ahead(lead)
    # Where it leads in all draws or in none, the share is known no better than to half a draw.
    variance = 0.0 if same else max(float(ahead.var(ddof=1)), 0.25 / lead.size)
    return float(ahead.mean()), float(np.sqrt(variance / lead.size))


def _same(first: Plan, second: Plan, quantity: str) -> bool:
    return all(
        np.array_equal(values(first.sums, name), values(second.sums, name))
        for name in (quantity, "rmst_years")
    )


def _clear(means: FloatArray, noise: FloatArray) -> bool:
    """Whether paths are many enough to say in which draws a difference is above zero."""
    return bool(means.any() and noise.mean() <= MOST_NOISE * means.var(ddof=1))


def _ahead(lead: FloatArray) -> FloatArray:
    """1 in the draws where something leads, 1/2 where it is level, else 0."""
    return np.where(lead == 0.0, 0.5, lead > 0.0)


def _gain(a: FloatArray, b: FloatArray, paired: float | None, like: PairedSums) -> float | None:
    alone = [standard_error(*_means(x, like)) for x in (a, b)]
    if not paired or any(error is None for error in alone):
        return None
    return sum(error**2 for error in alone if error is not None) / paired**2
