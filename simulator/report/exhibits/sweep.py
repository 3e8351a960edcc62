"""What a sweep can show: maps over two levers, lines along one, points over many."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from itertools import product
from typing import Final

import numpy as np

from simulator.analysis.inert import Label
from simulator.number_format import error, with_error
from simulator.outcomes.curves import Band
from simulator.report import vocabulary
from simulator.report.exhibits.exhibit import Exhibit, size_line, source_line, sourced
from simulator.report.exhibits.levels import paired_rows, value_at
from simulator.report.exhibits.levers import (
    effects_exhibit,
    lever_differences_exhibit,
    scatter_exhibit,
    table_of,
    typical_error,
)
from simulator.report.figures.forest import Column, Row, forest
from simulator.report.figures.heat import Heat, Scale, heat_map
from simulator.report.figures.response import Response, response
from simulator.report.sweep_results import (
    MOST_LEVELS,
    Lever,
    Point,
    Sweep,
    described,
    short,
    shown,
)

MOST_PANELS: Final = 8
MOST_LINES: Final = 8
MOST_ROWS: Final = 40
LEAST_FILLED: Final = 0.4  # of the combinations of levels, or a map would be mostly holes
LEAST_SPAN: Final = 4.0  # of a colour scale, in standard errors of a cell
COMMON_NUMBERS: Final = (
    "All points share their random numbers, so differences between them are usually known better "
    "than their standard errors suggest: simulator compare --sweep gives them."
)


def headline(sweep: Sweep) -> str:
    """The estimate that a sweep is shown by: the headline, or what the horizon allows."""
    for name in ("p_holds_20y", "p_collapse_within_2y"):
        if any(p.estimates[name].value is not None for p in sweep.points):
            return name
    return "rmst_years"


def exhibits(sweep: Sweep, quantity: str | None = None) -> Iterator[Exhibit]:
    """Everything that can be shown of a sweep, in the order of a report."""
    return sourced(_shown(sweep, quantity or headline(sweep)), source(sweep))


def source(sweep: Sweep) -> str:
    """Which points of which sweep, under which book, a figure is of."""
    scenarios, books = (
        list(dict.fromkeys(str(point[key]) for point in sweep.plan["points"]))
        for key in ("scenario", "book")
    )
    planned = len(sweep.points) + sweep.missing + sweep.failed
    part = f"{len(sweep.points):,} of {planned:,} points, " if sweep.missing + sweep.failed else ""
    digest = f"{part}sweep {str(sweep.plan.get('digest', ''))[:12]}"
    size = size_line(sweep.draws, sweep.trials)
    return source_line(scenarios, books, sweep.seed, size, digest)


def _shown(sweep: Sweep, name: str) -> Iterator[Exhibit]:
    if sweep.levers:
        paired = paired_rows(sweep, name)
        yield effects_exhibit(sweep, name, paired)
        differences = lever_differences_exhibit(sweep, name, paired)
        if differences:
            yield differences
    if any(lever.numeric and len(lever.labels) > MOST_LEVELS for lever in sweep.levers):
        yield scatter_exhibit(sweep, name)
        return
    if len(sweep.levers) > 1 and _filled(sweep) >= LEAST_FILLED:
        yield heat_exhibit(sweep, name)
    if any(lever.numeric for lever in sweep.levers):
        yield response_exhibit(sweep, name) or scatter_exhibit(sweep, name)
    if len(sweep.points) <= MOST_ROWS:
        yield points_exhibit(sweep, name)


def heat_exhibit(sweep: Sweep, name: str) -> Exhibit:
    """A map over two levers, a panel for each combination of the others."""
    of = vocabulary.quantity(name)
    across, down, others = _axes(sweep)
    combinations = list(product(*(lever.labels for lever in others)))
    panels = [_panel(sweep, name, across, down, others, c) for c in combinations[:MOST_PANELS]]
    panels = [panel for panel in panels if panel.rows]
    cut = (
        ""
        if len(combinations) <= MOST_PANELS
        else (
            f" The first {MOST_PANELS} of {len(combinations)} combinations of the other levers are "
            "drawn; the table has all."
        )
    )
    values = np.array([value_at(p, name) for p in sweep.points])
    low, high = (sweep.points[int(i)] for i in (np.nanargmin(values), np.nanargmax(values)))
    return Exhibit(
        "heat",
        f"“{of.title}” over two levers",
        f"Lowest at {described(low)}{level_with(sweep, low, name)}; highest at {described(high)}"
        f"{level_with(sweep, high, name)}. {_errors(sweep, name)} The "
        f"colours span at least {LEAST_SPAN:g} of them. {COMMON_NUMBERS}{cut}",
        lambda width, heading: heat_map(
            panels,
            [shown(label) for label in across.labels],
            (down.name, across.name),
            Scale(of.titled, of.factor, _limits(sweep, name)),
            width=width,
            heading=heading,
        ),
        table_of(sweep, [name]),
    )


def shown_at(point: Point, name: str) -> str:
    """An estimate at a point in the unit and the digits that it is told in."""
    e, factor = point.estimates[name], vocabulary.quantity(name).factor
    value, mcse = (None if v is None else factor * v for v in (e.value, e.mcse))
    return with_error(value, mcse, 1)


def level_with(sweep: Sweep, point: Point, name: str) -> str:
    """How many other points show the same number: the first of them is not more extreme."""
    same = sum(shown_at(p, name) == shown_at(point, name) for p in sweep.points) - 1
    return (
        f", and {same:,} more that show{'s' if same == 1 else ''} the same number" if same else ""
    )


def _filled(sweep: Sweep) -> float:
    return len(sweep.points) / math.prod(len(lever.labels) for lever in sweep.levers)


def _errors(sweep: Sweep, name: str) -> str:
    typical, of = typical_error(sweep, name), vocabulary.quantity(name)
    unit = "percentage points" if of.unit == "%" else of.unit
    return f"The Monte Carlo standard error of a point is about {error(typical)} {unit}."


def _limits(sweep: Sweep, name: str) -> tuple[float, float] | None:
    """A colour scale that does not make a landscape of Monte Carlo error."""
    factor = vocabulary.quantity(name).factor
    values = factor * np.array([value_at(p, name) for p in sweep.points])
    low, high = float(np.nanmin(values)), float(np.nanmax(values))
    missing = LEAST_SPAN * typical_error(sweep, name) - (high - low)
    return (low - missing / 2.0, high + missing / 2.0) if missing > 0.0 else None


def _axes(sweep: Sweep) -> tuple[Lever, Lever, list[Lever]]:
    """The lever across (with most levels, a number if there is one), the one down, the others."""
    ranked = sorted(sweep.levers, key=lambda lever: (-lever.numeric, -len(lever.labels)))
    across, rest = ranked[0], ranked[1:]
    down = max(rest, key=lambda lever: len(lever.labels))
    return across, down, [lever for lever in sweep.levers if lever not in (across, down)]


def _panel(
    sweep: Sweep,
    name: str,
    across: Lever,
    down: Lever,
    others: Sequence[Lever],
    combination: Sequence[Label],
) -> Heat:
    values = np.full((len(down.labels), len(across.labels)), np.nan)
    mcse = np.full_like(values, np.nan)
    chosen = {lever.name: label for lever, label in zip(others, combination, strict=True)}
    for point in _with(sweep, chosen):
        i = down.labels.index(point.settings[down.name])
        j = across.labels.index(point.settings[across.name])
        values[i, j] = value_at(point, name)
        error = point.estimates[name].mcse
        mcse[i, j] = np.nan if error is None else error
    title = ", ".join(f"{short(key)}: {shown(label)}" for key, label in chosen.items())
    waiting = np.zeros(values.shape, bool)
    for one in sweep.waiting:
        row, column = one[down.name], one[across.name]
        inside = row in down.labels and column in across.labels
        if inside and chosen.items() <= one.items():
            waiting[down.labels.index(row), across.labels.index(column)] = True
    seen = np.isfinite(values).any(axis=1) | waiting.any(axis=1)
    rows = tuple(shown(label) for label, here in zip(down.labels, seen, strict=True) if here)
    return Heat(title, rows, values[seen], mcse[seen], waiting[seen])


def _with(sweep: Sweep, chosen: Mapping[str, Label]) -> Iterator[Point]:
    for point in sweep.points:
        if all(point.settings[key] == label for key, label in chosen.items()):
            yield point


def response_exhibit(sweep: Sweep, name: str) -> Exhibit | None:
    """Lines along the lever with most numbers, one for each level of another.

    None where no two points differ in that lever alone, as in a sample.
    """
    of = vocabulary.quantity(name)
    along = max((lever for lever in sweep.levers if lever.numeric), key=lambda e: len(e.labels))
    others = [lever for lever in sweep.levers if lever is not along]
    split = max(others, key=lambda e: min(len(e.labels), MOST_LINES), default=None)
    fixed = {lever.name: lever.labels[-1] for lever in others if lever is not split}
    lines = []
    for label in split.labels[:MOST_LINES] if split else (None,):
        chosen = fixed | ({split.name: label} if split else {})
        points = sorted(_with(sweep, chosen), key=lambda p: float(p.settings[along.name] or 0.0))
        if len(points) > 1:
            lines.append(_line(shown(label) if split else sweep.title, points, along, name))
    if not lines:
        return None
    where = ", ".join(f"{key} {shown(label)}" for key, label in fixed.items())
    return Exhibit(
        "response",
        f"“{of.title}” along {along.name}",
        (f"One line for each level of {split.name}. " if split else "")
        + (f"The other levers stand at {where}. " if where else "")
        + f"{_errors(sweep, name)} {COMMON_NUMBERS}",
        lambda width, heading: response(
            lines,
            x_title=along.name,
            y_title=of.titled,
            factor=of.factor,
            limits=None,
            width=width,
            heading=heading,
        ),
        table_of(sweep, [name]),
    )


def _line(label: str, points: Sequence[Point], along: Lever, name: str) -> Response:
    e = [point.estimates[name] for point in points]
    columns = (
        np.array([np.nan if v is None else v for v in column])
        for column in (
            [one.value for one in e],
            [one.mcse for one in e],
            [one.p05 for one in e],
            [one.p95 for one in e],
        )
    )
    x = np.array([point.settings[along.name] for point in points], np.float64)
    return Response(label, x, Band(*columns))


def points_exhibit(sweep: Sweep, name: str) -> Exhibit:
    """Every point in order."""
    headlines = ("p_collapse_within_2y", "p_holds_20y", "p_holds_30y")
    names = [n for n in headlines if _known(sweep, n)] or [name]
    ordered = sorted(sweep.points, key=lambda p: -value_at(p, name))
    rows = [Row(described(p), tuple(p.estimates[n] for n in names)) for p in ordered]
    columns = [Column(vocabulary.quantity(n).titled) for n in names]
    return Exhibit(
        "points",
        "All points in order",
        f"The points by “{vocabulary.quantity(name).title}”, the highest first. {COMMON_NUMBERS}",
        lambda width, heading: forest(rows, columns, width=width, heading=heading),
        table_of(sweep, names),
    )


def _known(sweep: Sweep, name: str) -> bool:
    return any(p.estimates[name].value is not None for p in sweep.points)
