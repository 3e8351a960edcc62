"""How long a ceasefire holds: one plan in full, several plans against each other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from simulator.model.compiled import FloatArray
from simulator.number_format import percent
from simulator.outcomes.curves import Band
from simulator.report.canvas import (
    LINE,
    SMALL,
    WIDE,
    axes_at,
    drawn,
    shortened,
    size_of,
    width_of,
    write,
)
from simulator.report.figures.axes import (
    ERRORS,
    band_key,
    draw_band,
    labels_inward,
    per_cent,
    pixels,
    plot_box,
)
from simulator.report.frame import Entry, Heading, framed
from simulator.report.labels import spread
from simulator.report.palette import BLUE, GREY, INK, MUTED, RULE, series
from simulator.report.vocabulary import RECORD_ENDS

MARKS: Final = (2.0, 20.0, 30.0)  # the years of the claim under test
HOLDS: Final = "still hold, %"


@dataclass(frozen=True, eq=False, slots=True)
class Curve:
    """A survival curve with its name.

    Attributes
    ----------
    label : str
    years : float64 array, shape (G + 1,)
    survival : Band, shape (G + 1,)
    """

    label: str
    years: FloatArray
    survival: Band


@drawn
def survival(curve: Curve, *, width: float = WIDE, heading: Heading | None = None) -> Figure:
    """Survival of one plan, its Monte Carlo band, and apart from it its range over assumptions.

    Returns
    -------
    Figure
        Lines ``survival`` and ``mark:YEARS``, fills ``survival:mcse`` and ``survival:range``; per
        cent over years.
    """
    height = 300.0 if width >= WIDE else 230.0
    key = band_key(BLUE, "mean over all draws", curve.survival)
    key.append(Entry("at 2, 20 and 30 years", INK, "dot"))
    figure, top = framed(width, height + 58.0, key, heading)
    horizon = float(curve.years[-1])
    axes = plot_box(figure, 42.0, top, width - 60.0, height, horizon=horizon, y_title=HOLDS)
    per_cent(axes)
    draw_band(axes, curve.years, curve.survival, BLUE, name="survival")
    _mark_the_record(figure, axes, horizon)
    for year in MARKS:
        at = np.flatnonzero(curve.years == year)
        if at.size:
            _mark(figure, axes, curve, int(at[0]))
    return figure


def _mark_the_record(figure: Figure, axes: Axes, horizon: float) -> None:
    """Mark the age past which hardly any ceasefire with a force was watched."""
    if horizon > RECORD_ENDS:
        axes.axvline(RECORD_ENDS, color=MUTED, lw=0.8, ls=(0.0, (4.0, 3.0)), gid="record")
        x, y = pixels(axes, RECORD_ENDS, 100.0)
        write(figure, x + 5.0, y + 8.0, "the record ends", size=SMALL, colour=MUTED)


def _mark(figure: Figure, axes: Axes, curve: Curve, at: int) -> None:
    year, value = float(curve.years[at]), float(curve.survival.value[at])
    height = 100.0 * value
    axes.plot([year, year], [0.0, height], color=INK, lw=0.8, ls=(0.0, (1.0, 2.0)))
    axes.plot([year], [height], "o", color=INK, ms=5.0, clip_on=False, gid=f"mark:{year:g}")
    x, y = pixels(axes, year, height)
    text = f"{percent(value, float(curve.survival.mcse[at]))} %"
    end, floor = pixels(axes, float(curve.years[-1]), 0.0)
    ceiling = pixels(axes, 0.0, 100.0)[1]
    if x + 6.0 + width_of(text, SMALL) <= end:
        write(figure, x + 6.0, max(y - 11.0, ceiling + 8.0), text, size=SMALL)
        return
    # At the end it stays within the axes, under the falling curve if there is room.
    half = ERRORS * float(np.nan_to_num(curve.survival.mcse[at])) * (floor - ceiling)
    below, above = y + max(half, 4.0) + 9.0, y - max(half, 4.0) - 9.0
    at_y = below if below + 8.0 < floor else max(above, ceiling + 8.0)
    write(figure, x - 6.0, at_y, text, align="right", size=SMALL)


@drawn
def survival_overlay(
    curves: Sequence[Curve], *, width: float = WIDE, heading: Heading | None = None
) -> Figure:
    """Survival of several plans with their Monte Carlo bands, labelled at their ends.

    On a narrow sheet a key names them, in the order in which they end.

    Returns
    -------
    Figure
        One line ``survival:LABEL`` for each curve; per cent over years. Ranges over assumptions
        would cover each other here: `survival_panels` shows them.
    """
    narrow = width < WIDE
    labels = [shortened(c.label, 0.36 * width - 34.0, SMALL) for c in curves]
    right = 10.0 if narrow else 38.0 + max(width_of(label, SMALL) for label in labels)
    height = 260.0 if narrow else max(300.0, LINE * len(curves))
    figure, top = framed(width, height + 58.0, _key_by_end(curves) if narrow else (), heading)
    horizon = max(float(c.years[-1]) for c in curves)
    axes = plot_box(figure, 42.0, top, width - 46.0 - right, height, horizon=horizon, y_title=HOLDS)
    per_cent(axes)
    for i, curve in enumerate(curves):
        look = series(i)
        draw_band(
            axes,
            curve.years,
            curve.survival,
            look.colour,
            dashes=look.dashes,
            fan=False,
            name=f"survival:{curve.label}",
        )
    _mark_the_record(figure, axes, horizon)
    if narrow:
        return figure
    ends = [pixels(axes, horizon, 100.0 * float(c.survival.value[-1])) for c in curves]
    floor = pixels(axes, 0.0, 0.0)[1]
    placed = spread([y for _, y in ends], LINE - 2.0, top + 22.0, floor)
    for i, ((x, y), at) in enumerate(zip(ends, placed, strict=True)):
        end_label(figure, x, y, at, labels[i], i)
    return figure


def _key_by_end(curves: Sequence[Curve]) -> list[Entry]:
    """The key in the order in which the curves end, from above."""
    entries = [
        (float(c.survival.value[-1]), Entry(c.label, series(i).colour, "line", series(i).dashes))
        for i, c in enumerate(curves)
    ]
    return [entry for _, entry in sorted(entries, key=lambda one: -one[0])]


def end_label(figure: Figure, x: float, y: float, at: float, label: str, index: int) -> None:
    """Lead from the end of a curve to its label, in the curve's own stroke."""
    w, h = size_of(figure)
    look = series(index)
    path = [(x + 2.0, y), (x + 10.0, at), (x + 28.0, at)]
    figure.add_artist(
        Line2D(
            [p / w for p, _ in path],
            [1.0 - q / h for _, q in path],
            transform=figure.transFigure,
            color=look.colour,
            linestyle=look.dashes,
            linewidth=1.6,
        )
    )
    write(figure, x + 32.0, at, label, size=SMALL)


@drawn
def survival_panels(
    curves: Sequence[Curve], *, width: float = WIDE, heading: Heading | None = None
) -> Figure:
    """One small panel for each plan with its range over assumptions, the others grey behind it.

    Returns
    -------
    Figure
        In panel ``i`` the artists of `draw_band` called ``survival:LABEL``.
    """
    columns = min(len(curves), 3 if width >= WIDE else 2)
    lines = -(-len(curves) // columns)
    wide, high = (width - 34.0) / columns, 118.0
    key = [*band_key(BLUE, "this plan", curves[0].survival), Entry("the other plans", GREY)]
    figure, top = framed(width, lines * (high + 46.0) + 22.0, key, heading)
    horizon = max(float(c.years[-1]) for c in curves)
    for i, curve in enumerate(curves):
        column, line = i % columns, i // columns
        left, y = 34.0 + column * wide, top + line * (high + 46.0)
        axes = axes_at(figure, left, y + 20.0, wide - 14.0, high)
        axes.set_xlim(0.0, horizon)
        axes.set_xticks([0.0, horizon / 2.0, horizon], ["0", f"{horizon / 2:g}", f"{horizon:g}"])
        labels_inward(axes)
        per_cent(axes, (0.0, 50.0, 100.0))
        axes.grid(True, axis="y", color=RULE, lw=0.7)
        if column:
            axes.set_yticklabels([])
        for other in curves:
            if other is not curve:
                axes.plot(other.years, 100.0 * other.survival.value, color=GREY, lw=0.7, alpha=0.6)
        draw_band(axes, curve.years, curve.survival, BLUE, name=f"survival:{curve.label}")
        write(figure, left, y + 8.0, shortened(curve.label, wide - 14.0, SMALL), size=SMALL)
    write(
        figure,
        4.0,
        top + lines * (high + 46.0) + 6.0,
        "per cent that still hold, over years since the ceasefire",
        size=SMALL,
        colour=MUTED,
    )
    return figure
