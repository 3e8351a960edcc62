"""What a worker does with pieces of a sweep: simulate, estimate, write the result as files.

It is a function of its arguments, so it can be tested, and run, without any worker.
"""

from __future__ import annotations

import time
import traceback
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from simulator.analysis.paired import PairedSums, add_paths, groups_for, merge_sums, no_sums
from simulator.analysis.run import BLOCK, Job, compile_job
from simulator.engines.core import simulate
from simulator.model.compiled import CompiledModel
from simulator.outcomes.estimates import outcome
from simulator.outcomes.spread import Estimate
from simulator.outcomes.tally import Tally, add, empty, merge
from simulator.storage import write_bytes
from simulator.sweeps.frozen import Frozen
from simulator.sweeps.pieces import Piece, total_paths
from simulator.sweeps.shards import File, Finished, pack_part, pack_points

# What is reported of failures must fit a pipe, however many of them a task has (`LocalExecutor`).
MOST_ERROR, MOST_TRACE, MOST_TRACES = 200, 2_000, 1


@dataclass(frozen=True, slots=True)
class Failure:
    """A point that could not be simulated, and why."""

    point: int
    digest: str
    error: str
    trace: str


@dataclass(frozen=True, slots=True)
class Report:
    """What became of a task.

    Attributes
    ----------
    finished : tuple of str
        Digests of the points whose results are in ``shard``.
    shard : str or None
        Name of a file of the store.
    parts : tuple of (Piece, str)
        Parts of points that were simulated, each with the name of its file.
    failures : tuple of Failure
    files : tuple of File
        Files that this worker could not write itself.
    paths : int
        Simulated.
    seconds : float
        Spent on all of it.
    """

    finished: tuple[str, ...]
    shard: str | None
    parts: tuple[tuple[Piece, str], ...]
    failures: tuple[Failure, ...]
    files: tuple[File, ...]
    paths: int
    seconds: float


@dataclass(frozen=True, eq=False, slots=True)
class Simulated:
    """A simulated piece: tally for estimates, sums for comparisons, the model of its draws."""

    tally: Tally
    sums: PairedSums
    model: CompiledModel


Simulate = Callable[[Job, Piece], Simulated]


def simulate_piece(job: Job, piece: Piece) -> Simulated:
    """Simulate the paths of a piece."""
    first_draw, last_draw = piece.first // job.paths, (piece.last - 1) // job.paths + 1
    model, _ = compile_job(job, first_draw, last_draw)
    tally = empty(model.draws, model.horizon)
    sums = no_sums(model.draws, model.horizon, groups_for(job.draws, job.paths))
    offset = first_draw * job.paths
    for start in range(piece.first, piece.last, BLOCK):
        stop = min(start + BLOCK, piece.last)
        records = simulate(model, job.paths, start - offset, stop - offset)
        add(tally, records, job.paths)
        add_paths(sums, records, job.paths)
    return Simulated(tally, sums, model)


def perform(
    frozen: Frozen,
    pieces: Sequence[Piece],
    folder: Path | None,
    simulation: Simulate = simulate_piece,
) -> Report:
    """Do a task.

    Parameters
    ----------
    frozen : Frozen
        Has at least the points of the pieces.
    pieces : sequence of Piece
    folder : Path or None
        The sweep's folder if this process can write to it; otherwise the report carries the files.
    simulation : callable
        For tests.

    Raises
    ------
    StorageError
        If results cannot be written: no fault of any point, and no use to go on.
    """
    started = time.perf_counter()
    done: list[Finished] = []
    parts: list[tuple[Piece, str]] = []
    failures: list[Failure] = []
    files: list[File] = []
    for piece in pieces:
        try:
            job = frozen.job(piece.point)
            _check_digest(job, piece)
            found = simulation(job, piece)
            if piece.whole:
                done.append(finish_point(piece.digest, found.tally, found.sums, found.model))
            else:
                files.append(pack_part(piece, found.tally, found.sums))
                parts.append((piece, files[-1].name))
        # SystemExit: a library that calls sys.exit ends its point, not the sweep.
        except (Exception, SystemExit) as error:
            failure = failed(piece.point, piece.digest, error)
            failures.append(replace(failure, trace="") if len(failures) >= MOST_TRACES else failure)
    shard = None
    if done:
        files += pack_points(done)
        shard = files[-1].name
    if folder is not None:
        write_files(folder, files)
    return Report(
        finished=tuple(one.digest for one in done),
        shard=shard,
        parts=tuple(parts),
        failures=tuple(failures),
        files=() if folder is not None else tuple(files),
        paths=total_paths(pieces),
        seconds=time.perf_counter() - started,
    )


def finish_point(digest: str, tally: Tally, sums: PairedSums, model: CompiledModel) -> Finished:
    """Estimate everything about a point that is wholly simulated."""
    found = outcome(tally, model)
    rows: list[tuple[str, str, Estimate]] = [("estimate", n, e) for n, e in found.estimates.items()]
    rows += [("cause", name, e) for name, e in found.causes.items()]
    return Finished(digest, tuple(rows), sums)


def finish_parts(job: Job, digest: str, parts: Sequence[tuple[Tally, PairedSums]]) -> Finished:
    """Add up the parts of a point and estimate everything about it."""
    model, _ = compile_job(job)
    tally = merge([tally for tally, _ in parts])
    return finish_point(digest, tally, merge_sums([sums for _, sums in parts]), model)


def failed(point: int, digest: str, error: BaseException) -> Failure:
    """Return an error as a record that can be kept and shown."""
    name = type(error).__name__
    text = str(error).strip()
    if isinstance(error, MemoryError):
        text = text or "not enough memory for this point; give it fewer draws, or use fewer workers"
    trace = "".join(traceback.format_exception(error))[-MOST_TRACE:]
    return Failure(point, digest, (f"{name}: {text}" if text else name)[:MOST_ERROR], trace)


def write_files(folder: Path, files: Sequence[File]) -> None:
    """Write files into a sweep's folder, in their order: a shard after the sums that it names."""
    for file in files:
        write_bytes(folder, file.name, file.data)


def _check_digest(job: Job, piece: Piece) -> None:
    """Refuse to file a result under an address that is not its own."""
    if job.digest != piece.digest:
        raise RuntimeError(
            "this worker makes another job of the point than was planned: "
            "it runs another version of the simulator or of its libraries"
        )
