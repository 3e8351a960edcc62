"""Where the probability lies: early collapse, the middle, and what holds for 20 or 30 years."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from simulator.number_format import percent
from simulator.report.canvas import SMALL, WIDE, axes_at, drawn, shortened, width_of, wrapped, write
from simulator.report.figures.axes import pixels
from simulator.report.frame import Entry, Heading, framed
from simulator.report.palette import GREEN, GREY, INK, MUTED, PAPER, SKY, SOLID, VERMILION, Look


@dataclass(frozen=True, slots=True)
class Masses:
    """Shares of all ceasefires under one plan, which add up to 1, and their Monte Carlo errors.

    Attributes
    ----------
    label : str
    shares : tuple of float
        One for each part.
    mcse : tuple of float or None
    ranges : tuple of str
        Ranges over assumptions, each with what it is of; empty where none is known.
    """

    label: str
    shares: tuple[float, ...]
    mcse: tuple[float | None, ...]
    ranges: tuple[str, ...] = ()


# Name and look of the spans of time, from left to right.
EARLY: Final = ("collapse within 2 years", Look(VERMILION, SOLID, "//"))
MIDDLE: Final = ("collapse between 2 and 20 years", Look(GREY, SOLID, "--"))
LONG: Final = ("hold 20 to 30 years", Look(SKY, SOLID, ""))
LONGEST: Final = ("hold 30 years or longer", Look(GREEN, SOLID, "\\\\"))
LONG_OPEN: Final = ("hold 20 years or longer", LONG[1])  # the horizon ends before 30
NOT_EARLY: Final = ("hold 2 years or longer", LONG[1])  # the horizon ends before 20
Part = tuple[str, Look]
_ALPHA: Final = 0.55
_NOTE: Final = 16.0  # pixels for a line of ranges
RANGES: Final = "under a bar: 5–95 % over assumptions, per cent"


@drawn
def claim(
    parts: Sequence[Part],
    rows: Sequence[Masses],
    *,
    width: float = WIDE,
    heading: Heading | None = None,
) -> Figure:
    """Draw the parts side by side in one bar for each plan, its ranges under it.

    Returns
    -------
    Figure
        Patches ``part:J:I`` for part ``J`` of row ``I``; per cent.
    """
    above = width < WIDE and len(rows) > 1  # names over the bars
    room = 0.0 if above or len(rows) == 1 else _label_room(rows, width)
    notes = [_range_lines(row, width - room - 24.0) for row in rows]
    under = _NOTE * max(len(lines) for lines in notes)
    high = 58.0 if above else 44.0 if len(rows) == 1 else 32.0
    step = high + under
    key = [Entry(name, look.colour, "fill", SOLID, look.hatch, _ALPHA) for name, look in parts]
    figure, top = framed(width, step * len(rows) + 42.0 + (_NOTE if under else 0.0), key, heading)
    axes = axes_at(figure, 8.0 + room, top + 4.0, width - room - 24.0, step * len(rows))
    axes.set_xlim(0.0, 100.0)
    axes.set_ylim(step * len(rows), 0.0)
    axes.set_yticks([])
    axes.spines["left"].set_visible(False)
    axes.set_xticks([0.0, 25.0, 50.0, 75.0, 100.0], ["0", "25", "50", "75", "100"])
    below, middle = top + 4.0 + step * len(rows) + 28.0, (width + room) / 2.0
    title = "per cent of ceasefires"
    write(figure, middle, below, title, align="center", size=SMALL, colour=MUTED)
    if under:
        write(figure, middle, below + _NOTE, RANGES, align="center", size=SMALL, colour=MUTED)
    for i, row in enumerate(rows):
        thick = high - (28.0 if above else 10.0)
        bottom = step * i + high - 5.0
        _bar(figure, axes, parts, row, i, bottom - thick, thick)
        for line, note in enumerate(notes[i]):
            y = top + 4.0 + bottom + 2.0 + _NOTE * (line + 0.5)
            write(figure, 8.0 + room, y, note, size=SMALL, colour=MUTED)
        if len(rows) > 1:
            y = top + 4.0 + (step * i + 11.0 if above else step * i + high / 2.0)
            text = shortened(row.label, width - 24.0 if above else room - 8.0, SMALL)
            write(figure, 8.0, y, text, size=SMALL)
    return figure


def _range_lines(row: Masses, room: float) -> list[str]:
    """The ranges in lines, none of them broken."""
    lines: list[str] = []
    for one in row.ranges:
        if lines and width_of(f"{lines[-1]}; {one}", SMALL) <= room:
            lines[-1] += f"; {one}"
        else:
            lines += wrapped(one, room, SMALL)
    return lines


def _label_room(rows: Sequence[Masses], width: float) -> float:
    return min(max(width_of(row.label, SMALL) for row in rows) + 12.0, 0.4 * width)


def _bar(
    figure: Figure,
    axes: Axes,
    parts: Sequence[Part],
    row: Masses,
    i: int,
    top: float,
    thick: float,
) -> None:
    ends = np.concatenate([[0.0], np.cumsum(row.shares)]) * 100.0
    for j, (_, look) in enumerate(parts):
        start, stop = float(ends[j]), float(ends[j + 1])
        axes.barh(
            top,
            stop - start,
            thick,
            start,
            align="edge",
            facecolor=look.colour,
            edgecolor=INK,
            hatch=look.hatch or None,
            linewidth=0.6,
            alpha=_ALPHA,
            gid=f"part:{j}:{i}",
        )
        text = percent(row.shares[j], row.mcse[j], 0)
        left, y = pixels(axes, start, top + thick / 2.0)
        right, _ = pixels(axes, stop, top)
        if right - left > width_of(text, SMALL, bold=True) + 10.0:
            x = (left + right) / 2.0
            label = write(figure, x, y, text, align="center", size=SMALL, bold=True)
            # On a patch of paper it is legible over any pattern.
            label.set_bbox({"facecolor": PAPER, "edgecolor": "none", "pad": 1.5, "alpha": 0.85})
