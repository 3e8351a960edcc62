"""What workers do: simulate chunks of points, estimate, write the results as files."""

import time
import traceback
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from simulator.analysis.precision import Target, run_to_precision
from simulator.analysis.run import Job, any_model, tally_draws
from simulator.estimates.outcome import numbers
from simulator.estimates.paired import rows_of
from simulator.estimates.tally import Tally, merge
from simulator.storage import write_bytes
from simulator.sweeps.plan import Chunk, SweepInputs
from simulator.sweeps.shards import Finished, pack_part, pack_points


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


def simulate_chunk(job: Job, chunk: Chunk) -> Tally:
    """Simulate the draws of a chunk."""
    return tally_draws(job, chunk.first, chunk.last)


def perform(inputs: SweepInputs, chunks: Sequence[Chunk], folder: Path | None) -> Report:
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
                tally = simulate_point(job, chunk, inputs.target)
                points[chunk] = finish_point(chunk.digest, job, tally)
                continue
            tally = simulate_chunk(job, chunk)
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
        files = {}
    draws, seconds = sum(chunk.draws for chunk in chunks), time.perf_counter() - started
    return Report(tuple(done), tuple(failures), files, draws, seconds)


def simulate_point(job: Job, chunk: Chunk, target: Target | None) -> Tally:
    """Simulate all draws of a point, or as many of them as bring its error to a target."""
    if target is None:
        return simulate_chunk(job, chunk)

    def tally(first: int, last: int) -> list[Tally]:
        return [simulate_chunk(job, replace(chunk, first=first, last=last))]

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
