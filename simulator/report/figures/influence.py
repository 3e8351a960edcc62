"""Which assumptions move the answer, and which lever of a sweep."""

from collections.abc import Sequence
from functools import partial
from typing import Final, NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from simulator.estimates.influence import Influence
from simulator.number_format import significant, with_error
from simulator.report import canvas, plot
from simulator.report.canvas import note, shortened, width_of, write
from simulator.report.exhibit import Exhibit, exhibit, kind
from simulator.report.frame import PAGE, Entry, Frame, framed
from simulator.report.palette import BLUE, GREY, VERMILION
from simulator.report.prose.names import meaning, quantity, words
from simulator.report.sweep_view import View
from simulator.report.tables import number, table
from simulator.results.runs import Run
from simulator.results.sweep import Lever

MOST_SHOWN: Final = 6
ENDS: Final = (
    "where the assumption is low, or its first option",
    "where it is high, or its last option",
)
LEVER_ENDS: Final = ("lowest level, or lowest mean", "highest level, or highest mean")


class Effect(NamedTuple):
    """One assumption, what it is in the first group of draws and in the last, and the outcomes."""

    label: str
    low: str
    high: str
    values: tuple[float, ...]  # of each group, first to last, with their standard errors
    mcse: tuple[float, ...]


@kind("influence", "which assumptions move it most", "run", 5)
def _of_run(run: Run) -> Exhibit | None:
    if run.background is None or not (found := run.background.influence.clear):
        return None
    of = quantity(run.background.influence.quantity)
    rows = []
    for one in found:
        share = number(100.0 * one.explained, f"{100.0 * one.explained:.0f}")
        for g in one.groups:
            mean, mcse = of.factor * g.value, of.factor * g.mcse
            middle = number(g.middle, None if g.middle is None else significant(g.middle, 3))
            cells = number(mean, with_error(mean, mcse)), number(mcse, with_error(mcse, mcse))
            rows.append((one.name, meaning(one), share, words(g.label), middle, g.draws, *cells))
    columns = (
        *("assumption", "meaning", "share of the variation, %", "group of draws"),
        *("median of the assumption", "draws", f"{of.titled}: mean", "standard error"),
    )
    levers = [_lever(one) for one in found[:MOST_SHOWN]]
    draw = partial(influence, levers, title=of.titled, factor=of.factor)
    return exhibit("influence", draw, table(columns, rows), most=found[0], of=of)


def _lever(one: Influence) -> Effect:
    groups = one.groups
    first, last = (
        words(g.label) if g.middle is None else f"{g.label}: {significant(g.middle, 2)}"
        for g in (groups[0], groups[-1])
    )
    values, mcse = tuple(g.value for g in groups), tuple(g.mcse for g in groups)
    return Effect(f"{one.name}: {meaning(one)}", first, last, values, mcse)


@canvas.drawing()
def influence(
    levers: Sequence[Effect],
    frame: Frame = PAGE,
    *,
    title: str,
    factor: float = 100.0,
    ends: tuple[str, str] = ENDS,
    errors: str = "± 2 standard errors",
) -> Figure:
    """Draw a line from the outcome in the first group to that in the last, for each assumption.

    ``factor`` leads from the unit of the values to that of the title; ``ends`` and ``errors`` are
    words of the key. Lines ``groups:i`` (one point for each group), ``low:i`` and ``high:i``.
    """
    width, narrow = frame.width, frame.narrow
    room = 0.0 if narrow else 0.5 * width
    words_room = width - 16.0 if narrow else room - 8.0
    labels = [canvas.wrapped(lever.label, words_room) for lever in levers]
    high = 16.0 * max(len(lines) for lines in labels)  # of the labels, which are as high for all
    step = high + (46.0 if narrow else 24.0)
    key = [Entry(ends[0], BLUE, "dot"), Entry(ends[1], VERMILION, "dot")]
    if any(any(lever.mcse) for lever in levers):
        key.append(Entry(errors, GREY, "tick", alpha=plot.BAND))
    figure, top = framed(frame, 20.0 + step * len(levers) + 30.0, key)
    note(figure, 8.0 + room, top + 9.0, title)
    left = 20.0 if narrow else 8.0 + room  # half the number under the first tick fits beside it
    axes = canvas.axes_at(figure, left, top + 20.0, width - left - 16.0, step * len(levers))
    values = [factor * v for lever in levers for v in lever.values]
    reach = plot.ERRORS * factor * max(max(lever.mcse) for lever in levers)
    reach += 0.03 * (max(values) - min(values))
    reach = reach or 0.03 * abs(values[0]) or 1.0  # no lever moves anything, in any draw
    axes.set_xlim(max(0.0, min(values) - reach), max(values) + reach)
    axes.set_ylim(step * len(levers), 0.0)
    plot.only_bottom(axes)
    canvas.rules(axes, "x")
    for i, lever in enumerate(levers):
        y = step * i + (high + 34.0 if narrow else 0.5 * step)
        _row(axes, lever, i, y, factor)
        _words(figure, lever, labels[i], top + 20.0 + step * i, words_room)
    return figure


def _row(axes: Axes, lever: Effect, i: int, y: float, factor: float) -> None:
    values = factor * np.array(lever.values)
    halves = plot.ERRORS * factor * np.array(lever.mcse)
    axes.plot(values, np.full(values.size, y), "|-", color=GREY, lw=1.5, ms=7.0, gid=f"groups:{i}")
    for at, colour, name in ((0, BLUE, "low"), (-1, VERMILION, "high")):
        ends = [values[at] - halves[at], values[at] + halves[at]]
        axes.plot(ends, [y, y], color=colour, lw=5.0, alpha=plot.BAND, solid_capstyle="butt")
        fill = colour if name == "high" else "none"
        (dot,) = axes.plot([values[at]], [y], "o", color=colour, mfc=fill, mew=1.8, ms=7.0)
        dot.set_gid(f"{name}:{i}")


def _words(figure: Figure, lever: Effect, lines: Sequence[str], top: float, room: float) -> None:
    for i, line in enumerate(lines):
        write(figure, 4.0, top + 12.0 + 16.0 * i, line)
    text = f"{lever.low} → {lever.high}"
    if width_of(text) > room:
        half = (room - width_of(" → ")) / 2.0
        text = f"{shortened(lever.low, half)} → {shortened(lever.high, half)}"
    note(figure, 4.0, top + 12.0 + 16.0 * len(lines), text)


@kind("effects", "which lever moves it most", "sweep", 1)
def effects(view: View) -> Exhibit | None:
    """The mean at each level of each lever, over all levels of the others."""
    of, levers = view.of, view.sweep.levers
    if not levers:
        return None
    found, bars = [], dict[str, list[str]]()
    for lever in levers:
        effect, error = _effect(view, lever)
        found.append(effect)
        bar = "paired" if view.is_matched(lever) else "scattered" if view.rows else "points alone"
        bars.setdefault("unknown" if error is None else bar, []).append(lever.name)
    found.sort(key=lambda e: min(e.values) - max(e.values))
    rows = [
        (lever.name, level, number(mean, significant(mean, 3)), n)
        for lever in levers
        for level, mean, n in view.levels(lever)
    ]
    errors = "± 2 standard errors of their difference"
    return exhibit(
        "effects",
        partial(influence, found, title=of.titled, factor=1.0, ends=LEVER_ENDS, errors=errors),
        table(("lever", "level", f"{of.titled}: mean", "points"), rows),
        view=view,
        bars=bars,
    )


def _effect(view: View, lever: Lever) -> tuple[Effect, float | None]:
    """Levels of a lever to draw, and the error of the difference of the two ends."""
    levels = view.levels(lever)
    order = list(range(len(levels)))
    if not lever.numeric:
        order.sort(key=lambda i: levels[i][1])
    first, last = order[0], order[-1]
    error = view.error_between(lever, first, last)
    means = tuple(levels[i][1] for i in order)
    errors = (*(0.0 for _ in means[1:]), view.of.factor * (error or 0.0))
    return Effect(lever.name, levels[first][0], levels[last][0], means, errors), error
