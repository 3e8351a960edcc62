"""Draws over two assumptions, those of interest set apart, and the box that holds most of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from matplotlib.ticker import FuncFormatter, MaxNLocator

from simulator.model.compiled import BoolArray, FloatArray
from simulator.report.canvas import SMALL, WIDE, axes_at, drawn, rules, shortened, write
from simulator.report.frame import Entry, Heading, framed
from simulator.report.palette import GREY, INK, MUTED, VERMILION

LEFT: Final = 110.0  # pixels, for the options of a choice


@dataclass(frozen=True, eq=False, slots=True)
class Axis:
    """An assumption, or a choice whose options stand at 0, 1, 2 and so on.

    Attributes
    ----------
    title : str
    values : float64 array, shape (N,)
        NaN where it does not apply.
    options : tuple of str
        Empty of an assumption.
    low, high : float or None
        Ends of the box; None where it has none.
    """

    title: str
    values: FloatArray
    options: tuple[str, ...] = ()
    low: float | None = None
    high: float | None = None


@drawn
def cases(
    across: Axis,
    up: Axis,
    case: BoolArray,
    names: tuple[str, str],
    *,
    width: float = WIDE,
    heading: Heading | None = None,
) -> Figure:
    """Draw every draw; ``names`` are those of the others and of the cases.

    Returns
    -------
    Figure
        Points ``others`` and ``cases``, and a rectangle ``box`` if an axis limits it.
    """
    key = [Entry(names[1], VERMILION, "dot"), Entry(names[0], GREY, "dot")]
    boxed = any(end is not None for axis in (across, up) for end in (axis.low, axis.high))
    key += [Entry("the box", INK)] if boxed else []
    height = 300.0 if width >= WIDE else 240.0
    figure, top = framed(width, height + 64.0, key, heading)
    axes = axes_at(figure, LEFT, top + 22.0, width - LEFT - 20.0, height)
    write(figure, 8.0, top + 9.0, up.title, size=SMALL, colour=MUTED)
    middle = LEFT + (width - LEFT - 20.0) / 2.0
    below = top + height + 52.0
    write(figure, middle, below, across.title, align="center", size=SMALL, colour=MUTED)
    rules(axes, "both")
    places = [_spread(axis, offset) for axis, offset in ((across, 0.0), (up, 0.5))]
    for here, colour, mark, name in (
        (~case, GREY, "o", "others"),
        (case, VERMILION, "D", "cases"),
    ):
        x, y = (place[here] for place in places)
        axes.plot(x, y, mark, color=colour, ms=3.2, alpha=0.65, mew=0.0, gid=name)
    _ticks(axes, across, up, width - LEFT - 20.0)
    if boxed:
        (x0, x1), (y0, y1) = _ends(across, axes.get_xlim()), _ends(up, axes.get_ylim())
        box = Rectangle((x0, y0), x1 - x0, y1 - y0, fill=False, edgecolor=INK, lw=1.8, gid="box")
        axes.add_patch(box)
    return figure


def _spread(axis: Axis, offset: float) -> FloatArray:
    """Options are spread evenly over a band, so that draws do not cover each other."""
    if not axis.options:
        return axis.values
    steps = (np.arange(axis.values.size) * 0.618034 + offset) % 1.0
    return np.asarray(axis.values + 0.7 * (steps - 0.5))


def _ends(axis: Axis, shown: Sequence[float]) -> tuple[float, float]:
    return (
        shown[0] if axis.low is None else axis.low,
        shown[1] if axis.high is None else axis.high,
    )


def _ticks(axes: Axes, across: Axis, up: Axis, wide: float) -> None:
    for axis, limits, ticks, side in (
        (across, axes.set_xlim, axes.set_xticks, axes.xaxis),
        (up, axes.set_ylim, axes.set_yticks, axes.yaxis),
    ):
        if axis.options:
            limits(-0.5, len(axis.options) - 0.5)
            room = LEFT - 14.0 if axis is up else wide / len(axis.options) - 6.0
            names = [shortened(option, room, SMALL) for option in axis.options]
            ticks(list(range(len(names))), names)
        else:  # the far tail of a skewed assumption would hide the others
            low, high = np.nanquantile(axis.values, [0.0, 0.99])
            ends = [low, high, *(v for v in (axis.low, axis.high) if v is not None)]
            side.set_major_locator(MaxNLocator(5))
            side.set_major_formatter(FuncFormatter(lambda v, _: f"{v:,.10g}".replace("-", "−")))
            limits(min(ends) - 0.02 * (high - low), max(ends) + 0.02 * (high - low))
