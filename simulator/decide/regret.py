"""How much a plan may cost its chooser: expected loss, regret by book and option, satisficing.

The loss of a plan in a draw is what the best plan of that draw is worth more. The least mean loss
of all plans is the value of perfect information. The regret of a plan in a world view (a book, an
option of a structural choice) is what the plan that is best on average under that view is worth
more, on average; a plan whose largest regret is small is never far wrong whoever is right.
"""

from dataclasses import dataclass

import numpy as np

from simulator.decide.draws import FEWEST, Draws, Floats, Value, means, options_of


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
        for option in options_of(taken):
            here = taken == option
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
