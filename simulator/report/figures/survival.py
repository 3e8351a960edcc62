"""How long a ceasefire holds: one plan in full, several against each other, each assumption."""

from collections.abc import Sequence
from functools import partial
from typing import Final, NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from simulator.books.draws import NOT_ASKED
from simulator.estimates.outcome import Band
from simulator.model.compiled import FloatArray
from simulator.number_format import percent
from simulator.report import canvas, plot
from simulator.report.canvas import LINE, note, pixels, rules, shortened, width_of, write
from simulator.report.exhibit import Exhibit, exhibit, kind
from simulator.report.frame import PAGE, Entry, Frame, framed
from simulator.report.palette import BLUE, GREY, INK, MUTED, RULE, Look, series
from simulator.report.prose.names import RECORD_ENDS, choice_titled, words
from simulator.report.tables import Table, band_rows, measured, table
from simulator.results.runs import Run

MARKS: Final = (2.0, 20.0, 30.0)  # the years of the claim under test
HOLDS: Final = "still hold, %"
COLUMNS: Final = ("years since the ceasefire", *measured(HOLDS))
MOST_LINES: Final = 8  # in a panel of choices
TABLE_YEARS: Final = (1.0, 2.0, 3.0, 5.0, 10.0, 15.0, 20.0, 25.0, 30.0, 40.0)  # of a choice's table
_PANEL: Final = 118.0  # pixels of the box of a plan
_CHOICE: Final = 132.0  # of the box of a choice
_TITLE: Final = 16.0  # of a line of its title
_LEAD: Final = 46.0  # from the end of a curve to its name, and after that


class Curve(NamedTuple):
    """A survival curve with its name."""

    label: str
    years: FloatArray
    survival: Band


class Choice(NamedTuple):
    """A choice between assumptions, with the survival of the draws that took each option."""

    title: str
    options: tuple[Curve, ...]


@kind("survival", "how long the ceasefire holds", "run", 1)
def _of_one(run: Run) -> Exhibit:
    year = min(20.0, run.horizon)
    return exhibit(
        "survival",
        partial(survival, Curve(run.name, run.years, run.survival)),
        table(COLUMNS, band_rows(run.years, run.survival, run.draws, 100.0)),
        run=run,
        year=year,
        at=run.survival.at(int(np.searchsorted(run.years, year))),
        last=run.survival.at(-1),
    )


@kind("survival", "how long the ceasefire holds", "runs", 3)
def _of_several(runs: Sequence[Run]) -> Exhibit:
    order = sorted(runs, key=lambda run: -float(run.survival.value[-1]))
    draw = partial(survival_overlay, _curves(runs))
    return exhibit("survival_of_several", draw, _numbers(runs), order=order)


@kind("panels", "several plans with their ranges", "runs", 4)
def _panels(runs: Sequence[Run]) -> Exhibit:
    ranges = [np.nanmax(run.survival.p95 - run.survival.p05, initial=0.0) for run in runs]
    widest = runs[int(np.argmax(ranges))]
    return exhibit("panels", partial(survival_panels, _curves(runs)), _numbers(runs), widest=widest)


def _curves(runs: Sequence[Run]) -> list[Curve]:
    return [Curve(run.name, run.years, run.survival) for run in runs]


def _numbers(runs: Sequence[Run]) -> Table:
    rows = [
        (run.name, *row)
        for run in runs
        for row in band_rows(run.years, run.survival, run.draws, 100.0)
    ]
    return table(("plan", *COLUMNS), rows)


@kind("choices", "how long it holds under each book and structural choice", "run", 7)
def _of_choices(run: Run) -> Exhibit | None:
    if run.background is None:
        return None
    years = run.background.survival_by_option.years
    found = {
        choice: {option: band for option, band in options.items() if option != NOT_ASKED}
        for choice, options in run.background.survival_by_option.choices.items()
    }
    shown = {choice: options for choice, options in found.items() if 1 < len(options) <= MOST_LINES}
    if not shown:
        return None
    each = [
        Choice(choice_titled(name), tuple(Curve(words(o), years, b) for o, b in options.items()))
        for name, options in shown.items()
    ]
    rows = [
        (choice, words(option), *cells)
        for choice, options in shown.items()
        for option, band in options.items()
        for cells in band_rows(years, band, run.by_option[choice][option].draws, 100.0)
        if cells[0].raw in TABLE_YEARS
    ]
    columns = ("choice", "option", "years since the ceasefire", *measured("%"))
    left_out = [choice for choice in found if choice not in shown]
    return exhibit("choices", partial(choices, each), table(columns, rows), left_out=left_out)


@canvas.drawing()
def survival(curve: Curve, frame: Frame = PAGE) -> Figure:
    """Survival of one plan, its Monte Carlo band, and apart from it its range over assumptions."""
    height, horizon = 230.0 if frame.narrow else 300.0, float(curve.years[-1])
    key = [Entry("mean over all draws", BLUE), *plot.doubts_of(curve.survival)]
    key.append(Entry("at 2, 20 and 30 years", INK, "dot"))
    figure, axes, _ = plot.over_years(frame, height, (42.0, 18.0), horizon, HOLDS, key)
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
    year, e = float(curve.years[at]), curve.survival.at(at)
    height = 100.0 * (e.value or 0.0)
    axes.plot([year, year], [0.0, height], color=INK, lw=0.8, ls=(0.0, (1.0, 2.0)))
    axes.plot([year], [height], "o", color=INK, ms=5.0, clip_on=False, gid=f"mark:{year:g}")
    x, y = pixels(axes, year, height)
    text = f"{percent(e.value, e.mcse)} %"
    end, floor = pixels(axes, float(curve.years[-1]), 0.0)
    ceiling = pixels(axes, 0.0, 100.0)[1]
    if x + 6.0 + width_of(text) <= end:
        write(figure, x + 6.0, max(y - 11.0, ceiling + 8.0), text)
        return
    # At the end it stays within the axes, under the falling curve if there is room.
    half = max(plot.ERRORS * (e.mcse or 0.0) * (floor - ceiling), 4.0)
    below, above = y + half + 9.0, y - half - 9.0
    at_y = below if below + 8.0 < floor else max(above, ceiling + 8.0)
    write(figure, x - 6.0, at_y, text, "right")


@canvas.drawing()
def survival_overlay(curves: Sequence[Curve], frame: Frame = PAGE) -> Figure:
    """Survival of several plans with their Monte Carlo bands, labelled at their ends.

    On a narrow sheet a key names them, in the order in which they end. Ranges over assumptions
    would cover each other here. One line ``survival:LABEL`` for each curve.
    """
    ends = [100.0 * float(c.survival.value[-1]) for c in curves]
    labels = [shortened(c.label, 0.36 * frame.width - 34.0) for c in curves]
    right, height, key = 38.0 + max(map(width_of, labels)), max(300.0, LINE * len(curves)), []
    if frame.narrow:
        right, height = 10.0, 260.0
        for i in sorted(range(len(curves)), key=lambda i: -ends[i]):
            look = series(i)
            key.append(Entry(curves[i].label, look.colour, "line", look.dashes))
    horizon = max(float(c.years[-1]) for c in curves)
    figure, axes, top = plot.over_years(frame, height, (42.0, right + 4.0), horizon, HOLDS, key)
    plot.per_cent(axes)
    for i, (label, years, band) in enumerate(curves):
        plot.draw_band(axes, years, band, series(i), fan=False, name=f"survival:{label}")
    _mark_the_record(figure, axes, horizon)
    if not frame.narrow:
        named = [(label, horizon, end) for label, end in zip(labels, ends, strict=True)]
        plot.label_ends(figure, axes, named, LINE - 2.0, top + 22.0)
    return figure


@canvas.drawing()
def survival_panels(curves: Sequence[Curve], frame: Frame = PAGE) -> Figure:
    """One small panel for each plan with its range over assumptions, the others grey behind it."""
    columns = min(len(curves), 2 if frame.narrow else 3)
    lines, step = -(-len(curves) // columns), _PANEL + 46.0
    wide = (frame.width - 34.0) / columns
    key = [Entry("this plan", BLUE), *plot.doubts_of(curves[0].survival)]
    figure, top = framed(frame, lines * step + 22.0, [*key, Entry("the other plans", GREY)])
    horizon = max(float(c.years[-1]) for c in curves)
    for i, curve in enumerate(curves):
        left, y = 34.0 + (i % columns) * wide, top + (i // columns) * step
        axes = plot.small_box(figure, left, y + 20.0, wide - 14.0, _PANEL, horizon)
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
    note(figure, 4.0, top + lines * step + 6.0, plot.HOLD_OVER_YEARS)
    return figure


@canvas.drawing()
def choices(panels: Sequence[Choice], frame: Frame = PAGE) -> Figure:
    """Draw survival under each option of each choice, named where the curves end."""
    columns = min(len(panels), 1 if frame.narrow else 2)
    lines, wide = -(-len(panels) // columns), (frame.width - 8.0) / columns
    titles = [canvas.wrapped(panel.title, wide - 16.0, bold=True) for panel in panels]
    longest = max(width_of(c.label) for panel in panels for c in panel.options)
    room = min(_LEAD + longest, 0.5 * wide)
    head = _TITLE * max(len(title) for title in titles) + 8.0
    step = head + _CHOICE + 34.0
    key = [Entry(plot.MONTE_CARLO, GREY, "fill", alpha=plot.BAND)]
    figure, top = framed(frame, lines * step + 22.0, key)
    for k, (_, options) in enumerate(panels):
        left, y = 4.0 + (k % columns) * wide, top + (k // columns) * step
        for i, line in enumerate(titles[k]):
            write(figure, left, y + 8.0 + _TITLE * i, line, bold=True)
        horizon, y = float(options[0].years[-1]), y + head
        axes = plot.small_box(figure, left + 28.0, y, wide - room - 28.0, _CHOICE, horizon)
        rules(axes, "y")
        for i, (label, years, band) in enumerate(options):
            plot.draw_band(axes, years, band, series(i), fan=False, name=f"survival:{k}:{label}")
        ends = [
            (shortened(label, room - _LEAD), horizon, 100.0 * float(band.value[-1]))
            for label, _, band in options
        ]
        plot.label_ends(figure, axes, ends, LINE - 3.0, y + 4.0)
    note(figure, 4.0, top + lines * step + 6.0, plot.HOLD_OVER_YEARS)
    return figure
