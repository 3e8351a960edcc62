"""How it ends: the shares that collapse early, in the middle and late, and by which cause."""

from collections.abc import Mapping, Sequence
from functools import partial
from itertools import accumulate, pairwise
from typing import Final, NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from simulator.estimates.outcome import Band
from simulator.model.compiled import FloatArray
from simulator.number_format import percent, percent_span
from simulator.report import canvas, plot
from simulator.report.canvas import LINE, note, pixels, width_of, write
from simulator.report.exhibit import Exhibit, exhibit, kind
from simulator.report.frame import PAGE, Frame, filled, framed
from simulator.report.palette import CAUSES, GREEN, GREY, PAPER, SKY, SOLID, VERMILION, Look, series
from simulator.report.prose.names import quantity
from simulator.report.tables import band_rows, estimate_cells, measured, number, table
from simulator.results.runs import Run
from simulator.vocabulary import CAUSES as NAMES

Part = tuple[str, Look]
# Name and look of the spans of time, from left to right.
EARLY: Final = ("collapse within 2 years", Look(VERMILION, SOLID, "//"))
MIDDLE: Final = ("collapse between 2 and 20 years", Look(GREY, SOLID, "--"))
LONG: Final = ("hold 20 to 30 years", Look(SKY))
LONGEST: Final = ("hold 30 years or longer", Look(GREEN, SOLID, "\\\\"))
LONG_OPEN: Final = ("hold 20 years or longer", LONG[1])  # the horizon ends before 30
NOT_EARLY: Final = ("hold 2 years or longer", LONG[1])  # the horizon ends before 20
# Headlines whose ranges stand under a bar: estimate, the horizon it needs in years, in few words.
RANGED: Final = (
    ("p_collapse_within_2y", 2.0, "within 2 years"),
    ("p_between_2y_20y", 20.0, "2 to 20 years"),
    ("p_holds_20y", 20.0, "20 or longer"),
    ("p_holds_30y", 30.0, "30 or longer"),
)
_ALPHA: Final = 0.55
_AREA: Final = 0.6
_NOTE: Final = 16.0  # pixels for a line of ranges
_ON_PAPER: Final = {"facecolor": PAPER, "edgecolor": "none", "pad": 1.5, "alpha": 0.85}


class Masses(NamedTuple):
    """Shares of all ceasefires in each part, which add up to 1, and their Monte Carlo errors.

    With them the ranges over assumptions, each with what it is of, as far as they are known.
    """

    label: str
    shares: tuple[float, ...]
    mcse: tuple[float | None, ...]
    ranges: tuple[str, ...] = ()


def claim_parts(horizon: float) -> tuple[Part, ...]:
    """The spans of time that a horizon of at least 2 years separates."""
    if horizon >= 30.0:
        return (EARLY, MIDDLE, LONG, LONGEST)
    return (EARLY, MIDDLE, LONG_OPEN) if horizon >= 20.0 else (EARLY, NOT_EARLY)


def masses(run: Run, horizon: float) -> Masses:
    """Shares of the parts under a horizon that is not beyond the run's own."""
    at = np.flatnonzero(np.isin(run.years, [y for y in (2.0, 20.0, 30.0) if y <= horizon]))
    alive = [1.0, *run.survival.value[at].tolist(), 0.0]
    shares = tuple(early - late for early, late in pairwise(alive))
    long, longest = ("p_holds_20y", None) if horizon < 30.0 else (None, "p_holds_30y")
    names = ("p_collapse_within_2y", "p_between_2y_20y", long, longest)[: len(shares)]
    # Parts that the run has no estimate of are written to whole per cent.
    known = [run.estimates[name].mcse if name else None for name in names]
    fallback = max((e for e in known if e is not None), default=None)
    errors = tuple(fallback if e is None else e for e in known)
    ranges = []  # of the headlines: that of 20 to 30 years alone is not kept
    for name, least, title in RANGED:
        e = run.estimates[name]
        if least <= horizon and (spread := percent_span(e.p05, e.p95, run.draws)):
            ranges.append(f"{title} {spread}")
    return Masses(run.name, shares, errors, tuple(ranges))


@kind("claim", "early collapse, the middle, 20 years and more", "run", 2)
def _of_one(run: Run) -> Exhibit | None:
    if run.horizon < 2.0:
        return None
    parts, one = claim_parts(run.horizon), masses(run, run.horizon)
    rows = [
        (quantity(name).title, *estimate_cells(run.estimates[name], run.draws, 100.0))
        for name, _, _ in RANGED
    ]
    numbers = table(("ceasefires that …", *measured("%")), rows)
    shares = [
        (name, percent(share, mcse, 0))
        for (name, _), share, mcse in zip(parts, one.shares, one.mcse, strict=True)
    ]
    draw = partial(claim, parts, [one])
    return exhibit("claim", draw, numbers, shares=shares, ranges=one.ranges)


@kind("claim", "early collapse, the middle, 20 years and more", "runs", 2)
def _of_several(runs: Sequence[Run]) -> Exhibit | None:
    horizon = min(run.horizon for run in runs)
    if horizon < 2.0:
        return None
    parts, rows = claim_parts(horizon), [masses(run, horizon) for run in runs]
    numbers = [
        (row.label, name, number(100.0 * share, f"{100.0 * share:.0f}"))
        for row in rows
        for (name, _), share in zip(parts, row.shares, strict=True)
    ]
    columns = ("plan", "ceasefires that …", "%")
    return exhibit("claim", partial(claim, parts, rows), table(columns, numbers), shares=())


@canvas.drawing()
def claim(parts: Sequence[Part], rows: Sequence[Masses], frame: Frame = PAGE) -> Figure:
    """Draw the parts side by side in one bar for each plan, its ranges under it."""
    width = frame.width
    above = frame.narrow and len(rows) > 1  # names over the bars
    room = min(max(width_of(row.label) for row in rows) + 12.0, 0.4 * width)
    room = 0.0 if above or len(rows) == 1 else room
    notes = [_range_lines(row, width - room - 24.0) for row in rows]
    under = _NOTE * max(len(lines) for lines in notes)
    high = 58.0 if above else 44.0 if len(rows) == 1 else 32.0
    step = high + under
    key = [filled(name, look, _ALPHA) for name, look in parts]
    figure, top = framed(frame, step * len(rows) + 42.0 + (_NOTE if under else 0.0), key)
    top += 4.0
    axes = canvas.axes_at(figure, 8.0 + room, top, width - room - 24.0, step * len(rows))
    axes.set_xlim(0.0, 100.0)
    axes.set_ylim(step * len(rows), 0.0)
    plot.only_bottom(axes)
    axes.set_xticks([0.0, 25.0, 50.0, 75.0, 100.0], ["0", "25", "50", "75", "100"])
    below, middle = top + step * len(rows) + 28.0, (width + room) / 2.0
    note(figure, middle, below, "per cent of ceasefires", "center")
    if under:
        text = "under a bar: 5–95 % over assumptions, per cent"
        note(figure, middle, below + _NOTE, text, "center")
    for i, row in enumerate(rows):
        bottom = step * i + high - 5.0
        _bar(figure, axes, parts, row, i, (bottom - high + (28.0 if above else 10.0), bottom))
        for line, text in enumerate(notes[i]):
            note(figure, 8.0 + room, top + bottom + 2.0 + _NOTE * (line + 0.5), text)
        if len(rows) > 1:
            y = top + step * i + (11.0 if above else high / 2.0)
            text = canvas.shortened(row.label, width - 24.0 if above else room - 8.0)
            write(figure, 8.0, y, text)
    return figure


def _range_lines(row: Masses, room: float) -> list[str]:
    """The ranges in lines, none of them broken."""
    lines: list[str] = []
    for one in row.ranges:
        if lines and width_of(f"{lines[-1]}; {one}") <= room:
            lines[-1] += f"; {one}"
        else:
            lines += canvas.wrapped(one, room)
    return lines


def _bar(
    figure: Figure, axes: Axes, parts: Sequence[Part], row: Masses, i: int, down: plot.Span
) -> None:
    ends = [100.0 * end for end in accumulate(row.shares, initial=0.0)]
    for j, (across, (_, look)) in enumerate(zip(pairwise(ends), parts, strict=True)):
        more = {"alpha": _ALPHA, "gid": f"part:{j}:{i}", "linewidth": 0.6}
        plot.draw_bar(axes, across, down, look, **more)
        text = percent(row.shares[j], row.mcse[j], 0)
        (left, y), (right, _) = (pixels(axes, x, sum(down) / 2.0) for x in across)
        if right - left > width_of(text, bold=True) + 10.0:
            label = write(figure, (left + right) / 2.0, y, text, "center", bold=True)
            label.set_bbox(_ON_PAPER)  # legible over any pattern


@kind("causes", "why it ends", "run", 3)
def _causes(run: Run) -> Exhibit:
    ranked = sorted(run.causes.items(), key=lambda item: -(item[1].value or 0.0))
    rows = [
        (cause, *row)
        for cause, band in run.incidence.items()
        for row in band_rows(run.years, band, run.draws, 100.0)
    ]
    return exhibit(
        "causes",
        partial(incidence, run.years, run.incidence, run.draws),
        table(("cause", "years since the ceasefire", *measured("collapsed, %")), rows),
        run=run,
        ranked=ranked,
        first=NAMES.get(ranked[0][0], ranked[0][0]),
    )


@canvas.drawing()
def incidence(
    years: FloatArray, bands: Mapping[str, Band], draws: int, frame: Frame = PAGE
) -> Figure:
    """Stack the share of ceasefires collapsed by each cause; what is left above still holds."""
    narrow, horizon = frame.narrow, float(years[-1])
    notes = {}
    for cause, band in bands.items():
        last = band.at(-1)
        spanned = percent_span(last.p05, last.p95, draws)
        notes[cause] = f"{percent(last.value, last.mcse)} %" + (f" ({spanned})" if spanned else "")
    looks = {cause: CAUSES.get(cause, series(i)) for i, cause in enumerate(bands)}
    room = 12.0 if narrow else 30.0 + max(map(width_of, (*notes.values(), *bands)))
    key = [filled(f"{cause}: {notes[cause]}", look, _AREA) for cause, look in looks.items()]
    height = 230.0 if narrow else 280.0
    figure, axes, top = plot.over_years(
        frame,
        height,
        (42.0, room + 8.0),
        horizon,
        "collapsed, %, by cause",
        key if narrow else (),
    )
    plot.per_cent(axes)
    levels = np.cumsum([np.zeros(years.size), *(100.0 * b.value for b in bands.values())], axis=0)
    for (cause, look), low, high in zip(looks.items(), levels, levels[1:], strict=False):
        plot.draw_area(axes, years, low, high, look, gid=f"incidence:{cause}", alpha=_AREA)
    most = float(levels[-1].max())
    if 100.0 - most > 12.0:
        note(figure, *pixels(axes, horizon / 2.0, (most + 100.0) / 2.0), "still hold", "center")
    if not narrow:
        middles = (levels[:-1, -1] + levels[1:, -1]) / 2.0
        ends = [pixels(axes, horizon, float(middle)) for middle in middles]
        low, high = top + 22.0 + LINE, top + 22.0 + height - LINE
        places = canvas.spread([y for _, y in ends], 2.0 * LINE + 2.0, low, high)
        for (x, y), at, (cause, look) in zip(ends, places, looks.items(), strict=True):
            plot.lead(figure, [(x + 2.0, y), (x + 18.0, at)], Look(look.colour), 2.0)
            write(figure, x + 22.0, at - 0.45 * LINE, cause)
            note(figure, x + 22.0, at + 0.45 * LINE, notes[cause])
    return figure
