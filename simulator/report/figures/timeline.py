"""One path as a picture: phases, backstop, soldiers, who was there, and how it ended."""

from functools import partial
from itertools import pairwise
from typing import Final, NamedTuple

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, MaxNLocator

from simulator.report import canvas, plot
from simulator.report.canvas import note, pixels, width_of, write
from simulator.report.exhibit import Exhibit, exhibit, kind
from simulator.report.frame import PAGE, Entry, Frame, filled, framed
from simulator.report.palette import BLUE, GREEN, GREY, INK, PHASES, VERMILION, Look
from simulator.report.tables import number, table
from simulator.results.load import Trace

MOMENTS: Final = {
    "mission_end": "the mission ends",
    "army_restored": "Ukraine's army: a quarter more",
    "reconstituted": "Russia: a quarter readier",
    "reinforcement": "the force is reinforced",
}
COLUMNS: Final = (
    *("years", "what happened", "phase after it", "soldiers after it", "backstop after it"),
    "hazard of collapse just before, per year",
)
_STRIP: Final = 22.0
_ALPHA: Final = 0.6


class Stay(NamedTuple):
    """A state that lasts from ``start`` to ``stop``, in years."""

    label: str
    start: float
    stop: float


class Path(NamedTuple):
    """One simulated ceasefire, to its collapse or to the horizon."""

    end: float  # years
    cause: str | None  # None where it still holds
    phases: tuple[Stay, ...]  # from 0 to the end without gaps
    backstop: tuple[Stay, ...] | None  # when it is on; None where none is promised
    contributors: tuple[Stay, ...]  # in the order of arrival
    troops: tuple[tuple[float, float], ...]  # changes, from (0, 0) on
    moments: tuple[tuple[float, str], ...]  # events that are neither of these


@kind("timeline", "one path from its first day to its end", "trace", 1)
def _of_trace(trace: Trace) -> Exhibit:
    rows = []
    for e in trace.events:
        hazard = sum(e.hazards.values())
        cells = (number(e.years, f"{e.years:.3g}"), e.text, e.phase, float(e.troops))
        rows.append((*cells, "on" if e.backstop_on else "off", number(hazard, f"{hazard:.2g}")))
    return exhibit(
        "timeline", partial(timeline, _path_of(trace)), table(COLUMNS, rows), trace=trace
    )


def _path_of(trace: Trace) -> Path:
    events, end = trace.events, trace.end.years
    phases, troops = [(0.0, next(iter(PHASES)))], [(0.0, 0.0)]
    times: dict[str, dict[str, float]] = {"arrival": {}, "exit": {}}
    for e in events:
        if e.phase != phases[-1][1]:  # a phase that is drawn again goes on
            phases.append((e.years, e.phase))
        if float(e.troops) != troops[-1][1] and e.kind != "collapse":
            troops.append((e.years, float(e.troops)))
        if e.kind in times:
            times[e.kind][e.event.partition(":")[2]] = e.years
    stops = pairwise([*phases, (end, "")])
    turns = [0.0, *(e.years for e in events if e.kind == "backstop"), end]
    spells = list(pairwise(turns))[0 if trace.backstop_on else 1 :: 2]
    mission = min((e.years for e in events if e.kind == "mission_end"), default=end)
    return Path(
        end=end,
        cause=trace.end.cause,
        phases=tuple(Stay(phase, start, stop) for (start, phase), (stop, _) in stops),
        backstop=None
        if trace.backstop_on is None
        else tuple(Stay("backstop", *spell) for spell in spells),
        contributors=tuple(
            Stay(name.replace("-", " ").title(), start, times["exit"].get(name, min(mission, end)))
            for name, start in times["arrival"].items()
        ),
        troops=tuple(troops),
        moments=tuple((e.years, MOMENTS[e.kind]) for e in events if e.kind in MOMENTS),
    )


@canvas.drawing()
def timeline(path: Path, frame: Frame = PAGE) -> Figure:
    """Draw a path in strips over one axis of years."""
    width, narrow = frame.width, frame.narrow
    strips = ["phase", *(["American backstop"] if path.backstop is not None else [])]
    strips += [stay.label for stay in path.contributors] + [text for _, text in path.moments]
    room = min(max(map(width_of, strips)) + 14.0, (0.48 if narrow else 0.34) * width)
    room = max(room, 60.0)
    chart = 90.0 if any(soldiers for _, soldiers in path.troops) else 0.0
    high = _STRIP * len(strips)
    tall = high + (chart + 30.0 if chart else 0.0)
    figure, top = framed(frame, tall + 66.0, _key(path))
    span, wide = path.end * 1.02, width - room - 26.0

    axes = canvas.axes_at(figure, room, top + 22.0, wide, high)
    axes.set_ylim(high, 0.0)
    axes.set_yticks([])
    for i, text in enumerate(strips):
        shown = canvas.shortened(text, room - 12.0)
        write(figure, room - 8.0, top + 22.0 + _STRIP * (i + 0.5), shown, "right")
    _strips(axes, path)
    _end(figure, axes, path, span, top)
    lowest = axes
    if chart:
        lowest = canvas.axes_at(figure, room, top + 52.0 + high, wide, chart)
        _soldiers(figure, lowest, path, room)
        axes.tick_params(labelbottom=False)
    for one in (axes, lowest):
        one.set_xlim(0.0, span)
        canvas.rules(one, "x")
        one.xaxis.set_major_locator(MaxNLocator(4 if narrow else 7, steps=[1, 2, 5, 10]))
    _, height = pixels(lowest, 0.0, lowest.get_ylim()[0])
    note(figure, room + wide / 2.0, height + 28.0, "years since the ceasefire", "center")
    return figure


def _strips(axes: Axes, path: Path) -> None:
    rows = [[(f"phase:{i}", stay, PHASES[stay.label]) for i, stay in enumerate(path.phases)]]
    if path.backstop is not None:
        rows.append([(f"backstop:{i}", stay, Look(BLUE)) for i, stay in enumerate(path.backstop)])
    rows += [[(f"stay:{i}", stay, Look(GREY))] for i, stay in enumerate(path.contributors)]
    for row, blocks in enumerate(rows):
        down = _STRIP * row + 4.0, _STRIP * row + _STRIP - 4.0
        for name, (_, start, stop), look in blocks:
            across = start, stop
            plot.draw_bar(axes, across, down, look, alpha=_ALPHA, gid=name, linewidth=0.5)
    for i, (years, _) in enumerate(path.moments):
        y = _STRIP * (len(rows) + i + 0.5)
        axes.plot([years], [y], "D", color=INK, ms=6.0, clip_on=False, gid=f"moment:{i}")


def _end(figure: Figure, axes: Axes, path: Path, span: float, top: float) -> None:
    axes.set_xlim(0.0, span)
    colour = GREEN if path.cause is None else VERMILION
    axes.axvline(path.end, color=colour, lw=2.0, gid="end")
    when = f"{path.end * 12.0:.2g} months" if path.end < 1.0 else f"{path.end:.3g} years"
    text = f"{path.cause}: {when}"
    text = f"holds at {path.end:.3g} years" if path.cause is None else text
    right = pixels(axes, path.end, 0.0)[0] + width_of(text) / 2.0
    write(figure, min(right, canvas.size_of(figure)[0] - 4.0), top + 12.0, text, "right")


def _soldiers(figure: Figure, axes: Axes, path: Path, room: float) -> None:
    x = [years for years, _ in path.troops] + [path.end]
    y = [soldiers for _, soldiers in path.troops]
    axes.stairs(y, x, color=INK, lw=1.8, baseline=None, gid="troops")
    axes.set_ylim(0.0, 1.1 * max(y))
    axes.yaxis.set_major_locator(MaxNLocator(3))
    axes.yaxis.set_major_formatter(FuncFormatter(lambda v, _: f"{v:,.0f}"))
    note(figure, room, pixels(axes, 0.0, axes.get_ylim()[1])[1] - 12.0, "soldiers deployed")


def _key(path: Path) -> list[Entry]:
    seen = [(name, look) for name, look in PHASES.items() if any(s[0] == name for s in path.phases)]
    key = [filled(name, look, _ALPHA) for name, look in seen]
    if path.backstop is not None:
        key.append(Entry("backstop on", BLUE, "fill", alpha=_ALPHA))
    if path.contributors:
        key.append(Entry("deployed", GREY, "fill", alpha=_ALPHA))
    end = ("still holds", GREEN) if path.cause is None else ("collapse", VERMILION)
    return [*key, Entry(*end)]
