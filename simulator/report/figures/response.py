"""An estimate along levers of numbers: curves, or the points of a sample."""

from collections.abc import Sequence
from functools import partial
from typing import Final, NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, LogLocator, MaxNLocator, NullLocator

from simulator.estimates.outcome import Band
from simulator.model.compiled import FloatArray
from simulator.report import canvas, plot
from simulator.report.canvas import LINE, note, plain
from simulator.report.exhibit import Exhibit, kind
from simulator.report.figures.heat import COMMON_NUMBERS, said_error
from simulator.report.frame import PAGE, Entry, Frame, framed
from simulator.report.palette import BLUE, INK, VERMILION, series
from simulator.report.sweep_view import SLICES, View, slice_of
from simulator.results.sweep import Lever, Point, shown

MOST_LINES: Final = 8
Limits = tuple[float, float] | None


class Response(NamedTuple):
    """An estimate along increasing numbers."""

    label: str
    x: FloatArray
    band: Band


@kind("response", "an estimate along one lever of numbers", "sweep", 4)
def of_sweep(view: View) -> Exhibit | None:
    """Lines along the lever with most numbers, one for each level of another.

    None where no two points differ in that lever alone, as in a sample.
    """
    of, sweep = view.of, view.sweep
    numeric = [lever for lever in sweep.levers if lever.numeric]
    if view.is_sample or not numeric:
        return None
    along = max(numeric, key=lambda e: len(e.labels))
    others = [lever for lever in sweep.levers if lever is not along]
    split = max(others, key=lambda e: min(len(e.labels), MOST_LINES), default=None)
    fixed = {lever.name: lever.labels[-1] for lever in others if lever is not split}
    lines = []
    for label in split.labels[:MOST_LINES] if split else (None,):
        chosen = fixed | ({split.name: label} if split else {})
        points = [p for p in sweep.points if chosen.items() <= p.settings.items()]
        points.sort(key=lambda p: float(p.settings[along.name] or 0.0))
        if len(points) > 1:
            lines.append(
                _line(shown(label) if split else sweep.plan.title, points, along, view.name)
            )
    if not lines:
        return None
    where = ", ".join(f"{key} {shown(label)}" for key, label in fixed.items())
    return Exhibit(
        f"“{of.title}” along {along.name}",
        (f"One line for each level of {split.name}. " if split else "")
        + (f"The other levers stand at {where}. " if where else "")
        + f"{said_error(view)} {COMMON_NUMBERS}",
        partial(response, lines, x_title=along.name, y_title=of.titled, factor=of.factor),
        view.table([view.name]),
    )


def _line(label: str, points: Sequence[Point], along: Lever, name: str) -> Response:
    found = [p.estimates[name] for p in points]
    columns = [[e.value, e.mcse, e.p05, e.p95] for e in found]
    x = np.array([point.settings[along.name] for point in points], np.float64)
    return Response(label, x, Band(*np.array(columns, np.float64).T))


@canvas.drawn
def response(
    responses: Sequence[Response],
    frame: Frame = PAGE,
    *,
    x_title: str,
    y_title: str,
    factor: float = 100.0,
    limits: Limits = None,
    log: bool = False,
) -> Figure:
    """Draw an estimate along a lever; bands only where there is one line, else one error bar.

    The error bar is left out where the first error is not known; ``log`` is of the lever. Lines
    ``response:LABEL`` with markers at the points that were simulated.
    """
    width = frame.width
    alone, first = len(responses) == 1, responses[0]
    names = [canvas.shortened(r.label, 0.34 * width - 36.0) for r in responses]
    right = 18.0 if alone else 38.0 + max(map(canvas.width_of, names))
    height = max(280.0 if not frame.narrow else 230.0, LINE * len(responses))
    with_error = not alone and bool(np.isfinite(first.band.mcse[0]))
    key = plot.doubts(True, bool(np.isfinite(first.band.p05).any())) if alone else []
    if with_error:
        key = [Entry("± 2 standard errors of the first line; same draws", INK)]
    figure, top = framed(frame, height + 60.0, key)
    axes = canvas.axes_at(figure, 58.0, top + 22.0, width - 58.0 - right, height)
    note(figure, 8.0, top + 9.0, y_title)
    centre = 58.0 + (width - 58.0 - right) / 2.0
    note(figure, centre, top + 22.0 + height + 28.0, x_title, "center")
    for i, (label, x, band) in enumerate(responses):
        look, name = series(i), f"response:{label}"
        plot.draw_band(axes, x, band, look, factor=factor, fan=alone, errors=alone, name=name)
        if not log:
            axes.plot(x, factor * band.value, "o", color=look.colour, ms=4.0)
    if with_error:
        half = plot.ERRORS * factor * float(first.band.mcse[0])
        middle = factor * float(first.band.value[0])
        bar = [middle - half, middle + half]
        axes.plot([first.x[0]] * 2, bar, "_-", color=INK, lw=1.5, gid="errors")
    if log:
        axes.set_xscale("log")
    scale(axes, limits)
    if log:
        axes.xaxis.set_major_locator(
            LogLocator(10.0, (1.0, 2.0, 5.0) if not frame.narrow else (1.0,))
        )
        axes.xaxis.set_minor_locator(NullLocator())
    if not alone:
        ends = [
            (name, float(r.x[-1]), factor * float(r.band.value[-1]))
            for name, r in zip(names, responses, strict=True)
        ]
        plot.label_ends(figure, axes, ends, LINE - 2.0, top + 22.0)
    return figure


def scale(axes: Axes, limits: Limits) -> None:
    """Rules, few ticks, plain numbers."""
    if limits is not None:
        axes.set_ylim(*limits)
    canvas.rules(axes, "y")
    axes.xaxis.set_major_locator(MaxNLocator(5))
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_major_formatter(FuncFormatter(plain))


class Scatter(NamedTuple):
    """Points over one lever, and their mean in slices of it."""

    title: str
    x: FloatArray
    y: FloatArray
    middles: FloatArray
    means: FloatArray


@kind("scatter", "an estimate over levers of numbers, as a sample has them", "sweep", 5)
def of_view(view: View) -> Exhibit | None:
    """Every point over each lever of numbers."""
    levers = [lever for lever in view.sweep.levers if lever.numeric]
    if not levers or of_sweep(view) is not None:
        return None
    of, values, panels = view.of, view.values, []
    for lever in levers:
        x = np.array([p.settings[lever.name] for p in view.sweep.points], np.float64)
        edges = np.linspace(x.min(), x.max(), SLICES + 1)
        code = slice_of(x, edges)
        seen = [i for i in range(SLICES) if np.isfinite(values[code == i]).any()]
        means = np.array([np.nanmean(values[code == i]) for i in seen])
        middles = ((edges[1:] + edges[:-1]) / 2.0)[seen]
        panels.append(Scatter(lever.name, x, values, middles, means))
    return Exhibit(
        f"“{of.title}” over every lever",
        "Each dot is a point of the sweep, with all levers at values of their own; the line is the "
        f"mean in {SLICES} slices of the lever. How far dots of one slice differ is what the other "
        "levers do, and Monte Carlo error.",
        partial(scatter, panels, y_title=of.titled, factor=of.factor),
        view.table([view.name]),
    )


@canvas.drawn
def scatter(
    panels: Sequence[Scatter], frame: Frame = PAGE, *, y_title: str, factor: float = 100.0
) -> Figure:
    """Draw every point of a sample over each lever in turn, with the mean along it."""
    width = frame.width
    columns = min(len(panels), 3 if not frame.narrow else 1)
    lines = -(-len(panels) // columns)
    wide, high = (width - 44.0) / columns, 130.0
    key = [Entry("a point of the sweep", BLUE, "dot"), Entry("mean along the lever", VERMILION)]
    figure, top = framed(frame, 20.0 + lines * (high + 62.0), key)
    note(figure, 4.0, top + 9.0, y_title)
    for k, panel in enumerate(panels):
        left, y = 44.0 + (k % columns) * wide, top + 26.0 + (k // columns) * (high + 62.0)
        axes = canvas.axes_at(figure, left, y, wide - 18.0, high)
        axes.plot(panel.x, factor * panel.y, ".", color=BLUE, ms=3.0, alpha=0.5, gid=f"points:{k}")
        axes.plot(panel.middles, factor * panel.means, color=VERMILION, lw=2.0, gid=f"mean:{k}")
        scale(axes, None)
        if k % columns:
            axes.set_yticklabels([])
        axes.xaxis.set_major_locator(MaxNLocator(3))
        note(figure, left, y + high + 30.0, canvas.shortened(panel.title, wide - 18.0))
    return figure
