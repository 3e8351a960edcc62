"""Which plan, and what decides it: every answer in one frozen object."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final

import numpy as np

from simulator.decide import believe
from simulator.decide.boxes import Box, Points, points, where_worse
from simulator.decide.difference import Decides, decides
from simulator.decide.draws import Draws, Value, means
from simulator.decide.frontier import COST, PEACE, Frontier, frontiers, probability_best
from simulator.decide.given import given
from simulator.decide.information import UNBIASED, Information, evpi, information, terms
from simulator.decide.regret import Enough, Regret, enough, regret
from simulator.decide.worth import read_worth, worth_of

TRIALS: Final = 16  # of a draw; with fewer, chance within a draw shows in what is read draw by draw
ENOUGH: Final = (PEACE, 0.3, 0.8)  # outcome, level, and share of the draws that is to reach it


@dataclass(frozen=True, slots=True)
class Choice:
    """What follows from one worth.

    Attributes
    ----------
    worth : str
    mean : mapping of plan to Value
    probability_best : mapping of plan to Value
        Share of the draws in which each plan is worth most.
    best, second : str
        The two plans that are worth most on average.
    margin : Value
        What the best is worth more.
    margin_decided_by : tuple of Decides
        What clearly decides that margin, draw by draw.
    evpi : Value
        Value of knowing everything.
    information : tuple of Information
        Of each assumption, choice and group.
    beliefs : tuple of Belief
        On all whose value shows.
    worse : Box or None
        Where the best plan on average is worth less than the second.
    points : Points or None
        Such draws and others, over two assumptions of the box, or else that decide the margin.
    regret : Regret
    """

    worth: str
    mean: dict[str, Value]
    probability_best: dict[str, Value]
    best: str
    second: str
    margin: Value
    margin_decided_by: tuple[Decides, ...]
    evpi: Value
    information: tuple[Information, ...]
    beliefs: tuple[believe.Belief, ...]
    worse: Box | None
    points: Points | None
    regret: Regret


@dataclass(frozen=True, slots=True)
class Decision:
    """Which plan.

    Attributes
    ----------
    plans : tuple of str
    draws, of : int
        Draws that answer, and draws before anything was given.
    trials : int
    given : tuple of str
    frontier : mapping of str to Frontier
        ``pooled`` and each book; empty where the horizon does not reach.
    enough : Enough or None
    choice : Choice or None
        None without a worth.
    notes : tuple of str
        What to keep in mind.
    """

    plans: tuple[str, ...]
    draws: int
    of: int
    trials: int
    given: tuple[str, ...]
    frontier: dict[str, Frontier]
    enough: Enough | None
    choice: Choice | None
    notes: tuple[str, ...]

    def as_json(self) -> dict[str, Any]:
        """Return a tree of what JSON knows; what cannot be known is null."""
        return asdict(self)


def decide(
    draws: Draws,
    worth: str | None = None,
    *,
    groups: Mapping[str, Collection[str]] | None = None,
    beliefs: Sequence[str] = (),
    good: tuple[str, float, float] = ENOUGH,
) -> Decision:
    """Decide between plans under the same draws.

    Parameters
    ----------
    draws : Draws
        Of at least two plans.
    worth : str, optional
        Arithmetic over the outcomes.
    groups : mapping of name to names, optional
        Assumptions and choices whose value is asked for together.
    beliefs : sequence of str
        What is given, as for `given`.
    good : tuple of str, float, float
        Outcome, level and share of `enough`.

    Raises
    ------
    InputError
        If the worth or what is given cannot be read, or too few draws are left.
    """
    if len(draws.plans) < 2:
        raise ValueError("a decision needs at least two plans")
    read = None if worth is None else read_worth(worth, draws.outcomes)
    left = given(draws, beliefs)
    inside = left.draws
    reached = {name for name, values in inside.outcomes.items() if np.isfinite(values).all()}
    return Decision(
        plans=draws.plans,
        draws=inside.size,
        of=draws.size,
        trials=draws.trials,
        given=left.beliefs,
        frontier=frontiers(inside) if {PEACE, COST} <= reached else {},
        enough=enough(inside, *good) if good[0] in reached else None,
        choice=None
        if read is None
        else _choice(inside, worth_of(read, inside.outcomes), read.text, groups or {}),
        notes=_notes(inside, worth is not None),
    )


def _choice(
    draws: Draws, worth: np.ndarray[Any, Any], text: str, groups: Mapping[str, Collection[str]]
) -> Choice:
    order = np.argsort(-worth.mean(axis=1), kind="stable")
    best, second = int(order[0]), int(order[1])
    ahead = worth[best] - worth[second]
    known = terms(draws)
    worths = information(draws, worth, known, groups)
    asked = [one for one in worths if one.kind != "group" and one.shows]
    found = means(worth, draws.replicate)
    deciding = tuple(one for one in decides(draws, ahead, known) if one.clear)
    box = where_worse(draws, worth, best, second)
    limits = [limit.name for limit in box.limits] if box else []
    shown = list(dict.fromkeys([*limits, *(one.name for one in deciding)]))[:2]
    return Choice(
        worth=text,
        mean=dict(zip(draws.plans, found, strict=True)),
        probability_best=dict(
            zip(draws.plans, probability_best(worth, draws.replicate), strict=True)
        ),
        best=draws.plans[best],
        second=draws.plans[second],
        margin=means(ahead[None], draws.replicate)[0],
        margin_decided_by=deciding,
        evpi=evpi(worth, draws.replicate),
        information=worths,
        beliefs=tuple(believe.belief(draws, worth, one.name, *known[one.name]) for one in asked),
        worse=box,
        points=points(draws, shown, ahead < 0.0) if len(shown) == 2 else None,
        regret=regret(draws, worth),
    )


def _notes(draws: Draws, valued: bool) -> tuple[str, ...]:
    notes = []
    if draws.size < UNBIASED:
        notes.append(
            f"{draws.size:,} draws: values of information are rough; they want {UNBIASED:,}"
        )
    if valued and draws.trials < TRIALS:
        notes.append(
            f"{draws.trials} trials a draw: what they leave to chance counts as knowable in the "
            f"value of knowing everything, the losses and the shares of draws; {TRIALS} trials "
            "leave little of it"
        )
    if draws.apart:
        notes.append(
            f"{', '.join(draws.apart)}: not the same under all plans, so part of what they are "
            "and not of what is to be found out"
        )
    return tuple(notes)
