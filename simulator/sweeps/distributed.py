"""Tasks on a Dask cluster: one that is running, or one started on this machine.

Needs the extra ``distributed``. Every task carries what it needs and brings its results home over
Dask's connections, so workers need no shared folder. They need the same version of the simulator: a
worker that makes another job of a point than was planned refuses it.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from concurrent.futures import Future
from typing import Any

from simulator.sweeps.executors import ExecutorLostError
from simulator.sweeps.frozen import Frozen
from simulator.sweeps.pieces import Piece
from simulator.sweeps.work import Report, Simulate, perform, simulate_piece

SECONDS_TO_CONNECT = 30
SECONDS_WITHOUT_WORKERS = 60.0


class DaskExecutor:
    """Runs tasks on a Dask cluster.

    Parameters
    ----------
    frozen : Frozen
    address : str or None
        Of a scheduler; None starts a cluster of ``workers`` processes on this machine.
    workers : int
    simulation : callable
        For tests.

    Raises
    ------
    ExecutorLostError
        If Dask is not installed or no scheduler answers.
    """

    def __init__(
        self,
        frozen: Frozen,
        address: str | None,
        workers: int,
        simulation: Simulate = simulate_piece,
    ) -> None:
        dask = _dask()
        self._frozen, self._simulation = frozen, simulation
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
        self._pool = self._client.get_executor(pure=False)
        self.slots = max(1, self._threads())
        self.ahead = 2 * self.slots
        self._seen_alive = time.monotonic()

    def submit(self, pieces: Sequence[Piece]) -> Future[Report]:
        """Send a task with everything that it needs."""
        needed = self._frozen.only({piece.point for piece in pieces})
        future: Future[Report] = self._pool.submit(
            perform, needed, tuple(pieces), None, self._simulation
        )
        return future

    def lost_worker(self, error: BaseException) -> bool:
        """Dask itself tries a task on other workers, a few times, before it says so."""
        return isinstance(error, self._killed_worker)

    def recover(self) -> None:
        """Dask replaces its workers itself."""
        self.check()

    def check(self) -> None:
        """Wait for a cluster without workers, but not for ever."""
        now = time.monotonic()
        if self._threads():
            self._seen_alive = now
        elif now - self._seen_alive > SECONDS_WITHOUT_WORKERS:
            seconds = f"{SECONDS_WITHOUT_WORKERS:.0f} seconds"
            raise ExecutorLostError(f"the Dask cluster has had no worker for {seconds}")

    def close(self) -> None:
        """Leave the cluster, which goes on if it was there before."""
        self._pool.shutdown(wait=False)
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


def _dask() -> Any:
    """Import Dask, an extra, when it is asked for."""
    try:
        import distributed
    except ImportError:
        raise ExecutorLostError(
            "Dask is not installed; pip install 'ceasefire-simulator[distributed]'"
        ) from None
    return distributed
