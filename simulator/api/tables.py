"""Tidy tables: rows of one kind under named columns."""

from __future__ import annotations

import html
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from simulator.storage.parquet import as_arrow

if TYPE_CHECKING:
    import pandas
    import polars

_SHOWN: Final = 10  # rows in a notebook


class Table(Mapping[str, "np.ndarray[Any, Any]"]):
    """Columns of equal length, by name.

    Any library that reads Arrow takes it as it is, by the PyCapsule interface:
    ``pyarrow.table(t)``, ``polars.DataFrame(t)``, ``duckdb.arrow(t)``.

    Parameters
    ----------
    columns : mapping of str to array, each of shape (rows,)
        float with NaN for missing, int, bool, or object arrays of str with None for missing.
    """

    def __init__(self, columns: Mapping[str, np.ndarray[Any, Any]]) -> None:
        self._columns = dict(columns)

    def __getitem__(self, name: str) -> np.ndarray[Any, Any]:
        return self._columns[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._columns)

    def __len__(self) -> int:
        return len(self._columns)

    @property
    def rows(self) -> int:
        """Number of rows."""
        return next(iter(self._columns.values())).size if self._columns else 0

    def where(self, **equal: object) -> Table:
        """Return the rows in which every named column has the given value."""
        kept = np.ones(self.rows, bool)
        for name, value in equal.items():
            kept &= self._columns[name] == value
        return Table({name: column[kept] for name, column in self._columns.items()})

    def to_pandas(self) -> pandas.DataFrame:
        """Return a pandas data frame (pandas must be installed)."""
        import pandas

        return pandas.DataFrame(self._columns)

    def to_polars(self) -> polars.DataFrame:
        """Return a polars data frame (polars must be installed)."""
        import polars

        return polars.DataFrame(self)

    def __arrow_c_stream__(self, requested_schema: object | None = None) -> object:
        """Return a stream of the table (Arrow PyCapsule interface)."""
        return as_arrow(self._columns).__arrow_c_stream__(requested_schema)

    def __repr__(self) -> str:
        lines = ["  ".join(self._columns)]
        lines += ["  ".join(row) for row in self._texts(_SHOWN)]
        more = self.rows - _SHOWN
        return "\n".join(lines + ([f"... {more:,} more rows"] if more > 0 else []))

    def _repr_html_(self) -> str:
        head = "".join(f"<th>{html.escape(name)}</th>" for name in self._columns)
        body = "".join(
            "<tr>" + "".join(f"<td>{html.escape(cell)}</td>" for cell in row) + "</tr>"
            for row in self._texts(_SHOWN)
        )
        more = self.rows - _SHOWN
        note = f"<p>{more:,} more rows</p>" if more > 0 else ""
        return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>{note}"

    def _texts(self, rows: int) -> Iterator[list[str]]:
        for i in range(min(rows, self.rows)):
            yield [_text(column[i]) for column in self._columns.values()]


def _text(value: object) -> str:
    if value is None or value != value:  # NaN
        return ""
    return f"{value:.6g}" if isinstance(value, float | np.floating) else str(value)
