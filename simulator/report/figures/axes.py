"""Axes that several figures share: years along the bottom, shares up the side."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Polygon

from simulator.model.compiled import FloatArray
from simulator.outcomes.curves import Band
from simulator.report.canvas import SMALL, axes_at, rules, size_of, write
from simulator.report.frame import Entry
from simulator.report.palette import INK, MUTED, SOLID, STYLES, Dashes, Look

FAN: Final = 0.22  # how opaque the range over assumptions is
BAND: Final = 0.55  # how opaque the Monte Carlo band is
ERRORS: Final = 2.0  # half-width of that band in standard errors
OVER_ASSUMPTIONS: Final = "5–95 % over assumptions"
MONTE_CARLO: Final = "Monte Carlo error (± 2 standard errors)"


def year_ticks(horizon: float) -> list[float]:
    """Ticks at round years, at most nine.

    Examples
    --------
    >>> year_ticks(30.0)
    [0.0, 5.0, 10.0, 15.0, 20.0, 25.0, 30.0]
    >>> year_ticks(3.0)
    [0.0, 0.5, 1.0, 1.5, 2.0, 2.5, 3.0]
    """
    step = next((s for s in (0.25, 0.5, 1.0, 2.0, 5.0, 10.0, 20.0) if horizon / s <= 7.0), 50.0)
    return [float(v) for v in np.arange(0.0, horizon * (1.0 + 1e-9), step)]


def plot_box(
    figure: Figure,
    left: float,
    top: float,
    width: float,
    height: float,
    *,
    horizon: float,
    y_title: str,
    x_title: str = "years since the ceasefire",
) -> Axes:
    """Axes over the years with their titles written level, above and below.

    ``top`` is that of the title of the vertical axis, 22 pixels over the box; below the box 36
    pixels are used.
    """
    axes = axes_at(figure, left, top + 22.0, width, height)
    axes.set_xlim(0.0, horizon)
    ticks = year_ticks(horizon)
    if width < 40.0 * len(ticks):
        ticks = ticks[::2] if len(ticks) % 2 else ticks[:: len(ticks) - 1]
    axes.set_xticks(ticks, [f"{tick:g}" for tick in ticks])
    rules(axes, "y")
    write(figure, max(4.0, left - 34.0), top + 9.0, y_title, size=SMALL, colour=MUTED)
    if x_title:
        write(
            figure,
            left + width / 2.0,
            top + 22.0 + height + 28.0,
            x_title,
            align="center",
            size=SMALL,
            colour=MUTED,
        )
    return axes


def per_cent(axes: Axes, ticks: Sequence[float] = (0.0, 25.0, 50.0, 75.0, 100.0)) -> None:
    """Scale the vertical axis from 0 to 100 per cent."""
    axes.set_ylim(0.0, 100.0)
    axes.set_yticks(list(ticks), [f"{tick:g}" for tick in ticks])


def labels_inward(axes: Axes) -> None:
    """Keep the outer labels of the bottom axis over it: panels stand close."""
    low, high = axes.get_xlim()
    for at, label in zip(axes.get_xticks(), axes.get_xticklabels(), strict=True):
        share = (at - low) / (high - low)
        label.set_horizontalalignment(
            "left" if share < 0.02 else "right" if share > 0.98 else "center"
        )


def draw_area(
    axes: Axes,
    x: FloatArray,
    low: FloatArray,
    high: FloatArray,
    look: Look,
    *,
    alpha: float,
    name: str,
) -> None:
    """Fill between two curves in a colour and a hatch.

    A polygon is transparent as a whole; what ``fill_between`` gives has a transparent fill, which
    printing forgets under a hatch.
    """
    outline = np.concatenate([np.stack([x, low], 1), np.stack([x, high], 1)[::-1]])
    axes.add_patch(
        Polygon(
            outline,
            closed=True,
            facecolor=look.colour,
            edgecolor=INK,
            hatch=look.hatch or None,
            linewidth=0.5,
            alpha=alpha,
            gid=name,
        )
    )


def draw_band(
    axes: Axes,
    x: FloatArray,
    band: Band,
    colour: str,
    *,
    factor: float = 100.0,
    dashes: Dashes = SOLID,
    fan: bool = True,
    errors: bool = True,
    name: str = "value",
) -> None:
    """Draw a curve, its Monte Carlo band and, behind and lighter, its range over assumptions.

    Artists are called ``name``, ``name:mcse`` and ``name:range`` (`Artist.get_gid`).
    """
    value, low, high = band.value * factor, band.p05 * factor, band.p95 * factor
    known = np.isfinite(low) & np.isfinite(high)
    if fan and known.any():
        axes.fill_between(
            x[known], low[known], high[known], color=colour, alpha=FAN, lw=0.0, gid=f"{name}:range"
        )
        for edge in (low, high):
            axes.plot(x[known], edge[known], color=colour, lw=0.8, ls=STYLES[2], alpha=0.9)
    sure = np.isfinite(band.mcse)
    if errors and sure.any():
        half = ERRORS * band.mcse * factor
        axes.fill_between(
            x[sure],
            (value - half)[sure],
            (value + half)[sure],
            color=colour,
            alpha=BAND,
            lw=0.0,
            gid=f"{name}:mcse",
        )
    axes.plot(x, value, color=colour, lw=2.0, ls=dashes, gid=name, solid_joinstyle="round")


def band_key(colour: str, label: str, band: Band, dashes: Dashes = SOLID) -> list[Entry]:
    """The key of what `draw_band` draws; what cannot be told is left out."""
    entries = [Entry(label, colour, "line", dashes)]
    if np.isfinite(band.mcse).any():
        entries.append(Entry(MONTE_CARLO, colour, "fill", alpha=BAND))
    if np.isfinite(band.p05).any():
        entries.append(Entry(OVER_ASSUMPTIONS, colour, "fill", alpha=FAN))
    return entries


def pixels(axes: Axes, x: float, y: float) -> tuple[float, float]:
    """Where a point of the data lies, in pixels from the top left of the figure."""
    figure = axes.get_figure(root=True)
    assert figure is not None
    axes.get_xlim(), axes.get_ylim()  # settles what autoscaling has put off
    right, up = axes.transData.transform((x, y))
    return float(right), size_of(figure)[1] - float(up)
