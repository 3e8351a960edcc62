"""Files of a sweep's store: results of some points, sums for comparing them, parts of a point.

A file's name is the SHA-256 of its contents, so one that was torn, cut or changed is told from a
whole one before anything in it is believed. Every file is written once and never changed.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from pathlib import Path, PurePosixPath
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from simulator.analysis.paired import UNITS, PairedSums
from simulator.model.compiled import IntArray
from simulator.outcomes.spread import Estimate
from simulator.outcomes.tally import Tally, grid_years
from simulator.storage import StorageError, Table, read_table, table_bytes
from simulator.sweeps.pieces import Piece

SHARDS, SUMS, PARTS = "shards", "sums", "parts"
# Raise it when estimates are added or change their meaning: older shards are then computed again.
FORMAT: Final = 1


@dataclass(frozen=True, slots=True)
class File:
    """A file of the store: its name in the folder, and its contents."""

    name: str
    data: bytes


@dataclass(frozen=True, eq=False, slots=True)
class Finished:
    """A finished point: its rows (kind, name, estimate) and its sums for comparisons."""

    digest: str
    rows: tuple[tuple[str, str, Estimate], ...]
    sums: PairedSums


def pack_points(points: Sequence[Finished]) -> list[File]:
    """Return finished points as two files: sums first, then the shard that names them."""
    sums = _named(SUMS, _sums_bytes(points))
    rows = [(point.digest, *row) for point in points for row in point.rows]
    estimates = [estimate for _, _, _, estimate in rows]
    columns: dict[str, Any] = {
        "digest": [digest for digest, _, _, _ in rows],
        "kind": [kind for _, kind, _, _ in rows],
        "estimate": [name for _, _, name, _ in rows],
        "note": [estimate.note or None for estimate in estimates],
    }
    for field in ("value", "mcse", "p05", "p95"):
        columns[field] = _floats([getattr(estimate, field) for estimate in estimates])
    metadata = {
        "format": FORMAT,
        "digests": [point.digest for point in points],
        "sums": sums.name,
    }
    return [sums, _named(SHARDS, table_bytes(columns, metadata))]


def pack_part(piece: Piece, tally: Tally, sums: PairedSums) -> File:
    """Return the tally and the sums of a part of a point as one file."""
    arrays = {f"tally.{field.name}": getattr(tally, field.name) for field in fields(Tally)}
    arrays |= {f"sums.{name}": getattr(sums, name) for name in ("draws", "sizes", "sums")}
    del arrays["tally.years"]  # follows from the horizon, and is no integer
    metadata = {
        "format": FORMAT,
        "digest": piece.digest,
        "first": piece.first,
        "last": piece.last,
        "horizon": tally.horizon,
        "shapes": [[name, list(array.shape)] for name, array in arrays.items()],
    }
    values = np.concatenate([array.reshape(-1) for array in arrays.values()])
    return _named(PARTS, table_bytes({"value": values}, metadata))


def unpack_part(table: Table) -> tuple[Tally, PairedSums]:
    """Return what `pack_part` wrote."""
    arrays: dict[str, IntArray] = {}
    start = 0
    for name, shape in table.metadata["shapes"]:
        size = int(np.prod(shape))
        arrays[name] = table.columns["value"][start : start + size].reshape(shape)
        start += size
    horizon = float(table.metadata["horizon"])
    tally = {name[6:]: array for name, array in arrays.items() if name.startswith("tally.")}
    return (
        Tally(**tally, years=grid_years(horizon)),
        PairedSums(arrays["sums.draws"], horizon, arrays["sums.sizes"], arrays["sums.sums"]),
    )


def _sums_bytes(points: Sequence[Finished]) -> bytes:
    """One row per point, draw and group: paths, and the fixed-point sum of each quantity."""
    rows = [point.sums.sizes.size for point in points]
    groups = [point.sums.sizes.shape[1] for point in points]
    columns: dict[str, NDArray[Any]] = {
        "point": np.repeat(np.arange(len(points)), rows),
        "draw": np.concatenate(
            [np.repeat(p.sums.draws, g) for p, g in zip(points, groups, strict=True)]
        ),
        "group": np.concatenate(
            [np.tile(np.arange(g), p.sums.draws.size) for p, g in zip(points, groups, strict=True)]
        ),
        "paths": np.concatenate([point.sums.sizes.reshape(-1) for point in points]),
    }
    for i, name in enumerate(UNITS):
        columns[name] = np.concatenate([point.sums.sums[:, :, i].reshape(-1) for point in points])
    metadata = {
        "format": FORMAT,
        "digests": [point.digest for point in points],
        "groups": groups,
        "horizons": [point.sums.horizon for point in points],
        "units": dict(UNITS),
    }
    return table_bytes(columns, metadata)


def unpack_sums(table: Table, wanted: Mapping[str, Any] | None = None) -> dict[str, PairedSums]:
    """Return the sums of the points of a file by digest; only the wanted ones if told."""
    found: dict[str, PairedSums] = {}
    columns, meta = table.columns, table.metadata
    ends = np.searchsorted(columns["point"], np.arange(len(meta["digests"]) + 1))
    for i, digest in enumerate(meta["digests"]):
        if wanted is not None and digest not in wanted:
            continue
        rows = slice(int(ends[i]), int(ends[i + 1]))
        groups = meta["groups"][i]
        sums = np.stack([columns[name][rows] for name in UNITS], axis=1)
        found[digest] = PairedSums(
            draws=columns["draw"][rows][::groups].copy(),
            horizon=float(meta["horizons"][i]),
            sizes=columns["paths"][rows].reshape(-1, groups),
            sums=sums.reshape(-1, groups, len(UNITS)),
        )
    return found


def read_file(folder: Path, name: str) -> Table:
    """Read a file of the store, having checked that it is what was written.

    Raises
    ------
    StorageError
        If it is missing, torn or changed, or of another version's format.
    """
    path = folder / name
    try:
        data = path.read_bytes()
    except OSError as error:
        raise StorageError(path, error.strerror or "cannot be read") from None
    if hashlib.sha256(data).hexdigest() != PurePosixPath(name).stem:
        raise StorageError(path, "is torn or was changed: its contents do not match its name")
    table = read_table(data)
    if table.metadata.get("format") != FORMAT:
        raise StorageError(path, "was written by another version")
    return table


def _named(folder: str, data: bytes) -> File:
    return File(f"{folder}/{hashlib.sha256(data).hexdigest()}.parquet", data)


def _floats(values: Sequence[float | None]) -> NDArray[np.float64]:
    return np.array([np.nan if value is None else value for value in values], np.float64)
