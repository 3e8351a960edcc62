"""Soldiers: at every step from paper to presence, and over the years who is there."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, MaxNLocator

from simulator.estimates.force import STEPS
from simulator.estimates.outcome import Band
from simulator.model.compiled import FloatArray
from simulator.number_format import error, with_error
from simulator.report import canvas, plot
from simulator.report.canvas import SMALL, axes_at, pixels, shortened, width_of, write
from simulator.report.exhibit import Exhibit, exhibit, kind
from simulator.report.frame import PAGE, Entry, Frame, filled, framed
from simulator.report.palette import BLUE, GREY, INK, RULE, SOLID, STYLES, Look, series
from simulator.report.tables import Table, band_rows, measured, number, table
from simulator.results.runs import Run

ROW: Final = 22.0  # pixels of a step
MOST_SHOWN: Final = 6  # contributors with a colour of their own
_ALPHA: Final = 0.55
_HATCHES: Final = ("", "//", "--", "\\\\", "xx", "||")


Bar = tuple[str, float, str]  # label, length, text at its end


@dataclass(frozen=True, eq=False, slots=True)
class Force:
    """Soldiers over time, averaged over all worlds.

    ``deployed`` is the mean over each year that ends at ``ends``, from the whole run. The others
    are sampled from its worlds in bins between ``edges``, empty where that is not known:
    ``promised``, and ``layers`` by contributor, those with most soldiers first; ``others`` says
    whether the last of them stands for all that have no colour of their own.
    """

    target: float
    ends: FloatArray
    deployed: Band
    edges: FloatArray
    promised: FloatArray
    layers: Mapping[str, FloatArray]
    others: bool = False

    @property
    def middles(self) -> FloatArray:
        """Middle of each bin."""
        return np.asarray((self.edges[1:] + self.edges[:-1]) / 2.0)


@kind("troops", "who is there, and how many", "run", 4)
def _of_run(run: Run) -> Exhibit | None:
    force = force_of(run)
    if not force.target and run.deployed.value.max() <= 0.0:
        return None
    fill = run.estimates["fill_rate"]
    return exhibit("troops", partial(troops, force), _numbers(run, force), run=run, fill=fill)


def force_of(run: Run) -> Force:
    """Soldiers over time in the form that the figure takes."""
    target = float(run.plan["force"]["target_troops"])
    found = run.background.deployment if run.background else None
    if found is None or not found.names:
        return Force(target, run.year_ends, run.deployed, np.zeros(0), np.zeros(0), {})
    by_name = dict(zip(found.names, found.deployed, strict=True))
    ranked = sorted(by_name, key=lambda name: (-float(by_name[name].sum()), name))
    shown = ranked if len(ranked) <= MOST_SHOWN else ranked[: MOST_SHOWN - 1]
    known = run.plan["contributors"]
    layers = {str(known[name]["name"]): by_name[name] for name in shown}
    if found.reinforcement.max(initial=0.0) > 0.5:
        layers["reinforcement"] = found.reinforcement
    rest = [by_name[name] for name in ranked[len(shown) :]]
    if rest:
        layers[f"{len(rest)} others"] = np.sum(rest, axis=0)
    promised = found.promised.sum(axis=0)
    return Force(target, run.year_ends, run.deployed, found.edges, promised, layers, bool(rest))


def _numbers(run: Run, force: Force) -> Table:
    layers = {"promised": force.promised, **force.layers} if force.edges.size else {}
    columns = ["year", *measured("soldiers deployed"), *(f"{name}, sampled" for name in layers)]
    rows = []
    deployed = band_rows(run.year_ends, run.deployed, run.draws, 1.0)
    for start, end, row in zip([0.0, *run.year_ends], run.year_ends, deployed, strict=False):
        inside = (force.middles > start) & (force.middles < end)
        means = [float(v[inside].mean()) if inside.any() else None for v in layers.values()]
        rows.append((*row, *(number(m, None if m is None else f"{m:,.0f}") for m in means)))
    return table(columns, rows)


@canvas.drawing()
def troops(force: Force, frame: Frame = PAGE) -> Figure:
    """Draw the force: who is there, stacked; in all, with its errors; promised; planned."""
    looks = {
        name: Look(series(i).colour, SOLID, _HATCHES[i % len(_HATCHES)])
        for i, name in enumerate(force.layers)
    }
    if force.others:
        looks[next(reversed(looks))] = Look(GREY)
    key = [Entry("deployed, mean of each year", INK, "dot")]
    key += plot.doubts_of(force.deployed, "tick")
    if force.edges.size:
        promised = "promised: had nobody left and the ceasefire held"
        key.append(Entry(promised, INK, "line", STYLES[1]))
        key += [filled(name, look, _ALPHA) for name, look in looks.items()]
    # Up to the year when there is still something to see: the rest is in the table.
    value = force.deployed.value
    seen = np.flatnonzero(value > 0.03 * float(np.max(value, initial=0.0)))
    year, end = float(force.ends[seen[-1] if seen.size else -1]), float(force.ends[-1])
    height, horizon = 240.0 if frame.narrow else 300.0, min(end, 5.0 * math.ceil(year / 5.0))
    figure, axes, _ = plot.over_years(
        frame, height, (58.0, 18.0), horizon, "soldiers deployed", key
    )
    known = np.concatenate([value, force.deployed.p95, force.promised])
    axes.set_ylim(0.0, 1.12 * float(np.nanmax(known, initial=force.target)) or 1.0)
    axes.yaxis.set_major_locator(MaxNLocator(5, steps=[1, 2, 2.5, 5, 10]))
    axes.yaxis.set_major_formatter(FuncFormatter(lambda v, _: f"{v:,.0f}"))
    if force.edges.size:
        # One bin beyond the last year shown, so that the areas reach the edge.
        middles = force.middles[: int(np.searchsorted(force.edges, horizon)) + 1]
        floor = np.zeros(middles.size)
        for name, layer in force.layers.items():
            roof, gid = floor + layer[: middles.size], f"force:{name}"
            plot.draw_area(axes, middles, floor, roof, looks[name], gid=gid, alpha=_ALPHA)
            floor = roof
        promise = force.promised[: middles.size]
        axes.plot(middles, promise, color=INK, lw=1.6, ls=STYLES[1], gid="promised")
    _whole(axes, force)
    if force.target > 0.0:
        axes.axhline(force.target, color=INK, lw=1.2, ls=STYLES[3], gid="target")
        text = f"planned: {force.target:,.0f}"
        x, y = pixels(axes, horizon, force.target)
        write(figure, x - width_of(text) - 4.0, y - 9.0, text)
    return figure


def _whole(axes: Axes, force: Force) -> None:
    band, middles = force.deployed, (np.concatenate([[0.0], force.ends[:-1]]) + force.ends) / 2.0
    half = plot.ERRORS * band.mcse
    for low, high, lw, alpha, name in (
        (band.p05, band.p95, 7.0, plot.FAN, "deployed:range"),
        (band.value - half, band.value + half, 5.0, plot.BAND, "deployed:mcse"),
    ):
        known = np.isfinite(low) & np.isfinite(high)
        ends = low[known], high[known]
        axes.vlines(middles[known], *ends, color=BLUE, lw=lw, alpha=alpha, gid=name)
    axes.plot(middles, band.value, "o", color=INK, ms=5.0, gid="deployed")


@kind("waterfall", "what is left of a planned force, step by step", "run", 4)
def _waterfall(run: Run) -> Exhibit | None:
    steps = [
        (STEPS[step], e.value, with_error(e.value, e.mcse, 0), e.mcse)
        for step, e in run.waterfall.items()
        if e.value is not None
    ]
    if not steps:
        return None
    rows = [
        (name, number(value, text), number(mcse, error(mcse))) for name, value, text, mcse in steps
    ]
    columns = ("step", "soldiers, mean", "Monte Carlo standard error")
    draw = partial(bars, [(name, value, text) for name, value, text, _ in steps])
    return exhibit("waterfall", draw, table(columns, rows), steps=steps)


@canvas.drawing()
def bars(rows: Sequence[Bar], frame: Frame = PAGE) -> Figure:
    """Draw a bar a row, with its label before and its number behind it."""
    figure, top = framed(frame, ROW * len(rows) + 8.0)
    draw_bars(figure, rows, 4.0, top, frame.width - 12.0, ROW, SMALL)
    return figure


def draw_bars(
    figure: Figure,
    rows: Sequence[Bar],
    left: float,
    top: float,
    width: float,
    height: float,
    size: float,
) -> None:
    """Draw bars into a figure, from its pixel (left, top) on; ``height`` is that of a row."""
    texts = max(width_of(text, size) for *_, text in rows) + 8.0
    axes = labelled(figure, [label for label, *_ in rows], left, top, width - texts, height, size)
    axes.set_xlim(0.0, max(length for _, length, _ in rows) or 1.0)
    for i, (_, length, text) in enumerate(rows):
        patch(axes, 0.0, length, i, BLUE)
        write(figure, left + width, top + height * (i + 0.5), text, "right", size=size)


def labelled(
    figure: Figure,
    labels: Sequence[str],
    left: float,
    top: float,
    width: float,
    height: float,
    size: float,
    most: float = 0.66,
) -> Axes:
    """Axes with a row for each label, which stands before it and takes at most a share of it."""
    room = min(max(width_of(label, size) for label in labels) + 10.0, most * width)
    axes = axes_at(figure, left + room, top, width - room, height * len(labels))
    axes.set_ylim(len(labels) - 0.5, -0.5)
    axes.set_yticks([])
    axes.tick_params(bottom=False, labelbottom=False)
    axes.spines[:].set_visible(False)
    axes.axhline(-0.5, color=RULE, linewidth=0.7)
    for i, label in enumerate(labels):
        shown = shortened(label, room - 8.0, size)
        write(figure, left, top + height * (i + 0.5), shown, size=size)
    return axes


def patch(axes: Axes, start: float, length: float, row: int, colour: str, hatch: str = "") -> None:
    """One bar of a row."""
    axes.barh(
        row,
        length,
        0.72,
        start,
        facecolor=colour,
        edgecolor=INK,
        hatch=hatch or None,
        linewidth=0.5,
        alpha=_ALPHA,
        gid=f"bar:{row}:{colour}",
    )
