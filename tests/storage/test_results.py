"""A folder holds the results of one command, whole, or is refused."""

from __future__ import annotations

import errno
import os
import random
import stat
import sys
from itertools import count

import pytest

from simulator.storage import StorageError, open_results, write_results
from tests.storage.kills import killed_before

OLD = {"summary.json": b"[1.25]\n", "curves.parquet": bytes(200), "background.json": b"{}\n"}
NEW = {"summary.json": b"[2.5]\n", "curves.parquet": b"\x01" * 300, "background.json": b"[]\n"}
VISIBLE = sorted([*OLD, "provenance.json"])


def names(folder):
    return sorted(path.name for path in folder.iterdir())


def contents(folder):
    found = open_results(folder)
    return found.provenance["run"], {name: found.read(name) for name in found.provenance["outputs"]}


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="processes are forked")
def test_a_kill_before_any_operation_leaves_the_old_results_or_the_new_ones(tmp_path):
    seen = set()
    for number in count(1):
        folder = tmp_path / str(number)
        folder.mkdir()
        write_results(folder, OLD, {"run": "old"})
        killed = killed_before(number, lambda at=folder: write_results(at, NEW, {"run": "new"}))
        run, found = contents(folder)
        assert found == {"old": OLD, "new": NEW}[run]
        seen.add(run)
        # Nor do the files lie together for one who reads them without the provenance.
        lying = {p.name: p.read_bytes() for p in folder.glob("[a-z]*") if p.name in OLD}
        assert lying.items() <= OLD.items() or lying.items() <= NEW.items()
        write_results(folder, OLD, {"run": "next"})
        assert contents(folder) == ("next", OLD)
        assert names(folder) == VISIBLE
        if not killed:
            break
    assert seen == {"old", "new"}
    assert number > 30


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EROFS, errno.EDQUOT])
@pytest.mark.parametrize("place", range(4))
def test_a_disk_that_fails_at_any_file_leaves_the_old_results(tmp_path, monkeypatch, code, place):
    write_results(tmp_path, OLD, {"run": "old"})
    left = [place]

    def fail(descriptor):
        left[0] -= not stat.S_ISDIR(os.fstat(descriptor).st_mode)
        if left[0] < 0:
            raise OSError(code, os.strerror(code))

    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(StorageError, match=r"disk is full|read-only|quota"):
        write_results(tmp_path, NEW, {"run": "new"})
    assert contents(tmp_path) == ("old", OLD)
    assert names(tmp_path) == VISIBLE


def test_links_and_folders_in_the_way(tmp_path):
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "real")
    (tmp_path / "precious").write_text("mine")
    (tmp_path / "real" / "summary.json").symlink_to(tmp_path / "precious")
    write_results(tmp_path / "link", OLD, {"run": "old"})
    assert contents(tmp_path / "real") == ("old", OLD)
    assert (tmp_path / "precious").read_text() == "mine"
    (tmp_path / "real" / "summary.json").unlink()
    (tmp_path / "real" / "summary.json").mkdir()
    with pytest.raises(StorageError, match="this is a folder"):
        write_results(tmp_path / "link", NEW, {"run": "new"})
    assert names(tmp_path / "real") == VISIBLE


def test_no_flipped_bit_is_read_as_other_results(tmp_path):
    write_results(tmp_path, OLD, {"run": "old", "seed": 7, "numbers": [1.5, 1e300, 0.1]})
    whole = open_results(tmp_path).provenance
    draw = random.Random(5)
    refused = 0
    for _ in range(300):
        path = tmp_path / draw.choice(VISIBLE)
        data = path.read_bytes()
        place = draw.randrange(len(data))
        changed = data[place] ^ 1 << draw.randrange(8)
        path.write_bytes(data[:place] + bytes([changed]) + data[place + 1 :])
        try:
            assert contents(tmp_path)[1] == OLD
            assert open_results(tmp_path).provenance == whole
        except StorageError:
            refused += 1
        path.write_bytes(data)
    assert refused > 250  # the others changed a blank between two entries for another


def test_what_was_changed_on_purpose_is_read_when_asked(tmp_path):
    write_results(tmp_path, OLD, {"run": "old"})
    (tmp_path / "summary.json").write_bytes(b"[9]")
    with pytest.raises(StorageError, match=r"summary\.json: was changed.*--unchecked"):
        open_results(tmp_path).json("summary.json")
    assert open_results(tmp_path, checked=False).json("summary.json") == [9]
    (tmp_path / "provenance.json").write_text('{"run": NaN, "outputs": {}, "digest": "ab"}')
    with pytest.raises(StorageError, match="changed"):
        open_results(tmp_path)
    for text in ("[]", "{", "\xff"):
        (tmp_path / "provenance.json").write_text(text, encoding="latin-1")
        with pytest.raises(StorageError, match=r"provenance\.json"):
            open_results(tmp_path)
    (tmp_path / "provenance.json").unlink()
    with pytest.raises(StorageError, match="not whole"):
        open_results(tmp_path)
    assert open_results(tmp_path, checked=False).json("summary.json") == [9]
    with pytest.raises(StorageError, match="no such file"):
        open_results(tmp_path, checked=False).read("absent")
