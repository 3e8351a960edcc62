"""What the scenarios of one run can show side by side."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from simulator.quantities import in_table
from simulator.report import vocabulary
from simulator.report.exhibits.exhibit import Exhibit, size_line, source_line, sourced
from simulator.report.exhibits.run import claim_parts, masses
from simulator.report.figures.claim import claim
from simulator.report.figures.forest import Column, Row, forest
from simulator.report.figures.survival import Curve, survival_overlay, survival_panels
from simulator.report.results import Run
from simulator.report.tables import (
    ESTIMATE_COLUMNS,
    Cell,
    Table,
    band_rows,
    estimate_cells,
    number,
    rows_of,
    text,
)


def exhibits(runs: Sequence[Run]) -> Iterator[Exhibit]:
    """Everything that can be shown of several scenarios, in the order of a report."""
    books = list(dict.fromkeys(run.book for run in runs))
    size = size_line(runs[0].draws, runs[0].trials)
    line = source_line([run.name for run in runs], books, runs[0].seed, size)
    return sourced(_shown(runs), line)


def _shown(runs: Sequence[Run]) -> Iterator[Exhibit]:
    yield headlines_exhibit(runs)
    if min(run.horizon for run in runs) >= 2.0:
        yield claim_exhibit(runs)
    yield survival_exhibit(runs)
    yield panels_exhibit(runs)


def headlines_exhibit(runs: Sequence[Run]) -> Exhibit:
    """The headline numbers of each plan."""
    names = ("p_collapse_within_2y", "p_holds_20y", "p_holds_30y")
    rows = [Row(run.name, tuple(run.estimates[name] for name in names)) for run in runs]
    columns = [Column(vocabulary.quantity(name).titled) for name in names]
    table = [
        (text(run.name), text(of.titled), *_cells(run, of.name))
        for run in runs
        for of in in_table()
    ]
    return Exhibit(
        "headlines",
        "The plans side by side",
        "Each plan's probability of early collapse and of holding for long. The wide bars are the "
        "range over assumptions, which all plans share: they overlap even where one plan is better "
        "than another under every assumption. To compare plans, compare them in pairs: simulator "
        "compare.",
        lambda width, heading: forest(rows, columns, width=width, heading=heading),
        Table(("plan", "estimate", *ESTIMATE_COLUMNS), rows_of(table)),
    )


def _cells(run: Run, name: str) -> tuple[Cell, ...]:
    return estimate_cells(run.estimates.get(name), run.draws, vocabulary.quantity(name).factor)


def claim_exhibit(runs: Sequence[Run]) -> Exhibit:
    """Where the probability of each plan lies."""
    horizon = min(run.horizon for run in runs)
    parts = claim_parts(horizon)
    rows = [masses(run, horizon) for run in runs]
    table = [
        (text(row.label), text(name), number(100.0 * share, f"{100.0 * share:.0f}"))
        for row in rows
        for (name, _), share in zip(parts, row.shares, strict=True)
    ]
    return Exhibit(
        "claim",
        "Where the probability lies",
        "The claim under test (Michael Clarke, February 2025): a force that fails means war within "
        "two years, one that succeeds could last 20 or 30. It leaves the middle empty.",
        lambda width, heading: claim(parts, rows, width=width, heading=heading),
        Table(("plan", "ceasefires that …", "%"), rows_of(table)),
    )


def _curves(runs: Sequence[Run]) -> list[Curve]:
    return [Curve(run.name, run.years, run.survival) for run in runs]


def _curve_table(runs: Sequence[Run]) -> Table:
    rows = [
        (text(run.name), *row)
        for run in runs
        for row in band_rows(run.years, run.survival, run.draws, 100.0)
    ]
    columns = (
        "plan",
        "years since the ceasefire",
        *(f"still hold, %: {c}" for c in ESTIMATE_COLUMNS),
    )
    return Table(columns, rows_of(rows))


def survival_exhibit(runs: Sequence[Run]) -> Exhibit:
    """All survival curves in one."""
    curves = _curves(runs)
    order = sorted(runs, key=lambda run: -float(run.survival.value[-1]))
    return Exhibit(
        "survival",
        "How long the ceasefire holds under each plan",
        "Share of ceasefires that still hold, year by year, with the Monte Carlo error as a band. "
        f"At the end, from top to bottom: {', '.join(run.name for run in order)}; neighbours whose "
        "bands touch may stand the other way round.",
        lambda width, heading: survival_overlay(curves, width=width, heading=heading),
        _curve_table(runs),
    )


def _widest_range(run: Run) -> float:
    return float(np.nanmax(run.survival.p95 - run.survival.p05, initial=0.0))


def panels_exhibit(runs: Sequence[Run]) -> Exhibit:
    """Each survival curve with its range over assumptions."""
    curves = _curves(runs)
    widest = max(runs, key=_widest_range)
    return Exhibit(
        "panels",
        "What nobody knows, plan by plan",
        "Each plan's survival with its 5–95 % range over assumptions, the other plans grey behind "
        f"it. The range is widest for {widest.name}.",
        lambda width, heading: survival_panels(curves, width=width, heading=heading),
        _curve_table(runs),
    )
