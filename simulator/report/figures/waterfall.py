"""What is left of a planned force at every step from paper to presence."""

from collections.abc import Sequence
from functools import partial
from typing import Final

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from simulator.estimates.force import STEPS
from simulator.number_format import error, with_error
from simulator.report import canvas
from simulator.report.canvas import SMALL, axes_at, shortened, width_of, write
from simulator.report.exhibit import Exhibit, kind
from simulator.report.frame import PAGE, Frame, framed
from simulator.report.palette import BLUE, INK, RULE
from simulator.report.tables import number, table
from simulator.results.runs import Run

ROW: Final = 22.0
_ALPHA: Final = 0.55

Bar = tuple[str, float, str]  # label, length, text at its end


@kind("waterfall", "what is left of a planned force, step by step", "run", 4)
def waterfall(run: Run) -> Exhibit | None:
    """What is left of the force at every step."""
    steps = {step: e for step, e in run.waterfall.items() if e.value is not None}
    if not steps:
        return None
    texts = {step: with_error(e.value, e.mcse, 0) for step, e in steps.items()}
    last = next(reversed(steps))
    return Exhibit(
        f"Of {texts['planned']} soldiers planned, {texts[last]} are {STEPS[last]}",
        "Means over worlds, those without a force and those in which the ceasefire has collapsed "
        "included. " + "; ".join(f"{STEPS[step]}: {text}" for step, text in texts.items()) + ".",
        partial(bars, [(STEPS[step], e.value or 0.0, texts[step]) for step, e in steps.items()]),
        table(
            ("step", "soldiers, mean", "Monte Carlo standard error"),
            [
                (STEPS[step], number(e.value, texts[step]), number(e.mcse, error(e.mcse)))
                for step, e in steps.items()
            ],
        ),
    )


@canvas.drawn
def bars(rows: Sequence[Bar], frame: Frame = PAGE) -> Figure:
    """Draw a bar a row, with its label before and its number behind it."""
    figure, top = framed(frame, ROW * len(rows) + 8.0)
    draw_bars(figure, rows, 4.0, top, frame.width - 12.0, ROW, SMALL)
    return figure


def draw_bars(
    figure: Figure,
    rows: Sequence[Bar],
    left: float,
    top: float,
    width: float,
    height: float,
    size: float,
) -> None:
    """Draw bars into a figure, from its pixel (left, top) on; ``height`` is that of a row."""
    texts = max(width_of(text, size) for *_, text in rows) + 8.0
    axes = labelled(figure, [label for label, *_ in rows], left, top, width - texts, height, size)
    axes.set_xlim(0.0, max(length for _, length, _ in rows) or 1.0)
    for i, (_, length, text) in enumerate(rows):
        patch(axes, 0.0, length, i, BLUE)
        write(figure, left + width, top + height * (i + 0.5), text, size=size, align="right")


def labelled(
    figure: Figure,
    labels: Sequence[str],
    left: float,
    top: float,
    width: float,
    height: float,
    size: float,
    most: float = 0.66,
) -> Axes:
    """Axes with a row for each label, which stands before it and takes at most a share of it."""
    room = min(max(width_of(label, size) for label in labels) + 10.0, most * width)
    axes = axes_at(figure, left + room, top, width - room, height * len(labels))
    axes.set_ylim(len(labels) - 0.5, -0.5)
    axes.set_yticks([])
    axes.tick_params(bottom=False, labelbottom=False)
    for spine in axes.spines.values():
        spine.set_visible(False)
    axes.axhline(-0.5, color=RULE, linewidth=0.7)
    for i, label in enumerate(labels):
        shown = shortened(label, room - 8.0, size)
        write(figure, left, top + height * (i + 0.5), shown, size=size)
    return axes


def patch(axes: Axes, start: float, length: float, row: int, colour: str, hatch: str = "") -> None:
    """One bar of a row."""
    axes.barh(
        row,
        length,
        0.72,
        start,
        facecolor=colour,
        edgecolor=INK,
        hatch=hatch or None,
        linewidth=0.5,
        alpha=_ALPHA,
        gid=f"bar:{row}:{colour}",
    )
