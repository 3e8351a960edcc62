"""Estimates in rows: a dot, its Monte Carlo error, and behind it the range over assumptions."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from simulator.estimates.estimate import Estimate
from simulator.model.compiled import FloatArray
from simulator.number_format import with_error
from simulator.report import canvas, plot
from simulator.report.canvas import NARROW, WIDE, note, plain, width_of, wrapped, write
from simulator.report.frame import PAGE, Entry, Frame, framed
from simulator.report.palette import BLUE, INK, PAPER


@dataclass(frozen=True, slots=True)
class Row:
    """One line: an estimate for each column, or None; rows of a group stand under its name."""

    label: str
    estimates: tuple[Estimate | None, ...]
    group: str = ""


@dataclass(frozen=True, slots=True)
class Column:
    """One panel: its title with the unit, the factor to that unit, and its axis.

    Without limits, in the unit shown, the axis is what the data need, with zero; ``most`` decimals
    are never exceeded.
    """

    title: str
    factor: float = 100.0
    limits: tuple[float, float] | None = (0.0, 100.0)
    most: int = 1


_HIGH: Final = 24.0  # pixels from row to row
_GROUP: Final = 16.0  # pixels for a line of the name of a group, and 10 around it
_VALUE: Final = 46.0  # least pixels for the number at the end of a panel
_BETWEEN: Final = 18.0
# What stands over the panels: rules would strike it through.
_ON_PAPER: Final = {"facecolor": PAPER, "edgecolor": "none", "pad": 0.5}


@canvas.drawing()
def forest(
    rows: Sequence[Row],
    columns: Sequence[Column],
    frame: Frame = PAGE,
    *,
    zero: bool = False,
    gap: str = "",
) -> Figure:
    """Draw estimates as dots in rows and panels, each number at the end of its panel.

    ``zero`` leads a line from zero to each dot, for differences; ``gap`` is what it means where a
    number, its error or its range is not there. Several panels on a narrow sheet go without the
    numbers. In each there are points ``value``, segments ``mcse`` and ``range``.
    """
    width, narrow, count = frame.width, frame.narrow, len(columns)
    # Pixels that the widest number needs, away from what is drawn.
    texts = [_number(*pair) for row in rows for pair in zip(row.estimates, columns, strict=True)]
    numbers = max(_VALUE, 12.0 + max(map(width_of, texts), default=0.0))
    numbers = 0.0 if narrow and count > 1 else numbers
    longest = max(width_of(row.label) + (10.0 if row.group else 0.0) for row in rows)
    left = 8.0 if narrow else min(longest + 14.0, 0.42 * width)
    each = (width - left - 12.0 - _BETWEEN * (count - 1)) / count
    titles = [wrapped(c.title, each - 8.0) for c in columns]
    head = 16.0 * max(len(lines) for lines in titles) + 6.0
    places = _places(rows, narrow)
    height = places[-1][1] + (6.0 if narrow else _HIGH / 2.0)
    figure, top = framed(frame, head + height + 34.0, _key(rows, zero, gap))
    for j, column in enumerate(columns):
        x = left + j * (each + _BETWEEN)
        for i, line in enumerate(titles[j]):
            note(figure, x, top + 8.0 + 16.0 * i, line)
        axes = canvas.axes_at(figure, x, top + head, each - numbers, height)
        axes.set_ylim(height, 0.0)
        cells = [(y, row.estimates[j]) for (_, y), row in zip(places, rows, strict=True)]
        shown = [(y, e.value, e.mcse, e.p05, e.p95) for y, e in cells if e and e.value is not None]
        at, *found = np.array(shown, np.float64).reshape(-1, 5).T  # None is NaN, and not drawn
        values = column.factor * np.array(found)
        _scale(axes, values, column, each - numbers)
        _draw_rows(axes, at, values, zero)
        for y, e in cells if numbers else ():
            write(figure, x + each, top + head + y, _number(e, column), "right")
    _write_labels(figure, rows, top + head, width - 16.0 if narrow else left - 14.0, narrow)
    return figure


def _places(rows: Sequence[Row], narrow: bool) -> list[tuple[float | None, float]]:
    """Pixels from the top of the panel to each row's group name (None: no new group) and dot."""
    found: list[tuple[float | None, float]] = []
    y, group = 0.0, ""
    step, dot = (36.0, 26.0) if narrow else (_HIGH, _HIGH / 2.0)
    for row in rows:
        name = None
        if row.group != group:
            name, group = y + 16.0, row.group
            y += _GROUP * len(_lines(group, narrow)) + 10.0
        found.append((name, y + dot))
        y += step
    return found


def _lines(group: str, narrow: bool) -> list[str]:
    return wrapped(group, (NARROW if narrow else WIDE) - 16.0, bold=True)


def _scale(axes: Axes, values: FloatArray, column: Column, width: float) -> None:
    low, high = column.limits or _limits(values)
    axes.set_xlim(low, high)
    locator = MaxNLocator(max(2, int(width / 55.0)), steps=[1, 2, 2.5, 5, 10])
    ticks = [v for v in locator.tick_values(low, high) if low <= v <= high]
    axes.set_xticks(ticks, [plain(v) for v in ticks])
    plot.labels_inward(axes)
    plot.only_bottom(axes)
    canvas.rules(axes, "x")


def _limits(values: FloatArray) -> tuple[float, float]:
    value, mcse, *ends = values
    reach = plot.ERRORS * np.nan_to_num(mcse)
    known = np.concatenate([[0.0], value - reach, value + reach, *ends])
    low, high = (float(end(known[np.isfinite(known)])) for end in (np.min, np.max))
    if low == high:  # nothing but zeros: in the middle
        return -1.0, 1.0
    pad = 0.04 * (high - low)
    return (low - pad if low < 0.0 else 0.0), (high + pad if high > 0.0 else 0.0)


def _draw_rows(axes: Axes, at: FloatArray, values: FloatArray, zero: bool) -> None:
    value, mcse, low, high = values
    half = plot.ERRORS * mcse
    axes.hlines(at, low, high, color=BLUE, lw=9.0, alpha=plot.FAN, gid="range")
    if zero:
        axes.axvline(0.0, color=INK, lw=1.0, gid="zero")
        axes.hlines(at, 0.0, value, color=INK, lw=1.2, gid="bar")
    axes.hlines(at, value - half, value + half, color=BLUE, lw=5.0, alpha=plot.BAND, gid="mcse")
    axes.plot(value, at, "o", color=INK, ms=5.5, clip_on=False, gid="value")


def _write_labels(
    figure: Figure, rows: Sequence[Row], top: float, room: float, narrow: bool
) -> None:
    x = 8.0 if narrow else 4.0
    for (group, y), row in zip(_places(rows, narrow), rows, strict=True):
        if group is not None:
            for i, line in enumerate(_lines(row.group, narrow)):
                name = write(figure, x, top + group + _GROUP * i, line, bold=True)
                name.set_bbox(_ON_PAPER)
        indent = 10.0 if row.group and not narrow else 0.0
        text = canvas.shortened(row.label, room - indent)
        label = write(figure, x + indent, top + (y - 16.0 if narrow else y), text)
        if narrow:
            label.set_bbox(_ON_PAPER)


def _number(e: Estimate | None, column: Column) -> str:
    if e is None or e.value is None:
        return "–"
    of = e.scaled(column.factor)
    return with_error(of.value, of.mcse, column.most).replace("-", "−")


def _key(rows: Sequence[Row], zero: bool, gap: str) -> list[Entry]:
    cells = [e for row in rows for e in row.estimates]
    shown = [e for e in cells if e is not None and e.value is not None]
    key = [Entry("difference, led to from zero" if zero else "value", INK, "dot")]
    errors, ranges = any(e.mcse for e in shown), any(e.p05 is not None for e in shown)
    key += plot.doubts(errors, ranges, "tick")
    empty = len(shown) < len(cells) or any(e.mcse is None for e in shown)
    if gap and (empty or (zero and any(e.mcse and e.p05 is None and e.p95 is None for e in shown))):
        key.append(Entry(gap, INK, "gap"))
    return key
