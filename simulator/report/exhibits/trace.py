"""What one path can show."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from simulator.report.exhibits.exhibit import Exhibit, source_line
from simulator.report.figures.timeline import Path as Course
from simulator.report.figures.timeline import Stay, timeline
from simulator.report.results import broken
from simulator.report.tables import Table, number, rows_of, text
from simulator.storage.results import parsed

_MOMENTS: Final = {
    "mission_end": "the mission ends",
    "army_restored": "Ukraine's army: a quarter more",
    "reconstituted": "Russia: a quarter readier",
    "reinforcement": "the force is reinforced",
}
_BROKEN: Final = (KeyError, TypeError, ValueError, AttributeError, IndexError)


def load_trace(path: Path) -> Mapping[str, Any]:
    """Read what ``simulator trace --json`` printed.

    Raises
    ------
    StorageError, InputError
        If it is missing or no such thing.
    """
    tree: Mapping[str, Any] = parsed(path, path.read_bytes())
    try:
        _path(tree)
    except _BROKEN as error:
        raise broken(path, "`simulator trace --json`", error) from error
    return tree


def timeline_exhibit(tree: Mapping[str, Any]) -> Exhibit:
    """One ceasefire from its first day to its end."""
    path = _path(tree)
    ended = "it still holds" if path.cause is None else f"it ends by {path.cause}"
    rows = [
        (
            number(float(e["years"]), f"{float(e['years']):.3g}"),
            text(e["text"]),
            text(e["phase"]),
            number(float(e["troops"])),
            text("on" if e["backstop_on"] else "off"),
            number(sum(e["hazards"].values()), f"{sum(e['hazards'].values()):.2g}"),
        )
        for e in tree["events"]
    ]
    columns = (
        "years",
        "what happened",
        "phase after it",
        "soldiers after it",
        "backstop after it",
        "hazard of collapse just before, per year",
    )
    first = f" On the first day: {'; '.join(tree['beginning'])}." if tree.get("beginning") else ""
    return Exhibit(
        "timeline",
        f"One path under {tree['scenario']}",
        f"Draw {tree['draw']}, trial {tree['trial']}, book {tree['book']}, seed {tree['seed']}: "
        f"one simulated ceasefire of very many. After {path.end:.3g} years {ended}.{first}",
        lambda width, heading: timeline(path, width=width, heading=heading),
        Table(columns, rows_of(rows)),
        source_line(
            [str(tree["scenario"])],
            [str(tree["book"])],
            tree["seed"],
            f"draw {tree['draw']}, trial {tree['trial']}",
        ),
    )


def _path(tree: Mapping[str, Any]) -> Course:
    events: Sequence[Mapping[str, Any]] = tree["events"]
    end = float(tree["end"]["years"])
    cause = tree["end"]["cause"]
    return Course(
        end=end,
        cause=None if cause is None else str(cause),
        phases=_phases(events, end),
        backstop=_backstop(tree, events, end),
        contributors=_stays(events, end),
        troops=_troops(events),
        moments=tuple(
            (float(e["years"]), _MOMENTS[e["kind"]]) for e in events if e["kind"] in _MOMENTS
        ),
    )


def _phases(events: Sequence[Mapping[str, Any]], end: float) -> tuple[Stay, ...]:
    changes = [(0.0, "establishing")]
    for e in events:
        if e["phase"] != changes[-1][1]:  # a phase that is drawn again goes on
            changes.append((float(e["years"]), str(e["phase"])))
    stops = [years for years, _ in changes[1:]] + [end]
    return tuple(
        Stay(phase, start, stop) for (start, phase), stop in zip(changes, stops, strict=True)
    )


def _backstop(
    tree: Mapping[str, Any], events: Sequence[Mapping[str, Any]], end: float
) -> tuple[Stay, ...] | None:
    """When it is on; None where nothing was promised."""
    on = tree["backstop_on"]
    if on is None:
        return None
    flips = [float(e["years"]) for e in events if e["kind"] == "backstop"]
    found, start = [], 0.0
    for years in [*flips, end]:
        if on:
            found.append(Stay("backstop", start, years))
        on, start = not on, years
    return tuple(found)


def _stays(events: Sequence[Mapping[str, Any]], end: float) -> tuple[Stay, ...]:
    mission = min((float(e["years"]) for e in events if e["kind"] == "mission_end"), default=end)
    arrived: dict[str, float] = {}
    left: dict[str, float] = {}
    for e in events:
        name = str(e["event"]).partition(":")[2]
        if e["kind"] == "arrival":
            arrived[name] = float(e["years"])
        elif e["kind"] == "exit":
            left[name] = float(e["years"])
    return tuple(
        Stay(name.replace("-", " ").title(), start, left.get(name, min(mission, end)))
        for name, start in arrived.items()
    )


def _troops(events: Sequence[Mapping[str, Any]]) -> tuple[tuple[float, float], ...]:
    found = [(0.0, 0.0)]
    for e in events:
        if float(e["troops"]) != found[-1][1] and e["kind"] != "collapse":
            found.append((float(e["years"]), float(e["troops"])))
    return tuple(found)
