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
from simulator.report.exhibit import Exhibit, kind
from simulator.report.frame import PAGE, Entry, Frame, framed
from simulator.report.palette import GREY, INK, VERMILION
from simulator.report.prose.decisions import box_shares, limit_text
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
def worse(found: Decision) -> Exhibit | None:
    """Draws in which the best plan on average is worth less than the second."""
    choice = found.choice
    if choice is None or choice.points is None:
        return None
    points, box = choice.points, choice.worse
    limits = {limit.name: limit for limit in box.limits} if box else {}
    across, up = (
        _axis(name, values, limits.get(name))
        for name, values in zip(points.names, points.values, strict=True)
    )
    best, second = choice.best, choice.second
    title = f"Nothing pins down where {best} is worth less than {second}"
    described = "No box of assumptions sets these draws apart."
    if box:
        where = " and ".join(map(limit_text, box.limits))
        cover, dense, base = box_shares(box.judged)
        title = f"{best} is worth less than {second} most often where {where}"
        described = (
            f"In the box {dense} % of the draws are such, of all {base} %; the box holds {cover} % "
            "of them. Both are of draws that had no say in the box."
        )
    rows = [
        (*(Cell(NOTHING if v is None else str(v), v) for v in pair), "yes" if one else "no")
        for *pair, one in zip(*points.values, points.case, strict=True)
    ]
    names = f"{best} is worth more", f"{second} is worth more"
    return Exhibit(
        title,
        f"Each dot is a draw of the assumptions. {described}",
        partial(cases, across, up, np.array(points.case), names),
        table((*points.names, names[1]), rows),
    )


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


@canvas.drawn
def cases(
    across: Axis, up: Axis, case: BoolArray, names: tuple[str, str], frame: Frame = PAGE
) -> Figure:
    """Draw every draw; ``names`` are those of the others and of the cases."""
    width = frame.width
    key = [Entry(names[1], VERMILION, "dot"), Entry(names[0], GREY, "dot")]
    boxed = any(end is not None for axis in (across, up) for end in (axis.low, axis.high))
    key += [Entry("the box", INK)] if boxed else []
    height, wide = 300.0 if not frame.narrow else 240.0, width - LEFT - 20.0
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


def _ends(axis: Axis, shown: tuple[float, float]) -> tuple[float, float]:
    low, high = axis.low, axis.high
    return shown[0] if low is None else low, shown[1] if high is None else high


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
