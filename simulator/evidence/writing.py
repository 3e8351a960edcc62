"""How evidence is written down: rounded to what it knows, as YAML, with a digest of its content."""

import math
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np


def rounded(value: float, digits: int = 4) -> float:
    """Round to significant digits; NaN and infinity stay."""
    if value == 0 or not math.isfinite(value):
        return float(value)
    return float(f"{value:.{digits}g}")


def rounded_share(value: float, digits: int = 4) -> float:
    """Round a share so that it keeps its digits near 1 as well as near 0."""
    if value < 0.9:
        return rounded(value, digits)
    return float(f"{1.0 - rounded(1.0 - value, digits - 1):.12g}")


def range_of(values: Any, share: bool = False) -> dict[str, float]:
    """Return ``{p05, p50, p95}`` of the values, rounded; NaN are left out."""
    cut = rounded_share if share else rounded
    low, middle, high = np.nanquantile(np.asarray(values, dtype=np.float64), [0.05, 0.5, 0.95])
    return {"p05": cut(float(low)), "p50": cut(float(middle)), "p95": cut(float(high))}


def counted(number: int, what: str) -> str:
    """Return a number and what is counted, in the plural where it is not 1.

    >>> counted(2, "spell")
    '2 spells'
    """
    return f"{number} {what}{'s' if number != 1 else ''}"


def drawn_whole(values: Iterable[float]) -> dict[str, Any]:
    """Return the distribution of one column of resamples; what is the same in all is fixed.

    >>> drawn_whole([0.2, 0.2])
    {'fixed': 0.2}
    >>> drawn_whole([0.2, 0.31])
    {'resamples': '0.2 0.31'}
    """
    column = list(values)
    if len(set(column)) == 1:
        return {"fixed": column[0]}
    return {"resamples": " ".join(map(repr, column))}


def column_of(distribution: Mapping[str, Any]) -> list[float]:
    """Return the values that `drawn_whole` wrote.

    >>> column_of(drawn_whole([0.2, 0.31])), column_of(drawn_whole([0.2, 0.2]))
    ([0.2, 0.31], [0.2])
    """
    written = distribution.get("resamples", distribution.get("fixed"))
    return [float(word) for word in str(written).split()]


def as_yaml(content: Mapping[str, Any]) -> str:
    """Return a mapping of plain values as YAML, in the given order, innermost lists on one line."""
    import yaml

    return str(
        yaml.safe_dump(
            dict(content), sort_keys=False, default_flow_style=None, width=100, allow_unicode=True
        )
    )
