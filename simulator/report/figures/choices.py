"""Survival under each option, a small panel for each choice between assumptions."""

from collections.abc import Sequence
from functools import partial
from typing import Final, NamedTuple

from matplotlib.figure import Figure

from simulator.books.draws import NOT_ASKED
from simulator.report import canvas, plot
from simulator.report.canvas import LINE, note, width_of, write
from simulator.report.exhibit import Exhibit, kind
from simulator.report.figures.survival import Curve
from simulator.report.frame import PAGE, Entry, Frame, framed
from simulator.report.palette import GREY, series
from simulator.report.prose.names import choice_titled, words
from simulator.report.tables import ESTIMATE_COLUMNS, band_rows, table
from simulator.results.runs import Run

MOST_LINES: Final = 8  # in a panel
TOLD_YEARS: Final = (1.0, 2.0, 3.0, 5.0, 10.0, 15.0, 20.0, 25.0, 30.0, 40.0)  # of a curve's table
_HIGH: Final = 132.0  # pixels of a panel's box
_TITLE: Final = 16.0  # of a line of its title
_LEAD: Final = 46.0  # from the end of a curve to its name, and after that


class Choice(NamedTuple):
    """A choice between assumptions, with the survival of the draws that took each option."""

    title: str
    options: tuple[Curve, ...]


@kind("choices", "how long it holds under each book and structural choice", "run", 7)
def of_run(run: Run) -> Exhibit | None:
    """Survival under each option, a panel for each choice; None where the run did not keep it."""
    if run.background is None:
        return None
    kept = run.background.survival_by_option
    years = kept.years
    found = {
        choice: {option: band for option, band in options.items() if option != NOT_ASKED}
        for choice, options in kept.choices.items()
    }
    shown = {choice: options for choice, options in found.items() if 1 < len(options) <= MOST_LINES}
    if not shown:
        return None
    panels = [
        Choice(
            choice_titled(choice),
            tuple(Curve(words(o), years, band) for o, band in options.items()),
        )
        for choice, options in shown.items()
    ]
    rows = [
        (choice, words(option), *cells)
        for choice, options in shown.items()
        for option, band in options.items()
        for cells in band_rows(years, band, run.by_option[choice][option].draws, 100.0)
        if cells[0].raw in TOLD_YEARS
    ]
    more = [choice for choice in found if choice not in shown]
    left_out = f" Not drawn, for its many options: {', '.join(more)}." if more else ""
    measures = (f"%: {c}" for c in ESTIMATE_COLUMNS)
    return Exhibit(
        "How long it holds under each book and structural choice",
        "Each panel splits the draws by the option they took: how far its curves lie apart is what "
        f"that choice does to the answer. Bands are the Monte Carlo error.{left_out}",
        partial(choices, panels),
        table(("choice", "option", "years since the ceasefire", *measures), rows),
    )


@canvas.drawn
def choices(panels: Sequence[Choice], frame: Frame = PAGE) -> Figure:
    """Draw survival under each option of each choice, named where the curves end."""
    width = frame.width
    columns = min(len(panels), 2 if not frame.narrow else 1)
    lines = -(-len(panels) // columns)
    wide = (width - 8.0) / columns
    titles = [canvas.wrapped(panel.title, wide - 16.0, bold=True) for panel in panels]
    longest = max(width_of(c.label) for panel in panels for c in panel.options)
    room = min(_LEAD + longest, 0.5 * wide)
    head = _TITLE * max(len(title) for title in titles) + 8.0
    step = head + _HIGH + 34.0
    key = [Entry(plot.MONTE_CARLO, GREY, "fill", alpha=plot.BAND)]
    figure, top = framed(frame, lines * step + 22.0, key)
    for k, panel in enumerate(panels):
        left, y = 4.0 + (k % columns) * wide, top + (k // columns) * step
        for i, line in enumerate(titles[k]):
            write(figure, left, y + 8.0 + _TITLE * i, line, bold=True)
        _panel(figure, panel, k, left, y + head, wide - room, room)
    note(figure, 4.0, top + lines * step + 6.0, plot.HOLD_OVER_YEARS)
    return figure


def _panel(
    figure: Figure, panel: Choice, k: int, left: float, top: float, wide: float, room: float
) -> None:
    horizon = float(panel.options[0].years[-1])
    axes = plot.small_box(figure, (left + 28.0, top, wide - 28.0, _HIGH), horizon)
    canvas.rules(axes, "y")
    for i, (label, years, band) in enumerate(panel.options):
        plot.draw_band(axes, years, band, series(i), fan=False, name=f"survival:{k}:{label}")
    ends = [
        (canvas.shortened(label, room - _LEAD), horizon, 100.0 * float(band.value[-1]))
        for label, _, band in panel.options
    ]
    plot.label_ends(figure, axes, ends, LINE - 3.0, top + 4.0)
