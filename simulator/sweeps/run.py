"""A sweep from its plan to its tables: what is there is kept, what is missing is computed."""

import contextlib
import json
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from simulator.storage import StorageError, hold, sha256, write_json, write_text
from simulator.storage.results import provenance
from simulator.sweeps.dispatch import Dispatcher
from simulator.sweeps.executors import Executor
from simulator.sweeps.plan import Chunk, Point, SweepInputs, SweepPlan
from simulator.sweeps.shards import pack_points, unpack_part
from simulator.sweeps.store import FAILURES, Store
from simulator.sweeps.tables import failures_jsonl
from simulator.sweeps.tasks import Failure, Report, failed, finish_point, write_files

Launch = Callable[[SweepInputs, Path], Executor]


@dataclass(frozen=True, slots=True)
class Share:
    """Part ``number`` of ``of`` of a sweep run in several jobs; counted from 1."""

    number: int
    of: int

    @property
    def suffix(self) -> str:
        """What sets its files apart from those of the other shares."""
        return f"-shard-{self.number}-of-{self.of}"

    def part(self, points: Sequence[Point]) -> Sequence[Point]:
        """The points that are its own."""
        return points[self.number - 1 :: self.of]


@dataclass(frozen=True, eq=False, slots=True)
class Progress:
    """How the caller follows a sweep, and stops it."""

    stopping: Callable[[], bool] = lambda: False  # hand out no more work
    # Gets the number of draws that are done; with a precision a point counts as the most it may
    # take.
    advance: Callable[[int], None] = lambda draws: None
    note: Callable[[str], None] = lambda line: None  # when something is not as usual


@dataclass(frozen=True, eq=False, slots=True)
class SweepOutcome:
    """How many points of a sweep have a result, had one before, and have none and did not fail."""

    finished: int
    reused: int
    missing: int
    failures: tuple[Failure, ...]


def run_plan(
    plan: SweepPlan,
    inputs: SweepInputs,
    folder: Path,
    launch: Launch,
    command: Sequence[str],
    share: Share | None = None,
    fail_fast: bool = False,
    progress: Progress | None = None,
) -> SweepOutcome:
    """Compute what is missing of a sweep, and write its tables.

    The executor is launched if anything is missing. With a share, only this part of the points is
    computed, and the tables are left to `gather`. The command goes into the provenance. Raises
    StorageError if the folder is in use, holds a share of another plan, or cannot be written, and
    ExecutorLostError if tasks can no longer be run.
    """
    store = Store(folder)
    store.check_version()
    store.create()
    own = hold(folder, name=f".lock{share.suffix}") if share else contextlib.nullcontext()
    with hold(folder, shared=share is not None), own:
        if share is None:
            store.clean()
        run = _Run(plan, inputs, store, share, progress or Progress())
        runs = run.runs(command)
        store.log(f"start: {len(run.wanted)} points, {run.reused} of them finished before")
        if share is None and run.reused < len(run.wanted):
            store.begin(runs)
        failures = run.compute(launch, fail_fast)
        if share is None:
            store.write_tables(plan, run.held, failures, runs)
        else:
            name = f"{PurePosixPath(FAILURES).stem}{share.suffix}.jsonl"
            write_text(folder, name, failures_jsonl(plan, failures))
        outcome = _outcome(run.points, run.held.points, run.finished_before, failures)
        store.log(
            f"end: {outcome.finished} points finished, {len(failures)} failed, "
            f"{outcome.missing} missing"
        )
        return outcome


def _outcome(
    points: Sequence[Point],
    finished: Collection[str],
    before: Collection[str],
    failures: Iterable[Failure],
) -> SweepOutcome:
    """Count points by digest, those with equal settings each for itself."""
    known = {*finished, *(failure.digest for failure in failures)}
    return SweepOutcome(
        finished=sum(point.digest in finished for point in points),
        reused=sum(point.digest in before for point in points),
        missing=sum(point.digest not in known for point in points),
        failures=tuple(sorted(failures, key=lambda failure: failure.point)),
    )


class _Run:
    """What is held and what is wanted, while a sweep runs in a folder that is held."""

    def __init__(
        self,
        plan: SweepPlan,
        inputs: SweepInputs,
        store: Store,
        share: Share | None,
        progress: Progress,
    ) -> None:
        self.plan, self.inputs, self.store, self.share = plan, inputs, store, share
        self.progress = progress
        self._write_plan()
        self.points = plan.points if share is None else share.part(plan.points)
        # Points with the same address are computed once, under the first of their numbers.
        self.wanted = {point.digest: point.number for point in reversed(self.points)}
        self.held = store.holdings()
        store.set_aside(self.held.broken)
        for error in self.held.broken:
            progress.note(f"{error}; it is computed again")
        self.finished_before = set(self.held.points)
        self.reused = len(self.finished_before & self.wanted.keys())

    def _write_plan(self) -> None:
        plan, store = self.plan, self.store
        try:
            old = store.read_plan()
        except StorageError as error:
            store.log(f"replaced: {error}")
            old = None
        if old is not None and old.digest != plan.digest:
            what = f"'{old.title}', {len(old.points):,} points"
            if self.share is not None:
                message = "which other shards may be working on; choose another folder"
                raise StorageError(store.folder, f"holds another plan ({what}), {message}")
            wanted = {point.digest for point in plan.points}
            shared = sum(point.digest in wanted for point in old.points)
            line = (
                f"another plan was here ({what}, {shared:,} of them in this plan of "
                f"{len(plan.points):,} points too): the tables leave the others out now, what is "
                "computed of them stays in shards"
            )
            store.log(line)
            self.progress.note(f"{store.folder}: {line}")
        if old is None or old.tree() != plan.tree():  # perhaps in its reference alone
            store.write_plan(plan)

    def runs(self, command: Sequence[str]) -> list[Any]:
        """Return this run after those that worked in the folder before; a share notes its own."""
        plan, digests = self.plan, {"plan": self.plan.digest, **self.plan.inputs}
        sizes = {"points": len(plan.points), "finished_before": self.reused}
        this = provenance(command, plan.seed, digests, **sizes)
        if self.share is None:
            return [*self.store.runs(), this]
        name = f"provenance{self.share.suffix}.json"
        runs = [*self.store.runs(name), this]
        write_json(self.store.folder, name, {"runs": runs})
        return runs

    def compute(self, launch: Launch, fail_fast: bool) -> list[Failure]:
        """Compute the points that are wanted and not held; return those that failed."""
        failures = [failure for digest in self.wanted for failure in self._finish(digest)]
        todo = list(self._missing_chunks())
        if not todo:
            return failures
        executor = launch(self.inputs, self.store.folder)
        dispatcher = Dispatcher(
            executor, self._take_in, self.progress.stopping, self._note, fail_fast=fail_fast
        )
        try:
            dispatcher.run(todo)
        finally:
            executor.close()
        return failures + list(dispatcher.failures.values())

    def _missing_chunks(self) -> Iterator[Chunk]:
        for digest, number in sorted(self.wanted.items(), key=lambda item: item[1]):
            if digest in self.held.points:
                self.progress.advance(self.plan.draws)
                continue
            held = self.held.parts.get(digest, {})
            for chunk in self.plan.chunks(number):
                if (chunk.first, chunk.last) in held:
                    self.progress.advance(chunk.draws)
                else:
                    yield chunk

    def _take_in(self, report: Report) -> list[Failure]:
        for name, data in report.files.items():
            if sha256(data) != PurePosixPath(name).stem:
                raise StorageError(Path(name), "was damaged on its way from the worker")
        write_files(self.store.folder, report.files)
        for chunk, name in report.done:
            self.held.add(chunk, name)
        self.progress.advance(report.draws)
        touched = dict.fromkeys(chunk.digest for chunk, _ in report.done)
        return [failure for digest in touched for failure in self._finish(digest)]

    def _finish(self, digest: str) -> list[Failure]:
        """Finish a point whose parts are all there; return its failure if that fails."""
        if digest not in self.held.parts:
            return []
        number = self.wanted[digest]
        # Parts cut in another way overlap with those wanted now: they are not counted.
        cuts = {(chunk.first, chunk.last) for chunk in self.plan.chunks(number)}
        parts = self.held.parts[digest]
        if digest not in self.held.points:
            if not cuts <= parts.keys():
                return []
            try:
                tallies = [unpack_part(self.store.read(parts[ends])) for ends in sorted(cuts)]
                done = finish_point(digest, self.inputs.job(number), *tallies)
            except StorageError:
                raise
            except Exception as error:
                return [failed(number, digest, error)]
            self.held.points[digest], files = pack_points([done])
            write_files(self.store.folder, files)
        self.store.drop(self.held.parts.pop(digest).values())
        return []

    def _note(self, line: str) -> None:
        self.store.log(line)
        self.progress.note(line)


def gather(folder: Path, others: Sequence[Path] = ()) -> tuple[SweepPlan, SweepOutcome]:
    """Write the tables of a sweep from all shards in its folder and in others, which are copied.

    Points that no shard has are counted as missing. Raises StorageError if there is no plan, the
    plans differ, or the folder is in use or cannot be written.
    """
    store, stores = Store(folder), [Store(one) for one in (folder, *others)]
    plan = _common_plan(stores)
    store.create()
    with hold(folder):
        store.clean()
        if store.read_plan() is None:
            store.write_plan(plan)
        for other in stores[1:]:
            _copy(other, store, plan)
        held = store.holdings()
        store.set_aside(held.broken)
        failures = _failures(stores, plan, held.points)
        store.write_tables(plan, held, failures, [run for one in stores for run in one.runs()])
    return plan, _outcome(plan.points, held.points, held.points, failures)


def _common_plan(stores: Sequence[Store]) -> SweepPlan:
    """Return the plan of all folders; the first may not have it yet."""
    plans = [(store.folder, store.read_plan()) for store in stores]
    for folder, plan in plans[1:] or plans:
        if plan is None:
            raise StorageError(folder, "holds no plan of a sweep")
    (origin, common), *rest = [(folder, plan) for folder, plan in plans if plan is not None]
    for folder, plan in rest:
        if plan.digest != common.digest:
            raise StorageError(folder, f"holds another plan than {origin}; they cannot be joined")
    return common


def _copy(source: Store, target: Store, plan: SweepPlan) -> None:
    """Copy the files of finished points that the target has not."""
    held, there = source.holdings(), target.holdings()
    for error in held.broken:
        target.log(f"left out: {error}")
    wanted = {point.digest for point in plan.points} - set(there.points)
    for shard in dict.fromkeys(held.points[d] for d in held.points if d in wanted):
        rows = source.read(shard).metadata["rows"]
        files = {name: (source.folder / name).read_bytes() for name in (rows, shard)}
        write_files(target.folder, files)


def _failures(stores: Iterable[Store], plan: SweepPlan, done: Collection[str]) -> list[Failure]:
    """Return what the shards wrote of failed points, unless they were finished since."""
    points = {(point.number, point.digest) for point in plan.points if point.digest not in done}
    found: dict[str, Failure] = {}
    for store in stores:
        for path in sorted(store.folder.glob("failures*.jsonl")):
            for line in path.read_text(encoding="utf-8").splitlines():
                entry = json.loads(line)
                number, digest = entry["point"], entry["digest"]
                if (number, digest) in points:
                    found[digest] = Failure(number, digest, entry["error"], entry["trace"])
    return list(found.values())
