"""What decides how much better one plan is than another, and what choosing each may cost.

The share of the variance of a paired difference that goes with an assumption is that of a smooth
fit, less what chance alone would fit: the first-order index of Sobol'. It is association over the
draws: assumptions that are drawn together share the credit.

The loss of a plan in a draw is what the best plan of that draw is worth more. The least mean loss
of all plans is the value of perfect information. The regret of a plan in a world view (a book, an
option of a structural choice) is what the plan that is best on average under that view is worth
more, on average; a plan whose largest regret is small is never far wrong whoever is right.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from simulator.decide.draws import FEWEST, Draws, Floats, Value, by_option, is_choice, mean, means
from simulator.decide.information import terms
from simulator.decide.splines import FALSE_ALARM, Basis, fit, shows

FEWEST_IN_GROUP: Final = 5


@dataclass(frozen=True, slots=True)
class Part:
    """The difference in some of the draws."""

    label: str  # the option taken, or ``lowest fifth`` or ``highest fifth``
    low: float | None  # ends of the assumption in these draws; None of an option
    high: float | None
    draws: int
    value: Value


@dataclass(frozen=True, slots=True)
class Decides:
    """What one assumption or choice has to do with the difference."""

    name: str
    kind: str
    share: Value  # of the variance of the difference between draws; can be slightly below 0
    clear: bool  # chance would hardly show as much (`FALSE_ALARM` over all that are asked)
    parts: tuple[Part, ...]  # lowest and highest fifth, or options by the difference, ascending


def decides(
    draws: Draws, difference: Floats, known: Mapping[str, tuple[str, Basis]]
) -> tuple[Decides, ...]:
    """What decides a difference, shape (D,), the largest share first.

    It may be of any quantity between two plans, or a quantity of one plan. Nothing decides a
    difference that is the same in all draws. `known` is from `information.terms`.
    """
    if float(np.ptp(difference)) == 0.0:
        return ()
    columns = draws.columns()
    found = []
    for name, (kind, term) in known.items():
        share, clear = explained(term, difference, draws, len(known))
        found.append(Decides(name, kind, share, clear, _parts(draws, difference, columns[name])))
    return tuple(sorted(found, key=lambda one: (-(one.share.value or 0.0), one.name)))


def decided(draws: Draws, quantity: str) -> dict[str, tuple[Decides, ...]]:
    """What clearly decides how much more of a quantity each plan has than the first."""
    known, first = terms(draws), draws.outcomes[quantity][0]
    return {
        plan: tuple(one for one in decides(draws, outcome - first, known) if one.clear)
        for plan, outcome in zip(draws.plans[1:], draws.outcomes[quantity][1:], strict=True)
    }


def explained(term: Basis, outcome: Floats, draws: Draws, tests: int) -> tuple[Value, bool]:
    """Share of the variance of an outcome, shape (D,), that goes with a term; if it is clear."""
    fitted = fit([term], outcome[:, None])
    whole = np.square(outcome - outcome.mean())
    left = np.square(outcome - fitted.values[:, 0])
    variance = float(whole.sum()) / (outcome.size - 1)
    share = 1.0 - float(fitted.noise[0]) / variance
    error = mean((left - (1.0 - share) * whole) / variance, draws.replicate).mcse
    return Value(share, error), bool(shows(term, outcome[:, None], FALSE_ALARM / tests)[0])


def _parts(draws: Draws, difference: Floats, values: NDArray[Any]) -> tuple[Part, ...]:
    """The difference by option, ascending, or in the lowest and the highest fifth."""
    chosen = is_choice(values)
    if chosen:
        rows = {o: r for o, r in by_option(values).items() if r.sum() >= FEWEST_IN_GROUP}
    else:
        low, high = np.nanquantile(values, [0.2, 0.8])
        rows = {"lowest fifth": values <= low, "highest fifth": values >= high}
    parts = [
        Part(
            label,
            None if chosen else float(values[here].min()),
            None if chosen else float(values[here].max()),
            int(np.count_nonzero(here)),
            mean(difference[here], draws.replicate[here]),
        )
        for label, here in rows.items()
    ]
    return tuple(sorted(parts, key=lambda part: part.value.value or 0.0) if chosen else parts)


@dataclass(frozen=True, slots=True)
class View:
    """One book, or one option of a structural choice."""

    choice: str
    option: str
    draws: int
    best: str  # plan that is best on average in these draws
    regret: dict[str, Value]  # by plan: mean worth of the best plan less its own


@dataclass(frozen=True, slots=True)
class Worst:
    """The view in which the regret of a plan is largest; None where it has none in any."""

    regret: Value
    choice: str | None
    option: str | None


@dataclass(frozen=True, slots=True)
class Regret:
    """What choosing each plan may cost."""

    loss: dict[str, Value]  # expected loss by plan
    least_loss: str  # plan with the smallest, which is the plan that is best on average
    views: tuple[View, ...]
    worst: dict[str, Worst]  # by plan; empty without views
    minimax: str | None  # plan whose largest regret is the smallest
    left_out: tuple[str, ...]  # views of fewer than `FEWEST` draws, as ``choice=option``


def regret(draws: Draws, worth: Floats) -> Regret:
    """Loss and regret of every plan, from worths of shape (P, D)."""
    views, left_out = [], []
    for choice, taken in draws.choices().items():
        for option, here in by_option(taken).items():
            if np.count_nonzero(here) < FEWEST:
                left_out.append(f"{choice}={option}")
                continue
            inside = worth[:, here]
            best = int(inside.mean(axis=1).argmax())
            found = means(draws, inside[best] - inside, here)
            views.append(View(choice, option, inside.shape[1], draws.plans[best], found))
    loss = means(draws, worth.max(axis=0) - worth)
    worst = {}
    for plan in draws.plans if views else ():
        view = max(views, key=lambda view: view.regret[plan].value or 0.0)
        known = (view.choice, view.option) if view.regret[plan].value else (None, None)
        worst[plan] = Worst(view.regret[plan], *known)
    return Regret(
        loss,
        min(loss, key=lambda plan: loss[plan].value or 0.0),
        tuple(views),
        worst,
        min(worst, key=lambda plan: worst[plan].regret.value or 0.0) if worst else None,
        tuple(left_out),
    )


@dataclass(frozen=True, slots=True)
class Enough:
    """Whether plans reach a level of an outcome in enough of the draws."""

    outcome: str
    least: float  # level to reach
    share: float  # of the draws, that is asked for
    reached: dict[str, Value]  # by plan: share of the draws that reach it
    plans: tuple[str, ...]  # those that do so in enough draws


def enough(draws: Draws, outcome: str, least: float, share: float) -> Enough:
    """Which plans are good enough: at least ``least`` in at least ``share`` of the draws."""
    reached = means(draws, draws.outcomes[outcome] >= least)
    good = tuple(plan for plan, value in reached.items() if (value.value or 0.0) >= share)
    return Enough(outcome, least, share, reached, good)
