"""What stands around a figure's drawing: its heading, its key, where it comes from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Rectangle

from simulator.report.canvas import LINE, SIZE, SMALL, sheet, size_of, width_of, wrapped, write
from simulator.report.palette import FAINT, MUTED, PAPER, SOLID, Dashes


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of a key: a swatch and what it stands for."""

    label: str
    colour: str
    kind: Literal["line", "fill", "fan", "dot", "tick", "gap"] = "line"
    dashes: Dashes = SOLID
    hatch: str = ""
    alpha: float = 1.0


_SWATCH: Final = 22.0
_BETWEEN: Final = 16.0


def key_height(entries: Sequence[Entry], width: float) -> float:
    """Pixels that a key of this width needs."""
    return LINE * len(_rows(entries, width))


def draw_key(
    figure: Figure, entries: Sequence[Entry], left: float, top: float, width: float
) -> None:
    """Draw a key in rows, its box at these pixels from the top left."""
    for number, row in enumerate(_rows(entries, width)):
        x, y = left, top + LINE * (number + 0.5)
        for entry in row:
            _swatch(figure, entry, x, y)
            write(figure, x + _SWATCH + 6.0, y, entry.label, size=SMALL, colour=MUTED)
            x += _wide(entry) + _BETWEEN


def _wide(entry: Entry) -> float:
    return _SWATCH + 6.0 + width_of(entry.label, SMALL)


def _rows(entries: Sequence[Entry], width: float) -> list[list[Entry]]:
    rows: list[list[Entry]] = []
    used = width + 1.0
    for entry in entries:
        needed = _wide(entry)
        if used + _BETWEEN + needed > width:
            rows.append([])
            used = -_BETWEEN
        rows[-1].append(entry)
        used += _BETWEEN + needed
    return rows


def _hatch_colour(entry: Entry) -> str:
    if not entry.hatch:
        return "none"
    return MUTED if entry.colour == PAPER else FAINT  # faint lines are not seen on paper


def _swatch(figure: Figure, entry: Entry, x: float, y: float) -> None:
    w, h = size_of(figure)
    across, middle = (x / w, (x + _SWATCH) / w), 1.0 - y / h
    if entry.kind in ("fill", "fan"):
        figure.add_artist(
            Rectangle(
                (across[0], middle - 5.0 / h),
                _SWATCH / w,
                10.0 / h,
                transform=figure.transFigure,
                facecolor=entry.colour,
                edgecolor=_hatch_colour(entry),
                hatch=entry.hatch or None,
                alpha=entry.alpha,
                linewidth=0.0,
            )
        )
    if entry.kind in ("line", "fan", "tick"):
        line = Line2D(
            across,
            (middle, middle),
            transform=figure.transFigure,
            color=entry.colour,
            linestyle=entry.dashes,
            linewidth=5.0 if entry.kind == "tick" else 2.0,
            alpha=entry.alpha if entry.kind != "fan" else 1.0,
            solid_capstyle="butt",
        )
        if entry.kind != "fan":
            figure.add_artist(line)
    if entry.kind == "gap":
        write(figure, x + _SWATCH / 2.0, y, "–", align="center", size=SMALL, colour=entry.colour)
    if entry.kind == "dot":
        figure.add_artist(
            Line2D(
                (sum(across) / 2.0,),
                (middle,),
                transform=figure.transFigure,
                color=entry.colour,
                marker="o",
                markersize=6.5,
                linestyle="none",
            )
        )


@dataclass(frozen=True, slots=True)
class Heading:
    """What a figure says about itself.

    Attributes
    ----------
    title : str
        What is shown, over the figure; empty where the page around it says it.
    source : str
        What it comes from (plans, book, seed, size), under it.
    """

    title: str
    source: str = ""


def framed(
    width: float, body: float, key: Sequence[Entry] = (), heading: Heading | None = None
) -> tuple[Figure, float]:
    """A figure with room for ``body`` pixels of drawing between its heading and its key.

    Returns
    -------
    Figure
    float
        Where the body begins, in pixels from the top.
    """
    titles: list[str] = []
    if heading and heading.title:
        titles = wrapped(heading.title, width - 8.0, SIZE * 1.1, bold=True)
    sources = wrapped(heading.source, width - 8.0, SMALL) if heading and heading.source else []
    top = 22.0 * len(titles) + (6.0 if titles else 0.0)
    under = key_height(key, width - 8.0) + (6.0 if key else 0.0)
    foot = LINE * len(sources) + (4.0 if sources else 0.0)
    figure = sheet(width, top + body + under + foot)
    for i, line in enumerate(titles):
        write(figure, 4.0, 22.0 * (i + 0.5), line, size=SIZE * 1.1, bold=True)
    draw_key(figure, key, 4.0, top + body + 6.0, width - 8.0)
    for i, line in enumerate(sources):
        y = top + body + under + 4.0 + LINE * (i + 0.5)
        write(figure, 4.0, y, line, size=SMALL, colour=MUTED)
    return figure, top
