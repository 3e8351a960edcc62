"""One of a few numbers, stored resamples and mixtures, with true quantile functions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from simulator.books.distributions import Distribution, Floats
from simulator.books.names import Range

__all__ = ["Categorical", "Mixture", "Resamples"]

_FROM_THE_EDGE: Final = 1e-9  # of a row: farther than the rounding of a position among 100,000 rows


@dataclass(frozen=True, slots=True)
class Categorical:
    """One of a few numbers: `values` ascending, with `weights` that sum to 1."""

    values: tuple[float, ...]
    weights: tuple[float, ...]

    def ppf(self, u: Floats) -> Floats:
        """Return the smallest value whose cumulative weight reaches `u`."""
        steps = np.cumsum(self.weights)[:-1]  # the last value takes all the rest
        return np.asarray(self.values)[np.searchsorted(steps, u, side="left")]

    def cdf(self, x: Floats) -> Floats:
        """Return the weight of the values <= `x`."""
        steps = np.concatenate([[0.0], np.cumsum(self.weights)[:-1], [1.0]])
        return steps[np.searchsorted(self.values, x, side="right")]

    @property
    def support(self) -> Range:
        """From the smallest value to the largest."""
        return Range(self.values[0], self.values[-1])


@dataclass(frozen=True, slots=True)
class Resamples:
    """Values of stored resamples, each as likely as any other, in the order of the resamples.

    Several assumptions that were resampled together have one row of values for each resample.
    `uniforms_of_rows` gives each of them the uniform at which its own quantile is its value in the
    row that one common uniform decides: rows are drawn whole, and yet every assumption keeps a
    uniform of its own (the empirical copula of the resamples).
    """

    rows: tuple[float, ...]

    def ppf(self, u: Floats) -> Floats:
        """Return the smallest value that at least the share `u` of the rows does not exceed."""
        return np.sort(self.rows)[_cells(u, len(self.rows))]

    def cdf(self, x: Floats) -> Floats:
        """Return the share of the rows <= `x`."""
        return np.searchsorted(np.sort(self.rows), x, side="right") / len(self.rows)

    @property
    def support(self) -> Range:
        """From the smallest value to the largest."""
        return Range(min(self.rows), max(self.rows))

    def uniforms_of_rows(self, u: Floats) -> Floats:
        """Return uniforms whose quantiles are the values in the rows that `u` decides.

        Where in its row `u` lies is kept as the place within the value's step of the quantile
        function, so that uniform `u` give uniforms.
        """
        count = len(self.rows)
        row = _cells(u, count)
        places = np.argsort(np.argsort(self.rows, kind="stable"), kind="stable")
        within = np.clip(u * count - row, _FROM_THE_EDGE, 1.0 - _FROM_THE_EDGE)
        return np.asarray((places[row] + within) / count, dtype=np.float64)


@dataclass(frozen=True, slots=True)
class Mixture:
    """A weighted mixture of distributions; `weights` are positive and sum to 1."""

    parts: tuple[Distribution, ...]
    weights: tuple[float, ...]

    def ppf(self, u: Floats) -> Floats:
        """Return the smallest floats at which the mixture's `cdf` reaches `u`.

        The quantile lies between the smallest and the largest quantile of the parts. It is found
        by bisection over the floats themselves, in their order: 64 halvings are exact anywhere
        from 1e-300 to 1e300, and no element depends on another.
        """
        quantiles = np.stack([part.ppf(u) for part in self.parts])
        low, high = _order(quantiles.min(axis=0)), _order(quantiles.max(axis=0))
        while np.any(low < high):
            middle = (low & high) + ((low ^ high) >> 1)  # the mean without overflow
            reached = self.cdf(_from_order(middle)) >= u
            high = np.where(reached, middle, high)
            low = np.where(reached, low, np.minimum(middle + 1, high))
        return _from_order(high) + 0.0  # no negative zero

    def cdf(self, x: Floats) -> Floats:
        """Return the weighted mean of the parts' probabilities."""
        total = np.zeros_like(x)
        for part, weight in zip(self.parts, self.weights, strict=True):
            total += weight * part.cdf(x)
        return total

    @property
    def support(self) -> Range:
        """The smallest interval that holds the parts' supports."""
        supports = [part.support for part in self.parts]
        low = min(s.low for s in supports)
        high = max(s.high for s in supports)
        return Range(
            low,
            high,
            any(s.includes_low for s in supports if s.low == low),
            any(s.includes_high for s in supports if s.high == high),
        )


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
