"""What a sweep shows of its levers one by one, and the table that all its exhibits share."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Final

import numpy as np

from simulator.analysis.inert import Label
from simulator.number_format import significant
from simulator.report import vocabulary
from simulator.report.exhibits.exhibit import Exhibit, gap_of, of_few_trials
from simulator.report.exhibits.levels import (
    SLICES,
    Kept,
    differences_of,
    error_between,
    is_matched,
    levels_of,
    value_at,
)
from simulator.report.figures.forest import Column, Row, forest
from simulator.report.figures.influence import Lever as Effect
from simulator.report.figures.influence import influence
from simulator.report.figures.response import Scatter, scatter
from simulator.report.sweep_results import Lever, Sweep, shown
from simulator.report.tables import (
    ESTIMATE_COLUMNS,
    Cell,
    Table,
    estimate_cells,
    number,
    rows_of,
    text,
)

BAR: Final = "The bar is two standard errors of the difference between the two ends"
SCATTERED: Final = "which did not run with the same settings of the other levers"
KINDS: Final = {
    "paired": f"{BAR}, paired by draw: {{}}.",
    "scattered": f"{BAR}, from the scatter of the points at each, {SCATTERED}, and of the draws: "
    "{}.",
    "points alone": f"{BAR}, from the scatter of the points at each, {SCATTERED}; what other draws "
    "would change is not in it, because the sweep's folder lacks rows of this estimate by draw: "
    "{}.",
    "unknown": "No error is known, because the sweep's folder lacks rows of this estimate by draw, "
    "over one horizon, or an end has a single point, or there is a single draw: {}.",
}
PICKED: Final = (
    " Words have no order: their ends are the lowest and the highest mean, which Monte Carlo "
    "error alone sets apart too, the more the more levels there are."
)
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


def effects_exhibit(sweep: Sweep, name: str, paired: Kept) -> Exhibit:
    """The mean at each level of each lever, over all levels of the others."""
    of = vocabulary.quantity(name)
    found = [_effect(sweep, lever, name, of.factor, paired) for lever in sweep.levers]
    effects = [effect for effect, _ in found]
    ordered = sorted(effects, key=lambda e: -(max(e.values) - min(e.values)))
    rows = [
        (text(lever.name), text(level), number(mean, significant(mean, 3)), number(n))
        for lever in sweep.levers
        for level, mean, n in levels_of(sweep, lever, name, of.factor)
    ]
    return Exhibit(
        "effects",
        "Which lever moves it most",
        f"Mean of “{of.title}” over points that have a lever at one level. Where combinations of "
        "the other levers ran with all its levels, only these count, so that like stands against "
        "like. "
        f"A lever that matters only together with another shows less here than it does. "
        f"{_bars(sweep, name, [error for _, error in found], paired)}",
        lambda width, heading: influence(
            ordered,
            title=of.titled,
            factor=1.0,
            ends=ENDS,
            errors="± 2 standard errors of their difference",
            width=width,
            heading=heading,
        ),
        Table(("lever", "level", f"{of.titled}: mean", "points"), rows_of(rows)),
    )


def _bars(sweep: Sweep, name: str, errors: Sequence[float | None], paired: Kept) -> str:
    """What the bars are: not of one kind in all designs."""
    levers: dict[str, list[str]] = {kind: [] for kind in KINDS}
    for lever, error in zip(sweep.levers, errors, strict=True):
        kind = "scattered" if paired else "points alone"
        kind = "paired" if is_matched(sweep, lever, name) else kind
        levers["unknown" if error is None else kind].append(lever.name)
    told = (KINDS[kind].format(_named(names, sweep)) for kind, names in levers.items() if names)
    picked = any(not lever.numeric for lever in sweep.levers)
    return " ".join(told) + (PICKED if picked else "")


def lever_differences_exhibit(sweep: Sweep, name: str, paired: Kept) -> Exhibit | None:
    """What each level of a lever adds to its first; None where the design supports none."""
    found = {
        lever: differences
        for lever in sweep.levers
        if (differences := differences_of(sweep, lever, name, paired))
    }
    if not found:
        return None
    of = vocabulary.quantity(name)
    unit = "percentage points" if of.unit == "%" else of.unit
    ordered = sorted(found, key=lambda lever: -max(abs(e.value or 0.0) for _, e in found[lever]))
    rows = [
        Row(level, (e,), f"{lever.name}, against {shown(lever.labels[0])}")
        for lever in ordered
        for level, e in found[lever]
    ]
    column = Column(f"{of.title}: difference, {unit}", of.factor, None, most=3)
    table = [
        (
            text(lever.name),
            text(level),
            text(shown(lever.labels[0])),
            *estimate_cells(e, sweep.draws, of.factor),
        )
        for lever in ordered
        for level, e in found[lever]
    ]
    return Exhibit(
        "lever-differences",
        "What each level adds to the first",
        f"Difference in the mean of “{of.title}” from that at the lever's first level, over the "
        "same combinations of the other levers, paired by draw: all points meet the same "
        "assumptions and the same random numbers. The blue bar on a dot, often hidden by it, is "
        "two paired standard errors to both sides; the light one is the range over assumptions."
        f"{of_few_trials(sweep.trials)}{_unpaired(sweep, name, found)}",
        lambda width, heading: forest(
            rows, [column], width=width, heading=heading, zero=True, gap=gap_of(sweep.trials)
        ),
        Table(
            (
                "lever",
                "level",
                "against",
                *(f"{of.title}, difference, {unit}: {c}" for c in ESTIMATE_COLUMNS),
            ),
            rows_of(table),
        ),
    )


def _unpaired(sweep: Sweep, name: str, found: Collection[Lever]) -> str:
    """Which levers have no difference with an error, and why; those ``found`` have."""
    told = []
    apart = [lever.name for lever in sweep.levers if not is_matched(sweep, lever, name)]
    if apart:
        told.append(
            f" Not here: {_named(apart, sweep)}. Levels that are slices, or that never ran "
            "with the same settings of the other levers, differ by those too."
        )
    lacking = [
        lever.name for lever in sweep.levers if lever.name not in apart and lever not in found
    ]
    if lacking:
        told.append(
            f" Not here: {_named(lacking, sweep)}. The sweep's folder lacks rows of this "
            "estimate by draw, over one horizon."
        )
    return "".join(told)


def _named(names: Sequence[str], sweep: Sweep) -> str:
    return ", ".join(names) if len(names) < len(sweep.levers) else "all levers"


def _effect(
    sweep: Sweep, lever: Lever, name: str, factor: float, paired: Kept
) -> tuple[Effect, float | None]:
    """Levels of a lever to draw, and the error of the difference of the two ends."""
    levels = levels_of(sweep, lever, name, factor)
    order = list(range(len(levels)))
    if not lever.numeric:
        order.sort(key=lambda i: levels[i][1])
    first, last = order[0], order[-1]
    error = error_between(sweep, lever, name, paired, first, last)
    means = tuple(levels[i][1] for i in order)
    errors = (*(0.0 for _ in means[1:]), factor * (error or 0.0))
    return Effect(lever.name, levels[first][0], levels[last][0], means, errors), error


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
