"""Pictures for a terminal: a curve where it belongs, bars of one scale, none where they fail."""

from __future__ import annotations

import io
import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest
from rich.console import Console

from simulator.report.terminal import LEAST_WIDTH, cause_bars, pictures, survival_picture
from tests.report.made import run


def printed(picture: object, width: int = 100) -> list[str]:
    stream = io.StringIO()
    Console(file=stream, width=width, color_system=None).print(picture)
    return stream.getvalue().splitlines()


def test_the_curve_falls_and_the_range_lies_around_it() -> None:
    one = run("plan")
    lines = printed(survival_picture(one, 80))
    chart = lines[1:11]
    assert all(len(line) <= 80 for line in lines)
    heights = []
    for column in range(7, 79):
        rows = [r for r, line in enumerate(chart) if line[column : column + 1] in ("▀", "▄")]
        assert len(rows) == 1, "one mark of the curve in every column"
        heights.append(rows[0])
    assert heights == sorted(heights)
    assert heights[-1] == 6  # S(30) = 0.333 lies in the row from 0.4 down to 0.3
    assert "░" in "".join(chart)
    assert "100 ┤" in chart[0]
    assert lines[12].split() == ["0", "5", "10", "15", "20", "25", "30"]


def test_bars_share_one_scale_and_add_up() -> None:
    one = run("plan")
    lines = printed(cause_bars(one, 90))
    assert [line.split()[0] for line in lines[1:]] == [
        "offensive",
        "escalation",
        "unravelling",
        "still",
    ]
    blocks = [line.count("█") for line in lines[1:]]
    assert blocks[0] > blocks[1] > blocks[2] > 0
    assert sum(blocks) == pytest.approx(90 - 24, abs=4.0)  # a bar loses less than a column
    assert "33.3 %" in lines[-1]


def test_the_curve_and_the_bars_stand_out_from_what_is_around_them() -> None:
    one = run("plan")
    for picture, mark in ((survival_picture(one, 80), "▀"), (cause_bars(one, 90), "█")):
        at = picture.plain.index(mark)
        styles = [picture.style, *(s.style for s in picture.spans if s.start <= at < s.end)]
        assert "dim" not in styles
        assert styles[-1] in ("cyan", "red")


def test_without_a_range_nothing_is_shaded() -> None:
    one = run("plan")
    unknown = np.full(one.years.size, np.nan)
    bare = replace(one, survival=replace(one.survival, p05=unknown, p95=unknown))
    assert "░" not in "".join(printed(survival_picture(bare, 80)))


@pytest.mark.parametrize("end", [0.0, 1.0])
def test_curves_that_hold_or_fall_at_once_are_drawn(end: float) -> None:
    one = run("plan", 1.0 - end)
    survival = np.where(one.years > 0.0, end, 1.0)
    one = replace(one, survival=replace(one.survival, value=survival))
    chart = printed(survival_picture(one, 80))[1:11]
    marks = [sum(line[c : c + 1] in ("▀", "▄") for line in chart) for c in range(12, 79)]
    assert set(marks) == {1}


def test_narrow_or_plain_terminals_get_no_picture() -> None:
    one = run("plan")
    assert pictures(one, LEAST_WIDTH - 1) is None
    assert pictures(one, 100, "ascii") is None
    assert pictures(one, 100, "no-such-encoding") is None
    assert pictures(one, LEAST_WIDTH) is not None


def test_no_figure_library_is_imported_for_them() -> None:
    code = "import simulator.report.terminal, sys; print('matplotlib' in sys.modules)"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "False"
