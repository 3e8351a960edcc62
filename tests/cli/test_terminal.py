"""What people see on a terminal, narrow and wide."""

from __future__ import annotations

import os
import pty
import re
import subprocess
import sys

import pytest

CAUSES = ("offensive", "escalation", "unravelling")
PLANS = ("reassurance-force", "coalition-of-the-willing")


def on_a_terminal(folder, columns, *words):
    """What a run prints to a terminal of so many columns."""
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "simulator", "run", *words],
        cwd=folder, stdout=theirs, stderr=subprocess.DEVNULL,
        env=os.environ | {"COLUMNS": str(columns), "TERM": "dumb", "PYTHONIOENCODING": "utf-8"},
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
    os.close(ours)
    assert process.wait() == 0
    return shown.decode()


@pytest.mark.parametrize("columns", [60, 80])
def test_no_plan_name_and_no_digit_is_lost(tmp_path, columns):
    text = on_a_terminal(tmp_path, columns, *PLANS, "--draws", "100")
    assert "…" not in text
    assert "RMST, years" in text
    rows = [line for line in text.splitlines() if line.startswith(PLANS)]
    assert len(rows) == len(PLANS)
    assert all(len(re.findall(r"\([^()]* to [^()]*\)", row)) == 4 for row in rows)
    for plan in PLANS:
        assert plan in text


@pytest.mark.slow
def test_a_wide_terminal_shows_a_curve_and_bars_and_nothing_else_does(simulator, tmp_path):
    small = ("no-force", "--draws", "25")
    text = on_a_terminal(tmp_path, 80, *small)
    lines = text.splitlines()
    curve = lines.index("still hold, %")
    assert lines[curve + 1].startswith("  100 ┤")
    assert all(len(line.rstrip()) <= 80 for line in lines[curve : curve + 12])
    bars = lines.index("after 30 years")
    for line, name in zip(lines[bars + 1 :], (*CAUSES, "still holds"), strict=False):
        assert re.fullmatch(rf"{name} +[▏▎▍▌▋▊▉█]+ [\d.]+ % *", line)
    for plain in (
        on_a_terminal(tmp_path, 60, *small),
        on_a_terminal(tmp_path, 80, *small, "-q"),
        simulator("run", *small).stdout,
    ):
        assert "P(holds >= 20 years)" in plain
        assert "█" not in plain
        assert "still hold, %" not in plain


def test_a_run_does_not_go_into_the_folder_of_a_sweep(simulator, tmp_path):
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "plan.json").write_text("{}")
    done = simulator("run", "no-force", "--draws", 5, "--out", "out")
    assert done.returncode == 2
    assert "holds a sweep" in done.stderr
