"""What workers do: simulate chunks of points, estimate, write the results as files.

A chunk is a range of draws of one point. A draw's outcome does not depend on the other draws, and
sums over draws are integers, so how a point is cut cannot change its result; it decides only how
much is lost when a worker dies and how evenly the end is shared.
"""

import time
import traceback
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final, Literal

from simulator.analysis.precision import Target, run_to_precision
from simulator.analysis.run import (
    Job,
    OnProgress,
    any_model,
    block_size,
    compile_job,
    tally_draws,
)
from simulator.estimates.estimate import Estimate
from simulator.estimates.formulas import numbers
from simulator.estimates.paired import rows_of
from simulator.estimates.tally import Tally, merge
from simulator.storage import write_bytes
from simulator.sweeps.inputs import SweepInputs
from simulator.sweeps.shards import File, Finished, pack_part, pack_points, pack_rows

# About a second of work on one core (docs/performance.md): drawing, compiling and tallying a draw
# take as long as this many of its trials.
TRIALS_PER_CHUNK: Final = 65_536
TRIALS_OF_A_DRAW: Final = 4
SECONDS_PER_TASK: Final = 2.0
# Before anything is measured; too slow rather than too fast, so that a first task soon returns.
_GUESSED_DRAWS_PER_SECOND: Final = 5_000.0
_GUESSED_SECONDS_PER_CHUNK: Final = 0.2


@dataclass(frozen=True, slots=True)
class Chunk:
    """The draws ``[first, last)`` of a point, of one with a precision the most it may take.

    They become estimates of the whole point, a part to be merged, or rows to be compared.
    """

    point: int
    digest: str
    first: int
    last: int
    kind: Literal["point", "part", "rows"]

    @property
    def draws(self) -> int:
        """Number of draws."""
        return self.last - self.first


@dataclass(frozen=True, slots=True)
class Failure:
    """A point that could not be simulated, and why."""

    point: int
    digest: str
    error: str
    trace: str


@dataclass(frozen=True, slots=True)
class Report:
    """What became of a task: chunks that were handed out together.

    ``finished`` are the digests of the points in the file ``shard``, ``parts`` chunks that are
    parts or rows, each with the name of its file, ``files`` those that the worker could not write
    itself. Draws and seconds are those of all chunks, failed ones included.
    """

    finished: tuple[str, ...]
    shard: str | None
    parts: tuple[tuple[Chunk, str], ...]
    failures: tuple[Failure, ...]
    files: tuple[File, ...]
    draws: int
    seconds: float


Simulate = Callable[[Job, Chunk], Tally]


def simulate_chunk(job: Job, chunk: Chunk) -> Tally:
    """Simulate the draws of a chunk."""
    return tally_draws(job, chunk.first, chunk.last)


def longest_chunk(trials: int) -> int:
    """Return the most draws of a chunk: whole blocks, at least one.

    Examples
    --------
    >>> longest_chunk(4), longest_chunk(1000)
    (8192, 256)
    """
    block = block_size(trials)
    return block * max(1, TRIALS_PER_CHUNK // ((TRIALS_OF_A_DRAW + trials) * block))


def cut(
    point: int,
    digest: str,
    first: int,
    last: int,
    longest: int,
    kind: Literal["part", "rows"] = "part",
) -> tuple[Chunk, ...]:
    """Cut draws of a point into chunks at multiples of ``longest``, counted from draw 0.

    Examples
    --------
    >>> [(p.first, p.last) for p in cut(0, "ab", 1, 5, longest=2)]
    [(1, 2), (2, 4), (4, 5)]
    """
    starts = [first, *range((first // longest + 1) * longest, last, longest)]
    return tuple(
        Chunk(point, digest, start, stop, kind)
        for start, stop in zip(starts, [*starts[1:], last], strict=True)
    )


class Pace:
    """How long chunks take, learnt from those that are done."""

    def __init__(self) -> None:
        self.draws = self.chunks = 0
        self.seconds = 0.0

    def learn(self, chunks: int, draws: int, seconds: float) -> None:
        """Take in a finished task."""
        self.chunks += chunks
        self.draws += draws
        self.seconds += seconds

    def expected(self, chunks: int, draws: int) -> float:
        """Return the seconds that work is likely to take on one core."""
        if not self.chunks:
            guessed = draws / _GUESSED_DRAWS_PER_SECOND
            return guessed + chunks * _GUESSED_SECONDS_PER_CHUNK
        # Points of one sweep differ little in size, so one rate describes both costs.
        return self.seconds * max(draws / self.draws, 0.5 * chunks / self.chunks)


def take_batch(queue: deque[Chunk], pace: Pace, workers: int) -> tuple[Chunk, ...]:
    """Take chunks for about `SECONDS_PER_TASK` from the front of a queue; at least one.

    Never more than leaves work for every other worker, so that the end of a sweep is shared.
    """
    most = max(1, -(-len(queue) // (2 * workers)))
    batch: list[Chunk] = []
    draws = 0
    while queue and len(batch) < most:
        draws += queue[0].draws
        if batch and pace.expected(len(batch) + 1, draws) > SECONDS_PER_TASK:
            break
        batch.append(queue.popleft())
    return tuple(batch)


def perform(
    inputs: SweepInputs,
    chunks: Sequence[Chunk],
    folder: Path | None,
    simulation: Simulate = simulate_chunk,
) -> Report:
    """Do a task, and write its files into the folder; without one the report carries them.

    Raises
    ------
    StorageError
        If results cannot be written: no fault of any point, and no use to go on.
    """
    started = time.perf_counter()
    done: list[Finished] = []
    parts: list[tuple[Chunk, str]] = []
    failures: list[Failure] = []
    files: list[File] = []
    for chunk in chunks:
        try:
            job = inputs.job(chunk.point)
            _check_digest(inputs.address(job), chunk)
            if chunk.kind == "point":
                tally = simulate_point(job, chunk, inputs.target, simulation)
                done.append(finish_point(chunk.digest, job, tally))
            else:
                tally = simulation(job, chunk)
                if chunk.kind == "part":
                    files.append(pack_part(chunk.digest, chunk.first, chunk.last, tally))
                else:
                    files.append(pack_rows({chunk.digest: rows_of(tally)}))
                parts.append((chunk, files[-1].name))
        # SystemExit: a library that calls sys.exit ends its point, not the sweep.
        except (Exception, SystemExit) as error:
            failures.append(failed(chunk.point, chunk.digest, error))
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
        draws=sum(chunk.draws for chunk in chunks),
        seconds=time.perf_counter() - started,
    )


def simulate_point(
    job: Job, chunk: Chunk, target: Target | None, simulation: Simulate = simulate_chunk
) -> Tally:
    """Simulate all draws of a point, or as many of them as bring its errors to a target."""
    if target is None:
        return simulation(job, chunk)

    def tally(job: Job, first: int, last: int, _: OnProgress | None = None) -> Tally:
        return simulation(job, replace(chunk, first=first, last=last))

    model, _ = compile_job(job, 0, 1)
    (found,), _ = run_to_precision(
        [job], lambda tallies: target.share(tallies[0], model), 1.0, chunk.last, tally
    )
    return found


def finish_point(digest: str, job: Job, *parts: Tally) -> Finished:
    """Estimate everything about a point from the tallies of all its draws."""
    tally = parts[0] if len(parts) == 1 else merge(parts)
    estimates, causes = numbers(tally, any_model(job))
    lines: list[tuple[str, str, Estimate]] = [("estimate", *e) for e in estimates.items()]
    lines += [("cause", *e) for e in causes.items()]
    return Finished(digest, tuple(lines), rows_of(tally))


def failed(point: int, digest: str, error: BaseException) -> Failure:
    """Return an error as a record that can be kept and shown."""
    name, text = type(error).__name__, str(error).strip()
    if isinstance(error, MemoryError):
        text = text or "not enough memory for this point; give it fewer draws, or use fewer workers"
    trace = "".join(traceback.format_exception(error))
    return Failure(point, digest, f"{name}: {text}" if text else name, trace)


def write_files(folder: Path, files: Iterable[File]) -> None:
    """Write files into a sweep's folder, in their order: a shard after the rows that it names."""
    for file in files:
        write_bytes(folder, file.name, file.data)


def _check_digest(digest: str, chunk: Chunk) -> None:
    """Refuse to file a result under an address that is not its own."""
    if digest != chunk.digest:
        raise RuntimeError(
            "this worker makes another job of the point than was planned: "
            "it runs another version of the simulator or of its libraries"
        )
