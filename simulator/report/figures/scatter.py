"""An estimate of a sweep scattered over each of its levers, as a sample has them."""

from collections.abc import Sequence
from functools import partial
from typing import NamedTuple

import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from simulator.model.compiled import FloatArray
from simulator.report import canvas
from simulator.report.canvas import note
from simulator.report.exhibit import Exhibit, kind
from simulator.report.figures.response import of_sweep, scale
from simulator.report.frame import PAGE, Entry, Frame, framed
from simulator.report.palette import BLUE, VERMILION
from simulator.report.sweep_view import SLICES, View, slice_of


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
