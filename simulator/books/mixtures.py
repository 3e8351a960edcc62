"""One of a few numbers, stored resamples, mixtures, and shares of a whole."""

# ruff: noqa: D102 (what the methods return is said once, in the protocols)

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Annotated, Any, Final, Protocol

import numpy as np
import numpy.typing as npt
from pydantic import AfterValidator, BeforeValidator, Field, WithJsonSchema

from simulator.books.distributions import Distribution, Floats, Gamma, Shape, Written
from simulator.books.names import Range
from simulator.inputs import FieldError
from simulator.scenario.schema import Weight

_FROM_THE_EDGE: Final = 1e-9  # of a row: farther than the rounding of a position among 100,000 rows


@dataclass(frozen=True, slots=True)
class Categorical:
    """One of a few numbers: `values` ascending, with `weights` that sum to 1."""

    values: tuple[float, ...]
    weights: tuple[float, ...]

    def ppf(self, u: Floats) -> Floats:
        steps = np.cumsum(self.weights)[:-1]  # the last value takes all the rest
        return np.asarray(self.values)[np.searchsorted(steps, u, side="left")]

    def cdf(self, x: Floats) -> Floats:
        steps = np.concatenate([[0.0], np.cumsum(self.weights)[:-1], [1.0]])
        return steps[np.searchsorted(self.values, x, side="right")]

    @property
    def support(self) -> Range:
        return Range(self.values[0], self.values[-1])


@dataclass(frozen=True)
class Resamples:
    """Values of stored resamples, each as likely as any other, in the order of the resamples.

    Assumptions that were resampled together have one row of values for each resample. Each gets the
    uniform at which its own quantile is its value in the row that one common uniform decides: rows
    are drawn whole, and every assumption keeps its own uniform (the empirical copula).
    """

    rows: tuple[float, ...]

    @cached_property
    def _ascending(self) -> Floats:
        return np.sort(self.rows)

    @cached_property
    def _places(self) -> npt.NDArray[np.int64]:
        """Place of each row among the values in ascending order."""
        return np.argsort(np.argsort(self.rows, kind="stable"), kind="stable")

    def ppf(self, u: Floats) -> Floats:
        return self._ascending[_cells(u, len(self.rows))]

    def cdf(self, x: Floats) -> Floats:
        return np.searchsorted(self._ascending, x, side="right") / len(self.rows)

    @property
    def support(self) -> Range:
        return Range(min(self.rows), max(self.rows))

    def uniforms_of_rows(self, u: Floats) -> Floats:
        """Return uniforms whose quantiles are the values in the rows that `u` decides."""
        count = len(self.rows)
        row = _cells(u, count)
        within = np.clip(u * count - row, _FROM_THE_EDGE, 1.0 - _FROM_THE_EDGE)
        return np.asarray((self._places[row] + within) / count, dtype=np.float64)


@dataclass(frozen=True, slots=True)
class Mixture:
    """A weighted mixture of distributions; `weights` are positive and sum to 1."""

    parts: tuple[Distribution, ...]
    weights: tuple[float, ...]

    def ppf(self, u: Floats) -> Floats:
        # The smallest floats at which `cdf` reaches `u` lie between the smallest and the largest
        # quantile of the parts. They are found by bisection over the floats themselves, in their
        # order: 64 halvings are exact from 1e-300 to 1e300, and no element depends on another.
        quantiles = np.stack([part.ppf(u) for part in self.parts])
        low, high = _order(quantiles.min(axis=0)), _order(quantiles.max(axis=0))
        while np.any(low < high):
            middle = (low & high) + ((low ^ high) >> 1)  # the mean without overflow
            reached = self.cdf(_from_order(middle)) >= u
            high = np.where(reached, middle, high)
            low = np.where(reached, low, np.minimum(middle + 1, high))
        return _from_order(high) + 0.0  # no negative zero

    def cdf(self, x: Floats) -> Floats:
        total = np.zeros_like(x)
        for part, weight in zip(self.parts, self.weights, strict=True):
            total += weight * part.cdf(x)
        return total

    @property
    def support(self) -> Range:
        supports = [part.support for part in self.parts]
        low, closed = min((s.low, not s.includes_low) for s in supports)
        high, includes_high = max((s.high, s.includes_high) for s in supports)
        return Range(low, high, not closed, includes_high)


def _cells(u: Floats, count: int) -> npt.NDArray[np.int64]:
    """Return which of `count` equal cells of [0, 1] each uniform lies in."""
    return np.minimum((u * count).astype(np.int64), count - 1)


def _order(x: Floats) -> npt.NDArray[np.int64]:
    """Return the ordinals of floats (sign and magnitude to two's complement)."""
    bits = np.ascontiguousarray(x, dtype=np.float64).view(np.int64)
    return bits ^ ((bits >> 63) & np.int64(0x7FFF_FFFF_FFFF_FFFF))


def _from_order(numbers: npt.NDArray[np.int64]) -> Floats:
    bits = numbers ^ ((numbers >> 63) & np.int64(0x7FFF_FFFF_FFFF_FFFF))
    return bits.view(np.float64)


# Python's float() also takes 1_0, blanks around it and the digits of other scripts.
_NUMBER: Final = re.compile(r"[-+]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][-+]?[0-9]+)?")


def _is_finite_number(text: str) -> bool:
    return bool(_NUMBER.fullmatch(text)) and math.isfinite(float(text))


def _numbers_with_weight(choice: Mapping[str, float]) -> dict[str, float]:
    """Return weights by number, each number written in one way."""
    for value in choice:
        if not _is_finite_number(value):
            raise FieldError(f"chooses among numbers, '{value}' is none", (value,))
    found = {repr(float(value)): weight for value, weight in choice.items()}
    if len({float(value) for value in choice}) < len(choice):
        raise ValueError("lists a number twice")
    if not sum(found.values()) > 0:
        raise ValueError("needs at least one weight above 0")
    return found


def _categorical(choice: Mapping[str, float]) -> Categorical:
    kept = sorted((float(value), weight) for value, weight in choice.items() if weight > 0)
    values, weights = zip(*kept, strict=True)
    return Categorical(values, relative(weights))


def _numbers_of_a_text(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    words = value.split()
    wrong = [word for word in words if not _is_finite_number(word)]
    if wrong:
        raise ValueError(f"expected numbers with spaces between them, found '{wrong[0]}'")
    return [float(word) for word in words]


def relative(weights: Sequence[float]) -> tuple[float, ...]:
    """Return weights that sum to 1."""
    total = math.fsum(weights)
    return tuple(weight / total for weight in weights)


_Choice = Annotated[dict[str, Weight], Field(min_length=1), AfterValidator(_numbers_with_weight)]
_LIST: Final = {"type": "array", "items": {"type": "number"}, "minItems": 2}
_Rows = Annotated[
    list[float],
    Field(min_length=2),
    BeforeValidator(_numbers_of_a_text),
    WithJsonSchema({"anyOf": [_LIST, {"type": "string"}]}),
]
WRITTEN: Final[Mapping[str, Written]] = {
    "choice": Written(_Choice, _categorical, "{value: weight} over numbers"),
    "resamples": Written(
        _Rows,
        lambda rows: Resamples(tuple(rows)),
        "values, drawn row by row with the others of the block that have them: a list, "
        "or a string of numbers with spaces between them, which is read faster",
    ),
}


SUM_TOLERANCE: Final = 1e-9  # of shares typed as decimal fractions


class SharesDistribution(Protocol):
    """A distribution of shares that sum to one, from a uniform of each, by component."""

    def shares(self, uniforms: Mapping[str, Floats]) -> dict[str, Floats]: ...


@dataclass(frozen=True, slots=True)
class FixedShares:
    """Shares that are taken as known; they sum to 1."""

    values: Mapping[str, float]

    def shares(self, uniforms: Mapping[str, Floats]) -> dict[str, Floats]:
        return {name: np.full_like(uniforms[name], share) for name, share in self.values.items()}


@dataclass(frozen=True, slots=True)
class Dirichlet:
    """Dirichlet distribution: normalised gamma variables with shapes `concentrations`."""

    concentrations: Mapping[str, float]

    def shares(self, uniforms: Mapping[str, Floats]) -> dict[str, Floats]:
        shapes = self.concentrations.items()
        sizes = {name: Gamma(shape, 1.0).ppf(uniforms[name]) for name, shape in shapes}
        total = np.sum(list(sizes.values()), axis=0)
        return {name: size / total for name, size in sizes.items()}


def _sum_to_one(shares: dict[str, float]) -> dict[str, float]:
    if abs((total := math.fsum(shares.values())) - 1.0) > SUM_TOLERANCE:
        raise ValueError(f"shares sum to {total:g}, must sum to 1")
    return shares


_Shares = Annotated[dict[str, Weight], Field(min_length=2), AfterValidator(_sum_to_one)]
_Shapes = Annotated[dict[str, Shape], Field(min_length=2)]
SHARES_WRITTEN: Final[Mapping[str, Written]] = {
    "shares": Written(_Shares, FixedShares, "known shares that sum to 1, by name"),
    "dirichlet": Written(_Shapes, Dirichlet, "concentrations, by name of the share"),
}
