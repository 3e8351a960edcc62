"""A run spread over processes. Sums are integers, so the number of workers changes no bit."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from contextlib import contextmanager

from simulator.analysis.run import (
    BLOCK,
    Job,
    OnProgress,
    Result,
    finish,
    run,
    split_paths,
    tally_paths,
)
from simulator.outcomes.tally import Tally, merge

# At most: small enough to end together. A part shorter than a block costs more, because lanes fall
# idle at the end of every part: 16 parts of half a block took 22 % longer than one of eight blocks.
PARTS_PER_WORKER = 8


def run_with_workers(
    job: Job, workers: int, block: int = BLOCK, on_progress: OnProgress | None = None
) -> Result:
    """Run a job in this process, or in ``workers`` processes where that is more than one.

    Raises
    ------
    concurrent.futures.process.BrokenProcessPool
        If a worker dies (out of memory, killed).
    """
    if workers == 1:
        return run(job, block, on_progress)
    blocks = job.draws * job.paths // (workers * block)
    parts = workers * max(1, min(PARTS_PER_WORKER, blocks))
    total: Tally | None = None
    with _interruptible_pool(workers) as pool:
        pending: dict[Future[Tally], int] = {
            pool.submit(tally_paths, job, first, last, block): last - first
            for first, last in split_paths(job, parts)
        }
        while pending:
            done, _ = wait(pending, return_when=FIRST_COMPLETED)
            for future in done:
                tally = future.result()
                total = tally if total is None else merge([total, tally])
                paths = pending.pop(future)
                if on_progress is not None:
                    on_progress(paths)
    assert total is not None  # a job has at least one path
    return finish(job, [total])


@contextmanager
def _interruptible_pool(workers: int) -> Iterator[ProcessPoolExecutor]:
    """A pool that is told to drop what waits, and is not waited for, when the caller is stopped."""
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
