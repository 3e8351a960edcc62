"""One path as a picture: phases, backstop, soldiers, who was there, and how it ended."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, MaxNLocator

from simulator.report.canvas import (
    SMALL,
    WIDE,
    axes_at,
    drawn,
    rules,
    shortened,
    size_of,
    width_of,
    write,
)
from simulator.report.figures.axes import pixels
from simulator.report.frame import Entry, Heading, framed
from simulator.report.palette import BLUE, GREEN, GREY, INK, MUTED, PHASES, SOLID, STYLES, VERMILION


@dataclass(frozen=True, slots=True)
class Stay:
    """A state that lasts from ``start`` to ``stop``, in years."""

    label: str
    start: float
    stop: float


@dataclass(frozen=True, slots=True)
class Path:
    """One simulated ceasefire.

    Attributes
    ----------
    end : float
        Years to the collapse, or to the horizon.
    cause : str or None
        None where it still holds.
    phases : tuple of Stay
        From 0 to the end without gaps, labelled by phase.
    backstop : tuple of Stay
        When the backstop is on; None where none is promised.
    contributors : tuple of Stay
        Labelled by contributor, in the order of arrival.
    troops : tuple of (years, soldiers)
        Changes, from (0, 0) on.
    moments : tuple of (years, str)
        Events that are neither of these.
    """

    end: float
    cause: str | None
    phases: tuple[Stay, ...]
    backstop: tuple[Stay, ...] | None
    contributors: tuple[Stay, ...]
    troops: tuple[tuple[float, float], ...]
    moments: tuple[tuple[float, str], ...]


_STRIP: Final = 22.0
_ALPHA: Final = 0.6


@drawn
def timeline(path: Path, *, width: float = WIDE, heading: Heading | None = None) -> Figure:
    """Draw a path in strips over one axis of years.

    Returns
    -------
    Figure
        Patches ``phase:I``, ``backstop:I`` and ``stay:I``, the line ``troops``, points
        ``moment:I`` and the line ``end``; years.
    """
    narrow = width < WIDE
    strips = ["phase", *(["American backstop"] if path.backstop is not None else [])]
    strips += [stay.label for stay in path.contributors] + [text for _, text in path.moments]
    room = min(
        max(width_of(text, SMALL) for text in strips) + 14.0, (0.48 if narrow else 0.34) * width
    )
    room = max(room, 60.0)
    chart = 90.0 if any(soldiers for _, soldiers in path.troops) else 0.0
    tall = _STRIP * len(strips) + (chart + 30.0 if chart else 0.0)
    figure, top = framed(width, tall + 66.0, _key(path), heading)
    span = path.end * 1.02
    wide = width - room - 26.0

    axes = axes_at(figure, room, top + 22.0, wide, _STRIP * len(strips))
    axes.set_ylim(_STRIP * len(strips), 0.0)
    axes.set_yticks([])
    for i, text in enumerate(strips):
        y = top + 22.0 + _STRIP * (i + 0.5)
        write(figure, room - 8.0, y, shortened(text, room - 12.0, SMALL), align="right", size=SMALL)
    _strips(axes, path)
    _end(figure, axes, path, span, top)
    lowest = axes
    if chart:
        lowest = axes_at(figure, room, top + 52.0 + _STRIP * len(strips), wide, chart)
        _troops(figure, lowest, path, room)
        axes.tick_params(labelbottom=False)
    for one in (axes, lowest):
        one.set_xlim(0.0, span)
        rules(one, "x")
        one.xaxis.set_major_locator(MaxNLocator(4 if narrow else 7, steps=[1, 2, 5, 10]))
    _, height = pixels(lowest, 0.0, lowest.get_ylim()[0])
    title = "years since the ceasefire"
    write(figure, room + wide / 2.0, height + 28.0, title, align="center", size=SMALL, colour=MUTED)
    return figure


def _strips(axes: Axes, path: Path) -> None:
    for i, stay in enumerate(path.phases):
        look = PHASES[stay.label]
        _block(axes, stay, 0, f"phase:{i}", look.colour, look.hatch)
    row = 1
    if path.backstop is not None:
        for i, stay in enumerate(path.backstop):
            _block(axes, stay, row, f"backstop:{i}", BLUE)
        row += 1
    for i, stay in enumerate(path.contributors):
        _block(axes, stay, row + i, f"stay:{i}", GREY)
    row += len(path.contributors)
    for i, (years, _) in enumerate(path.moments):
        y = _STRIP * (row + i + 0.5)
        axes.plot([years], [y], "D", color=INK, ms=6.0, clip_on=False, gid=f"moment:{i}")


def _block(axes: Axes, stay: Stay, row: int, name: str, colour: str, hatch: str = "") -> None:
    axes.barh(
        _STRIP * row + 4.0,
        stay.stop - stay.start,
        _STRIP - 8.0,
        stay.start,
        align="edge",
        facecolor=colour,
        edgecolor=INK,
        hatch=hatch or None,
        linewidth=0.5,
        alpha=_ALPHA,
        gid=name,
    )


def _end(figure: Figure, axes: Axes, path: Path, span: float, top: float) -> None:
    axes.set_xlim(0.0, span)
    colour = GREEN if path.cause is None else VERMILION
    axes.axvline(path.end, color=colour, lw=2.0, gid="end")
    text = (
        f"holds at {path.end:.3g} years" if path.cause is None else f"{path.cause}: {_when(path)}"
    )
    x, _ = pixels(axes, path.end, 0.0)
    right = min(x + width_of(text, SMALL) / 2.0, size_of(figure)[0] - 4.0)
    write(figure, right, top + 12.0, text, align="right", size=SMALL)


def _when(path: Path) -> str:
    if path.end < 1.0:
        return f"{path.end * 12.0:.2g} months"
    return f"{path.end:.3g} years"


def _troops(figure: Figure, axes: Axes, path: Path, room: float) -> None:
    x = [years for years, _ in path.troops] + [path.end]
    y = [soldiers for _, soldiers in path.troops]
    axes.stairs(y, x, color=INK, lw=1.8, baseline=None, gid="troops")
    axes.set_ylim(0.0, 1.1 * max(y))
    axes.yaxis.set_major_locator(MaxNLocator(3))
    axes.yaxis.set_major_formatter(FuncFormatter(lambda v, _: f"{v:,.0f}"))
    _, top = pixels(axes, 0.0, axes.get_ylim()[1])
    write(figure, room, top - 12.0, "soldiers deployed", size=SMALL, colour=MUTED)


def _key(path: Path) -> list[Entry]:
    seen: Sequence[str] = [name for name in PHASES if any(s.label == name for s in path.phases)]
    key = [
        Entry(name, PHASES[name].colour, "fill", SOLID, PHASES[name].hatch, _ALPHA) for name in seen
    ]
    if path.backstop is not None:
        key.append(Entry("backstop on", BLUE, "fill", alpha=_ALPHA))
    if path.contributors:
        key.append(Entry("deployed", GREY, "fill", alpha=_ALPHA))
    end = ("still holds", GREEN) if path.cause is None else ("collapse", VERMILION)
    return [*key, Entry(end[0], end[1], "line", STYLES[0])]
