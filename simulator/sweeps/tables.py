"""The tables of a sweep, made of its plan and its finished points, in the order of the plan."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Collection, Mapping, Sequence
from typing import Any

import numpy as np

from simulator.analysis.summary import ESTIMATE_FIELDS
from simulator.inputs.problems import harmless
from simulator.sweeps.plan import Plan, Point
from simulator.sweeps.values import Label
from simulator.sweeps.work import Failure


def results_columns(plan: Plan, rows: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """Return the tidy table of results: one row per point and estimate.

    Parameters
    ----------
    plan : Plan
    rows : mapping of digest to columns
        Of the finished points: ``draws``, ``kind``, ``estimate``, `ESTIMATE_FIELDS`, ``note``.

    Returns
    -------
    dict of str to column
        ``point``, ``scenario``, ``book``, one column for each lever that was varied, then those of
        ``rows``. It depends on the plan and on the rows, not on how they were come by.
    """
    finished = [point for point in plan.points if point.digest in rows]
    counts = [len(rows[point.digest]["estimate"]) for point in finished]
    columns: dict[str, Any] = {
        "point": np.repeat(np.array([p.number for p in finished], np.int64), counts),
        "scenario": _repeated([p.scenario for p in finished], counts),
        "book": _repeated([p.book for p in finished], counts),
    }
    for key in plan.keys:
        columns[key] = _repeated([p.levers.get(key) for p in finished], counts)
    for name in ("draws", "kind", "estimate", *ESTIMATE_FIELDS, "note"):
        columns[name] = np.concatenate([rows[point.digest][name] for point in finished])
    return columns


def results_metadata(plan: Plan) -> dict[str, Any]:
    """Return what goes into the footer of the results: nothing that differs between runs."""
    return {
        "title": plan.title,
        "plan": plan.digest,
        "seed": plan.seed,
        "draws": plan.draws,
        "trials": plan.trials,
        "precision": plan.precision,
        "precision_of": plan.precision_of,
        "model_version": plan.model_version,
    }


def points_csv(plan: Plan, finished: Collection[str], failed: Collection[str]) -> str:
    """Return one line per point: number, status, settings, digest."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["point", "status", "scenario", "book", *plan.keys, "digest"])
    for point in plan.points:
        status = "failed" if point.digest in failed else "missing"
        status = "finished" if point.digest in finished else status
        names = [point.scenario, point.book, *(point.levers.get(key) for key in plan.keys)]
        texts = [harmless(one) if isinstance(one, str) else shown(one) for one in names]
        writer.writerow([point.number, status, *texts, point.digest])
    return text.getvalue()


def failures_jsonl(plan: Plan, failures: Sequence[Failure]) -> str:
    """Return one line of JSON for each point that failed."""
    lines = [
        {
            **_named(plan.points[failure.point]),
            "digest": failure.digest,
            "error": failure.error,
            "trace": failure.trace,
        }
        for failure in sorted(failures, key=lambda failure: failure.point)
    ]
    return "".join(f"{json.dumps(line, ensure_ascii=False)}\n" for line in lines)


def described(point: Point) -> str:
    """Return a point in a few words: its number and what was set.

    Examples
    --------
    >>> described(Point(3, "ab", "no-force", "blend", {"force.posture": "line"}))
    'point 3 (force.posture = line)'
    >>> described(Point(4, "ab", "no-force", "blend", {}))
    'point 4 (no-force, blend)'
    """
    levers = ", ".join(f"{key} = {shown(label)}" for key, label in point.levers.items())
    return f"point {point.number} ({levers or f'{point.scenario}, {point.book}'})"


def _repeated(values: Sequence[Label], counts: Sequence[int]) -> list[Label]:
    return [value for value, count in zip(values, counts, strict=True) for _ in range(count)]


def _named(point: Point) -> dict[str, Any]:
    return {
        "point": point.number,
        "scenario": point.scenario,
        "book": point.book,
        "levers": dict(point.levers),
    }


def shown(label: Label) -> Label:
    """Return a label as YAML writes it: true, not True."""
    return json.dumps(label) if isinstance(label, bool) else label
