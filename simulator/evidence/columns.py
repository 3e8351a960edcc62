"""Which column of a user's table holds what.

Only names that state a unit are taken for durations: a wrong guess is wrong by 365. Every other
column is named by the user.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, TypeVar

from simulator.evidence.csvtext import Table
from simulator.evidence.headers import (
    PER_YEAR,
    is_date,
    like_entry,
    like_weight,
    no_duration,
    no_event,
    plain,
    quoted,
)
from simulator.inputs import Problem, closest

__all__ = ["COLUMNS", "Columns", "Named", "find_columns", "is_known", "unread"]

T = TypeVar("T")

COLUMNS: Final = (
    "duration_years",
    "duration_days",
    "event",
    "entry_years",
    "entry_days",
    "group",
    "cluster",
)
"""Columns that are read without being named; case, blanks and punctuation do not matter."""


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
    """Positions of the columns to read; None for those that are not there.

    ``ended`` are the values of the event column that mean an end, if the user stated them.
    """

    duration: int
    unit: str
    event: int
    ended: tuple[str, ...]
    entry: int | None
    entry_unit: str
    group: int | None
    cluster: int | None

    @property
    def used(self) -> set[int]:
        """All positions that are read."""
        places = (self.duration, self.event, self.entry, self.group, self.cluster)
        return {place for place in places if place is not None}


class _UnknownError(Exception):
    """A column that cannot be told; the message and the hint."""


def is_known(name: str) -> bool:
    """Whether a header is one of `COLUMNS`."""
    return plain(name) in COLUMNS


def find_columns(table: Table, named: Named) -> tuple[Columns | None, list[Problem]]:
    """Say which column is which, or every reason why that cannot be said."""
    problems: list[Problem] = []
    names = [plain(name) for name in table.header]
    for name in sorted({name for name in names if name in COLUMNS and names.count(name) > 1}):
        message = f"the column {name} appears more than once"
        problems.append(Problem(table.place, "header", message, "keep one of them"))

    def attempt(find: Callable[[Table, Named], T]) -> T | None:
        try:
            return find(table, named)
        except _UnknownError as refused:
            message, hint = refused.args
            problems.append(Problem(table.place, "header", message, hint))
            return None

    duration, event, entry = attempt(_duration), attempt(_event), attempt(_entry)
    group = attempt(lambda t, n: _word(t, n.group, "group"))
    cluster = attempt(lambda t, n: _word(t, n.cluster, "cluster"))
    if problems or duration is None or event is None or entry is None:
        return None, problems
    return Columns(*duration, *event, *entry, group, cluster), []


def _place(table: Table, name: str, option: str) -> int:
    """Position of a column that the user names."""
    header = table.header
    alike = [i for i, other in enumerate(header) if other == name]
    alike = alike or [i for i, other in enumerate(header) if plain(other) == plain(name)]
    if len(alike) == 1:
        return alike[0]
    if alike:
        raise _UnknownError(f"{option}: {len(alike)} columns are called '{name}'", "rename one")
    near = closest(name, header)
    hint = f"did you mean '{near}'?" if near else None
    raise _UnknownError(f"{option}: no column '{name}', there are: {quoted(header)}", hint)


def _with_unit(table: Table, kind: str) -> tuple[int | None, str]:
    """Position and unit of a column of ages whose name states the unit."""
    names = [plain(name) for name in table.header]
    stated = [unit for unit in ("years", "days") if f"{kind}_{unit}" in names]
    if len(stated) > 1:
        raise _UnknownError(f"both {kind}_years and {kind}_days are given", "keep one of the two")
    return (names.index(f"{kind}_{stated[0]}"), stated[0]) if stated else (None, "years")


def _duration(table: Table, named: Named) -> tuple[int, str]:
    """Position and unit."""
    if named.duration is None:
        if named.unit is not None:
            raise _UnknownError("--unit goes with --duration", "name the column as well")
        place, unit = _with_unit(table, "duration")
        if place is None:
            raise _UnknownError(*no_duration(table))
        return place, unit
    place = _place(table, named.duration, "--duration")
    stated = next((u for u in ("years", "days") if plain(named.duration) == f"duration_{u}"), None)
    chosen = named.unit or stated
    if chosen is None:
        units = "|".join(PER_YEAR)
        raise _UnknownError(f"--duration {named.duration}: in which unit?", f"add --unit {units}")
    return place, chosen


def _event(table: Table, named: Named) -> tuple[int, tuple[str, ...]]:
    """Position, and the values that the user says mean an end."""
    if named.event is None:
        names = [plain(name) for name in table.header]
        if "event" not in names:
            raise _UnknownError(*no_event(table))
        return names.index("event"), ()
    name, equals, values = named.event.rpartition("=")
    if not equals or named.event in table.header:
        return _place(table, named.event, "--event"), ()
    ended = tuple(value.strip() for value in values.split(",") if value.strip())
    if not ended:
        raise _UnknownError("--event: no value after '='", f"write --event {name}=VALUE")
    return _place(table, name, "--event"), ended


def _entry(table: Table, named: Named) -> tuple[int | None, str]:
    """Position, if there is one, and unit."""
    if named.entry is None:
        return _with_unit(table, "entry")
    unit = named.unit or _with_unit(table, "duration")[1]
    return _place(table, named.entry, "--entry"), unit


def _word(table: Table, name: str | None, kind: str) -> int | None:
    if name is not None:
        return _place(table, name, f"--{kind}")
    names = [plain(other) for other in table.header]
    return names.index(kind) if kind in names else None


def unread(table: Table, columns: Columns) -> tuple[list[str], list[str]]:
    """Return a note on the columns that are not read, and warnings of those that might matter."""
    left = [i for i, name in enumerate(table.header) if name and i not in columns.used]
    notes = [f"columns not read: {', '.join(table.header[i] for i in left)}"] if left else []
    warnings = []
    for place in left:
        name = table.header[place]
        if like_weight(name):
            warnings.append(
                f"the column '{name}' is not read: every row counts once. If it says how many "
                "spells a row stands for, repeat the row so many times"
            )
        elif columns.entry is None and like_entry(name):
            dates = all(is_date(row.fields[place]) for row in table.rows[:5])
            what = "the age at which watching began" if not dates else "when watching began"
            warnings.append(
                f"the column '{name}' is not read: every spell is taken as watched from its start. "
                f"If it is {what}, give that age as entry_years or entry_days, or by --entry COLUMN"
            )
    return notes, warnings
