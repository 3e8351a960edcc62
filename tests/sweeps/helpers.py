"""Small sweeps, and simulations that misbehave on purpose, for the tests of sweeps.

Simulations are plain functions of this module, so that worker processes can import them.
"""

from __future__ import annotations

import hashlib
import os
import sys
import time
from functools import partial
from pathlib import Path
from unittest import mock

import numpy as np

from simulator.pool import Pool
from simulator.sweeps import tasks
from simulator.sweeps.files import load_sweep
from simulator.sweeps.planning import make_plan
from simulator.sweeps.tasks import perform, simulate_chunk

SMALL = """
title: Small
scenario: reassurance-force
book: evidence
draws: 32
trials: 2
grid:
  force.target_troops: {from: 0, to: 40000, steps: 3}
  us_backstop.logistics: [true, false]
"""
POISON = 20_000  # the target_troops of the point that misbehaves


def write(folder: Path, text: str, name: str = "small.yaml") -> Path:
    path = folder / name
    path.write_text(text)
    return path


def planned(folder: Path, text: str = SMALL, **options):
    """Return plan and inputs inputs of a sweep written into a folder."""
    return make_plan(load_sweep(write(folder, text), **options))


def perform_with(simulation, inputs, chunks, folder):
    """Do a task with another simulation."""
    with mock.patch.object(tasks, "simulate_chunk", simulation):
        return perform(inputs, chunks, folder)


def pool_with(simulation, inputs, folder, workers, memory=None):
    """Return processes that do their tasks with another simulation."""
    return Pool(partial(perform_with, simulation, inputs, folder=folder), workers, memory)


def wait_for_workers(pool):
    """Wait until every worker is ready for its first task."""
    while not all(worker.ready for worker in pool._workers):
        pool.wait()


def sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def workers_of(pid: int) -> list[int]:
    """Process ids of the workers that a process has started."""
    found = []
    for path in Path("/proc").glob("[0-9]*"):
        try:
            parent = int((path / "stat").read_text().rpartition(")")[2].split()[1])
            command = (path / "cmdline").read_text()
        except (OSError, ValueError):
            continue
        if parent == pid and "spawn_main" in command:
            found.append(int(path.name))
    return found


def is_poisoned(job) -> bool:
    return job.scenario.force.target_troops == POISON and job.scenario.us_backstop.logistics


def dawdles(job, chunk):
    time.sleep(0.3)
    return simulate_chunk(job, chunk)


def raises(job, chunk):
    if is_poisoned(job):
        raise ZeroDivisionError("poisoned")
    return simulate_chunk(job, chunk)


def leaves(job, chunk):
    if is_poisoned(job):
        sys.exit(7)
    return simulate_chunk(job, chunk)


def dies(job, chunk):
    if is_poisoned(job):
        os._exit(7)
    return simulate_chunk(job, chunk)


def devours(job, chunk):
    if is_poisoned(job):
        hoard = [np.zeros(2**27) for _ in range(10_000)]  # 1 GiB each, promised though not used
        raise AssertionError(f"{len(hoard)} GiB were given: no limit holds")
    return simulate_chunk(job, chunk)
