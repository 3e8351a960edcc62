"""Bounds on the probability that right gaps or residuals look this bad."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from scipy.special import gammainc, gammaincc


@dataclass
class Residual:
    """A martingale at its end: observed minus expected, and its predictable variation."""

    observed: float = 0.0
    expected: float = 0.0
    variation: float = 0.0


def chance_of_total(gaps: list[float]) -> float:
    """Return the exact probability of a sum this far out: n unit exponentials are Gamma(n)."""
    n, total = len(gaps), math.fsum(gaps)
    return float(min(1.0, 2.0 * min(gammainc(n, total), gammaincc(n, total))))


def chance_of_shape(gaps: list[float]) -> float:
    """Return a bound on the probability of such a distance from the exponential distribution.

    Dvoretzky-Kiefer-Wolfowitz with Massart's constant (1990, Ann. Probab. 18:1269).
    """
    u = np.sort(-np.expm1(-np.asarray(gaps)))
    n = u.size
    grid = np.arange(n + 1) / n
    distance = max(np.max(grid[1:] - u), np.max(u - grid[:-1]))
    return float(min(1.0, 2.0 * math.exp(-2.0 * n * distance**2)))


def chance_of_residual(residual: Residual) -> float:
    """Return a bound on the probability of such a residual.

    Freedman's inequality (1975, Ann. Probab. 3:100) for jumps of at most 1, over variations
    2**0, 2**1, ... 2**24, since the variation reached is itself random.
    """
    x = abs(residual.observed - residual.expected)
    if x == 0.0:
        return 1.0
    exponent = max(0, math.ceil(math.log2(max(residual.variation, 1.0))))
    return min(1.0, 2.0 * 25.0 * math.exp(-(x**2) / (2.0 * (2.0**exponent + x / 3.0))))
