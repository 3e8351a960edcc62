"""Which assumptions move the answer, and which lever of a sweep."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from simulator.estimates.influence import Influence
from simulator.number_format import significant, with_error
from simulator.report import canvas, plot
from simulator.report.canvas import note, shortened, width_of, write
from simulator.report.exhibit import Exhibit, kind
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
BAR: Final = "The bar is two standard errors of the difference between the two ends"
SCATTERED: Final = "which did not run with the same settings of the other levers"
BARS: Final[Mapping[str, str]] = {
    "paired": f"{BAR}, paired by draw: {{}}.",
    "scattered": f"{BAR}, from the scatter of the points at each, {SCATTERED}, and of the draws: "
    "{}.",
    "points alone": f"{BAR}, from the scatter of the points at each, {SCATTERED}; what other draws "
    "would change is not in it, because the sweep's folder lacks rows of this estimate by draw: "
    "{}.",
    "unknown": "No error is known, because the sweep's folder lacks rows of this estimate by draw, "
    "over one horizon, or an end has a single point, or there is a single draw: {}.",
}
PICKED: Final = (
    " Words have no order: their ends are the lowest and the highest mean, which Monte Carlo "
    "error alone sets apart too, the more the more levels there are."
)
LEVER_ENDS: Final = ("lowest level, or lowest mean", "highest level, or highest mean")


@dataclass(frozen=True, slots=True)
class Effect:
    """One assumption, what it is in the first group of draws and in the last, and the outcomes."""

    label: str
    low: str
    high: str
    values: tuple[float, ...]  # of each group, first to last, with their standard errors
    mcse: tuple[float, ...]


@kind("influence", "which assumptions move it most", "run", 5)
def of_run(run: Run) -> Exhibit | None:
    """Which assumptions move the answer."""
    if run.background is None or not (found := run.background.influence.clear):
        return None
    of = quantity(run.background.influence.quantity)
    levers = [_lever(one) for one in found[:MOST_SHOWN]]
    rows = []
    for one in found:
        for g in one.groups:
            mean, mcse = of.factor * g.value, of.factor * g.mcse
            shown = None if g.middle is None else significant(g.middle, 3)
            share = number(100.0 * one.explained, f"{100.0 * one.explained:.0f}")
            cells = number(mean, with_error(mean, mcse)), number(mcse, with_error(mcse, mcse))
            draws = number(g.middle, shown), g.draws
            rows.append((one.name, meaning(one), share, words(g.label), *draws, *cells))
    columns = (
        *("assumption", "meaning", "share of the variation, %", "group of draws"),
        *("median of the assumption", "draws", f"{of.titled}: mean", "standard error"),
    )
    first, last = (
        with_error(of.factor * g.value, of.factor * g.mcse, 1)
        for g in (found[0].groups[0], found[0].groups[-1])
    )
    return Exhibit(
        f"{found[0].name} moves it most: from {first} to {last} {of.unit}",
        f"For each assumption, the mean of “{of.title}” in the fifth of the draws where it is "
        "lowest and in the fifth where it is highest (the number is its median there); for a "
        "choice, under each option. "
        "Assumptions drawn together share the credit: this is association, not proof. Only those "
        "that chance would hardly show are drawn.",
        partial(influence, levers, title=of.titled, factor=of.factor),
        table(columns, rows),
    )


def _lever(one: Influence) -> Effect:
    groups = one.groups
    first, last = (
        words(g.label) if g.middle is None else f"{g.label}: {significant(g.middle, 2)}"
        for g in (groups[0], groups[-1])
    )
    values, mcse = tuple(g.value for g in groups), tuple(g.mcse for g in groups)
    return Effect(f"{one.name}: {meaning(one)}", first, last, values, mcse)


@canvas.drawn
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
    width = frame.width
    narrow = frame.narrow
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
    found = [_effect(view, lever) for lever in levers]
    ordered = sorted((e for e, _ in found), key=lambda e: -(max(e.values) - min(e.values)))
    rows = [
        (lever.name, level, number(mean, significant(mean, 3)), n)
        for lever in levers
        for level, mean, n in view.levels(lever)
    ]
    errors = "± 2 standard errors of their difference"
    return Exhibit(
        "Which lever moves it most",
        f"Mean of “{of.title}” over points that have a lever at one level. Where combinations of "
        "the other levers ran with all its levels, only these count, so that like stands against "
        "like. A lever that matters only together with another shows less here than it does. "
        f"{_bars(view, [error for _, error in found])}",
        partial(influence, ordered, title=of.titled, factor=1.0, ends=LEVER_ENDS, errors=errors),
        table(("lever", "level", f"{of.titled}: mean", "points"), rows),
    )


def _bars(view: View, errors: Sequence[float | None]) -> str:
    """What the bars are: not of one kind in all designs."""
    levers: dict[str, list[str]] = {bar: [] for bar in BARS}
    for lever, error in zip(view.sweep.levers, errors, strict=True):
        bar = "scattered" if view.rows else "points alone"
        bar = "paired" if view.is_matched(lever) else bar
        levers["unknown" if error is None else bar].append(lever.name)
    said = (BARS[bar].format(named(names, view)) for bar, names in levers.items() if names)
    picked = any(not lever.numeric for lever in view.sweep.levers)
    return " ".join(said) + (PICKED if picked else "")


def named(names: Sequence[str], view: View) -> str:
    """Some of the levers of a sweep, or all of them."""
    return ", ".join(names) if len(names) < len(view.sweep.levers) else "all levers"


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
