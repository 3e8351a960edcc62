"""Numbers as text, with no more digits than they have."""

from __future__ import annotations

import math


def decimals(error: float) -> int:
    """Decimals worth printing for a value with this standard error; negative rounds before it.

    The last digit printed is the first digit of the error, or its second where the first is 1.

    Examples
    --------
    >>> decimals(0.004), decimals(0.0013), decimals(250.0)
    (3, 4, -2)
    """
    exponent = math.floor(math.log10(error))
    leading = error / 10.0**exponent
    return -exponent + (1 if leading < 1.95 else 0)


def rounded(value: float, places: int) -> str:
    """Fixed-point text with thousands separated.

    Examples
    --------
    >>> rounded(17342.0, -2), rounded(0.5, 3), rounded(-0.0001, 2)
    ('17,300', '0.500', '0.00')
    """
    number = round(value, places) + 0.0  # no negative zero
    return f"{number:,.{max(places, 0)}f}"


def value_and_error(value: float | None, mcse: float | None) -> tuple[str, str]:
    """Text of a value and of its Monte Carlo standard error."""
    if value is None:
        return "-", ""
    if mcse is None or not math.isfinite(mcse):
        return f"{value:.2g}", "?"
    if mcse == 0.0:
        return f"{value:,.6g}", "0"
    places = min(decimals(mcse), 6)
    return rounded(value, places), rounded(mcse, places)


def interval(low: float | None, high: float | None, draws: int, beyond: str = "") -> str:
    """Text of a range over draws; its ends are known to about its width over sqrt(draws)."""
    if low is None and high is None:
        return ""
    known = [v for v in (low, high) if v is not None]
    width = known[-1] - known[0] if len(known) == 2 else abs(known[0])
    known_to = width / math.sqrt(max(draws, 4))
    places = min(-math.floor(math.log10(known_to)), 4) if known_to > 0.0 else 2
    ends = [beyond if v is None else rounded(v, places) for v in (low, high)]
    return f"{ends[0]} to {ends[1]}"
