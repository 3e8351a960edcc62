"""The folder of a sweep: what is there, what is still to do, and the tables made of it.

plan.json         every point with its settings and the address of its result
provenance.json   what was run, with which versions
shards/           results of finished points, one row per point and estimate
rows/             outcomes by draw, which comparisons between points need
parts/            tallies of points that are not finished
points.csv        one row per point: its settings, and whether it is finished
results.parquet   one row per point and estimate, with the settings as columns
failures.jsonl    points that failed in the last run, and why
run.log           what happened when
"""

from __future__ import annotations

import contextlib
import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import numpy as np

from simulator.analysis.paired import Rows
from simulator.outcomes.tally import Tally
from simulator.storage import (
    StorageError,
    Table,
    json_bytes,
    make_folder,
    remove_leftovers,
    settle,
    table_bytes,
    write_json,
    write_results,
)
from simulator.storage.results import located
from simulator.sweeps.plan import Plan, other_version, plan_from_tree
from simulator.sweeps.shards import (
    PARTS,
    ROWS,
    SHARDS,
    read_file,
    unpack_part,
    unpack_rows,
)
from simulator.sweeps.tables import (
    failures_jsonl,
    points_csv,
    results_columns,
    results_metadata,
)
from simulator.sweeps.work import Failure

PLAN: Final = "plan.json"
RESULTS: Final = "results.parquet"
POINTS: Final = "points.csv"
FAILURES: Final = "failures.jsonl"
LOG: Final = "run.log"


@dataclass(frozen=True, slots=True)
class Part:
    """A stored part of a point: the draws ``[first, last)``, and the file."""

    first: int
    last: int
    name: str


@dataclass(slots=True)
class Holdings:
    """What a folder holds, every file of it checked.

    Attributes
    ----------
    points : dict of digest to shard
        Finished points.
    parts : dict of digest to list of Part
    broken : list of StorageError
        Files that were torn or changed; they count for nothing.
    """

    points: dict[str, str] = field(default_factory=dict)
    parts: dict[str, list[Part]] = field(default_factory=dict)
    broken: list[StorageError] = field(default_factory=list)


class Store:
    """A sweep's folder; unchecked, files that were changed since they were written are read too."""

    def __init__(self, folder: Path, checked: bool = True) -> None:
        self.folder, self._checked = folder, checked

    def create(self) -> None:
        """Make the folder and those inside it."""
        for name in ("", SHARDS, ROWS, PARTS):
            make_folder(self.folder / name)

    def clean(self) -> None:
        """Remove what killed runs left half written. Only for the one who holds the folder."""
        settle(self.folder)
        for name in (SHARDS, ROWS, PARTS):
            remove_leftovers(self.folder / name)

    def log(self, line: str) -> None:
        """Add a line to the log. A log that cannot be written stops no sweep."""
        now = datetime.now(UTC).isoformat(timespec="seconds")
        with contextlib.suppress(OSError), (self.folder / LOG).open("a", encoding="utf-8") as log:
            log.write(f"{now} {line}\n")

    def write_plan(self, plan: Plan) -> None:
        """Write the plan down."""
        write_json(self.folder, PLAN, plan.tree())

    def check_version(self) -> None:
        """Raise StorageError if another version of the simulator filled the folder."""
        path = located(self.folder, PLAN)
        with contextlib.suppress(OSError, ValueError):  # `read_plan` says what is wrong
            if problem := other_version(json.loads(path.read_text(encoding="utf-8"))):
                raise StorageError(path, problem)

    def read_plan(self) -> Plan | None:
        """Return the plan of the folder, None if there is none.

        Raises
        ------
        StorageError
            If it cannot be read, was changed or is of another version.
        """
        self.check_version()
        path = located(self.folder, PLAN)
        try:
            return plan_from_tree(json.loads(path.read_bytes()), self._checked)
        except FileNotFoundError:
            return None
        except OSError as error:
            raise StorageError(path, error.strerror or "cannot be read") from None
        except ValueError as error:
            raise StorageError(path, f"is not the plan of a sweep: {error}") from None

    def holdings(self) -> Holdings:
        """Read every file of the folder, check it, and say what is there."""
        found = Holdings()
        for path in _files(self.folder / SHARDS):
            name = f"{SHARDS}/{path.name}"
            try:
                table = self._read(name)
                self._read(table.metadata["rows"])
            except StorageError as error:
                found.broken.append(error)
                continue
            found.points |= dict.fromkeys(table.metadata["digests"], name)
        for path in _files(self.folder / PARTS):
            name = f"{PARTS}/{path.name}"
            try:
                meta = self._read(name).metadata
            except StorageError as error:
                found.broken.append(error)
                continue
            part = Part(meta["first"], meta["last"], name)
            found.parts.setdefault(meta["digest"], []).append(part)
        return found

    def set_aside(self, broken: Sequence[StorageError]) -> None:
        """Rename broken files, so that they are neither read again nor lost to an inquiry."""
        for error in broken:
            self.log(f"set aside: {error}")
            with contextlib.suppress(OSError):
                error.path.rename(error.path.with_name(error.path.name + ".broken"))

    def read_part(self, part: Part) -> Tally:
        """Return a stored part of a point."""
        return unpack_part(self._read(part.name))

    def drop_parts(self, parts: Sequence[Part]) -> None:
        """Remove the parts of a finished point."""
        for part in parts:
            with contextlib.suppress(OSError):
                (self.folder / part.name).unlink()

    def rows(self, digests: Collection[str], held: Holdings) -> dict[str, Rows]:
        """Return what comparisons need of finished points, by digest."""
        found: dict[str, Rows] = {}
        wanted = frozenset(digests)
        for shard in dict.fromkeys(held.points[digest] for digest in digests):
            name = self._read(shard).metadata["rows"]
            found |= unpack_rows(self._read(name), wanted)
        return found

    def write_tables(
        self, plan: Plan, held: Holdings, failures: Sequence[Failure], runs: Sequence[Any]
    ) -> None:
        """Write the tables, the plan that they belong to and the runs that they come from."""
        rows = dict(self._rows(plan, held))
        failed = {failure.digest for failure in failures}
        files = {
            PLAN: json_bytes(plan.tree()),
            POINTS: points_csv(plan, held.points, failed).encode(),
            FAILURES: failures_jsonl(plan, failures).encode(),
        }
        if rows:
            files[RESULTS] = table_bytes(results_columns(plan, rows), results_metadata(plan))
        write_results(self.folder, files, {"runs": list(runs)})

    def begin(self, runs: Sequence[Any]) -> None:
        """Note the runs so far, and remove tables that will no longer say what is there."""
        for name in (RESULTS, POINTS):
            with contextlib.suppress(OSError):
                (self.folder / name).unlink()
        write_results(self.folder, {}, {"runs": list(runs)})

    def runs(self, names: str = "provenance*.json") -> list[Any]:
        """Return the provenance of earlier runs, those of shards included."""
        found: list[Any] = []
        for path in sorted(self.folder.glob(names)):
            with contextlib.suppress(OSError, ValueError, KeyError, TypeError):
                found += [one for one in json.loads(path.read_bytes())["runs"] if one not in found]
        return found

    def _read(self, name: str) -> Table:
        return read_file(self.folder, name, self._checked)

    def _rows(self, plan: Plan, held: Holdings) -> Iterator[tuple[str, Mapping[str, Any]]]:
        """Return the rows of each finished point of the plan."""
        wanted = {point.digest for point in plan.points}
        shards = dict.fromkeys(held.points[digest] for digest in wanted if digest in held.points)
        for shard in sorted(shards):
            yield from _split(self._read(shard), wanted)


def _split(table: Table, wanted: Collection[str]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Return the rows of each wanted point of a shard."""
    column = table.columns["digest"]
    for digest in table.metadata["digests"]:
        if digest in wanted:
            rows = np.flatnonzero(column == digest)
            yield digest, {name: values[rows] for name, values in table.columns.items()}


def _files(folder: Path) -> list[Path]:
    return sorted(folder.glob("*.parquet"))
