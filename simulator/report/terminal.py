"""Small pictures for a terminal: a survival curve, and bars of how it ends.

No figure library is imported: a run shows them before anybody asks for a figure.
"""

import math
from typing import Final

import numpy as np
from rich.console import Group, RenderableType
from rich.text import Text

from simulator.number_format import percent
from simulator.results.runs import Run

LEAST_WIDTH: Final = 72  # columns; narrower terminals get no pictures
_MOST_WIDTH: Final = 100
_ROWS: Final = 10  # of the curve; each has an upper and a lower half
_CURVE: Final = "cyan"
_EIGHTHS: Final = " ▏▎▍▌▋▊▉█"
_LABEL: Final = 12  # columns for the names of bars


def pictures(run: Run, width: int, encoding: str = "utf-8") -> RenderableType | None:
    """A survival curve and bars by cause for a scenario.

    None where the terminal, so many columns wide, is too narrow or cannot show blocks.
    """
    try:
        "█▀▄▌░┤└─┬".encode(encoding)
    except (LookupError, UnicodeEncodeError):
        return None
    if width < LEAST_WIDTH:
        return None
    width = min(width, _MOST_WIDTH)
    return Group(survival_picture(run, width), Text(""), cause_bars(run, width))


def survival_picture(run: Run, width: int) -> Text:
    """Share that still holds over the years, in blocks, the range over assumptions shaded."""
    columns, curve = width - 8, run.survival
    at = (np.arange(columns) + 0.5) / columns * run.horizon
    value, low, high = (np.interp(at, run.years, v) for v in (curve.value, curve.p05, curve.p95))
    shaded = bool(np.isfinite(low).all() and np.isfinite(high).all())
    if not shaded:
        low, high = np.full(columns, 2.0), np.full(columns, -1.0)
    text = Text.assemble(("still hold, %\n", "dim"))
    marks = {0: "100", _ROWS // 2: "50"}
    for row in range(_ROWS):
        text.append(f"  {marks.get(row, ''):>3} {'┤' if row in marks else '│'}", style="dim")
        for column in range(columns):
            _cell(text, 1.0 - row / _ROWS, value[column], low[column], high[column])
        text.append("\n")
    under = f"{_axis(run.horizon, columns)}\n       years since the ceasefire   "
    text.append_tokens([(under, "dim"), ("▀", _CURVE), (" mean", "dim")])
    if shaded:
        text.append("   ░ 5-95 % over assumptions", "dim")
    return text


def _cell(text: Text, top: float, value: float, low: float, high: float) -> None:
    """One character, from ``top`` down by a row: the curve if it is here, else the range."""
    half = 0.5 / _ROWS
    if top - half < value <= top:
        text.append("▀", _CURVE)
    elif top - 2.0 * half < value <= top - half or (value == 0.0 and top <= 2.0 * half + 1e-9):
        text.append("▄", _CURVE)
    elif low < top - half <= high:
        text.append("░", "dim")
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


def cause_bars(run: Run, width: int) -> Text:
    """How it has ended by the horizon, and what still holds, as bars of one scale."""
    text = Text.assemble((f"after {run.horizon:g} years\n", "dim"))
    for name, e in {**run.causes, "still holds": run.survival.at(-1)}.items():
        if e.value is not None:
            bar = _bar(e.value, width - _LABEL - 12), "green" if name == "still holds" else "red"
            share = f" {percent(e.value, e.mcse)} %\n"
            text.append_tokens([(f"{name:<{_LABEL}} ", None), bar, (share, None)])
    text.right_crop(1)
    return text


def _bar(share: float, room: int) -> str:
    """A bar whose length is known to an eighth of a column.

    >>> _bar(0.5, 5), _bar(0.0, 5)
    ('██▌', '')
    """
    whole, eighths = divmod(round(share * room * 8), 8)
    return "█" * whole + (_EIGHTHS[eighths] if eighths else "")
