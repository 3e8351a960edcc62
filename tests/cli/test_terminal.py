"""What people see on a narrow terminal."""

from __future__ import annotations

import os
import pty
import re
import subprocess
import sys

import pytest

PLANS = ("reassurance-force", "coalition-of-the-willing")


@pytest.mark.parametrize("columns", [60, 80])
def test_no_plan_name_and_no_digit_is_lost(tmp_path, columns):
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "simulator", "run", *PLANS, "--draws", "100", "--paths", "20"],
        cwd=tmp_path, stdout=theirs, stderr=subprocess.DEVNULL,
        env=os.environ | {"COLUMNS": str(columns), "TERM": "dumb"},
    )  # fmt: skip
    os.close(theirs)
    shown = b""
    while True:
        try:
            part = os.read(ours, 65536)
        except OSError:  # the other end is closed
            break
        if not part:
            break
        shown += part
    assert process.wait() == 0
    text = shown.decode()
    assert "…" not in text
    assert "RMST, years" in text
    rows = [line for line in text.splitlines() if line.startswith(PLANS)]
    assert len(rows) == len(PLANS)
    assert all(len(re.findall(r"\([^()]* to [^()]*\)", row)) == 4 for row in rows)
    for plan in PLANS:
        assert plan in text


def test_a_run_does_not_go_into_the_folder_of_a_sweep(simulator, tmp_path):
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "plan.json").write_text("{}")
    done = simulator("run", "no-force", "--draws", 5, "--paths", 5, "--out", "out")
    assert done.returncode == 2
    assert "holds a sweep" in done.stderr
