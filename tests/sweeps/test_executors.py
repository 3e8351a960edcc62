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
from contextlib import closing
from multiprocessing import connection
from pathlib import Path

import pytest

from simulator import pool as pool_module
from simulator.pool import ExecutorLostError, Pool, WorkerDiedError, memory_per_worker
from simulator.sweeps.executors import SerialExecutor, local_executor
from simulator.sweeps.run import Progress, run_plan
from tests.sweeps import helpers
from tests.sweeps.helpers import sha256

GIB = 2**30


@pytest.mark.slow
def test_two_processes_give_the_same_bytes(small, undisturbed, tmp_path):
    run_plan(*small, tmp_path, lambda inputs, folder: local_executor(inputs, folder, 2), [])
    assert sha256(tmp_path / "results.parquet") == sha256(undisturbed / "results.parquet")


@pytest.mark.slow
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
    def launch(inputs, folder):
        return helpers.pool_with(poison, inputs, folder, 1, 8 * GIB)

    outcome = run_plan(*small, tmp_path, launch, [])
    assert [failure.point for failure in outcome.failures] == [2]
    assert outcome.failures[0].error.startswith(what)
    assert (outcome.finished, outcome.missing) == (5, 0)
    run_plan(*small, tmp_path, SerialExecutor, [])
    assert sha256(tmp_path / "results.parquet") == sha256(undisturbed / "results.parquet")


@pytest.mark.slow
def test_a_point_that_ends_its_process_fails_alone_and_is_named(small, undisturbed, tmp_path):
    said = []

    def launch(inputs, folder):
        return helpers.pool_with(helpers.dies, inputs, folder, 2)

    outcome = run_plan(*small, tmp_path, launch, [], progress=Progress(note=said.append))
    assert [failure.point for failure in outcome.failures] == [2]
    assert "its worker died" in outcome.failures[0].error
    assert (outcome.finished, outcome.missing) == (5, 0)
    assert any("a worker died" in line for line in said)
    run_plan(*small, tmp_path, SerialExecutor, [])
    assert sha256(tmp_path / "results.parquet") == sha256(undisturbed / "results.parquet")


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc").is_dir(), reason="finds workers by /proc")
def test_workers_that_are_killed_cost_no_point(small, undisturbed, tmp_path):
    """SIGKILL for a worker that has begun, twice: a third might hit a task that ran alone again."""
    stop = threading.Event()
    killed = []

    def kill():
        while len(killed) < 2 and not stop.wait(0.05):
            workers = [one.process.pid for one in executor[0]._workers] if executor else []
            for pid in [pid for pid in workers if pid not in killed][:1]:
                stop.wait(0.7)  # long enough to have begun, sometimes in the middle of a task
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
                    killed.append(pid)

    executor = []

    def launch(inputs, folder):
        executor.append(helpers.pool_with(helpers.dawdles, inputs, folder, 2))
        return executor[0]

    thread = threading.Thread(target=kill)
    thread.start()
    try:
        outcome = run_plan(*small, tmp_path, launch, [])
    finally:
        stop.set()
        thread.join()
    assert killed
    assert (outcome.finished, outcome.failures) == (6, ())
    assert sha256(tmp_path / "results.parquet") == sha256(undisturbed / "results.parquet")


def doubled(number):
    return 2 * number


def fails_to_load():
    os._exit(1)


class Deadly:
    """A function that ends the process that loads it."""

    def __reduce__(self):
        return fails_to_load, ()


def cut_off(size):
    """Die within the answer: its length is said, and part of it sent."""
    if size:

        def send(self, data, write=os.write):
            write(self._handle, bytes(data[:100]))
            os.kill(os.getpid(), signal.SIGKILL)

        connection.Connection._send = send
    return bytes(size)


def refuses(number):
    raise UnsendableError(number)


class UnsendableError(Exception):
    def __reduce__(self):
        raise TypeError("cannot be sent")


class UnreadableError(Exception):
    def __init__(self, one, two):
        super().__init__("one of two arguments arrives")


def fails_unreadably(number):
    raise UnreadableError(1, 2)


def answer(pool, task):
    future = pool.submit(task)
    while not future.done():
        pool.wait(30)
    return future.result()


@pytest.mark.slow
def test_a_pool_answers_every_task():
    with closing(Pool(doubled, 2)) as pool:
        assert sorted(pool.answers(range(50))) == [2 * number for number in range(50)]


def dies_once(folder):
    if not (folder / "died").exists():
        (folder / "died").touch()
        os._exit(1)
    return "answered"


def test_a_task_is_handed_out_again_if_its_worker_dies(tmp_path):
    with closing(Pool(dies_once, 1)) as pool:
        assert list(pool.answers([tmp_path])) == ["answered"]


def test_a_task_that_loses_two_workers_is_said():
    with closing(Pool(os._exit, 1)) as pool, pytest.raises(WorkerDiedError) as raised:
        list(pool.answers([7]))
    assert raised.value.args == (7,)


@pytest.mark.slow
def test_workers_that_cannot_start_are_not_tried_for_ever():
    with closing(Pool(Deadly(), 1)) as pool, pytest.raises(ExecutorLostError, match="as soon as"):
        answer(pool, 1)


@pytest.mark.slow
def test_an_answer_that_is_cut_off_is_noticed():
    """While others live, nobody but the dead worker may hold the end that the parent reads."""
    with closing(Pool(cut_off, 2)) as pool:
        helpers.wait_for_workers(pool)
        started = time.monotonic()
        with pytest.raises(WorkerDiedError):
            answer(pool, 100_000)
        assert time.monotonic() - started < 20
        assert answer(pool, 0) == b""


@pytest.mark.slow
def test_the_death_of_an_idle_worker_costs_nothing():
    with closing(Pool(doubled, 1)) as pool:
        for number in range(3):
            assert answer(pool, number) == 2 * number
            pool._workers[0].process.kill()
            pool._workers[0].process.join()


@pytest.mark.skipif(not hasattr(signal, "pthread_sigmask"), reason="signals are held on POSIX")
def test_an_interrupt_does_not_reach_workers_that_are_starting():
    with closing(Pool(doubled, 1)) as pool:
        first = pool._workers[0].process.pid
        os.kill(first, signal.SIGINT)
        assert answer(pool, 1) == 2
        assert pool._workers[0].process.pid == first


@pytest.mark.slow
@pytest.mark.parametrize("function", [refuses, fails_unreadably])
def test_errors_that_cannot_travel_are_errors_of_their_task(function):
    with closing(Pool(function, 1)) as pool:
        with pytest.raises((RuntimeError, TypeError)):
            answer(pool, 1)
        assert not pool._workers[0].future


def test_no_process_is_left_where_one_cannot_be_started(monkeypatch):
    started = []

    class Started(pool_module._Worker):
        def __init__(self, memory):
            if started:
                raise OSError(errno.EMFILE, "Too many open files")
            super().__init__(memory)
            started.append(self.process)

    monkeypatch.setattr(pool_module, "_Worker", Started)
    with pytest.raises(ExecutorLostError, match="no worker process can be started"):
        Pool(doubled, 2)
    assert not started[0].is_alive()


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc").is_dir(), reason="finds workers by /proc")
def test_workers_end_when_their_parent_is_killed(tmp_path):
    """Nothing is left behind to hold memory, processors or files."""
    code = f"""
import sys
sys.path.insert(0, {str(Path.cwd())!r})
from pathlib import Path
from simulator.sweeps.executors import local_executor
from tests.sweeps.helpers import planned, wait_for_workers
inputs = planned(Path({str(tmp_path)!r}))[1]
executor = local_executor(inputs, None, 2)
wait_for_workers(executor)
print(*[one.process.pid for one in executor._workers], flush=True)
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
    whole, half = memory_per_worker(1), memory_per_worker(2)
    assert whole is None or (half is not None and 4 * GIB <= half <= whole)
