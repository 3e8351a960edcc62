"""Where tasks run: in this process, or in local processes (a Dask cluster: see `distributed`).

All of them are `concurrent.futures` executors behind a few lines: what differs is how a worker gets
the sweep's inputs, what the death of a worker looks like, and how to go on after it.
"""

from __future__ import annotations

import contextlib
import pickle
from collections.abc import Sequence
from concurrent.futures import BrokenExecutor, Future, ProcessPoolExecutor
from multiprocessing import connection, get_context
from multiprocessing.shared_memory import SharedMemory
from pathlib import Path
from typing import Protocol

from simulator.sweeps import worker
from simulator.sweeps.frozen import Frozen
from simulator.sweeps.pieces import Piece
from simulator.sweeps.work import Report, Simulate, perform, simulate_piece

_SECONDS_BETWEEN_LOOKS = 0.2


class ExecutorLostError(Exception):
    """No task can be run any more, whatever the task: no fault of any point."""


class Executor(Protocol):
    """Runs tasks.

    Attributes
    ----------
    slots : int
        Tasks that run at the same time.
    ahead : int
        Tasks to hand out at a time: more than run, so that no worker waits for this process.
    """

    slots: int
    ahead: int

    def submit(self, pieces: Sequence[Piece]) -> Future[Report]:
        """Hand out a task."""

    def lost_worker(self, error: BaseException) -> bool:
        """Tell whether a task's error means that the worker died."""

    def recover(self) -> None:
        """Make ready for tasks after a worker died; raise `ExecutorLostError` if that fails."""

    def check(self) -> None:
        """Raise `ExecutorLostError` if it has become pointless to wait for tasks."""

    def close(self, now: bool) -> None:
        """End; with ``now``, abandon what still runs."""


class SerialExecutor:
    """Runs each task in this process, while it is handed out.

    A point that ends the process ends the sweep: use processes where that can happen.
    """

    slots = ahead = 1

    def __init__(
        self, frozen: Frozen, folder: Path | None, simulation: Simulate = simulate_piece
    ) -> None:
        self._arguments = (frozen, folder, simulation)

    def submit(self, pieces: Sequence[Piece]) -> Future[Report]:
        """Run a task; the future returned is done."""
        frozen, folder, simulation = self._arguments
        future: Future[Report] = Future()
        try:
            future.set_result(perform(frozen, pieces, folder, simulation))
        except Exception as error:
            future.set_exception(error)
        return future

    def lost_worker(self, error: BaseException) -> bool:
        """There is no worker to lose."""
        return False

    def recover(self) -> None:
        """Nothing to do."""

    def check(self) -> None:
        """Nothing to do."""

    def close(self, now: bool) -> None:
        """Nothing to do."""


class LocalExecutor:
    """Runs tasks in processes of this machine, and replaces those that die.

    A process killed half-way through a long message leaves its partner waiting for the rest for
    ever. So no long message is ever sent: workers find the sweep's inputs in shared memory, write
    their results into the folder themselves, and what goes through pipes fits a pipe as a whole.

    Parameters
    ----------
    frozen : Frozen
    folder : Path or None
        With None, results come back through pipes after all: for comparisons, which are short.
    workers : int
    memory : int or None
        Bytes that each worker may use; more raises `MemoryError` there. None sets no limit.
    simulation : callable
        For tests.

    Raises
    ------
    ExecutorLostError
        If the system gives no shared memory.
    """

    _ATTEMPTS = 3  # to start workers before giving up

    def __init__(
        self,
        frozen: Frozen,
        folder: Path | None,
        workers: int,
        memory: int | None = None,
        simulation: Simulate = simulate_piece,
    ) -> None:
        self.slots, self.ahead = workers, 2 * workers
        inputs = pickle.dumps((frozen, folder, simulation))
        try:
            self._shared = SharedMemory(create=True, size=len(inputs))
        except OSError as error:
            reason = f"no shared memory for the inputs of the sweep ({error.strerror})"
            raise ExecutorLostError(f"{reason}; try --executor serial") from None
        assert self._shared.buf is not None  # it is only None once closed
        self._shared.buf[: len(inputs)] = inputs
        self._start = (self._shared.name, len(inputs), memory)
        self._pool = self._new_pool()

    def submit(self, pieces: Sequence[Piece]) -> Future[Report]:
        """Hand out a task; after the death of a worker the future says so."""
        try:
            return self._pool.submit(worker.perform_here, tuple(pieces))
        except BrokenExecutor as error:
            future: Future[Report] = Future()
            future.set_exception(error)
            return future

    def lost_worker(self, error: BaseException) -> bool:
        """A dead worker breaks the pool, and with it every task that was handed out."""
        return isinstance(error, BrokenExecutor)

    def recover(self) -> None:
        """Replace the pool, and see that it works."""
        for _ in range(self._ATTEMPTS):
            self._pool.shutdown(wait=True, cancel_futures=True)
            self._pool = self._new_pool()
            ping = self._pool.submit(worker.ping)
            with contextlib.suppress(BrokenExecutor):
                while not ping.done():
                    connection.wait(self._sentinels(), timeout=_SECONDS_BETWEEN_LOOKS)
                    self.check()
                ping.result()
                return
        raise ExecutorLostError("worker processes die as soon as they start")

    def check(self) -> None:
        """See that a dead worker is noticed.

        The pool starts to watch over a worker when it next has something else to do. Should that
        never come, because the worker died first, this gives it something.
        """
        if connection.wait(self._sentinels(), timeout=0):
            with contextlib.suppress(BrokenExecutor):
                self._pool.submit(worker.ping)

    def close(self, now: bool) -> None:
        """End the workers; with ``now``, kill them."""
        if now:
            for process in list((self._pool._processes or {}).values()):
                process.kill()
        self._pool.shutdown(wait=True, cancel_futures=True)
        self._shared.close()
        with contextlib.suppress(FileNotFoundError):
            self._shared.unlink()

    def _new_pool(self) -> ProcessPoolExecutor:
        # A spawned worker inherits no open file of ours, so none can hold the folder after us.
        return ProcessPoolExecutor(
            self.slots, get_context("spawn"), initializer=worker.begin, initargs=self._start
        )

    def _sentinels(self) -> list[int]:
        """Handles that become ready when a worker is dead."""
        return [process.sentinel for process in list((self._pool._processes or {}).values())]
