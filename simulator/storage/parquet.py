"""Parquet files from columns and back: the only module that knows which library does it.

The same columns always give the same bytes: one row group layout, one compression, one metadata
entry (several would be written in the arbitrary order of a hash map).
"""

import io
import json
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import arro3.core as arrow
import arro3.io as arrow_io
import numpy as np
from numpy.typing import NDArray

from simulator.storage.files import StorageError, explained

Column = NDArray[Any] | Sequence[Any]

_MAGIC = b"PAR1"
_FOOTER = 8  # length of the metadata, 4 bytes, and the magic again
_METADATA = "simulator"  # the one key of the file's own metadata
_ROW_GROUP = 1 << 20
_BATCH = 1 << 16  # rows read at a time


class Table(NamedTuple):
    """Columns of equal length, as read.

    float64 with NaN for missing; int64 and bool where nothing is missing; otherwise object arrays
    of int, bool or str with None for missing.
    """

    columns: dict[str, NDArray[Any]]
    metadata: dict[str, Any]


def table_bytes(columns: Mapping[str, Column], metadata: Mapping[str, Any] | None = None) -> bytes:
    """Return a Parquet file as bytes.

    Columns are arrays or lists of one length: numbers, booleans or strings; None and NaN are
    missing. Integers mixed with floats become float64; numbers mixed with strings become strings.
    """
    table = as_arrow(columns)
    note = json.dumps(metadata or {}, sort_keys=True, ensure_ascii=False, allow_nan=False)
    buffer = io.BytesIO()
    arrow_io.write_parquet(
        table,
        buffer,
        compression="zstd(3)",
        max_row_group_size=_ROW_GROUP,
        key_value_metadata={_METADATA: note},
        created_by="ceasefire-simulator",
    )
    return buffer.getvalue()


def as_arrow(columns: Mapping[str, Column]) -> arrow.Table:
    """Return columns as an Arrow table; parameters and errors as for `table_bytes`."""
    lengths = {name: len(column) for name, column in columns.items()}
    if len(set(lengths.values())) != 1:
        raise ValueError(f"columns of one length are needed, and at least one; got {lengths}")
    return arrow.Table.from_pydict({name: _to_arrow(column) for name, column in columns.items()})


def read_table(source: Path | bytes, path: Path = Path("<bytes>"), verified: bool = False) -> Table:
    """Read a Parquet file, or its bytes, that `table_bytes` could have written.

    ``verified`` bytes are known by their digest to be what was written; others are first tried in a
    process of their own. ``path`` is where bytes come from, for messages.
    """
    path = source if isinstance(source, Path) else path
    try:
        data = source.read_bytes() if isinstance(source, Path) else source
    except OSError as error:
        raise explained(path, error) from None
    _check_frame(path, data)
    if not verified and not _is_readable(data):
        raise StorageError(path, "is not a whole Parquet file")
    try:
        reader = arrow_io.read_parquet(data, batch_size=_BATCH)
        note = (reader.schema.metadata or {}).get(_METADATA.encode(), b"{}")
        metadata = json.loads(note)
        table = reader.read_all()
        columns = {name: _from_arrow(table[name]) for name in table.column_names}
    except (ValueError, ArithmeticError, LookupError) as error:
        why = str(error).partition("\n")[0][:200]
        raise StorageError(path, f"is not a table of the simulator ({why})") from None
    return Table(columns, metadata)


def _check_frame(path: Path, data: bytes) -> None:
    """Refuse what is evidently torn before the library sees it."""
    size = int.from_bytes(data[-_FOOTER:-4], "little")
    framed = data[:4] == _MAGIC and data[-4:] == _MAGIC
    if len(data) < 4 + _FOOTER or not framed or not 0 < size <= len(data) - 4 - _FOOTER:
        raise StorageError(path, "is not a whole Parquet file")


def _is_readable(data: bytes) -> bool:
    """Try in another process: on some broken files the library panics, or ends the process."""
    if not sys.executable:
        return True
    command = [sys.executable, "-S", "-E", "-c", _TRY, *sys.path]
    return subprocess.run(command, input=data, capture_output=True, check=False).returncode == 0


_TRY = """
import sys
sys.path[:] = sys.argv[1:]
from arro3.io import read_parquet
read_parquet(sys.stdin.buffer.read()).read_all()
"""


def _to_arrow(column: Column) -> Any:
    if isinstance(column, np.ndarray):
        if column.ndim != 1:
            raise ValueError(f"columns have one dimension, got shape {column.shape}")
        if column.dtype.kind == "f":
            return _floats(column.astype(np.float64))
        if column.dtype.kind in "iub":
            dtype = bool if column.dtype.kind == "b" else np.int64
            return arrow.Array.from_numpy(np.ascontiguousarray(column, dtype))
    values = [None if value is None else _plain(value) for value in column]
    kinds = {type(value) for value in values if value is not None}
    for kind, of_kind in ((bool, arrow.DataType.bool()), (int, arrow.DataType.int64())):
        if kinds == {kind}:
            return arrow.Array(values, type=of_kind)
    if kinds and kinds <= {int, float}:
        return _floats(np.array([np.nan if v is None else v for v in values], np.float64))
    texts = [v if v is None or isinstance(v, str) else json.dumps(v) for v in values]
    return arrow.Array(texts, type=arrow.DataType.string())


def _plain(value: Any) -> Any:
    plain = value.item() if isinstance(value, np.generic) else value
    if not isinstance(plain, str | int | float | bool):
        raise TypeError(f"a column holds numbers, truths or texts, not {type(plain).__name__}")
    return plain


def _floats(values: NDArray[np.float64]) -> Any:
    missing = np.isnan(values)
    if not missing.any():
        return arrow.Array.from_numpy(np.ascontiguousarray(values))
    boxed = values.astype(object)
    boxed[missing] = None
    return arrow.Array(boxed.tolist(), type=arrow.DataType.float64())


def _from_arrow(column: Any) -> NDArray[Any]:
    kind = str(column.type)
    if len(column) == 0:
        dtypes = (("Float", np.float64), ("Int", np.int64), ("Bool", np.bool_))
        return np.empty(0, next((dtype for word, dtype in dtypes if word in kind), object))
    if column.null_count == 0 and "Utf8" not in kind:
        return np.array(column.to_numpy())
    values = column.to_pylist()
    if "Float" in kind:
        return np.array([np.nan if value is None else value for value in values], np.float64)
    result = np.empty(len(values), object)
    result[:] = values
    return result
