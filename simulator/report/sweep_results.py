"""A sweep read back from its folder: its levers and the estimates at every finished point."""

import csv
import io
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np

from simulator.estimates.estimate import Estimate
from simulator.estimates.no_effect import Label
from simulator.report.results import broken
from simulator.storage import StorageError, open_results, read_table

_BROKEN: Final = (KeyError, TypeError, ValueError, AttributeError, IndexError, csv.Error)
MOST_LEVELS: Final = 24  # of a lever, before it is drawn as points and not as cells
_NUMBERS: Final = ("value", "mcse", "p05", "p95", "p05_mcse", "p95_mcse")


@dataclass(frozen=True)
class Point:
    """A finished point.

    Attributes
    ----------
    number : int
    settings : mapping of lever to label
        All that differs between points, ``scenario`` and ``book`` included if they do.
    estimates : mapping of name to Estimate
    causes : mapping of cause to Estimate
    """

    number: int
    settings: Mapping[str, Label]
    estimates: Mapping[str, Estimate]
    causes: Mapping[str, Estimate]


@dataclass(frozen=True)
class Lever:
    """What was varied.

    Attributes
    ----------
    name : str
    labels : tuple of labels
        All values it takes, in the order of the plan; numbers increasing.
    numeric : bool
    """

    name: str
    labels: tuple[Label, ...]
    numeric: bool


@dataclass(frozen=True)
class Sweep:
    """All finished points of a sweep.

    Attributes
    ----------
    name, title, description : str
    seed, trials : int
    draws : int
        Of every point; where a precision decided, the fewest of any.
    levers : tuple of Lever
        Those that take more than one value.
    points : tuple of Point
    missing, failed : int
        Points of the plan that have no result.
    waiting : tuple of mapping of lever to label
        The settings of these.
    plan, provenance : mapping
    folder : Path
        Where they are kept, with more than is read here.
    """

    name: str
    title: str
    description: str
    seed: int
    draws: int
    trials: int
    levers: tuple[Lever, ...]
    points: tuple[Point, ...]
    missing: int
    failed: int
    waiting: tuple[Mapping[str, Label], ...]
    plan: Mapping[str, Any]
    provenance: Mapping[str, Any]
    folder: Path


def load_sweep(folder: Path, checked: bool = True) -> Sweep:
    """Read the folder that ``simulator sweep --out`` filled.

    Parameters
    ----------
    folder : Path
    checked : bool
        See `open_results`.

    Raises
    ------
    StorageError, InputError
        If a file is missing, or is not what was written, or no point is finished.
    """
    kept = open_results(folder, checked)
    plan = kept.json("plan.json")
    if "factors" not in plan:
        raise StorageError(
            folder / "plan.json",
            "was written by an earlier version and does not name the sweep's factors: run the same "
            "sweep command again, which computes nothing twice",
        )
    columns = read_table(
        kept.read("results.parquet"), folder / "results.parquet", kept.checked
    ).columns
    try:
        statuses = _statuses(kept.read("points.csv"))
        points = _points(columns, ["scenario", "book", *plan["levers"]])
        waiting = _waiting(plan, {p.number for p in points})
        levers, settings = _levers(points, waiting, plan["factors"])
        return Sweep(
            name=str(plan["name"]),
            title=str(plan["title"]),
            description=str(plan.get("description") or ""),
            seed=int(plan["seed"]),
            draws=int(columns["draws"].min()),
            trials=int(plan["trials"]),
            levers=levers,
            points=tuple(
                Point(p.number, one, p.estimates, p.causes)
                for p, one in zip(points, settings[: len(points)], strict=True)
            ),
            waiting=tuple(settings[len(points) :]),
            missing=statuses["missing"],
            failed=statuses["failed"],
            plan=plan,
            provenance=kept.provenance,
            folder=folder,
        )
    except _BROKEN as error:
        raise broken(folder, "`simulator sweep --out`", error) from error


def _points(columns: Mapping[str, np.ndarray[Any, Any]], names: list[str]) -> list[Point]:
    numbers = columns["point"]
    starts = np.flatnonzero(np.concatenate([[True], numbers[1:] != numbers[:-1]]))
    stops = [*starts[1:].tolist(), numbers.size]
    found = []
    for start, stop in zip(starts.tolist(), stops, strict=True):
        groups: dict[str, dict[str, Estimate]] = {"estimate": {}, "cause": {}}
        for row in range(start, stop):
            value, mcse, *ends = (_known(columns[name][row]) for name in _NUMBERS)
            low, high, low_mcse, high_mcse = ends
            note = str(columns["note"][row] or "")
            e = Estimate(value, mcse, low, high, low_mcse, high_mcse, note)
            groups[columns["kind"][row]][str(columns["estimate"][row])] = e
        settings = {name: _label(columns[name][start]) for name in names}
        found.append(Point(int(numbers[start]), settings, groups["estimate"], groups["cause"]))
    if not found:
        raise ValueError("no point is finished")
    return found


def _known(value: Any) -> float | None:
    return float(value) if value is not None and np.isfinite(value) else None


def _label(value: Any) -> Label:
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, bool | np.bool_):
        return bool(value)
    number = float(value)
    return None if np.isnan(number) else number


def _waiting(plan: Mapping[str, Any], finished: set[int]) -> list[dict[str, Label]]:
    """The settings of planned points without a result."""
    names = plan["levers"]
    found = []
    for point in plan["points"]:
        if int(point["point"]) not in finished:
            levers = {name: _label(point.get("levers", {}).get(name)) for name in names}
            found.append({"scenario": point["scenario"], "book": point["book"], **levers})
    return found


def _levers(
    points: list[Point], waiting: list[dict[str, Label]], factors: Sequence[Mapping[str, Any]]
) -> tuple[tuple[Lever, ...], list[dict[str, Label]]]:
    """What really varies: levers of one value are left out, those that change together are one.

    Returns
    -------
    tuple of Lever
    list of dict of lever to label
        Of the points, then of those that wait.
    """
    raw = [*(p.settings for p in points), *waiting]
    levers, settings = [], [dict[str, Label]() for _ in raw]
    for names in _groups(points, factors):
        if len(names) == 1:
            joined, labels = names[0], [one[names[0]] for one in raw]
        else:
            joined = " / ".join(short(name) for name in names)
            labels = [" / ".join(shown(one[name]) for name in names) for one in raw]
        for one, label in zip(settings, labels, strict=True):
            one[joined] = label
        levers.append(_lever(joined, labels[: len(points)]))
    return tuple(levers), settings


def _groups(points: Sequence[Point], factors: Sequence[Mapping[str, Any]]) -> list[list[str]]:
    """Levers that vary, by what changes them together: a zip, equal rows of points, a scenario."""
    kinds = {name: (i, one["kind"]) for i, one in enumerate(factors) for name in one["levers"]}
    groups: dict[object, list[str]] = {}
    for name in points[0].settings:
        first: dict[Label, int] = {}
        pattern = tuple(first.setdefault(p.settings[name], i) for i, p in enumerate(points))
        if len(first) == 1:
            continue
        # A book that is no factor is that of the scenario.
        factor, kind = kinds.get(name) or kinds.get("scenario") or (None, None)
        if kind == "points":
            groups.setdefault((factor, pattern), []).append(name)
        else:
            alone = kind in ("grid", "sample") and name in kinds and name != "scenario"
            groups.setdefault(name if alone else factor, []).append(name)
    return list(groups.values())


def _lever(name: str, values: Sequence[Label]) -> Lever:
    labels = tuple(dict.fromkeys(values))
    if all(isinstance(label, float) for label in labels):
        return Lever(name, tuple(sorted(labels, key=lambda label: float(label or 0.0))), True)
    return Lever(name, labels, False)


def _statuses(data: bytes) -> Counter[str]:
    stream = io.StringIO(data.decode(), newline="")
    return Counter(row["status"] for row in csv.DictReader(stream))


def shown(label: Label) -> str:
    """A label as text.

    Examples
    --------
    >>> shown(25000.0), shown(0.1234), shown(True), shown(None), shown("both")
    ('25,000', '0.123', 'yes', '(not set)', 'both')
    """
    if label is None:
        return "(not set)"
    if isinstance(label, bool):
        return "yes" if label else "no"
    if isinstance(label, float):
        return f"{label:,.3g}" if abs(label) < 100.0 else f"{label:,.0f}"
    return label


def short(name: str) -> str:
    """A lever's name without the block it stands in.

    Examples
    --------
    >>> short("assumptions.deploy_months"), short("force.target_troops"), short("scenario")
    ('deploy_months', 'target_troops', 'scenario')
    """
    return name.partition(".")[2] or name


def described(point: Point) -> str:
    """A point in words.

    Labels that are words speak for themselves; numbers need their lever; of what is there or not
    only what is there is named.

    Examples
    --------
    >>> settings = {"force.target_troops": 1000.0, "us.air": True, "us.sea": False, "sets": "all"}
    >>> described(Point(0, settings, {}, {}))
    'target_troops 1,000, all, with air'
    """
    words = []
    for name, label in point.settings.items():
        if isinstance(label, float) or label is None:
            words.append(f"{short(name)} {shown(label)}")
        elif isinstance(label, str):
            words.append(label)
    switches = {short(n): v for n, v in point.settings.items() if isinstance(v, bool)}
    if switches:
        there = [name for name, is_there in switches.items() if is_there]
        words.append(f"with {', '.join(there)}" if there else f"without {', '.join(switches)}")
    return ", ".join(words)
