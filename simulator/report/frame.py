"""What stands around a figure's drawing: its heading, its key, where it comes from."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Rectangle

from simulator.report.canvas import LINE, SIZE, WIDE, note, sheet, size_of, width_of, wrapped, write
from simulator.report.palette import FAINT, MUTED, PAPER, SOLID, Dashes, Look

_SWATCH: Final = 22.0
_BETWEEN: Final = 16.0


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of a key: a swatch and what it stands for."""

    label: str
    colour: str
    kind: Literal["line", "fill", "dot", "tick", "gap"] = "line"
    dashes: Dashes = SOLID
    hatch: str = ""
    alpha: float = 1.0

    @property
    def width(self) -> float:
        """Pixels that it takes."""
        return _SWATCH + 6.0 + width_of(self.label)


def filled(label: str, look: Look, alpha: float) -> Entry:
    """The entry of an area or a bar."""
    return Entry(label, look.colour, "fill", SOLID, look.hatch, alpha)


@dataclass(frozen=True, slots=True)
class Frame:
    """How wide a figure is, the title over it (empty where the page says it), its source under."""

    width: float = WIDE
    title: str = ""
    source: str = ""

    @property
    def narrow(self) -> bool:
        """Whether it is for a column or a phone."""
        return self.width < WIDE


PAGE: Final = Frame()


def framed(frame: Frame, body: float, key: Sequence[Entry] = ()) -> tuple[Figure, float]:
    """A figure with room for ``body`` pixels of drawing between its heading and its key.

    With it comes where the body begins, in pixels from the top.
    """
    title_size, room = SIZE * 1.1, frame.width - 8.0
    titles = wrapped(frame.title, room, title_size, bold=True) if frame.title else []
    sources = wrapped(frame.source, room) if frame.source else []
    rows = _rows(key, room)
    top = 22.0 * len(titles) + (6.0 if titles else 0.0)
    under = top + body + LINE * len(rows) + (6.0 if key else 0.0)
    figure = sheet(frame.width, under + LINE * len(sources) + (4.0 if sources else 0.0))
    for i, line in enumerate(titles):
        write(figure, 4.0, 22.0 * (i + 0.5), line, size=title_size, bold=True)
    for i, row in enumerate(rows):
        x, y = 4.0, top + body + 6.0 + LINE * (i + 0.5)
        for entry in row:
            _swatch(figure, entry, x, y)
            note(figure, x + _SWATCH + 6.0, y, entry.label)
            x += entry.width + _BETWEEN
    for i, line in enumerate(sources):
        note(figure, 4.0, under + 4.0 + LINE * (i + 0.5), line)
    return figure, top


def _rows(entries: Sequence[Entry], width: float) -> list[list[Entry]]:
    rows: list[list[Entry]] = []
    used = width + 1.0
    for entry in entries:
        if used + _BETWEEN + entry.width > width:
            rows.append([])
            used = -_BETWEEN
        rows[-1].append(entry)
        used += _BETWEEN + entry.width
    return rows


def _swatch(figure: Figure, entry: Entry, x: float, y: float) -> None:
    w, h = size_of(figure)
    left, right, middle = x / w, (x + _SWATCH) / w, 1.0 - y / h
    common: dict[str, Any] = {"transform": figure.transFigure, "alpha": entry.alpha}
    lined = common | {"color": entry.colour}
    match entry.kind:
        case "gap":
            write(figure, x + _SWATCH / 2.0, y, "–", "center", colour=entry.colour)
        case "fill":
            # Faint lines are not seen on paper.
            lines = MUTED if entry.colour == PAPER else FAINT
            common |= {"facecolor": entry.colour, "edgecolor": lines if entry.hatch else "none"}
            common |= {"hatch": entry.hatch or None, "linewidth": 0.0}
            corner = (left, middle - 5.0 / h)
            figure.add_artist(Rectangle(corner, _SWATCH / w, 10.0 / h, **common))
        case "dot":
            lined |= {"marker": "o", "markersize": 6.5, "linestyle": "none"}
            figure.add_artist(Line2D([(left + right) / 2.0], [middle], **lined))
        case "line" | "tick":
            lined |= {"linestyle": entry.dashes, "solid_capstyle": "butt"}
            lined |= {"linewidth": 5.0 if entry.kind == "tick" else 2.0}
            figure.add_artist(Line2D([left, right], [middle, middle], **lined))
