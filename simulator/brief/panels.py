"""The figures of a brief, drawn the same into a page of paper and into one of a screen."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from matplotlib.figure import Figure

from simulator.brief.contents import Brief
from simulator.number_format import percent, span, value_and_error
from simulator.quantities import QUANTITIES
from simulator.report.canvas import axes_at, drawing, pixels, sheet, shortened, width_of, write
from simulator.report.figures.force import draw_bars, labelled, patch
from simulator.report.palette import BLUE, GREEN, GREY, INK, MUTED, PAPER, VERMILION

TEXT: Final = 9.0  # pixels
ROW: Final = 17.0
KEY: Final = 18.0
AXIS: Final = 20.0
# Name, name where there is little room, colour, pattern.
_PARTS: Final = (
    ("collapse within 2 years", "end within 2 years", VERMILION, "//"),
    ("collapse in between", "in between", GREY, "--"),
    ("hold 20 years or longer", "hold 20 years", GREEN, ""),
)

Draw = Callable[[Figure, float, float, float], None]  # figure, left, top, width


@dataclass(frozen=True)
class Panel:
    """A figure of the brief."""

    title: str
    description: str
    height: float  # pixels, without its title
    draw: Draw


def panels(brief: Brief) -> list[Panel]:
    """The figures that a brief has something for."""
    kinds = ((brief.bars, _masses), (brief.differences, _differences), (brief.soldiers, _soldiers))
    return [panel(brief) for there, panel in kinds if there]


@drawing()
def figure_of(panel: Panel, width: float) -> Figure:
    """A panel alone on a sheet."""
    figure = sheet(width, panel.height)
    panel.draw(figure, 0.0, 0.0, width)
    return figure


def _masses(brief: Brief) -> Panel:
    def draw(figure: Figure, left: float, top: float, width: float) -> None:
        x = left
        whole = sum(28.0 + width_of(name, TEXT) for name, *_ in _PARTS) <= width
        for long, short, colour, hatch in _PARTS:
            name = long if whole else short
            _swatch(figure, x, top + 4.0, colour, hatch)
            write(figure, x + 16.0, top + 8.0, name, size=TEXT, colour=MUTED)
            x += 28.0 + width_of(name, TEXT)
        axes = labelled(figure, list(brief.bars), left, top + KEY, width, ROW, TEXT, most=0.4)
        axes.set_xlim(0.0, 1.0)
        for i, (early, late) in enumerate(brief.bars.values()):
            first, last = early.value or 0.0, late.value or 0.0
            shares = (first, 1.0 - first - last, last)
            most = max(filter(None, (early.mcse, late.mcse)), default=None)
            mcse = (early.mcse, most, late.mcse)
            start = 0.0
            for share, error, (_, _, colour, hatch) in zip(shares, mcse, _PARTS, strict=True):
                patch(axes, start, share, i, colour, hatch)
                text = percent(share, error, 0) + " %"
                (x, _), (end, _) = (pixels(axes, at, i) for at in (start, start + share))
                if end - x > width_of(text, TEXT) + 6.0:
                    y = top + KEY + ROW * (i + 0.5)
                    label = write(figure, (x + end) / 2.0, y, text, "center", size=TEXT)
                    label.set_bbox({"facecolor": PAPER, "edgecolor": "none", "pad": 1.0})
                start += share

    described = "; ".join(
        f"{name}: {percent(early.value, early.mcse, 0)} % collapse within 2 years, "
        f"{percent(late.value, late.mcse, 0)} % hold 20 years or longer"
        for name, (early, late) in brief.bars.items()
    )
    height = KEY + ROW * len(brief.bars) + 4.0
    return Panel("Where the probability lies", described, height, draw)


def _differences(brief: Brief) -> Panel:
    of = QUANTITIES[brief.differences[0].quantity]
    found = [
        (one.first, one.estimate.scaled(of.factor), one.significant, one.same)
        for one in brief.differences
    ]
    ranged = any(one[1].p05 is not None for one in found)
    notes = ["in points; line: 5-95 % over assumptions" if ranged else "in points"]
    if any(not significant and not same for *_, significant, same in found):
        notes.append("hollow: not significant")
    words = [
        "equal" if same else _signed(*value_and_error(e.value, e.mcse)) for _, e, _, same in found
    ]

    def draw(figure: Figure, left: float, top: float, width: float) -> None:
        number = max(width_of(word, TEXT) for word in words) + 8.0
        names = [name for name, *_ in found]
        axes = labelled(figure, names, left, top, width - number, ROW, TEXT, most=0.6)
        ends = [v or 0.0 for _, e, *_ in found for v in (e.value, e.p05, e.p95)]
        pad = 0.06 * (max(*ends, 0.0) - min(*ends, 0.0)) or 1.0
        axes.set_xlim(min(*ends, 0.0) - pad, max(*ends, 0.0) + pad)
        axes.axvline(0.0, color=INK, linewidth=0.8)
        axes.tick_params(labelbottom=True, bottom=True, labelsize=TEXT - 1.0)
        for i, (_, e, significant, same) in enumerate(found):
            if e.p05 is not None and e.p95 is not None:
                axes.plot([e.p05, e.p95], [i, i], color=BLUE, linewidth=1.2)
            face = BLUE if significant or same else PAPER
            here = [e.value or 0.0]
            axes.plot(here, [i], "o", color=BLUE, markerfacecolor=face, markersize=4.5)
            write(figure, left + width, top + ROW * (i + 0.5), words[i], "right", size=TEXT)
        for line, note in enumerate(notes):
            y = top + ROW * len(found) + AXIS + 6.0 + 12.0 * line
            write(figure, left, y, shortened(note, width, TEXT), size=TEXT, colour=MUTED)

    described = []
    for (name, e, *_), word in zip(found, words, strict=True):
        shown = span(e.p05, e.p95, brief.draws, most=1)
        ends = f" ({shown} over assumptions)" if shown else ""
        described.append(f"{name}: {word} points{ends}")
    title = f"{of.title[:1].upper()}{of.title[1:]}: difference from {brief.reference}"
    height = ROW * len(found) + AXIS + 4.0 + 12.0 * len(notes)
    return Panel(title, "; ".join(described), height, draw)


def _soldiers(brief: Brief) -> Panel:
    assert brief.soldiers is not None
    title, rows = brief.soldiers

    def draw(figure: Figure, left: float, top: float, width: float) -> None:
        draw_bars(figure, rows, left, top, width, ROW, TEXT)

    described = "; ".join(f"{name}: {text}" for name, _, text in rows)
    return Panel(title, described, ROW * len(rows) + 4.0, draw)


def _swatch(figure: Figure, left: float, top: float, colour: str, hatch: str) -> None:
    axes = axes_at(figure, left, top, 12.0, 8.0)
    axes.set_axis_off()
    axes.set_xlim(0.0, 1.0)
    axes.set_ylim(0.36, -0.36)
    patch(axes, 0.0, 1.0, 0, colour, hatch)


def _signed(value: str, error: str) -> str:
    sign = "" if value.startswith("-") or not float(value.replace(",", "")) else "+"
    return f"{sign}{value} ± {error}"
