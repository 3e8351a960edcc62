"""One path as a story: told by the reference engine, found by the fast one."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from simulator.engines import core
from simulator.engines.records import EVENT_KINDS, PathRecords
from simulator.engines.reference import Happening, Life, live
from simulator.model.compiled import CompiledModel, FloatArray

# name -> (what kind of path, score of every path: the highest is told; -inf never is)
PICKS: Final[dict[str, tuple[str, Callable[[PathRecords], FloatArray]]]] = {
    "collapse-early": (
        "collapses within two years; of those, nearest to half a year",
        lambda r: _where((r.cause >= 0) & (r.end_time < 2.0), -np.abs(r.end_time - 0.5)),
    ),
    "collapse-late": ("collapses last", lambda r: _where(r.cause >= 0, r.end_time)),
    "longest": (
        "lives longest; of those that reach the horizon, the most eventful",
        lambda r: r.end_time + 1e-6 * r.events.sum(axis=1),
    ),
    "typical": (
        "collapses nearest to the median life",
        lambda r: _where(r.cause >= 0, -np.abs(r.end_time - np.median(r.end_time))),
    ),
    "eventful": ("has the most events", lambda r: r.events.sum(axis=1).astype(np.float64)),
    "exodus": ("loses the most contributors", lambda r: _most(r, "exit")),
    "backstop": ("sees the backstop flip most often", lambda r: _most(r, "backstop")),
    "reinforced": (
        "is reinforced; of those, lives longest",
        lambda r: _where(_most(r, "reinforcement") > 0.0, r.end_time),
    ),
}


class NoSuchPathError(ValueError):
    """No path of those searched is of the kind asked for."""


@dataclass(frozen=True, slots=True)
class Step:
    """One event of a story.

    Attributes
    ----------
    years : float
        Since the ceasefire.
    event : str
        Row of the event log, e.g. ``contributor:france``.
    kind : str
        One of ``EVENT_KINDS``, or ``collapse``.
    text : str
        What happened, as a sentence without its full stop.
    phase : str
        After the event.
    troops : int
        Deployed after the event.
    backstop_on : bool
    failing_odds : float
        Just before the event.
    hazards : dict of cause to float
        Of collapse, per year, just before the event.
    """

    years: float
    event: str
    kind: str
    text: str
    phase: str
    troops: int
    backstop_on: bool
    failing_odds: float
    hazards: dict[str, float]


@dataclass(frozen=True, slots=True)
class Story:
    """One path, told.

    Attributes
    ----------
    draw, path : int
    beginning : tuple of str
        What was settled on the first day, one sentence each.
    steps : tuple of Step
    years : float
        To the collapse, or to the horizon.
    cause : str or None
        None where the ceasefire still holds.
    """

    draw: int
    path: int
    beginning: tuple[str, ...]
    steps: tuple[Step, ...]
    years: float
    cause: str | None

    def as_json(self) -> dict[str, Any]:
        """Return the story as a tree that JSON can hold."""
        return {
            "draw": self.draw,
            "path": self.path,
            "beginning": list(self.beginning),
            "events": [
                {name: getattr(step, name) for name in Step.__dataclass_fields__}
                for step in self.steps
            ],
            "end": {"years": self.years, "cause": self.cause},
        }


def find(model: CompiledModel, paths: int, pick: str) -> tuple[int, int]:
    """Find a path worth telling.

    Parameters
    ----------
    model : CompiledModel
        All of its draws are searched.
    paths : int
        Paths of each draw to search.
    pick : str
        One of `PICKS`. Ties go to the first path.

    Returns
    -------
    row, path : int
        Row of the model's draws, and number of the path within it.

    Raises
    ------
    NoSuchPathError
        If none of those paths is of that kind.
    """
    what, score = PICKS[pick]
    total = paths * model.draws.size
    scores = score(core.simulate(model, paths, 0, total))
    best = int(np.argmax(scores))
    if scores[best] == -np.inf:
        raise NoSuchPathError(f"none of {total:,} paths {what.split(';')[0]}")
    row, path = divmod(best, paths)
    return row, path


def tell(model: CompiledModel, row: int, path: int, names: Mapping[str, str]) -> Story:
    """Tell one path.

    Parameters
    ----------
    model : CompiledModel
    row : int
        Row of the model's draws.
    path : int
        Number of the path within that draw.
    names : mapping of str to str
        How to call contributors and hosts; an id without an entry stands for itself.
    """
    life = live(model, row, path)
    before = life.start.backstop_on
    steps = []
    troops = 0
    for event in life.events:
        steps.append(_step(life, event, troops, names))
        troops = event.troops
    return Story(
        draw=int(model.draws[row]),
        path=path,
        beginning=tuple(_beginning(life, before, names)),
        steps=tuple(steps),
        years=float(life.env.now),
        cause=life.over.value,
    )


def _step(life: Life, event: Happening, troops_before: int, names: Mapping[str, str]) -> Step:
    return Step(
        years=float(event.time),
        event=event.name,
        kind=event.kind,
        text=_sentence(life, event, troops_before, names),
        phase=event.phase,
        troops=event.troops,
        backstop_on=event.backstop_on,
        failing_odds=event.failing_odds,
        hazards=event.hazards,
    )


def _sentence(life: Life, event: Happening, before: int, names: Mapping[str, str]) -> str:
    """Say what happened."""
    deployed = f"{event.troops:,} soldiers deployed"
    if event.kind in ("arrival", "exit"):
        name = life.model.contributors.names[event.row]
        who = names.get(name, name)
        if event.kind == "exit":
            return f"{who} leaves; {deployed}"
        return f"{who} arrives with {_contingent(life, event.row)}; {deployed}"
    return {
        "mission_end": "the mission ends; "
        + (f"its {before:,} soldiers leave" if before else "nobody was deployed")
        + ", and nobody comes any more",
        "backstop": "the American backstop "
        + ("is back on" if event.backstop_on else "is off from now on"),
        "army_restored": "Ukraine's army is restored to full strength",
        "reconstituted": "Russia's army is reconstituted",
        "reinforcement": f"reinforcements come: {event.troops - before:,} soldiers; {deployed}",
        "phase": f"the ceasefire {_entered(event)} "
        f"(probability that it would be failing: {event.failing_odds:.2f})",
        "collapse": f"the ceasefire collapses: {event.name.removeprefix('cause:')}",
    }[event.kind]


def _entered(event: Happening) -> str:
    if event.phase_before == "establishing":
        return "takes hold" if event.phase == "holding" else "is failing from the start"
    return "recovers and holds" if event.phase == "holding" else "begins to fail"


def _contingent(life: Life, contributor: int) -> str:
    force = life.model.contributors
    parts = [
        (life.start.allotted[contributor], "soldiers", "soldier"),
        (int(force.aircraft[contributor]), "aircraft", "aircraft"),
        (int(force.ships[contributor]), "ships", "ship"),
    ]
    listed = [f"{number:,} {what if number > 1 else one}" for number, what, one in parts if number]
    if not listed:
        return "nothing: the ceiling leaves no room"
    return " and ".join([", ".join(listed[:-1]), listed[-1]] if len(listed) > 1 else listed)


def _beginning(life: Life, backstop_on: bool, names: Mapping[str, str]) -> list[str]:
    """Say what was settled on the first day."""
    start, force, air = life.start, life.model.contributors, life.model.air

    def called(ids: tuple[str, ...]) -> str:
        return ", ".join(names.get(one, one) for one in ids) or "nobody"

    lines = []
    if force.names:
        answer = "accepts" if start.consent else "rejects"
        lines.append(
            f"Russia {answer} the force" + (", and that stops it" if start.blocked else "")
        )
        committed = tuple(force.names[i] for i in start.committed)
        lines.append(
            f"{len(committed)} of {len(force.names)} contributors commit: {called(committed)}"
        )
    if air.hosts:
        lines.append(f"air bases are open in: {called(start.open_hosts)}")
    if life.model.backstop.promised:
        lines.append(f"the American backstop is {'on' if backstop_on else 'off'}")
    return lines


def _where(condition: np.ndarray[Any, np.dtype[np.bool_]], score: FloatArray) -> FloatArray:
    return np.where(condition, score, -np.inf)


def _most(records: PathRecords, kind: str) -> FloatArray:
    """Return how many events of a kind; paths with none are never told."""
    count = records.events[:, EVENT_KINDS.index(kind)].astype(np.float64)
    return _where(count > 0.0, count)
