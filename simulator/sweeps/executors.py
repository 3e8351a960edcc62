"""Where tasks run: in this process, or in local processes (a Dask cluster: see `distributed`).

All of them are `concurrent.futures` executors behind a few lines: what differs is how a worker gets
the sweep's inputs, what the death of a worker looks like, and how to go on after it.
"""

from __future__ import annotations

import contextlib
import os
import pickle
import secrets
import time
from collections.abc import Sequence
from concurrent.futures import BrokenExecutor, Future, InvalidStateError, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from multiprocessing import connection, get_context
from multiprocessing.shared_memory import SharedMemory
from pathlib import Path
from typing import Final, Protocol

from simulator.analysis.workers import end_pool
from simulator.sweeps import worker
from simulator.sweeps.frozen import Frozen
from simulator.sweeps.pieces import Piece
from simulator.sweeps.work import Report, Simulate, perform, simulate_piece

SECONDS_TO_NOTICE: Final = 5.0  # that a pool has to act on the death of a worker


SHARED: Final = Path("/dev/shm")  # where Linux lists shared memory; elsewhere nothing is cleaned


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

    def close(self) -> None:
        """End; what still runs is abandoned."""


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

    def close(self) -> None:
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
            self._shared = _shared_memory(len(inputs))
        except OSError as error:
            reason = f"no shared memory for the inputs of the sweep ({error.strerror})"
            raise ExecutorLostError(f"{reason}; try --executor serial") from None
        assert self._shared.buf is not None  # it is only None once closed
        self._shared.buf[: len(inputs)] = inputs
        self._start = (self._shared.name, len(inputs), memory)
        try:
            self._pool = self._new_pool()
        except OSError as error:
            self._shared.close()
            self._shared.unlink()
            reason = f"no worker process can be started ({error.strerror})"
            raise ExecutorLostError(f"{reason}; try --executor serial") from None
        self._running: set[Future[Report]] = set()
        self._death_seen: float | None = None

    def submit(self, pieces: Sequence[Piece]) -> Future[Report]:
        """Hand out a task; after the death of a worker the future says so."""
        try:
            future = self._pool.submit(worker.perform_here, tuple(pieces))
        except (BrokenExecutor, OSError) as error:  # OSError: no process can be started
            future = Future()
            future.set_exception(BrokenProcessPool(str(error)))
        self._running = {one for one in self._running if not one.done()} | {future}
        return future

    def lost_worker(self, error: BaseException) -> bool:
        """A dead worker breaks the pool, and with it every task that was handed out."""
        return isinstance(error, BrokenExecutor)

    def recover(self) -> None:
        """Replace the pool, and see that it works."""
        for _ in range(self._ATTEMPTS):
            self._end()
            with contextlib.suppress(BrokenExecutor, OSError):
                self._pool = self._new_pool()
                self._pool.submit(worker.ping).result()
                return
        raise ExecutorLostError("worker processes cannot be started, or die as soon as they are")

    def check(self) -> None:
        """See that a death is noticed.

        The pool does so itself, but for a task handed out at the very moment of the death, or a
        message cut off by it: it would wait for them for ever.
        """
        processes = list((self._pool._processes or {}).values())
        if not connection.wait([process.sentinel for process in processes], timeout=0):
            self._death_seen = None
        elif self._death_seen is None:
            self._death_seen = time.monotonic()
        elif time.monotonic() - self._death_seen > SECONDS_TO_NOTICE:
            self._end()
            for future in self._running:
                with contextlib.suppress(InvalidStateError):  # those that the pool did see to
                    future.set_exception(BrokenProcessPool("its worker died"))

    def close(self) -> None:
        """Kill the workers, who write nothing that is not done."""
        self._end()
        self._shared.close()
        with contextlib.suppress(FileNotFoundError):
            self._shared.unlink()

    def _end(self) -> None:
        end_pool(self._pool)

    def _new_pool(self) -> ProcessPoolExecutor:
        # A spawned worker inherits no open file of ours, so none can hold the folder after us.
        pool = ProcessPoolExecutor(
            self.slots, get_context("spawn"), initializer=worker.begin, initargs=self._start
        )
        # All workers start with the first task. Of those started one by one, as tasks come, the
        # pool neither watches nor ends one that appears while it deals with the death of another,
        # and waits for it for ever (seen with CPython 3.11).
        pool._safe_to_dynamically_spawn_children = False  # type: ignore[attr-defined]
        return pool


def _shared_memory(size: int) -> SharedMemory:
    """Return new shared memory; remove that of sweeps killed with all their processes."""
    for path in SHARED.glob("simulator-*-*"):
        with contextlib.suppress(ValueError, OSError):
            owner = int(path.name.split("-")[1])
            try:
                os.kill(owner, 0)
            except ProcessLookupError:
                path.unlink()
    name = f"simulator-{os.getpid()}-{secrets.token_hex(4)}"
    return SharedMemory(name, create=True, size=size)
