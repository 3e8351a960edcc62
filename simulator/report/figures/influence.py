"""Which assumptions move the answer: the outcome where each is low and where it is high."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from simulator.report.canvas import (
    SMALL,
    WIDE,
    axes_at,
    drawn,
    rules,
    shortened,
    width_of,
    wrapped,
    write,
)
from simulator.report.figures.axes import BAND, ERRORS
from simulator.report.frame import Entry, Heading, framed
from simulator.report.palette import BLUE, GREY, MUTED, VERMILION


@dataclass(frozen=True, slots=True)
class Lever:
    """One assumption and the outcome in groups of draws.

    Attributes
    ----------
    label : str
        What the assumption is.
    low, high : str
        What it is in the first group and in the last.
    values, mcse : tuple of float
        Outcome of each group, first to last, and its standard error.
    """

    label: str
    low: str
    high: str
    values: tuple[float, ...]
    mcse: tuple[float, ...]


ENDS: Final = (
    "where the assumption is low, or its first option",
    "where it is high, or its last option",
)


@drawn
def influence(
    levers: Sequence[Lever],
    *,
    title: str,
    factor: float = 100.0,
    ends: tuple[str, str] = ENDS,
    errors: str = "± 2 standard errors",
    width: float = WIDE,
    heading: Heading | None = None,
) -> Figure:
    """Draw a line from the outcome in the first group to that in the last, for each assumption.

    Parameters
    ----------
    levers : sequence of Lever
        The one that moves most first.
    title : str
        Of the outcome, with its unit.
    factor : float
        From the unit of the values to that unit.
    ends : (str, str)
        What the first and the last group are, for the key.
    errors : str
        What the bars are, for the key.

    Returns
    -------
    Figure
        Lines ``groups:i`` (one point for each group), ``low:i`` and ``high:i``.
    """
    narrow = width < WIDE
    room = 0.0 if narrow else 0.5 * width
    words = width - 16.0 if narrow else room - 8.0
    labels = [wrapped(lever.label, words, SMALL) for lever in levers]
    high = 16.0 * max(len(lines) for lines in labels)  # of the labels, which are as high for all
    step = high + (46.0 if narrow else 24.0)
    key = [
        Entry(ends[0], BLUE, "dot"),
        Entry(ends[1], VERMILION, "dot"),
    ]
    if any(any(lever.mcse) for lever in levers):
        key.append(Entry(errors, GREY, "tick", alpha=BAND))
    figure, top = framed(width, 20.0 + step * len(levers) + 30.0, key, heading)
    write(figure, 8.0 + room, top + 9.0, title, size=SMALL, colour=MUTED)
    axes = axes_at(figure, 8.0 + room, top + 20.0, width - room - 24.0, step * len(levers))
    values = [factor * v for lever in levers for v in lever.values]
    reach = ERRORS * factor * max(max(lever.mcse) for lever in levers)
    reach += 0.03 * (max(values) - min(values))
    reach = reach or 0.03 * abs(values[0]) or 1.0  # no lever moves anything, in any draw
    axes.set_xlim(max(0.0, min(values) - reach), max(values) + reach)
    axes.set_ylim(step * len(levers), 0.0)
    axes.set_yticks([])
    axes.spines["left"].set_visible(False)
    rules(axes, "x")
    for i, lever in enumerate(levers):
        y = step * i + (high + 34.0 if narrow else 0.5 * step)
        _row(axes, lever, i, y, factor)
        _words(figure, lever, labels[i], top + 20.0 + step * i, words)
    return figure


def _row(axes: Axes, lever: Lever, i: int, y: float, factor: float) -> None:
    values = factor * np.array(lever.values)
    halves = ERRORS * factor * np.array(lever.mcse)
    axes.plot(values, np.full(values.size, y), "|-", color=GREY, lw=1.5, ms=7.0, gid=f"groups:{i}")
    for at, colour, name in ((0, BLUE, "low"), (-1, VERMILION, "high")):
        axes.plot(
            [values[at] - halves[at], values[at] + halves[at]],
            [y, y],
            color=colour,
            lw=5.0,
            alpha=BAND,
            solid_capstyle="butt",
        )
        filled = colour if name == "high" else "none"
        axes.plot(
            [values[at]], [y], "o", color=colour, mfc=filled, mew=1.8, ms=7.0, gid=f"{name}:{i}"
        )


def _words(figure: Figure, lever: Lever, lines: Sequence[str], top: float, room: float) -> None:
    for i, line in enumerate(lines):
        write(figure, 4.0, top + 12.0 + 16.0 * i, line, size=SMALL)
    text = f"{lever.low} → {lever.high}"
    if width_of(text, SMALL) > room:
        half = (room - width_of(" → ", SMALL)) / 2.0
        text = f"{shortened(lever.low, half, SMALL)} → {shortened(lever.high, half, SMALL)}"
    write(figure, 4.0, top + 12.0 + 16.0 * len(lines), text, size=SMALL, colour=MUTED)
