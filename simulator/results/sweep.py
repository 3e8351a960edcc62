"""A sweep: its plan, its levers as they really vary, and the estimates at every finished point."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from simulator.estimates.estimate import ESTIMATE_FIELDS, Estimate
from simulator.estimates.no_effect import Label
from simulator.results.forms import read_as
from simulator.storage import StorageError, open_results, read_table

if TYPE_CHECKING:
    from simulator.sweeps.plan import SweepPlan

PLAN: Final = "plan.json"
RESULTS: Final = "results.parquet"


@dataclass(frozen=True)
class Point:
    """A finished point; its settings are all that differs between points."""

    number: int
    settings: Mapping[str, Label]
    estimates: Mapping[str, Estimate]
    causes: Mapping[str, Estimate]


@dataclass(frozen=True)
class Lever:
    """What was varied, with all values it takes in the order of the plan; numbers increasing."""

    name: str
    labels: tuple[Label, ...]
    numeric: bool


@dataclass(frozen=True, eq=False)
class Sweep:
    """All finished points of a sweep."""

    plan: SweepPlan
    draws: int  # of every point; where a precision decided, the fewest of any
    levers: tuple[Lever, ...]  # those that take more than one value
    points: tuple[Point, ...]
    waiting: tuple[Mapping[str, Label], ...]  # settings of planned points without a result
    missing: int  # of these
    failed: int
    columns: Mapping[str, np.ndarray[Any, Any]]  # of ``results.parquet``
    provenance: Mapping[str, Any]
    folder: Path  # where they are kept, with more than is read here

    def named(self, key: str) -> list[str]:
        """The scenarios or books of its points."""
        return list(dict.fromkeys(str(point.settings[key]) for point in self.plan.points))


def load_sweep(folder: Path, checked: bool = True) -> Sweep:
    """Read the folder that ``simulator sweep --out`` filled, checked as `open_results` says.

    Raises StorageError or InputError if a file is missing, or is not what was written, or no point
    is finished.
    """
    # With the engines, which those who read other results do not need.
    from simulator.sweeps.plan import other_version, plan_from_tree

    kept = open_results(folder, checked)
    tree = kept.json(PLAN)
    why = other_version(tree)
    if why is None and "factors" not in tree:
        why = (
            "was written by an earlier version and does not name the sweep's factors: run the same "
            "sweep command again, which computes nothing twice"
        )
    if why is not None:
        raise StorageError(folder / PLAN, why)
    columns = read_table(kept.read(RESULTS), folder / RESULTS, kept.checked).columns

    def read() -> Sweep:
        plan = plan_from_tree(tree, checked)
        estimates = _estimates(columns)
        points_csv = io.StringIO(kept.read("points.csv").decode(), newline="")
        statuses = Counter(row["status"] for row in csv.DictReader(points_csv))
        done = [point for point in plan.points if point.number in estimates]
        rest = [point for point in plan.points if point.number not in estimates]
        raw = [{k: _label(v) for k, v in one.settings.items()} for one in (*done, *rest)]
        levers, settings = _levers(raw, len(done), plan.factors)
        points = zip(done, settings, strict=False)
        return Sweep(
            plan=plan,
            draws=int(columns["draws"].min()),
            levers=levers,
            points=tuple(Point(p.number, of, *estimates[p.number]) for p, of in points),
            waiting=tuple(settings[len(done) :]),
            missing=statuses["missing"],
            failed=statuses["failed"],
            columns=columns,
            provenance=kept.provenance,
            folder=folder,
        )

    return read_as(folder, "simulator sweep --out", read)


def _estimates(
    columns: Mapping[str, np.ndarray[Any, Any]],
) -> dict[int, tuple[dict[str, Estimate], dict[str, Estimate]]]:
    """Estimates and causes by number of a point."""
    found: dict[int, dict[str, dict[str, Estimate]]] = {}
    numbers = (columns[name].tolist() for name in ESTIMATE_FIELDS)
    names = (columns[name].tolist() for name in ("point", "kind", "estimate", "note"))
    for point, kind, name, note, *row in zip(*names, *numbers, strict=True):
        known = (None if v is None or not np.isfinite(v) else v for v in row)
        by_kind = found.setdefault(point, {"estimate": {}, "cause": {}})
        by_kind[kind][str(name)] = Estimate(*known, note=str(note or ""))
    if not found:
        raise ValueError("no point is finished")
    return {point: (of["estimate"], of["cause"]) for point, of in found.items()}


def _label(value: Label) -> Label:
    """Numbers of all kinds as float."""
    return value if value is None or isinstance(value, str | bool) else float(value)


def _levers(
    raw: Sequence[Mapping[str, Label]], done: int, factors: Sequence[Mapping[str, Any]]
) -> tuple[tuple[Lever, ...], list[dict[str, Label]]]:
    """What really varies: levers of one value are left out, those that change together are one.

    ``raw`` are the settings of points, the first ``done`` of them finished; returned are the
    levers, and the settings anew.
    """
    levers, settings = [], [dict[str, Label]() for _ in raw]
    for names in _groups(raw[:done], factors):
        joined, labels = names[0], [one[names[0]] for one in raw]
        if len(names) > 1:
            joined = " / ".join(short(name) for name in names)
            labels = [" / ".join(shown(one[name]) for name in names) for one in raw]
        for one, label in zip(settings, labels, strict=True):
            one[joined] = label
        values = tuple(dict.fromkeys(labels[:done]))
        numeric = all(isinstance(value, float) for value in values)
        if numeric:
            values = tuple(sorted(values, key=lambda value: float(value or 0.0)))
        levers.append(Lever(joined, values, numeric))
    return tuple(levers), settings


def _groups(
    points: Sequence[Mapping[str, Label]], factors: Sequence[Mapping[str, Any]]
) -> list[list[str]]:
    """Levers that vary, by what changes them together: a zip, equal rows of points, a scenario."""
    kinds = {name: (i, one["kind"]) for i, one in enumerate(factors) for name in one["levers"]}
    groups: dict[object, list[str]] = {}
    for name in points[0]:
        first: dict[Label, int] = {}
        pattern = tuple(first.setdefault(point[name], i) for i, point in enumerate(points))
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


def shown(label: Label) -> str:
    """A label as text.

    >>> shown(25000.0), shown(0.1234), shown(True), shown(None), shown("both")
    ('25,000', '0.123', 'yes', '(not set)', 'both')
    """
    if label is None:
        return "(not set)"
    if isinstance(label, bool):
        return "yes" if label else "no"
    if isinstance(label, int | float):
        return f"{label:,.3g}" if abs(label) < 100.0 else f"{label:,.0f}"
    return label


def short(name: str) -> str:
    """A lever's name without the block it stands in.

    >>> short("assumptions.deploy_months"), short("force.target_troops"), short("scenario")
    ('deploy_months', 'target_troops', 'scenario')
    """
    return name.partition(".")[2] or name


def described(point: Point) -> str:
    """A point in words.

    Labels that are words speak for themselves; numbers need their lever; of what is there or not
    only what is there is named.

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
