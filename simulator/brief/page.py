"""A brief as one HTML page, for a desk, a phone and one sheet of paper, and as a PDF."""

from typing import Final

from markupsafe import Markup
from matplotlib.figure import Figure

import simulator
from simulator.brief.contents import Brief
from simulator.brief.panels import TEXT, Panel, figure_of, panels
from simulator.report.canvas import drawing, sheet, shortened, wrapped, write
from simulator.report.page import single_page
from simulator.report.palette import INK, MUTED
from simulator.report.prose.names import RECORD_ENDS
from simulator.report.save import Styles, figure_bytes, inline_svg

PAPER_SIZE: Final = (595.0, 842.0)  # A4, in pixels of one point
MARGIN: Final = 40.0
GAP: Final = 14.0
LINE: Final = 12.5
TITLE: Final = 14.0
HALF: Final = 340.0  # width of a figure on a screen
# What no simulation knows, whatever was simulated.
ALWAYS: Final = (
    f"What happens after {RECORD_ENDS:g} years: fewer than three ceasefires with a force were "
    "observed for longer, so later years are extrapolated.",
    "Ranges are 5-95 % over assumptions; more simulation does not narrow them.",
)
DISCLAIMER: Final = "A simulation of stated assumptions, not a forecast."


def html(brief: Brief) -> str:
    """The page; it opens offline and asks for nothing."""
    styles, shown = Styles(), panels(brief)

    def drawn(panel: Panel, name: str, width: float) -> Markup:
        figure = figure_of(panel, width)
        # Serialised from a tree: no text in it can be markup.
        return Markup(inline_svg(figure, name, panel.title, panel.description, styles))

    figures = []
    for i, panel in enumerate(shown):
        is_whole = i == 0 or len(shown) == 2  # takes both columns
        wide = drawn(panel, f"w{i}", 2.0 * HALF if is_whole else HALF)
        figures.append((panel.title, is_whole, wide, drawn(panel, f"n{i}", HALF)))
    return single_page(
        "brief",
        styles.sheet(),
        brief=brief,
        unknown=brief.unknown + ALWAYS,
        written=brief.provenance.get("written"),
        figures=figures,
        disclaimer=DISCLAIMER,
    )


def pdf(brief: Brief) -> bytes:
    """The page as a PDF, drawn without a browser."""
    return figure_bytes(sheet_of(brief), "pdf")


@drawing()
def sheet_of(brief: Brief) -> Figure:
    """One sheet of A4; ValueError if it does not fit."""
    figure = sheet(*PAPER_SIZE)
    width = PAPER_SIZE[0] - 2.0 * MARGIN
    y = MARGIN
    for line in wrapped(brief.finding[0], width, TITLE, bold=True):
        write(figure, MARGIN, y, line, size=TITLE, bold=True)
        y += 19.0
    y = _text(figure, [" ".join(brief.finding[1:])], MARGIN, y + 2.0, width, size=10.0)
    y = _text(figure, [brief.subtitle], MARGIN, y, width, colour=MUTED) + GAP
    shown, half = panels(brief), (width - GAP) / 2.0
    for row in filter(None, (shown[:1], shown[1:])):  # the first over both columns
        room, ends = width if len(row) == 1 else half, []
        for i, panel in enumerate(row):
            left = MARGIN + i * (half + GAP)
            top = _heading(figure, panel.title, left, y, room)
            panel.draw(figure, left, top, room)
            ends.append(top + panel.height)
        y = max(ends) + GAP
    if not shown[1:]:
        y += GAP
    columns = (
        (brief.decides_title, [f"{name}: {effect}." for name, effect in brief.decides]),
        ("What no simulation knows", [*brief.unknown, *ALWAYS]),
    )
    ends = []
    for i, (title, lines) in enumerate(columns):
        left = MARGIN + i * (half + GAP)
        top = _heading(figure, title, left, y, half)
        ends.append(_text(figure, lines or ["Nothing clearly."], left, top, half, gap=3.0))
    y = max(ends) + GAP
    y = _heading(figure, "How to reproduce it", MARGIN, y, width)
    lines = [f"{what}: {value}" for what, value in brief.reproduce]
    y = _text(figure, lines, MARGIN, y, width, colour=MUTED)
    if y > PAPER_SIZE[1] - MARGIN:
        raise ValueError(f"the brief takes {y:.0f} of {PAPER_SIZE[1] - MARGIN:.0f} points")
    written = brief.provenance.get("written", "")
    end = f"ceasefire-simulator {simulator.__version__}, {written}. {DISCLAIMER}"
    bottom = PAPER_SIZE[1] - MARGIN + 12.0
    write(figure, MARGIN, bottom, shortened(end, width, TEXT), size=TEXT, colour=MUTED)
    return figure


def _heading(figure: Figure, text: str, left: float, top: float, room: float) -> float:
    for line in wrapped(text, room, 10.0, bold=True):
        write(figure, left, top, line, size=10.0, bold=True)
        top += 14.0
    return top


def _text(
    figure: Figure,
    paragraphs: list[str],
    left: float,
    top: float,
    room: float,
    *,
    size: float = TEXT,
    colour: str = INK,
    gap: float = 0.0,
) -> float:
    for paragraph in filter(None, paragraphs):
        for line in wrapped(paragraph, room, size):
            write(figure, left, top, line, size=size, colour=colour)
            top += LINE if size == TEXT else LINE + 1.0
        top += gap
    return top
