"""Axes that several figures share: years along the bottom, shares up the side."""

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Polygon

from simulator.estimates.outcome import Band
from simulator.model.compiled import FloatArray
from simulator.report.canvas import axes_at, note, pixels, rules, size_of, spread, write
from simulator.report.frame import Entry, Frame, framed
from simulator.report.palette import BLUE, INK, STYLES, Look, series

FAN: Final = 0.22  # how opaque the range over assumptions is
BAND: Final = 0.55  # how opaque the Monte Carlo band is
ERRORS: Final = 2.0  # half-width of that band in standard errors
OVER_ASSUMPTIONS: Final = "5–95 % over assumptions"
MONTE_CARLO: Final = "Monte Carlo error (± 2 standard errors)"
HOLD_OVER_YEARS: Final = "per cent that still hold, over years since the ceasefire"
_STEPS: Final = (0.25, 0.5, 1.0, 2.0, 5.0, 10.0, 20.0)  # years between ticks
Span = tuple[float, float]


def over_years(
    frame: Frame,
    height: float,
    sides: Span,
    horizon: float,
    y_title: str,
    key: Sequence[Entry] = (),
) -> tuple[Figure, Axes, float]:
    """A figure of axes over the years with their titles written level, and its top in pixels.

    The axes are ``height`` pixels high, with so many at their sides and 22 over them.
    """
    figure, top = framed(frame, height + 58.0, key)
    left, width = sides[0], frame.width - sum(sides)
    axes = axes_at(figure, left, top + 22.0, width, height)
    axes.set_xlim(0.0, horizon)
    step = next((s for s in _STEPS if horizon / s <= 7.0), 50.0)
    ticks = np.arange(0.0, horizon * (1.0 + 1e-9), step).tolist()
    if width < 40.0 * len(ticks):
        ticks = ticks[::2] if len(ticks) % 2 else ticks[:: len(ticks) - 1]
    axes.set_xticks(ticks, [f"{tick:g}" for tick in ticks])
    rules(axes, "y")
    note(figure, max(4.0, left - 34.0), top + 9.0, y_title)
    below = top + 22.0 + height + 28.0
    note(figure, left + width / 2.0, below, "years since the ceasefire", "center")
    return figure, axes, top


def small_box(
    figure: Figure, left: float, top: float, width: float, height: float, horizon: float
) -> Axes:
    """Axes of shares over the years, few of them named: one of many."""
    axes = axes_at(figure, left, top, width, height)
    axes.set_xlim(0.0, horizon)
    axes.set_xticks([0.0, horizon / 2.0, horizon], ["0", f"{horizon / 2:g}", f"{horizon:g}"])
    per_cent(axes, (0.0, 50.0, 100.0))
    return axes


def per_cent(axes: Axes, ticks: Sequence[float] = (0.0, 25.0, 50.0, 75.0, 100.0)) -> None:
    """Scale the vertical axis from 0 to 100 per cent."""
    axes.set_ylim(0.0, 100.0)
    axes.set_yticks(list(ticks), [f"{tick:g}" for tick in ticks])


def only_bottom(axes: Axes) -> None:
    """Leave out the vertical axis."""
    axes.set_yticks([])
    axes.spines["left"].set_visible(False)


def labels_inward(axes: Axes) -> None:
    """Keep the outer labels of the bottom axis over it: panels stand close."""
    low, high = axes.get_xlim()
    for at, label in zip(axes.get_xticks(), axes.get_xticklabels(), strict=True):
        share = (at - low) / (high - low)
        label.set_horizontalalignment(
            "left" if share < 0.02 else "right" if share > 0.98 else "center"
        )


def _filled(look: Look, more: dict[str, Any]) -> dict[str, Any]:
    """How an area or a bar is drawn."""
    return more | {"facecolor": look.colour, "edgecolor": INK, "hatch": look.hatch or None}


def draw_area(
    axes: Axes, x: FloatArray, low: FloatArray, high: FloatArray, look: Look, **more: Any
) -> None:
    """Fill between two curves in a colour and a hatch.

    A polygon is transparent as a whole; what ``fill_between`` gives has a transparent fill, which
    printing forgets under a hatch.
    """
    outline = np.concatenate([np.stack([x, low], 1), np.stack([x, high], 1)[::-1]])
    axes.add_patch(Polygon(outline, closed=True, linewidth=0.5, **_filled(look, more)))


def draw_bar(axes: Axes, across: Span, down: Span, look: Look, **more: Any) -> None:
    """A bar in a colour and a hatch, over these spans of the two axes."""
    (start, stop), (top, bottom) = across, down
    axes.barh(top, stop - start, bottom - top, start, align="edge", **_filled(look, more))


def draw_band(
    axes: Axes,
    x: FloatArray,
    band: Band,
    look: Look,
    *,
    factor: float = 100.0,
    fan: bool = True,
    errors: bool = True,
    name: str = "value",
) -> None:
    """Draw a curve, its Monte Carlo band and, behind and lighter, its range over assumptions.

    Artists are called ``name``, ``name:mcse`` and ``name:range`` (`Artist.get_gid`).
    """
    value, low, high = band.value * factor, band.p05 * factor, band.p95 * factor
    fill: dict[str, Any] = {"color": look.colour, "lw": 0.0}
    known = np.isfinite(low) & np.isfinite(high)
    if fan and known.any():
        axes.fill_between(x[known], low[known], high[known], alpha=FAN, gid=f"{name}:range", **fill)
        for edge in (low, high):
            axes.plot(x[known], edge[known], color=look.colour, lw=0.8, ls=STYLES[2], alpha=0.9)
    sure = np.isfinite(band.mcse)
    if errors and sure.any():
        half = ERRORS * band.mcse * factor
        low, high = (value - half)[sure], (value + half)[sure]
        axes.fill_between(x[sure], low, high, alpha=BAND, gid=f"{name}:mcse", **fill)
    axes.plot(
        x, value, color=look.colour, lw=2.0, ls=look.dashes, gid=name, solid_joinstyle="round"
    )


def doubts(errors: bool, ranges: bool, kind: Any = "fill") -> list[Entry]:
    """The key of the two uncertainties, as far as they are known."""
    both = [Entry(MONTE_CARLO, BLUE, kind, alpha=BAND)] if errors else []
    return both + ([Entry(OVER_ASSUMPTIONS, BLUE, "fill", alpha=FAN)] if ranges else [])


def doubts_of(band: Band, kind: Any = "fill") -> list[Entry]:
    """The key of those that a curve has anywhere."""
    return doubts(bool(np.isfinite(band.mcse).any()), bool(np.isfinite(band.p05).any()), kind)


def lead(figure: Figure, path: Sequence[tuple[float, float]], look: Look, width: float) -> None:
    """A line through these pixels, from a curve to its label, in the curve's own stroke."""
    w, h = size_of(figure)
    x, y = [p / w for p, _ in path], [1.0 - q / h for _, q in path]
    line = Line2D(x, y, transform=figure.transFigure, color=look.colour, linewidth=width)
    line.set_linestyle(look.dashes)
    figure.add_artist(line)


def label_ends(
    figure: Figure, axes: Axes, ends: Sequence[tuple[str, float, float]], gap: float, low: float
) -> None:
    """Lead from the end of each curve to its label; none on another or above ``low``."""
    found = [pixels(axes, x, y) for _, x, y in ends]
    floor = pixels(axes, 0.0, axes.get_ylim()[0])[1]
    places = spread([y for _, y in found], gap, low, floor)
    for i, ((label, *_), (x, y), at) in enumerate(zip(ends, found, places, strict=True)):
        lead(figure, [(x + 2.0, y), (x + 10.0, at), (x + 28.0, at)], series(i), 1.6)
        write(figure, x + 32.0, at, label)
