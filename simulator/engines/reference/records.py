"""What the reference engine writes down, in the form that every engine of whole paths shares."""

import math
from collections import Counter
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import Any, Final

import numpy as np

from simulator import addresses
from simulator.engines.records import EVENT_KINDS, EventLog, PathRecords
from simulator.engines.reference.actors import start
from simulator.engines.reference.initial import Uniforms
from simulator.engines.reference.path import Path, Waiting, alarm
from simulator.model.compiled import CAUSES, CompiledModel, FloatArray

_EVENT: Final = [("path", np.int64), ("time", np.float64), ("row", np.int64)]
_INTEGERS: Final = {"cause": np.int8, "events": np.int32}  # the other records are float64


def simulate_path(
    model: CompiledModel, row: int, trial: int, uniforms: Uniforms = addresses.world_uniforms
) -> Path:
    """Simulate one path, to its collapse or to the horizon; ``row`` is not the draw's number."""
    if not 0 <= row < model.draws.size or trial < 0:
        raise ValueError(f"row {row}, trial {trial}: the model has {model.draws.size} draws")
    path = Path(model, row, trial, uniforms)
    start(path)
    path.env.process(_horizon(path))
    path.env.run(until=path.over)
    return path


def _horizon(path: Path) -> Waiting:
    """End the observation. It comes before every event at the same time: [0, horizon)."""
    before_all_rows = -1
    yield alarm(path, path.model.horizon, before_all_rows)
    path.over.succeed(None)


def simulate(
    model: CompiledModel, trials: int, uniforms: Uniforms = addresses.world_uniforms
) -> tuple[PathRecords, EventLog]:
    """Simulate the paths of a model, one after the other: path p is trial p % trials of a draw."""
    uniforms = _in_bulk(uniforms, trials)
    records: list[dict[str, Any]] = []
    log: list[tuple[int, float, int]] = []
    for p in range(trials * model.draws.size):
        path = simulate_path(model, *divmod(p, trials), uniforms)
        records.append(_record(path))
        log += [(p, event.time, event.row) for event in path.events]
    columns = {
        name: np.array([record[name] for record in records], _INTEGERS.get(name, float))
        for name in PathRecords.__dataclass_fields__
    }
    events = np.array(log, _EVENT)
    return PathRecords(**columns), EventLog(*(events[name].copy() for name, _ in _EVENT))


def _in_bulk(uniforms: Uniforms, trials: int) -> Uniforms:
    """Fetch a clock's numbers for all trials of a draw at once: one by one costs half the time."""

    @lru_cache(maxsize=4096)
    def of_draw(seed: int, name: str, draw: int) -> FloatArray:
        return uniforms(seed, name, np.array([draw]), np.arange(trials))

    return lambda seed, name, draws, trial: of_draw(seed, name, int(draws[0]))[:, trial]


@dataclass(frozen=True, slots=True)
class Spell:
    """A stretch of a path between two events, in which nothing changes."""

    start: float
    end: float
    troops: int
    cost_troops: float
    backstop_on: bool

    def years(self, until: float = math.inf) -> float:
        """Return its length, as far as it lies before ``until``."""
        return min(self.end, until) - min(self.start, until)


def spells(path: Path) -> list[Spell]:
    """Cut a path at its events; the first spell begins with the ceasefire."""
    states = [(0.0, 0, 0.0, path.initial.backstop_on)]
    states += [
        (e.time, e.troops, e.cost_troops, e.backstop_on)
        for e in path.events
        if e.kind != "collapse"
    ]
    ends = [time for time, *_ in states[1:]] + [path.env.now]
    return [Spell(state[0], end, *state[1:]) for state, end in zip(states, ends, strict=True)]


def _record(path: Path) -> dict[str, Any]:
    """Return the fields of `PathRecords` for one path."""
    cut, cause, kinds = spells(path), path.over.value, Counter(e.kind for e in path.events)
    return {
        "end_time": path.env.now,
        "cause": -1 if cause is None else CAUSES.index(cause),
        "peak_troops": max(s.troops for s in cut),
        "troop_years": math.fsum(s.troops * s.years() for s in cut),
        "troop_years_first": math.fsum(s.troops * s.years(1.0) for s in cut),
        "backstop_off_years": math.fsum(s.years() for s in cut if not s.backstop_on),
        "cost": _cost(path, cut),
        "events": [kinds[kind] for kind in EVENT_KINDS],
    }


def _cost(path: Path, cut: list[Spell]) -> float:
    """Return pounds spent: on setting up every soldier who comes, and on every soldier-year."""
    money, row = path.model.money, path.row
    set_up = math.fsum(max(0.0, b.cost_troops - a.cost_troops) for a, b in pairwise(cut))
    years = math.fsum(s.cost_troops * s.years() for s in cut)
    return float(money.setup_per_soldier[row]) * set_up + float(money.per_soldier_year[row]) * years
