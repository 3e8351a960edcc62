"""The tables of a sweep, made of its plan and its finished points, in the order of the plan."""

import json
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

import numpy as np

from simulator.estimates.estimate import ESTIMATE_FIELDS
from simulator.estimates.paired import Rows, comparable, difference_estimates, shared, values
from simulator.storage import csv_text
from simulator.sweeps.levers import shown
from simulator.sweeps.plan import Point, SweepPlan
from simulator.sweeps.tasks import Failure

Columns = dict[str, Any]
_ESTIMATE: Final = ("draws", "kind", "estimate", *ESTIMATE_FIELDS, "note")
_DIFFERENCE: Final = ("reference", "draws", "quantity", *ESTIMATE_FIELDS, "note")


def results_columns(plan: SweepPlan, rows: Mapping[str, Columns]) -> Columns:
    """Return the tidy table of results: one row per point and estimate."""
    return _tidy(plan, [point for point in plan.points if point.digest in rows], rows, _ESTIMATE)


def differences_columns(plan: SweepPlan, rows: Mapping[str, Columns]) -> Columns:
    """Return the tidy table of differences from the reference: a row per point and quantity."""
    others = [p for p in plan.points if p.digest in rows and p.number != plan.reference]
    return _tidy(plan, others, rows, _DIFFERENCE)


def _tidy(
    plan: SweepPlan,
    points: Sequence[Point],
    rows: Mapping[str, Columns],
    names: Sequence[str],
) -> Columns:
    """Return number, scenario, book and levers of points, then their rows by digest, if any.

    The table depends on the plan and on the rows, not on how they were come by.
    """
    counts = [len(rows[point.digest]["draws"]) for point in points]

    def repeated(values: Iterable[Any]) -> list[Any]:
        return [value for value, count in zip(values, counts, strict=True) for _ in range(count)]

    if not sum(counts):
        return {}
    return {
        "point": np.repeat(np.array([p.number for p in points], np.int64), counts),
        "scenario": repeated(p.scenario for p in points),
        "book": repeated(p.book for p in points),
        **{key: repeated(p.levers.get(key) for p in points) for key in plan.levers},
        **{name: np.concatenate([rows[p.digest][name] for p in points]) for name in names},
    }


def results_metadata(plan: SweepPlan) -> dict[str, Any]:
    """Return what goes into the footer of the results: nothing that differs between runs."""
    names = ("seed", "draws", "trials", "precision", "precision_of", "model_version")
    return {
        "title": plan.title,
        "plan": plan.digest,
        **{name: getattr(plan, name) for name in names},
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

    def row(point: Point) -> Iterator[Any]:
        status = "failed" if point.digest in failed else "missing"
        yield from (point.number, "finished" if point.digest in finished else status)
        yield from (point.scenario, point.book)
        yield from (shown(point.levers.get(key)) for key in plan.levers)
        yield point.digest

    names = ["point", "status", "scenario", "book", *plan.levers, "digest"]
    return csv_text(names, map(row, plan.points))


def failures_jsonl(plan: SweepPlan, failures: Iterable[Failure]) -> str:
    """Return one line of JSON for each point that failed."""
    lines = []
    for failure in sorted(failures, key=lambda failure: failure.point):
        point = plan.points[failure.point].tree()
        digest = {"digest": point.pop("digest")}
        line = {**point, **digest, "error": failure.error, "trace": failure.trace}
        lines.append(f"{json.dumps(line, ensure_ascii=False)}\n")
    return "".join(lines)
