"""Handing out tasks, taking in what comes back, and finding the point that kills its workers.

A single thread decides everything. It waits for tasks with a time limit and looks at what else may
have happened (Ctrl-C, a cluster gone), so it cannot hang on a worker that no longer exists.

The task of a worker that died is a suspect. It is run again with nothing beside it: if it loses its
worker again, it is split into single points, and a point that loses its worker twice when alone is
named as failed. All others are done as if nothing had happened.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Final

from simulator.pool import ExecutorLostError, WorkerDiedError
from simulator.storage import StorageError
from simulator.sweeps.executors import Executor
from simulator.sweeps.pieces import Pace, Piece, take_batch
from simulator.sweeps.work import Failure, Report

SECONDS_BETWEEN_LOOKS: Final = 0.5
MOST_DEATHS: Final = 2  # of workers under one point that ran alone

Pieces = tuple[Piece, ...]


@dataclass(frozen=True, slots=True)
class Task:
    """Pieces that are handed out together.

    Attributes
    ----------
    pieces : tuple of Piece
    alone : bool
        Whether nothing else runs beside it, because it is suspected of killing its worker.
    deaths : int
        How often it lost its worker when alone.
    """

    pieces: Pieces
    alone: bool = False
    deaths: int = 0


@dataclass(slots=True)
class Dispatcher:
    """Runs pieces on an executor until all are done, or it is told to stop.

    Attributes
    ----------
    executor : Executor
    take_in : callable
        Called with every report; returns failures that show only then.
    stopping : callable
        Tells whether to hand out no more tasks.
    note : callable
        Called with a line for the log when something is not as usual.
    fail_fast : bool
        Stop handing out after the first failure.
    failures : dict of digest to Failure
        Filled while it runs.
    """

    executor: Executor
    take_in: Callable[[Report], Iterable[Failure]]
    stopping: Callable[[], bool]
    note: Callable[[str], None]
    fail_fast: bool = False
    failures: dict[str, Failure] = field(default_factory=dict)
    _pace: Pace = field(default_factory=Pace)
    _queue: deque[Piece] = field(default_factory=deque)
    _running: dict[Future[Report], Task] = field(default_factory=dict)
    _suspects: deque[Task] = field(default_factory=deque)

    def run(self, pieces: Iterable[Piece]) -> None:
        """Run pieces.

        Raises
        ------
        StorageError
            If results cannot be written.
        ExecutorLostError
            If no task can be run any more.
        """
        self._queue.extend(pieces)
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
            pieces = take_batch(self._queue, self._pace, self.executor.size)
            wanted = tuple(piece for piece in pieces if piece.digest not in self.failures)
            if wanted:
                self._submit(Task(wanted))

    def _submit(self, task: Task) -> None:
        self._running[self.executor.submit(task.pieces)] = task

    def _take(self, future: Future[Report], task: Task) -> None:
        try:
            report = future.result()
        except (StorageError, ExecutorLostError):
            raise
        except Exception as error:
            self._blame(task, error)
            return
        self._pace.learn(len(task.pieces), report.draws, report.seconds)
        for failure in (*report.failures, *self.take_in(report)):
            self._fail(failure)

    def _blame(self, task: Task, error: Exception) -> None:
        """Go on after a task without a report: look at its points one by one, or name the point."""
        died = isinstance(error, WorkerDiedError)
        if died:
            self.note("a worker died; its task runs again, with nothing beside it")
        if not task.alone:
            self._suspects.append(Task(task.pieces, alone=True))
        elif len(task.pieces) > 1:
            singles = [Task((piece,), alone=True) for piece in task.pieces]
            self._suspects.extendleft(reversed(singles))
        elif died and task.deaths + 1 < MOST_DEATHS:
            self._suspects.appendleft(Task(task.pieces, alone=True, deaths=task.deaths + 1))
        else:
            piece = task.pieces[0]
            what = f"{type(error).__name__}: {error}"
            if died:
                what = f"its worker died, {MOST_DEATHS} times out of {MOST_DEATHS}: killed for its "
                what += "memory, or the point ends the process"
            self._fail(Failure(piece.point, piece.digest, what, ""))

    def _fail(self, failure: Failure) -> None:
        self.failures.setdefault(failure.digest, failure)
        self.note(f"point {failure.point} failed: {failure.error}")
