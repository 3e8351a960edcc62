"""How long a ceasefire holds: one plan in full, several plans against each other."""

from collections.abc import Sequence
from functools import partial
from typing import Final, NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from simulator.estimates.outcome import Band
from simulator.model.compiled import FloatArray
from simulator.number_format import percent, percent_span
from simulator.report import canvas, plot
from simulator.report.canvas import LINE, note, pixels, shortened, width_of, write
from simulator.report.exhibit import Exhibit, kind
from simulator.report.frame import PAGE, Entry, Frame, framed
from simulator.report.palette import BLUE, GREY, INK, MUTED, RULE, Look, series
from simulator.report.prose.names import RECORD_ENDS
from simulator.report.tables import ESTIMATE_COLUMNS, Table, band_rows, table
from simulator.results.runs import Run

MARKS: Final = (2.0, 20.0, 30.0)  # the years of the claim under test
HOLDS: Final = "still hold, %"
COLUMNS: Final = (
    "years since the ceasefire",
    *(f"{HOLDS}: {c}" for c in ESTIMATE_COLUMNS),
)
READ_BANDS: Final = (
    "The dark band is the Monte Carlo error, which more computing narrows; the light one is the "
    "range over assumptions, which no computing narrows."
)


class Curve(NamedTuple):
    """A survival curve with its name."""

    label: str
    years: FloatArray
    survival: Band


@kind("survival", "how long the ceasefire holds", "run", 1)
def of_one(run: Run) -> Exhibit:
    """How long it holds."""
    last, year = run.survival.at(-1), min(20.0, run.horizon)
    then = run.survival.at(int(np.searchsorted(run.years, year)))
    title = f"After {year:g} years {percent(then.value, then.mcse)} % of ceasefires still hold"
    description = (
        "Share of ceasefires that still hold, year by year. "
        f"After {run.horizon:g} years {percent(last.value, last.mcse)} % do, "
        f"{percent_span(last.p05, last.p95, run.draws) or '?'} % over assumptions. {READ_BANDS}"
    )
    draw = partial(survival, Curve(run.name, run.years, run.survival))
    numbers = table(COLUMNS, band_rows(run.years, run.survival, run.draws, 100.0))
    return Exhibit(title, description, draw, numbers)


@kind("survival", "how long the ceasefire holds", "runs", 3)
def of_several(runs: Sequence[Run]) -> Exhibit:
    """All survival curves in one."""
    order = sorted(runs, key=lambda run: -float(run.survival.value[-1]))
    ends = [run.survival.at(-1) for run in (order[-1], order[0])]
    low, high = (percent(e.value, e.mcse) for e in ends)
    return Exhibit(
        f"After {runs[0].horizon:g} years {low} to {high} % still hold, by plan",
        "Share of ceasefires that still hold, year by year, with the Monte Carlo error as a band. "
        f"At the end, from top to bottom: {', '.join(run.name for run in order)}; neighbours whose "
        "bands touch may stand the other way round.",
        partial(survival_overlay, _curves(runs)),
        _numbers(runs),
    )


@kind("panels", "several plans with their ranges", "runs", 4)
def panels(runs: Sequence[Run]) -> Exhibit:
    """Each survival curve with its range over assumptions."""
    widest = max(runs, key=_widest_range)
    return Exhibit(
        "The range over assumptions, plan by plan",
        "Each plan's survival with its 5–95 % range over assumptions, the other plans grey behind "
        f"it. The range is widest for {widest.name}.",
        partial(survival_panels, _curves(runs)),
        _numbers(runs),
    )


def _curves(runs: Sequence[Run]) -> list[Curve]:
    return [Curve(run.name, run.years, run.survival) for run in runs]


def _numbers(runs: Sequence[Run]) -> Table:
    rows = [
        (run.name, *row)
        for run in runs
        for row in band_rows(run.years, run.survival, run.draws, 100.0)
    ]
    return table(("plan", *COLUMNS), rows)


def _widest_range(run: Run) -> float:
    return float(np.nanmax(run.survival.p95 - run.survival.p05, initial=0.0))


@canvas.drawn
def survival(curve: Curve, frame: Frame = PAGE) -> Figure:
    """Survival of one plan, its Monte Carlo band, and apart from it its range over assumptions."""
    width = frame.width
    height = 300.0 if not frame.narrow else 230.0
    key = plot.band_key("mean over all draws", curve.survival)
    key.append(Entry("at 2, 20 and 30 years", INK, "dot"))
    figure, top = framed(frame, height + 58.0, key)
    horizon = float(curve.years[-1])
    axes = plot.box(figure, (42.0, top, width - 60.0, height), horizon, HOLDS)
    plot.per_cent(axes)
    plot.draw_band(axes, curve.years, curve.survival, Look(BLUE), name="survival")
    _mark_the_record(figure, axes, horizon)
    for at in np.flatnonzero(np.isin(curve.years, MARKS)):
        _mark(figure, axes, curve, int(at))
    return figure


def _mark_the_record(figure: Figure, axes: Axes, horizon: float) -> None:
    """Mark the age past which hardly any ceasefire with a force was watched."""
    if horizon > RECORD_ENDS:
        axes.axvline(RECORD_ENDS, color=MUTED, lw=0.8, ls=(0.0, (4.0, 3.0)), gid="record")
        x, y = pixels(axes, RECORD_ENDS, 100.0)
        note(figure, x + 5.0, y + 8.0, "the record ends")


def _mark(figure: Figure, axes: Axes, curve: Curve, at: int) -> None:
    year, value = float(curve.years[at]), float(curve.survival.value[at])
    mcse, height = float(curve.survival.mcse[at]), 100.0 * value
    axes.plot([year, year], [0.0, height], color=INK, lw=0.8, ls=(0.0, (1.0, 2.0)))
    axes.plot([year], [height], "o", color=INK, ms=5.0, clip_on=False, gid=f"mark:{year:g}")
    x, y = pixels(axes, year, height)
    text = f"{percent(value, mcse)} %"
    end, floor = pixels(axes, float(curve.years[-1]), 0.0)
    ceiling = pixels(axes, 0.0, 100.0)[1]
    if x + 6.0 + width_of(text) <= end:
        write(figure, x + 6.0, max(y - 11.0, ceiling + 8.0), text)
        return
    # At the end it stays within the axes, under the falling curve if there is room.
    half = max(plot.ERRORS * float(np.nan_to_num(mcse)) * (floor - ceiling), 4.0)
    below, above = y + half + 9.0, y - half - 9.0
    at_y = below if below + 8.0 < floor else max(above, ceiling + 8.0)
    write(figure, x - 6.0, at_y, text, align="right")


@canvas.drawn
def survival_overlay(curves: Sequence[Curve], frame: Frame = PAGE) -> Figure:
    """Survival of several plans with their Monte Carlo bands, labelled at their ends.

    On a narrow sheet a key names them, in the order in which they end. Ranges over assumptions
    would cover each other here. One line ``survival:LABEL`` for each curve.
    """
    width = frame.width
    narrow = frame.narrow
    labels = [shortened(c.label, 0.36 * width - 34.0) for c in curves]
    right = 10.0 if narrow else 38.0 + max(map(width_of, labels))
    height = 260.0 if narrow else max(300.0, LINE * len(curves))
    figure, top = framed(frame, height + 58.0, _key_by_end(curves) if narrow else ())
    horizon = max(float(c.years[-1]) for c in curves)
    axes = plot.box(figure, (42.0, top, width - 46.0 - right, height), horizon, HOLDS)
    plot.per_cent(axes)
    for i, (label, years, band) in enumerate(curves):
        plot.draw_band(axes, years, band, series(i), fan=False, name=f"survival:{label}")
    _mark_the_record(figure, axes, horizon)
    if not narrow:
        ends = [100.0 * float(c.survival.value[-1]) for c in curves]
        named = [(label, horizon, end) for label, end in zip(labels, ends, strict=True)]
        plot.label_ends(figure, axes, named, LINE - 2.0, top + 22.0)
    return figure


def _key_by_end(curves: Sequence[Curve]) -> list[Entry]:
    """The key in the order in which the curves end, from above."""
    looks = [(curve, series(i)) for i, curve in enumerate(curves)]
    looks.sort(key=lambda one: -float(one[0].survival.value[-1]))
    return [Entry(c.label, look.colour, "line", look.dashes) for c, look in looks]


@canvas.drawn
def survival_panels(curves: Sequence[Curve], frame: Frame = PAGE) -> Figure:
    """One small panel for each plan with its range over assumptions, the others grey behind it."""
    width = frame.width
    columns = min(len(curves), 3 if not frame.narrow else 2)
    lines = -(-len(curves) // columns)
    wide, high = (width - 34.0) / columns, 118.0
    key = plot.band_key("this plan", curves[0].survival)
    key.append(Entry("the other plans", GREY))
    figure, top = framed(frame, lines * (high + 46.0) + 22.0, key)
    horizon = max(float(c.years[-1]) for c in curves)
    for i, curve in enumerate(curves):
        left, y = 34.0 + (i % columns) * wide, top + (i // columns) * (high + 46.0)
        axes = plot.small_box(figure, (left, y + 20.0, wide - 14.0, high), horizon)
        plot.labels_inward(axes)
        axes.grid(True, axis="y", color=RULE, lw=0.7)
        if i % columns:
            axes.set_yticklabels([])
        for other in curves:
            if other is not curve:
                axes.plot(other.years, 100.0 * other.survival.value, color=GREY, lw=0.7, alpha=0.6)
        name = f"survival:{curve.label}"
        plot.draw_band(axes, curve.years, curve.survival, Look(BLUE), name=name)
        write(figure, left, y + 8.0, shortened(curve.label, wide - 14.0))
    note(figure, 4.0, top + lines * (high + 46.0) + 6.0, plot.HOLD_OVER_YEARS)
    return figure
