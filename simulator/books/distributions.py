"""Probability distributions as quantile functions, and how each is written in a book.

A distribution turns uniforms in (0, 1) into values by its quantile function `ppf`, element by
element and non-decreasing, so that any design and any copula can drive it. Mixtures need its
inverse, `cdf`. `support` holds every value that uniforms on the odd multiples of 2**-53
(`simulator.addresses`) can lead to: a normal distribution 12 standard deviations above 0 is a fine
distribution of something positive. Parameters are checked by the types of `WRITTEN`, not here.
"""

# ruff: noqa: D102 (what the methods return is said once, in `Distribution`)

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Annotated, Any, Final, NamedTuple, Protocol

import numpy as np
import numpy.typing as npt
from pydantic import AfterValidator, Field, model_validator

from simulator.books.names import Range
from simulator.inputs import Meaning, StrictModel

Floats = npt.NDArray[np.float64]

PER_SCORE: Final = 32  # intervals per unit of normal score
MOST_SCORE: Final = 8.25  # beyond that of 1 - 2**-53, the largest uniform there is
SHAPES: Final = (0.1, 1e4)  # below, quantiles leave the floats; above, digits go


def gamma_quantiles(shape: float, u: Floats) -> Floats:
    """Return the quantiles of the standard gamma distribution at `u`, strictly inside (0, 1)."""
    from scipy.special import gammaincinv, ndtri

    if not SHAPES[0] <= shape <= SHAPES[1]:
        return np.asarray(gammaincinv(shape, u), dtype=np.float64)
    place = (np.asarray(ndtri(u), dtype=np.float64) + MOST_SCORE) * PER_SCORE
    before = np.flatnonzero(place < 0.0)  # no uniform of ours
    place[before] = 0.0
    node = place.astype(np.int64)
    place -= node
    rows = _log_gamma_quantiles(shape)
    value = rows[-1].take(node)
    for row in rows[-2::-1]:
        value *= place
        value += row.take(node)
    quantiles = np.asarray(np.exp(value))
    quantiles[before] = gammaincinv(shape, u[before])
    return quantiles


@lru_cache(maxsize=64)
def _log_gamma_quantiles(shape: float) -> Floats:
    """Return polynomials of degree 5 by normal score: shape (6, intervals), constants first.

    They agree with the logarithm y of the quantile of the standard gamma distribution, and with
    its first two derivatives, at both ends of each interval. With x = exp y and the densities phi
    of the score and f of x, y' = phi / (x f) and y'' = y' ((x - shape) y' - score).
    """
    from scipy.special import gammainccinv, gammaincinv, ndtr

    steps = math.ceil(2.0 * MOST_SCORE * PER_SCORE)
    score = np.arange(steps + 1) / PER_SCORE - MOST_SCORE
    tail = ndtr(-np.abs(score))
    x = np.where(score < 0.0, gammaincinv(shape, tail), gammainccinv(shape, tail))
    y = np.log(x)
    log_phi = -0.5 * score**2 - 0.5 * math.log(2.0 * math.pi)
    first = np.exp(log_phi - (shape * y - x - math.lgamma(shape)))
    second = first * ((x - shape) * first - score) / PER_SCORE**2
    first /= PER_SCORE
    rise = y[1:] - y[:-1] - first[:-1] - second[:-1] / 2.0  # beyond the start's parabola
    slope = first[1:] - first[:-1] - second[:-1]
    bend = second[1:] - second[:-1]
    cubic = 10.0 * rise - 4.0 * slope + bend / 2.0
    quartic = -15.0 * rise + 7.0 * slope - bend
    quintic = 6.0 * rise - 3.0 * slope + bend / 2.0
    return np.stack([y[:-1], first[:-1], second[:-1] / 2.0, cubic, quartic, quintic])


# Below about 0.05 a gamma quantile at 2**-53 underflows to 0, and shares could become 0 / 0. Above
# the largest a distribution is a number for all purposes, and its quantiles lose their digits.
Shape = Annotated[float, Field(ge=0.1, le=10**9)]
Positive = Annotated[float, Field(gt=0)]


class Distribution(Protocol):
    """A distribution of one number: quantiles at `u`, probabilities of values <= `x`, its range."""

    def ppf(self, u: Floats) -> Floats: ...
    def cdf(self, x: Floats) -> Floats: ...
    @property
    def support(self) -> Range: ...


@dataclass(frozen=True, slots=True)
class Fixed:
    """A number that is taken as known."""

    value: float

    def ppf(self, u: Floats) -> Floats:
        return np.full_like(u, self.value)

    def cdf(self, x: Floats) -> Floats:
        return np.where(x >= self.value, 1.0, 0.0)

    @property
    def support(self) -> Range:
        return Range(self.value, self.value)


@dataclass(frozen=True, slots=True)
class Uniform:
    """Every value between `low` and `high` equally likely; ``low < high``."""

    low: float
    high: float

    def ppf(self, u: Floats) -> Floats:
        return _between(self.low, self.high, u)

    def cdf(self, x: Floats) -> Floats:
        return (np.clip(x, self.low, self.high) - self.low) / (self.high - self.low)

    @property
    def support(self) -> Range:
        # A draw near an end rounds to it, except at 0, where floats are finest.
        return Range(self.low, self.high, includes_low=self.low != 0.0)


@dataclass(frozen=True, slots=True)
class Triangular:
    """Density rising linearly from `low` to `mode`, falling to `high`; ``low < high``."""

    low: float
    mode: float
    high: float

    def ppf(self, u: Floats) -> Floats:
        width = self.high - self.low
        rising = self.low + np.sqrt(u * width * (self.mode - self.low))
        falling = self.high - np.sqrt((1.0 - u) * width * (self.high - self.mode))
        # Each branch is held on its own side of the mode, where rounding could swap them.
        rising, falling = np.minimum(rising, self.mode), np.maximum(falling, self.mode)
        return np.where(u < (self.mode - self.low) / width, rising, falling)

    def cdf(self, x: Floats) -> Floats:
        width = self.high - self.low
        knots = np.clip(x, self.low, self.high)
        # A branch is computed beyond its own side too, where it may be anything: it is not used.
        with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
            rising = (knots - self.low) ** 2 / (width * (self.mode - self.low))
            falling = 1.0 - (self.high - knots) ** 2 / (width * (self.high - self.mode))
        return np.where(knots < self.mode, rising, np.where(knots >= self.high, 1.0, falling))

    @property
    def support(self) -> Range:
        # A draw next to a mode at `low` rounds to it even at 0.
        return Range(self.low, self.high, self.low != 0.0 or self.mode == self.low)


@dataclass(frozen=True, slots=True)
class Beta:
    """Beta distribution with shapes `a` and `b`, stretched over [low, high]; ``low < high``."""

    a: float
    b: float
    low: float = 0.0
    high: float = 1.0

    def ppf(self, u: Floats) -> Floats:
        from scipy.special import betaincinv

        return _between(self.low, self.high, betaincinv(self.a, self.b, u))

    def cdf(self, x: Floats) -> Floats:
        from scipy.special import betainc

        shares = (np.clip(x, self.low, self.high) - self.low) / (self.high - self.low)
        return np.asarray(betainc(self.a, self.b, shares), dtype=np.float64)

    @property
    def support(self) -> Range:
        standard = self.low == 0.0 and self.high == 1.0
        # Near 1 the quantile falls short by about (1 - u)**(1/b), at least 1e-8 where b >= 2.
        return Range(self.low, self.high, self.low != 0.0, not (standard and self.b >= 2.0))


def pert(low: float, mode: float, high: float) -> Beta:
    """Return the PERT distribution: a beta with mean ``(low + 4 mode + high) / 6``.

    Source: Malcolm, Roseboom, Clark & Fazar (1959), in its usual beta form.
    """
    width = high - low
    return Beta(1.0 + 4.0 * (mode - low) / width, 1.0 + 4.0 * (high - mode) / width, low, high)


@dataclass(frozen=True, slots=True)
class Gamma:
    """Gamma distribution: mean ``shape * scale``, variance ``shape * scale**2``."""

    shape: float
    scale: float

    def ppf(self, u: Floats) -> Floats:
        return self.scale * gamma_quantiles(self.shape, u)

    def cdf(self, x: Floats) -> Floats:
        from scipy.special import gammainc

        return np.asarray(gammainc(self.shape, np.maximum(x, 0.0) / self.scale), dtype=np.float64)

    @property
    def support(self) -> Range:
        # A gamma variable of scale 1 passes shape + sqrt(2 shape t) + t with a probability of at
        # most exp(-t) (Boucheron, Lugosi & Massart 2013, Concentration Inequalities, section 2.4).
        t = 53.0 * math.log(2.0)
        most = self.shape + math.sqrt(2.0 * self.shape * t) + t
        return Range(0.0, self.scale * most, includes_low=False)


def _between(low: float, high: float, shares: Floats) -> Floats:
    """Return points at `shares` of the way; rounding may not lead past the end."""
    return np.minimum(low + (high - low) * shares, high)


class Written(NamedTuple):
    """How a distribution is written: the type of its value, and what builds it from that."""

    type: Any
    build: Callable[..., Any]  # from the value; also from `scale` where the form takes one
    about: str | None = None
    scaled: bool = False


def _ascending(pair: list[float]) -> list[float]:
    if not pair[0] < pair[1]:
        raise ValueError("needs [low, high] with low < high")
    return pair


# A list, since values that a validator hands on are Python's, of which strict mode makes no tuple.
_Two = Annotated[list[float], Field(min_length=2, max_length=2)]
Pair = Annotated[_Two, Meaning("[low, high]"), AfterValidator(_ascending)]


class ThreePoint(StrictModel):
    """Lowest, most likely and highest value."""

    low: float
    mode: float
    high: float

    @model_validator(mode="after")
    def _in_order(self) -> ThreePoint:
        if not (self.low <= self.mode <= self.high and self.low < self.high):
            raise ValueError("needs low <= mode <= high and low < high")
        return self


class BetaForm(StrictModel):
    """The two shapes of a beta distribution."""

    a: Shape
    b: Shape


class GammaForm(StrictModel):
    """Shape and scale: the mean is their product."""

    shape: Shape
    scale: Positive


WRITTEN: Final[Mapping[str, Written]] = {
    "fixed": Written(float, Fixed, "a number taken as known"),
    "uniform": Written(Pair, lambda pair: Uniform(*pair), "[low, high]"),
    "triangular": Written(ThreePoint, lambda form: Triangular(**dict(form))),
    "pert": Written(ThreePoint, lambda form: pert(**dict(form))),
    "beta": Written(BetaForm, lambda form: Beta(**dict(form))),
    "gamma": Written(GammaForm, lambda form: Gamma(**dict(form))),
}
"""Distributions by the name of their form; a new one is a class and a row, here or elsewhere."""
