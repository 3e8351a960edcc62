"""Files of a sweep's store: results of some points, rows for comparing them, parts of a point.

A file's name is the SHA-256 of its contents: whether it was torn, cut or changed is known before
anything in it is believed. Every file is written once and never changed.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from simulator.estimates.estimate import ESTIMATE_FIELDS, Estimate
from simulator.estimates.paired import Rows
from simulator.estimates.tally import Tally, ages
from simulator.quantities import KEPT
from simulator.storage import StorageError, Table, read_bytes, read_table, sha256, table_bytes

SHARDS, ROWS, PARTS = "shards", "rows", "parts"
# Raise it when estimates are added or change their meaning: older shards are then computed again.
FORMAT: Final = 3
_ARRAYS: Final = ("draws", "rows", "counts", "sums", "shapes")  # of a tally


@dataclass(frozen=True, eq=False, slots=True)
class Finished:
    """A finished point: its estimates (kind, name, estimate) and its rows for comparisons."""

    digest: str
    estimates: tuple[tuple[str, str, Estimate], ...]
    rows: Rows


def pack_points(points: Sequence[Finished]) -> tuple[str, dict[str, bytes]]:
    """Return a shard of finished points: its name, and its files, rows first."""
    digests = [point.digest for point in points]
    kept = [point.rows for point in points]
    sizes, values = [one.draws.size for one in kept], np.concatenate([one.values for one in kept])
    rows, rows_data = _named(
        ROWS,
        {
            "point": np.repeat(np.arange(len(sizes)), sizes),
            "draw": np.concatenate([one.draws for one in kept]),
            **{name: values[:, i] for i, name in enumerate(KEPT)},
        },
        digests=digests,
        trials=[one.trials for one in kept],
        horizons=[one.horizon for one in kept],
    )
    lines = [(point, *line) for point in points for line in point.estimates]
    shard, data = _named(
        SHARDS,
        {
            "digest": [point.digest for point, *_ in lines],
            "draws": np.array([point.rows.draws.size for point, *_ in lines], np.int64),
            "kind": [kind for _, kind, _, _ in lines],
            "estimate": [name for _, _, name, _ in lines],
            "note": [estimate.note or None for *_, estimate in lines],
            # None becomes NaN.
            **{f: np.array([getattr(e, f) for *_, e in lines], float) for f in ESTIMATE_FIELDS},
        },
        digests=digests,
        rows=rows,
    )
    return shard, {rows: rows_data, shard: data}


def pack_part(digest: str, first: int, last: int, tally: Tally) -> tuple[str, bytes]:
    """Return the tally of the draws ``[first, last)`` of a point as one file."""
    arrays = {name: getattr(tally, name) for name in _ARRAYS}
    # Their bytes, eight to a number: every bit comes back.
    data = b"".join(array.tobytes() for array in arrays.values())
    return _named(
        PARTS,
        {"bytes": np.frombuffer(data + bytes(-len(data) % 8), np.int64)},
        digest=digest,
        first=first,
        last=last,
        trials=tally.trials,
        horizon=tally.horizon,
        arrays=[[name, array.dtype.str, list(array.shape)] for name, array in arrays.items()],
    )


def unpack_part(table: Table) -> Tally:
    """Return what `pack_part` wrote."""
    meta = table.metadata
    data = table.columns["bytes"].tobytes()
    arrays: dict[str, NDArray[Any]] = {}
    start = 0
    for name, kind, shape in meta["arrays"]:
        size = int(np.prod(shape, dtype=np.int64))
        arrays[name] = np.frombuffer(data, kind, size, start).reshape(shape).copy()
        start += arrays[name].nbytes
    horizon = float(meta["horizon"])
    return Tally(**arrays, trials=int(meta["trials"]), horizon=horizon, years=ages(horizon))


def unpack_rows(table: Table, wanted: Collection[str] | None = None) -> dict[str, Rows]:
    """Return the rows of the points of a file by digest, or only of those wanted."""
    columns, meta = table.columns, table.metadata
    values = np.stack([columns[name] for name in KEPT], axis=1).astype(np.float32)
    ends = np.searchsorted(columns["point"], np.arange(len(meta["digests"]) + 1))
    return {
        digest: Rows(
            draws=columns["draw"][ends[i] : ends[i + 1]].copy(),
            horizon=float(meta["horizons"][i]),
            trials=int(meta["trials"][i]),
            values=values[ends[i] : ends[i + 1]],
        )
        for i, digest in enumerate(meta["digests"])
        if wanted is None or digest in wanted
    }


def read_file(folder: Path, name: str, checked: bool = True) -> Table:
    """Read a file of the store; ``checked``, only if it is what was written."""
    path = folder / name
    data = read_bytes(path)
    if checked and sha256(data) != PurePosixPath(name).stem:
        raise StorageError(path, "is torn or was changed: its contents do not match its name")
    table = read_table(data, path, checked)
    if table.metadata.get("format") != FORMAT:
        raise StorageError(path, "was written by another version")
    return table


def _named(folder: str, columns: Mapping[str, Any], **metadata: Any) -> tuple[str, bytes]:
    data = table_bytes(columns, {"format": FORMAT, **metadata})
    return f"{folder}/{sha256(data)}.parquet", data
