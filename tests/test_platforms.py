"""The ways around what other systems lack (`docs/limits.md` lists them), each lack made here."""

from __future__ import annotations

import importlib.util
import os
import resource
import signal
import sys
import types
from pathlib import Path

import click
import numpy as np
import pytest

from simulator import pool
from simulator.analysis.inputs import load_plans
from simulator.analysis.memory import check_memory, machine_memory
from simulator.analysis.run import Job, run
from simulator.analysis.workers import run_with_workers
from simulator.cli.commands import cli
from simulator.cli.sweep import processors
from simulator.storage import StorageError, lock, open_results, parquet, read_table, table_bytes
from simulator.storage.results import write_results

bench_command = cli.commands["bench"]


def fake_msvcrt() -> types.ModuleType:
    """Return locks of single bytes as Windows has them: alone, and refused at once."""
    held: set[tuple[int, int, int]] = set()

    def locking(descriptor: int, mode: int, count: int) -> None:
        assert count == 1
        about = os.fstat(descriptor)
        byte = (about.st_dev, about.st_ino, os.lseek(descriptor, 0, os.SEEK_CUR))
        if mode == module.LK_UNLCK:
            held.remove(byte)
        elif byte in held:
            raise PermissionError("locked")
        else:
            held.add(byte)

    module = types.ModuleType("msvcrt")
    module.LK_NBLCK, module.LK_UNLCK, module.locking = 2, 0, locking
    return module


def test_a_folder_is_held_on_windows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "msvcrt", fake_msvcrt())
    monkeypatch.setattr(sys, "platform", "win32")
    monkeypatch.setattr(Path, "unlink", _refuse)  # a file that is open cannot be removed there
    found = importlib.util.spec_from_file_location("lock_on_windows", lock.__file__)
    assert found is not None
    windows = importlib.util.module_from_spec(found)
    found.loader.exec_module(windows)
    for shared in (False, True, False):
        with windows.hold(tmp_path, shared=shared):
            for other in (False, True):
                with pytest.raises(StorageError, match="in use"):
                    windows.hold(tmp_path, shared=other).__enter__()


def _refuse(*_: object, **__: object) -> None:
    raise PermissionError("in use")


def test_folders_that_cannot_be_opened_are_not_flushed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delattr(os, "O_DIRECTORY")
    write_results(tmp_path, {"a.json": b"1"}, {})
    monkeypatch.setattr(os, "O_DIRECTORY", 0, raising=False)
    monkeypatch.setattr(os, "open", _refuse)
    write_results(tmp_path, {"a.json": b"2"}, {})
    assert open_results(tmp_path).json("a.json") == 2


def test_a_system_that_does_not_tell_its_size(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(os, "sched_getaffinity", raising=False)
    assert processors() == os.cpu_count()
    monkeypatch.delattr(os, "sysconf")
    monkeypatch.setattr(Path, "read_text", _refuse)
    assert machine_memory() is None
    assert pool.memory_per_worker(2) is None
    check_memory(10**7, 30.0)


def test_memory_is_limited_on_linux_only(monkeypatch: pytest.MonkeyPatch) -> None:
    before = resource.getrlimit(resource.RLIMIT_AS)
    monkeypatch.setattr(sys, "platform", "darwin")
    pool.limit_memory(1)
    assert resource.getrlimit(resource.RLIMIT_AS) == before


def test_the_benchmark_is_refused_where_it_cannot_measure(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(os, "getloadavg")
    with pytest.raises(click.UsageError, match="Linux and macOS"):
        bench_command.main(["--quick"], standalone_mode=False)


def test_a_program_without_an_interpreter_reads_tables(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", "")
    monkeypatch.setattr(parquet.subprocess, "run", _refuse)
    assert read_table(table_bytes({"a": [1, 2]})).columns["a"].tolist() == [1, 2]


@pytest.mark.slow
def test_workers_whose_signals_cannot_be_held_give_the_same_numbers(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delattr(signal, "pthread_sigmask")
    ((plan, book),) = load_plans(["no-force"], "evidence")
    job = Job(plan, book, 1, draws=3000, trials=4)
    alone, spread = run(job), run_with_workers(job, 2)
    np.testing.assert_array_equal(
        spread.outcome.curves.survival.value, alone.outcome.curves.survival.value
    )
