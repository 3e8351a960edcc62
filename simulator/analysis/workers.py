"""A run spread over processes. Sums are integers, so the number of workers changes no bit."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from contextlib import contextmanager
from typing import Final

import numpy as np

from simulator.analysis.precision import TallyDraws
from simulator.analysis.run import Job, OnProgress, Result, blocks, finish, tally_draws
from simulator.outcomes.tally import Tally, empty, put

PIECES_PER_WORKER: Final = 8  # about: small enough to end together
MOST_BLOCKS_PER_PIECE: Final = 4  # so that what a worker hands back stays small


@contextmanager
def tallying(workers: int) -> Iterator[TallyDraws]:
    """Yield what tallies draws: in this process, or in ``workers`` where that is more than one.

    Raises
    ------
    concurrent.futures.process.BrokenProcessPool
        From within, if a worker dies (out of memory, killed).
    """
    if workers == 1:
        yield tally_draws
        return
    with _interruptible_pool(workers) as pool:

        def tally(job: Job, first: int, last: int, on_progress: OnProgress | None = None) -> Tally:
            return _spread(pool, workers, job, first, last, on_progress)

        yield tally


def run_with_workers(job: Job, workers: int, on_progress: OnProgress | None = None) -> Result:
    """Run a job in this process, or in ``workers`` processes where that is more than one."""
    with tallying(workers) as tally:
        return finish(job, tally(job, 0, job.draws, on_progress))


def pieces(first: int, last: int, trials: int, workers: int) -> list[tuple[int, int]]:
    """Cut draws into pieces of whole blocks.

    Examples
    --------
    >>> pieces(0, 20_000, 4, 2)
    [(0, 4096), (4096, 8192), (8192, 12288), (12288, 16384), (16384, 20000)]
    >>> len(pieces(0, 10**6, 4, 2))
    62
    """
    cut = list(blocks(first, last, trials))
    size = min(MOST_BLOCKS_PER_PIECE, -(-len(cut) // (workers * PIECES_PER_WORKER)))
    groups = [cut[i : i + size] for i in range(0, len(cut), size)]
    return [(group[0][0], group[-1][1]) for group in groups]


def _spread(
    pool: ProcessPoolExecutor,
    workers: int,
    job: Job,
    first: int,
    last: int,
    on_progress: OnProgress | None,
) -> Tally:
    cut = pieces(first, last, job.trials, workers)
    if len(cut) == 1:
        return tally_draws(job, first, last, on_progress)
    total = empty(np.arange(first, last), job.trials, job.horizon)
    pending: set[Future[Tally]] = {pool.submit(tally_draws, job, *piece) for piece in cut}
    while pending:
        done, pending = wait(pending, return_when=FIRST_COMPLETED)
        while done:  # and let go of each at once: together they are as large as the whole
            part = done.pop().result()
            put(total, part)
            if on_progress is not None:
                on_progress(part.draws.size)
    return total


@contextmanager
def _interruptible_pool(workers: int) -> Iterator[ProcessPoolExecutor]:
    """A pool that drops what waits, and is not waited for, when the caller is stopped."""
    pool = ProcessPoolExecutor(workers, initializer=_leave_interrupts_to_the_parent)
    try:
        yield pool
    except BaseException:
        processes = list((pool._processes or {}).values())
        pool.shutdown(wait=False, cancel_futures=True)
        for process in processes:
            process.terminate()
        raise
    pool.shutdown()


def _leave_interrupts_to_the_parent() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
