"""One number from many draws: its value, its Monte Carlo error, and its spread over assumptions.

The two uncertainties are kept apart (docs/model.md, section "Two levels of uncertainty"). The Monte
Carlo standard error (MCSE) says how far the printed value may be from what infinitely many draws
would give; more computing shrinks it. The range over draws says how the answer depends on what
nobody knows; more computing only shows it more sharply, and its ends have an MCSE of their own.

Draws are spread evenly, not independently, so their scatter says nothing of the error. They come in
replicates, each with points of its own: the scatter of the replicates does.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import KW_ONLY, dataclass, replace
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from scipy.special import stdtrit

from simulator.addresses import REPLICATES
from simulator.model.compiled import FloatArray, IntArray

ENDS: Final = (0.05, 0.95)
# Fewer draws are fewer than two a replicate, and hardly have a 5th and a 95th percentile.
DRAWS_FOR_RANGE: Final = 32
ONE_DRAW: Final = "one draw: no error and no range"
# Numbers of an estimate, and of every point of a curve, as files have them.
ESTIMATE_FIELDS: Final = ("value", "mcse", "p05", "p95", "p05_mcse", "p95_mcse")


@dataclass(frozen=True, slots=True)
class Estimate:
    """An estimate of one quantity; a number that does not exist or cannot be known is None."""

    value: float | None
    mcse: float | None  # Monte Carlo standard error of the value
    p05: float | None  # range over draws of the assumptions
    p95: float | None
    p05_mcse: float | None = None
    p95_mcse: float | None = None
    _: KW_ONLY
    note: str = ""  # why something is None
    replicates: int = 0  # behind the errors

    def scaled(self, factor: float) -> Estimate:
        """In another unit; the range keeps its order under a factor above zero."""
        numbers = ((name, getattr(self, name)) for name in ESTIMATE_FIELDS)
        scaled: dict[str, Any] = {n: None if v is None else factor * v for n, v in numbers}
        return replace(self, **scaled)

    def without_range(self, note: str | None = None) -> Estimate:
        """The value and its error alone."""
        note = self.note if note is None else note
        return Estimate(self.value, self.mcse, None, None, note=note, replicates=self.replicates)

    def interval(self) -> tuple[float, float] | None:
        """Where infinitely many draws would lie with 95 % confidence: t of the replicates."""
        if self.value is None or self.mcse is None or self.replicates < 2:
            return None
        away = float(stdtrit(self.replicates - 1, 0.975)) * self.mcse
        return self.value - away, self.value + away


@dataclass(frozen=True, slots=True)
class Precision:
    """What a run to a precision was asked for, and where it ended."""

    estimate: str
    target: float  # what the upper bound of its MCSE may be
    error: float | None  # that bound when the run stopped, the largest of all plans
    met: bool


def unknown(why: str) -> Estimate:
    """An estimate that does not exist, and why."""
    return Estimate(None, None, None, None, note=why)


def replicate_error(found: FloatArray, counts: IntArray) -> FloatArray:
    """Monte Carlo standard error of a number, from the same number in each replicate, (R, ...).

    ``counts`` (R,) are the draws in each; those without any are left out. NaN of fewer than two
    replicates, and where one of them gives nothing finite.
    """
    used = counts > 0
    number = int(np.count_nonzero(used))
    if number < 2:
        return np.full(found.shape[1:], np.nan)
    weights = counts[used] / counts.sum()
    with np.errstate(invalid="ignore"):  # infinite less infinite: a replicate beyond the horizon
        centre = _weighted(weights, found[used])
        squares = _weighted(weights**2, np.square(found[used] - centre))
    return np.asarray(np.sqrt(squares * number / (number - 1)))


def _weighted(weights: FloatArray, found: FloatArray) -> FloatArray:
    """Sum over the first axis, term by term: what stands beside a number cannot round it."""
    total = np.zeros(found.shape[1:])
    for weight, one in zip(weights, found, strict=True):
        total += weight * one
    return total


def _sorted(draws: IntArray) -> tuple[IntArray, IntArray, IntArray]:
    """Rows sorted by replicate, where each begins among them, and how many it has."""
    replicate = draws % REPLICATES
    counts = np.bincount(replicate)
    counts = counts[counts > 0]
    return np.argsort(replicate, kind="stable"), np.cumsum(counts) - counts, counts


def with_error(
    statistic: Callable[[slice | IntArray], FloatArray | float], draws: IntArray
) -> tuple[FloatArray, FloatArray]:
    """A statistic of some rows of the draws, for all of them, and its Monte Carlo error."""
    order, starts, counts = _sorted(draws)
    found = np.array([statistic(rows) for rows in np.split(order, starts[1:])], np.float64)
    return np.asarray(statistic(slice(None)), np.float64), replicate_error(found, counts)


def mean_error(values: NDArray[Any], draws: IntArray) -> FloatArray:
    """Monte Carlo standard error of the mean over draws, the first axis of numbers or truths."""
    order, starts, counts = _sorted(draws)
    means = np.add.reduceat(_columns(values[order]), starts, axis=1) / counts
    return replicate_error(means.T.reshape(-1, *values.shape[1:]), counts)


def mean(values: NDArray[Any]) -> FloatArray:
    """Mean over draws, the first axis."""
    return np.asarray(_columns(values).mean(axis=1).reshape(values.shape[1:]))


def _columns(values: NDArray[Any]) -> FloatArray:
    """Columns, each in one piece: a sum over rows would round as what stands beside does."""
    return values.reshape(len(values), -1).T.astype(np.float64, order="C")


def spread(values: FloatArray, draws: IntArray) -> tuple[FloatArray, ...]:
    """The two ends of the range over draws, and the Monte Carlo standard error of each.

    The percentiles of a replicate's few draws scatter otherwise than those of all draws, so they
    are not compared. What is compared is the share of its draws below an end, which is a mean; the
    error of that share is the error of the end times the density there, read off as the distance
    between the percentiles two errors below and above it (Woodruff 1952). ``values`` has shape
    (D, ...) and may be infinite.
    """
    if draws.size < 2:
        return (np.full(values.shape[1:], np.nan),) * 4
    ordered = np.sort(values, axis=0)
    shares = np.multiply.outer(ENDS, np.ones(values.shape[1:]))
    ends = _percentiles(ordered, shares)
    errors = mean_error(values[:, None] <= ends, draws)
    if np.isnan(errors).all():  # all in one replicate
        return *ends, *errors
    around = _percentiles(ordered, np.concatenate([shares - 2.0 * errors, shares + 2.0 * errors]))
    with np.errstate(invalid="ignore"):  # infinite less infinite
        return *ends, *(around[len(ENDS) :] - around[: len(ENDS)]) / 4.0


def _percentiles(ordered: FloatArray, shares: FloatArray) -> FloatArray:
    """Several at once: linear between neighbours; infinite where the upper one is."""
    last = len(ordered) - 1
    at = np.minimum(np.maximum(shares, 0.0), 1.0) * last
    below = np.floor(at).astype(np.int64)
    low, high = (
        np.take_along_axis(ordered, np.minimum(index, last), axis=0) for index in (below, below + 1)
    )
    part = at - below
    with np.errstate(invalid="ignore"):  # infinite less infinite, or times 0
        between = np.where(np.isinf(high), high, low + part * (high - low))
    return np.asarray(np.where(part > 0.0, between, low))


def estimate(values: FloatArray, draws: IntArray) -> Estimate:
    """Mean over draws, with its range."""
    return ranged(values.mean(), mean_error(values, draws), values, draws)


def ranged(
    value: FloatArray | float, error: FloatArray | float, values: FloatArray, draws: IntArray
) -> Estimate:
    """An estimate from its value and error, with the range of what it is in each draw."""
    return from_numbers((value, error, *spread(values, draws)), draws)


def from_numbers(numbers: Iterable[FloatArray | float], draws: IntArray) -> Estimate:
    """An estimate from its six numbers, in the order of its fields."""
    note = ONE_DRAW if draws.size == 1 else ""
    behind = int(np.count_nonzero(np.bincount(draws % REPLICATES)))
    return Estimate(*map(known, numbers), note=note, replicates=behind)


def rough(draws: int) -> str:
    """What is to be said of the errors of so few draws; nothing where there are enough."""
    if draws == 1:
        return ONE_DRAW
    return f"{draws} draws only: errors and ranges are rough" if draws < DRAWS_FOR_RANGE else ""


def known(value: FloatArray | float) -> float | None:
    """A finite number, or None."""
    return float(value) if np.isfinite(value) else None
