"""What workers do: simulate chunks of points, estimate, write the results as files.

A chunk is a range of draws of one point. A draw's outcome does not depend on the other draws, and
sums over draws are integers, so how a point is cut cannot change its result; it decides only how
much is lost when a worker dies and how evenly the end is shared.
"""

import time
import traceback
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from simulator.analysis.precision import Target, run_to_precision
from simulator.analysis.run import Job, any_model, block_size, tally_draws
from simulator.estimates.formulas import numbers
from simulator.estimates.paired import rows_of
from simulator.estimates.tally import Tally, merge
from simulator.storage import write_bytes
from simulator.sweeps.inputs import SweepInputs
from simulator.sweeps.shards import Finished, pack_part, pack_points

# About a second of work on one core (docs/performance.md): drawing, compiling and tallying a draw
# take as long as this many of its trials.
TRIALS_PER_CHUNK: Final = 65_536
TRIALS_OF_A_DRAW: Final = 4


@dataclass(frozen=True, slots=True)
class Chunk:
    """The draws ``[first, last)`` of a point, of one with a precision the most it may take."""

    point: int
    digest: str
    first: int
    last: int
    whole: bool = False  # they become estimates of the point; others a part to be merged

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
    """What became of a task: chunks that were handed out together."""

    done: tuple[tuple[Chunk, str], ...]  # each with the file that has its results
    failures: tuple[Failure, ...]
    files: Mapping[str, bytes]  # those that the worker could not write itself
    draws: int  # of all chunks, failed ones included
    seconds: float


Simulate = Callable[[Job, Chunk], Tally]


def simulate_chunk(job: Job, chunk: Chunk) -> Tally:
    """Simulate the draws of a chunk."""
    return tally_draws(job, chunk.first, chunk.last)


def longest_chunk(trials: int) -> int:
    """Return the most draws of a chunk: whole blocks, at least one."""
    block = block_size(trials)
    return block * max(1, TRIALS_PER_CHUNK // ((TRIALS_OF_A_DRAW + trials) * block))


def cut(point: int, digest: str, first: int, last: int, longest: int) -> tuple[Chunk, ...]:
    """Cut draws of a point into chunks at multiples of ``longest``, counted from draw 0.

    Examples
    --------
    >>> [(p.first, p.last) for p in cut(0, "ab", 1, 5, longest=2)]
    [(1, 2), (2, 4), (4, 5)]
    """
    starts = [first, *range((first // longest + 1) * longest, last, longest)]
    return tuple(
        Chunk(point, digest, start, stop)
        for start, stop in zip(starts, [*starts[1:], last], strict=True)
    )


def perform(
    inputs: SweepInputs,
    chunks: Sequence[Chunk],
    folder: Path | None,
    simulation: Simulate = simulate_chunk,
) -> Report:
    """Do a task, and write its files into the folder; without one the report carries them.

    Raises StorageError if they cannot be written: no fault of any point, and no use to go on.
    """
    started = time.perf_counter()
    points: dict[Chunk, Finished] = {}
    done: list[tuple[Chunk, str]] = []
    failures: list[Failure] = []
    files: dict[str, bytes] = {}
    for chunk in chunks:
        try:
            job = inputs.job(chunk.point)
            if inputs.address(job) != chunk.digest:  # whose result must not be filed there
                raise RuntimeError(
                    "this worker makes another job of the point than was planned: "
                    "it runs another version of the simulator or of its libraries"
                )
            if chunk.whole:
                tally = simulate_point(job, chunk, inputs.target, simulation)
                points[chunk] = finish_point(chunk.digest, job, tally)
                continue
            tally = simulation(job, chunk)
            name, data = pack_part(chunk.digest, chunk.first, chunk.last, tally)
            files[name] = data
            done.append((chunk, name))
        # SystemExit: a library that calls sys.exit ends its point, not the sweep.
        except (Exception, SystemExit) as error:
            failures.append(failed(chunk.point, chunk.digest, error))
    if points:
        shard, packed = pack_points(list(points.values()))
        files |= packed
        done += [(chunk, shard) for chunk in points]
    if folder is not None:
        write_files(folder, files)
    return Report(
        done=tuple(done),
        failures=tuple(failures),
        files=files if folder is None else {},
        draws=sum(chunk.draws for chunk in chunks),
        seconds=time.perf_counter() - started,
    )


def simulate_point(
    job: Job, chunk: Chunk, target: Target | None, simulation: Simulate = simulate_chunk
) -> Tally:
    """Simulate all draws of a point, or as many of them as bring its error to a target."""
    if target is None:
        return simulation(job, chunk)

    def tally(first: int, last: int) -> list[Tally]:
        return [simulation(job, replace(chunk, first=first, last=last))]

    (found,), _ = run_to_precision([replace(job, draws=chunk.last)], target, tally)
    return found


def finish_point(digest: str, job: Job, *parts: Tally) -> Finished:
    """Estimate everything about a point from the tallies of all its draws."""
    tally = parts[0] if len(parts) == 1 else merge(parts)
    estimates, causes = numbers(tally, any_model(job))
    kinds = {"estimate": estimates, "cause": causes}
    lines = tuple((kind, *named) for kind, found in kinds.items() for named in found.items())
    return Finished(digest, lines, rows_of(tally))


def failed(point: int, digest: str, error: BaseException) -> Failure:
    """Return an error as a record that can be kept and shown."""
    name, text = type(error).__name__, str(error).strip()
    if isinstance(error, MemoryError):
        text = text or "not enough memory for this point; give it fewer draws, or use fewer workers"
    trace = "".join(traceback.format_exception(error))
    return Failure(point, digest, f"{name}: {text}" if text else name, trace)


def write_files(folder: Path, files: Mapping[str, bytes]) -> None:
    """Write files into a sweep's folder, in their order: a shard after the rows that it names."""
    for name, data in files.items():
        write_bytes(folder, name, data)
