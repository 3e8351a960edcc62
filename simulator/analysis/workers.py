"""Jobs simulated here or in processes; sums are integers, so their number changes no bit."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from functools import cache, partial
from typing import Any, Final, TypeVar

import numpy as np

from simulator.analysis.precision import OnLook, TallyDraws, Target, draw_until
from simulator.analysis.run import Job, OnProgress, Result, blocks, finish, tally_draws
from simulator.estimates.estimate import Precision, known, mean_error
from simulator.estimates.paired import Rows, check_comparable, in_columns, join, rows_of
from simulator.estimates.tally import Tally, empty, put
from simulator.pool import Pool, WorkerDiedError

CHUNKS_PER_WORKER: Final = 8  # about: small enough to end together
MOST_BLOCKS_PER_CHUNK: Final = 4  # so that what a worker hands back stays small

Kept = TypeVar("Kept")


@contextmanager
def simulating(
    jobs: Sequence[Job],
    workers: int,
    keep: Callable[[Tally], Kept],
    on_progress: OnProgress | None = None,
) -> Iterator[Callable[[int, int], Iterator[tuple[int, Kept]]]]:
    """Yield what simulates the draws ``[first, last)`` of all jobs, in parts.

    Of each part it yields the number of its job and what is kept of its tally. In this process, or
    in ``workers`` if that is more than one. Raises ChildProcessError from within, if workers die
    over one part again and again (out of memory, killed) or none can be started.
    """

    def simulate(first: int, last: int) -> Iterator[tuple[int, Kept]]:
        tasks = [
            (number, *ends)
            for number, job in enumerate(jobs)
            for ends in chunks(first, last, job.trials, workers)
        ]
        if workers == 1 or len(tasks) == 1:
            for number, job in enumerate(jobs):
                yield number, keep(tally_draws(job, first, last, on_progress))
            return
        for number, draws, kept in pool().answers(tasks):
            if on_progress is not None:
                on_progress(draws)
            yield number, kept

    with ExitStack() as stack:

        @cache
        def pool() -> Pool:  # only where there is more than one task
            started = Pool(partial(_simulate, tuple(jobs), keep), workers)
            stack.callback(started.close)
            return started

        try:
            yield simulate
        except WorkerDiedError as error:
            (number, first, last), size = error.args[0], len(jobs)
            which = f", plan {number + 1} of {size}" if size > 1 else ""
            raise ChildProcessError(
                f"worker processes died over draws {first} to {last - 1} of "
                f"{jobs[number].scenario.name}{which}: they were killed, or memory ran out; fewer "
                "--workers need less"
            ) from error


def _simulate(
    jobs: Sequence[Job], keep: Callable[[Tally], Any], task: tuple[int, int, int]
) -> tuple[int, int, Any]:
    number, first, last = task
    return number, last - first, keep(tally_draws(jobs[number], first, last))


@contextmanager
def tallying(
    jobs: Sequence[Job], workers: int, on_progress: OnProgress | None = None
) -> Iterator[TallyDraws]:
    """Yield what tallies the draws ``[first, last)`` of all jobs; see `simulating`."""
    with simulating(jobs, workers, _whole, on_progress) as simulate:

        def tally(first: int, last: int) -> list[Tally]:
            found: dict[int, Tally] = {}
            for number, part in simulate(first, last):
                if part.draws.size == last - first:
                    found[number] = part
                    continue
                if number not in found:
                    found[number] = empty(np.arange(first, last), part.trials, part.horizon)
                put(found[number], part)
            return [found[number] for number in range(len(jobs))]

        yield tally


def _whole(tally: Tally) -> Tally:
    return tally


def run_with_workers(job: Job, workers: int, on_progress: OnProgress | None = None) -> Result:
    """Run a job in this process, or in ``workers`` processes where that is more than one."""
    with tallying([job], workers, on_progress) as tally:
        (whole,) = tally(0, job.draws)
        return finish(job, whole)


def compared_rows(
    jobs: Sequence[Job],
    workers: int,
    goal: Target | None = None,
    on_progress: OnProgress | None = None,
    on_look: OnLook | None = None,
) -> tuple[list[Rows], Precision | None]:
    """Simulate jobs of as many draws for a comparison with the first.

    With a goal: as many draws as bring the error of every difference from the first there, or the
    most that the jobs allow. A comparison that stops at ``D`` draws is the comparison of ``D``
    draws. Raises NotComparableError if they cannot be compared in the estimate of the goal.
    """
    parts: list[list[Rows]] = [[] for _ in jobs]
    draws = jobs[0].draws
    with simulating(jobs, workers, rows_of, on_progress) as simulate:

        def joined(first: int, last: int) -> list[Rows]:
            for number, rows in simulate(first, last):
                parts[number].append(rows)
            found = [join(some) for some in parts]
            parts[:] = [[rows] for rows in found]
            return found

        def error_with(goal: Target, first: int, last: int) -> float | None:
            rows = joined(first, last)
            check_comparable([one.horizon for one in rows], goal.estimate)
            columns = in_columns(rows, goal.estimate)
            return known(mean_error(columns - columns[:, :1], rows[0].draws).max())

        if goal is None:
            return joined(0, draws), None
        reached = draw_until(goal, draws, partial(error_with, goal), on_look)
        return [rows for (rows,) in parts], reached


def chunks(first: int, last: int, trials: int, workers: int) -> list[tuple[int, int]]:
    """Cut draws into chunks of whole blocks.

    Examples
    --------
    >>> chunks(0, 20_000, 4, 2)
    [(0, 4096), (4096, 8192), (8192, 12288), (12288, 16384), (16384, 20000)]
    >>> len(chunks(0, 10**6, 4, 2))
    62
    """
    cut = list(blocks(first, last, trials))
    size = min(MOST_BLOCKS_PER_CHUNK, -(-len(cut) // (workers * CHUNKS_PER_WORKER)))
    groups = [cut[i : i + size] for i in range(0, len(cut), size)]
    return [(group[0][0], group[-1][1]) for group in groups]
