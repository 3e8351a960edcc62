"""The tables of a sweep, made of its plan and its finished points, in the order of the plan."""

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any, Final

import numpy as np

from simulator.estimates.estimate import ESTIMATE_FIELDS
from simulator.estimates.paired import Rows, comparable, difference_estimates, shared, values
from simulator.storage import csv_text
from simulator.sweeps.levers import shown
from simulator.sweeps.plan import Point, SweepPlan
from simulator.sweeps.tasks import Failure

Columns = dict[str, Any]
ESTIMATE_COLUMNS: Final = ("draws", "kind", "estimate", *ESTIMATE_FIELDS, "note")
DIFFERENCE_COLUMNS: Final = ("reference", "draws", "quantity", *ESTIMATE_FIELDS, "note")


def tidy(
    plan: SweepPlan, points: Sequence[Point], rows: Mapping[str, Columns], names: Sequence[str]
) -> Columns:
    """Return number, scenario, book and levers of points, then their rows by digest, if any."""
    counts = [len(rows[point.digest]["draws"]) for point in points]
    of = [p for p, count in zip(points, counts, strict=True) for _ in range(count)]
    if not of:
        return {}
    return {
        "point": np.array([point.number for point in of], np.int64),
        "scenario": [point.scenario for point in of],
        "book": [point.book for point in of],
        **{key: [point.levers.get(key) for point in of] for key in plan.levers},
        **{name: np.concatenate([rows[p.digest][name] for p in points]) for name in names},
    }


def columns_csv(columns: Mapping[str, Any]) -> str:
    """Return a table as CSV."""
    plain = [c.tolist() if isinstance(c, np.ndarray) else c for c in columns.values()]
    return csv_text(list(columns), zip(*plain, strict=True))


def differences_from(plan: SweepPlan, reference: Rows, rows: Rows) -> Columns:
    """Return the differences of a point from the reference, draw by draw, one row a quantity."""
    first, other = shared([reference, rows])
    names = comparable([first.horizon, other.horizon])
    found = []
    if names:
        paired = [values(other, name) - values(first, name) for name in names]
        found = difference_estimates(np.stack(paired, axis=1), first)
    return {
        "reference": np.full(len(names), plan.reference),
        "draws": np.full(len(names), first.draws.size),
        "quantity": np.array(names, object),
        "note": np.array([one.note or None for one in found], object),
        **{
            field: np.array([getattr(one, field) for one in found], np.float64)
            for field in ESTIMATE_FIELDS
        },
    }


def points_csv(plan: SweepPlan, finished: Collection[str], failed: Collection[str]) -> str:
    """Return one line per point: number, status, settings, digest."""
    rows = []
    for point in plan.points:
        status = "failed" if point.digest in failed else "missing"
        status = "finished" if point.digest in finished else status
        levers = [shown(point.levers.get(key)) for key in plan.levers]
        rows.append([point.number, status, point.scenario, point.book, *levers, point.digest])
    return csv_text(["point", "status", "scenario", "book", *plan.levers, "digest"], rows)


def failures_jsonl(plan: SweepPlan, failures: Iterable[Failure]) -> str:
    """Return one line of JSON for each point that failed."""
    lines = []
    for failure in sorted(failures, key=lambda failure: failure.point):
        point = plan.points[failure.point].tree()
        digest = {"digest": point.pop("digest")}
        line = {**point, **digest, "error": failure.error, "trace": failure.trace}
        lines.append(f"{json.dumps(line, ensure_ascii=False)}\n")
    return "".join(lines)
