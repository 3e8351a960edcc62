"""What a sweep shows of its levers one by one, and the table that all its exhibits share."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Final

import numpy as np

from simulator.model.compiled import BoolArray
from simulator.report import vocabulary
from simulator.report.digits import significant
from simulator.report.exhibits.exhibit import Exhibit
from simulator.report.figures.influence import Lever as Effect
from simulator.report.figures.influence import influence
from simulator.report.figures.response import Scatter, scatter
from simulator.report.sweep_results import MOST_LEVELS, Label, Lever, Point, Sweep, shown
from simulator.report.tables import (
    ESTIMATE_COLUMNS,
    Cell,
    Table,
    estimate_cells,
    number,
    rows_of,
    text,
)

SLICES: Final = 8  # of a lever, for the mean along it
ENDS: Final = ("lowest level, or lowest mean", "highest level, or highest mean")


def table_of(sweep: Sweep, names: Sequence[str]) -> Table:
    """One row for each point."""
    columns = ["point", *(lever.name for lever in sweep.levers)]
    for name in names:
        columns += [f"{vocabulary.quantity(name).titled}: {c}" for c in ESTIMATE_COLUMNS]
    rows = []
    for point in sweep.points:
        row: list[Cell] = [number(point.number)]
        row += [_label_cell(point.settings[lever.name]) for lever in sweep.levers]
        for name in names:
            factor = vocabulary.quantity(name).factor
            row += estimate_cells(point.estimates.get(name), sweep.draws, factor)
        rows.append(row)
    return Table(tuple(columns), rows_of(rows))


def _label_cell(label: Label) -> Cell:
    if isinstance(label, float) and not isinstance(label, bool):
        return number(label, shown(label))
    return text(shown(label))


def value_at(point: Point, name: str) -> float:
    """An estimate at a point; NaN where it does not exist."""
    value = point.estimates[name].value
    return np.nan if value is None else value


def effects_exhibit(sweep: Sweep, name: str) -> Exhibit:
    """The mean at each level of each lever, over all levels of the others."""
    of = vocabulary.quantity(name)
    effects = [_effect(sweep, lever, name, of.factor) for lever in sweep.levers]
    ordered = sorted(effects, key=lambda e: -(max(e.values) - min(e.values)))
    rows = [
        (text(lever.name), text(level), number(mean, significant(mean, 3)), number(n))
        for lever in sweep.levers
        for level, mean, n in levels_of(sweep, lever, name, of.factor)
    ]
    return Exhibit(
        "effects",
        "Which lever moves it most",
        f"Mean of “{of.title}” over points that have a lever at one level. Only combinations of "
        "the other levers count that ran with all its levels, so that like stands against like. "
        "A lever that matters only together with another shows less here than it does. The bars "
        "are two standard errors of a point; the means share their luck, so differences between "
        "them are usually known better.",
        lambda width, heading: influence(
            ordered, title=of.titled, factor=1.0, ends=ENDS, width=width, heading=heading
        ),
        Table(("lever", "level", f"{of.titled}: mean", "points"), rows_of(rows)),
    )


def levels_of(sweep: Sweep, lever: Lever, name: str, factor: float) -> list[tuple[str, float, int]]:
    """Levels of a lever with the mean there and the points behind it.

    Where levels are combined with different levels of the other levers, their plain means would
    differ by those too; so only combinations count that have a value at every level, if there are
    any. A lever of many numbers, as in a sample, is cut into slices, which share the others alike.
    """
    values = factor * np.array([value_at(p, name) for p in sweep.points])
    labels = [p.settings[lever.name] for p in sweep.points]
    if lever.numeric and len(lever.labels) > MOST_LEVELS:
        x = np.array(labels, np.float64)
        edges = np.quantile(x, np.linspace(0.0, 1.0, SLICES + 1))
        code = np.clip(np.searchsorted(edges, x, side="right") - 1, 0, SLICES - 1)
        members = [
            (f"{shown(float(edges[i]))} to {shown(float(edges[i + 1]))}", code == i)
            for i in range(SLICES)
        ]
    else:
        members = [(shown(v), np.array([v == w for w in labels])) for v in lever.labels]
        values[~_matched(sweep, lever, np.isfinite(values))] = np.nan
    found = []
    for label, here in members:
        known = values[here & np.isfinite(values)]
        if known.size:
            found.append((label, float(known.mean()), int(known.size)))
    return found


def _matched(sweep: Sweep, lever: Lever, known: BoolArray) -> BoolArray:
    """Points whose setting of the other levers has a value at all levels of this one."""
    others = [
        tuple(label for name, label in point.settings.items() if name != lever.name)
        for point in sweep.points
    ]
    count = Counter(other for other, here in zip(others, known, strict=True) if here)
    matched = np.array([count[other] == len(lever.labels) for other in others])
    return matched if matched.any() else np.ones_like(known)


def _effect(sweep: Sweep, lever: Lever, name: str, factor: float) -> Effect:
    levels = levels_of(sweep, lever, name, factor)
    if not lever.numeric:
        levels = sorted(levels, key=lambda level: level[1])
    means = tuple(mean for _, mean, _ in levels)
    error = typical_error(sweep, name)
    return Effect(lever.name, levels[0][0], levels[-1][0], means, tuple(error for _ in means))


def typical_error(sweep: Sweep, name: str) -> float:
    """Median Monte Carlo standard error of the points, in the unit shown; 0 if none is known."""
    known = [e for p in sweep.points if (e := p.estimates[name].mcse) is not None]
    return vocabulary.quantity(name).factor * float(np.median(known)) if known else 0.0


def scatter_exhibit(sweep: Sweep, name: str) -> Exhibit:
    """Every point over each lever of numbers."""
    of = vocabulary.quantity(name)
    values = np.array([value_at(p, name) for p in sweep.points])
    panels = []
    for lever in (lever for lever in sweep.levers if lever.numeric):
        x = np.array([p.settings[lever.name] for p in sweep.points], np.float64)
        edges = np.linspace(x.min(), x.max(), SLICES + 1)
        code = np.clip(np.searchsorted(edges, x, side="right") - 1, 0, SLICES - 1)
        seen = [i for i in range(SLICES) if np.isfinite(values[code == i]).any()]
        means = np.array([np.nanmean(values[code == i]) for i in seen])
        middles = ((edges[1:] + edges[:-1]) / 2.0)[seen]
        panels.append(Scatter(lever.name, x, values, middles, means))
    return Exhibit(
        "scatter",
        f"“{of.title}” over every lever",
        "Each dot is a point of the sweep, with all levers at values of their own; the line is the "
        f"mean in {SLICES} slices of the lever. How far dots of one slice differ is what the other "
        "levers do, and Monte Carlo error.",
        lambda width, heading: scatter(
            panels, y_title=of.titled, factor=of.factor, limits=None, width=width, heading=heading
        ),
        table_of(sweep, [name]),
    )
