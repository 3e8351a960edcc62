"""Heat maps: an estimate of a sweep over two levers, a panel for each combination of the others."""

import math
from collections.abc import Mapping, Sequence
from functools import partial
from itertools import product
from typing import Final, NamedTuple

import numpy as np
from matplotlib import colormaps
from matplotlib.axes import Axes
from matplotlib.colors import Colormap, Normalize
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from simulator.estimates.estimate import Estimate
from simulator.estimates.no_effect import Label
from simulator.model.compiled import BoolArray, FloatArray
from simulator.number_format import with_error
from simulator.report import canvas
from simulator.report.canvas import note, shortened, width_of, write
from simulator.report.exhibit import Exhibit, exhibit, kind
from simulator.report.frame import PAGE, Entry, Frame, framed
from simulator.report.palette import MUTED, PAPER, luminance
from simulator.report.sweep_view import View
from simulator.results.sweep import Lever, described, short, shown

MOST_PANELS: Final = 8
LEAST_FILLED: Final = 0.4  # of the combinations of levels, or a map would be mostly holes
LEAST_SPAN: Final = 4.0  # of a colour scale, in standard errors of a cell
_HIGH: Final = 26.0  # of a cell
_CELL: Final = 30.0  # least width of a cell whose number is written
_ON_DARK, _ON_LIGHT = "#ffffff", "#000000"  # cells keep their colour on a dark page, so does this


class Heat(NamedTuple):
    """A panel of a heat map, in the unit of its scale; an error that is NaN leaves two digits.

    Values are NaN where there is nothing. Cells that wait are of the plan but without a result, and
    hatched; the other empty ones are not in the plan.
    """

    title: str
    rows: tuple[str, ...]
    values: FloatArray
    mcse: FloatArray
    waiting: BoolArray


@kind("heat", "an estimate over two levers, most combinations of them simulated", "sweep", 3)
def _heat(view: View) -> Exhibit | None:
    of, sweep = view.of, view.sweep
    if not is_mapped(view) or flat_span(view) is not None:
        return None
    # Across goes the lever with most levels, a number if there is one.
    across, *rest = sorted(sweep.levers, key=lambda lever: (-lever.numeric, -len(lever.labels)))
    down = max(rest, key=lambda lever: len(lever.labels))
    others = [lever for lever in sweep.levers if lever not in (across, down)]
    names = [lever.name for lever in others]
    every = product(*(lever.labels for lever in others))
    chosen = [dict(zip(names, labels, strict=True)) for labels in every]
    cells = _cells_of(view)
    # A colour scale that does not make a landscape of Monte Carlo error.
    least, most, typical = _ends(cells)
    missing = max(0.0, LEAST_SPAN * typical - (most - least)) / 2.0
    limits = least - missing, most + missing
    paired = bool(view.from_first())
    scale = f"{of.title}: difference, {view.difference_unit}" if paired else of.titled
    panels = [_panel(view, cells, across, down, one) for one in chosen[:MOST_PANELS]]
    columns, titles = [shown(label) for label in across.labels], (down.name, across.name)
    panels = [panel for panel in panels if panel.rows]
    draw = partial(heat_map, panels, columns, titles, scale, limits)
    low, high = (sweep.points[int(at(view.values))] for at in (np.nanargmin, np.nanargmax))
    return exhibit(
        "heat",
        draw,
        view.table([view.name]),
        view=view,
        described=described,
        first=sweep.points[0] if paired else None,
        typical=typical,
        low=low,
        high=high,
        titles=titles,
        span=LEAST_SPAN,
        panels=MOST_PANELS,
        combinations=len(chosen),
    )


def is_mapped(view: View) -> bool:
    """Whether most combinations of two levers or more were simulated."""
    combinations = math.prod(len(lever.labels) for lever in view.sweep.levers)
    filled = len(view.sweep.points) / combinations
    return not view.is_sample and len(view.sweep.levers) > 1 and filled >= LEAST_FILLED


def flat_span(view: View) -> float | None:
    """The span of all cells of a map, if it is below the error of one: there is nothing to see."""
    if not is_mapped(view):
        return None
    low, high, typical = _ends(_cells_of(view))
    return high - low if high - low < typical else None


def _cells_of(view: View) -> dict[int, Estimate]:
    """What cells show, by number of a point: paired differences from the first if known."""
    found = view.from_first() or {p.number: p.estimates[view.name] for p in view.sweep.points}
    return {number: e.scaled(view.of.factor) for number, e in found.items()}


def _ends(cells: Mapping[int, Estimate]) -> tuple[float, float, float]:
    """The least and the most of the cells, and their median error."""
    values = [e.value for e in cells.values() if e.value is not None]
    errors = [e.mcse for e in cells.values() if e.mcse]  # the first of differences has none
    return min(values), max(values), float(np.median(errors)) if errors else 0.0


def _panel(
    view: View,
    cells: Mapping[int, Estimate],
    across: Lever,
    down: Lever,
    chosen: Mapping[str, Label],
) -> Heat:
    shape = len(down.labels), len(across.labels)
    values, mcse, waiting = np.full(shape, np.nan), np.full(shape, np.nan), np.zeros(shape, bool)

    spots = dict(zip(product(down.labels, across.labels), np.ndindex(shape), strict=True))

    def place(settings: Mapping[str, Label]) -> tuple[int, ...] | None:
        inside = chosen.items() <= settings.items()
        return spots.get((settings[down.name], settings[across.name])) if inside else None

    for point in view.sweep.points:
        if (at := place(point.settings)) is not None:
            e = cells[point.number]
            values[at], mcse[at] = np.array([e.value, e.mcse], np.float64)
    for one in view.sweep.waiting:
        if (at := place(one)) is not None:
            waiting[at] = True
    seen = np.isfinite(values).any(axis=1) | waiting.any(axis=1)
    title = ", ".join(f"{short(key)}: {shown(label)}" for key, label in chosen.items())
    rows = tuple(shown(label) for label, here in zip(down.labels, seen, strict=True) if here)
    return Heat(title, rows, values[seen], mcse[seen], waiting[seen])


@canvas.drawing()
def heat_map(
    panels: Sequence[Heat],
    columns: Sequence[str],
    titles: tuple[str, str],
    scale: str,
    limits: tuple[float, float],
    frame: Frame = PAGE,
) -> Figure:
    """Draw an estimate as coloured cells, each with its number where there is room.

    The panels share their columns and one scale; ``titles`` are those of the levers that vary over
    rows and over columns, ``scale`` that of the estimate. In panel ``k`` a mesh ``heat:k``.
    """
    width = frame.width
    room = max(width_of(name) for panel in panels for name in panel.rows)
    room = min(room + 12.0, 0.34 * width)
    cell = (width - room - 16.0) / len(columns)
    longest = max(map(width_of, columns))
    turned = longest + 8.0 > cell
    above = 22.0 if panels[0].title else 4.0
    tall = sum(above + _HIGH * len(panel.rows) + 8.0 for panel in panels)
    foot = 6.0 + (min(96.0, 0.75 * longest + 8.0) if turned else 16.0)
    # What empty cells mean, if there are any that were planned.
    waits = any(panel.waiting.any() for panel in panels)
    key = [Entry("planned, without a result", PAPER, "fill", hatch="//")] if waits else []
    figure, top = framed(frame, 22.0 + tall + foot + 66.0, key)
    low, high = limits
    norm, colours = Normalize(low, high if high > low else low + 1.0), colormaps["cividis"]
    note(figure, 4.0, top + 9.0, shortened(f"down: {titles[0]}", width - 8.0))
    y = top + 22.0
    for k, panel in enumerate(panels):
        if panel.title:
            text = shortened(panel.title, width - 8.0, bold=True)
            write(figure, 4.0, y + 10.0, text, bold=True)
        tall = _HIGH * len(panel.rows)
        axes = canvas.axes_at(figure, room, y + above, cell * len(columns), tall)
        _mesh(axes, panel, k, norm, colours)
        _numbers(figure, axes, panel, norm, colours, cell)
        for i, name in enumerate(panel.rows):
            at = y + above + _HIGH * (i + 0.5)
            write(figure, room - 6.0, at, shortened(name, room - 10.0), "right")
        y += above + tall + 8.0
    for j, name in enumerate(columns):
        x = room + cell * (j + 0.5)
        if turned:
            label = write(figure, x + 4.0, y, shortened(name, 116.0))
            label.set(rotation=45.0, ha="right", va="top", rotation_mode="anchor")
        else:
            write(figure, x, y + 4.0, name, "center")
    note(figure, 4.0, y + foot + 4.0, shortened(f"across: {titles[1]}", width - 8.0))
    _bar(figure, y + foot + 20.0, width, scale, norm, colours)
    return figure


def _mesh(axes: Axes, panel: Heat, k: int, norm: Normalize, colours: Colormap) -> None:
    cells = np.ma.masked_invalid(panel.values)
    mesh = axes.pcolormesh(cells, norm=norm, cmap=colours, edgecolors="face", linewidth=0.4)
    mesh.set_gid(f"heat:{k}")
    axes.set_ylim(panel.values.shape[0], 0.0)
    for i, j in np.argwhere(panel.waiting):
        cell = Rectangle((j, i), 1.0, 1.0, facecolor="none", edgecolor=MUTED, hatch="//")
        cell.set(linewidth=0.0, gid=f"waiting:{k}:{i}:{j}")
        axes.add_patch(cell)
    axes.spines[:].set_visible(False)
    axes.set_xticks([])
    axes.set_yticks([])


def _numbers(
    figure: Figure, axes: Axes, panel: Heat, norm: Normalize, colours: Colormap, cell: float
) -> None:
    texts = {
        at: _shown(float(panel.values[at]), float(panel.mcse[at]))
        for at in np.ndindex(panel.values.shape)
    }
    if cell < _CELL or max(map(width_of, texts.values())) + 4.0 > cell:
        return
    for (i, j), text in texts.items():
        if panel.waiting[i, j]:
            continue
        value, colour = float(panel.values[i, j]), MUTED
        if np.isfinite(value):
            red, green, blue, _ = colours(float(norm(value)))
            # Contrast with black exceeds that with white from here on (WCAG 2.2).
            colour = _ON_LIGHT if luminance(red, green, blue) > 0.179 else _ON_DARK
        x, y = canvas.pixels(axes, j + 0.5, i + 0.5)
        write(figure, x, y, text, "center", colour=colour)


def _shown(value: float, mcse: float) -> str:
    """No digit below the first of the error: side by side, it would be read as a difference."""
    return with_error(value, mcse, -math.floor(math.log10(mcse)) if mcse > 1.0 else 1)


def _bar(
    figure: Figure, top: float, width: float, scale: str, norm: Normalize, colours: Colormap
) -> None:
    for i, line in enumerate(canvas.wrapped(scale, 0.38 * width - 8.0)[:2]):
        note(figure, 4.0, top + 9.0 + 15.0 * i, line)
    axes = canvas.axes_at(figure, 0.42 * width, top + 4.0, 0.5 * width, 12.0)
    edges = np.linspace(float(norm.vmin or 0.0), float(norm.vmax or 0.0), 65)
    middles, ends = (edges[:-1] + edges[1:])[None, :] / 2.0, np.array([0.0, 1.0])
    axes.pcolormesh(edges, ends, middles, norm=norm, cmap=colours, edgecolors="face")
    axes.set_yticks([])
    axes.spines[["left", "bottom"]].set_visible(False)
    axes.set_xlim(edges[0], edges[-1])
    axes.locator_params(axis="x", nbins=5)
