"""What a worker does with pieces of a sweep: simulate, estimate, write the result as files.

It is a function of its arguments, so it can be tested, and run, without any worker.
"""

from __future__ import annotations

import time
import traceback
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from simulator.analysis.paired import rows_of
from simulator.analysis.precision import Target, run_to_precision
from simulator.analysis.run import (
    Job,
    OnProgress,
    any_model,
    compile_job,
    tally_draws,
)
from simulator.outcomes.estimates import numbers
from simulator.outcomes.spread import Estimate
from simulator.outcomes.tally import Tally, merge
from simulator.storage import write_bytes
from simulator.sweeps.frozen import Frozen
from simulator.sweeps.pieces import Piece, total_draws
from simulator.sweeps.shards import File, Finished, pack_part, pack_points, pack_rows


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
        Parts of points, or rows of draws, that were simulated, each with the name of its file.
    failures : tuple of Failure
    files : tuple of File
        Files that this worker could not write itself.
    draws : int
        Of all pieces, failed ones included.
    seconds : float
        Spent on all of it.
    """

    finished: tuple[str, ...]
    shard: str | None
    parts: tuple[tuple[Piece, str], ...]
    failures: tuple[Failure, ...]
    files: tuple[File, ...]
    draws: int
    seconds: float


Simulate = Callable[[Job, Piece], Tally]


def simulate_piece(job: Job, piece: Piece) -> Tally:
    """Simulate the draws of a piece."""
    return tally_draws(job, piece.first, piece.last)


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
            _check_digest(frozen.address(job), piece)
            if piece.kind == "point":
                tally = simulate_point(job, piece, frozen.target, simulation)
                done.append(finish_point(piece.digest, job, tally))
            else:
                tally = simulation(job, piece)
                files.append(_packed(piece, tally))
                parts.append((piece, files[-1].name))
        # SystemExit: a library that calls sys.exit ends its point, not the sweep.
        except (Exception, SystemExit) as error:
            failures.append(failed(piece.point, piece.digest, error))
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
        draws=total_draws(pieces),
        seconds=time.perf_counter() - started,
    )


def simulate_point(
    job: Job, piece: Piece, target: Target | None, simulation: Simulate = simulate_piece
) -> Tally:
    """Simulate all draws of a point, or as many of them as bring its errors to a target."""
    if target is None:
        return simulation(job, piece)

    def tally(job: Job, first: int, last: int, _: OnProgress | None = None) -> Tally:
        return simulation(job, replace(piece, first=first, last=last))

    model, _ = compile_job(job, 0, 1)
    (found,), _ = run_to_precision(
        [job], lambda tallies: target.share(tallies[0], model), 1.0, piece.last, tally
    )
    return found


def finish_point(digest: str, job: Job, tally: Tally) -> Finished:
    """Estimate everything about a point that is wholly simulated."""
    estimates, causes = numbers(tally, any_model(job))
    lines: list[tuple[str, str, Estimate]] = [("estimate", *e) for e in estimates.items()]
    lines += [("cause", *e) for e in causes.items()]
    return Finished(digest, tuple(lines), rows_of(tally))


def _packed(piece: Piece, tally: Tally) -> File:
    return (
        pack_part(piece, tally)
        if piece.kind == "part"
        else pack_rows({piece.digest: rows_of(tally)})
    )


def finish_parts(job: Job, digest: str, parts: Sequence[Tally]) -> Finished:
    """Join the parts of a point and estimate everything about it."""
    return finish_point(digest, job, merge(parts))


def failed(point: int, digest: str, error: BaseException) -> Failure:
    """Return an error as a record that can be kept and shown."""
    name = type(error).__name__
    text = str(error).strip()
    if isinstance(error, MemoryError):
        text = text or "not enough memory for this point; give it fewer draws, or use fewer workers"
    trace = "".join(traceback.format_exception(error))
    return Failure(point, digest, f"{name}: {text}" if text else name, trace)


def write_files(folder: Path, files: Sequence[File]) -> None:
    """Write files into a sweep's folder, in their order: a shard after the rows that it names."""
    for file in files:
        write_bytes(folder, file.name, file.data)


def _check_digest(digest: str, piece: Piece) -> None:
    """Refuse to file a result under an address that is not its own."""
    if digest != piece.digest:
        raise RuntimeError(
            "this worker makes another job of the point than was planned: "
            "it runs another version of the simulator or of its libraries"
        )
