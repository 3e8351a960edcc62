"""Worker processes that may die at any moment, and a parent that never waits for a dead one.

Every worker has a pipe of its own, and nobody else holds its other end: when it dies, however
much of a message it had sent, the parent reads the end of the file. So a death is noticed at once
and costs the one task that the worker had. There are no threads and no locks that an interrupt
could leave held. Workers are ended by killing them, so what they write must be whole or absent.
"""

import contextlib
import os
import pickle
import signal
import sys
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future
from multiprocessing import connection, get_context, parent_process
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any, Final

MOST_DEATHS: Final = 2  # of workers under one task
MOST_FAILED_STARTS: Final = 3  # in a row, of workers that die before their first task
# Address space, which libraries reserve without using it: less would stop healthy workers.
LEAST_MEMORY: Final = 4 * 2**30


class WorkerDiedError(ChildProcessError):
    """The worker of a task ended before it answered."""


class ExecutorLostError(ChildProcessError):
    """No task can be run any more, whatever the task: no fault of any of them."""


class _Worker:
    """A process, our end of its pipe, and what it does: the future of a task, or still to start."""

    def __init__(self, memory: int | None) -> None:
        # A spawned worker inherits no open file: neither a folder's lock nor another's pipe.
        context = get_context("spawn")
        self.pipe, theirs = context.Pipe()
        self.process: BaseProcess = context.Process(target=_work, args=(theirs, memory))
        self.started = self.ready = False
        self.future: Future[Any] | None = None
        try:
            with _interrupts_held():
                self.process.start()
        finally:
            theirs.close()

    def end(self) -> None:
        self.pipe.close()
        if self.process.pid is not None:
            self.process.kill()
            self.process.join()


class Pool:
    """Calls a function in ``workers`` processes; ``memory`` is in bytes a worker, None no limit.

    The function must be importable by name in another process. Futures are done only within
    `wait`, in the thread that calls it.
    """

    def __init__(
        self, function: Callable[[Any], Any], workers: int, memory: int | None = None
    ) -> None:
        self.size = workers
        self._function, self._memory = pickle.dumps(function), memory
        self._waiting: deque[tuple[Future[Any], Any]] = deque()
        self._workers: list[_Worker] = []
        self._failed_starts = 0
        try:
            for _ in range(workers):
                self._workers.append(self._started())
        except BaseException:
            self.close()
            raise

    def submit(self, task: Any) -> Future[Any]:
        """Hand out a task, to be done when a worker is idle."""
        future: Future[Any] = Future()
        self._waiting.append((future, task))
        self._hand_out()
        return future

    def wait(self, seconds: float | None = None) -> None:
        """Wait until something has happened: a task is done, a worker has started or died.

        ExecutorLostError if workers cannot be started.
        """
        pipes = {worker.pipe: worker for worker in self._workers}
        for pipe in connection.wait(list(pipes), seconds):
            worker = pipes[pipe]  # type: ignore[index]
            try:
                message = worker.pipe.recv_bytes()
                if not worker.started:
                    worker.pipe.send_bytes(self._function)
                    worker.started = True
                    continue
            except (EOFError, OSError):
                self._replace(worker)
                continue
            if worker.ready:
                self._answered(worker, message)
            worker.ready, self._failed_starts = True, 0
        self._hand_out()

    def answers(self, tasks: Iterable[Any]) -> Iterator[Any]:
        """Yield the answer to each task as it comes, raising what a task raised.

        The task of a worker that died is handed out again; `WorkerDiedError` holds one that loses
        `MOST_DEATHS` of them.
        """
        waiting = {self.submit(task): (task, 1) for task in tasks}
        while waiting:
            for future in [future for future in waiting if future.done()]:
                task, deaths = waiting.pop(future)
                if not isinstance(future.exception(), WorkerDiedError):
                    yield future.result()
                elif deaths < MOST_DEATHS:
                    waiting[self.submit(task)] = task, deaths + 1
                else:
                    raise WorkerDiedError(task)
            if waiting:
                self.wait()

    def close(self) -> None:
        """Kill the workers, whatever they are doing."""
        for worker in self._workers:
            worker.end()
        self._workers.clear()

    def _started(self) -> _Worker:
        try:
            return _Worker(self._memory)
        except OSError as error:
            reason = f"no worker process can be started ({error.strerror or error})"
            hint = "try --workers 1, or of a sweep --executor serial"
            raise ExecutorLostError(f"{reason}; {hint}") from None

    def _hand_out(self) -> None:
        for worker in list(self._workers):
            if not self._waiting:
                return
            if worker.ready and worker.future is None:
                future, task = self._waiting.popleft()
                try:
                    worker.pipe.send_bytes(pickle.dumps(task))
                    worker.future = future
                except OSError:  # it was dead before
                    self._waiting.appendleft((future, task))
                    self._replace(worker)

    def _answered(self, worker: _Worker, message: bytes) -> None:
        future, worker.future = worker.future, None
        assert future is not None  # a worker says nothing unasked
        try:
            answer, error = pickle.loads(message)
        except Exception as broken:  # of an error's own making
            answer, error = None, broken
        if error is None:
            future.set_result(answer)
        else:
            future.set_exception(error)

    def _replace(self, worker: _Worker) -> None:
        worker.end()
        self._failed_starts += not worker.ready
        if self._failed_starts >= MOST_FAILED_STARTS:
            raise ExecutorLostError(
                "worker processes die as soon as they are started; a script that uses them needs "
                "its own part under: if __name__ == '__main__':"
            )
        self._workers[self._workers.index(worker)] = self._started()
        if worker.future is not None:
            worker.future.set_exception(WorkerDiedError("a worker process died"))


@contextlib.contextmanager
def _interrupts_held() -> Iterator[None]:
    """Keep Ctrl-C, which reaches the whole group, from processes that are started within."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    from multiprocessing import resource_tracker

    resource_tracker.ensure_running()  # started within, it would let interrupts through again
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _work(pipe: connection.Connection, memory: int | None) -> None:
    """Be a worker: begin, answer tasks, and end when the parent is gone."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent decides what becomes of Ctrl-C
    threading.Thread(target=_end_with_parent, daemon=True).start()
    if memory is not None:
        limit_memory(memory)
    pipe.send_bytes(b"started")
    function = pickle.loads(pipe.recv_bytes())
    pipe.send_bytes(b"ready")
    with contextlib.suppress(EOFError):
        while True:
            task = pipe.recv_bytes()
            try:
                answer = pickle.dumps((function(pickle.loads(task)), None))
            except BaseException as error:
                answer = _packed(error)
            pipe.send_bytes(answer)
            del answer


def _packed(error: BaseException) -> bytes:
    try:
        return pickle.dumps((None, error))
    except Exception:  # an error that holds what cannot be sent
        return pickle.dumps((None, RuntimeError(f"{type(error).__name__}: {error}")))


def _end_with_parent() -> None:
    """End this process when its parent ends in whatever way, so that none is left behind."""
    parent = parent_process()
    if parent is not None:
        connection.wait([parent.sentinel])
        os._exit(1)


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


def machine_memory() -> int | None:
    """Bytes of memory; None where the system does not say."""
    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (AttributeError, OSError, ValueError):
        return None


def memory_per_worker(workers: int) -> int | None:
    """Return a fair share of this machine's memory in bytes, None if that cannot be known."""
    memory = machine_memory()
    sizes = [] if memory is None else [memory]
    for path in ("/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes"):
        with contextlib.suppress(OSError, ValueError):
            sizes.append(int(Path(path).read_text()))
    return max(LEAST_MEMORY, min(sizes) // workers) if sizes else None
