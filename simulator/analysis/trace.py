"""One path of the reference engine, event by event, and the search for one worth reading."""

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from typing import Any, Final

import numpy as np

from simulator.engines.records import EVENT_KINDS, PathRecords
from simulator.engines.reference import simulate, simulate_path
from simulator.estimates.records import Step
from simulator.model.compiled import BoolArray, CompiledModel, FloatArray
from simulator.templates import paragraphs


def _where(condition: BoolArray, score: FloatArray) -> FloatArray:
    return np.where(condition, score, -np.inf)


def _most(records: PathRecords, kind: str) -> FloatArray:
    """How many events of a kind; a path with none is never selected."""
    count = records.events[:, EVENT_KINDS.index(kind)].astype(np.float64)
    return _where(count > 0.0, count)


# name -> (which path, score of every path: the highest is selected; -inf never is)
SELECTORS: Final[dict[str, tuple[str, Callable[[PathRecords], FloatArray]]]] = {
    "collapse-early": (
        "collapses within two years; of those, nearest to half a year",
        lambda r: _where((r.cause >= 0) & (r.end_time < 2.0), -np.abs(r.end_time - 0.5)),
    ),
    "collapse-late": ("collapses last", lambda r: _where(r.cause >= 0, r.end_time)),
    "longest": (
        "lasts longest; of those that reach the horizon, has the most events",
        lambda r: r.end_time + 1e-6 * r.events.sum(axis=1),
    ),
    "typical": (
        "collapses nearest to the median duration",
        lambda r: _where(r.cause >= 0, -np.abs(r.end_time - np.median(r.end_time))),
    ),
    "eventful": ("has the most events", lambda r: r.events.sum(axis=1).astype(np.float64)),
    "exodus": ("loses the most contributors", lambda r: _most(r, "exit")),
    "backstop": ("sees the most changes of the backstop", lambda r: _most(r, "backstop")),
    "reinforced": (
        "is reinforced; of those, lasts longest",
        lambda r: _where(_most(r, "reinforcement") > 0.0, r.end_time),
    ),
}


class NoSuchPathError(ValueError):
    """No path of those searched is of the kind asked for."""


@dataclass(frozen=True, slots=True)
class PathTrace:
    """One path, event by event."""

    draw: int
    trial: int
    beginning: tuple[str, ...]  # what was decided on the first day, one sentence each
    backstop_on: bool | None  # on the first day; None where none was promised
    steps: tuple[Step, ...]
    years: float  # to the collapse, or to the horizon
    cause: str | None  # None where the ceasefire still holds

    def as_json(self) -> dict[str, Any]:
        """Return the trace as a tree that JSON can hold."""
        tree = asdict(self)
        end = {"years": tree.pop("years"), "cause": tree.pop("cause")}
        steps = list(tree.pop("steps"))
        return tree | {"beginning": list(self.beginning), "events": steps, "end": end}


def find(model: CompiledModel, trials: int, selector: str) -> tuple[int, int]:
    """Find a path worth reading: its row of the model's draws, and its trial.

    ``trials`` of every draw are simulated on the reference engine, some hundred a second. Ties go
    to the first path; raises NoSuchPathError if none is of that kind.
    """
    what, score = SELECTORS[selector]
    scores = score(simulate(model, trials)[0])
    best = int(np.argmax(scores))
    if scores[best] == -np.inf:
        raise NoSuchPathError(f"none of {scores.size:,} paths {what.split(';')[0]}")
    return divmod(best, trials)


def trace_path(model: CompiledModel, row: int, trial: int, names: Mapping[str, str]) -> PathTrace:
    """Simulate a trial of a row of the model's draws, and describe its events.

    ``names`` are of contributors and hosts; an id without an entry stands for itself.
    """
    path = simulate_path(model, row, trial)
    said = paragraphs("simulator.analysis", "path.txt", path=path, names=names)
    begun = len(said) - len(path.events)
    return PathTrace(
        draw=int(model.draws[row]),
        trial=trial,
        beginning=tuple(said[:begun]),
        backstop_on=path.initial.backstop_on if model.backstop.promised else None,
        steps=tuple(
            Step(
                years=float(event.time),
                event=event.name,
                kind=event.kind,
                text=text,
                phase=event.phase,
                troops=event.troops,
                backstop_on=event.backstop_on,
                failing_probability=event.failing_probability,
                hazards=event.hazards,
            )
            for event, text in zip(path.events, said[begun:], strict=True)
        ),
        years=float(path.env.now),
        cause=path.over.value,
    )
