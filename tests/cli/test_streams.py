"""Streams that are closed, that close, and that lack characters."""

from __future__ import annotations

import errno
import json
import os
import subprocess
import sys

import pytest

from simulator.cli import main as streams
from simulator.cli.main import main

RUN = "run no-force --draws 16 -q"
WRITTEN = (
    "written to o: background.json, curves.parquet, draws.parquet, provenance.json, summary.json",
    "next: simulator report o",
)


def shell(words, folder, **environment):
    line = words.replace("simulator", f"{sys.executable} -m simulator")
    return subprocess.run(
        ["bash", "-o", "pipefail", "-c", line],
        cwd=folder, env=os.environ | environment, capture_output=True, text=True, timeout=100,
        check=False, encoding="latin-1",
    )  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize(
    "streams", [">&-", "2>&-", ">&- 2>&- <&-", "| true", "2>/dev/full", "| head -c 1"]
)
def test_files_are_whole_and_the_code_is_0_without_streams(tmp_path, streams):
    done = shell(f"simulator {RUN} --out o {streams}", tmp_path)
    assert done.returncode == 0
    written = "".join(f"{line}\n" for line in WRITTEN)
    # A reader that went away may have ended the command before it said so.
    expected = ("",) if "2>" in streams else (written,) if streams == ">&-" else ("", written)
    assert done.stderr in expected
    assert len(json.loads((tmp_path / "o" / "summary.json").read_text())) == 1
    assert shell("simulator report o -o r.html", tmp_path).returncode == 0


@pytest.mark.slow
@pytest.mark.parametrize("encoding", ["ascii", "cp1252"])
def test_no_encoding_stops_a_command(tmp_path, encoding):
    for words in ("list", "list --json", "experts", "run reassurance-force --draws 16"):
        done = shell(f"simulator {words}", tmp_path, PYTHONIOENCODING=encoding)
        assert (done.returncode, done.stderr) == (0, ""), words
    done = shell("simulator list --json", tmp_path, PYTHONIOENCODING=encoding)
    assert "Türkiye" in json.dumps(json.loads(done.stdout), ensure_ascii=False)


def test_what_an_encoding_lacks_is_shown_by_others():
    streams.prepare()
    assert "ü ± ł → x".encode("ascii", "simulator.shown") == b"u +- ? ? x"


def test_no_name_steers_a_terminal_or_reorders_a_line(tmp_path, monkeypatch, capsys):
    path = tmp_path / "e\x1b[2J\u202egpj.yaml"
    path.write_text('title: "evil \\u202egnp \\u2066"\nextends: no-force\n')
    monkeypatch.setattr(sys, "argv", ["simulator", "validate", str(path)])
    with pytest.raises(SystemExit, match="0"):
        main()
    out = capsys.readouterr().out
    assert "\\u202egpj: valid (evil \\u202egnp \\u2066)" in out
    assert all(char.isprintable() for char in out.replace("\n", ""))


def test_colours_reach_a_terminal_and_nothing_else_does():
    written = []
    streams._write(written.append, True, "\x1b[1mname\x1b[0m \x1b]0;title\x07\u202e\n")
    assert written == ["\x1b[1mname\x1b[0m \\x1b]0;title\\x07\\u202e\n"]


def test_a_closed_pipe_has_another_number_on_windows(monkeypatch):
    error = OSError(errno.EINVAL, "Invalid argument")
    assert not streams.went_away(error)
    monkeypatch.setattr(os, "name", "nt")
    assert streams.went_away(error)
    assert not streams.went_away(OSError(errno.EINVAL, "Invalid argument", "file"))
    assert not streams.went_away(None)
