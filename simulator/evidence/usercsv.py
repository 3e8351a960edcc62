"""Reading spells from a user's CSV, strictly: every bad row at once, each with its number."""

from __future__ import annotations

import csv
import math
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from simulator.evidence.spells import DAYS_PER_YEAR, Spells
from simulator.evidence.studies import clusters
from simulator.inputs import InputError, Position, Problem, did_you_mean

__all__ = ["COLUMNS", "UserSpells", "read_spells"]

COLUMNS = (
    "duration_years",
    "duration_days",
    "event",
    "entry_years",
    "entry_days",
    "group",
    "cluster",
)
"""Columns that are read; all others are left alone."""

_TRUE = frozenset({"1", "true", "yes"})
_FALSE = frozenset({"0", "false", "no"})
_LONGEST = 1000.0  # years; beyond it a column of days was taken for years
_LARGEST_FILE = 20 * 1024 * 1024


@dataclass(frozen=True)
class UserSpells:
    """Spells of a file, the group of each (empty words if there is no such column), and notes."""

    spells: Spells
    groups: tuple[str, ...]
    notes: tuple[str, ...]


@dataclass(frozen=True)
class _Row:
    """One line of the file: its number among the data rows, its place and its fields."""

    number: int
    position: Position
    fields: dict[str, str]


def _rows(path: Path) -> tuple[list[str], list[_Row]]:
    """Header and rows, or an InputError if the file cannot be read as CSV at all."""
    try:
        if path.stat().st_size > _LARGEST_FILE:
            raise _failed(path, "larger than 20 MiB", "give one row per spell")
        text = path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise _failed(path, f"cannot be read: {error.strerror}", None) from None
    except UnicodeDecodeError:
        raise _failed(path, "is not text in UTF-8", "save it as CSV, UTF-8") from None
    if "\0" in text:
        raise _failed(path, "holds null bytes, so it is not text", "save it as CSV, UTF-8")
    lines = text.splitlines()
    reader = csv.reader(lines, strict=True)
    try:
        header = [name.strip().lower() for name in next(reader, [])]
        rows = list(_numbered(path, lines, header, reader))
    except csv.Error as error:
        raise _failed(path, f"is not CSV: line {reader.line_num}: {error}", None) from None
    return header, rows


def _numbered(
    path: Path, lines: list[str], header: list[str], reader: Iterator[list[str]]
) -> Iterator[_Row]:
    number = 0
    for fields in reader:
        if not any(field.strip() for field in fields):
            continue
        number += 1
        line: int = reader.line_num  # type: ignore[attr-defined]  # a csv reader has it
        position = Position(str(path), line, 1, lines[line - 1])
        named = dict(zip(header, (field.strip() for field in fields), strict=False))
        if len(fields) != len(header):
            named["\0width"] = str(len(fields))
        yield _Row(number, position, named)


def _failed(path: Path, message: str, hint: str | None) -> InputError:
    return InputError([Problem(None, str(path), message, hint)])


def _header_problems(path: Path, header: list[str]) -> list[Problem]:
    problems = []

    def refuse(message: str, hint: str | None = None) -> None:
        first = Position(str(path), 1, 1, ",".join(header))
        problems.append(Problem(first, "header", message, hint))

    if not any(header):
        refuse("the file is empty", "give a header and one row per spell")
        return problems
    for kind in ("duration", "entry"):
        if f"{kind}_years" in header and f"{kind}_days" in header:
            refuse(f"both {kind}_years and {kind}_days are given", "keep one of the two")
    if "duration_years" not in header and "duration_days" not in header:
        others = [name for name in header if name not in COLUMNS]
        refuse(
            "there is no column duration_years or duration_days",
            next((h for n in others if (h := did_you_mean(n, COLUMNS[:2]))), None),
        )
    if "event" not in header:
        refuse("there is no column event (1 if the spell ended, 0 if it was still going on)")
    for name in sorted({name for name in header if name in COLUMNS and header.count(name) > 1}):
        refuse(f"the column {name} appears more than once")
    return problems


def _number(row: _Row, column: str, problems: list[Problem]) -> float:
    """A finite number, or NaN and a problem."""
    text = row.fields.get(column, "")
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    # float() also takes "nan", "inf" and "1_000", which a table of durations does not mean
    if not math.isfinite(value) or "_" in text:
        what = f"'{text}' is not a number" if text else "missing"
        problems.append(Problem(row.position, f"row {row.number}, {column}", what))
        return math.nan
    return value / DAYS_PER_YEAR if column.endswith("_days") else value


def _event(row: _Row, problems: list[Problem]) -> bool:
    text = row.fields.get("event", "").lower()
    if text in ("1.0", "0.0"):
        text = text[0]
    if text not in _TRUE | _FALSE:
        what = f"'{text}' is neither 1 nor 0" if text else "missing: 1 if it ended, 0 if not"
        problems.append(Problem(row.position, f"row {row.number}, event", what))
    return text in _TRUE


def _check(row: _Row, columns: tuple[str, str | None], problems: list[Problem]) -> tuple[
    float, bool, float
]:  # fmt: skip
    """Duration, event and entry of a row; what is wrong with it is added to `problems`."""
    duration_column, entry_column = columns
    duration, event = _number(row, duration_column, problems), _event(row, problems)
    entry = _number(row, entry_column, problems) if entry_column else 0.0

    def refuse(column: str, message: str, hint: str | None = None) -> None:
        problems.append(Problem(row.position, f"row {row.number}, {column}", message, hint))

    if "\0width" in row.fields:
        refuse("columns", f"has {row.fields[chr(0) + 'width']} fields, not as many as the header")
    if duration <= 0:
        refuse(duration_column, f"must be above 0, got {row.fields[duration_column]}")
    if duration > _LONGEST:
        refuse(duration_column, f"longer than {_LONGEST:g} years", "is it in days?")
    if entry < 0:
        refuse(str(entry_column), f"must be at least 0, got {entry:g} years")
    if entry >= duration > 0:
        refuse(
            str(entry_column),
            f"watching began at {entry:g} years, not before the spell ended at {duration:g}",
        )
    return duration, event, entry


def read_spells(path: Path) -> UserSpells:
    """Read a user's spells; the columns are described in `simulator.evidence.calibrate`.

    Raises
    ------
    InputError
        With every problem of the file: a header that lacks a column, and each bad row with its
        number (1 is the first row after the header), line and column.
    """
    header, rows = _rows(path)
    problems = _header_problems(path, header)
    if problems:
        raise InputError(problems)
    duration = "duration_years" if "duration_years" in header else "duration_days"
    entry = next((name for name in ("entry_years", "entry_days") if name in header), None)
    values = [_check(row, (duration, entry), problems) for row in rows]
    problems += [
        Problem(row.position, f"row {row.number}, {column}", "missing")
        for column in ("group", "cluster")
        if column in header
        for row in rows
        if not row.fields.get(column)
    ]
    if problems:
        problems.sort(key=lambda problem: problem.position.line if problem.position else 0)
        raise InputError(problems)
    if not rows:
        raise _failed(path, "has a header but no row", "give one row per spell")
    if not any(event for _, event, _ in values):
        raise _failed(path, "no spell ended (event is 0 in every row)", "nothing can be fitted")
    ignored = [name for name in header if name and name not in COLUMNS]
    notes = (f"columns not read: {', '.join(ignored)}",) if ignored else ()
    together = [row.fields.get("cluster", str(row.number)) for row in rows]
    spells = Spells(
        np.array([row[0] for row in values]),
        np.array([row[1] for row in values]),
        np.array([row[2] for row in values]),
        clusters(together),
    )
    return UserSpells(spells, tuple(row.fields.get("group", "") for row in rows), notes)
