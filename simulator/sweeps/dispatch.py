"""Handing out tasks, taking in what comes back, and finding the point that kills its workers.

A single thread decides everything. It waits for tasks with a time limit and looks at what else may
have happened (Ctrl-C, a cluster gone), so it cannot hang on a worker that no longer exists.

The task of a worker that died is a suspect. It is run again with nothing beside it: if it loses its
worker again, it is split into single points, and a point that loses its worker twice when alone is
named as failed. All others are done as if nothing had happened.
"""

from collections import deque
from collections.abc import Callable, Iterable
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Final

from simulator.pool import MOST_DEATHS, ExecutorLostError, WorkerDiedError
from simulator.storage import StorageError
from simulator.sweeps.executors import Executor
from simulator.sweeps.plan import Chunk
from simulator.sweeps.tasks import Failure, Report

SECONDS_BETWEEN_LOOKS: Final = 0.5
SECONDS_PER_TASK: Final = 2.0
# Before anything is measured; too slow rather than too fast, so that a first task soon returns.
_GUESSED_DRAWS_PER_SECOND: Final = 5_000.0
_GUESSED_SECONDS_PER_CHUNK: Final = 0.2


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


@dataclass(frozen=True, slots=True)
class Task:
    """Chunks that are handed out together.

    A task that is suspected of killing its worker runs alone; ``deaths`` are those since then.
    """

    chunks: tuple[Chunk, ...]
    alone: bool = False
    deaths: int = 0


@dataclass(slots=True)
class Dispatcher:
    """Runs chunks on an executor until all are done, or it is asked to stop."""

    executor: Executor
    take_in: Callable[[Report], Iterable[Failure]]  # which returns failures that show only then
    stopping: Callable[[], bool]  # hand out no more tasks
    note: Callable[[str], None]  # when something is not as usual
    fail_fast: bool = False
    failures: dict[str, Failure] = field(default_factory=dict)  # by digest
    _pace: Pace = field(default_factory=Pace)
    _queue: deque[Chunk] = field(default_factory=deque)
    _running: dict[Future[Report], Task] = field(default_factory=dict)
    _suspects: deque[Task] = field(default_factory=deque)

    def run(self, chunks: Iterable[Chunk]) -> None:
        """Run chunks; raises StorageError, or ExecutorLostError if no task can be run any more."""
        self._queue.extend(chunks)
        while True:
            self._hand_out()
            if not self._running:
                return
            self.executor.wait(SECONDS_BETWEEN_LOOKS)
            for future in [future for future in self._running if future.done()]:
                self._take(future, self._running.pop(future))

    def _hand_out(self) -> None:
        if self.stopping() or (self.fail_fast and self.failures):
            return
        if self._suspects:
            if not self._running:
                self._submit(self._suspects.popleft())
            return
        if any(task.alone for task in self._running.values()):
            return
        while self._queue and len(self._running) < self.executor.size:
            chunks = take_batch(self._queue, self._pace, self.executor.size)
            wanted = tuple(chunk for chunk in chunks if chunk.digest not in self.failures)
            if wanted:
                self._submit(Task(wanted))

    def _submit(self, task: Task) -> None:
        self._running[self.executor.submit(task.chunks)] = task

    def _take(self, future: Future[Report], task: Task) -> None:
        try:
            report = future.result()
        except (StorageError, ExecutorLostError):
            raise
        except Exception as error:
            self._blame(task, error)
            return
        self._pace.learn(len(task.chunks), report.draws, report.seconds)
        for failure in (*report.failures, *self.take_in(report)):
            self._fail(failure)

    def _blame(self, task: Task, error: Exception) -> None:
        """Go on after a task without a report: look at its points one by one, or name the point."""
        died = isinstance(error, WorkerDiedError)
        if died:
            self.note("a worker died; its task runs again, with nothing beside it")
        if not task.alone:
            self._suspects.append(Task(task.chunks, alone=True))
        elif len(task.chunks) > 1:
            singles = [Task((chunk,), alone=True) for chunk in task.chunks]
            self._suspects.extendleft(reversed(singles))
        elif died and task.deaths + 1 < MOST_DEATHS:
            self._suspects.appendleft(Task(task.chunks, alone=True, deaths=task.deaths + 1))
        else:
            chunk = task.chunks[0]
            what = f"{type(error).__name__}: {error}"
            if died:
                what = f"its worker died, {MOST_DEATHS} times out of {MOST_DEATHS}: killed for its "
                what += "memory, or the point ends the process"
            self._fail(Failure(chunk.point, chunk.digest, what, ""))

    def _fail(self, failure: Failure) -> None:
        self.failures.setdefault(failure.digest, failure)
        self.note(f"point {failure.point} failed: {failure.error}")
