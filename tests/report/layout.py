"""Where the texts of a figure lie: none on another, none outside."""

from __future__ import annotations

from itertools import combinations

from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.text import Text
from matplotlib.transforms import Bbox

from simulator.report.canvas import drawing

SLACK = 1.0  # pixels by which boxes of text may touch: letters keep a margin within them


def texts(figure: Figure, level_only: bool = False) -> list[tuple[str, Bbox]]:
    """Every text that is drawn, with its box in pixels; or those that are not turned."""
    with drawing():
        canvas = FigureCanvasAgg(figure)
        canvas.draw()
        renderer = canvas.get_renderer()
        hidden = _not_drawn(figure)
        return [
            (text.get_text(), text.get_window_extent(renderer))
            for text in figure.findobj(Text)
            if text.get_visible()
            and text.get_text().strip()
            and text not in hidden
            and (level_only is False or text.get_rotation() == 0.0)
        ]


def _not_drawn(figure: Figure) -> set[Text]:
    """Labels of ticks beyond the limits of their axis."""
    found = set()
    for axes in figure.axes:
        for axis in (axes.xaxis, axes.yaxis):
            low, high = sorted(axis.get_view_interval())
            margin = 1e-9 * (high - low)
            for tick in axis.get_major_ticks():
                inside = low - margin <= tick.get_loc() <= high + margin
                found |= {
                    label
                    for label in (tick.label1, tick.label2)
                    if not (inside and label.get_visible())
                }
    return found


def collisions(figure: Figure) -> list[tuple[str, str]]:
    """Pairs of texts that lie on each other."""
    found = []
    # The box of a turned text is mostly empty: those keep clear of each other by their spacing.
    for (a, box_a), (b, box_b) in combinations(texts(figure, level_only=True), 2):
        across = min(box_a.x1, box_b.x1) - max(box_a.x0, box_b.x0)
        along = min(box_a.y1, box_b.y1) - max(box_a.y0, box_b.y0)
        # Boxes of type are a line high; letters of neighbouring lines keep clear of each other.
        if across > SLACK and along > 4.0 * SLACK:
            found.append((a, b))
    return found


def outside(figure: Figure) -> list[str]:
    """Texts that leave the sheet."""
    width, height = (float(v) for v in figure.bbox.size)
    return [
        text
        for text, box in texts(figure)
        if box.x0 < -SLACK or box.y0 < -SLACK or box.x1 > width + SLACK or box.y1 > height + SLACK
    ]
