"""How much a plan may cost its chooser: expected loss, regret by book and option, satisficing.

The loss of a plan in a draw is what the best plan of that draw is worth more. The least mean loss
of all plans is the value of perfect information. The regret of a plan in a world view (a book, an
option of a structural choice) is what the plan that is best on average under that view is worth
more, on average; a plan whose largest regret is small is never far wrong whoever is right.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from simulator.decide.draws import FEWEST, NOT_ASKED, Draws, Floats, Value, mean, means


@dataclass(frozen=True, slots=True)
class View:
    """One book, or one option of a structural choice.

    Attributes
    ----------
    choice, option : str
    draws : int
    best : str
        Plan that is best on average in these draws.
    regret : mapping of plan to Value
        Mean worth of the best plan less that of each.
    """

    choice: str
    option: str
    draws: int
    best: str
    regret: dict[str, Value]


@dataclass(frozen=True, slots=True)
class Worst:
    """The view in which the regret of a plan is largest; None where it has none in any."""

    regret: Value
    choice: str | None
    option: str | None


@dataclass(frozen=True, slots=True)
class Regret:
    """What choosing each plan may cost.

    Attributes
    ----------
    loss : mapping of plan to Value
        Expected loss.
    least_loss : str
        Plan with the smallest, which is the plan that is best on average.
    views : tuple of View
    worst : mapping of plan to Worst
        Empty without views.
    minimax : str or None
        Plan whose largest regret is the smallest.
    left_out : tuple of str
        Views of fewer than `FEWEST` draws, as ``choice=option``.
    """

    loss: dict[str, Value]
    least_loss: str
    views: tuple[View, ...]
    worst: dict[str, Worst]
    minimax: str | None
    left_out: tuple[str, ...]


def regret(draws: Draws, worth: Floats) -> Regret:
    """Loss and regret of every plan, from worths of shape (P, D)."""
    views, left_out = [], []
    for choice, taken in draws.choices().items():
        for option in sorted(set(taken) - {NOT_ASKED}):
            here = taken == option
            if np.count_nonzero(here) < FEWEST:
                left_out.append(f"{choice}={option}")
                continue
            inside = worth[:, here]
            best = int(inside.mean(axis=1).argmax())
            found = means(inside[best] - inside, draws.replicate[here])
            by_plan = dict(zip(draws.plans, found, strict=True))
            views.append(View(choice, option, inside.shape[1], draws.plans[best], by_plan))
    loss = dict(zip(draws.plans, means(worth.max(axis=0) - worth, draws.replicate), strict=True))
    worst = {plan: _worst(plan, views) for plan in draws.plans} if views else {}
    return Regret(
        loss,
        min(loss, key=lambda plan: loss[plan].value or 0.0),
        tuple(views),
        worst,
        min(worst, key=lambda plan: worst[plan].regret.value or 0.0) if worst else None,
        tuple(left_out),
    )


def _worst(plan: str, views: list[View]) -> Worst:
    view = max(views, key=lambda view: view.regret[plan].value or 0.0)
    found = view.regret[plan]
    return Worst(found, view.choice, view.option) if found.value else Worst(found, None, None)


@dataclass(frozen=True, slots=True)
class Enough:
    """Whether plans reach a level of an outcome in enough of the draws.

    Attributes
    ----------
    outcome : str
    least : float
        Level to reach.
    share : float
        Of the draws, that is asked for.
    reached : mapping of plan to Value
        Share of the draws that reach it.
    plans : tuple of str
        Those that do so in enough draws.
    """

    outcome: str
    least: float
    share: float
    reached: dict[str, Value]
    plans: tuple[str, ...]


def enough(draws: Draws, outcome: str, least: float, share: float) -> Enough:
    """Which plans are good enough: at least ``least`` in at least ``share`` of the draws."""
    reached = {
        plan: mean(values >= least, draws.replicate)
        for plan, values in zip(draws.plans, draws.outcomes[outcome], strict=True)
    }
    good = tuple(plan for plan, value in reached.items() if (value.value or 0.0) >= share)
    return Enough(outcome, least, share, reached, good)
