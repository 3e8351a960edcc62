"""Heat maps: an estimate over two swept levers, or one plan against another."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from matplotlib import colormaps
from matplotlib.axes import Axes
from matplotlib.colors import Colormap, Normalize
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from simulator.model.compiled import BoolArray, FloatArray
from simulator.number_format import with_error
from simulator.report.canvas import SMALL, WIDE, axes_at, drawn, shortened, width_of, wrapped, write
from simulator.report.figures.axes import pixels
from simulator.report.frame import Entry, Heading, framed
from simulator.report.palette import MUTED, PAPER, luminance

_HIGH: Final = 26.0  # of a cell
_CELL: Final = 30.0  # least width of a cell whose number is written
_ON_DARK, _ON_LIGHT = "#ffffff", "#000000"  # cells keep their colour on a dark page, so does this


@dataclass(frozen=True, eq=False, slots=True)
class Heat:
    """A panel of a heat map.

    Attributes
    ----------
    title : str
        Empty for a single panel.
    rows : tuple of str
        Names of its rows.
    values, mcse : float64 array, shape (rows, columns)
        NaN where there is nothing; an error that is NaN leaves two digits.
    waiting : bool array, shape (rows, columns), optional
        Cells of the plan without a result, hatched; the other empty ones are not in the plan.
    """

    title: str
    rows: tuple[str, ...]
    values: FloatArray
    mcse: FloatArray
    waiting: BoolArray | None = None


@dataclass(frozen=True, slots=True)
class Scale:
    """What the colours mean.

    Attributes
    ----------
    title : str
        Of the estimate, with its unit.
    factor : float
        From its own unit to the unit shown.
    limits : (float, float) or None
        Of the colours, in the unit shown; otherwise the range of the data.
    """

    title: str
    factor: float = 100.0
    limits: tuple[float, float] | None = None


@drawn
def heat_map(
    panels: Sequence[Heat],
    columns: Sequence[str],
    titles: tuple[str, str],
    scale: Scale,
    *,
    width: float = WIDE,
    heading: Heading | None = None,
) -> Figure:
    """Draw an estimate as coloured cells, each with its number where there is room.

    Parameters
    ----------
    panels : sequence of Heat
        With the same columns, drawn below each other on one scale.
    columns : sequence of str
        Names of the columns, written under the last panel.
    titles : (str, str)
        Of the levers that vary over rows and over columns, with their units.

    Returns
    -------
    Figure
        In panel ``k`` a mesh ``heat:k`` in the unit shown.
    """
    room = max(width_of(name, SMALL) for panel in panels for name in panel.rows)
    room = min(room + 12.0, 0.34 * width)
    cell = (width - room - 16.0) / len(columns)
    longest = max(width_of(name, SMALL) for name in columns)
    turned = longest + 8.0 > cell
    above = 22.0 if panels[0].title else 4.0
    tall = sum(above + _HIGH * len(panel.rows) + 8.0 for panel in panels)
    foot = 6.0 + (min(96.0, 0.75 * longest + 8.0) if turned else 16.0)
    figure, top = framed(width, 22.0 + tall + foot + 66.0, _key(panels), heading)
    norm, colours = _norm(panels, scale), colormaps["cividis"]
    text = shortened(f"down: {titles[0]}", width - 8.0, SMALL)
    write(figure, 4.0, top + 9.0, text, size=SMALL, colour=MUTED)
    y = top + 22.0
    for k, panel in enumerate(panels):
        if panel.title:
            text = shortened(panel.title, width - 8.0, SMALL, bold=True)
            write(figure, 4.0, y + 10.0, text, size=SMALL, bold=True)
        high = _HIGH * len(panel.rows)
        axes = axes_at(figure, room, y + above, cell * len(columns), high)
        _mesh(axes, panel, k, scale.factor, norm, colours)
        _numbers(figure, axes, panel, scale.factor, norm, colours, cell)
        for i, name in enumerate(panel.rows):
            text = shortened(name, room - 10.0, SMALL)
            at = y + above + _HIGH * (i + 0.5)
            write(figure, room - 6.0, at, text, align="right", size=SMALL)
        y += above + high + 8.0
    _columns(figure, columns, room, y - 8.0, cell, turned)
    text = shortened(f"across: {titles[1]}", width - 8.0, SMALL)
    write(figure, 4.0, y + foot + 4.0, text, size=SMALL, colour=MUTED)
    _bar(figure, y + foot + 20.0, width, scale, norm, colours)
    return figure


def _key(panels: Sequence[Heat]) -> list[Entry]:
    """What empty cells mean, if there are any that were planned."""
    if not any(panel.waiting is not None and panel.waiting.any() for panel in panels):
        return []
    return [Entry("planned, without a result", PAPER, "fill", hatch="//")]


def _norm(panels: Sequence[Heat], scale: Scale) -> Normalize:
    if scale.limits is not None:
        return Normalize(*scale.limits)
    known = np.concatenate([scale.factor * p.values[np.isfinite(p.values)] for p in panels])
    if known.size == 0:
        return Normalize(0.0, 1.0)
    low, high = float(known.min()), float(known.max())
    return Normalize(low, high if high > low else low + 1.0)


def _mesh(
    axes: Axes, panel: Heat, k: int, factor: float, norm: Normalize, colours: Colormap
) -> None:
    shown = np.ma.masked_invalid(factor * panel.values)
    mesh = axes.pcolormesh(shown, norm=norm, cmap=colours, edgecolors="face", linewidth=0.4)
    mesh.set_gid(f"heat:{k}")
    axes.set_ylim(panel.values.shape[0], 0.0)
    if panel.waiting is not None:
        for i, j in np.argwhere(panel.waiting):
            cell = Rectangle((j, i), 1.0, 1.0, facecolor="none", edgecolor=MUTED, hatch="//")
            cell.set(linewidth=0.0, gid=f"waiting:{k}:{i}:{j}")
            axes.add_patch(cell)
    for spine in axes.spines.values():
        spine.set_visible(False)
    axes.set_xticks([])
    axes.set_yticks([])


def _numbers(
    figure: Figure,
    axes: Axes,
    panel: Heat,
    factor: float,
    norm: Normalize,
    colours: Colormap,
    cell: float,
) -> None:
    shape = panel.values.shape
    texts = {
        (i, j): _shown(factor * float(panel.values[i, j]), factor * float(panel.mcse[i, j]))
        for i in range(shape[0])
        for j in range(shape[1])
    }
    if cell < _CELL or max(width_of(text, SMALL) for text in texts.values()) + 4.0 > cell:
        return
    for (i, j), text in texts.items():
        if panel.waiting is not None and panel.waiting[i, j]:
            continue
        value = float(panel.values[i, j])
        colour = MUTED
        if np.isfinite(value):
            red, green, blue, _ = colours(float(norm(factor * value)))
            # Contrast with black exceeds that with white from here on (WCAG 2.2).
            colour = _ON_LIGHT if luminance(red, green, blue) > 0.179 else _ON_DARK
        x, y = pixels(axes, j + 0.5, i + 0.5)
        write(figure, x, y, text, align="center", size=SMALL, colour=colour)


def _shown(value: float, mcse: float) -> str:
    """No digit below the first of the error: side by side, it would be read as a difference."""
    known = np.isfinite(mcse) and mcse > 0.0
    return with_error(value, mcse, -math.floor(math.log10(mcse)) if known and mcse > 1.0 else 1)


def _columns(
    figure: Figure, names: Sequence[str], left: float, top: float, cell: float, turned: bool
) -> None:
    for j, name in enumerate(names):
        x = left + cell * (j + 0.5)
        if not turned:
            write(figure, x, top + 12.0, name, align="center", size=SMALL)
            continue
        label = write(figure, x + 4.0, top + 8.0, shortened(name, 116.0, SMALL), size=SMALL)
        label.set(rotation=45.0, ha="right", va="top", rotation_mode="anchor")


def _bar(
    figure: Figure, top: float, width: float, scale: Scale, norm: Normalize, colours: Colormap
) -> None:
    for i, line in enumerate(wrapped(scale.title, 0.38 * width - 8.0, SMALL)[:2]):
        write(figure, 4.0, top + 9.0 + 15.0 * i, line, size=SMALL, colour=MUTED)
    axes = axes_at(figure, 0.42 * width, top + 4.0, 0.5 * width, 12.0)
    low, high = float(norm.vmin or 0.0), float(norm.vmax or 0.0)
    edges = np.linspace(low, high, 65)
    middles = (edges[:-1] + edges[1:])[None, :] / 2.0
    axes.pcolormesh(
        edges, np.array([0.0, 1.0]), middles, norm=norm, cmap=colours, edgecolors="face"
    )
    axes.set_yticks([])
    axes.spines["left"].set_visible(False)
    axes.spines["bottom"].set_visible(False)
    axes.set_xlim(low, high)
    axes.locator_params(axis="x", nbins=5)
