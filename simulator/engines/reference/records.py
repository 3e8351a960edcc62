"""What the reference engine writes down, in the form that every engine shares."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal, overload

import numpy as np

from simulator.engines.records import EVENT_KINDS, EventLog, PathRecords, TroopChanges
from simulator.engines.reference.actors import begin
from simulator.engines.reference.clocks import Process, alarm
from simulator.engines.reference.life import Happening, Life
from simulator.model.compiled import CAUSES, CompiledModel, FloatArray


def live(model: CompiledModel, row: int, path: int) -> Life:
    """Live through one path, to its collapse or to the horizon.

    Parameters
    ----------
    row : int
        Row of the model's draws (not the number of the draw).
    path : int
        Number of the path within that draw.

    Returns
    -------
    Life
        With every event, in order, in ``events``.

    Raises
    ------
    ValueError
        If there is no such row or path.
    """
    if not 0 <= row < model.draws.size or path < 0:
        raise ValueError(f"row {row}, path {path}: the model has {model.draws.size} draws")
    life = Life(model, row, path)
    begin(life)
    life.env.process(_horizon(life))
    life.env.run(until=life.over)
    return life


def _horizon(life: Life) -> Process:
    """End the observation. It comes before every event at the same time: [0, horizon)."""
    before_all_rows = -1
    yield alarm(life, life.model.horizon, before_all_rows)
    life.over.succeed(None)


@overload
def simulate(
    model: CompiledModel,
    paths_per_draw: int,
    first: int,
    last: int,
    *,
    log: Literal[False] = ...,
) -> PathRecords: ...
@overload
def simulate(
    model: CompiledModel, paths_per_draw: int, first: int, last: int, *, log: Literal[True]
) -> tuple[PathRecords, EventLog]: ...
def simulate(
    model: CompiledModel, paths_per_draw: int, first: int, last: int, *, log: bool = False
) -> PathRecords | tuple[PathRecords, EventLog]:
    """Live through the paths ``[first, last)`` of a model, one after the other.

    Arguments, result and errors are those of `simulator.engines.core.simulate`.
    """
    if not 0 <= first < last <= paths_per_draw * model.draws.size:
        raise ValueError(
            f"paths [{first}, {last}) asked for; the model has "
            f"{model.draws.size} draws of {paths_per_draw} paths"
        )
    lives = [live(model, *divmod(p, paths_per_draw)) for p in range(first, last)]
    records = _records(first, lives)
    return (records, _event_log(first, lives)) if log else records


@dataclass(frozen=True, slots=True)
class Spell:
    """A stretch of a life between two events, in which nothing changes."""

    start: float
    end: float
    troops: int
    cost_troops: float
    backstop_on: bool

    def years(self, until: float = math.inf) -> float:
        """Return its length, as far as it lies before ``until``."""
        return min(self.end, until) - min(self.start, until)


def spells(life: Life) -> list[Spell]:
    """Cut a life at its events; the first spell begins with the ceasefire."""
    states = [(0.0, 0, 0.0, life.start.backstop_on)]
    states += [
        (e.time, e.troops, e.cost_troops, e.backstop_on)
        for e in life.events
        if e.kind != "collapse"
    ]
    ends = [time for time, *_ in states[1:]] + [life.env.now]
    return [Spell(state[0], end, *state[1:]) for state, end in zip(states, ends, strict=True)]


def _records(first: int, lives: Sequence[Life]) -> PathRecords:
    cut = [spells(life) for life in lives]
    changes = [(p, *change) for p, life in enumerate(lives) for change in _changes(life, cut[p])]

    def floats(value: Callable[[list[Spell]], float]) -> FloatArray:
        return np.array([value(life) for life in cut], np.float64)

    return PathRecords(
        first=first,
        end_time=floats(lambda life: life[-1].end),
        cause=np.array([_cause(life) for life in lives], np.int8),
        peak_troops=floats(lambda life: max(s.troops for s in life)),
        troop_years=floats(lambda life: math.fsum(s.troops * s.years() for s in life)),
        troop_years_first=floats(lambda life: math.fsum(s.troops * s.years(1.0) for s in life)),
        backstop_off_years=floats(
            lambda life: math.fsum(s.years() for s in life if not s.backstop_on)
        ),
        cost=np.array([_cost(life, cut[p]) for p, life in enumerate(lives)], np.float64),
        events=np.array([_counts(life.events) for life in lives], np.int32),
        troop_changes=TroopChanges(
            path=np.array([c[0] for c in changes], np.int64),
            time=np.array([c[1] for c in changes], np.float64),
            change=np.array([c[2] for c in changes], np.float64),
        ),
    )


def _changes(life: Life, cut: list[Spell]) -> list[tuple[float, float]]:
    """Return time and size of every change of the soldiers deployed."""
    changes = [
        (after.start, float(after.troops - before.troops)) for before, after in pairwise(cut)
    ]
    if life.over.value is not None:
        changes.append((life.env.now, -float(cut[-1].troops)))
    return [(time, change) for time, change in changes if change != 0.0]


def _cost(life: Life, cut: list[Spell]) -> float:
    """Return pounds spent: on setting up every soldier who comes, and on every soldier-year."""
    money, row = life.model.money, life.row
    set_up = math.fsum(max(0.0, b.cost_troops - a.cost_troops) for a, b in pairwise(cut))
    years = math.fsum(s.cost_troops * s.years() for s in cut)
    return float(money.setup_per_soldier[row]) * set_up + float(money.per_soldier_year[row]) * years


def _cause(life: Life) -> int:
    return -1 if life.over.value is None else CAUSES.index(life.over.value)


def _counts(events: Sequence[Happening]) -> list[int]:
    kinds = Counter(event.kind for event in events)
    return [kinds[kind] for kind in EVENT_KINDS]


def _event_log(first: int, lives: Sequence[Life]) -> EventLog:
    events = [(first + p, e.time, e.row) for p, life in enumerate(lives) for e in life.events]
    return EventLog(
        path=np.array([path for path, _, _ in events], np.int64),
        time=np.array([time for _, time, _ in events], np.float64),
        row=np.array([row for _, _, row in events], np.int64),
    )
