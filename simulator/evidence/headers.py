"""Headers of other tools: what a column probably holds, and what to write so that it is known.

R calls its columns ``time`` and ``status``, lifelines ``T`` and ``E``, Stata ``_t`` and ``_d``.
None of them states a unit, and some count the other way round, so nothing is taken from these
names: they make the hints.
"""

import re
import shlex
from collections.abc import Callable, Iterable, Sequence
from typing import Final

from simulator.evidence.csvtext import Table
from simulator.evidence.spells import DAYS_PER_YEAR
from simulator.inputs import listed

__all__ = [
    "PER_YEAR",
    "is_date",
    "is_number",
    "like_entry",
    "like_weight",
    "no_duration",
    "no_event",
    "plain",
    "quoted",
]

PER_YEAR: Final = {
    "years": 1.0,
    "months": 12.0,
    "weeks": DAYS_PER_YEAR / 7,
    "days": DAYS_PER_YEAR,
}
"""Units of durations: how many make a year."""

_ANY_UNIT: Final = "|".join(PER_YEAR)


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_UNITS: Final = {
    "years": _words("years year yrs yr y"),
    "months": _words("months month mos mo mths"),
    "weeks": _words("weeks week wks wk"),
    "days": _words("days day d"),
}
_DURATIONS: Final = _words(
    "duration durations dur time times t survtime survival futime followup follow fu lasted length "
    "tenure spell lifetime life los stop tstop exit"
)
_STARTS: Final = _words(
    "start tstart start_time time0 t0 time1 begin began entry enter left start_date date_start "
    "begin_date start_day from signed"
)
_STOPS: Final = _words(
    "stop tstop stop_time time1 time2 t end ended exit right end_date date_end stop_date end_day to"
)
_EVENTS: Final = _words(
    "status stat dead death died deceased event events observed failed failure fail fails e d "
    "ended over collapsed collapse outcome arrest relapse censor censored cens censoring c"
)
_WEIGHTS: Final = _words(
    "weight weights wt wts wgt freq frequency fweight pweight iweight count counts"
)
_ENTRIES: Final = _words("start tstart start_time t0 time0 left truncation age_at_entry")


def plain(name: str) -> str:
    """Return a header in lower case with one underscore between words.

    >>> plain("Duration (years)")
    'duration_years'
    """
    return re.sub(r"[\W_]+", "_", name.casefold()).strip("_")


def quoted(names: Iterable[str]) -> str:
    """Return headers as the file has them, quoted and listed."""
    return listed(f"'{name}'" for name in names)


def is_number(text: str) -> bool:
    """Whether a field is a number, a decimal comma allowed."""
    return re.fullmatch(r"[+-]?(\d+([.,]\d*)?|[.,]\d+)([eE][+-]?\d+)?", text) is not None


_DATE: Final = re.compile(
    r"\d{1,4}([-/.])\d{1,2}\1\d{1,4}(?!\d)"  # 2001-03-04, 4.3.2001, 3/4/01
    r"|\d{4}-\d{2}$"  # 2001-03
    r"|\d{1,2}[ .-]{0,2}[^\W\d_]{3,9}\.?[ ,-]{0,2}\d{2,4}$"  # 4 March 2001
    r"|[^\W\d_]{3,9}\.? \d{1,2},? \d{4}$"  # March 4, 2001
)


def is_date(text: str) -> bool:
    """Whether a field looks like a date, with or without a time of day."""
    return _DATE.match(text) is not None


def like_weight(name: str) -> bool:
    """Whether a column seems to say how often a row counts."""
    word = plain(name)
    return word in _WEIGHTS or word.startswith("weight_") or word.endswith(("_weight", "_weights"))


def like_entry(name: str) -> bool:
    """Whether a column seems to say when watching began."""
    return plain(name) in _ENTRIES or "entry" in plain(name).split("_")


def _most(table: Table, place: int, test: Callable[[str], bool]) -> bool:
    """Whether nearly all fields of a column pass a test."""
    fields = _sample(table, place)
    return bool(fields) and sum(map(test, fields)) > 0.9 * len(fields)


def _sample(table: Table, place: int) -> list[str]:
    """Return fields of a column that hold something, from the first rows."""
    fields = [row.fields[place] for row in table.rows[:50] if place < len(row.fields)]
    return [field for field in fields if field]


def _unit(name: str) -> str | None:
    """Unit that a header states."""
    words = set(plain(name).split("_"))
    return next((unit for unit, alike in _UNITS.items() if words & alike), None)


def _chosen(table: Table, places: Sequence[int], words: frozenset[str]) -> int:
    """The first of the places whose header is one of the words, else the first."""
    return next((i for i in places if plain(table.header[i]) in words), places[0])


def no_duration(table: Table) -> tuple[str, str]:
    """Say what is wrong with a table without a known duration, and what to write."""
    header = table.header
    message = "there is no column duration_years or duration_days"
    if all(is_number(name) or not name for name in header):
        return (
            f"{message}: the first line holds numbers, not names",
            "begin with a line such as duration_years,event; if a comment names the columns, take "
            "its # away",
        )
    dates = [i for i in range(len(header)) if _most(table, i, is_date)]
    if dates:
        first = _chosen(table, dates, _STARTS)
        last = _chosen(table, [i for i in dates if i != first] or dates, _STOPS)
        span = f"'{header[first]}' to '{header[last]}'" if last != first else "start to end"
        hold = "holds dates" if len(dates) == 1 else "hold dates"
        return (
            f"{message}; {quoted(header[i] for i in dates)} {hold}",
            f"add a column duration_days with the days from {span}",
        )
    numbers = [i for i in range(len(header)) if _most(table, i, is_number)]
    starts = [i for i in numbers if plain(header[i]) in _STARTS]
    stops = [i for i in numbers if plain(header[i]) in _STOPS and i not in starts[:1]]
    if starts and stops:
        start, stop = header[starts[0]], header[stops[0]]
        call = f"--entry {shlex.quote(start)} --duration {shlex.quote(stop)} --unit {_ANY_UNIT}"
        return (
            f"{message}; if '{start}' and '{stop}' are the ages at which watching began and "
            "stopped, they lack their unit",
            "rename them entry_years and duration_years, or entry_days and duration_days, or add "
            f"{call}",
        )
    return message, _duration_hint(table, numbers)


def _duration_hint(table: Table, numbers: Sequence[int]) -> str:
    """Name the column that is probably the duration, and ask for its unit."""
    header = table.header
    worded = [i for i in numbers if _DURATIONS & set(plain(header[i]).split("_"))]
    timed = [i for i in numbers if _unit(header[i])]
    for place in [*(i for i in worded if i in timed), *worded, *timed]:
        name, unit = header[place], _unit(header[place])
        call = f"add --duration {shlex.quote(name)} --unit {unit or _ANY_UNIT}"
        if unit is None:
            return (
                f"'{name}' does not say its unit: rename it duration_years or duration_days, or "
                f"{call}"
            )
        if unit in ("years", "days"):
            return f"if '{name}' is it, rename it duration_{unit}, or {call}"
        return (
            f"if '{name}' is it, in {unit}, {call}; or turn it into years or days and name it "
            "duration_years or duration_days"
        )
    return f"the columns are {quoted(header)}; say which: --duration COLUMN --unit {_ANY_UNIT}"


def no_event(table: Table) -> tuple[str, str]:
    """Say what is wrong with a table without a column ``event``, and what to write."""
    message = "there is no column event (1 if the spell ended, 0 if it was still going on)"
    for place, name in enumerate(table.header):
        words = set(plain(name).split("_"))
        values = sorted(set(_sample(table, place)))
        if words & _EVENTS and 0 < len(values) <= 6 and not _most(table, place, is_date):
            odd = any(word.startswith("cens") or word == "c" for word in words)
            caution = ", where 1 may mean that the spell was still going on" if odd else ""
            return (
                f"{message}; '{name}' looks like it{caution}; it holds {', '.join(values)}",
                f"add --event {shlex.quote(name)}=VALUE, the value that means that it ended, or "
                "rename it event with 1 and 0",
            )
    return message, f"the columns are {quoted(table.header)}; say which: --event COLUMN=VALUE"
