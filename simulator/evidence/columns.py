"""Which column of a user's table holds what, and what to write where that is not clear.

Only names that state a unit are taken for durations: a wrong guess is wrong by 365. R calls its
columns ``time`` and ``status``, lifelines ``T`` and ``E``, Stata ``_t`` and ``_d``. None of them
states a unit, and some count the other way round, so such names only make hints.
"""

import re
import shlex
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path
from typing import Any, Final

from simulator.evidence.csvtext import Table, plain
from simulator.evidence.spells import DAYS_PER_YEAR
from simulator.inputs import InputError, did_you_mean, listed, read_document

# Units of durations: how many make a year.
PER_YEAR: Final = {"years": 1.0, "months": 12.0, "weeks": DAYS_PER_YEAR / 7, "days": DAYS_PER_YEAR}
STATED: Final = ("years", "days")  # units that the name of a column of ages may state
# Columns that are read without being named; case, blanks and punctuation do not matter.
COLUMNS: Final = (
    *(f"{kind}_{unit}" for kind in ("duration", "entry") for unit in STATED),
    *("event", "group", "cluster"),
)
_ANY_UNIT: Final = "|".join(PER_YEAR)
_DATE: Final = re.compile(
    r"\d{1,4}([-/.])\d{1,2}\1\d{1,4}(?!\d)"  # 2001-03-04, 4.3.2001, 3/4/01
    r"|\d{4}-\d{2}$"  # 2001-03
    r"|\d{1,2}[ .-]{0,2}[^\W\d_]{3,9}\.?[ ,-]{0,2}\d{2,4}$"  # 4 March 2001
    r"|[^\W\d_]{3,9}\.? \d{1,2},? \d{4}$"  # March 4, 2001
)


@cache
def _called() -> dict[str, frozenset[str]]:
    """Return what columns of other tools are called, by what they hold."""
    words = read_document(Path(__file__).with_suffix(".yaml")).value
    return {kind: frozenset(text.split()) for kind, text in words.items()}


@dataclass(frozen=True)
class Named:
    """Columns and codes that the user names, as the options of ``simulator calibrate`` do.

    ``unit`` is one of `PER_YEAR`; ``event`` is ``COLUMN`` or ``COLUMN=VALUE,VALUE``, the values
    that mean an end; the entry age has the unit of the duration.
    """

    duration: str | None = None
    unit: str | None = None
    event: str | None = None
    entry: str | None = None
    group: str | None = None
    cluster: str | None = None


@dataclass(frozen=True)
class Columns:
    """Positions of the columns to read; None for those that are not there."""

    duration: int
    unit: str
    event: int
    ended: tuple[str, ...]  # values of the event column that mean an end, if the user stated them
    entry: int | None
    entry_unit: str
    group: int | None
    cluster: int | None


def find_columns(table: Table, named: Named) -> Columns:
    """Say which column is which; `InputError` with every reason why that cannot be said."""
    names = table.names
    problems = [
        table.problem(f"the column {name} appears more than once", "keep one of them")
        for name in sorted({name for name in names if name in COLUMNS and names.count(name) > 1})
    ]
    found: list[Any] = []
    words = [partial(_word, kind=kind) for kind in ("group", "cluster")]
    finders: list[Callable[[Table, Named], tuple[Any, ...]]] = [_duration, _event, _entry, *words]
    for find in finders:
        try:
            found += find(table, named)
        except InputError as refused:
            problems += refused.problems
    if problems:
        raise InputError(problems)
    return Columns(*found)


def _place(table: Table, name: str, option: str) -> int:
    """Position of a column that the user names."""
    header = table.header
    alike = [i for i, other in enumerate(header) if other == name]
    alike = alike or [i for i, other in enumerate(table.names) if other == plain(name)]
    if len(alike) > 1:
        raise table.refusal(f"{option}: {len(alike)} columns are called '{name}'", "rename one")
    if not alike:
        message = f"{option}: no column '{name}', there are: {_quoted(header)}"
        raise table.refusal(message, did_you_mean(name, header))
    return alike[0]


def _with_unit(table: Table, kind: str) -> tuple[int | None, str]:
    """Position and unit of a column of ages whose name states the unit."""
    stated = [unit for unit in STATED if f"{kind}_{unit}" in table.names]
    if len(stated) > 1:
        raise table.refusal(f"both {kind}_years and {kind}_days are given", "keep one of the two")
    return (table.names.index(f"{kind}_{stated[0]}"), stated[0]) if stated else (None, "years")


def _duration(table: Table, named: Named) -> tuple[int, str]:
    """Position and unit."""
    if named.duration is None:
        if named.unit is not None:
            raise table.refusal("--unit goes with --duration", "name the column as well")
        found, unit = _with_unit(table, "duration")
        if found is None:
            raise table.refusal(*_no_duration(table))
        return found, unit
    place = _place(table, named.duration, "--duration")
    stated = next((u for u in STATED if plain(named.duration) == f"duration_{u}"), None)
    if not (named.unit or stated):
        message = f"--duration {named.duration}: in which unit?"
        raise table.refusal(message, f"add --unit {_ANY_UNIT}")
    return place, named.unit or str(stated)


def _event(table: Table, named: Named) -> tuple[int, tuple[str, ...]]:
    """Position, and the values that the user says mean an end."""
    if named.event is None:
        if "event" not in table.names:
            raise table.refusal(*_no_event(table))
        return table.names.index("event"), ()
    name, equals, values = named.event.rpartition("=")
    if not equals or named.event in table.header:
        return _place(table, named.event, "--event"), ()
    ended = tuple(value.strip() for value in values.split(",") if value.strip())
    if not ended:
        raise table.refusal("--event: no value after '='", f"write --event {name}=VALUE")
    return _place(table, name, "--event"), ended


def _entry(table: Table, named: Named) -> tuple[int | None, str]:
    """Position, if there is one, and unit."""
    if named.entry is None:
        return _with_unit(table, "entry")
    unit = named.unit or _with_unit(table, "duration")[1]
    return _place(table, named.entry, "--entry"), unit


def _word(table: Table, named: Named, kind: str) -> tuple[int | None]:
    name: str | None = getattr(named, kind)
    if name is None:
        return (table.names.index(kind) if kind in table.names else None,)
    return (_place(table, name, f"--{kind}"),)


def unread(table: Table, columns: Columns) -> tuple[list[str], list[str]]:
    """Return a note on the columns that are not read, and warnings of those that might matter."""
    used = (columns.duration, columns.event, columns.entry, columns.group, columns.cluster)
    left = [i for i, name in enumerate(table.header) if name and i not in used]
    notes = [f"columns not read: {', '.join(table.header[i] for i in left)}"] if left else []
    warnings, called = [], _called()
    for place in left:
        name, word = table.header[place], table.names[place]
        parts = word.split("_")
        if word in called["weight"] or parts[0] == "weight" or parts[-1] in ("weight", "weights"):
            warnings.append(
                f"the column '{name}' is not read: every row counts once. If it says how many "
                "spells a row stands for, repeat the row so many times"
            )
        elif columns.entry is None and (word in called["entry"] or "entry" in parts):
            dates = all(is_date(row.fields[place]) for row in table.rows[:5])
            what = "when watching began" if dates else "the age at which watching began"
            warnings.append(
                f"the column '{name}' is not read: every spell is taken as watched from its start. "
                f"If it is {what}, give that age as entry_years or entry_days, or by --entry COLUMN"
            )
    return notes, warnings


def is_number(text: str) -> bool:
    """Whether a field is a number, a decimal comma allowed."""
    return re.fullmatch(r"[+-]?(\d+([.,]\d*)?|[.,]\d+)([eE][+-]?\d+)?", text) is not None


def is_date(text: str) -> bool:
    """Whether a field looks like a date, with or without a time of day."""
    return _DATE.match(text) is not None


def _quoted(names: Iterable[str]) -> str:
    return listed(f"'{name}'" for name in names)


def _most(table: Table, place: int, test: Callable[[str], bool]) -> bool:
    """Whether nearly all fields of a column pass a test."""
    fields = table.sample(place)
    return bool(fields) and sum(map(test, fields)) > 0.9 * len(fields)


def _no_duration(table: Table) -> tuple[str, str]:
    """Say what is wrong with a table without a known duration, and what to write."""
    header, names, called = table.header, table.names, _called()
    message = "there is no column duration_years or duration_days"
    if all(is_number(name) or not name for name in header):
        return (
            f"{message}: the first line holds numbers, not names",
            "begin with a line such as duration_years,event; if a comment names the columns, take "
            "its # away",
        )
    if dates := [i for i in range(len(header)) if _most(table, i, is_date)]:
        first = next((i for i in dates if names[i] in called["start"]), dates[0])
        later = [i for i in dates if i != first] or dates
        last = next((i for i in later if names[i] in called["stop"]), later[0])
        span = f"'{header[first]}' to '{header[last]}'" if last != first else "start to end"
        hold = "holds dates" if len(dates) == 1 else "hold dates"
        return (
            f"{message}; {_quoted(header[i] for i in dates)} {hold}",
            f"add a column duration_days with the days from {span}",
        )
    numbers = [i for i in range(len(header)) if _most(table, i, is_number)]
    starts = [i for i in numbers if names[i] in called["start"]]
    stops = [i for i in numbers if names[i] in called["stop"] and i not in starts[:1]]
    if starts and stops:
        start, stop = header[starts[0]], header[stops[0]]
        return (
            f"{message}; if '{start}' and '{stop}' are the ages at which watching began and "
            "stopped, they lack their unit",
            "rename them entry_years and duration_years, or entry_days and duration_days, or add "
            f"--entry {shlex.quote(start)} --duration {shlex.quote(stop)} --unit {_ANY_UNIT}",
        )
    return message, _duration_hint(table, numbers)


def _duration_hint(table: Table, numbers: Sequence[int]) -> str:
    """Name the column that is probably the duration, and ask for its unit."""
    words = {i: set(table.names[i].split("_")) for i in numbers}
    units = {i: next((u for u in PER_YEAR if words[i] & _called()[u]), None) for i in numbers}
    # those that are called a duration and have a unit, then either
    likely = {i: 2 * bool(words[i] & _called()["duration"]) + bool(units[i]) for i in numbers}
    place = max(numbers, key=lambda i: likely[i], default=None)
    if place is None or not likely[place]:
        columns = _quoted(table.header)
        return f"the columns are {columns}; say which: --duration COLUMN --unit {_ANY_UNIT}"
    name, unit = table.header[place], units[place]
    call = f"add --duration {shlex.quote(name)} --unit {unit or _ANY_UNIT}"
    names = "duration_years or duration_days"
    if unit is None:
        return f"'{name}' does not say its unit: rename it {names}, or {call}"
    if unit in STATED:
        return f"if '{name}' is it, rename it duration_{unit}, or {call}"
    return (
        f"if '{name}' is it, in {unit}, {call}; or turn it into years or days and name it {names}"
    )


def _no_event(table: Table) -> tuple[str, str]:
    """Say what is wrong with a table without a column ``event``, and what to write."""
    message = "there is no column event (1 if the spell ended, 0 if it was still going on)"
    for place, name in enumerate(table.header):
        words = set(table.names[place].split("_"))
        values = sorted(set(table.sample(place)))
        if words & _called()["event"] and 0 < len(values) <= 6 and not _most(table, place, is_date):
            odd = any(word.startswith("cens") or word == "c" for word in words)
            caution = ", where 1 may mean that the spell was still going on" if odd else ""
            return (
                f"{message}; '{name}' looks like it{caution}; it holds {', '.join(values)}",
                f"add --event {shlex.quote(name)}=VALUE, the value that means that it ended, or "
                "rename it event with 1 and 0",
            )
    return message, f"the columns are {_quoted(table.header)}; say which: --event COLUMN=VALUE"
