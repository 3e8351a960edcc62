"""Where the best plan on average is not the better one: draws over two assumptions, and a box."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from matplotlib.ticker import FuncFormatter, MaxNLocator

from simulator.decide.boxes import Limit
from simulator.decide.decision import Decision
from simulator.model.compiled import BoolArray, FloatArray
from simulator.report import canvas
from simulator.report.canvas import note, plain
from simulator.report.exhibit import Exhibit, exhibit, kind
from simulator.report.frame import PAGE, Entry, Frame, framed
from simulator.report.palette import GREY, INK, VERMILION
from simulator.report.prose.decisions import box_shares
from simulator.report.tables import NOTHING, Cell, table

LEFT: Final = 110.0  # pixels, for the options of a choice


@dataclass(frozen=True, eq=False, slots=True)
class Axis:
    """An assumption, or a choice whose options stand at 0, 1, 2 and so on.

    Values are NaN where it does not apply; ``low`` and ``high`` are the ends of the box.
    """

    title: str
    values: FloatArray
    options: tuple[str, ...] = ()
    low: float | None = None
    high: float | None = None


@kind("worse", "where the best plan on average is not the better one", "decide", 4)
def _worse(found: Decision) -> Exhibit | None:
    choice = found.choice
    if choice is None or choice.points is None:
        return None
    points, box = choice.points, choice.worse
    limits = {limit.name: limit for limit in box.limits} if box else {}
    across, up = (
        _axis(name, values, limits.get(name))
        for name, values in zip(points.names, points.values, strict=True)
    )
    rows = [
        (*(Cell(NOTHING if v is None else str(v), v) for v in pair), "yes" if one else "no")
        for *pair, one in zip(*points.values, points.case, strict=True)
    ]
    names = f"{choice.best} is worth more", f"{choice.second} is worth more"
    draw = partial(cases, across, up, np.array(points.case), names)
    numbers = table((*points.names, names[1]), rows)
    return exhibit("worse", draw, numbers, choice=choice, box=box, shares=box_shares)


def _axis(name: str, values: Sequence[float | str | None], limit: Limit | None) -> Axis:
    options = tuple(sorted({v for v in values if isinstance(v, str)}))
    if not options:
        ends = (limit.low, limit.high) if limit else (None, None)
        return Axis(name, np.array(values, np.float64), (), *ends)
    inside = (limit.options or ()) if limit else ()
    if inside:  # those in the box stand side by side
        options = tuple(sorted(options, key=lambda option: option not in inside))
    codes = np.array([options.index(str(v)) for v in values], np.float64)
    return Axis(name, codes, options, None, len(inside) - 0.5 if inside else None)


@canvas.drawing()
def cases(
    across: Axis, up: Axis, case: BoolArray, names: tuple[str, str], frame: Frame = PAGE
) -> Figure:
    """Draw every draw; ``names`` are those of the others and of the cases."""
    key = [Entry(names[1], VERMILION, "dot"), Entry(names[0], GREY, "dot")]
    boxed = any(end is not None for axis in (across, up) for end in (axis.low, axis.high))
    key += [Entry("the box", INK)] if boxed else []
    height, wide = 240.0 if frame.narrow else 300.0, frame.width - LEFT - 20.0
    figure, top = framed(frame, height + 64.0, key)
    axes = canvas.axes_at(figure, LEFT, top + 22.0, wide, height)
    note(figure, 8.0, top + 9.0, up.title)
    note(figure, LEFT + wide / 2.0, top + height + 52.0, across.title, "center")
    canvas.rules(axes, "both")
    places = _spread(across, 0.0), _spread(up, 0.5)
    looks = (~case, GREY, "o", "others"), (case, VERMILION, "D", "cases")
    for here, colour, mark, name in looks:
        x, y = (place[here] for place in places)
        axes.plot(x, y, mark, color=colour, ms=3.2, alpha=0.65, mew=0.0, gid=name)
    _ticks(axes, across, up, wide)
    if boxed:
        x0, x1 = map(_given, (across.low, across.high), axes.get_xlim())
        y0, y1 = map(_given, (up.low, up.high), axes.get_ylim())
        box = Rectangle((x0, y0), x1 - x0, y1 - y0, fill=False, edgecolor=INK, lw=1.8, gid="box")
        axes.add_patch(box)
    return figure


def _spread(axis: Axis, offset: float) -> FloatArray:
    """Options are spread evenly over a band, so that draws do not cover each other."""
    if not axis.options:
        return axis.values
    steps = (np.arange(axis.values.size) * 0.618034 + offset) % 1.0
    return np.asarray(axis.values + 0.7 * (steps - 0.5))


def _given(end: float | None, shown: float) -> float:
    return shown if end is None else end


def _ticks(axes: Axes, across: Axis, up: Axis, wide: float) -> None:
    for axis, limits, ticks, side in (
        (across, axes.set_xlim, axes.set_xticks, axes.xaxis),
        (up, axes.set_ylim, axes.set_yticks, axes.yaxis),
    ):
        if axis.options:
            limits(-0.5, len(axis.options) - 0.5)
            room = LEFT - 14.0 if axis is up else wide / len(axis.options) - 6.0
            names = [canvas.shortened(option, room) for option in axis.options]
            ticks(list(range(len(names))), names)
        else:  # the far tail of a skewed assumption would hide the others
            low, high = np.nanquantile(axis.values, [0.0, 0.99])
            ends = [low, high, *(v for v in (axis.low, axis.high) if v is not None)]
            side.set_major_locator(MaxNLocator(5))
            side.set_major_formatter(FuncFormatter(plain))
            limits(min(ends) - 0.02 * (high - low), max(ends) + 0.02 * (high - low))
