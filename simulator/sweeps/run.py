"""A sweep from its plan to its tables: what is there is kept, what is missing is computed."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from simulator.storage import StorageError, hold, sha256, write_json, write_text
from simulator.storage.provenance import provenance
from simulator.sweeps.dispatch import Dispatcher
from simulator.sweeps.executors import Executor
from simulator.sweeps.frozen import Frozen
from simulator.sweeps.pieces import Piece
from simulator.sweeps.plan import Plan
from simulator.sweeps.shards import pack_points
from simulator.sweeps.store import FAILURES, Holdings, Part, Store
from simulator.sweeps.tables import failures_jsonl
from simulator.sweeps.work import Failure, Report, failed, finish_parts, write_files

Launch = Callable[[Frozen, Path], Executor]


@dataclass(frozen=True, slots=True)
class Share:
    """Part ``number`` of ``of`` of a sweep run in several jobs; counted from 1."""

    number: int
    of: int

    @property
    def suffix(self) -> str:
        """What tells its files from those of the other shares."""
        return f"-shard-{self.number}-of-{self.of}"


@dataclass(frozen=True, eq=False, slots=True)
class Watch:
    """How the caller follows a sweep, and stops it.

    Attributes
    ----------
    stopping : callable
        Tells whether to hand out no more work.
    advance : callable
        Called with the number of draws that are done; a point with a precision counts as the most
        draws that it may take.
    note : callable
        Called with a line when something is not as usual.
    """

    stopping: Callable[[], bool] = lambda: False
    advance: Callable[[int], None] = lambda draws: None
    note: Callable[[str], None] = lambda line: None


@dataclass(frozen=True, eq=False, slots=True)
class Ending:
    """How a sweep ended.

    Attributes
    ----------
    finished : int
        Points with a result, those of earlier runs included.
    reused : int
        Points that earlier runs had finished.
    missing : int
        Points without a result that did not fail: the sweep was stopped before.
    failures : tuple of Failure
    """

    finished: int
    reused: int
    missing: int
    failures: tuple[Failure, ...]


def run_plan(
    plan: Plan,
    frozen: Frozen,
    folder: Path,
    launch: Launch,
    command: Sequence[str],
    share: Share | None = None,
    fail_fast: bool = False,
    watch: Watch | None = None,
) -> Ending:
    """Compute what is missing of a sweep, and write its tables.

    Parameters
    ----------
    plan, frozen
        From `make_plan`.
    folder : Path
        Made if it is not there.
    launch : callable
        Returns the executor, given the inputs and the folder. It is not called if nothing is
        missing.
    command : sequence of str
        For the provenance.
    share : Share, optional
        Compute only this part of the points, and leave the tables to `gather`.
    fail_fast : bool
        Stop after the first point that fails.
    watch : Watch, optional

    Raises
    ------
    StorageError
        If the folder is in use, holds a share of another plan, or cannot be written.
    ExecutorLostError
        If tasks can no longer be run.
    """
    watch = watch or Watch()
    store = Store(folder)
    store.check_version()
    store.create()
    with _held(folder, share):
        if share is None:
            store.clean()
        _write_plan(store, plan, share, watch)
        numbers = range(len(plan.points))
        if share is not None:
            numbers = numbers[share.number - 1 :: share.of]
        run = _Run(plan, frozen, store, watch, numbers)
        runs = _runs(store, plan, command, share, run.reused)
        store.log(f"start: {len(run.wanted)} points, {run.reused} of them finished before")
        if share is None and not run.is_done:
            store.begin(runs)
        failures = run.compute(launch, fail_fast)
        if share is None:
            store.write_tables(plan, run.held, failures, runs)
        else:
            name = f"{PurePosixPath(FAILURES).stem}{share.suffix}.jsonl"
            write_text(folder, name, failures_jsonl(plan, failures))
        ending = run.ending(failures)
        store.log(
            f"end: {ending.finished} points finished, {len(failures)} failed, "
            f"{ending.missing} missing"
        )
        return ending


class _Run:
    """What is held and what is wanted, while a sweep runs."""

    def __init__(
        self, plan: Plan, frozen: Frozen, store: Store, watch: Watch, numbers: Sequence[int]
    ) -> None:
        self.plan, self.frozen, self.store, self.watch = plan, frozen, store, watch
        self.numbers = numbers
        # Points with the same address are computed once, under the first of their numbers.
        self.wanted = {plan.points[number].digest: number for number in reversed(numbers)}
        self.held: Holdings = store.holdings()
        store.set_aside(self.held.broken)
        for error in self.held.broken:
            watch.note(f"{error}; it is computed again")
        self.finished_before = set(self.held.points)
        self.reused = sum(digest in self.held.points for digest in self.wanted)

    def compute(self, launch: Launch, fail_fast: bool) -> list[Failure]:
        """Compute the points that are wanted and not held; return those that failed."""
        failures = [failure for digest in self.wanted for failure in self._finish(digest)]
        todo = list(self._missing_pieces())
        if not todo:
            return failures
        executor = launch(self.frozen, self.store.folder)
        dispatcher = Dispatcher(
            executor, self._take_in, self.watch.stopping, self._note, fail_fast=fail_fast
        )
        try:
            dispatcher.run(todo)
        finally:
            executor.close()
        return failures + list(dispatcher.failures.values())

    @property
    def is_done(self) -> bool:
        """Whether every point that is wanted has its result."""
        return self.reused == len(self.wanted)

    def ending(self, failures: Sequence[Failure]) -> Ending:
        """Count points, those with equal settings each for itself."""
        digests = [self.plan.points[number].digest for number in self.numbers]
        failed_digests = {failure.digest for failure in failures}
        return Ending(
            finished=sum(digest in self.held.points for digest in digests),
            reused=sum(digest in self.finished_before for digest in digests),
            missing=sum(
                digest not in self.held.points and digest not in failed_digests
                for digest in digests
            ),
            failures=tuple(sorted(failures, key=lambda failure: failure.point)),
        )

    def _missing_pieces(self) -> Iterator[Piece]:
        for digest, number in sorted(self.wanted.items(), key=lambda item: item[1]):
            if digest in self.held.points:
                self.watch.advance(self.plan.draws)
                continue
            held = {(part.first, part.last) for part in self.held.parts.get(digest, ())}
            for piece in self.plan.pieces(number):
                if (piece.first, piece.last) in held:
                    self.watch.advance(piece.draws)
                else:
                    yield piece

    def _take_in(self, report: Report) -> list[Failure]:
        for file in report.files:
            if sha256(file.data) != PurePosixPath(file.name).stem:
                raise StorageError(Path(file.name), "was damaged on its way from the worker")
        write_files(self.store.folder, report.files)
        if report.shard is not None:
            self.held.points |= dict.fromkeys(report.finished, report.shard)
        for piece, name in report.parts:
            part = Part(piece.first, piece.last, name)
            self.held.parts.setdefault(piece.digest, []).append(part)
        self.watch.advance(report.draws)
        touched = dict.fromkeys(piece.digest for piece, _ in report.parts)
        return [failure for digest in touched for failure in self._finish(digest)]

    def _finish(self, digest: str) -> list[Failure]:
        """Finish a point whose parts are all there; return its failure if that fails."""
        if digest not in self.held.parts:
            return []
        number = self.wanted[digest]
        # Parts cut in another way overlap with those wanted now: they are not counted.
        cuts = {(piece.first, piece.last) for piece in self.plan.pieces(number)}
        parts = {(p.first, p.last): p for p in self.held.parts[digest]}
        if digest not in self.held.points:
            if not cuts <= set(parts):
                return []
            try:
                tallies = [self.store.read_part(parts[ends]) for ends in sorted(cuts)]
                done = finish_parts(self.frozen.job(number), digest, tallies)
                files = pack_points([done])
            except StorageError:
                raise
            except Exception as error:
                return [failed(number, digest, error)]
            write_files(self.store.folder, files)
            self.held.points[digest] = files[-1].name
        self.store.drop_parts(self.held.parts.pop(digest))
        return []

    def _note(self, line: str) -> None:
        self.store.log(line)
        self.watch.note(line)


@contextlib.contextmanager
def _held(folder: Path, share: Share | None) -> Iterator[None]:
    """Hold the folder, or a share of it beside the other shares."""
    with contextlib.ExitStack() as stack:
        stack.enter_context(hold(folder, shared=share is not None))
        if share is not None:
            stack.enter_context(hold(folder, name=f".lock{share.suffix}"))
        yield


def _write_plan(store: Store, plan: Plan, share: Share | None, watch: Watch) -> None:
    try:
        old = store.read_plan()
    except StorageError as error:
        store.log(f"replaced: {error}")
        old = None
    if old is not None and old.digest == plan.digest:
        return
    if old is not None and share is not None:
        raise StorageError(
            store.folder,
            f"holds another plan ('{old.title}', {len(old.points)} points), which other shards may "
            "be working on; choose another folder",
        )
    if old is not None:
        wanted = {point.digest for point in plan.points}
        shared = sum(point.digest in wanted for point in old.points)
        line = (
            f"another plan was here ('{old.title}', {len(old.points):,} points, {shared:,} of them "
            f"in this plan of {len(plan.points):,} points too): the tables leave the others out "
            "now, what is computed of them stays in shards"
        )
        store.log(line)
        watch.note(f"{store.folder}: {line}")
    store.write_plan(plan)


def _runs(
    store: Store, plan: Plan, command: Sequence[str], share: Share | None, reused: int
) -> list[Any]:
    """Return this run after those that worked in the folder before; a share notes its own."""
    digests = {"plan": plan.digest, **plan.inputs}
    this = provenance(command, plan.seed, digests, points=len(plan.points), finished_before=reused)
    if share is None:
        return [*store.runs(), this]
    name = f"provenance{share.suffix}.json"
    runs = [*store.runs(name), this]
    write_json(store.folder, name, {"runs": runs})
    return runs
