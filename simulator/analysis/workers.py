"""A run spread over processes. Sums are integers, so the number of workers changes no bit."""

from __future__ import annotations

import signal
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from multiprocessing import connection
from queue import Empty, SimpleQueue
from typing import Final

import numpy as np

from simulator.analysis.precision import TallyDraws
from simulator.analysis.run import Job, OnProgress, Result, blocks, finish, tally_draws
from simulator.outcomes.tally import Tally, empty, put

PIECES_PER_WORKER: Final = 8  # about: small enough to end together
LOOK_SECONDS: Final = 2.0  # between looks at whether all workers live
MOST_BLOCKS_PER_PIECE: Final = 4  # so that what a worker hands back stays small

_jobs: Sequence[Job] = ()  # in a worker: those that its pieces are of


@contextmanager
def tallying(jobs: Sequence[Job], workers: int) -> Iterator[TallyDraws]:
    """Yield what tallies draws of jobs: here, or in ``workers`` processes if more than one.

    Raises
    ------
    ChildProcessError
        From within, if a worker dies (out of memory, killed).
    """
    if workers == 1:
        yield tally_draws
        return
    pool = ProcessPoolExecutor(workers, initializer=_begin, initargs=(jobs,))

    def tally(job: Job, first: int, last: int, on_progress: OnProgress | None = None) -> Tally:
        cut = pieces(first, last, job.trials, workers)
        if len(cut) == 1:
            return tally_draws(job, first, last, on_progress)
        total = empty(np.arange(first, last), job.trials, job.horizon)
        number = next(i for i, one in enumerate(jobs) if one is job)
        # Not concurrent.futures.wait: an interrupt within it leaves futures locked for ever.
        finished: SimpleQueue[Future[Tally]] = SimpleQueue()
        for piece in cut:
            pool.submit(_piece, number, *piece).add_done_callback(finished.put)
        for _ in cut:  # and let go of each at once: together they are as large as the whole
            part = _next(finished, pool).result()
            put(total, part)
            if on_progress is not None:
                on_progress(part.draws.size)
        return total

    try:
        yield tally
    except BrokenProcessPool as error:
        end_pool(pool)
        raise ChildProcessError(
            "a worker process died: it was killed, or memory ran out; fewer --workers need less"
        ) from error
    except BaseException:
        end_pool(pool)
        raise
    pool.shutdown()


def run_with_workers(job: Job, workers: int, on_progress: OnProgress | None = None) -> Result:
    """Run a job in this process, or in ``workers`` processes where that is more than one."""
    with tallying([job], workers) as tally:
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


def _next(finished: SimpleQueue[Future[Tally]], pool: ProcessPoolExecutor) -> Future[Tally]:
    """Wait for a piece. The pool overlooks the death of a worker that was handing back a piece."""
    while True:
        try:
            return finished.get(timeout=LOOK_SECONDS)
        except Empty:
            processes = list((pool._processes or {}).values())
            if connection.wait([process.sentinel for process in processes], timeout=0):
                raise BrokenProcessPool("a worker ended") from None


def end_pool(pool: ProcessPoolExecutor) -> None:
    """End a pool at once, whatever its workers are doing.

    They are killed, because asking a worker to end takes locks that a dead one may hold. Without
    our own end of the pipe, the pool learns that no more results will come, even if one was cut
    off halfway. Tasks must be small: nobody reads one that does not fit the pipe any more.
    """
    processes = list((pool._processes or {}).values())
    for process in processes:
        process.kill()
    if pool._result_queue is not None:
        pool._result_queue._writer.close()  # type: ignore[attr-defined]
    pool.shutdown(wait=True, cancel_futures=True)
    for process in processes:
        process.join()


def _begin(jobs: Sequence[Job]) -> None:
    global _jobs
    _jobs = jobs
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # interrupts are the parent's


def _piece(number: int, first: int, last: int) -> Tally:
    return tally_draws(_jobs[number], first, last)
