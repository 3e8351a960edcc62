"""The dispatcher, with workers that are only pretended: every way a task can end."""

from __future__ import annotations

import random
from concurrent.futures import Future
from pathlib import Path

import pytest

from simulator.pool import ExecutorLostError, WorkerDiedError
from simulator.storage import StorageError
from simulator.sweeps.dispatch import Dispatcher
from simulator.sweeps.plan import Chunk
from simulator.sweeps.tasks import Failure, Report


class Pretended:
    """An executor whose tasks end when and how the test says.

    ``fate`` is asked once for every task and returns the error that ends it, or None. A dead worker
    takes all tasks with it that were handed out, as a machine that goes down does.
    """

    size = 4

    def __init__(self, fate, shuffle=None):
        self.fate = fate
        self.random = random.Random(shuffle)
        self.tasks: list[tuple[Future, tuple[Chunk, ...]]] = []
        self.log: list[tuple[int, ...]] = []

    def submit(self, chunks):
        future = Future()
        self.tasks.append((future, tuple(chunks)))
        self.log.append(tuple(chunk.point for chunk in chunks))
        if len(self.tasks) >= self.size or self.waiting:
            self.work()
        return future

    waiting = False

    def wait(self, seconds):
        self.work()

    def work(self):
        """End one of the tasks at random."""
        if not self.tasks:
            return
        future, chunks = self.tasks.pop(self.random.randrange(len(self.tasks)))
        error = self.fate(chunks)
        if error is None:
            future.set_result(report(chunks))
            return
        future.set_exception(error)
        if isinstance(error, WorkerDiedError):
            for other, _ in self.tasks:
                other.set_exception(WorkerDiedError())
            self.tasks.clear()


def report(chunks, failures=()):
    failed = {failure.point for failure in failures}
    done = tuple((chunk, "shards/x") for chunk in chunks if chunk.point not in failed)
    return Report(done, tuple(failures), {}, sum(p.draws for p in chunks), 0.1)


def chunks(count):
    return [Chunk(i, f"d{i}", 0, 10, whole=True) for i in range(count)]


def dispatched(executor, count=40, monkeypatch=None, **options):
    finished: list[str] = []
    notes: list[str] = []
    dispatcher = Dispatcher(
        executor,
        lambda found: finished.extend(chunk.digest for chunk, _ in found.done) or (),
        options.pop("stopping", lambda: False),
        notes.append,
        **options,
    )
    dispatcher.run(chunks(count))
    return finished, dispatcher.failures, notes


@pytest.fixture(autouse=True)
def impatient(monkeypatch):
    monkeypatch.setattr("simulator.sweeps.dispatch.SECONDS_BETWEEN_LOOKS", 0.0)


def numbers(finished):
    return sorted(int(digest[1:]) for digest in finished)


def test_every_chunk_is_done_once():
    finished, failures, notes = dispatched(Pretended(lambda chunks: None))
    assert numbers(finished) == list(range(40))
    assert not failures
    assert not notes


@pytest.mark.parametrize("seed", range(20))
def test_a_point_that_kills_its_worker_fails_alone(seed):
    deadly = {7, 23}

    def fate(chunks):
        return WorkerDiedError() if deadly & {p.point for p in chunks} else None

    executor = Pretended(fate, seed)
    finished, failures, notes = dispatched(executor)
    assert numbers(finished) == sorted(set(range(40)) - deadly)
    assert sorted(failure.point for failure in failures.values()) == sorted(deadly)
    assert all("its worker died" in failure.error for failure in failures.values())
    # Blamed only after it died twice with nothing beside it.
    for point in deadly:
        assert executor.log.count((point,)) >= 2
    assert any("a worker died" in note for note in notes)


@pytest.mark.parametrize("seed", range(20))
def test_workers_killed_from_outside_cost_no_point(seed):
    """No point is at fault: none may fail, as long as none is hit twice while it runs alone."""
    chance = random.Random(seed)
    hit: set[tuple[int, ...]] = set()

    def fate(chunks):
        points = tuple(p.point for p in chunks)
        if chance.random() < 0.3 and points not in hit:
            hit.add(points)
            return WorkerDiedError()
        return None

    finished, failures, _ = dispatched(Pretended(fate, seed))
    assert numbers(finished) == list(range(40))
    assert not failures


def test_a_task_that_cannot_be_carried_out_is_looked_at_point_by_point():
    """An error that is no death: results that cannot be sent, say."""

    def fate(chunks):
        return TypeError("cannot pickle") if 5 in {p.point for p in chunks} else None

    finished, failures, _ = dispatched(Pretended(fate, 1))
    assert numbers(finished) == sorted(set(range(40)) - {5})
    assert [f.error for f in failures.values()] == ["TypeError: cannot pickle"]


def test_reported_failures_are_kept_and_fail_fast_stops():
    class Failing(Pretended):
        def work(self):
            if self.tasks:
                future, chunks = self.tasks.pop(0)
                bad = [Failure(p.point, p.digest, "bad", "") for p in chunks if p.point == 3]
                future.set_result(report(chunks, bad))

    finished, failures, _ = dispatched(Failing(None))
    assert numbers(finished) == sorted(set(range(40)) - {3})
    assert [f.point for f in failures.values()] == [3]
    finished, failures, _ = dispatched(Failing(None), fail_fast=True)
    assert len(finished) < 40
    assert [f.point for f in failures.values()] == [3]


def test_the_other_parts_of_a_failed_point_are_not_computed():
    parts = [Chunk(0, "d0", 10 * i, 10 * i + 10) for i in range(30)]

    class Failing(Pretended):
        def work(self):
            if self.tasks:
                future, chunks = self.tasks.pop(0)
                future.set_result(report(chunks, [Failure(0, "d0", "bad", "")]))

    executor = Failing(None)
    dispatcher = Dispatcher(executor, lambda found: (), lambda: False, lambda line: None)
    dispatcher.run(parts)
    assert len(dispatcher.failures) == 1
    assert sum(len(points) for points in executor.log) < 30


def test_a_request_to_stop_lets_running_tasks_end():
    done = []
    executor = Pretended(lambda chunks: done.append(chunks))
    finished, failures, _ = dispatched(executor, stopping=lambda: len(done) >= 3)
    assert len(finished) == sum(len(points) for points in executor.log)
    assert 3 <= len(finished) < 40
    assert not failures


def test_stopping_after_a_death_hands_out_nothing_more():
    deaths = []

    def fate(chunks):
        deaths.append(chunks)
        return WorkerDiedError()

    executor = Pretended(fate)
    finished, failures, _ = dispatched(executor, stopping=lambda: bool(deaths))
    assert not finished
    assert not failures
    assert len(executor.log) <= executor.size


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (StorageError(Path("x"), "the disk is full"), StorageError),
        (ExecutorLostError("gone"), ExecutorLostError),
    ],
)
def test_what_is_no_fault_of_any_point_ends_the_sweep(error, expected):
    with pytest.raises(expected):
        dispatched(Pretended(lambda chunks: error))
