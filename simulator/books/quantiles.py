"""Three quantiles by name, as people elicit them: ``{p05: ..., p50: ..., p95: ...}``, quartiles."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from simulator.books.distributions import Scale, TwoPieceNormal, from_quantiles
from simulator.inputs import FieldError

__all__ = ["THREE_QUANTILES", "checked_quantiles", "from_named_quantiles"]

THREE_QUANTILES: Final = "three quantiles such as {p05: 0.3, p50: 0.57, p95: 1.1}"
_PERCENT: Final = re.compile(r"[pPqQ]?([0-9]{1,2}(?:\.[0-9]+)?) ?%?")
_FRACTION: Final = re.compile(r"0?\.[0-9]+")


def checked_quantiles(quantiles: Mapping[str, float]) -> dict[str, float]:
    """Return three quantiles in order under their canonical names.

    >>> checked_quantiles({"75": 3.0, "p50": 2.0, "0.25": 1.0})
    {'p25': 1.0, 'p50': 2.0, 'p75': 3.0}

    Raises
    ------
    ValueError
        If a name is no percentage, if they are not three that ascend, or if all lie on one side of
        the median.
    """
    by_share: dict[float, float] = {}
    for name, value in quantiles.items():
        share = _share(name)
        if not 0.0 < share < 1.0:
            message = f"a quantile is named by its percentage, such as p05 or p50, not '{name}'"
            raise FieldError(message, (name,))
        if share in by_share:
            raise FieldError(f"the quantile at {100 * share:g} % is given twice", (name,))
        by_share[share] = value
    shares = sorted(by_share)
    if len(shares) != 3:
        raise ValueError(f"needs {THREE_QUANTILES}, got {len(shares)}")
    if not shares[0] < 0.5 < shares[2]:
        raise ValueError("needs a quantile below p50 and one above")
    ordered = {f"p{100 * share:02.12g}": by_share[share] for share in shares}
    low, middle, high = ordered.values()
    if not low < middle < high:
        raise ValueError(f"needs {' < '.join(ordered)}")
    return ordered


def from_named_quantiles(quantiles: Mapping[str, float], scale: Scale) -> TwoPieceNormal:
    """Return the two-piece normal on a scale that has these quantiles, as checked.

    Raises
    ------
    ValueError
        If there is none.
    """
    low, middle, high = quantiles.values()
    first, second, third = (_share(name) for name in quantiles)
    return from_quantiles(low, middle, high, scale, (first, second, third))


def _share(name: str) -> float:
    """Return the probability that a quantile's name gives, 0 if it gives none."""
    if _FRACTION.fullmatch(name):
        return float(name)
    found = _PERCENT.fullmatch(name)
    return float(found[1]) / 100.0 if found else 0.0
