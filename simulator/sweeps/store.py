"""The folder of a sweep: what is there, what is still to do, and the tables made of it.

plan.json         every point with its settings and the address of its result
provenance.json   what was run, with which versions
shards/           results of finished points, one row per point and estimate
rows/             outcomes by draw, which comparisons between points need
parts/            tallies of points that are not finished
points.csv        one row per point: its settings, and whether it is finished
results.parquet   one row per point and estimate, with the settings as columns; also as .csv
differences.parquet   one row per point and quantity: how much more it has than the reference
failures.jsonl    points that failed in the last run, and why
run.log           what happened when
"""

import contextlib
import json
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from simulator.estimates.paired import Rows
from simulator.storage import (
    StorageError,
    Table,
    json_bytes,
    make_folder,
    read_bytes,
    remove_leftovers,
    settle,
    table_bytes,
    write_json,
    write_results,
)
from simulator.storage.results import located
from simulator.sweeps import tables
from simulator.sweeps.plan import Chunk, SweepPlan, other_version, plan_from_tree
from simulator.sweeps.shards import PARTS, ROWS, SHARDS, read_file, unpack_rows
from simulator.sweeps.tasks import Failure

PLAN: Final = "plan.json"
RESULTS, RESULTS_CSV = "results.parquet", "results.csv"
DIFFERENCES: Final = "differences.parquet"
POINTS: Final = "points.csv"
FAILURES: Final = "failures.jsonl"
LOG: Final = "run.log"


@dataclass(slots=True)
class StoredResults:
    """What a folder holds, every file of it checked; broken ones count for nothing."""

    points: dict[str, str] = field(default_factory=dict)  # digest of a finished one -> shard
    # digest of another -> draws ``[first, last)`` -> file
    parts: dict[str, dict[tuple[int, int], str]] = field(default_factory=dict)
    broken: list[StorageError] = field(default_factory=list)

    def add(self, chunk: Chunk, name: str) -> None:
        """Take in the file of a chunk that is done."""
        if chunk.whole:
            self.points[chunk.digest] = name
        else:
            self.parts.setdefault(chunk.digest, {})[chunk.first, chunk.last] = name


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

    def write_plan(self, plan: SweepPlan) -> None:
        """Write the plan down."""
        write_json(self.folder, PLAN, plan.tree())

    def check_version(self) -> None:
        """Raise StorageError if another version of the simulator filled the folder."""
        path = located(self.folder, PLAN)
        with contextlib.suppress(OSError, ValueError):  # `read_plan` says what is wrong
            if problem := other_version(json.loads(path.read_text(encoding="utf-8"))):
                raise StorageError(path, problem)

    def read_plan(self) -> SweepPlan | None:
        """Return the plan of the folder, None if there is none."""
        self.check_version()
        path = located(self.folder, PLAN)
        if not path.exists():
            return None
        try:
            return plan_from_tree(json.loads(read_bytes(path)), self._checked)
        except ValueError as error:
            raise StorageError(path, f"is not the plan of a sweep: {error}") from None

    def holdings(self) -> StoredResults:
        """Read every file of the folder, check it, and say what is there."""
        found = StoredResults()
        for kind in (SHARDS, PARTS):
            for path in sorted((self.folder / kind).glob("*.parquet")):
                name = f"{kind}/{path.name}"
                try:
                    meta = self.read(name).metadata
                    if kind == SHARDS:
                        self.read(meta["rows"])
                        found.points |= dict.fromkeys(meta["digests"], name)
                    else:
                        ends = (meta["first"], meta["last"])
                        found.parts.setdefault(meta["digest"], {})[ends] = name
                except StorageError as error:
                    found.broken.append(error)
        return found

    def set_aside(self, broken: Sequence[StorageError]) -> None:
        """Rename broken files, so that they are neither read again nor lost to an inquiry."""
        for error in broken:
            self.log(f"set aside: {error}")
            with contextlib.suppress(OSError):
                error.path.rename(error.path.with_name(error.path.name + ".broken"))

    def read(self, name: str) -> Table:
        """Read a shard, the rows of one, or a part of a point."""
        return read_file(self.folder, name, self._checked)

    def drop(self, names: Iterable[str]) -> None:
        """Remove files, such as the parts of a finished point."""
        for name in names:
            with contextlib.suppress(OSError):
                (self.folder / name).unlink()

    def rows(self, digests: Collection[str], held: StoredResults) -> dict[str, Rows]:
        """Return what comparisons need of finished points, by digest."""
        shards = self._shards_of(digests, held)
        return {digest: one for _, rows in shards for digest, one in rows.items()}

    def write_tables(
        self, plan: SweepPlan, held: StoredResults, failures: Sequence[Failure], runs: Sequence[Any]
    ) -> None:
        """Write the tables, the plan that they belong to and the runs that they come from."""
        done = [point for point in plan.points if point.digest in held.points]
        reference = plan.points[plan.reference].digest
        first = self.rows({reference} & held.points.keys(), held).get(reference)
        results: dict[str, tables.Columns] = {}
        differences: dict[str, tables.Columns] = {}
        for table, rows in self._shards_of([point.digest for point in done], held):
            for digest, one in rows.items():
                here = table.columns["digest"] == digest
                results[digest] = {name: values[here] for name, values in table.columns.items()}
                if first is not None:
                    differences[digest] = tables.differences_from(plan, first, one)
        failed = {failure.digest for failure in failures}
        files = {
            PLAN: json_bytes(plan.tree()),
            POINTS: tables.points_csv(plan, held.points, failed).encode(),
            FAILURES: tables.failures_jsonl(plan, failures).encode(),
        }
        # Nothing that differs between runs.
        names = ("seed", "draws", "trials", "precision", "precision_of", "model_version")
        settings = {name: getattr(plan, name) for name in names}
        metadata = {"title": plan.title, "plan": plan.digest, **settings}
        if results:
            columns = tables.tidy(plan, done, results, tables.ESTIMATE_COLUMNS)
            files[RESULTS] = table_bytes(columns, metadata)
            files[RESULTS_CSV] = tables.columns_csv(columns).encode()
        others = [point for point in done if point.number != plan.reference]
        if results and first is None:
            self.log(f"no {DIFFERENCES}: point {plan.reference}, the reference, has no result")
        elif columns := tables.tidy(plan, others, differences, tables.DIFFERENCE_COLUMNS):
            files[DIFFERENCES] = table_bytes(columns, metadata)
        write_results(self.folder, files, {"runs": list(runs)})

    def begin(self, runs: Sequence[Any]) -> None:
        """Note the runs so far, and remove tables that will no longer say what is there."""
        self.drop((RESULTS, RESULTS_CSV, DIFFERENCES, POINTS))
        write_results(self.folder, {}, {"runs": list(runs)})

    def runs(self, names: str = "provenance*.json") -> list[Any]:
        """Return the provenance of earlier runs, those of shards included."""
        found: list[Any] = []
        for path in sorted(self.folder.glob(names)):
            with contextlib.suppress(OSError, ValueError, KeyError, TypeError):
                found += [one for one in json.loads(path.read_bytes())["runs"] if one not in found]
        return found

    def _shards_of(
        self, digests: Collection[str], held: StoredResults
    ) -> Iterator[tuple[Table, dict[str, Rows]]]:
        """Yield the shards that hold points, each with the rows of these points by digest."""
        wanted = frozenset(digests)
        for shard in sorted({held.points[digest] for digest in wanted}):
            table = self.read(shard)
            yield table, unpack_rows(self.read(table.metadata["rows"]), wanted)
