"""Survival under each option, a small panel for each choice between assumptions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from matplotlib.figure import Figure

from simulator.report.canvas import (
    LINE,
    SMALL,
    WIDE,
    axes_at,
    drawn,
    rules,
    shortened,
    width_of,
    wrapped,
    write,
)
from simulator.report.figures.axes import BAND, MONTE_CARLO, draw_band, per_cent, pixels
from simulator.report.figures.survival import Curve, end_label
from simulator.report.frame import Entry, Heading, framed
from simulator.report.labels import spread
from simulator.report.palette import GREY, MUTED, series


@dataclass(frozen=True, eq=False, slots=True)
class Choice:
    """A choice between assumptions.

    Attributes
    ----------
    title : str
    options : tuple of Curve
        Survival of the draws that took each.
    """

    title: str
    options: tuple[Curve, ...]


_HIGH: Final = 132.0  # pixels of a panel's box
_TITLE: Final = 16.0  # of a line of its title
_LEAD: Final = 46.0  # from the end of a curve to its name, and after that


@drawn
def choices(
    panels: Sequence[Choice], *, width: float = WIDE, heading: Heading | None = None
) -> Figure:
    """Draw survival under each option of each choice, named where the curves end.

    Returns
    -------
    Figure
        In panel ``k`` a line ``survival:k:OPTION`` for each option; per cent over years.
    """
    columns = min(len(panels), 2 if width >= WIDE else 1)
    lines = -(-len(panels) // columns)
    wide = (width - 8.0) / columns
    titles = [wrapped(panel.title, wide - 16.0, SMALL, bold=True) for panel in panels]
    longest = max(width_of(c.label, SMALL) for panel in panels for c in panel.options)
    room = min(_LEAD + longest, 0.5 * wide)
    head = _TITLE * max(len(title) for title in titles) + 8.0
    step = head + _HIGH + 34.0
    figure, top = framed(
        width, lines * step + 22.0, [Entry(MONTE_CARLO, GREY, "fill", alpha=BAND)], heading
    )
    for k, panel in enumerate(panels):
        left, y = 4.0 + (k % columns) * wide, top + (k // columns) * step
        for i, line in enumerate(titles[k]):
            write(figure, left, y + 8.0 + _TITLE * i, line, size=SMALL, bold=True)
        _panel(figure, panel, k, left, y + head, (wide - room, room))
    title = "per cent that still hold, over years since the ceasefire"
    write(figure, 4.0, top + lines * step + 6.0, title, size=SMALL, colour=MUTED)
    return figure


def _panel(
    figure: Figure, panel: Choice, k: int, left: float, top: float, widths: tuple[float, float]
) -> None:
    wide, room = widths
    names = [shortened(curve.label, room - _LEAD, SMALL) for curve in panel.options]
    horizon = float(panel.options[0].years[-1])
    axes = axes_at(figure, left + 28.0, top, wide - 28.0, _HIGH)
    axes.set_xlim(0.0, horizon)
    axes.set_xticks([0.0, horizon / 2.0, horizon], ["0", f"{horizon / 2:g}", f"{horizon:g}"])
    per_cent(axes, (0.0, 50.0, 100.0))
    rules(axes, "y")
    for i, curve in enumerate(panel.options):
        look = series(i)
        name = f"survival:{k}:{curve.label}"
        draw_band(
            axes, curve.years, curve.survival, look.colour, dashes=look.dashes, fan=False, name=name
        )
    ends = [pixels(axes, horizon, 100.0 * float(c.survival.value[-1])) for c in panel.options]
    placed = spread([y for _, y in ends], LINE - 3.0, top + 4.0, top + _HIGH)
    for i, ((x, y), at) in enumerate(zip(ends, placed, strict=True)):
        end_label(figure, x, y, at, names[i], i)
