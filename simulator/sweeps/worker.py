"""The life of a local worker process: begin, tasks, and an end when its parent is gone."""

from __future__ import annotations

import contextlib
import os
import pickle
import signal
import sys
import threading
from collections.abc import Sequence
from multiprocessing import connection, parent_process
from multiprocessing.shared_memory import SharedMemory
from pathlib import Path

from simulator.sweeps.frozen import Frozen
from simulator.sweeps.pieces import Piece
from simulator.sweeps.work import Report, Simulate, perform

_STARTED: list[tuple[Frozen, Path | None, Simulate]] = []  # set once per process, by `begin`


def begin(name: str, size: int, memory: int | None) -> None:
    """Make this process a worker.

    Parameters
    ----------
    name, size : str, int
        Shared memory with the inputs: `Frozen`, folder and simulation, pickled by the parent.
    memory : int or None
        Bytes that this process may use.
    """
    # Ctrl-C reaches the whole group; the parent decides what becomes of it.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    if memory is not None:
        limit_memory(memory)
    shared = SharedMemory(name)
    assert shared.buf is not None  # it is only None once closed
    _STARTED[:] = [pickle.loads(shared.buf[:size])]
    shared.close()


def perform_here(pieces: Sequence[Piece]) -> Report:
    """Do a task with the inputs that this worker was given when it began."""
    frozen, folder, simulation = _STARTED[0]
    return perform(frozen, pieces, folder, simulation)


def ping() -> int:
    """Tell that this worker lives."""
    return os.getpid()


def limit_memory(size: int) -> None:
    """Let allocations beyond a size in bytes fail in this process, where the system knows how."""
    if sys.platform != "linux":
        return
    import resource

    # A limit below what is in use already would only stop the worker from starting.
    with contextlib.suppress(ValueError, OSError):
        _, hard = resource.getrlimit(resource.RLIMIT_AS)
        size = size if hard == resource.RLIM_INFINITY else min(size, hard)
        resource.setrlimit(resource.RLIMIT_AS, (size, hard))


def memory_per_worker(workers: int) -> int | None:
    """Return a fair share of this machine's memory in bytes, None if it cannot be told."""
    sizes = []
    with contextlib.suppress(ValueError, OSError, AttributeError):
        sizes.append(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES"))
    for path in ("/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes"):
        with contextlib.suppress(OSError, ValueError):
            sizes.append(int(Path(path).read_text()))
    return max(_LEAST_MEMORY, min(sizes) // workers) if sizes else None


# Address space, which libraries reserve without using it: less would stop healthy workers.
_LEAST_MEMORY = 4 * 2**30


def _end_with_parent() -> None:
    """End this process when its parent ends in whatever way, so that none is left behind."""
    parent = parent_process()
    if parent is not None:
        connection.wait([parent.sentinel])
        os._exit(1)
