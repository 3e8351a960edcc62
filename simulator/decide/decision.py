"""Which plan, and what decides it: every answer in one frozen object."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final

import numpy as np

from simulator.decide.boxes import Box, Points, discover, points
from simulator.decide.draws import Draws, Floats, Value, given, mean, means
from simulator.decide.frontier import COST, PEACE, Frontier, best_in, frontiers
from simulator.decide.information import (
    UNBIASED,
    Belief,
    Information,
    belief,
    evpi,
    information,
    terms,
)
from simulator.decide.regret import Decides, Enough, Regret, decides, enough, regret
from simulator.decide.worth import read_worth, worth_of
from simulator.templates import paragraphs

TRIALS: Final = 16  # of a draw; with fewer, chance within a draw shows in what is read draw by draw
ENOUGH: Final = (PEACE, 0.3, 0.8)  # outcome, level, and share of the draws that is to reach it


@dataclass(frozen=True, slots=True)
class Choice:
    """What follows from one worth."""

    worth: str
    mean: dict[str, Value]  # by plan
    probability_best: dict[str, Value]  # share of the draws in which each plan is worth most
    best: str  # the two plans that are worth most on average
    second: str
    margin: Value  # what the best is worth more
    margin_decided_by: tuple[Decides, ...]  # clearly, draw by draw
    evpi: Value  # value of knowing everything
    information: tuple[Information, ...]  # of each assumption, choice and group
    beliefs: tuple[Belief, ...]  # on all whose value shows
    worse: Box | None  # where the best plan on average is worth less than the second
    # Such draws and others, over two assumptions of the box, or else that decide the margin.
    points: Points | None
    regret: Regret


@dataclass(frozen=True, slots=True)
class Decision:
    """Which plan."""

    plans: tuple[str, ...]
    draws: int  # that answer
    of: int  # draws before anything was given
    trials: int
    given: tuple[str, ...]
    frontier: dict[str, Frontier]  # ``pooled`` and each book; empty where the horizon is short
    enough: Enough | None
    choice: Choice | None  # None without a worth
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
) -> Decision:
    """Decide between two or more plans under the same draws.

    `worth` is arithmetic over the outcomes, `groups` are assumptions and choices whose value is
    asked for together, `beliefs` as for `given`. Raises `InputError` if one of them cannot be read
    or too few draws are left.
    """
    if len(draws.plans) < 2:
        raise ValueError("a decision needs at least two plans")
    read = None if worth is None else read_worth(worth, draws.outcomes)
    inside = given(draws, beliefs)
    noted = {"draws": inside, "valued": read is not None, "trials": TRIALS, "unbiased": UNBIASED}
    reached = {name for name, values in inside.outcomes.items() if np.isfinite(values).all()}
    return Decision(
        plans=draws.plans,
        draws=inside.size,
        of=draws.size,
        trials=draws.trials,
        given=tuple(beliefs),
        frontier=frontiers(inside) if {PEACE, COST} <= reached else {},
        enough=enough(inside, *ENOUGH) if ENOUGH[0] in reached else None,
        choice=None
        if read is None
        else _choice(inside, worth_of(read, inside.outcomes), read.text, groups or {}),
        notes=tuple(paragraphs("simulator.decide", "notes.txt", **noted)),
    )


def _choice(
    draws: Draws, worth: Floats, text: str, groups: Mapping[str, Collection[str]]
) -> Choice:
    order = np.argsort(-worth.mean(axis=1), kind="stable")
    best, second = int(order[0]), int(order[1])
    ahead = worth[best] - worth[second]
    known, columns = terms(draws), draws.columns()
    worths = information(draws, worth, known, groups)
    asked = [one for one in worths if one.kind != "group" and one.shows]
    deciding = tuple(one for one in decides(draws, ahead, known) if one.clear)
    box = discover(columns, ahead < 0.0, draws.replicate)
    limits = [limit.name for limit in box.limits] if box else []
    shown = list(dict.fromkeys([*limits, *(one.name for one in deciding)]))[:2]
    shown_columns = {name: columns[name] for name in shown}
    return Choice(
        worth=text,
        mean=means(draws, worth),
        probability_best=means(draws, best_in(worth)),
        best=draws.plans[best],
        second=draws.plans[second],
        margin=mean(ahead, draws.replicate),
        margin_decided_by=deciding,
        evpi=evpi(worth, draws.replicate),
        information=worths,
        beliefs=tuple(belief(draws, worth, one.name, *known[one.name]) for one in asked),
        worse=box,
        points=points(shown_columns, ahead < 0.0) if len(shown) == 2 else None,
        regret=regret(draws, worth),
    )
