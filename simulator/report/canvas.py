"""The sheet that figures are drawn on: sizes in pixels, one type size, text that is measured.

Every figure is a pure function of arrays to a `matplotlib.figure.Figure`. Nothing here uses
pyplot, and the settings of whoever runs it are put aside while it draws (`drawing`).
"""

import warnings
from bisect import bisect
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cache, partial
from typing import Any, Final, Literal

import matplotlib
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties, findfont
from matplotlib.ft2font import FT2Font, LoadFlags
from matplotlib.text import Text

from simulator.inputs.problems import printable
from simulator.report.palette import INK, MUTED, PAPER, RULE

WIDE: Final = 720.0  # pixels, as a page on a desk or on paper shows it
NARROW: Final = 340.0  # as a phone does
SIZE: Final = 12.0  # of all text, in pixels
SMALL: Final = 11.0
LINE: Final = 18.0  # from one line of text to the next
_DPI: Final = 72.0  # one pixel is one point
_MEASURED: Final = 100.0  # size at which text is measured: large, so that rounding is small
# A name in a script that the typeface lacks: whoever shows the figure has another one.
_NO_GLYPH: Final = "Glyph .* missing from font"

_SETTINGS: Final[dict[str, Any]] = {
    "font.family": ["DejaVu Sans"],  # comes with matplotlib: the same everywhere
    "font.size": SIZE,
    "svg.fonttype": "none",  # text stays text
    "svg.hashsalt": "simulator",
    "path.simplify": False,
    "text.parse_math": False,  # a dollar sign in somebody's title is a dollar sign
    "text.usetex": False,
    "text.hinting": "none",  # text is as wide as it is measured
    "axes.unicode_minus": True,
    "hatch.linewidth": 0.7,
    "pdf.fonttype": 42,
}


@contextmanager
def drawing() -> Iterator[None]:
    """Put matplotlib's settings to ours, and back; functions that draw are decorated with it."""
    settings: dict[Any, Any] = dict(matplotlib.rcParamsDefault.items())
    del settings["backend"]  # no figure here has a window
    with warnings.catch_warnings(), matplotlib.rc_context(settings | _SETTINGS):
        warnings.filterwarnings("ignore", _NO_GLYPH, UserWarning)
        yield


def sheet(width: float, height: float) -> Figure:
    """An empty figure of this size in pixels."""
    figure = Figure(figsize=(width / _DPI, height / _DPI), dpi=_DPI)
    figure.patch.set_facecolor(PAPER)
    return figure


def size_of(figure: Figure) -> tuple[float, float]:
    """Width and height in pixels."""
    width, height = figure.get_size_inches()
    return float(width) * _DPI, float(height) * _DPI


def axes_at(figure: Figure, left: float, top: float, width: float, height: float) -> Axes:
    """Add axes whose box lies at these pixels, counted from the top left."""
    w, h = size_of(figure)
    axes = figure.add_axes((left / w, 1.0 - (top + height) / h, width / w, height / h))
    axes.patch.set_alpha(0.0)
    for side, spine in axes.spines.items():
        spine.set_visible(side in ("left", "bottom"))
        spine.set_color(MUTED)
        spine.set_linewidth(0.8)
    axes.tick_params(colors=MUTED, labelcolor=INK, labelsize=SMALL, length=3.0, width=0.8, pad=3.0)
    return axes


def rules(axes: Axes, which: Literal["x", "y", "both"]) -> None:
    """Thin lines at the ticks, behind the data."""
    axes.set_axisbelow(True)
    axes.grid(True, axis=which, color=RULE, linewidth=0.7)


def pixels(axes: Axes, x: float, y: float) -> tuple[float, float]:
    """Where a point of the data lies, in pixels from the top left of the figure."""
    figure = axes.get_figure(root=True)
    assert figure is not None
    axes.get_xlim(), axes.get_ylim()  # settles what autoscaling has put off
    right, up = axes.transData.transform((x, y))
    return float(right), size_of(figure)[1] - float(up)


def plain(value: float, _: object = None) -> str:
    """A number at a tick, with a minus sign that is as wide as a digit."""
    return f"{value:,.10g}".replace("-", "−")


def write(
    figure: Figure,
    x: float,
    y: float,
    text: str,
    align: Literal["left", "center", "right"] = "left",
    *,
    size: float = SMALL,
    colour: str = INK,
    bold: bool = False,
) -> Text:
    """Write a line of text at pixels from the top left; ``y`` is the middle of its height."""
    w, h = size_of(figure)
    return figure.text(
        x / w,
        1.0 - y / h,
        printable(text),
        ha=align,
        va="center_baseline",
        fontsize=size,
        color=colour,
        fontweight="bold" if bold else "normal",
    )


note: Final = partial(write, colour=MUTED)  # what is secondary, such as the title of an axis


def width_of(text: str, size: float = SMALL, bold: bool = False) -> float:
    """Width of a line of text in pixels, in the typeface that figures are measured with.

    Browsers set the text of a page's figures in their own typeface; the usual ones are narrower.
    """
    return sum(_advance(letter, bold) for letter in printable(text)) * size


@cache
def _advance(letter: str, bold: bool) -> float:
    """Width of a letter at size 1; one that the typeface lacks is taken to be as wide as high."""
    font = _font(bold)
    if not font.get_char_index(ord(letter)):
        return 1.0
    glyph = font.load_char(ord(letter), flags=LoadFlags.NO_HINTING)
    return float(glyph.linearHoriAdvance) / 65_536.0 / _MEASURED


@cache
def _font(bold: bool) -> FT2Font:
    properties = FontProperties(family="DejaVu Sans", weight="bold" if bold else "normal")
    font = FT2Font(findfont(properties))  # our own: figures change the size of shared ones
    font.set_size(_MEASURED, _DPI)
    return font


def shortened(text: str, room: float, size: float = SMALL, bold: bool = False) -> str:
    """The text, or as much of it as fits into ``room`` pixels, with an ellipsis."""
    text = printable(text)
    if width_of(text, size, bold) <= room:
        return text

    def cut(letters: int) -> str:
        return f"{text[:letters].rstrip()}…"

    lengths = range(1, len(text))
    return cut(bisect(lengths, room, key=lambda n: width_of(cut(n), size, bold)))


def wrapped(text: str, room: float, size: float = SMALL, bold: bool = False) -> list[str]:
    """The text cut at blanks into lines that fit into ``room`` pixels."""
    lines: list[str] = []
    for word in printable(text).split(" "):
        if lines and width_of(f"{lines[-1]} {word}", size, bold) <= room:
            lines[-1] += f" {word}"
        else:
            lines.append(shortened(word, room, size, bold))
    return lines


def spread(
    wanted: Sequence[float], gap: float, low: float = float("-inf"), high: float = float("inf")
) -> list[float]:
    """Positions nearest to the wanted ones that keep a distance and stay within bounds.

    Least squares under ``p[i + 1] - p[i] >= gap`` in the order of the wanted positions: isotonic
    regression of ``wanted[i] - i * gap`` by pooling adjacent violators (Ayer et al. 1955). Where
    the bounds leave too little room the gap is made smaller.

    >>> spread([5.0, 5.0, 9.0], 2.0)
    [4.0, 6.0, 9.0]
    >>> spread([0.0, 1.0], 2.0, low=0.0)
    [0.0, 2.0]
    """
    n = len(wanted)
    if n > 1:
        gap = min(gap, (high - low) / (n - 1))
    order = sorted(range(n), key=lambda i: wanted[i])
    pools: list[tuple[float, int]] = []  # mean and size
    for rank, i in enumerate(order):
        mean, size = wanted[i] - rank * gap, 1
        while pools and pools[-1][0] > mean:
            earlier, count = pools.pop()
            mean = (earlier * count + mean * size) / (count + size)
            size += count
        pools.append((mean, size))
    found = [0.0] * n
    levels = [mean for mean, size in pools for _ in range(size)]
    for rank, i in enumerate(order):
        found[i] = min(max(levels[rank], low), high - (n - 1) * gap) + rank * gap
    return found
