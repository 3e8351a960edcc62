"""A file is there whole or not at all, whatever happens to the process or the disk."""

from __future__ import annotations

import errno
import os
import signal
import subprocess
import sys
import time

import pytest

from simulator.storage import (
    StorageError,
    atomic_file,
    make_folder,
    remove_leftovers,
    write_bytes,
    write_json,
    write_text,
)


def names(folder):
    return sorted(path.name for path in folder.iterdir())


def test_files_appear_under_their_names(tmp_path):
    write_text(tmp_path, "a.txt", "größe\n")
    write_bytes(tmp_path, "below/b.bin", b"\x00")
    write_json(tmp_path, "c.json", {"b": 1, "a": None})

    assert names(tmp_path) == ["a.txt", "below", "c.json"]
    assert (tmp_path / "a.txt").read_text(encoding="utf-8") == "größe\n"
    assert (tmp_path / "c.json").read_text() == '{\n  "b": 1,\n  "a": null\n}\n'


def test_a_file_is_replaced_as_a_whole(tmp_path):
    write_text(tmp_path, "a.txt", "a long first text")
    write_text(tmp_path, "a.txt", "short")
    assert (tmp_path / "a.txt").read_text() == "short"


def test_an_error_leaves_the_old_file(tmp_path):
    write_text(tmp_path, "a.txt", "old")
    with pytest.raises(ZeroDivisionError), atomic_file(tmp_path, "a.txt") as stream:
        stream.write(b"new")
        raise ZeroDivisionError
    assert names(tmp_path) == ["a.txt"]
    assert (tmp_path / "a.txt").read_text() == "old"


def test_nan_is_not_json(tmp_path):
    with pytest.raises(ValueError, match="JSON"):
        write_json(tmp_path, "a.json", float("nan"))
    assert names(tmp_path) == []


@pytest.mark.parametrize("name", ["", "../a", "/a", "a/../../b", "a/../b", "..\\a", "c:a"])
def test_names_stay_in_the_folder(name, tmp_path):
    with pytest.raises(ValueError, match="not a name inside a folder"):
        write_text(tmp_path / "in", name, "x")
    assert names(tmp_path) == []


def test_links_do_not_lead_out_of_the_folder(tmp_path):
    inside, outside = tmp_path / "in", tmp_path / "out"
    inside.mkdir()
    outside.mkdir()
    (inside / "below").symlink_to(outside)
    (outside / "precious").write_text("old")
    (inside / "linked").symlink_to(outside / "precious")

    with pytest.raises(ValueError, match="leads out"):
        write_text(inside, "below/a", "x")
    write_text(inside, "linked", "new")  # replaces the link, not what it points to
    assert (outside / "precious").read_text() == "old"
    assert (inside / "linked").read_text() == "new"


@pytest.mark.parametrize(
    ("code", "words"),
    [
        (errno.ENOSPC, "the disk is full"),
        (errno.EDQUOT, "quota"),
        (errno.EROFS, "read-only"),
        (errno.EIO, "Input/output error"),
    ],
)
def test_a_failing_disk_is_explained_and_cleaned_up(code, words, tmp_path, monkeypatch):
    write_text(tmp_path, "a.txt", "old")

    def fail(descriptor):
        raise OSError(code, os.strerror(code))

    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(StorageError, match=words) as caught:
        write_text(tmp_path, "a.txt", "new")
    assert caught.value.path == tmp_path / "a.txt"
    assert names(tmp_path) == ["a.txt"]
    assert (tmp_path / "a.txt").read_text() == "old"


@pytest.mark.skipif(sys.platform == "win32", reason="resource limits are a POSIX matter")
def test_a_write_that_really_stops_half_way(tmp_path):
    """The system refuses to let a file grow past 10 kB: the first part is written, then EFBIG."""
    code = """
import resource, sys
from pathlib import Path
from simulator.storage import StorageError, write_bytes
resource.setrlimit(resource.RLIMIT_FSIZE, (10_000, 10_000))
try:
    write_bytes(Path(sys.argv[1]), "big", bytes(50_000))
except StorageError as error:
    print(error)
"""
    done = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path)], capture_output=True, text=True, check=True
    )
    assert "larger than this system allows" in done.stdout
    assert names(tmp_path) == []


def test_kill_in_the_middle_leaves_the_old_file_and_a_leftover(tmp_path):
    write_text(tmp_path, "a.txt", "old")
    code = """
import sys, time
from pathlib import Path
from simulator.storage import atomic_file
with atomic_file(Path(sys.argv[1]), "a.txt") as stream:
    stream.write(b"new")
    stream.flush()
    print("written", flush=True)
    time.sleep(60)
"""
    child = subprocess.Popen([sys.executable, "-c", code, str(tmp_path)], stdout=subprocess.PIPE)
    with child:
        assert child.stdout is not None
        child.stdout.readline()
        child.send_signal(signal.SIGKILL)
        child.wait()
    assert (tmp_path / "a.txt").read_text() == "old"
    assert len(names(tmp_path)) == 2
    assert remove_leftovers(tmp_path) == 1
    assert names(tmp_path) == ["a.txt"]


@pytest.mark.slow
def test_readers_never_see_half_a_file(tmp_path):
    """A writer replaces a file over and over while it is read: always one of the two versions."""
    code = """
import sys
from pathlib import Path
from simulator.storage import write_bytes
for i in range(300):
    write_bytes(Path(sys.argv[1]), "a", bytes([i % 2]) * 100_000)
"""
    write_bytes(tmp_path, "a", bytes(100_000))
    child = subprocess.Popen([sys.executable, "-c", code, str(tmp_path)])
    reads = 0
    deadline = time.monotonic() + 30
    while child.poll() is None and time.monotonic() < deadline:
        data = (tmp_path / "a").read_bytes()
        assert len(data) == 100_000
        assert len(set(data)) == 1
        reads += 1
    assert child.wait(30) == 0
    assert reads > 10


def test_folders_are_made_or_refused(tmp_path):
    assert make_folder(tmp_path / "a" / "b").is_dir()
    assert make_folder(tmp_path / "a" / "b").is_dir()
    (tmp_path / "file").write_text("")
    with pytest.raises(StorageError, match="this is a file"):
        make_folder(tmp_path / "file")
    with pytest.raises(StorageError, match="part of this path is a file"):
        make_folder(tmp_path / "file" / "below")
    with pytest.raises(StorageError, match="part of this path is a file"):
        write_text(tmp_path / "file", "a", "")
