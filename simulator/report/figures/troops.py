"""Soldiers over the years: the plan, what was promised, and who is there."""

import math
from dataclasses import dataclass
from functools import partial
from typing import Final

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, MaxNLocator

from simulator.estimates.outcome import Band
from simulator.model.compiled import FloatArray
from simulator.number_format import percent
from simulator.report import canvas, plot
from simulator.report.canvas import pixels, width_of, write
from simulator.report.exhibit import Exhibit, kind
from simulator.report.frame import PAGE, Entry, Frame, framed
from simulator.report.palette import BLUE, GREY, INK, SOLID, STYLES, Look, series
from simulator.report.tables import ESTIMATE_COLUMNS, Table, band_rows, number, table
from simulator.results.runs import Run

MOST_SHOWN: Final = 6  # contributors with a colour of their own
PROMISED: Final = "promised: had nobody left and the ceasefire held"
_ALPHA: Final = 0.55
_HATCHES: Final = ("", "//", "--", "\\\\", "xx", "||")


@dataclass(frozen=True, eq=False, slots=True)
class Force:
    """Soldiers over time, averaged over all worlds.

    ``deployed`` is the mean over each year that ends at ``ends``, from the whole run. The others
    are sampled from its worlds in bins between ``edges``, empty where that is not known:
    ``promised``, and ``by_contributor`` in the order of ``names``, those with most soldiers first;
    ``others`` says whether the last of them stands for all that have no colour of their own.
    """

    target: float
    ends: FloatArray
    deployed: Band
    edges: FloatArray
    promised: FloatArray
    names: tuple[str, ...]
    by_contributor: FloatArray
    others: bool = False


@kind("troops", "who is there, and how many", "run", 4)
def of_run(run: Run) -> Exhibit | None:
    """Deployed against planned."""
    force = force_of(run)
    if not force.target and run.deployed.value.max() <= 0.0:
        return None
    fill, peak, title = run.estimates["fill_rate"], "", "Who is there, and how many"
    if fill.value is not None:
        title = f"At its peak {percent(fill.value, fill.mcse)} % of the force planned is there"
        peak = (
            f"The peak of a ceasefire is on average {percent(fill.value, fill.mcse)} % of the "
            "soldiers planned (0 where it collapses before anybody arrives). Peaks come at "
            "different times, so fewer are there at any one time, as the curve shows. "
        )
    composed = ""
    if run.background is not None:
        worlds = run.background.deployment.worlds
        composed = f" Contributors and promises are those of {worlds:,} of the run's worlds."
    return Exhibit(
        title,
        f"{peak}A ceasefire that has collapsed counts as nobody deployed. Promised: those who "
        f"commit, from their arrival on, had nobody left and had the ceasefire held.{composed}",
        partial(troops, force),
        _numbers(run, force),
    )


def force_of(run: Run) -> Force:
    """Soldiers over time in the form that the figure takes."""
    target = float(run.plan["force"]["target_troops"])
    found = run.background.deployment if run.background else None
    if found is None or not found.names:
        nothing = np.zeros(0)
        return Force(target, run.year_ends, run.deployed, nothing, nothing, (), np.zeros((0, 0)))
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
    stack, names = np.stack([*layers.values()]), tuple(layers)
    return Force(
        target=target,
        ends=run.year_ends,
        deployed=run.deployed,
        edges=found.edges,
        promised=found.promised.sum(axis=0),
        names=names,
        by_contributor=stack,
        others=bool(rest),
    )


def _numbers(run: Run, force: Force) -> Table:
    columns = ["year", *(f"soldiers deployed: {c}" for c in ESTIMATE_COLUMNS)]
    layers: dict[str, FloatArray] = {}
    if force.edges.size:
        layers = {"promised": force.promised}
        layers |= dict(zip(force.names, force.by_contributor, strict=True))
        columns += [f"{name}, sampled" for name in layers]
    middles = (force.edges[1:] + force.edges[:-1]) / 2.0
    starts, rows = [0.0, *run.year_ends[:-1]], []
    deployed = band_rows(run.year_ends, run.deployed, run.draws, 1.0)
    for start, end, row in zip(starts, run.year_ends, deployed, strict=True):
        inside = (middles > start) & (middles < end)
        means = [float(v[inside].mean()) if inside.any() else None for v in layers.values()]
        rows.append((*row, *(number(m, None if m is None else f"{m:,.0f}") for m in means)))
    return table(columns, rows)


@canvas.drawn
def troops(force: Force, frame: Frame = PAGE) -> Figure:
    """Draw the force: who is there, stacked; in all, with its errors; promised; planned."""
    width = frame.width
    looks = {
        name: Look(series(i).colour, SOLID, _HATCHES[i % len(_HATCHES)])
        for i, name in enumerate(force.names)
    }
    if force.others:
        looks[force.names[-1]] = Look(GREY)
    height, horizon, left = 300.0 if not frame.narrow else 240.0, _last_shown(force), 58.0
    figure, top = framed(frame, height + 58.0, _key(force, looks))
    axes = plot.box(figure, (left, top, width - left - 18.0, height), horizon, "soldiers deployed")
    axes.set_ylim(0.0, _top(force))
    axes.yaxis.set_major_locator(MaxNLocator(5, steps=[1, 2, 2.5, 5, 10]))
    axes.yaxis.set_major_formatter(FuncFormatter(lambda v, _: f"{v:,.0f}"))
    if force.edges.size:
        # One bin beyond the last year shown, so that the areas reach the edge.
        shown = int(np.searchsorted(force.edges, horizon)) + 1
        middles = ((force.edges[1:] + force.edges[:-1]) / 2.0)[:shown]
        floor = np.zeros(middles.size)
        for layer, (name, look) in zip(force.by_contributor, looks.items(), strict=True):
            roof = floor + layer[: middles.size]
            plot.draw_area(axes, middles, floor, roof, look, f"force:{name}", alpha=_ALPHA)
            floor = roof
        axes.plot(middles, force.promised[:shown], color=INK, lw=1.6, ls=STYLES[1], gid="promised")
    _whole(axes, force)
    if force.target > 0.0:
        axes.axhline(force.target, color=INK, lw=1.2, ls=STYLES[3], gid="target")
        text = f"planned: {force.target:,.0f}"
        x, y = pixels(axes, horizon, force.target)
        write(figure, x - width_of(text) - 4.0, y - 9.0, text)
    return figure


def _top(force: Force) -> float:
    known = [force.target, float(np.max(force.deployed.value, initial=0.0))]
    known += [float(np.nanmax(force.deployed.p95))] if plot.has_range(force.deployed) else []
    known += [float(force.promised.max())] if force.promised.size else []
    return 1.12 * max(known) or 1.0


def _last_shown(force: Force) -> float:
    """The year up to which there is something to see: the rest is in the table."""
    value = force.deployed.value
    seen = np.flatnonzero(value > 0.03 * float(np.max(value, initial=0.0)))
    year = float(force.ends[seen[-1]]) if seen.size else float(force.ends[-1])
    return min(float(force.ends[-1]), 5.0 * math.ceil(year / 5.0))


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


def _key(force: Force, looks: dict[str, Look]) -> list[Entry]:
    key = [Entry("deployed, mean of each year", INK, "dot")]
    errors = bool(np.isfinite(force.deployed.mcse).any())
    key += plot.doubts(errors, plot.has_range(force.deployed), "tick")
    if force.edges.size:
        key.append(Entry(PROMISED, INK, "line", STYLES[1]))
        key += [
            Entry(name, look.colour, "fill", SOLID, look.hatch, _ALPHA)
            for name, look in looks.items()
        ]
    return key
