"""A Dask cluster of separate processes: equal bytes, killed workers, poisoned points."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import pytest

from simulator.pool import ExecutorLostError
from simulator.sweeps import executors
from simulator.sweeps.executors import DaskExecutor
from simulator.sweeps.run import Progress, run_plan
from tests.sweeps import helpers
from tests.sweeps.helpers import sha256, workers_of

pytest.importorskip("distributed", reason="Dask is the extra [distributed]")

# Dask's own shutdown leaves sockets to the garbage collector; none of them is ours.
pytestmark = [
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
]


@contextmanager
def cluster(folder, workers):
    """A scheduler and workers, each a process of its own; yields the address and the workers."""
    environment = {**os.environ, "PYTHONPATH": str(Path.cwd())}  # workers import these tests
    file = folder / "scheduler.json"
    log = (folder / "dask.log").open("w")

    def begin(*words):
        return subprocess.Popen(
            [sys.executable, "-m", "distributed.cli." + words[0], *words[1:]],
            env=environment,
            stdout=log,
            stderr=log,
        )

    options = ("--no-dashboard", "--host", "127.0.0.1", "--port", "0")
    processes = [begin("dask_scheduler", *options, "--scheduler-file", str(file))]
    try:
        deadline = time.monotonic() + 60
        while not file.exists() and time.monotonic() < deadline:
            time.sleep(0.05)
        address = json.loads(file.read_text())["address"]
        for _ in range(workers):
            options = ("--nthreads", "1", "--no-dashboard", "--local-directory", str(folder))
            processes.append(begin("dask_worker", address, *options))
        yield address, processes[1:]
    finally:
        for process in reversed(processes):  # a worker may wait for a scheduler that is gone
            process.terminate()
            process.wait(60)
        log.close()


@pytest.fixture(scope="module")
def two_workers(tmp_path_factory):
    with cluster(tmp_path_factory.mktemp("cluster"), 2) as found:
        yield found


@pytest.mark.slow
def test_the_same_bytes_as_in_one_process(small, undisturbed, two_workers, tmp_path):
    def launch(inputs, folder):
        return DaskExecutor(inputs, two_workers[0], 2)

    outcome = run_plan(*small, tmp_path, launch, [])
    assert (outcome.finished, outcome.failures) == (6, ())
    assert sha256(tmp_path / "results.parquet") == sha256(undisturbed / "results.parquet")


@pytest.mark.long
def test_a_killed_worker_costs_no_point(small, undisturbed, two_workers, tmp_path, monkeypatch):
    """The nanny of a Dask worker replaces it; its tasks go elsewhere."""
    killed = []
    monkeypatch.setattr(executors, "perform", partial(helpers.perform_with, helpers.dawdles))

    def launch(inputs, folder):
        return DaskExecutor(inputs, two_workers[0], 2)

    def kill(draws):
        """When the first result is in, and the next tasks have begun."""
        if not killed:
            workers = [pid for nanny in two_workers[1] for pid in workers_of(nanny.pid)]
            os.kill(workers[0], signal.SIGKILL)
            killed.append(workers[0])

    outcome = run_plan(*small, tmp_path, launch, [], progress=Progress(advance=kill))
    assert killed
    assert (outcome.finished, outcome.failures) == (6, ())
    assert sha256(tmp_path / "results.parquet") == sha256(undisturbed / "results.parquet")


@pytest.mark.slow
@pytest.mark.parametrize(
    ("poison", "what"),
    [
        (helpers.raises, "ZeroDivisionError: poisoned"),
        pytest.param(helpers.dies, "its worker died", marks=pytest.mark.long),
    ],
)
def test_a_poisoned_point_fails_alone(poison, what, small, two_workers, tmp_path, monkeypatch):
    monkeypatch.setattr(executors, "perform", partial(helpers.perform_with, poison))

    def launch(inputs, folder):
        return DaskExecutor(inputs, two_workers[0], 2)

    outcome = run_plan(*small, tmp_path, launch, [])
    assert [failure.point for failure in outcome.failures] == [2]
    assert outcome.failures[0].error.startswith(what)
    assert (outcome.finished, outcome.missing) == (5, 0)


@pytest.mark.slow
def test_no_scheduler_is_said(small, monkeypatch):
    monkeypatch.setattr(executors, "SECONDS_TO_CONNECT", 1)
    with pytest.raises(
        ExecutorLostError, match=r"no Dask scheduler answers at tcp://127\.0\.0\.1:9"
    ):
        DaskExecutor(small[1], "tcp://127.0.0.1:9", 2)
    with pytest.raises(ExecutorLostError, match="no Dask scheduler answers at nonsense"):
        DaskExecutor(small[1], "nonsense://x", 2)


@pytest.mark.long
def test_a_cluster_without_workers_is_not_waited_for_ever(small, tmp_path, monkeypatch):
    monkeypatch.setattr(executors, "SECONDS_WITHOUT_WORKERS", 2.0)
    with cluster(tmp_path, 0) as (address, _):

        def launch(inputs, folder):
            return DaskExecutor(inputs, address, 2)

        with pytest.raises(ExecutorLostError, match="has had no worker for 2 seconds"):
            run_plan(*small, tmp_path / "out", launch, [])


@pytest.mark.long
def test_a_cluster_on_this_machine(small, undisturbed, tmp_path):
    def launch(inputs, folder):
        return DaskExecutor(inputs, None, 2)

    run_plan(*small, tmp_path, launch, [])
    assert sha256(tmp_path / "results.parquet") == sha256(undisturbed / "results.parquet")
