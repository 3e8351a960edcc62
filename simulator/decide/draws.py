"""What every question is put to: the draws of a run, and means over them with their errors."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from simulator.books.book import POOL_CHOICE
from simulator.books.draws import NOT_ASKED
from simulator.estimates.estimate import known, mean_error
from simulator.inputs import InputError, Position, Problem, did_you_mean, listed

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

    @property
    def taken(self) -> dict[str, Labels]:
        """All structural choices, that of the book among them."""
        return {**self.options, POOL_CHOICE: self.book}

    def columns(self) -> Columns:
        """Assumptions and choices that differ between draws."""
        return {**self.numbers(), **self.choices()}

    def choices(self) -> dict[str, Labels]:
        """Structural choices that differ between draws."""
        return {name: of for name, of in self.taken.items() if len(options_of(of)) > 1}

    def numbers(self) -> dict[str, Floats]:
        """Assumptions that differ between draws of one book: others only say which book it is."""
        books = [self.book == book for book in sorted(set(self.book))]
        named = zip(self.names, self.values.T, strict=True)
        return {name: of for name, of in named if any(_differ(of[rows]) for rows in books)}


def _differ(values: Floats) -> bool:
    return np.unique(values[~np.isnan(values)]).size > 1


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


def by_option(taken: Labels) -> dict[str, Mask]:
    """Draws in which a choice takes each of its options."""
    return {option: taken == option for option in options_of(taken)}


# Draws that are simulated anew where so few are left: enough for all that is asked of them.
ADVISED: Final = 4_096


def given(draws: Draws, beliefs: Sequence[str]) -> Draws:
    """Keep the draws in which all beliefs hold.

    Raises `InputError` with everything that is wrong with the beliefs; or if fewer than `FEWEST`
    draws are left, with what to run instead.
    """
    rows, instead = held(draws, beliefs)
    left = int(np.count_nonzero(rows))
    if left < FEWEST:
        message = f"{left} of {draws.size:,} draws are left; fewer than {FEWEST} answer nothing"
        more = f"give {math.ceil(draws.size * FEWEST / left):,} draws, or " if left else ""
        even = ", evenly within a range" if any("uniform" in one for one in instead) else ""
        hint = f"{more}simulate it{even}: {' '.join(instead)} --draws {ADVISED}"
        raise InputError([Problem(None, f"--given {' '.join(beliefs)}", message, hint)])
    return draws.take(rows)


def held(draws: Draws, beliefs: Sequence[str]) -> tuple[Mask, list[str]]:
    """Draws in which all beliefs hold, and how to simulate each; InputError with all faults."""
    problems: list[Problem] = []
    rows = np.ones(draws.size, bool)
    instead = []
    for number, text in enumerate(beliefs, 1):
        try:
            here, setting = _held(draws, text)
        except InputError as error:
            problems += error.placed(Position("--given", number, 1, text))
        else:
            rows &= here
            instead.append(setting)
    if problems:
        raise InputError(problems)
    return rows, instead


def _held(draws: Draws, text: str) -> tuple[Mask, str]:
    """Draws in which one belief holds, and how to simulate it."""
    name, equals, value = (part.strip() for part in text.partition("="))
    if not equals:
        raise _wrong(f"'{text}' gives nothing; allowed are NAME=LOW..HIGH and CHOICE=OPTION")
    if name in draws.taken:
        taken = draws.taken[name]
        known = options_of(taken)
        if value not in known:
            message = f"{name} has no option '{value}'; there are {listed(known)}"
            raise _wrong(message, did_you_mean(value, known))
        setting = f"--book {value}" if name == POOL_CHOICE else f"--set structure.{name}={value}"
        return taken == value, setting
    if name not in draws.names:
        hint = did_you_mean(name, [*draws.names, *draws.taken])
        raise _wrong(f"nothing is called '{name}'", hint)
    values = draws.values[:, draws.names.index(name)]
    least, most = float(np.nanmin(values)), float(np.nanmax(values))
    drawn = f"{least:.4g} to {most:.4g}"
    low, dots, high = (part.strip() for part in value.partition(".."))
    hint = f"write {name}=LOW..HIGH, within {drawn}"
    if not dots:
        raise _wrong(f"{name}={value} is no range", hint)
    try:
        start, end = float(low or "-inf"), float(high or "inf")
    except ValueError:
        raise _wrong(f"'{value}' is no range of numbers", hint) from None
    if not start < end or (start, end) == (-math.inf, math.inf):
        needed = "needs a lower end below its upper one, and at least one of them"
        raise _wrong(f"{name}={value} {needed}")
    inside = (values >= start) & (values <= end)
    if not inside.any():
        raise _wrong(f"{name} is never in {value}; it is drawn from {drawn}")
    ends = f"{max(start, least):.4g}, {min(end, most):.4g}"
    return inside, f'--set "assumptions.{name}={{uniform: [{ends}]}}"'


def _wrong(message: str, hint: str | None = None) -> InputError:
    return InputError([Problem(None, "", message, hint)])
