"""What every question is put to: the draws of a run, and means over them with their errors."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final, TypeAlias

import numpy as np
from numpy.typing import NDArray
from scipy.special import stdtrit

from simulator.outcomes.spread import known, mean_error

Floats: TypeAlias = NDArray[np.float64]
Labels: TypeAlias = NDArray[np.object_]
Mask: TypeAlias = NDArray[np.bool_]

BOOK: Final = "book"  # the choice between the books of a pool
NOT_ASKED: Final = "-"  # label of a choice in the draws of a book that lacks it
FEWEST: Final = 50  # draws that a mean with an error is taken over


@dataclass(frozen=True, eq=False, slots=True)
class Draws:
    """Plans under the same draws of the assumptions, D of them.

    Attributes
    ----------
    plans : tuple of P str
    names : tuple of K str
        Assumptions that are the same for all plans.
    values : float64 array, shape (D, K)
        NaN where an assumption does not apply.
    options : mapping of choice to object array of str, shape (D,)
        Option taken in each structural choice; `NOT_ASKED` where the book lacks the choice.
    outcomes : mapping of name to float64 array, shape (P, D)
        Each averaged over the trials of a draw.
    book : object array of str, shape (D,)
    replicate : int64 array, shape (D,)
        Draws of different replicates are independent.
    trials : int
        Worlds behind the outcomes of a draw.
    apart : tuple of str
        Assumptions and choices that are left out, since plans set them to different values.
    """

    plans: tuple[str, ...]
    names: tuple[str, ...]
    values: Floats
    options: Mapping[str, Labels]
    outcomes: Mapping[str, Floats]
    book: Labels
    replicate: NDArray[np.int64]
    trials: int
    apart: tuple[str, ...] = ()

    @property
    def size(self) -> int:
        """Number of draws."""
        return self.replicate.size

    def take(self, rows: Mask) -> Draws:
        """Keep some of the draws."""
        return replace(
            self,
            values=self.values[rows],
            options={choice: taken[rows] for choice, taken in self.options.items()},
            outcomes={name: values[:, rows] for name, values in self.outcomes.items()},
            book=self.book[rows],
            replicate=self.replicate[rows],
        )

    def choices(self) -> dict[str, Labels]:
        """Structural choices that differ between draws, that of the book among them."""
        asked = {**self.options, BOOK: self.book}
        return {c: taken for c, taken in asked.items() if len(set(taken) - {NOT_ASKED}) > 1}

    def numbers(self) -> dict[str, Floats]:
        """Assumptions that differ between draws."""
        return {
            name: values
            for name, values in zip(self.names, self.values.T, strict=True)
            if np.unique(values[~np.isnan(values)]).size > 1
        }


@dataclass(frozen=True, slots=True)
class Value:
    """A number, and its Monte Carlo standard error; None where it cannot be known."""

    value: float | None
    mcse: float | None

    def interval(self, level: float, replicates: int = 16) -> tuple[float, float] | None:
        """Where infinitely many draws would lie with this confidence: t of the replicates."""
        if self.value is None or self.mcse is None:
            return None
        away = float(stdtrit(replicates - 1, 0.5 + level / 2.0)) * self.mcse
        return self.value - away, self.value + away


def mean(values: NDArray[Any], replicate: NDArray[np.int64]) -> Value:
    """Mean over draws, shape (D,), with its error."""
    return Value(known(values.mean()), known(mean_error(values, replicate)))


def means(values: Floats, replicate: NDArray[np.int64]) -> tuple[Value, ...]:
    """Means over draws of several rows, shape (P, D)."""
    return tuple(mean(row, replicate) for row in values)
