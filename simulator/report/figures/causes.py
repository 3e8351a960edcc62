"""Why it ends: cumulative incidence by cause, stacked."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from simulator.model.compiled import FloatArray
from simulator.number_format import percent, percent_span
from simulator.outcomes.curves import Band
from simulator.report.canvas import LINE, SMALL, WIDE, drawn, size_of, width_of, write
from simulator.report.figures.axes import draw_area, per_cent, pixels, plot_box
from simulator.report.frame import Entry, Heading, framed
from simulator.report.labels import spread
from simulator.report.palette import CAUSES, MUTED, Look, series

_ALPHA: Final = 0.6


@drawn
def incidence(
    years: FloatArray,
    causes: Sequence[str],
    bands: Sequence[Band],
    draws: int,
    *,
    width: float = WIDE,
    heading: Heading | None = None,
) -> Figure:
    """Stack the share of ceasefires collapsed by each cause; what is left above still holds.

    Parameters
    ----------
    years : float64 array, shape (G + 1,)
    causes : sequence of str
    bands : sequence of Band
        Cumulative incidence of each cause, shape (G + 1,).
    draws : int
        Of the assumptions: how well the ends of the ranges are known.

    Returns
    -------
    Figure
        Fills ``incidence:CAUSE``, per cent over years; at the right the value at the horizon and
        its range over assumptions.
    """
    narrow = width < WIDE
    notes = [_note(band, draws) for band in bands]
    looks = [CAUSES.get(cause, series(i)) for i, cause in enumerate(causes)]
    room = 12.0 if narrow else 30.0 + max(width_of(n, SMALL) for n in (*notes, *causes))
    key = [
        Entry(f"{c}: {n}", k.colour, "fill", "solid", k.hatch, _ALPHA)
        for c, n, k in zip(causes, notes, looks, strict=True)
    ]
    height = 230.0 if narrow else 280.0
    figure, top = framed(width, height + 58.0, key if narrow else (), heading)
    axes = plot_box(
        figure,
        42.0,
        top,
        width - 50.0 - room,
        height,
        horizon=float(years[-1]),
        y_title="collapsed, %, by cause",
    )
    per_cent(axes)
    levels = np.concatenate(
        [np.zeros((1, years.size)), np.cumsum([100.0 * b.value for b in bands], axis=0)]
    )
    for i, (cause, look) in enumerate(zip(causes, looks, strict=True)):
        name = f"incidence:{cause}"
        draw_area(axes, years, levels[i], levels[i + 1], look, alpha=_ALPHA, name=name)
    middle = (float(years[-1]) / 2.0, (float(levels[-1].max()) + 100.0) / 2.0)
    if 100.0 - float(levels[-1].max()) > 12.0:
        x, y = pixels(axes, *middle)
        write(figure, x, y, "still hold", align="center", size=SMALL, colour=MUTED)
    if not narrow:
        ends = [
            pixels(axes, float(years[-1]), float(levels[i, -1] + levels[i + 1, -1]) / 2.0)
            for i in range(len(causes))
        ]
        _labels(figure, ends, causes, notes, looks, top + 22.0, height)
    return figure


def _note(band: Band, draws: int) -> str:
    value = percent(float(band.value[-1]), float(band.mcse[-1]))
    spanned = percent_span(float(band.p05[-1]), float(band.p95[-1]), draws)
    return f"{value} % ({spanned})" if spanned else f"{value} %"


def _labels(
    figure: Figure,
    ends: Sequence[tuple[float, float]],
    causes: Sequence[str],
    notes: Sequence[str],
    looks: Sequence[Look],
    top: float,
    height: float,
) -> None:
    w, h = size_of(figure)
    gap = 2.0 * LINE + 2.0
    at = spread([y for _, y in ends], gap, top + LINE, top + height - LINE)
    for (x, y), level, cause, note, look in zip(ends, at, causes, notes, looks, strict=True):
        figure.add_artist(
            Line2D(
                [(x + 2.0) / w, (x + 18.0) / w],
                [1.0 - y / h, 1.0 - level / h],
                transform=figure.transFigure,
                color=look.colour,
                linewidth=2.0,
            )
        )
        write(figure, x + 22.0, level - 0.45 * LINE, cause, size=SMALL)
        write(figure, x + 22.0, level + 0.45 * LINE, note, size=SMALL, colour=MUTED)
