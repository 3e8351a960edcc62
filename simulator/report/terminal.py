"""Small pictures for a terminal: a survival curve, and bars of how it ends.

No figure library is imported: a run shows them before anybody asks for a figure.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np
from rich.console import Group, RenderableType
from rich.text import Text

from simulator.number_format import percent

LEAST_WIDTH: Final = 72  # columns; narrower terminals get no pictures
_MOST_WIDTH: Final = 100
_ROWS: Final = 10  # of the curve; each has an upper and a lower half
_CURVE: Final = "cyan"
_EIGHTHS: Final = " ▏▎▍▌▋▊▉█"
_LABEL: Final = 12  # columns for the names of bars


def pictures(one: Mapping[str, Any], width: int, encoding: str = "utf-8") -> RenderableType | None:
    """A survival curve and bars by cause for one scenario of a run.

    Parameters
    ----------
    one : mapping
        As ``simulator.analysis.summary.summary`` gives it.
    width : int
        Columns of the terminal.
    encoding : str
        Of the terminal (``sys.stdout.encoding``).

    Returns
    -------
    rich renderable or None
        None where the terminal is too narrow or cannot show blocks.
    """
    if width < LEAST_WIDTH or not _can_show(encoding):
        return None
    width = min(width, _MOST_WIDTH)
    return Group(survival_picture(one["curve"], width), Text(""), cause_bars(one, width))


def _can_show(encoding: str) -> bool:
    try:
        "█▀▄▌░┤└─┬".encode(encoding)
    except (LookupError, UnicodeEncodeError):
        return False
    return True


def survival_picture(curve: Mapping[str, Sequence[Any]], width: int) -> Text:
    """Share that still holds over the years, in blocks, the range over assumptions shaded.

    Parameters
    ----------
    curve : mapping
        ``years``, ``survival``, ``p05``, ``p95``; None where unknown.
    width : int
        Columns, the scale included.
    """
    years = np.array(curve["years"], np.float64)
    columns = width - 8
    at = (np.arange(columns) + 0.5) / columns * years[-1]
    value, low, high = (
        np.interp(at, years, np.array(curve[name], np.float64))
        for name in ("survival", "p05", "p95")
    )
    shaded = bool(np.isfinite(low).all() and np.isfinite(high).all())
    text = Text.assemble(("still hold, %\n", "dim"))
    for row in range(_ROWS):
        text.append(_scale(row), style="dim")
        top = 1.0 - row / _ROWS
        for column in range(columns):
            _cell(
                text,
                top,
                value[column],
                low[column] if shaded else 2.0,
                high[column] if shaded else -1.0,
            )
        text.append("\n")
    text.append(_axis(float(years[-1]), columns), style="dim")
    text.append("\n       years since the ceasefire   ", style="dim")
    text.append("▀", style=_CURVE)
    text.append(" mean", style="dim")
    if shaded:
        text.append("   ░ 5-95 % over assumptions", style="dim")
    return text


def _scale(row: int) -> str:
    marks = {0: "100", _ROWS // 2: "50"}
    return f"  {marks.get(row, ''):>3} {'┤' if row in marks else '│'}"


def _cell(text: Text, top: float, value: float, low: float, high: float) -> None:
    """One character, from ``top`` down by a row: the curve if it is here, else the range."""
    half = 0.5 / _ROWS
    if top - half < value <= top:
        text.append("▀", style=_CURVE)
    elif top - 2.0 * half < value <= top - half or (value == 0.0 and top <= 2.0 * half + 1e-9):
        text.append("▄", style=_CURVE)
    elif low < top - half <= high:
        text.append("░", style="dim")
    else:
        text.append(" ")


def _axis(horizon: float, columns: int) -> str:
    """The line of years and the numbers under it."""
    step = next((s for s in (0.5, 1.0, 2.0, 5.0, 10.0) if horizon / s <= 7.0), 20.0)
    line, numbers = ["─"] * (columns + 1), [" "] * (columns + 10)
    for k in range(math.floor(horizon / step + 1e-9) + 1):
        place = round(k * step / horizon * columns)
        line[place] = "┬"
        for i, digit in enumerate(f"{k * step:g}"):
            numbers[place + i] = digit
    return f"    0 └{''.join(line[1:])}\n      {''.join(numbers).rstrip()}"


def cause_bars(one: Mapping[str, Any], width: int) -> Text:
    """How it has ended by the horizon, and what still holds, as bars of one scale.

    Parameters
    ----------
    one : mapping
        ``causes_detail`` and ``curve`` are used.
    width : int
        Columns in all.
    """
    curve = one["curve"]
    horizon = f"{curve['years'][-1]:g}"
    rows = [(name, e["value"], e["mcse"]) for name, e in one["causes_detail"].items()]
    rows.append(("still holds", curve["survival"][-1], curve["mcse"][-1]))
    room = width - _LABEL - 12
    text = Text.assemble((f"after {horizon} years\n", "dim"))
    for name, value, mcse in rows:
        if value is None:
            continue
        text.append(f"{name:<{_LABEL}} ")
        text.append(_bar(value, room), style="green" if name == "still holds" else "red")
        text.append(f" {percent(value, mcse)} %\n")
    text.right_crop(1)
    return text


def _bar(share: float, room: int) -> str:
    """A bar whose length is told to an eighth of a column.

    Examples
    --------
    >>> _bar(0.5, 5), _bar(0.0, 5)
    ('██▌', '')
    """
    whole, eighths = divmod(round(share * room * 8), 8)
    return "█" * whole + (_EIGHTHS[eighths] if eighths else "")
