"""Colours and line styles of every figure.

Okabe and Ito's eight colours are distinct to readers with any common colour vision; a line style
or a pattern always goes with them, so that a grey print loses nothing. Text is never coloured.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

# Okabe & Ito (2008), "Color Universal Design".
ORANGE: Final = "#e69f00"
SKY: Final = "#56b4e9"
GREEN: Final = "#009e73"
YELLOW: Final = "#f0e442"
BLUE: Final = "#0072b2"
VERMILION: Final = "#d55e00"
PURPLE: Final = "#cc79a7"

INK: Final = "#1b1b1d"  # text and axes
MUTED: Final = "#5b5b60"  # secondary text
RULE: Final = "#d8d8dc"  # grid
FAINT: Final = "#ececf0"  # fills that only separate
GREY: Final = "#8f8f96"  # curves in the background
PAPER: Final = "#fefefe"  # under text that crosses a line

# Colour -> its name as a custom property of a page, and what it becomes on a dark page. A figure in
# a page refers to these, so that one figure serves both; on its own it keeps the light values.
THEME: Final[Mapping[str, tuple[str, str]]] = {
    INK: ("ink", "#ececf1"),
    MUTED: ("muted", "#b3b3bd"),
    RULE: ("rule", "#3d3d45"),
    FAINT: ("faint", "#2b2b32"),
    GREY: ("grey", "#85858f"),
    PAPER: ("paper", "#17171b"),
    BLUE: ("blue", "#4ea8e0"),
    VERMILION: ("vermilion", "#f07f35"),
    GREEN: ("green", "#23b88c"),
    PURPLE: ("purple", "#d78fb6"),
    ORANGE: ("orange", "#e8a81f"),
    SKY: ("sky", "#56b4e9"),
    YELLOW: ("yellow", "#f0e442"),
}

Dashes = tuple[float, tuple[float, ...]] | Literal["solid"]
SOLID: Final[Literal["solid"]] = "solid"
STYLES: Final[tuple[Dashes, ...]] = (
    SOLID,
    (0.0, (6.0, 2.0)),
    (0.0, (2.0, 1.5)),
    (0.0, (7.0, 2.0, 1.5, 2.0)),
)
_SERIES: Final = (BLUE, VERMILION, GREEN, PURPLE, ORANGE, SKY, INK)


@dataclass(frozen=True, slots=True)
class Look:
    """How one series is drawn."""

    colour: str
    dashes: Dashes = SOLID
    hatch: str = ""


def series(index: int) -> Look:
    """Colour and dashes of the series with this number; 28 differ from each other.

    >>> len({(series(i).colour, series(i).dashes) for i in range(28)})
    28
    """
    turn, place = divmod(index, len(_SERIES))
    return Look(_SERIES[place], STYLES[(place + turn) % len(STYLES)])


CAUSES: Final[Mapping[str, Look]] = {
    "offensive": Look(VERMILION),
    "escalation": Look(ORANGE, STYLES[1], "//"),
    "unravelling": Look(SKY, STYLES[2], "--"),
}
PHASES: Final[Mapping[str, Look]] = {
    "establishing": Look(GREY, SOLID, "--"),
    "holding": Look(GREEN),
    "failing": Look(VERMILION, SOLID, "//"),
}


def luminance(red: float, green: float, blue: float) -> float:
    """Relative luminance of an sRGB colour with parts in [0, 1] (WCAG 2.2).

    >>> luminance(1.0, 1.0, 1.0), luminance(0.0, 0.0, 0.0)
    (1.0, 0.0)
    """
    parts = [
        p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in (red, green, blue)
    ]
    return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]
