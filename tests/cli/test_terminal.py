"""What people see on a terminal, narrow and wide."""

from __future__ import annotations

import os
import pty
import re
import subprocess
import sys

import pytest

from simulator.cli.tables import Table, console, print_table

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


SMALL = ("--draws", "64", "-q")
VS = ("--vs", "fifteen thousand more: force.target_troops=40000", "--vs", "alone: us_backstop=none")
COMMANDS = {
    "run": ("run", "reassurance-force", *SMALL),
    "run -v": ("run", "reassurance-force", "--draws", "64", "-v"),
    "side by side": ("run", *PLANS, *SMALL),
    "compare": ("compare", "reassurance-force", *VS, *SMALL),
    "compare -v": ("compare", "reassurance-force", *VS, *SMALL, "-v"),
    "decide": ("decide", *PLANS, *SMALL, "--worth", "200e9 * p_holds_20y - cost_gbp", "-v"),
    "list": ("list",),
    "list assumptions": ("list", "assumptions", "options"),
    "explain": ("explain", "w0", "force_response", "us_backstop"),
    "trace": ("trace", "reassurance-force", "--pick", "eventful", "--draws", "20"),
}
NUMBER = re.compile(r"(?<![\w.])-?\d[\d,]*(?:\.\d+)?")


@pytest.mark.slow
@pytest.mark.parametrize("words", COMMANDS.values(), ids=COMMANDS)
def test_no_line_is_longer_than_the_terminal_and_no_number_is_cut(simulator, words):
    wide = simulator(*words, COLUMNS="1000")
    assert (wide.returncode, wide.stderr) == (0, "")
    whole = set(NUMBER.findall(wide.stdout))
    for columns in (60, 80, 120):
        shown = simulator(*words, COLUMNS=str(columns)).stdout
        longest = max(shown.splitlines(), key=len)
        assert len(longest) <= columns, longest
        assert "…" not in shown
        assert set(NUMBER.findall(shown)) <= whole


@pytest.mark.slow
def test_a_sweep_fits_the_terminal(simulator):
    words = ("sweep", "backstop-components", "--out", "out", "--executor", "serial")
    wide = simulator(*words, "--draws", "8", "--trials", "2", COLUMNS="1000").stdout
    for columns in (60, 80, 120):
        again = simulator(*words, "--draws", "8", "--trials", "2", COLUMNS=str(columns)).stdout
        assert max(map(len, again.splitlines())) <= columns
        assert set(NUMBER.findall(again)) <= set(NUMBER.findall(wide))


def test_a_table_leaves_out_what_is_elsewhere_before_it_prints_rows_as_lines(capsys, monkeypatch):
    def shown(columns):
        monkeypatch.setenv("COLUMNS", str(columns))
        heads = ("plan", "P(better)", "a\nrange")
        rows = [("the plan of February", "0.12", "0.1234 to 0.5678")]
        print_table(console(), Table(heads, rows, optional=("P(better)",)))
        return capsys.readouterr().out

    assert re.search(r"the plan of February +0.12 +0.1234 to 0.5678", shown(60))
    assert re.search(r"the plan of February +0.1234 to 0.5678.*-v shows P", shown(45), re.DOTALL)
    lines = [line.rstrip() for line in shown(32).splitlines()]
    assert lines[2:] == ["    P(better)  0.12", "    a range    0.1234 to 0.5678"]


@pytest.mark.parametrize("columns", [60, 80])
def test_no_plan_name_and_no_digit_is_lost(tmp_path, columns):
    text = on_a_terminal(tmp_path, columns, *PLANS, "--draws", "100")
    assert "…" not in text
    assert len(re.findall(r"\([^()]* to [^()]*\)", text)) >= 3 * len(PLANS)
    for plan in PLANS:
        assert f"[{plan}]" in text
    assert all(len(line) <= columns for line in text.splitlines())


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
