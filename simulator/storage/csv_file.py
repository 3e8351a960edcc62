"""Tables as CSV."""

import csv
import io
from collections.abc import Iterable, Sequence
from typing import Any, Final

# A spreadsheet takes a text that begins so for a formula, and would run it.
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")


def csv_text(names: Sequence[str], rows: Iterable[Iterable[Any]], end: str = "\n") -> str:
    """Return a table as CSV (RFC 4180): full numbers, and nothing that a spreadsheet would run.

    An apostrophe stands before texts that look like formulas; what is missing is empty.
    """
    text = io.StringIO()
    writer = csv.writer(text, lineterminator=end)
    writer.writerow(_cell(name) for name in names)
    writer.writerows([_cell(value) for value in row] for row in rows)
    return text.getvalue()


def _cell(value: Any) -> str:
    if value is None or value != value:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        return f"'{value}" if value.startswith(_FORMULA) else value
    return repr(value)
