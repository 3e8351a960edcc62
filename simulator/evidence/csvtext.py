"""A table of text from a CSV file: which bytes, which separator, which line is the header."""

import csv
import io
import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Final

from simulator.inputs import InputError, Position, Problem
from simulator.limits import MAX_CSV_BYTES, MAX_CSV_ROWS

_SEPARATORS: Final = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "bars", " ": "blanks"}
_UTF_8: Final = "save it as CSV, UTF-8"
# How files begin that are opened with the same programs as CSV, and what they are.
_OTHER_FILES: Final = {
    b"PK\x03\x04": "an Excel or OpenDocument workbook",
    b"\xd0\xcf\x11\xe0": "an Excel workbook",
    b"\x1f\x8b": "compressed (gzip)",
    b"PAR1": "a Parquet file",
    b"\xff\xfe": "text in UTF-16",
    b"\xfe\xff": "text in UTF-16",
}


def plain(name: str) -> str:
    """Return a header in lower case with one underscore between words."""
    return re.sub(r"[\W_]+", "_", name.casefold()).strip("_")


@dataclass(frozen=True)
class Row:
    """One line of data: its number (1 is the first after the header), its place, its fields."""

    number: int
    position: Position
    fields: tuple[str, ...]


@dataclass(frozen=True)
class Table:
    """Header and rows of a file, each field without the blanks around it."""

    separator: str  # between fields; a blank stands for any number of them
    header: tuple[str, ...]  # names as the file has them
    place: Position  # of the header
    rows: tuple[Row, ...]
    notes: tuple[str, ...]  # what was taken from the form of the file

    @cached_property
    def names(self) -> list[str]:
        """Headers as `plain` has them."""
        return [plain(name) for name in self.header]

    def problem(self, message: str, hint: str | None = None) -> Problem:
        """Return a problem of the table as a whole."""
        return Problem(self.place, "header", message, hint)

    def refusal(self, message: str, hint: str | None) -> InputError:
        """Return the error of a table whose columns are not what they must be."""
        return InputError([self.problem(message, hint)])

    def sample(self, place: int) -> list[str]:
        """Fields of a column that hold something, from the first rows."""
        fields = (row.fields[place] for row in self.rows[:50] if place < len(row.fields))
        return [field for field in fields if field]


def failed(path: Path, message: str, hint: str | None) -> InputError:
    """Return the error of a file that cannot be used as a whole."""
    return InputError([Problem(None, str(path), message, hint)])


def read_table(path: Path, known: Callable[[str], bool]) -> Table:
    """Read a CSV file; `InputError` if it cannot be read as a table at all.

    A line ``sep=;`` and lines of comment (``#``) before the header are passed over. Fields are
    separated by what gives the header most of the `known` columns, then most columns.
    """
    lines = list(io.StringIO(_text(path), newline=""))
    given, comments, first = None, 0, 0
    for line in lines:
        if stated := re.fullmatch(r'"?sep=(.)"?', line.strip("\r\n"), re.IGNORECASE):
            given = stated[1]
        elif line.lstrip().startswith("#"):
            comments += 1
        elif line.strip():
            break
        first += 1
    else:
        raise failed(path, "the file is empty", "give a header and one row per spell")
    notes = [f"lines of comment passed over: {comments}"] if comments else []
    separator = given or _separator(lines[first], known)
    if separator != ",":
        notes.append(f"read as separated by {_SEPARATORS.get(separator, repr(separator))}")
    content = lines[first:]
    if separator == " ":
        content = [line.strip(" \r\n") for line in content]
    reader = csv.reader(content, delimiter=separator, strict=True, skipinitialspace=True)

    def position() -> Position:
        line = first + max(reader.line_num, 1)
        return Position(str(path), line, 1, lines[line - 1].rstrip("\r\n"))

    try:
        header, place = tuple(name.strip() for name in next(reader)), position()
        rows: list[Row] = []
        for read in reader:
            fields = [field.strip() for field in read]
            while len(fields) > len(header) and not fields[-1]:  # a spreadsheet's empty columns
                fields.pop()
            if any(fields):
                rows.append(Row(len(rows) + 1, position(), tuple(fields)))
            if len(rows) > MAX_CSV_ROWS:
                message = f"more than {MAX_CSV_ROWS:,} rows"
                raise failed(path, message, "give a random sample of them")
    except csv.Error as error:
        message, hint = f"is not CSV: {error}", "look for a stray quote"
        raise InputError([Problem(position(), "quotes", message, hint)]) from None
    return Table(separator, header, place, tuple(rows), tuple(notes))


def _text(path: Path) -> str:
    try:
        with path.open("rb") as stream:
            data = stream.read(MAX_CSV_BYTES + 1)
    except OSError as error:
        raise failed(path, f"cannot be read: {error.strerror}", None) from None
    if len(data) > MAX_CSV_BYTES:
        raise failed(path, f"larger than {MAX_CSV_BYTES // 2**20} MiB", "give one row per spell")
    for start, what in _OTHER_FILES.items():
        if data.startswith(start):
            raise failed(path, f"is not CSV but {what}", _UTF_8)
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        message = f"is not text in UTF-8: byte 0x{data[error.start]:02x} in line {line}"
        raise failed(path, message, _UTF_8) from None
    if "\0" in text:
        raise failed(path, "holds null bytes, so it is not text", _UTF_8)
    return text


def _separator(header: str, known: Callable[[str], bool]) -> str:
    def fields(separator: str) -> list[str]:
        try:
            return next(csv.reader([header], delimiter=separator), [])
        except csv.Error:
            return []

    found = {mark: fields(mark) for mark in _SEPARATORS if mark != " "}
    best = max(found, key=lambda mark: (sum(map(known, found[mark])), len(found[mark])))
    # names have blanks in them: these separate only where nothing else does
    return best if len(found[best]) > 1 or len(header.split()) < 2 else " "
