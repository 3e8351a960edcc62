"""Soldiers over the years: the plan, what was promised, and who is there."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, MaxNLocator

from simulator.model.compiled import FloatArray
from simulator.outcomes.curves import Band
from simulator.report.canvas import SMALL, WIDE, drawn, width_of, write
from simulator.report.figures.axes import (
    BAND,
    ERRORS,
    FAN,
    MONTE_CARLO,
    OVER_ASSUMPTIONS,
    draw_area,
    pixels,
    plot_box,
)
from simulator.report.frame import Entry, Heading, framed
from simulator.report.palette import BLUE, GREY, INK, STYLES, Look, series

_ALPHA: Final = 0.55
_HATCHES: Final = ("", "//", "--", "\\\\", "xx", "||")
PROMISED: Final = "promised: had nobody left and the ceasefire held"


@dataclass(frozen=True, eq=False, slots=True)
class Force:
    """Soldiers over time, averaged over all worlds.

    Attributes
    ----------
    target : float
        Soldiers planned.
    ends : float64 array, shape (Y,)
        Year ends.
    deployed : Band, shape (Y,)
        Mean over each year, from the whole run.
    edges : float64 array, shape (T + 1,)
        Of the bins of what follows, sampled from the run's worlds; empty where it is not known.
    promised : float64 array, shape (T,)
    names : tuple of str
        Contributors, those with most soldiers first.
    by_contributor : float64 array, shape (len(names), T)
    """

    target: float
    ends: FloatArray
    deployed: Band
    edges: FloatArray
    promised: FloatArray
    names: tuple[str, ...]
    by_contributor: FloatArray


@drawn
def troops(force: Force, *, width: float = WIDE, heading: Heading | None = None) -> Figure:
    """Draw the force: who is there, stacked; in all, with its errors; promised; planned.

    Returns
    -------
    Figure
        Fills ``force:NAME``, points ``deployed``, lines ``promised`` and ``target``; soldiers
        over the years in which anybody is there.
    """
    looks = [
        Look(series(i).colour, STYLES[0], _HATCHES[i % len(_HATCHES)])
        for i in range(len(force.names))
    ]
    if force.names and force.names[-1].endswith("others"):
        looks[-1] = Look(GREY, STYLES[0], "")
    height = 300.0 if width >= WIDE else 240.0
    figure, top = framed(width, height + 58.0, _key(force, looks), heading)
    start = np.concatenate([[0.0], force.ends[:-1]])
    horizon = _last_shown(force)
    left = 58.0
    axes = plot_box(
        figure, left, top, width - left - 18.0, height, horizon=horizon, y_title="soldiers deployed"
    )
    axes.set_ylim(0.0, _top(force))
    axes.yaxis.set_major_locator(MaxNLocator(5, steps=[1, 2, 2.5, 5, 10]))
    axes.yaxis.set_major_formatter(FuncFormatter(lambda v, _: f"{v:,.0f}"))
    if force.edges.size:
        # One bin beyond the last year shown, so that the areas reach the edge.
        shown = int(np.searchsorted(force.edges, horizon)) + 1
        middles = ((force.edges[1:] + force.edges[:-1]) / 2.0)[:shown]
        _stack(axes, middles, force, looks)
        axes.plot(middles, force.promised[:shown], color=INK, lw=1.6, ls=STYLES[1], gid="promised")
    _whole(axes, force, start)
    if force.target > 0.0:
        axes.axhline(force.target, color=INK, lw=1.2, ls=STYLES[3], gid="target")
        text = f"planned: {force.target:,.0f}"
        x, y = pixels(axes, horizon, force.target)
        write(figure, x - width_of(text, SMALL) - 4.0, y - 9.0, text, size=SMALL)
    return figure


def _top(force: Force) -> float:
    known = [force.target, float(np.max(force.deployed.value, initial=0.0))]
    known += [float(np.nanmax(force.deployed.p95))] if np.isfinite(force.deployed.p95).any() else []
    known += [float(force.promised.max())] if force.promised.size else []
    return 1.12 * max(known) or 1.0


def _last_shown(force: Force) -> float:
    """The year up to which there is something to see: the rest is in the table."""
    value = force.deployed.value
    seen = np.flatnonzero(value > 0.03 * float(np.max(value, initial=0.0)))
    year = float(force.ends[seen[-1]]) if seen.size else float(force.ends[-1])
    return min(float(force.ends[-1]), 5.0 * math.ceil(year / 5.0))


def _stack(axes: Axes, middles: FloatArray, force: Force, looks: Sequence[Look]) -> None:
    shown = force.by_contributor[:, : middles.size]
    levels = np.concatenate([np.zeros((1, middles.size)), np.cumsum(shown, axis=0)])
    for i, (name, look) in enumerate(zip(force.names, looks, strict=True)):
        draw_area(axes, middles, levels[i], levels[i + 1], look, alpha=_ALPHA, name=f"force:{name}")


def _whole(axes: Axes, force: Force, start: FloatArray) -> None:
    band, middles = force.deployed, (start + force.ends) / 2.0
    ranged = np.isfinite(band.p05) & np.isfinite(band.p95)
    axes.vlines(
        middles[ranged],
        band.p05[ranged],
        band.p95[ranged],
        color=BLUE,
        lw=7.0,
        alpha=FAN,
        gid="deployed:range",
    )
    sure = np.isfinite(band.mcse)
    half = ERRORS * band.mcse[sure]
    axes.vlines(
        middles[sure],
        band.value[sure] - half,
        band.value[sure] + half,
        color=BLUE,
        lw=5.0,
        alpha=BAND,
        gid="deployed:mcse",
    )
    axes.plot(middles, band.value, "o", color=INK, ms=5.0, gid="deployed")


def _key(force: Force, looks: Sequence[Look]) -> list[Entry]:
    key = [Entry("deployed, mean of each year", INK, "dot")]
    if np.isfinite(force.deployed.mcse).any():
        key.append(Entry(MONTE_CARLO, BLUE, "tick", alpha=BAND))
    if np.isfinite(force.deployed.p95).any():
        key.append(Entry(OVER_ASSUMPTIONS, BLUE, "fill", alpha=FAN))
    if force.edges.size:
        key.append(Entry(PROMISED, INK, "line", STYLES[1]))
        key += [
            Entry(name, look.colour, "fill", STYLES[0], look.hatch, _ALPHA)
            for name, look in zip(force.names, looks, strict=True)
        ]
    return key
