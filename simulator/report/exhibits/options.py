"""What a scenario looks like under each book and each structural choice."""

from __future__ import annotations

from typing import Final

import numpy as np

from simulator.books.draws import NOT_ASKED
from simulator.outcomes.curves import Band
from simulator.outcomes.options import Option
from simulator.report import vocabulary
from simulator.report.exhibits.exhibit import Draw, Exhibit
from simulator.report.figures.choices import Choice, choices
from simulator.report.figures.forest import Column, Row, forest
from simulator.report.figures.survival import Curve
from simulator.report.results import Run
from simulator.report.tables import (
    ESTIMATE_COLUMNS,
    Table,
    band_rows,
    estimate_cells,
    number,
    rows_of,
    text,
)

BAND: Final = ("value", "mcse", "p05", "p95")
GAP: Final = "no bar: too few draws took it to tell"
MOST_LINES: Final = 8  # in a panel
TOLD_YEARS: Final = (1.0, 2.0, 3.0, 5.0, 10.0, 15.0, 20.0, 25.0, 30.0, 40.0)  # of a curve's table


def choices_exhibit(run: Run) -> Exhibit | None:
    """Survival under each option, a panel for each choice; None where the run did not keep it."""
    kept = run.background.get("survival_by_option") or {}
    years = np.array(kept.get("years", []), np.float64)
    found = {
        str(choice): {
            str(option): Band(*(np.array(curve[n], np.float64) for n in BAND))
            for option, curve in options.items()
            if option != NOT_ASKED
        }
        for choice, options in kept.get("choices", {}).items()
    }
    shown = {choice: options for choice, options in found.items() if 1 < len(options) <= MOST_LINES}
    if not shown:
        return None
    panels = [
        Choice(
            _titled(choice),
            tuple(Curve(vocabulary.words(o), years, band) for o, band in options.items()),
        )
        for choice, options in shown.items()
    ]
    table = [
        (text(choice), text(vocabulary.words(option)), *cells)
        for choice, options in shown.items()
        for option, band in options.items()
        for cells in band_rows(years, band, run.by_option[choice][option].draws, 100.0)
        if cells[0].raw in TOLD_YEARS
    ]
    more = [choice for choice in found if choice not in shown]
    left_out = f" Not drawn, for its many options: {', '.join(more)}." if more else ""
    return Exhibit(
        "choices",
        "How long it holds under each book and structural choice",
        "Each panel splits the draws by the option they took: how far its curves lie apart is what "
        f"that choice does to the answer. Bands are the Monte Carlo error.{left_out}",
        lambda width, heading: choices(panels, width=width, heading=heading),
        Table(
            (
                "choice",
                "option",
                "years since the ceasefire",
                *(f"%: {c}" for c in ESTIMATE_COLUMNS),
            ),
            rows_of(table),
        ),
    )


def _titled(choice: str) -> str:
    return f"{choice}: {vocabulary.choice(choice.partition(' (')[0])}"


def _by_holding(option: Option) -> float:
    found = option.estimates.get("p_holds_20y")
    return -(found.value or 0.0) if found else 0.0


def options_exhibit(run: Run) -> Exhibit:
    """Books and structural choices apart."""
    names = [
        name
        for name in ("p_collapse_within_2y", "p_holds_20y", "p_holds_30y")
        if run.estimates[name].value is not None
    ]
    found = [
        (choice, vocabulary.words(name), option)
        for choice, options in run.by_option.items()
        for name, option in sorted(options.items(), key=lambda item: _by_holding(item[1]))
        if name != NOT_ASKED
    ]
    rows = [
        Row(words, tuple(option.estimates.get(name) for name in names), _titled(choice))
        for choice, words, option in found
    ]
    columns = [Column(f"{vocabulary.quantity(name).titled}") for name in names]
    table = [
        (
            text(choice),
            text(words),
            number(option.draws),
            text(vocabulary.quantity(name).title),
            *estimate_cells(option.estimates.get(name), option.draws, 100.0),
        )
        for choice, words, option in found
        for name in names
    ]
    draw: Draw = lambda width, heading: forest(  # noqa: E731
        rows, columns, width=width, heading=heading, gap=GAP
    )
    return Exhibit(
        "options",
        "Under each book and each structural choice",
        "The draws that took one option, apart from the others: where options disagree, the mean "
        "over all of them hides it. Options that few draws took are known less well.",
        draw,
        Table(
            ("choice", "option", "draws", "estimate", *(f"%: {c}" for c in ESTIMATE_COLUMNS)),
            rows_of(table),
        ),
    )
