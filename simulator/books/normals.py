"""Normal distributions on a scale, and how people elicit them: by intervals and quantiles."""

# ruff: noqa: D102 (what the methods return is said once, in `Distribution`)

import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from statistics import NormalDist
from typing import Annotated, Final, Literal

import numpy as np
from pydantic import AfterValidator

from simulator.books.distributions import Floats, Pair, Positive, Written
from simulator.books.names import Range
from simulator.inputs import FieldError, Meaning, StrictModel

Scale = Literal["natural", "log", "logit"]

Z_95: Final = 1.6448536269514722  # standard normal quantile of 0.95
_SCORES: Final = {0.05: -Z_95, 0.95: Z_95}  # of nearly all, to the last digit
Z_MOST: Final = 8.209536151601387  # ... of 1 - 2**-53, the largest uniform there is

_SHARE: Final = re.compile(r"(0?\.[0-9]+)|[pPqQ]?([0-9]{1,2}(?:\.[0-9]+)?) ?%?")


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
        from scipy.special import ndtri

        z = np.asarray(ndtri(u), dtype=np.float64)
        z *= self.above if self.below == self.above else np.where(z < 0.0, self.below, self.above)
        z += self.centre
        if self.scale == "natural":
            return z
        if self.scale == "log":
            return np.exp(z, out=z)
        small = np.exp(-np.abs(z))  # 1 / (1 + exp(-z)), in less time than scipy's expit
        return np.asarray(np.where(z < 0.0, small, 1.0) / (1.0 + small))

    def cdf(self, x: Floats) -> Floats:
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
        low, high = self.centre - Z_MOST * self.below, self.centre + Z_MOST * self.above
        return Range(_from_scale(low, self.scale), _from_scale(high, self.scale))


def from_quantiles(
    low: float, middle: float, high: float, scale: Scale, at: Iterable[float] = (0.05, 0.5, 0.95)
) -> TwoPieceNormal:
    """Return the two-piece normal with three quantiles at ascending probabilities around 0.5.

    Raises `ValueError` if a value lies outside the scale, or the middle one so far to one side that
    no such distribution has these quantiles.
    """
    first, second, third = (_to_scale(value, scale) for value in (low, middle, high))
    z_low, z_middle, z_high = (_SCORES.get(p) or NormalDist().inv_cdf(p) for p in at)
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


def from_interval(pair: Iterable[float], scale: Scale) -> TwoPieceNormal:
    """Return the normal distribution on `scale` whose central 90 % lies between a pair."""
    start, end = (_to_scale(value, scale) for value in pair)
    deviation = (end - start) / (2.0 * Z_95)
    return TwoPieceNormal((start + end) / 2.0, deviation, deviation, scale)


def _to_scale(value: float, scale: Scale) -> float:
    if scale == "log" and not value > 0:
        raise ValueError(f"on the log scale every value must be above 0, {value:g} is not")
    if scale == "logit" and not 0 < value < 1:
        raise ValueError(f"on the logit scale values lie between 0 and 1, not at {value:g}")
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


def _of_quantiles(quantiles: Mapping[str, float], scale: Scale) -> TwoPieceNormal:
    low, middle, high = quantiles.values()
    return from_quantiles(low, middle, high, scale, map(_share, quantiles))


_THREE: Final = "three quantiles such as {p05: 0.3, p50: 0.57, p95: 1.1}"


def _checked(quantiles: Mapping[str, float]) -> dict[str, float]:
    """Return three quantiles in order under their canonical names."""
    by_share: dict[float, float] = {}
    for name, value in quantiles.items():
        share = _share(name)
        if not 0.0 < share < 1.0:
            message = "a quantile is named by its percentage, such as p05 or p50, not"
            raise FieldError(f"{message} '{name}'", (name,))
        if share in by_share:
            raise FieldError(f"the quantile at {100 * share:g} % is given twice", (name,))
        by_share[share] = value
    shares = sorted(by_share)
    if len(shares) != 3:
        raise ValueError(f"needs {_THREE}, got {len(shares)}")
    if not shares[0] < 0.5 < shares[2]:
        raise ValueError("needs a quantile below p50 and one above")
    ordered = {f"p{100 * share:02.12g}": by_share[share] for share in shares}
    low, middle, high = ordered.values()
    if not low < middle < high:
        raise ValueError(f"needs {' < '.join(ordered)}")
    return ordered


def _share(name: str) -> float:
    """Return the probability that a quantile's name gives, 0 if it gives none."""
    found = _SHARE.fullmatch(name)
    return (float(found[1]) if found[1] else float(found[2]) / 100.0) if found else 0.0


class NormalForm(StrictModel):
    """Mean and standard deviation."""

    mean: float
    sd: Positive


class LognormalForm(StrictModel):
    """Median, and standard deviation of the logarithm."""

    median: Positive
    sigma: Positive


WRITTEN: Final[Mapping[str, Written]] = {
    "normal": Written(NormalForm, lambda form: TwoPieceNormal(form.mean, form.sd, form.sd)),
    "lognormal": Written(
        LognormalForm,
        lambda form: TwoPieceNormal(math.log(form.median), form.sigma, form.sigma, "log"),
    ),
    "quantiles": Written(
        Annotated[dict[str, float], Meaning(_THREE), AfterValidator(_checked)],
        _of_quantiles,
        "two half-normals on the scale, exact at all three quantiles",
        scaled=True,
    ),
    "between": Written(Pair, from_interval, "central 90 % of a normal on the scale", scaled=True),
}
