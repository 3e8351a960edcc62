"""The tables of a sweep, made of its plan and its finished points, in the order of the plan."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

import numpy as np

from simulator.analysis.paired import Rows, comparable, difference_estimates, shared, values
from simulator.analysis.summary import ESTIMATE_FIELDS
from simulator.model.compiled import FloatArray
from simulator.storage import csv_text
from simulator.sweeps.levers import shown
from simulator.sweeps.plan import Point, SweepPlan
from simulator.sweeps.tasks import Failure

Columns = dict[str, Any]
# Of a difference in one quantity, as written.
DIFFERENCE: Final = ("reference", "draws", "quantity", *ESTIMATE_FIELDS, "note")


def results_columns(plan: SweepPlan, rows: Mapping[str, Mapping[str, Any]]) -> Columns:
    """Return the tidy table of results: one row per point and estimate.

    ``rows`` are those of the finished points by digest. The table depends on the plan and on them,
    not on how they were come by.
    """
    finished = [point for point in plan.points if point.digest in rows]
    columns = _settings(plan, finished, [len(rows[p.digest]["estimate"]) for p in finished])
    for name in ("draws", "kind", "estimate", *ESTIMATE_FIELDS, "note"):
        columns[name] = np.concatenate([rows[point.digest][name] for point in finished])
    return columns


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


def differences_from(reference: Rows, plan: Rows) -> Columns:
    """Return the differences of a plan from a reference, draw by draw, one row a quantity."""
    first, other = shared([reference, plan])
    names = comparable([first.horizon, other.horizon])
    columns = np.stack([values(other, name) - values(first, name) for name in names], axis=1)
    found = difference_estimates(columns, first)
    fields = {field: _floats(getattr(one, field) for one in found) for field in ESTIMATE_FIELDS}
    return {
        "draws": np.full(len(names), first.draws.size),
        "quantity": list(names),
        **fields,
        "note": [one.note or None for one in found],
    }


def differences_columns(plan: SweepPlan, found: Mapping[str, Columns]) -> Columns:
    """Return the tidy table of differences from the reference: a row per point and quantity."""
    others = [p for p in plan.points if p.digest in found and p.number != plan.reference]
    if not others:
        return {}
    counts = [len(found[point.digest]["quantity"]) for point in others]
    columns = _settings(plan, others, counts)
    columns["reference"] = np.full(sum(counts), plan.reference)
    for name in DIFFERENCE[1:]:
        parts = [found[point.digest][name] for point in others]
        if name in ("quantity", "note"):
            columns[name] = [text for part in parts for text in part]
        else:
            columns[name] = np.concatenate(parts)
    return columns


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


def _settings(plan: SweepPlan, points: Sequence[Point], counts: Sequence[int]) -> Columns:
    """Return number, scenario, book and levers of points, each repeated."""

    def repeated(values: Iterable[Any]) -> list[Any]:
        return [value for value, count in zip(values, counts, strict=True) for _ in range(count)]

    return {
        "point": np.repeat(np.array([p.number for p in points], np.int64), counts),
        "scenario": repeated(p.scenario for p in points),
        "book": repeated(p.book for p in points),
        **{key: repeated(p.levers.get(key) for p in points) for key in plan.levers},
    }


def _floats(values: Iterable[float | None]) -> FloatArray:
    return np.array([np.nan if value is None else value for value in values], np.float64)
