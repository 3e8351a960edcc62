"""The levels of a sweep's lever: which points count at each, their means, and how these differ."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Final

import numpy as np

from simulator.analysis.contrast import contrast
from simulator.analysis.paired import Rows, comparable
from simulator.model.compiled import BoolArray
from simulator.outcomes.spread import Estimate
from simulator.report.sweep_results import MOST_LEVELS, Lever, Point, Sweep, shown

SLICES: Final = 8  # of a lever, for the mean along it

Kept = Mapping[int, Rows]  # by the number of a point


def value_at(point: Point, name: str) -> float:
    """An estimate at a point; NaN where it does not exist."""
    value = point.estimates[name].value
    return np.nan if value is None else value


def levels_of(sweep: Sweep, lever: Lever, name: str, factor: float) -> list[tuple[str, float, int]]:
    """Levels of a lever with the mean there and how many points are behind it.

    Where levels are combined with different levels of the other levers, their plain means would
    differ by those too; so only combinations count that have a value at every level, if there are
    any. A lever of numbers as in a sample, very many or never with the same others, is cut into
    slices, which share the others alike.
    """
    values = factor * np.array([value_at(p, name) for p in sweep.points])
    return [
        (level, float(values[here].mean()), int(np.count_nonzero(here)))
        for level, here in _members(sweep, lever, name)[0]
    ]


def is_matched(sweep: Sweep, lever: Lever, name: str) -> bool:
    """Whether the same combinations of the other levers count at every level of this one."""
    return _members(sweep, lever, name)[1]


def paired_rows(sweep: Sweep, name: str) -> Kept:
    """What the sweep's folder keeps for paired differences in an estimate, by point.

    Empty where the folder has none, and where the estimate is not one that they are kept for.
    """
    from simulator.sweeps.store import Store  # with the engines, which other reports do not need

    finished = {point.number for point in sweep.points}
    digests = {
        int(one["point"]): str(one["digest"])
        for one in sweep.plan["points"]
        if int(one["point"]) in finished and "digest" in one
    }
    store = Store(sweep.folder)
    held = store.holdings()
    kept = store.rows([digest for digest in digests.values() if digest in held.points], held)
    if not kept or name not in comparable([one.horizon for one in kept.values()]):
        return {}
    return {number: kept[digest] for number, digest in digests.items() if digest in kept}


def differences_of(sweep: Sweep, lever: Lever, name: str, rows: Kept) -> list[tuple[str, Estimate]]:
    """Levels after the first with their mean less the mean at the first, paired by draw.

    Empty where levels did not run with the same settings of the other levers, or the rows of a
    point that counts are not there.
    """
    of = _rows_of(sweep, lever, name, rows)
    return [(level, contrast(some, of[0][1], name)) for level, some in of[1:]]


def error_between(
    sweep: Sweep, lever: Lever, name: str, rows: Kept, first: int, second: int
) -> float | None:
    """Standard error of the difference of two levels, counted as in `levels_of`; None if not known.

    That of the draws, paired, where both ran with the same settings of the other levers. Else these
    settings differ by chance between the two, as in a sample: ``sqrt(s1**2 / n1 + s2**2 / n2)``,
    from the scatter of the points at each, is added to it in quadrature. That scatter alone knows
    nothing of the draws, which all points share; with few it can be the smaller part by far.
    Without rows it is all there is.
    """
    members, matched = _members(sweep, lever, name)
    ends = [members[i][1] for i in (first, second)]
    numbers = np.array([point.number for point in sweep.points])
    of_draws: float | None = None
    if all(number in rows for here in ends for number in numbers[here].tolist()):
        reference, points = ([rows[i] for i in numbers[here].tolist()] for here in ends)
        of_draws = contrast(points, reference, name).mcse
    if matched:
        return of_draws
    values = np.array([value_at(p, name) for p in sweep.points])
    if min(np.count_nonzero(here) for here in ends) < 2:
        return None
    of_points = sum(values[here].var(ddof=1) / np.count_nonzero(here) for here in ends)
    return float(np.sqrt(of_points + (of_draws or 0.0) ** 2))


def _rows_of(sweep: Sweep, lever: Lever, name: str, rows: Kept) -> list[tuple[str, list[Rows]]]:
    """Levels with the rows of the points that count; empty where nothing can be paired."""
    members, matched = _members(sweep, lever, name)
    numbers = np.array([point.number for point in sweep.points])
    kept = [(level, numbers[here].tolist()) for level, here in members]
    if not matched or not all(number in rows for _, some in kept for number in some):
        return []
    return [(level, [rows[number] for number in some]) for level, some in kept]


def _members(sweep: Sweep, lever: Lever, name: str) -> tuple[list[tuple[str, BoolArray]], bool]:
    """Levels with the points that count at each, and whether like stands against like."""
    known = np.array([np.isfinite(value_at(p, name)) for p in sweep.points])
    labels = [p.settings[lever.name] for p in sweep.points]
    matched = _matched(sweep, lever, known)
    most = SLICES if not matched.any() else MOST_LEVELS
    if lever.numeric and len(lever.labels) > most:
        x = np.array(labels, np.float64)
        edges = np.quantile(x, np.linspace(0.0, 1.0, SLICES + 1))
        code = np.clip(np.searchsorted(edges, x, side="right") - 1, 0, SLICES - 1)
        found = [
            (f"{shown(float(edges[i]))} to {shown(float(edges[i + 1]))}", (code == i) & known)
            for i in range(SLICES)
        ]
        matched = np.zeros_like(known)
    else:
        counted = matched if matched.any() else known
        found = [(shown(v), np.array([v == w for w in labels]) & counted) for v in lever.labels]
    return [(level, here) for level, here in found if here.any()], bool(matched.any())


def _matched(sweep: Sweep, lever: Lever, known: BoolArray) -> BoolArray:
    """Points whose setting of the other levers has a value at all levels of this one."""
    others = [
        tuple(label for name, label in point.settings.items() if name != lever.name)
        for point in sweep.points
    ]
    count = Counter(other for other, here in zip(others, known, strict=True) if here)
    return known & np.array([count[other] == len(lever.labels) for other in others], np.bool_)
