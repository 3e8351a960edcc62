"""Numbers as text, with no more digits than they have.

A value is printed down to the first digit of its Monte Carlo standard error; the ends of a range
over draws down to what that many draws can resolve. Counts "of 100" become a span where the error
is larger than one in a hundred.
"""

import math
from typing import Final

MOST_DECIMALS: Final = 6


def decimals(error: float) -> int:
    """Decimals worth printing for a value with this standard error; negative rounds before it.

    The last digit printed is the first digit of the error, or its second where the first is 1.

    >>> decimals(0.004), decimals(0.0013), decimals(250.0)
    (3, 4, -2)
    """
    exponent = math.floor(math.log10(error))
    return -exponent + (1 if error / 10.0**exponent < 1.95 else 0)


def rounded(value: float, places: int) -> str:
    """Fixed-point text with thousands separated.

    >>> rounded(17342.0, -2), rounded(0.5, 3), rounded(-0.0001, 2)
    ('17,300', '0.500', '0.00')
    """
    return f"{round(value, places) + 0.0:,.{max(places, 0)}f}"  # + 0.0: no negative zero


def significant(value: float, count: int) -> str:
    """Text with so many significant digits, never as a power of ten.

    >>> significant(39.6, 1), significant(17342.0, 2), significant(0.4, 2), significant(0.0, 2)
    ('40', '17,000', '0.4', '0')
    """
    if value == 0.0 or not math.isfinite(value):
        return f"{value:g}"
    text = rounded(value, count - 1 - math.floor(math.log10(abs(value))))
    return text.rstrip("0").rstrip(".") if "." in text else text


def counted(number: int, what: str) -> str:
    """A number of things.

    >>> counted(1, "draw"), counted(1000, "trial")
    ('1 draw', '1,000 trials')
    """
    return f"{number:,} {what}{'s' if number != 1 else ''}"


def with_error(value: float | None, mcse: float | None, most: int = MOST_DECIMALS) -> str:
    """Text of a value with at most so many decimals, cut where its Monte Carlo error begins.

    None is shown as a dash; a value without an error keeps two digits.

    >>> with_error(0.41837, 0.0031), with_error(17342.0, 210.0), with_error(0.41837, None)
    ('0.418', '17,300', '0.42')
    """
    if value is None or not math.isfinite(value):
        return "–"
    if mcse is None or not math.isfinite(mcse):
        return significant(value, 2)
    if mcse == 0.0:
        if value == round(value):
            return rounded(value, 0)
        return rounded(value, min(3 - math.floor(math.log10(abs(value))), most))  # four digits
    return rounded(value, min(decimals(mcse), most))


def error(mcse: float | None) -> str:
    """Text of a Monte Carlo standard error: one digit, or two where the first is 1."""
    if mcse is None or not math.isfinite(mcse):
        return "?"
    return "0" if mcse == 0.0 else rounded(mcse, min(decimals(mcse), MOST_DECIMALS))


def value_and_error(value: float | None, mcse: float | None) -> tuple[str, str]:
    """Text of a value and of its Monte Carlo standard error, both down to the same digit.

    >>> value_and_error(0.41837, 0.0031), value_and_error(None, None)
    (('0.418', '0.003'), ('–', ''))
    """
    return with_error(value, mcse), "" if value is None else error(mcse)


def range_ends(
    low: float | None, high: float | None, draws: int, beyond: str = "beyond", most: int = 4
) -> tuple[str, str]:
    """Texts of the ends of a range over draws, which are known to its width over sqrt(draws).

    An end that is None is ``beyond`` what was simulated; if both are, there is no range: both are
    empty.

    >>> range_ends(0.0312, 0.8871, 1000), range_ends(4.2, None, 1000)
    (('0.03', '0.89'), ('4.2', 'beyond'))
    """
    known = [v for v in (low, high) if v is not None and math.isfinite(v)]
    if not known:
        return "", ""
    width = known[1] - known[0] if len(known) == 2 else abs(known[0])
    places = min(2, most)
    if width > 0.0:
        places = min(-math.floor(math.log10(width / math.sqrt(max(draws, 4)))), most)
    first, last = (
        beyond if v is None or not math.isfinite(v) else rounded(v, places) for v in (low, high)
    )
    return first, last


def span(
    low: float | None, high: float | None, draws: int, beyond: str = "beyond", most: int = 4
) -> str:
    """`range_ends` in one text; empty without a range.

    >>> span(0.0312, 0.8871, 1000), span(None, None, 1000)
    ('0.03 to 0.89', '')
    """
    first, last = range_ends(low, high, draws, beyond, most)
    return f"{first} to {last}" if first else ""


def percent(value: float | None, mcse: float | None, most: int = 1) -> str:
    """Text of a share in per cent, without the sign.

    >>> percent(0.41837, 0.0031), percent(0.41837, 0.03), percent(0.0, 0.0)
    ('41.8', '42', '0')
    """
    return with_error(_times_100(value), _times_100(mcse), most)


def percent_span(low: float | None, high: float | None, draws: int) -> str:
    """Text of a range of shares in whole per cent, without the sign; empty without a range.

    >>> percent_span(0.0312, 0.8871, 1000)
    '3 to 89'
    """
    return span(_times_100(low), _times_100(high), draws, most=0)


def _times_100(value: float | None) -> float | None:
    return None if value is None else 100.0 * value


def of_100(value: float | None, mcse: float | None, units: int) -> str:
    """How many of 100: a whole number, or two standard errors around it where these exceed 1.

    ``units`` are the independent draws behind a share (of a single draw, its trials): they bound
    what was never seen.

    >>> of_100(0.4712, 0.006, 1000), of_100(0.4712, 0.02, 1000), of_100(0.0, 0.0, 1000)
    ('47', '43 to 51', 'fewer than 1')
    >>> of_100(0.0, 0.0, 50), of_100(1.0, 0.0, 50), of_100(0.004, 0.009, 1000)
    ('fewer than 6', 'more than 94', 'fewer than 3')
    """
    if value is None:
        return "an unknown number"
    # Nothing seen in n units: below 3 / n with 95 % confidence (the rule of three).
    unseen = max(1, math.ceil(100.0 * 3.0 / max(units, 3)))
    known = mcse is not None and math.isfinite(mcse)
    margin = 2.0 * float(mcse or 0.0) if known else 1.0 / math.sqrt(units)
    if value <= 0.0 or value >= 1.0 or margin <= 0.02:
        whole = round(100.0 * value)
        if whole == 0:
            return f"fewer than {max(unseen, math.ceil(100.0 * (value + margin)))}"
        if whole == 100:
            return f"more than {100 - max(unseen, math.ceil(100.0 * (1.0 - value + margin)))}"
        return f"{whole}"
    low = max(0, math.floor(100.0 * (value - margin) + 0.5))
    high = min(100, math.ceil(100.0 * (value + margin) - 0.5))
    return f"{low} to {high}"


def share_of_draws(share: float | None, mcse: float | None, draws: int, factor: float = 1.0) -> str:
    """Text of a share of the draws; where none or all are counted, what so many draws exclude.

    >>> share_of_draws(0.35, 0.015, 1000), share_of_draws(0.0, 0.17, 3)
    ('0.350', '< 1')
    >>> share_of_draws(1.0, 0.0005, 1000, 100.0)
    '> 99.7'
    """
    if share is None:
        return with_error(None, None)
    if 0.0 < share < 1.0:
        return with_error(factor * share, None if mcse is None else factor * mcse)
    bound = float(f"{min(1.0, max(3.0 / draws, 2.0 * (mcse or 0.0))):.2g}")
    end = bound if share <= 0.0 else 1.0 - bound
    return f"{'<' if share <= 0.0 else '>'} {factor * end:.4g}"
