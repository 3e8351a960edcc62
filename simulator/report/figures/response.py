"""An estimate along one swept lever, or scattered over many."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, LogLocator, MaxNLocator, NullLocator

from simulator.model.compiled import FloatArray
from simulator.outcomes.curves import Band
from simulator.report.canvas import (
    LINE,
    SMALL,
    WIDE,
    axes_at,
    drawn,
    rules,
    shortened,
    width_of,
    write,
)
from simulator.report.figures.axes import (
    BAND,
    ERRORS,
    FAN,
    MONTE_CARLO,
    OVER_ASSUMPTIONS,
    draw_band,
    pixels,
)
from simulator.report.figures.survival import end_label
from simulator.report.frame import Entry, Heading, framed
from simulator.report.labels import spread
from simulator.report.palette import BLUE, INK, MUTED, VERMILION, series


@dataclass(frozen=True, eq=False, slots=True)
class Response:
    """An estimate along a lever.

    Attributes
    ----------
    label : str
    x : float64 array, shape (K,)
        Increasing.
    band : Band, shape (K,)
    """

    label: str
    x: FloatArray
    band: Band


@drawn
def response(
    responses: Sequence[Response],
    *,
    x_title: str,
    y_title: str,
    factor: float = 100.0,
    limits: tuple[float, float] | None = (0.0, 100.0),
    log: bool = False,
    width: float = WIDE,
    heading: Heading | None = None,
) -> Figure:
    """Draw an estimate along a lever; bands only where there is one line, else one error bar.

    The error bar is left out where the first error is not known; ``log`` is of the lever.

    Returns
    -------
    Figure
        Lines ``response:LABEL`` with markers at the points that were simulated.
    """
    alone = len(responses) == 1
    room = 0.34 * width
    names = [shortened(r.label, room - 36.0, SMALL) for r in responses]
    right = 18.0 if alone else 38.0 + max(width_of(name, SMALL) for name in names)
    height = max(280.0 if width >= WIDE else 230.0, LINE * len(responses))
    key = [Entry(MONTE_CARLO, BLUE, "fill", alpha=BAND)]
    with_error = not alone and bool(np.isfinite(responses[0].band.mcse[0]))
    if not alone:
        key = [Entry("± 2 standard errors of the first line; same draws", INK)][: int(with_error)]
    if alone and np.isfinite(responses[0].band.p05).any():
        key.append(Entry(OVER_ASSUMPTIONS, BLUE, "fill", alpha=FAN))
    figure, top = framed(width, height + 60.0, key, heading)
    axes = axes_at(figure, 58.0, top + 22.0, width - 58.0 - right, height)
    write(figure, 8.0, top + 9.0, y_title, size=SMALL, colour=MUTED)
    centre = 58.0 + (width - 58.0 - right) / 2.0
    below = top + 22.0 + height + 28.0
    write(figure, centre, below, x_title, align="center", size=SMALL, colour=MUTED)
    for i, one in enumerate(responses):
        look = series(i)
        draw_band(
            axes,
            one.x,
            one.band,
            look.colour,
            factor=factor,
            dashes=look.dashes,
            fan=alone,
            errors=alone,
            name=f"response:{one.label}",
        )
        if not log:
            axes.plot(one.x, factor * one.band.value, "o", color=look.colour, ms=4.0)
    if with_error:
        first = responses[0].band
        half = ERRORS * factor * float(first.mcse[0])
        middle = factor * float(first.value[0])
        start = [float(responses[0].x[0])] * 2
        axes.plot(start, [middle - half, middle + half], "_-", color=INK, lw=1.5, gid="errors")
    if log:
        axes.set_xscale("log")
    _scale(axes, limits)
    if log:
        axes.xaxis.set_major_locator(LogLocator(10.0, (1.0, 2.0, 5.0) if width >= WIDE else (1.0,)))
        axes.xaxis.set_minor_locator(NullLocator())
    if not alone:
        ends = [pixels(axes, float(r.x[-1]), factor * float(r.band.value[-1])) for r in responses]
        floor = top + 22.0 + height
        at = spread([y for _, y in ends], LINE - 2.0, top + 22.0, floor)
        for i, ((x, y), level) in enumerate(zip(ends, at, strict=True)):
            end_label(figure, x, y, level, names[i], i)
    return figure


def _scale(axes: Axes, limits: tuple[float, float] | None) -> None:
    if limits is not None:
        axes.set_ylim(*limits)
    rules(axes, "y")
    axes.xaxis.set_major_locator(MaxNLocator(5))
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_major_formatter(FuncFormatter(lambda v, _: f"{v:,.10g}".replace("-", "−")))


@dataclass(frozen=True, eq=False, slots=True)
class Scatter:
    """A panel of points over one lever.

    Attributes
    ----------
    title : str
        Of the lever, with its unit.
    x, y : float64 array, shape (K,)
    middles, means : float64 array, shape (B,)
        Mean of ``y`` in slices of ``x``.
    """

    title: str
    x: FloatArray
    y: FloatArray
    middles: FloatArray
    means: FloatArray


@drawn
def scatter(
    panels: Sequence[Scatter],
    *,
    y_title: str,
    factor: float = 100.0,
    limits: tuple[float, float] | None = (0.0, 100.0),
    width: float = WIDE,
    heading: Heading | None = None,
) -> Figure:
    """Draw every point of a sample over each lever in turn, with the mean along it.

    Returns
    -------
    Figure
        In panel ``k`` the points ``points:k`` and the line ``mean:k``.
    """
    columns = min(len(panels), 3 if width >= WIDE else 1)
    lines = -(-len(panels) // columns)
    wide, high = (width - 44.0) / columns, 130.0
    key = [Entry("a point of the sweep", BLUE, "dot"), Entry("mean along the lever", VERMILION)]
    figure, top = framed(width, 20.0 + lines * (high + 62.0), key, heading)
    write(figure, 4.0, top + 9.0, y_title, size=SMALL, colour=MUTED)
    for k, panel in enumerate(panels):
        left, y = 44.0 + (k % columns) * wide, top + 26.0 + (k // columns) * (high + 62.0)
        axes = axes_at(figure, left, y, wide - 18.0, high)
        axes.plot(panel.x, factor * panel.y, ".", color=BLUE, ms=3.0, alpha=0.5, gid=f"points:{k}")
        axes.plot(panel.middles, factor * panel.means, color=VERMILION, lw=2.0, gid=f"mean:{k}")
        _scale(axes, limits)
        if k % columns:
            axes.set_yticklabels([])
        axes.xaxis.set_major_locator(MaxNLocator(3))
        text = shortened(panel.title, wide - 18.0, SMALL)
        write(figure, left, y + high + 30.0, text, size=SMALL, colour=MUTED)
    return figure
