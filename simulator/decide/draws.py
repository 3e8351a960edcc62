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


SOURCE: Final = "--given"
# Draws that are simulated anew where so few are left: enough for all that is asked of them.
ADVISED: Final = 4_096


def given(draws: Draws, beliefs: Sequence[str], source: str = SOURCE) -> Draws:
    """Keep the draws in which all beliefs hold.

    Raises `InputError` with everything that is wrong with the beliefs; or if fewer than `FEWEST`
    draws are left, with what to run instead.
    """
    rows, instead = held(draws, beliefs, source)
    left = int(np.count_nonzero(rows))
    if left < FEWEST:
        message = f"{left} of {draws.size:,} draws are left; fewer than {FEWEST} answer nothing"
        more = f"give {math.ceil(draws.size * FEWEST / left):,} draws, or " if left else ""
        even = ", evenly within a range" if any("uniform" in one for one in instead) else ""
        hint = f"{more}simulate it{even}: {' '.join(instead)} --draws {ADVISED}"
        raise InputError([Problem(None, f"{source} {' '.join(beliefs)}", message, hint)])
    return draws.take(rows)


def held(draws: Draws, beliefs: Sequence[str], source: str = SOURCE) -> tuple[Mask, list[str]]:
    """Draws in which all beliefs hold, and how to simulate each; InputError with all faults."""
    problems: list[Problem] = []
    rows = np.ones(draws.size, bool)
    instead = []
    for number, text in enumerate(beliefs, 1):
        read = _read(draws, text, Position(source, number, 1, text))
        if isinstance(read, Problem):
            problems.append(read)
        else:
            rows &= read[0]
            instead.append(read[1])
    if problems:
        raise InputError(problems)
    return rows, instead


def _read(draws: Draws, text: str, place: Position) -> tuple[Mask, str] | Problem:
    """Rows in which one belief holds and how to simulate it, or what is wrong with it."""
    name, equals, value = (part.strip() for part in text.partition("="))
    options = {**draws.options, POOL_CHOICE: draws.book}
    if not equals:
        message = f"'{text}' gives nothing; allowed are NAME=LOW..HIGH and CHOICE=OPTION"
        return Problem(place, "", message)
    if name in options:
        known = options_of(options[name])
        if value not in known:
            message = f"{name} has no option '{value}'; there are {listed(known)}"
            return Problem(place, "", message, did_you_mean(value, known))
        setting = f"--book {value}" if name == POOL_CHOICE else f"--set structure.{name}={value}"
        return options[name] == value, setting
    if name not in draws.names:
        hint = did_you_mean(name, [*draws.names, *options])
        return Problem(place, "", f"nothing is called '{name}'", hint)
    return _range(name, value, draws.values[:, draws.names.index(name)], place)


def _range(name: str, text: str, values: Floats, place: Position) -> tuple[Mask, str] | Problem:
    low, dots, high = (part.strip() for part in text.partition(".."))
    drawn = f"{np.nanmin(values):.4g} to {np.nanmax(values):.4g}"
    hint = f"write {name}=LOW..HIGH, within {drawn}"
    if not dots:
        return Problem(place, "", f"{name}={text} is no range", hint)
    try:
        ends = float(low or "-inf"), float(high or "inf")
    except ValueError:
        return Problem(place, "", f"'{text}' is no range of numbers", hint)
    if not ends[0] < ends[1] or ends == (-math.inf, math.inf):
        message = f"{name}={text} needs a lower end below its upper one, and at least one of them"
        return Problem(place, "", message)
    inside = (values >= ends[0]) & (values <= ends[1])
    if not inside.any():
        return Problem(place, "", f"{name} is never in {text}; it is drawn from {drawn}")
    shown = max(ends[0], float(np.nanmin(values))), min(ends[1], float(np.nanmax(values)))
    return inside, f'--set "assumptions.{name}={{uniform: [{shown[0]:.4g}, {shown[1]:.4g}]}}"'
