"""Tables of data: numbers as people read them, and as other programs do."""

import base64
import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from simulator import number_format
from simulator.estimates.estimate import Estimate
from simulator.estimates.outcome import Band
from simulator.model.compiled import FloatArray
from simulator.storage import csv_text

NOTHING: Final = "–"  # in the place of a value that is not there
ESTIMATE_COLUMNS: Final = ("value", "Monte Carlo standard error", "5 %", "95 %")


@dataclass(frozen=True, slots=True)
class Cell:
    """A value as shown, and as a CSV file holds it and sorting goes by; None for nothing."""

    shown: str
    raw: str | float | None

    @property
    def is_number(self) -> bool:
        """Whether it is aligned to the right and sorted as a number."""
        return not isinstance(self.raw, str)


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of cells under named columns, units in the names."""

    columns: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]


def table(columns: Iterable[str], rows: Iterable[Iterable[object]]) -> Table:
    """A table of cells, of numbers that are known exactly, and of words."""
    return Table(tuple(columns), tuple(tuple(map(_cell, row)) for row in rows))


def _cell(value: object) -> Cell:
    if isinstance(value, Cell):
        return value
    if value is None or (isinstance(value, int | float) and not isinstance(value, bool)):
        return number(value)
    return Cell(str(value), str(value))


def number(value: float | None, shown: str | None = None) -> Cell:
    """A cell of a number known exactly, such as a year, or shown as is said."""
    if value is None or not math.isfinite(value):
        return Cell(NOTHING, None)
    return Cell(f"{value:,.10g}" if shown is None else shown, value)


def without_empty(full: Table) -> Table:
    """The table without the columns in which no row has anything."""
    columns = range(len(full.columns))
    kept = [i for i in columns if any(row[i].shown not in ("", NOTHING) for row in full.rows)]
    rows = (tuple(row[i] for i in kept) for row in full.rows)
    return Table(tuple(full.columns[i] for i in kept), tuple(rows))


def estimate_cells(e: Estimate | None, draws: int, factor: float = 1.0) -> tuple[Cell, ...]:
    """Cells under `ESTIMATE_COLUMNS`: shown in digits that so many draws know, raw in full."""
    if e is None:
        return tuple(Cell(NOTHING, None) for _ in ESTIMATE_COLUMNS)
    value, mcse, low, high = (
        None if v is None or not math.isfinite(v) else factor * v
        for v in (e.value, e.mcse, e.p05, e.p95)
    )
    first, last = ("0", "0") if low == high == 0.0 else (NOTHING, NOTHING)
    if low or high:
        first, last = number_format.range_ends(low, high, draws)
    return (
        Cell(number_format.with_error(value, mcse), value),
        Cell(NOTHING if mcse is None else number_format.error(mcse), mcse),
        Cell(first, low),
        Cell(last, high),
    )


def measured(what: str) -> list[str]:
    """Columns of `ESTIMATE_COLUMNS`, each under what it is of."""
    return [f"{what}: {column}" for column in ESTIMATE_COLUMNS]


def band_rows(x: FloatArray, band: Band, draws: int, factor: float) -> list[tuple[Cell, ...]]:
    """Rows of a curve: its place, then the cells of `ESTIMATE_COLUMNS`."""
    return [
        (number(at), *estimate_cells(band.at(i), draws, factor)) for i, at in enumerate(x.tolist())
    ]


def to_csv(full: Table, most: int | None = None) -> str:
    """Its first rows as CSV (RFC 4180): full numbers, nothing that a spreadsheet would execute."""
    rows = ([cell.raw for cell in row] for row in full.rows[:most])
    return csv_text(full.columns, rows, end="\r\n")


def data_uri(content: str) -> str:
    """A CSV file as a link that needs no network; with the mark by which spreadsheets see UTF-8."""
    encoded = base64.b64encode(content.encode("utf-8-sig")).decode("ascii")
    return f"data:text/csv;charset=utf-8;base64,{encoded}"


def share_cell(share: float | None, mcse: float | None, draws: int) -> Cell:
    """A share of the draws in per cent."""
    shown = number_format.share_of_draws(share, mcse, draws, 100.0)
    return number(None if share is None else 100.0 * share, shown)
