"""One path of the reference engine, event by event, and the search for one worth reading."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final

import numpy as np

from simulator.engines.records import EVENT_KINDS, PathRecords
from simulator.engines.reference import EventRecord, Path, simulate, simulate_path
from simulator.estimates.records import Step
from simulator.model.compiled import CompiledModel, FloatArray

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


_BECAME: Final = {  # phase before and after -> what the ceasefire does
    ("establishing", "holding"): "takes hold",
    ("establishing", "failing"): "is failing from the start",
    ("holding", "holding"): "goes on holding",
    ("holding", "failing"): "begins to fail",
    ("failing", "holding"): "recovers and holds",
    ("failing", "failing"): "goes on failing",
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
        return {
            "draw": self.draw,
            "trial": self.trial,
            "beginning": list(self.beginning),
            "backstop_on": self.backstop_on,
            "events": [asdict(step) for step in self.steps],
            "end": {"years": self.years, "cause": self.cause},
        }


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
    promised, start = model.backstop.promised, path.initial.backstop_on
    steps = []
    troops, provided = 0, start
    for event in path.events:
        step = Step(
            years=float(event.time),
            event=event.name,
            kind=event.kind,
            text=_sentence(path, event, troops, provided, names),
            phase=event.phase,
            troops=event.troops,
            backstop_on=event.backstop_on,
            failing_probability=event.failing_probability,
            hazards=event.hazards,
        )
        steps.append(step)
        troops, provided = event.troops, provided or event.backstop_on
    return PathTrace(
        draw=int(model.draws[row]),
        trial=trial,
        beginning=tuple(_beginning(path, names)),
        backstop_on=start if promised else None,
        steps=tuple(steps),
        years=float(path.env.now),
        cause=path.over.value,
    )


def _sentence(
    path: Path, event: EventRecord, troops_before: int, provided: bool, names: Mapping[str, str]
) -> str:
    """Say what happened; ``provided`` is whether the backstop was on at any time before."""
    deployed = f"{_count(event.troops, 'soldier')} now deployed"
    match event.kind:
        case "arrival":  # nouns, since names may be plural
            who = _called(path, event.row, names)
            return f"arrival of {who} with {_contingent(path, event.row)}; {deployed}"
        case "exit":
            return f"withdrawal of {_called(path, event.row, names)}; {deployed}"
        case "mission_end":
            left = _count(troops_before, "soldier") if troops_before else "nobody"
            return f"the mission ends: {left} to bring home, and nobody else comes"
        case "backstop":
            on, off = "restores" if provided else "provides", "withdraws"
            return f"the United States {on if event.backstop_on else off} its backstop"
        case "army_restored":
            return "Ukraine's army is restored by another quarter"
        case "reconstituted":
            return "Russia's army is reconstituted by another quarter"
        case "reinforcement":
            more = _count(event.troops - troops_before, "soldier")
            return f"reinforcements of {more} arrive; {deployed}"
        case "phase":
            w = event.failing_probability
            became = _BECAME[event.phase_before, event.phase]
            return f"the ceasefire {became} (probability of failing: {w:.2f})"
        case _:
            return f"the ceasefire collapses: {event.name.removeprefix('cause:')}"


def _called(path: Path, contributor: int, names: Mapping[str, str]) -> str:
    name = path.model.contributors.names[contributor]
    return names.get(name, name)


def _contingent(path: Path, contributor: int) -> str:
    force = path.model.contributors
    parts = (
        (path.initial.allotted[contributor], "soldier"),
        (int(force.aircraft[contributor]), "aircraft"),
        (int(force.ships[contributor]), "ship"),
    )
    return _listed([_count(number, what) for number, what in parts if number]) or (
        "nothing: the ceiling leaves no room"
    )


def _beginning(path: Path, names: Mapping[str, str]) -> list[str]:
    """Say what was decided on the first day."""
    initial, force = path.initial, path.model.contributors
    lines = []
    if force.names:
        answer = "accepts" if initial.consent else "rejects"
        lines.append(
            f"Russia {answer} the force" + (", and that stops it" if initial.blocked else "")
        )
        who = _listed([_called(path, i, names) for i in initial.committed])
        number = f"{len(initial.committed)} of {len(force.names)}"
        lines.append(f"contributors that commit: {number}" + (f" ({who})" if who else ""))
    if path.model.air.hosts:
        where = _listed([names.get(host, host) for host in initial.open_hosts])
        lines.append(f"air bases are open in {where}" if where else "no air base is open")
    if path.model.backstop.promised:
        lines.append(f"the American backstop is {'on' if initial.backstop_on else 'off'}")
    return lines


def _count(number: int, what: str) -> str:
    """Write a number of things: ``1 soldier``, ``2,000 soldiers``, ``2 aircraft``."""
    return f"{number:,} {what}{'' if number == 1 or what == 'aircraft' else 's'}"


def _listed(parts: Sequence[str]) -> str:
    """Join words as people do: ``a, b and c``."""
    return " and ".join(filter(None, [", ".join(parts[:-1]), *parts[-1:]]))


def _where(condition: np.ndarray[Any, np.dtype[np.bool_]], score: FloatArray) -> FloatArray:
    return np.where(condition, score, -np.inf)


def _most(records: PathRecords, kind: str) -> FloatArray:
    """Return how many events of a kind; a path with none is never selected."""
    count = records.events[:, EVENT_KINDS.index(kind)].astype(np.float64)
    return _where(count > 0.0, count)
