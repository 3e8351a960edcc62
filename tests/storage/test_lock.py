"""Two runs at once in one folder: the second is refused, and a killed run holds nothing."""

from __future__ import annotations

import signal
import subprocess
import sys
from contextlib import contextmanager

import pytest

from simulator.storage import StorageError, hold

HOLDER = """
import sys, time
from pathlib import Path
from simulator.storage import hold
with hold(Path(sys.argv[1]), shared=sys.argv[2] == "shared"):
    print("held", flush=True)
    time.sleep(60)
"""


@contextmanager
def another_process(folder, how):
    child = subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(folder), how], stdout=subprocess.PIPE
    )
    with child:
        assert child.stdout is not None
        assert child.stdout.readline() == b"held\n"
        try:
            yield child
        finally:
            child.kill()


def test_the_second_is_refused_and_told_by_whom(tmp_path):
    with another_process(tmp_path, "alone") as child:
        with pytest.raises(StorageError, match=rf"in use by process {child.pid} since 2"):
            hold(tmp_path).__enter__()
        with pytest.raises(StorageError, match="in use"):
            hold(tmp_path, shared=True).__enter__()


def test_sharers_suffer_each_other_but_no_owner(tmp_path):
    with another_process(tmp_path, "shared"):
        with hold(tmp_path, shared=True):
            pass
        with pytest.raises(StorageError, match="in use by another process"):
            hold(tmp_path).__enter__()
        with hold(tmp_path, name=".lock-part"):
            pass


def test_a_killed_holder_holds_nothing(tmp_path):
    with another_process(tmp_path, "alone") as child:
        child.send_signal(signal.SIGKILL)
        child.wait()
        with hold(tmp_path):
            pass


def test_a_folder_is_free_after_the_block(tmp_path):
    for _ in range(2):
        with hold(tmp_path):
            pass
    with pytest.raises(StorageError, match="No such file"):
        hold(tmp_path / "absent").__enter__()
