"""Probability distributions as quantile functions.

Each distribution turns uniforms in (0, 1) into values by its quantile function `ppf`, element by
element and non-decreasing, so that any design (Monte Carlo, Latin hypercube, Sobol) and any
copula can drive it. `cdf` is its inverse: mixtures need it, and it lets tests close the circle.
`support` holds every value that uniforms on the odd multiples of 2**-53 (`simulator.addresses`)
can lead to, which is what a check of units needs: a normal distribution 12 standard deviations
above 0 is a fine distribution of something positive.

Parameters are trusted here; `simulator.books.forms` checks them.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from statistics import NormalDist
from typing import Final, Literal, Protocol

import numpy as np
import numpy.typing as npt

from simulator.books.gamma import gamma_quantiles
from simulator.books.names import Range

__all__ = [
    "Beta",
    "Distribution",
    "Fixed",
    "Gamma",
    "Scale",
    "Triangular",
    "TwoPieceNormal",
    "Uniform",
    "from_interval",
    "from_quantiles",
    "pert",
]

Floats = npt.NDArray[np.float64]
Triple = tuple[float, float, float]
Scale = Literal["natural", "log", "logit"]

Z_95: Final = 1.6448536269514722  # standard normal quantile of 0.95
_SCORES: Final = {0.05: -Z_95, 0.5: 0.0, 0.95: Z_95}  # of nearly all, to the last digit
Z_MOST: Final = 8.209536151601387  # ... of 1 - 2**-53, the largest uniform there is


class Distribution(Protocol):
    """A distribution of one number."""

    def ppf(self, u: Floats) -> Floats:
        """Return the quantiles at `u`, in (0, 1); same shape, non-decreasing in `u`."""
        ...

    def cdf(self, x: Floats) -> Floats:
        """Return the probabilities of values <= `x`; same shape."""
        ...

    @property
    def support(self) -> Range:
        """Range that contains every value that can be drawn."""
        ...


@dataclass(frozen=True, slots=True)
class Fixed:
    """A number that is taken as known."""

    value: float

    def ppf(self, u: Floats) -> Floats:
        """Return the value everywhere."""
        return np.full_like(u, self.value)

    def cdf(self, x: Floats) -> Floats:
        """Return 1 from the value on, 0 before."""
        return np.where(x >= self.value, 1.0, 0.0)

    @property
    def support(self) -> Range:
        """The value alone."""
        return Range(self.value, self.value)


@dataclass(frozen=True, slots=True)
class Uniform:
    """Every value between `low` and `high` equally likely; ``low < high``."""

    low: float
    high: float

    def ppf(self, u: Floats) -> Floats:
        """Return ``low + (high - low) u``."""
        return _between(self.low, self.high, u)

    def cdf(self, x: Floats) -> Floats:
        """Return the fraction of the interval at or below `x`."""
        return (np.clip(x, self.low, self.high) - self.low) / (self.high - self.low)

    @property
    def support(self) -> Range:
        """The interval."""
        return _interval(self.low, self.high)


@dataclass(frozen=True, slots=True)
class Triangular:
    """Density rising linearly from `low` to `mode`, falling to `high`; ``low < high``."""

    low: float
    mode: float
    high: float

    def ppf(self, u: Floats) -> Floats:
        """Return the quantiles at `u`."""
        width = self.high - self.low
        rising = self.low + np.sqrt(u * width * (self.mode - self.low))
        falling = self.high - np.sqrt((1.0 - u) * width * (self.high - self.mode))
        # Each branch is held on its own side of the mode, where rounding could swap them.
        return np.where(
            u < (self.mode - self.low) / width,
            np.minimum(rising, self.mode),
            np.maximum(falling, self.mode),
        )

    def cdf(self, x: Floats) -> Floats:
        """Return the probabilities of values <= `x`."""
        width = self.high - self.low
        knots = np.clip(x, self.low, self.high)
        # A branch is computed beyond its own side too, where it may be anything: it is not used.
        with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
            rising = (knots - self.low) ** 2 / (width * (self.mode - self.low))
            falling = 1.0 - (self.high - knots) ** 2 / (width * (self.high - self.mode))
        return np.where(knots < self.mode, rising, np.where(knots >= self.high, 1.0, falling))

    @property
    def support(self) -> Range:
        """From `low` to `high`; a draw next to a mode at `low` rounds to it even at 0."""
        return Range(self.low, self.high, self.low != 0.0 or self.mode == self.low)


@dataclass(frozen=True, slots=True)
class Beta:
    """Beta distribution with shapes `a` and `b`, stretched over [low, high]; ``low < high``."""

    a: float
    b: float
    low: float = 0.0
    high: float = 1.0

    def ppf(self, u: Floats) -> Floats:
        """Return the quantiles at `u` (inverse of the regularised incomplete beta function)."""
        from scipy.special import betaincinv

        return _between(self.low, self.high, betaincinv(self.a, self.b, u))

    def cdf(self, x: Floats) -> Floats:
        """Return the regularised incomplete beta function."""
        from scipy.special import betainc

        shares = (np.clip(x, self.low, self.high) - self.low) / (self.high - self.low)
        return np.asarray(betainc(self.a, self.b, shares), dtype=np.float64)

    @property
    def support(self) -> Range:
        """From `low` to `high`; the ends of [0, 1] only where draws can round to them."""
        standard = self.low == 0.0 and self.high == 1.0
        # Near 1 the quantile falls short by about (1 - u)**(1/b), at least 1e-8 here.
        return Range(self.low, self.high, self.low != 0.0, not (standard and self.b >= 2.0))


@dataclass(frozen=True, slots=True)
class Gamma:
    """Gamma distribution: mean ``shape * scale``, variance ``shape * scale**2``."""

    shape: float
    scale: float

    def ppf(self, u: Floats) -> Floats:
        """Return the quantiles at `u` (inverse of the regularised incomplete gamma function)."""
        return self.scale * gamma_quantiles(self.shape, u)

    def cdf(self, x: Floats) -> Floats:
        """Return the regularised incomplete gamma function."""
        from scipy.special import gammainc

        return np.asarray(gammainc(self.shape, np.maximum(x, 0.0) / self.scale), dtype=np.float64)

    @property
    def support(self) -> Range:
        """Above 0, to a bound on the quantile of the largest uniform.

        A gamma variable of scale 1 passes ``shape + sqrt(2 shape t) + t`` with a probability of at
        most exp(-t) (Boucheron, Lugosi & Massart 2013, Concentration Inequalities, section 2.4).
        """
        t = 53.0 * math.log(2.0)
        most = self.shape + math.sqrt(2.0 * self.shape * t) + t
        return Range(0.0, self.scale * most, includes_low=False)


@dataclass(frozen=True, slots=True)
class TwoPieceNormal:
    """Two half-normals that meet at their median, on the natural, log or logit scale.

    On that scale the median is `centre` and the standard deviations are `below` and `above` it.
    With both equal it is the normal, lognormal or logit-normal distribution.
    """

    centre: float
    below: float
    above: float
    scale: Scale = "natural"

    def ppf(self, u: Floats) -> Floats:
        """Return the quantiles at `u`."""
        from scipy.special import ndtri

        z = np.asarray(ndtri(u), dtype=np.float64)
        z *= self.above if self.below == self.above else np.where(z < 0.0, self.below, self.above)
        z += self.centre
        if self.scale == "natural":
            return z
        return np.exp(z, out=z) if self.scale == "log" else _expit(z)

    def cdf(self, x: Floats) -> Floats:
        """Return the probabilities of values <= `x`."""
        from scipy.special import logit, ndtr

        if self.scale == "natural":
            z = x - self.centre
        elif self.scale == "log":
            with np.errstate(divide="ignore"):  # log 0 = -inf has probability 0, as it should
                z = np.log(np.maximum(x, 0.0)) - self.centre
        else:
            z = np.asarray(logit(np.clip(x, 0.0, 1.0)), dtype=np.float64) - self.centre
        return np.asarray(ndtr(z / np.where(z < 0.0, self.below, self.above)), dtype=np.float64)

    @property
    def support(self) -> Range:
        """8.2 standard deviations to each side: no uniform leads further."""
        ends = (self.centre - Z_MOST * self.below, self.centre + Z_MOST * self.above)
        low, high = (_from_scale(end, self.scale) for end in ends)
        return Range(low, high)


def from_quantiles(
    low: float, middle: float, high: float, scale: Scale, at: Triple = (0.05, 0.5, 0.95)
) -> TwoPieceNormal:
    """Return the two-piece normal on `scale` with three quantiles, ascending.

    Parameters
    ----------
    low, middle, high : float
    scale : str
    at : tuple of float, optional
        Their probabilities, ascending: the first below 0.5, the last above it.

    Raises
    ------
    ValueError
        If the middle one lies so far to one side that no such distribution has these quantiles.
    """
    first, second, third = (_to_scale(value, scale) for value in (low, middle, high))
    z_low, z_middle, z_high = (_score(share) for share in at)
    if z_middle < 0.0:  # two quantiles lie below the median and give its half of the normal
        below = (second - first) / (z_middle - z_low)
        centre = second - below * z_middle
        above = (third - centre) / z_high
    else:
        above = (third - second) / (z_high - z_middle)
        centre = second - above * z_middle
        below = (first - centre) / z_low
    if not (above > 0.0 and below > 0.0):
        raise ValueError("no two half-normals that meet at their median have these quantiles")
    return TwoPieceNormal(centre, below, above, scale)


def from_interval(low: float, high: float, scale: Scale) -> TwoPieceNormal:
    """Return the normal distribution on `scale` whose central 90 % is [low, high]."""
    start, end = _to_scale(low, scale), _to_scale(high, scale)
    deviation = (end - start) / (2.0 * Z_95)
    return TwoPieceNormal((start + end) / 2.0, deviation, deviation, scale)


def pert(low: float, mode: float, high: float) -> Beta:
    """Return the PERT distribution: a beta with mean ``(low + 4 mode + high) / 6``.

    Source: Malcolm, Roseboom, Clark & Fazar (1959), in its usual beta form.
    """
    width = high - low
    return Beta(1.0 + 4.0 * (mode - low) / width, 1.0 + 4.0 * (high - mode) / width, low, high)


def _expit(x: Floats) -> Floats:
    """Return ``1 / (1 + exp(-x))``, in less time than scipy's."""
    small = np.exp(-np.abs(x))
    return np.asarray(np.where(x < 0.0, small, 1.0) / (1.0 + small))


def _score(share: float) -> float:
    """Return the standard normal quantile."""
    if share in _SCORES:
        return _SCORES[share]
    return NormalDist().inv_cdf(share)


def _to_scale(value: float, scale: Scale) -> float:
    if scale == "natural":
        return value
    return math.log(value) if scale == "log" else math.log(value) - math.log1p(-value)


def _from_scale(value: float, scale: Scale) -> float:
    if scale == "natural":
        return value
    try:
        return math.exp(value) if scale == "log" else 1.0 / (1.0 + math.exp(-value))
    except OverflowError:  # exp overflows above 709: too large, or a share that rounds to 0
        return math.inf if scale == "log" else 0.0


def _between(low: float, high: float, shares: Floats) -> Floats:
    """Return points at `shares` of the way; rounding may not lead past the end."""
    return np.minimum(low + (high - low) * shares, high)


def _interval(low: float, high: float) -> Range:
    # A draw near an end rounds to it, except at 0, where floats are fine enough not to.
    return Range(low, high, includes_low=low != 0.0)
