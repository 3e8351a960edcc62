"""Reading spells from a user's CSV, strictly: every bad row at once, each with its number."""

import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from simulator.evidence.columns import COLUMNS, Columns, Named, find_columns, is_known, unread
from simulator.evidence.csvtext import Row, Table, failed, read_table
from simulator.evidence.headers import PER_YEAR, is_date, is_number, plain
from simulator.evidence.spells import Floats, Spells, clusters
from simulator.inputs import InputError, Problem
from simulator.inputs.problems import MAX_PROBLEMS

__all__ = ["COLUMNS", "Named", "UserSpells", "read_spells"]

_TRUE = frozenset({"1", "true", "t", "yes", "y"})
_FALSE = frozenset({"0", "false", "f", "no", "n"})
_MISSING = frozenset({"", ".", "-", "?", "na", "n/a", "#n/a", "nan", "null", "none", "missing"})
_LONGEST = 1000.0  # years; beyond it a column of days was taken for years
_LONG_MEDIAN = 100.0  # years; above it that is likely
_SHORT_LONGEST = 100.0  # days; below it a column of years may have been taken for days


@dataclass(frozen=True)
class UserSpells:
    """Spells of a file, the group of each (empty words if there is no such column), and remarks.

    ``notes`` say how the file was read; ``warnings`` what may have been read wrongly.
    """

    spells: Spells
    groups: tuple[str, ...]
    notes: tuple[str, ...]
    warnings: tuple[str, ...] = ()


@dataclass
class _Reading:
    """A table on the way to spells: its columns, and the problems found so far."""

    table: Table
    columns: Columns
    decimal_comma: bool = False
    problems: list[Problem] = field(default_factory=list)

    def refuse(self, row: Row, place: int | None, message: str, hint: str | None = None) -> None:
        """Add a problem of one field; `place` None for the whole row."""
        name = "columns" if place is None else self.table.header[place]
        label = f"row {row.number}, {name}"
        self.problems.append(Problem(row.position, label, message, hint))

    def numbers(self) -> list[int]:
        """Positions of the columns of ages."""
        columns = self.columns
        return [i for i in (columns.duration, columns.entry) if i is not None]


def _number_hint(text: str) -> str | None:
    """What to write instead of a field that is not a number."""
    if text.casefold() in _MISSING:
        return "a missing value: fill it in, or leave the row out"
    if is_date(text):
        return "a date: give the time between two dates, as duration_days"
    if re.fullmatch(r"[1-9]\d{0,2}(,\d{3})+", text):
        whole, part = text.replace(",", ""), text.replace(",", ".", 1)
        either = f", {part} if it is a decimal comma" if text.count(",") == 1 else ""
        return f"write {whole} if the comma separates thousands{either}"
    if is_number(text) and "," in text:
        return f"a decimal comma? write {text.replace(',', '.')}"
    if found := re.match(r"[+-]?\d+(\.\d+)?(?=\s*[A-Za-z%]+\.?$)", text):
        return f"write the number alone: {found[0]}"
    if re.search(r"\d", text) and re.fullmatch(r"[\d.,'’_\s]+", text):
        return "write digits with a decimal point and nothing between thousands"
    return None


def _decimal_comma(reading: _Reading) -> bool:
    """Whether commas in the columns of ages are decimal commas, and nothing speaks against it.

    Only where commas do not separate the columns; and 1,234 alone could as well be a thousand.
    """
    if reading.table.separator == ",":
        return False
    fields = [
        row.fields[place]
        for row in reading.table.rows
        for place in reading.numbers()
        if place < len(row.fields)
    ]
    commas = [text for text in fields if "," in text]
    sure = any(not re.fullmatch(r"[1-9]\d{0,2}(,\d{3})+", text) for text in commas)
    return sure and all(map(is_number, commas)) and not any("." in text for text in fields)


def _number(reading: _Reading, row: Row, place: int, unit: str) -> float:
    """A finite number of years, or NaN and a problem."""
    text = row.fields[place]
    try:
        value = float(text.replace(",", ".") if reading.decimal_comma else text)
    except ValueError:
        value = math.nan
    # float() also takes "nan", "inf" and "1_000", which a table of durations does not mean
    if not math.isfinite(value) or "_" in text:
        what = f"'{text}' is not a number" if text else "missing"
        reading.refuse(row, place, what, _number_hint(text))
        return math.nan
    return value / PER_YEAR[unit]


def _code(text: str) -> str:
    """Return a value of an event column in one spelling: 1.0 is 1, TRUE is true."""
    try:
        return f"{float(text):g}"
    except ValueError:
        return text.casefold()


def _events(reading: _Reading, rows: Sequence[Row]) -> list[bool]:
    """Whether each spell ended."""
    place, ended = reading.columns.event, {_code(value) for value in reading.columns.ended}
    codes = [_code(row.fields[place]) for row in rows]
    held = {code for code in codes if code not in _MISSING}
    name = reading.table.header[place]
    if ended - held:
        message = (
            f"--event: no row has {_listed(ended - held)} in '{name}', it holds {_listed(held)}"
        )
        reading.problems.append(Problem(reading.table.place, "header", message))
    elif not ended and held and (held == {"1", "2"} or not held & (_TRUE | _FALSE)):
        message = f"'{name}' holds {_listed(held)}, not 1 (ended) and 0 (still going on)"
        hint = f"say which value means that it ended: --event {name}=VALUE"
        if held == {"1", "2"}:
            hint += "; where R's survival package codes 1 and 2, 2 is the end: "
            hint += f"--event {name}=2"
        reading.problems.append(Problem(reading.table.place, "header", message, hint))
    else:
        for row, code in zip(rows, codes, strict=True):
            if code in _MISSING:
                what = f"'{row.fields[place]}' is neither 1 nor 0" if code else "missing"
                hint = "a missing value: fill it in, or leave the row out"
                reading.refuse(row, place, f"{what}: 1 if it ended, 0 if not", hint)
            elif not ended and code not in _TRUE | _FALSE:
                hint = f"say which values mean that a spell ended: --event {name}=VALUE"
                reading.refuse(row, place, f"'{code}' is neither 1 nor 0", hint)
    return [code in (ended or _TRUE) for code in codes]


def _listed(codes: set[str]) -> str:
    shown = sorted(codes)[:10]
    return ", ".join(shown) + (f" and {len(codes) - 10} more" if len(codes) > 10 else "")


def _ages(reading: _Reading, row: Row) -> tuple[float, float]:
    """Duration and entry of a row in years; what is wrong with it becomes a problem."""
    columns = reading.columns
    duration = _number(reading, row, columns.duration, columns.unit)
    entry = 0.0
    if columns.entry is not None:
        entry = _number(reading, row, columns.entry, columns.entry_unit)
    if duration <= 0:
        hint = "a spell that ended on its first day? write half a day" if duration == 0 else None
        got = row.fields[columns.duration]
        reading.refuse(row, columns.duration, f"must be above 0, got {got}", hint)
    if duration > _LONGEST:
        message = f"longer than {_LONGEST:g} years"
        reading.refuse(row, columns.duration, message, "is it in days?")
    if entry < 0:
        reading.refuse(row, columns.entry, f"must be at least 0, got {entry:g} years")
    if entry >= duration > 0:
        message = f"watching began at {entry:g} years, not before the spell ended at {duration:g}"
        reading.refuse(row, columns.entry, message)
    return duration, entry


def _whole_rows(reading: _Reading) -> list[Row]:
    """Rows with as many fields as the header; the others become problems."""
    table, width = reading.table, len(reading.table.header)
    odd = [row for row in table.rows if len(row.fields) != width]
    hint = "a decimal comma? write 0.4, not 0,4" if table.separator == "," else None
    if odd and len(odd) == len(table.rows) and {len(r.fields) for r in odd} == {width + 1}:
        message = f"every row has {width + 1} fields, the header {width}"
        rownames = "row names of R? leave them out: write.csv(x, row.names = FALSE)"
        hint = f"{hint}; {rownames}" if hint else rownames
        reading.problems.append(Problem(table.place, "header", message, hint))
        return []
    for row in odd:
        message = f"has {len(row.fields)} fields, the header has {width}"
        longer = hint if len(row.fields) > width else None
        if row.fields[0].startswith("#"):
            longer = "a comment? comments stand before the header"
        reading.refuse(row, None, message, longer)
    return [row for row in table.rows if len(row.fields) == width]


def _remarks(
    reading: _Reading, durations: Floats, named: Named
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Notes and warnings on how the file was read."""
    table, columns = reading.table, reading.columns
    left, warnings = unread(table, columns)
    notes = [*table.notes, *left]
    name, event = table.header[columns.duration], table.header[columns.event]
    if reading.decimal_comma:
        notes.append("commas in numbers read as decimal commas: 0,5 is a half")
    if columns.ended:
        others = {row.fields[columns.event] for row in table.rows} - set(columns.ended)
        notes.append(
            f"'{event}': {_listed(set(columns.ended))} read as ended, "
            f"{_listed(others) or 'nothing'} as still going on"
        )
    elif plain(event).startswith("cens"):
        warnings.append(
            f"1 in '{event}' read as ended: if it means still going on, write --event {event}=0"
        )
    if (median := float(np.median(durations))) > _LONG_MEDIAN:
        warnings.append(
            f"half of the spells are longer than {median:.0f} years: is '{name}' in {columns.unit}?"
        )
    days = float(durations.max()) * PER_YEAR["days"]
    if columns.unit == "days" and named.unit is None and days < _SHORT_LONGEST:
        warnings.append(f"no spell is longer than {days:.3g} days: is '{name}' in days?")
    return tuple(notes), tuple(warnings)


def _words(rows: Sequence[Row], place: int | None) -> Iterator[str]:
    for row in rows:
        yield "" if place is None else row.fields[place]


def read_spells(path: Path, named: Named | None = None) -> UserSpells:
    """Read a user's spells; the columns are described in `simulator.evidence.calibrate`."""
    named = named or Named()
    chosen = {named.duration, named.entry, (named.event or "").rpartition("=")[0] or named.event}
    table = read_table(path, lambda name: is_known(name) or name.strip() in chosen)
    columns, problems = find_columns(table, named)
    if columns is None:
        raise InputError(problems)
    if not table.rows:
        raise failed(path, "has a header but no row", "give one row per spell")
    reading = _Reading(table, columns)
    reading.decimal_comma = _decimal_comma(reading)
    rows = _whole_rows(reading)
    ages = [_ages(reading, row) for row in rows]
    ended = _events(reading, rows)
    for place in (columns.group, columns.cluster):
        for row, word in zip(rows, _words(rows, place), strict=True):
            if place is not None and not word:
                reading.refuse(row, place, "missing")
    if reading.problems:
        found = sorted(reading.problems, key=lambda p: p.position.line if p.position else 0)
        raise InputError(found[:MAX_PROBLEMS])
    if not any(ended):
        name = table.header[columns.event]
        message = f"no spell ended ('{name}' says so in no row)"
        raise failed(path, message, "nothing can be fitted")
    durations = np.array([duration for duration, _ in ages])
    spells = Spells(
        durations,
        np.array(ended),
        np.array([entry for _, entry in ages]),
        clusters(
            row.number if columns.cluster is None else row.fields[columns.cluster] for row in rows
        ),
    )
    notes, warnings = _remarks(reading, durations, named)
    return UserSpells(spells, tuple(_words(rows, columns.group)), notes, warnings)
