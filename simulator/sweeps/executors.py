"""Where tasks run: in this process, in processes of this machine, on a Dask cluster."""

import time
from collections.abc import Sequence
from concurrent.futures import CancelledError, Future
from functools import partial
from importlib import import_module
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import Any, Final, TypeAlias

from simulator.pool import ExecutorLostError, Pool, WorkerDiedError
from simulator.sweeps.plan import Chunk, SweepInputs
from simulator.sweeps.tasks import Report, perform

SECONDS_TO_CONNECT: Final = 30
SECONDS_WITHOUT_WORKERS: Final = 60.0


class SerialExecutor:
    """Runs each task in this process, while it is handed out.

    A point that ends the process ends the sweep: use processes where that can happen.
    """

    size = 1

    def __init__(self, inputs: SweepInputs, folder: Path | None) -> None:
        self._perform = partial(perform, inputs, folder=folder)

    def submit(self, task: Sequence[Chunk]) -> Future[Report]:
        """Run a task; the future returned is done."""
        future: Future[Report] = Future()
        try:
            future.set_result(self._perform(task))
        except Exception as error:
            future.set_exception(error)
        return future

    def wait(self, seconds: float) -> None:
        """Nothing to wait for."""

    def close(self) -> None:
        """Nothing to end."""


def local_executor(
    inputs: SweepInputs, folder: Path | None, workers: int, memory: int | None = None
) -> Pool:
    """Return processes of this machine, which write into the folder; without one they answer."""
    return Pool(partial(perform, inputs, folder=folder), workers, memory)


class DaskExecutor:
    """Runs tasks on a Dask cluster: at an address, or one of ``workers`` processes started here.

    Every task carries what it needs and brings its results home over Dask's connections: workers
    need no shared folder, but the same version of the simulator. Dask replaces its workers itself,
    and tries a task on several before it says that they died.
    """

    def __init__(self, inputs: SweepInputs, address: str | None, workers: int) -> None:
        try:
            dask: Any = import_module("distributed")
        except ImportError:
            raise ExecutorLostError(
                "Dask is not installed; pip install 'ceasefire-simulator[distributed]'"
            ) from None
        self._inputs = inputs
        self._killed_worker: type[BaseException] = dask.KilledWorker
        self._cluster: Any = None
        try:
            if address is None:
                self._cluster = dask.LocalCluster(
                    n_workers=workers, threads_per_worker=1, dashboard_address="127.0.0.1:0"
                )
            self._client = dask.Client(self._cluster or address, timeout=SECONDS_TO_CONNECT)
        except (OSError, ValueError, RuntimeError, TimeoutError) as error:
            if self._cluster is not None:
                self._cluster.close()
            where = address or "this machine"
            raise ExecutorLostError(f"no Dask scheduler answers at {where}: {error}") from None
        self._tasks = self._client.get_executor(pure=False)
        # What is done. Its threads fill a queue, whose lock no interrupt can leave held.
        self._done: SimpleQueue[tuple[Future[Report], Future[Report]]] = SimpleQueue()
        self.size = 2 * max(1, self._threads())  # no worker waits for this process
        self._seen_alive = time.monotonic()

    def submit(self, task: tuple[Chunk, ...]) -> Future[Report]:
        """Send a task with everything that it needs."""
        needed = self._inputs.only({chunk.point for chunk in task})
        future: Future[Report] = Future()
        sent = self._tasks.submit(perform, needed, task, None)
        sent.add_done_callback(lambda done: self._done.put((future, done)))
        return future

    def wait(self, seconds: float) -> None:
        """Wait for tasks, and for a cluster without workers, but not for ever."""
        try:
            future, done = self._done.get(timeout=seconds)
        except Empty:
            if self._threads():
                self._seen_alive = time.monotonic()
            elif time.monotonic() - self._seen_alive > SECONDS_WITHOUT_WORKERS:
                lost = f"{SECONDS_WITHOUT_WORKERS:.0f} seconds"
                raise ExecutorLostError(f"the Dask cluster has had no worker for {lost}") from None
            return
        try:
            future.set_result(done.result())
        except self._killed_worker:
            future.set_exception(WorkerDiedError("a worker died"))
        except CancelledError:
            raise ExecutorLostError("tasks were cancelled: the cluster is gone") from None
        except Exception as error:
            future.set_exception(error)

    def close(self) -> None:
        """Leave the cluster, which goes on if it was there before."""
        self._tasks.shutdown(wait=False)
        self._client.close()
        if self._cluster is not None:
            self._cluster.close()

    def _threads(self) -> int:
        if self._client.status != "running":
            return 0
        try:
            return sum(self._client.nthreads().values())
        except (OSError, TimeoutError):
            return 0


# They run tasks, ``size`` of them at a time. A future raises `WorkerDiedError` if the worker of its
# task dies, and waiting raises `ExecutorLostError` if that has become pointless.
Executor: TypeAlias = SerialExecutor | Pool | DaskExecutor
