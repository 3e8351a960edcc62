"""Reading spells from a user's CSV, strictly: every bad row at once, each with its number."""

import math
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from simulator.evidence.columns import (
    COLUMNS,
    PER_YEAR,
    Columns,
    Named,
    find_columns,
    is_date,
    is_number,
    unread,
)
from simulator.evidence.csvtext import Row, Table, failed, plain, read_table
from simulator.evidence.spells import Spells, clusters
from simulator.inputs import InputError, Problem
from simulator.inputs.problems import MAX_PROBLEMS

__all__ = ["COLUMNS", "Named", "UserSpells", "read_spells"]

_TRUE = frozenset({"1", "true", "t", "yes", "y"})
_FALSE = frozenset({"0", "false", "f", "no", "n"})
_MISSING = frozenset({"", ".", "-", "?", "na", "n/a", "#n/a", "nan", "null", "none", "missing"})
_FILL_IN = "a missing value: fill it in, or leave the row out"
_THOUSANDS = re.compile(r"[1-9]\d{0,2}(,\d{3})+")
_LONGEST = 1000.0  # years; beyond it a column of days was taken for years
_LONG_MEDIAN = 100.0  # years; above it that is likely
_SHORT_LONGEST = 100.0  # days; below it a column of years may have been taken for days


@dataclass(frozen=True)
class UserSpells:
    """Spells of a file, and the group of each (empty words if there is no such column)."""

    spells: Spells
    groups: tuple[str, ...]
    notes: tuple[str, ...]  # how the file was read
    warnings: tuple[str, ...] = ()  # what may have been read wrongly


def read_spells(path: Path, named: Named | None = None) -> UserSpells:
    """Read a user's spells; the columns are described in `simulator.evidence.calibrate`."""
    named = named or Named()
    chosen = {named.duration, named.entry, (named.event or "").rpartition("=")[0] or named.event}
    table = read_table(path, lambda name: plain(name) in COLUMNS or name.strip() in chosen)
    columns = find_columns(table, named)
    if not table.rows:
        raise failed(path, "has a header but no row", "give one row per spell")
    reading = _Reading(table, columns)
    ages = [reading.ages(row) for row in reading.rows]
    ended = reading.events()
    groups, names = reading.words(columns.group), reading.words(columns.cluster)
    if reading.problems:
        found = sorted(reading.problems, key=lambda p: p.position.line if p.position else 0)
        raise InputError(found[:MAX_PROBLEMS])
    if not any(ended):
        message = f"no spell ended ('{table.header[columns.event]}' says so in no row)"
        raise failed(path, message, "nothing can be fitted")
    durations, entries = np.array(ages).T
    alone = [row.number for row in reading.rows]
    own = clusters(alone if columns.cluster is None else names)
    spells = Spells(durations, np.array(ended), entries, own)
    return UserSpells(spells, groups, *map(tuple, _remarks(reading, spells, named)))


class _Reading:
    """A table on the way to spells: its whole rows, and the problems found so far."""

    def __init__(self, table: Table, columns: Columns) -> None:
        self.table, self.columns = table, columns
        self.problems: list[Problem] = []
        self.rows = self._whole_rows()
        self.decimal_comma = self._has_decimal_comma()

    def refuse(self, row: Row, place: int | None, message: str, hint: str | None = None) -> None:
        """Add a problem of one field; `place` None for the whole row."""
        name = "columns" if place is None else self.table.header[place]
        self.problems.append(Problem(row.position, f"row {row.number}, {name}", message, hint))

    def _whole_rows(self) -> list[Row]:
        """Rows with as many fields as the header; the others become problems."""
        table, width = self.table, len(self.table.header)
        odd = [row for row in table.rows if len(row.fields) != width]
        hint = "a decimal comma? write 0.4, not 0,4" if table.separator == "," else None
        if len(odd) == len(table.rows) and {len(r.fields) for r in odd} == {width + 1}:
            names = "row names of R? leave them out: write.csv(x, row.names = FALSE)"
            message = f"every row has {width + 1} fields, the header {width}"
            self.problems.append(table.problem(message, f"{hint}; {names}" if hint else names))
            return []
        for row in odd:
            longer = hint if len(row.fields) > width else None
            if row.fields[0].startswith("#"):
                longer = "a comment? comments stand before the header"
            self.refuse(row, None, f"has {len(row.fields)} fields, the header has {width}", longer)
        return [row for row in table.rows if len(row.fields) == width]

    def _has_decimal_comma(self) -> bool:
        """Whether commas in ages are surely decimal commas: 1,234 alone could be a thousand."""
        if self.table.separator == ",":
            return False
        places = [i for i in (self.columns.duration, self.columns.entry) if i is not None]
        fields = [row.fields[i] for row in self.table.rows for i in places if i < len(row.fields)]
        commas = [text for text in fields if "," in text]
        sure = any(not _THOUSANDS.fullmatch(text) for text in commas)
        return sure and all(map(is_number, commas)) and not any("." in text for text in fields)

    def ages(self, row: Row) -> tuple[float, float]:
        """Duration and entry of a row in years; what is wrong with it becomes a problem."""
        columns = self.columns
        duration, entry = self._years(row, columns.duration, columns.unit), 0.0
        if columns.entry is not None:
            entry = self._years(row, columns.entry, columns.entry_unit)
        if duration <= 0:
            day = "a spell that ended on its first day? write half a day"
            message = f"must be above 0, got {row.fields[columns.duration]}"
            self.refuse(row, columns.duration, message, day if duration == 0 else None)
        if duration > _LONGEST:
            message = f"longer than {_LONGEST:g} years"
            self.refuse(row, columns.duration, message, "is it in days?")
        if entry < 0:
            self.refuse(row, columns.entry, f"must be at least 0, got {entry:g} years")
        if entry >= duration > 0:
            late = f"watching began at {entry:g} years, not before the spell ended at {duration:g}"
            self.refuse(row, columns.entry, late)
        return duration, entry

    def _years(self, row: Row, place: int, unit: str) -> float:
        """A finite number of years, or NaN and a problem."""
        text = row.fields[place]
        written = text.replace(",", ".") if self.decimal_comma else text
        # float() would also take "nan", "inf" and "1_000", which no table of durations means
        value = float(written) if is_number(written) and "," not in written else math.nan
        if math.isfinite(value):
            return value / PER_YEAR[unit]
        what = f"'{text}' is not a number" if text else "missing"
        self.refuse(row, place, what, _number_hint(text))
        return math.nan

    def events(self) -> list[bool]:
        """Whether each spell ended."""
        place, ended = self.columns.event, set(map(_code, self.columns.ended))
        codes = [_code(row.fields[place]) for row in self.rows]
        held = set(codes) - _MISSING
        name = self.table.header[place]
        if ended - held:
            lacking = f"--event: no row has {_listed(ended - held)} in '{name}'"
            self.problems.append(self.table.problem(f"{lacking}, it holds {_listed(held)}"))
        elif not ended and held and (held == {"1", "2"} or not held & (_TRUE | _FALSE)):
            hint = f"say which value means that it ended: --event {name}=VALUE"
            if held == {"1", "2"}:
                hint += "; where R's survival package codes 1 and 2, 2 is the end: "
                hint += f"--event {name}=2"
            message = f"'{name}' holds {_listed(held)}, not 1 (ended) and 0 (still going on)"
            self.problems.append(self.table.problem(message, hint))
        else:
            for row, code in zip(self.rows, codes, strict=True):
                if code in _MISSING:
                    what = f"'{row.fields[place]}' is neither 1 nor 0" if code else "missing"
                    self.refuse(row, place, f"{what}: 1 if it ended, 0 if not", _FILL_IN)
                elif not ended and code not in _TRUE | _FALSE:
                    hint = f"say which values mean that a spell ended: --event {name}=VALUE"
                    self.refuse(row, place, f"'{code}' is neither 1 nor 0", hint)
        return [code in (ended or _TRUE) for code in codes]

    def words(self, place: int | None) -> tuple[str, ...]:
        """A column of words, empty ones if it is not there."""
        words = tuple("" if place is None else row.fields[place] for row in self.rows)
        for row, word in zip(self.rows, words, strict=True):
            if place is not None and not word:
                self.refuse(row, place, "missing")
        return words


def _number_hint(text: str) -> str | None:
    """What to write instead of a field that is not a number."""
    if text.casefold() in _MISSING:
        return _FILL_IN
    if is_date(text):
        return "a date: give the time between two dates, as duration_days"
    if _THOUSANDS.fullmatch(text):
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


def _code(text: str) -> str:
    """Return a value of an event column in one spelling: 1.0 is 1, TRUE is true."""
    try:
        return f"{float(text):g}"
    except ValueError:
        return text.casefold()


def _listed(codes: Iterable[str]) -> str:
    shown, more = sorted(codes)[:10], len(set(codes)) - 10
    return ", ".join(shown) + (f" and {more} more" if more > 0 else "")


def _remarks(reading: _Reading, spells: Spells, named: Named) -> tuple[list[str], list[str]]:
    """Notes on how the file was read, and warnings of what may have been read wrongly."""
    table, columns = reading.table, reading.columns
    left, warnings = unread(table, columns)
    notes = [*table.notes, *left]
    name, event = table.header[columns.duration], table.header[columns.event]
    if reading.decimal_comma:
        notes.append("commas in numbers read as decimal commas: 0,5 is a half")
    if columns.ended:
        others = {row.fields[columns.event] for row in table.rows} - set(columns.ended)
        ended, going = _listed(columns.ended), _listed(others) or "nothing"
        notes.append(f"'{event}': {ended} read as ended, {going} as still going on")
    elif plain(event).startswith("cens"):
        still = f"if it means still going on, write --event {event}=0"
        warnings.append(f"1 in '{event}' read as ended: {still}")
    if (median := float(np.median(spells.exit))) > _LONG_MEDIAN:
        half = f"half of the spells are longer than {median:.0f} years"
        warnings.append(f"{half}: is '{name}' in {columns.unit}?")
    days = float(spells.exit.max()) * PER_YEAR["days"]
    if columns.unit == "days" and named.unit is None and days < _SHORT_LONGEST:
        warnings.append(f"no spell is longer than {days:.3g} days: is '{name}' in days?")
    return notes, warnings
