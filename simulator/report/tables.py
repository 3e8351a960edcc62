"""Tables of data: numbers as people read them, and as other programs do."""

from __future__ import annotations

import base64
import csv
import io
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from simulator import number_format as digits
from simulator.inputs.problems import harmless
from simulator.model.compiled import FloatArray
from simulator.outcomes.curves import Band
from simulator.outcomes.spread import Estimate


@dataclass(frozen=True, slots=True)
class Cell:
    """A value as shown, and as it is.

    Attributes
    ----------
    shown : str
    raw : str, float or None
        What a CSV file holds and what sorting goes by; None for nothing.
    """

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


NOTHING: Final = "–"  # in the place of a value that is not there
ESTIMATE_COLUMNS: Final = ("value", "Monte Carlo standard error", "5 %", "95 %")


def text(value: object) -> Cell:
    """A cell of words."""
    return Cell(str(value), str(value))


def number(value: float | None, shown: str | None = None) -> Cell:
    """A cell of a number known exactly, such as a year."""
    if value is None or not math.isfinite(value):
        return Cell(NOTHING, None)
    return Cell(f"{value:,.10g}" if shown is None else shown, value)


def without_empty(table: Table) -> Table:
    """The table without the columns in which no row has anything."""
    kept = [
        i
        for i in range(len(table.columns))
        if any(row[i].shown not in ("", NOTHING) for row in table.rows)
    ]
    return Table(
        tuple(table.columns[i] for i in kept),
        tuple(tuple(row[i] for i in kept) for row in table.rows),
    )


def estimate_cells(e: Estimate | None, draws: int, factor: float = 1.0) -> tuple[Cell, ...]:
    """Cells of an estimate under `ESTIMATE_COLUMNS`: shown in digits it has, raw in full.

    Parameters
    ----------
    e : Estimate or None
    draws : int
        Of the assumptions: how well the ends of the range are known.
    factor : float
        From its unit to the unit of the table.
    """
    if e is None:
        return tuple(Cell(NOTHING, None) for _ in ESTIMATE_COLUMNS)
    value, mcse, low, high = (
        None if v is None or not math.isfinite(v) else factor * v
        for v in (e.value, e.mcse, e.p05, e.p95)
    )
    ends = (
        digits.span(low, high, draws, "beyond").split(" to ") if low or high else [NOTHING, NOTHING]
    )
    if low == 0.0 and high == 0.0:
        ends = ["0", "0"]
    return (
        Cell(digits.with_error(value, mcse), value),
        Cell(NOTHING if mcse is None else digits.error(mcse), mcse),
        Cell(ends[0], low),
        Cell(ends[-1], high),
    )


def band_rows(x: FloatArray, band: Band, draws: int, factor: float) -> list[tuple[Cell, ...]]:
    """Rows of a curve: its place, then the cells of `ESTIMATE_COLUMNS`."""
    columns = np.stack([band.value, band.mcse, band.p05, band.p95], axis=1).tolist()
    return [
        (number(at), *estimate_cells(Estimate(*row), draws, factor))
        for at, row in zip(x.tolist(), columns, strict=True)
    ]


def to_csv(table: Table) -> str:
    """The table as CSV (RFC 4180): full numbers, nothing that a spreadsheet would execute."""
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\r\n")
    writer.writerow(harmless(name) for name in table.columns)
    for row in table.rows:
        writer.writerow(_csv_value(cell.raw) for cell in row)
    return buffer.getvalue()


def data_uri(content: str) -> str:
    """A CSV file as a link that needs no network; with the mark by which spreadsheets see UTF-8."""
    encoded = base64.b64encode(content.encode("utf-8-sig")).decode("ascii")
    return f"data:text/csv;charset=utf-8;base64,{encoded}"


def _csv_value(raw: str | float | None) -> str:
    if raw is None:
        return ""
    return harmless(raw) if isinstance(raw, str) else repr(raw)


def rows_of(rows: Sequence[Sequence[Cell]]) -> tuple[tuple[Cell, ...], ...]:
    """Rows in the form that a `Table` holds."""
    return tuple(tuple(row) for row in rows)
