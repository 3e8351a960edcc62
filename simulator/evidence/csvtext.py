"""A table of text from a CSV file: which bytes, which separator, which line is the header."""

import csv
import io
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from simulator.inputs import InputError, Position, Problem
from simulator.limits import MAX_CSV_BYTES, MAX_CSV_ROWS

_SEPARATORS: Final = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "bars", " ": "blanks"}

# How files begin that are opened with the same programs as CSV, and what they are.
_OTHER_FILES: Final = (
    (b"PK\x03\x04", "an Excel or OpenDocument workbook"),
    (b"\xd0\xcf\x11\xe0", "an Excel workbook"),
    (b"\x1f\x8b", "compressed (gzip)"),
    (b"PAR1", "a Parquet file"),
    (b"\xff\xfe", "text in UTF-16"),
    (b"\xfe\xff", "text in UTF-16"),
)


@dataclass(frozen=True)
class Row:
    """One line of data: its number (1 is the first after the header), its place, its fields."""

    number: int
    position: Position
    fields: tuple[str, ...]


@dataclass(frozen=True)
class Table:
    """Header and rows of a file, each field without the blanks around it."""

    path: Path
    separator: str  # between fields; a blank stands for any number of them
    header: tuple[str, ...]  # names as the file has them
    place: Position  # of the header
    rows: tuple[Row, ...]
    notes: tuple[str, ...]  # what was taken from the form of the file


def failed(path: Path, message: str, hint: str | None) -> InputError:
    """Return the error of a file that cannot be used as a whole."""
    return InputError([Problem(None, str(path), message, hint)])


def read_table(path: Path, known: Callable[[str], bool]) -> Table:
    """Read a CSV file; `InputError` if it cannot be read as a table at all.

    A line ``sep=;`` and lines of comment (``#``) before the header are passed over. Fields are
    separated by what gives the header most of the `known` columns, then most columns.
    """
    lines = list(io.StringIO(_text(path), newline=""))
    first, given, notes = _preamble(lines)
    if first == len(lines):
        raise failed(path, "the file is empty", "give a header and one row per spell")
    separator = given or _separator(lines[first], known)
    content = lines[first:]
    if separator == " ":
        content = [line.strip(" \r\n") for line in content]
    reader = csv.reader(content, delimiter=separator, strict=True, skipinitialspace=True)
    try:
        header = tuple(name.strip() for name in next(reader))
        place = Position(str(path), first + 1, 1, lines[first].rstrip("\r\n"))
        rows = tuple(_rows(path, lines, first, reader, len(header)))
    except csv.Error as error:
        line = first + max(reader.line_num, 1)
        at = Position(str(path), line, 1, lines[line - 1].rstrip("\r\n"))
        message = f"is not CSV: {error}"
        raise InputError([Problem(at, "quotes", message, "look for a stray quote")]) from None
    if separator != ",":
        notes.append(f"read as separated by {_SEPARATORS.get(separator, repr(separator))}")
    return Table(path, separator, header, place, rows, tuple(notes))


def _text(path: Path) -> str:
    try:
        with path.open("rb") as stream:
            data = stream.read(MAX_CSV_BYTES + 1)
    except OSError as error:
        raise failed(path, f"cannot be read: {error.strerror}", None) from None
    if len(data) > MAX_CSV_BYTES:
        raise failed(path, f"larger than {MAX_CSV_BYTES // 2**20} MiB", "give one row per spell")
    for start, what in _OTHER_FILES:
        if data.startswith(start):
            raise failed(path, f"is not CSV but {what}", "save it as CSV, UTF-8")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        message = f"is not text in UTF-8: byte 0x{data[error.start]:02x} in line {line}"
        raise failed(path, message, "save it as CSV, UTF-8") from None
    if "\0" in text:
        raise failed(path, "holds null bytes, so it is not text", "save it as CSV, UTF-8")
    return text


def _preamble(lines: list[str]) -> tuple[int, str | None, list[str]]:
    """Index of the header, the separator that the file states, and a note on what lies before."""
    given, comments = None, 0
    for number, line in enumerate(lines):
        stated = re.fullmatch(r'"?sep=(.)"?', line.strip("\r\n"), re.IGNORECASE)
        if stated:
            given = stated[1]
        elif line.lstrip().startswith("#"):
            comments += 1
        elif line.strip():
            notes = [f"lines of comment passed over: {comments}"] if comments else []
            return number, given, notes
    return len(lines), given, []


def _separator(header: str, known: Callable[[str], bool]) -> str:
    def fields(separator: str) -> list[str]:
        try:
            return next(csv.reader([header], delimiter=separator), [])
        except csv.Error:
            return []

    def worth(separator: str) -> tuple[int, int]:
        names = fields(separator)
        return sum(map(known, names)), len(names)

    # names have blanks in them: these separate only where nothing else does
    best = max((mark for mark in _SEPARATORS if mark != " "), key=worth)
    return best if len(fields(best)) > 1 or len(header.split()) < 2 else " "


def _rows(
    path: Path, lines: list[str], first: int, reader: Iterator[list[str]], width: int
) -> Iterator[Row]:
    number = 0
    for read in reader:
        fields = [field.strip() for field in read]
        if not any(fields):
            continue
        while len(fields) > width and not fields[-1]:  # a spreadsheet's empty columns
            fields.pop()
        number += 1
        if number > MAX_CSV_ROWS:
            raise failed(path, f"more than {MAX_CSV_ROWS:,} rows", "give a random sample of them")
        line: int = first + reader.line_num  # type: ignore[attr-defined]  # a csv reader has it
        position = Position(str(path), line, 1, lines[line - 1].rstrip("\r\n"))
        yield Row(number, position, tuple(fields))
