"""An estimate along levers of numbers, or plans along the worth of peace: curves, or dots."""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Final, NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, LogLocator, MaxNLocator, NullLocator

from simulator.decide.decision import Decision
from simulator.decide.frontier import Frontier
from simulator.estimates.outcome import Band
from simulator.model.compiled import FloatArray
from simulator.number_format import significant
from simulator.report import canvas, plot
from simulator.report.canvas import LINE, note, plain
from simulator.report.exhibit import Exhibit, exhibit, kind
from simulator.report.frame import PAGE, Entry, Frame, framed
from simulator.report.palette import BLUE, INK, VERMILION, series
from simulator.report.prose.decisions import POOLED, worth_at
from simulator.report.sweep_view import SLICES, View, slice_of
from simulator.report.tables import table
from simulator.results.sweep import shown

MOST_LINES: Final = 8
MOST_LOSS: Final = 50.0  # per cent of the worth of peace; what loses more is out of the question
WORTHS: Final = "worth of twenty years of peace, GBP billion"


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
            found = [p.estimates[view.name] for p in points]
            numbers = np.array([[e.value, e.mcse, e.p05, e.p95] for e in found], np.float64)
            x = np.array([point.settings[along.name] for point in points], np.float64)
            name = shown(label) if split else sweep.plan.title
            lines.append(Response(name, x, Band(*numbers.T)))
    if not lines:
        return None
    draw = partial(response, lines, x_title=along.name, y_title=of.titled, factor=of.factor)
    where = ", ".join(f"{key} {shown(label)}" for key, label in fixed.items())
    facts = {"along": along, "split": split, "where": where}
    return exhibit("response", draw, view.table([view.name]), view=view, **facts)


@kind("frontier", "which plan is best, by the worth of peace", "decide", 1)
def _frontier(decision: Decision) -> Exhibit | None:
    if (found := decision.frontier.get(POOLED)) is None:
        return None
    y_title = "best of all, % of draws"
    return _along("frontier", found, found.probability_best, y_title, 100.0, worth_at=worth_at)


@kind("losses", "what choosing each plan loses, by the worth of peace", "decide", 2)
def _losses(decision: Decision) -> Exhibit | None:
    if (found := decision.frontier.get(POOLED)) is None:
        return None
    # What share of the worth of peace is lost at most: large numbers of both at the right.
    worths = np.array(found.worths)
    relative = {plan: (np.array(of) / worths).tolist() for plan, of in found.loss.items()}
    least = min(relative, key=lambda plan: max(relative[plan]))
    most = significant(100.0 * max(relative[least]), 2)
    y_title = "expected loss, % of the worth of peace"
    return _along("losses", found, relative, y_title, MOST_LOSS, least=least, share=most)


def _along(
    text: str,
    found: Frontier,
    by_plan: Mapping[str, Sequence[float]],  # in the same order and colours in both figures
    y_title: str,
    most: float,
    **facts: object,
) -> Exhibit:
    """Curves over the worth of peace."""
    x = np.array(found.worths) / 1e9
    unknown = np.full(x.size, np.nan)
    lines = [
        Response(plan, x, Band(np.array(of), unknown, unknown, unknown))
        for plan, of in by_plan.items()
    ]
    limits = (0.0, min(most, 1.05 * 100.0 * max(max(values) for values in by_plan.values())))
    rows = [
        (plan, at, 100.0 * value)
        for plan, of in by_plan.items()
        for at, value in zip(x.tolist(), of, strict=True)
    ]
    draw = partial(response, lines, x_title=WORTHS, y_title=y_title, limits=limits, log=True)
    return exhibit(text, draw, table(("plan", WORTHS, y_title), rows), frontier=found, **facts)


@canvas.drawing()
def response(
    responses: Sequence[Response],
    frame: Frame = PAGE,
    *,
    x_title: str,
    y_title: str,
    factor: float = 100.0,
    limits: tuple[float, float] | None = None,
    log: bool = False,
) -> Figure:
    """Draw an estimate along a lever; bands only where there is one line, else one error bar.

    The error bar is left out where the first error is not known; ``log`` is of the lever. Lines
    ``response:LABEL`` with markers at the points that were simulated.
    """
    alone, first = len(responses) == 1, responses[0]
    names = [canvas.shortened(r.label, 0.34 * frame.width - 36.0) for r in responses]
    right = 18.0 if alone else 38.0 + max(map(canvas.width_of, names))
    wide, height = frame.width - 58.0 - right, 230.0 if frame.narrow else 280.0
    height = max(height, LINE * len(responses))
    with_error = not alone and bool(np.isfinite(first.band.mcse[0]))
    key = plot.doubts(True, bool(np.isfinite(first.band.p05).any())) if alone else []
    if with_error:
        key = [Entry("± 2 standard errors of the first line; same draws", INK)]
    figure, top = framed(frame, height + 60.0, key)
    axes = canvas.axes_at(figure, 58.0, top + 22.0, wide, height)
    note(figure, 8.0, top + 9.0, y_title)
    note(figure, 58.0 + wide / 2.0, top + 22.0 + height + 28.0, x_title, "center")
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
    if limits is not None:
        axes.set_ylim(*limits)
    _scale(axes, 5)
    if log:
        steps = (1.0,) if frame.narrow else (1.0, 2.0, 5.0)
        axes.xaxis.set_major_locator(LogLocator(10.0, steps))
        axes.xaxis.set_minor_locator(NullLocator())
    if not alone:
        ends = [
            (name, float(r.x[-1]), factor * float(r.band.value[-1]))
            for name, r in zip(names, responses, strict=True)
        ]
        plot.label_ends(figure, axes, ends, LINE - 2.0, top + 22.0)
    return figure


def _scale(axes: Axes, ticks: int) -> None:
    """Rules, few ticks, plain numbers."""
    canvas.rules(axes, "y")
    axes.xaxis.set_major_locator(MaxNLocator(ticks))
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
def _of_view(view: View) -> Exhibit | None:
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
    draw = partial(scatter, panels, y_title=of.titled, factor=of.factor)
    return exhibit("scatter", draw, view.table([view.name]), of=of, slices=SLICES)


@canvas.drawing()
def scatter(
    panels: Sequence[Scatter], frame: Frame = PAGE, *, y_title: str, factor: float = 100.0
) -> Figure:
    """Draw every point of a sample over each lever in turn, with the mean along it."""
    columns = min(len(panels), 1 if frame.narrow else 3)
    lines, wide, high = -(-len(panels) // columns), (frame.width - 44.0) / columns, 130.0
    key = [Entry("a point of the sweep", BLUE, "dot"), Entry("mean along the lever", VERMILION)]
    figure, top = framed(frame, 20.0 + lines * (high + 62.0), key)
    note(figure, 4.0, top + 9.0, y_title)
    for k, panel in enumerate(panels):
        left, y = 44.0 + (k % columns) * wide, top + 26.0 + (k // columns) * (high + 62.0)
        axes = canvas.axes_at(figure, left, y, wide - 18.0, high)
        axes.plot(panel.x, factor * panel.y, ".", color=BLUE, ms=3.0, alpha=0.5, gid=f"points:{k}")
        axes.plot(panel.middles, factor * panel.means, color=VERMILION, lw=2.0, gid=f"mean:{k}")
        _scale(axes, 3)
        if k % columns:
            axes.set_yticklabels([])
        note(figure, left, y + high + 30.0, canvas.shortened(panel.title, wide - 18.0))
    return figure
