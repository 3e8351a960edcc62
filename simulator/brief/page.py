"""A brief as one HTML page, for a desk, a phone and one sheet of paper, and as a PDF."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from markupsafe import Markup
from matplotlib.figure import Figure

import simulator
from simulator.brief.contents import Brief
from simulator.brief.panels import TEXT, Panel, figure_of, panels
from simulator.report.canvas import drawn, sheet, shortened, wrapped, write
from simulator.report.page import colours, policy_hash, templates
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
    """The page; it opens offline and asks for nothing.

    Every text is escaped; figures are serialised from a tree.
    """
    environment, source = templates("simulator.brief")
    styles = Styles()
    shown = panels(brief)
    figures = [
        _View(panel.title, is_whole, *_sizes(panel, i, is_whole, styles))
        for i, panel in enumerate(shown)
        for is_whole in [i == 0 or len(shown) == 2]
    ]
    style = colours() + source("brief.css") + styles.sheet()
    script = source("brief.js")
    return environment.get_template("brief.html.j2").render(
        brief=brief,
        unknown=brief.unknown + ALWAYS,
        written=brief.provenance.get("written"),
        figures=figures,
        version=simulator.__version__,
        disclaimer=DISCLAIMER,
        style=Markup(style),
        script=Markup(script),
        style_hash=policy_hash(f"\n{style}\n"),
        script_hash=policy_hash(script),
    )


@dataclass(frozen=True)
class _View:
    """A figure for a wide and for a narrow page; ``is_whole`` if it takes both columns."""

    title: str
    is_whole: bool
    wide: Markup
    narrow: Markup


def _sizes(panel: Panel, number: int, is_whole: bool, styles: Styles) -> Iterator[Markup]:
    for size, width in (("w", 2.0 * HALF if is_whole else HALF), ("n", HALF)):
        figure = figure_of(panel, width)
        name = f"{size}{number}"
        # Serialised from a tree: no text in it can be markup.
        yield Markup(inline_svg(figure, name, panel.title, panel.description, styles))


def pdf(brief: Brief) -> bytes:
    """The page as a PDF, drawn without a browser."""
    return figure_bytes(sheet_of(brief), "pdf")


@drawn
def sheet_of(brief: Brief) -> Figure:
    """One sheet of A4.

    Raises
    ------
    ValueError
        If it does not fit.
    """
    figure = sheet(*PAPER_SIZE)
    width = PAPER_SIZE[0] - 2.0 * MARGIN
    y = MARGIN
    for line in wrapped(brief.finding[0], width, TITLE, bold=True):
        write(figure, MARGIN, y, line, size=TITLE, bold=True)
        y += 19.0
    y = _text(figure, [" ".join(brief.finding[1:])], MARGIN, y + 2.0, width, size=10.0)
    y = _text(figure, [brief.subtitle], MARGIN, y, width, colour=MUTED) + GAP
    shown = panels(brief)
    for panel in shown[:1]:
        y = _heading(figure, panel.title, MARGIN, y, width)
        panel.draw(figure, MARGIN, y, width)
        y += panel.height + GAP
    others = shown[1:]
    half = (width - GAP) / 2.0
    tops = []
    for i, panel in enumerate(others):
        alone = len(others) == 1
        left = MARGIN + i * (half + GAP)
        top = _heading(figure, panel.title, left, y, width if alone else half)
        panel.draw(figure, left, top, width if alone else half)
        tops.append(top + panel.height)
    y = max(tops, default=y) + GAP
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
