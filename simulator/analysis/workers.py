"""A run spread over processes. Sums are integers, so the number of workers changes no bit."""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from functools import cache, partial
from typing import Final

import numpy as np

from simulator.analysis.precision import TallyDraws
from simulator.analysis.run import Job, OnProgress, Result, blocks, finish, tally_draws
from simulator.estimates.tally import Tally, empty, put
from simulator.pool import Pool, WorkerDiedError

CHUNKS_PER_WORKER: Final = 8  # about: small enough to end together
MOST_BLOCKS_PER_CHUNK: Final = 4  # so that what a worker hands back stays small


@contextmanager
def tallying(jobs: Sequence[Job], workers: int) -> Iterator[TallyDraws]:
    """Yield what tallies draws of jobs: here, or in ``workers`` processes if more than one.

    Raises
    ------
    ChildProcessError
        From within, if a worker dies (out of memory, killed) or none can be started.
    """
    if workers == 1:
        yield tally_draws
        return

    def tally(job: Job, first: int, last: int, on_progress: OnProgress | None = None) -> Tally:
        cut = chunks(first, last, job.trials, workers)
        if len(cut) == 1:
            return tally_draws(job, first, last, on_progress)
        total = empty(np.arange(first, last), job.trials, job.horizon)
        number = next(i for i, one in enumerate(jobs) if one is job)
        for part in pool().answers((number, *ends) for ends in cut):
            put(total, part)
            if on_progress is not None:
                on_progress(part.draws.size)
        return total

    with ExitStack() as stack:

        @cache
        def pool() -> Pool:  # only where there is more than one chunk
            started = Pool(partial(_tally_chunk, tuple(jobs)), workers)
            stack.callback(started.close)
            return started

        try:
            yield tally
        except WorkerDiedError as error:
            raise ChildProcessError(
                "a worker process died: it was killed, or memory ran out; fewer --workers need less"
            ) from error


def run_with_workers(job: Job, workers: int, on_progress: OnProgress | None = None) -> Result:
    """Run a job in this process, or in ``workers`` processes where that is more than one."""
    with tallying([job], workers) as tally:
        return finish(job, tally(job, 0, job.draws, on_progress))


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


def _tally_chunk(jobs: Sequence[Job], chunk: tuple[int, int, int]) -> Tally:
    number, first, last = chunk
    return tally_draws(jobs[number], first, last)
