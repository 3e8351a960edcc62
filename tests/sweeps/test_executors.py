"""Real worker processes: equal bytes, points that misbehave, workers that are killed."""

from __future__ import annotations

import contextlib
import errno
import os
import signal
import subprocess
import sys
import threading
import time
from concurrent.futures import Future, ProcessPoolExecutor
from multiprocessing import get_context
from multiprocessing.shared_memory import SharedMemory
from pathlib import Path

import pytest

from simulator.sweeps import executors, worker
from simulator.sweeps.executors import ExecutorLostError, LocalExecutor, SerialExecutor
from simulator.sweeps.run import Watch, run_plan
from tests.sweeps import helpers
from tests.sweeps.helpers import sha256

GIB = 2**30


def test_two_processes_give_the_same_bytes(small, undisturbed, tmp_path):
    run_plan(*small, tmp_path, lambda frozen, folder: LocalExecutor(frozen, folder, 2), [])
    assert sha256(tmp_path / "results.parquet") == sha256(undisturbed / "results.parquet")


@pytest.mark.parametrize(
    ("poison", "what"),
    [
        (helpers.raises, "ZeroDivisionError: poisoned"),
        (helpers.leaves, "SystemExit: 7"),
        pytest.param(
            helpers.devours,
            "MemoryError: ",
            marks=pytest.mark.skipif(sys.platform != "linux", reason="limits memory on Linux only"),
        ),
    ],
)
def test_a_poisoned_point_fails_alone_and_is_named(poison, what, small, undisturbed, tmp_path):
    def launch(frozen, folder):
        return LocalExecutor(frozen, folder, 1, memory=8 * GIB, simulation=poison)

    ending = run_plan(*small, tmp_path, launch, [])
    assert [failure.point for failure in ending.failures] == [2]
    assert ending.failures[0].error.startswith(what)
    assert (ending.finished, ending.missing) == (5, 0)
    run_plan(*small, tmp_path, SerialExecutor, [])
    assert sha256(tmp_path / "results.parquet") == sha256(undisturbed / "results.parquet")


def test_a_point_that_ends_its_process_fails_alone_and_is_named(small, undisturbed, tmp_path):
    said = []

    def launch(frozen, folder):
        return LocalExecutor(frozen, folder, 2, simulation=helpers.dies)

    ending = run_plan(*small, tmp_path, launch, [], watch=Watch(note=said.append))
    assert [failure.point for failure in ending.failures] == [2]
    assert "its worker died" in ending.failures[0].error
    assert (ending.finished, ending.missing) == (5, 0)
    assert any("a worker died" in line for line in said)
    run_plan(*small, tmp_path, SerialExecutor, [])
    assert sha256(tmp_path / "results.parquet") == sha256(undisturbed / "results.parquet")


# The thread of a broken pool may stumble over a future that has been seen to meanwhile
# (InvalidStateError in CPython 3.11); the pool is replaced anyway, and no point may be lost.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
@pytest.mark.skipif(not Path("/proc").is_dir(), reason="finds workers by /proc")
def test_workers_that_are_killed_cost_no_point(small, undisturbed, tmp_path):
    """SIGKILL for a worker that has begun, twice: a third might hit a task that ran alone again."""
    stop = threading.Event()
    killed = []

    def kill():
        while len(killed) < 2 and not stop.wait(0.05):
            workers = (executor[0]._pool._processes or {}) if executor else {}
            for pid in [pid for pid in list(workers) if pid not in killed][:1]:
                stop.wait(0.7)  # long enough to have begun, sometimes in the middle of a task
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
                    killed.append(pid)

    executor = []

    def launch(frozen, folder):
        executor.append(LocalExecutor(frozen, folder, 2, simulation=helpers.dawdles))
        return executor[0]

    thread = threading.Thread(target=kill)
    thread.start()
    try:
        ending = run_plan(*small, tmp_path, launch, [])
    finally:
        stop.set()
        thread.join()
    assert killed
    assert (ending.finished, ending.failures) == (6, ())
    assert sha256(tmp_path / "results.parquet") == sha256(undisturbed / "results.parquet")


def test_workers_that_cannot_start_end_the_sweep(small, tmp_path, monkeypatch):
    """No endless loop of new pools: after three it is said."""
    executor = LocalExecutor(small[1], tmp_path, 1)
    monkeypatch.setattr(executor, "_new_pool", _pool_that_dies)
    with pytest.raises(ExecutorLostError, match="die as soon as they are"):
        executor.recover()
    executor.close()


def test_all_workers_start_with_the_first_task(small):
    """A pool that starts them one by one can lose sight of one, and wait for it for ever."""
    executor = LocalExecutor(small[1], None, 3)
    first = executor.submit(())
    assert len(executor._pool._processes) == 3
    assert first.result().finished == ()
    executor.close()


def test_a_death_that_the_pool_overlooks_is_noticed(small, monkeypatch):
    """A pool that forgets a task handed out as a worker dies, as CPython 3.11's may."""
    monkeypatch.setattr(executors, "SECONDS_TO_NOTICE", 0.0)
    executor = LocalExecutor(small[1], None, 1)
    executor.submit(()).result()
    (process,) = executor._pool._processes.values()
    forgotten = Future()
    monkeypatch.setattr(executor._pool, "submit", lambda *task: forgotten)
    assert executor.submit(()) is forgotten
    executor.check()
    assert not forgotten.done()
    process.kill()
    deadline = time.monotonic() + 30
    while not forgotten.done() and time.monotonic() < deadline:
        executor.check()
    assert executor.lost_worker(forgotten.exception(timeout=0))
    executor.recover()
    assert executor.submit(()).result().finished == ()
    executor.close()


def _die():
    os._exit(1)


def _pool_that_dies():
    return ProcessPoolExecutor(1, get_context("spawn"), initializer=_die)


@pytest.mark.skipif(not Path("/proc").is_dir(), reason="finds workers by /proc")
def test_workers_end_when_their_parent_is_killed(tmp_path):
    """Nothing is left behind to hold memory, processors or files."""
    code = f"""
import sys
sys.path.insert(0, {str(Path.cwd())!r})
from pathlib import Path
from simulator.sweeps.executors import LocalExecutor
from simulator.sweeps import worker
from tests.sweeps.helpers import planned
frozen = planned(Path({str(tmp_path)!r}))[1]
executor = LocalExecutor(frozen, None, 2)
for ping in [executor._pool.submit(worker.ping) for _ in range(8)]:
    ping.result()
print(*[p.pid for p in executor._pool._processes.values()], flush=True)
import time; time.sleep(60)
"""
    child = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)
    with child:
        assert child.stdout is not None
        pids = [int(word) for word in child.stdout.readline().split()]
        assert len(pids) == 2
        child.kill()
        child.wait()
    deadline = time.monotonic() + 10
    while any(_lives(pid) for pid in pids) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not any(_lives(pid) for pid in pids)


def _lives(pid):
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state != "Z"


def test_memory_is_shared_out_fairly():
    whole, half = worker.memory_per_worker(1), worker.memory_per_worker(2)
    assert whole is None or (half is not None and 4 * GIB <= half <= whole)


@pytest.mark.skipif(not executors.SHARED.is_dir(), reason="shared memory is not listed here")
def test_the_shared_memory_of_a_sweep_killed_as_a_group_is_removed_by_the_next(small, tmp_path):
    dead = subprocess.run([sys.executable, "-c", "import os; print(os.getpid())"],
                          capture_output=True, text=True, check=True)  # fmt: skip
    left = executors.SHARED / f"simulator-{int(dead.stdout)}-0"
    mine = executors.SHARED / f"simulator-{os.getpid()}-0"
    try:
        for path in (left, mine):
            path.write_bytes(b"x")
        LocalExecutor(small[1], tmp_path, 1).close()
        assert (left.exists(), mine.exists()) == (False, True)
    finally:
        left.unlink(missing_ok=True)
        mine.unlink()


def test_no_shared_memory_is_left_where_no_process_can_be_started(small, tmp_path, monkeypatch):
    taken = []

    class Kept(executors.SharedMemory):
        def __init__(self, *arguments, **named):
            super().__init__(*arguments, **named)
            taken.append(self.name)

    def refuse(self):
        raise OSError(errno.EMFILE, "Too many open files")

    monkeypatch.setattr(executors, "SharedMemory", Kept)
    monkeypatch.setattr(LocalExecutor, "_new_pool", refuse)
    with pytest.raises(ExecutorLostError, match="no worker process can be started"):
        LocalExecutor(small[1], tmp_path, 2)
    assert taken
    with pytest.raises(FileNotFoundError):
        SharedMemory(taken[0])
