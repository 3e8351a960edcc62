"""What every question is put to: the draws of a run, and means over them with their errors."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from simulator.books.book import POOL_CHOICE
from simulator.books.draws import NOT_ASKED
from simulator.estimates.estimate import known, mean_error

Floats: TypeAlias = NDArray[np.float64]
Labels: TypeAlias = NDArray[np.object_]
Mask: TypeAlias = NDArray[np.bool_]
Replicates: TypeAlias = NDArray[np.int64]
Columns: TypeAlias = Mapping[str, NDArray[Any]]  # values or options of each draw, by name

FEWEST: Final = 50  # draws that a mean with an error is taken over


@dataclass(frozen=True, eq=False, slots=True)
class Draws:
    """P plans under the same D draws of K assumptions."""

    plans: tuple[str, ...]
    names: tuple[str, ...]  # assumptions that are the same for all plans
    values: Floats  # shape (D, K); NaN where an assumption does not apply
    options: Mapping[str, Labels]  # by structural choice, shape (D,); `NOT_ASKED` without it
    outcomes: Mapping[str, Floats]  # by name, shape (P, D); averages over the trials of a draw
    book: Labels  # shape (D,)
    replicate: Replicates  # shape (D,); draws of different replicates are independent
    trials: int  # behind the outcomes of a draw
    apart: tuple[str, ...] = ()  # left out, since plans set them to different values

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

    def columns(self) -> Columns:
        """Assumptions and choices that differ between draws."""
        return {**self.numbers(), **self.choices()}

    def choices(self) -> dict[str, Labels]:
        """Structural choices that differ between draws, that of the book among them."""
        asked = {**self.options, POOL_CHOICE: self.book}
        return {c: taken for c, taken in asked.items() if len(options_of(taken)) > 1}

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


def mean(values: NDArray[Any], replicate: Replicates) -> Value:
    """Mean over draws, shape (D,), with its error."""
    return Value(known(values.mean()), known(mean_error(values, replicate)))


def means(draws: Draws, values: NDArray[Any], rows: Mask | slice = slice(None)) -> dict[str, Value]:
    """Means over some of the draws, by plan, of values of shape (P, those draws)."""
    return {
        plan: mean(row, draws.replicate[rows])
        for plan, row in zip(draws.plans, values, strict=True)
    }


def is_choice(column: NDArray[Any]) -> bool:
    """Whether a column holds options of a choice, not values of an assumption."""
    return column.dtype == object


def options_of(taken: Labels) -> list[str]:
    """Options that a choice takes in some draw, sorted."""
    return sorted(set(taken) - {NOT_ASKED})
