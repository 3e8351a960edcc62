"""Where the probability lies: early collapse, the middle, and what holds for 20 or 30 years."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import pairwise
from typing import Final

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from simulator.number_format import percent, percent_span
from simulator.report import canvas, plot
from simulator.report.canvas import note, pixels, width_of, write
from simulator.report.exhibit import Exhibit, kind
from simulator.report.frame import PAGE, Entry, Frame, framed
from simulator.report.palette import GREEN, GREY, PAPER, SKY, SOLID, VERMILION, Look
from simulator.report.prose.names import quantity
from simulator.report.tables import ESTIMATE_COLUMNS, estimate_cells, number, table
from simulator.results.runs import Run

Part = tuple[str, Look]
# Name and look of the spans of time, from left to right.
EARLY: Final = ("collapse within 2 years", Look(VERMILION, SOLID, "//"))
MIDDLE: Final = ("collapse between 2 and 20 years", Look(GREY, SOLID, "--"))
LONG: Final = ("hold 20 to 30 years", Look(SKY))
LONGEST: Final = ("hold 30 years or longer", Look(GREEN, SOLID, "\\\\"))
LONG_OPEN: Final = ("hold 20 years or longer", LONG[1])  # the horizon ends before 30
NOT_EARLY: Final = ("hold 2 years or longer", LONG[1])  # the horizon ends before 20
CLAIM: Final = (
    "The claim under test (Michael Clarke, February 2025): a force that fails means war within two "
    "years, one that succeeds could last 20 or 30. It leaves the middle empty."
)
# Headlines whose ranges stand under a bar: estimate, the horizon it needs in years, in few words.
RANGED: Final = (
    ("p_collapse_within_2y", 2.0, "within 2 years"),
    ("p_between_2y_20y", 20.0, "2 to 20 years"),
    ("p_holds_20y", 20.0, "20 or longer"),
    ("p_holds_30y", 30.0, "30 or longer"),
)
RANGES: Final = "under a bar: 5–95 % over assumptions, per cent"
_ALPHA: Final = 0.55
_NOTE: Final = 16.0  # pixels for a line of ranges


@dataclass(frozen=True, slots=True)
class Masses:
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
    return Masses(run.name, shares, errors, tuple(_ranges(run, horizon)))


def _ranges(run: Run, horizon: float) -> Iterator[str]:
    """Ranges of the headlines: that of 20 to 30 years alone is not kept."""
    for name, least, title in RANGED:
        e = run.estimates[name]
        if least <= horizon and (spread := percent_span(e.p05, e.p95, run.draws)):
            yield f"{title} {spread}"


@kind("claim", "early collapse, the middle, 20 years and more", "run", 2)
def of_one(run: Run) -> Exhibit | None:
    """Where the probability lies, held against the claim under test."""
    if run.horizon < 2.0:
        return None
    parts, one = claim_parts(run.horizon), masses(run, run.horizon)
    described = ", ".join(
        f"{name}: {percent(share, mcse, 0)} %"
        for (name, _), share, mcse in zip(parts, one.shares, one.mcse, strict=True)
    )
    spreads = f" Over assumptions, per cent: {'; '.join(one.ranges)}." if one.ranges else ""
    rows = [
        (quantity(name).title, *estimate_cells(run.estimates[name], run.draws, 100.0))
        for name, _, _ in RANGED
    ]
    first, *_, last = zip(parts, one.shares, one.mcse, strict=True)
    ends = (f"{percent(share, mcse, 0)} % {name}" for (name, _), share, mcse in (first, last))
    return Exhibit(
        ", ".join(ends),
        f"{CLAIM} In this run, {described}.{spreads}",
        partial(claim, parts, [one]),
        table(("ceasefires that …", *(f"%: {c}" for c in ESTIMATE_COLUMNS)), rows),
    )


@kind("claim", "early collapse, the middle, 20 years and more", "runs", 2)
def of_several(runs: Sequence[Run]) -> Exhibit | None:
    """Where the probability of each plan lies."""
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
    title = "Where the probability lies"
    return Exhibit(title, CLAIM, partial(claim, parts, rows), table(columns, numbers))


@canvas.drawn
def claim(parts: Sequence[Part], rows: Sequence[Masses], frame: Frame = PAGE) -> Figure:
    """Draw the parts side by side in one bar for each plan, its ranges under it."""
    width = frame.width
    above = frame.narrow and len(rows) > 1  # names over the bars
    room = 0.0 if above or len(rows) == 1 else _label_room(rows, width)
    notes = [_range_lines(row, width - room - 24.0) for row in rows]
    under = _NOTE * max(len(lines) for lines in notes)
    high = 58.0 if above else 44.0 if len(rows) == 1 else 32.0
    step = high + under
    key = [Entry(name, look.colour, "fill", SOLID, look.hatch, _ALPHA) for name, look in parts]
    figure, top = framed(frame, step * len(rows) + 42.0 + (_NOTE if under else 0.0), key)
    axes = canvas.axes_at(figure, 8.0 + room, top + 4.0, width - room - 24.0, step * len(rows))
    axes.set_xlim(0.0, 100.0)
    axes.set_ylim(step * len(rows), 0.0)
    plot.only_bottom(axes)
    axes.set_xticks([0.0, 25.0, 50.0, 75.0, 100.0], ["0", "25", "50", "75", "100"])
    below, middle = top + 4.0 + step * len(rows) + 28.0, (width + room) / 2.0
    note(figure, middle, below, "per cent of ceasefires", "center")
    if under:
        note(figure, middle, below + _NOTE, RANGES, "center")
    for i, row in enumerate(rows):
        thick = high - (28.0 if above else 10.0)
        bottom = step * i + high - 5.0
        _bar(figure, axes, parts, row, i, bottom - thick, thick)
        for line, text in enumerate(notes[i]):
            note(figure, 8.0 + room, top + 4.0 + bottom + 2.0 + _NOTE * (line + 0.5), text)
        if len(rows) > 1:
            y = top + 4.0 + (step * i + 11.0 if above else step * i + high / 2.0)
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


def _label_room(rows: Sequence[Masses], width: float) -> float:
    return min(max(width_of(row.label) for row in rows) + 12.0, 0.4 * width)


def _bar(
    figure: Figure,
    axes: Axes,
    parts: Sequence[Part],
    row: Masses,
    i: int,
    top: float,
    thick: float,
) -> None:
    ends = np.concatenate([[0.0], np.cumsum(row.shares)]) * 100.0
    for j, (_, look) in enumerate(parts):
        start, stop = float(ends[j]), float(ends[j + 1])
        more = {"alpha": _ALPHA, "gid": f"part:{j}:{i}", "linewidth": 0.6}
        plot.draw_bar(axes, (start, stop), (top, top + thick), look, **more)
        text = percent(row.shares[j], row.mcse[j], 0)
        left, y = pixels(axes, start, top + thick / 2.0)
        right, _ = pixels(axes, stop, top)
        if right - left > width_of(text, bold=True) + 10.0:
            label = write(figure, (left + right) / 2.0, y, text, align="center", bold=True)
            # On a patch of paper it is legible over any pattern.
            label.set_bbox({"facecolor": PAPER, "edgecolor": "none", "pad": 1.5, "alpha": 0.85})
