"""Drawing assumptions: from a book, a scenario and a seed to one number per name and draw.

Every draw is a pure function of book, scenario, seed and its own number, so any part of a run can
be drawn alone. The uniform behind an assumption is addressed by its name: other assumptions,
contributors and draws cannot change it.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Final, TypeAlias

import numpy as np
import numpy.typing as npt

from simulator.addresses import assumption_uniform
from simulator.assumptions import layers
from simulator.assumptions.catalogue import check_contributors, standing_in, stated
from simulator.assumptions.contents import POOL_CHOICE, Book, Weights
from simulator.assumptions.distributions import Distribution, Floats
from simulator.assumptions.layers import Cases, Options
from simulator.assumptions.names import (
    ASSUMPTIONS,
    CONTRIBUTOR_FIELDS,
    SHARES,
    contributor_name,
)
from simulator.assumptions.pins import Pins, read_pins
from simulator.assumptions.shares import SharesDistribution
from simulator.inputs import InputError, Problem
from simulator.scenario import Scenario
from simulator.scenario.frozen import FrozenMap

__all__ = ["NOT_ASKED", "Draws", "Uniforms", "draw_assumptions", "draw_with"]

NOT_ASKED: Final = "-"  # label of a choice in the draws of a pool whose book lacks the choice

DrawNumbers: TypeAlias = npt.NDArray[np.int64]
# Uniforms of a name in the draws of these numbers. Structural choices are called structure.CHOICE.
Uniforms: TypeAlias = Callable[[str, DrawNumbers], Floats]

_SHARE_NAMES: Final = {f"{whole}.{part}" for whole, parts in SHARES.items() for part in parts}


@dataclass(frozen=True, eq=False)
class Draws:
    """Assumptions drawn D times.

    Attributes
    ----------
    seed : int
    numbers : int64 array, shape (D,)
        Numbers of the draws; part of the address of every random number of their paths.
    values : mapping of name to float64 array, shape (D,), read-only
        Every name of the model, and those of the scenario's contributors.
    labels : mapping of choice to tuple of D option names
        `book` is the choice between the books of a pool.
    """

    seed: int
    numbers: DrawNumbers
    values: Mapping[str, Floats]
    labels: Mapping[str, tuple[str, ...]]


def draw_assumptions(book: Book, scenario: Scenario, seed: int, first: int, last: int) -> Draws:
    """Draw the assumptions number `first` to `last`, without `last`.

    Parameters
    ----------
    book : Book
    scenario : Scenario
        Its contributors, and what it says about assumptions and structure.
    seed : int
        ``0 <= seed < 2**128``.
    first, last : int
        ``0 <= first <= last``.

    Raises
    ------
    InputError
        If the scenario pins what does not exist or cannot be.
    """
    if not 0 <= first <= last:
        raise ValueError(f"draws {first} to {last}: needs 0 <= first <= last")
    return draw_with(
        book, scenario, seed, np.arange(first, last), partial(assumption_uniform, seed)
    )


def draw_with(
    book: Book, scenario: Scenario, seed: int, numbers: DrawNumbers, uniforms: Uniforms
) -> Draws:
    """Draw assumptions from uniforms of any design, such as a Latin hypercube.

    Parameters
    ----------
    book, scenario, seed
        As for `draw_assumptions`; the seed is only handed on.
    numbers : int64 array, shape (D,)
        Numbers of the draws, each >= 0.
    uniforms : callable
        From a name and int64 draw numbers, shape (n,), to uniforms in (0, 1), shape (n,).
    """
    pins = read_pins(book, scenario)
    check_contributors(book, scenario)
    values, labels = _drawn(book, scenario, pins, numbers, uniforms)
    for array in (numbers, *values.values()):
        array.setflags(write=False)
    return Draws(
        seed,
        numbers,
        FrozenMap(values),
        FrozenMap({choice: tuple(labels[choice].tolist()) for choice in sorted(labels)}),
    )


def _drawn(
    book: Book, scenario: Scenario, pins: Pins, numbers: DrawNumbers, uniforms: Uniforms
) -> tuple[dict[str, Floats], dict[str, npt.NDArray[np.object_]]]:
    """Draw from a book or, in a pool, in each draw from the book that it takes."""
    if not book.pool:
        return _prepared(book, scenario, pins, numbers, uniforms).draw()
    names = tuple(book.pool)
    weights: Weights = pins.structure.get(POOL_CHOICE, book.pool_weights)
    codes = layers.pick(names, weights, uniforms(f"structure.{POOL_CHOICE}", numbers))
    values: dict[str, Floats] = {}
    labels = {
        choice: np.full(numbers.size, NOT_ASKED, dtype=object) for choice in book.choice_options
    }
    for code, (name, member) in enumerate(book.pool.items()):
        here = codes == code
        labels[POOL_CHOICE][here] = name
        drawing = _prepared(member, scenario, pins, numbers[here], uniforms)
        part, part_labels = drawing.draw()
        for key, array in part.items():
            values.setdefault(key, np.empty(numbers.size))[here] = array
        for key, words in part_labels.items():
            labels[key][here] = words
    return values, labels


@dataclass(frozen=True, eq=False)
class _Drawing:
    """Draws from one plain book: what was decided before the first assumption is drawn."""

    book: Book
    scenario: Scenario
    pins: Pins
    independent: Callable[[str], Floats]  # uniforms by name, before any dependence
    taken: Options
    dependent: Mapping[str, Floats]  # uniforms of assumptions that others decide as well

    def uniform(self, name: str) -> Floats:
        """Return the uniforms of a name."""
        found = self.dependent.get(name)
        return self.independent(name) if found is None else found

    def draw(self) -> tuple[dict[str, Floats], dict[str, npt.NDArray[np.object_]]]:
        """Return values by name, and names of the options taken by choice."""
        values = {
            name: layers.number(self.cases(name), self.uniform(name))
            for name in ASSUMPTIONS
            if name not in _SHARE_NAMES
        }
        for whole in SHARES:
            values |= self.shares(whole)
        for name, cases in self.contributor_cases().items():
            values[name] = layers.number(cases, self.uniform(name))
        labels = {c: np.array(names, object)[codes] for c, (names, codes) in self.taken.items()}
        return values, labels

    def cases(self, name: str, below: Cases[Distribution] | None = None) -> Cases[Distribution]:
        """Return what competes for a name; `below` is what holds if the book says nothing."""
        if name in self.pins.numbers:
            return [(None, self.pins.numbers[name])]
        cases = list(below or [])
        if name in self.book.layer.entries:
            cases.append((None, self.book.layer.entries[name].distribution))

        for choice, option in self.book.overrides.get(name, ()):
            entry = self.book.choices[choice].options[option].layer.entries[name]
            cases.append((layers.took(self.taken, choice, option), entry.distribution))
        return cases

    def contributor_cases(self) -> dict[str, Cases[Distribution]]:
        """Return what competes for the assumptions about the scenario's contributors."""
        found = {}
        for contributor, entry in self.scenario.contributors.items():
            own, others = stated(entry), standing_in(entry, self.scenario)
            for field in CONTRIBUTOR_FIELDS:
                below: Cases[Distribution] = (
                    [(None, own[field])] if field in own else self.cases(others[field])
                )
                name = contributor_name(contributor, field)
                found[name] = self.cases(name, below)
        return found

    def shares(self, whole: str) -> dict[str, Floats]:
        """Return the shares of a whole, by full name."""
        uniforms = {part: self.uniform(f"{whole}.{part}") for part in SHARES[whole]}
        if whole in self.pins.shares:
            cases: Cases[SharesDistribution] = [(None, self.pins.shares[whole])]
        else:
            cases = [(None, self.book.layer.shares[whole].distribution)]
            for choice, option in self.book.overrides.get(whole, ()):
                entry = self.book.choices[choice].options[option].layer.shares[whole]
                cases.append((layers.took(self.taken, choice, option), entry.distribution))
        drawn = layers.shares(cases, uniforms)
        pinned = _with_parts(whole, drawn, self.pins.parts.get(whole, {}))
        return {f"{whole}.{part}": values for part, values in pinned.items()}


def _prepared(
    book: Book, scenario: Scenario, pins: Pins, numbers: DrawNumbers, uniforms: Uniforms
) -> _Drawing:
    """Draw the structural choices and make the uniforms that depend on one another."""

    def independent(name: str) -> Floats:
        return uniforms(name, numbers)

    taken = layers.draw_options(
        book.choices, pins.structure, lambda c: independent(f"structure.{c}"), numbers.size
    )
    dependent = layers.correlated(book, independent) | layers.resampled(book, taken, independent)
    return _Drawing(book, scenario, pins, independent, taken, dependent)


def _with_parts(
    whole: str, drawn: dict[str, Floats], pinned: Mapping[str, float]
) -> dict[str, Floats]:
    """Return shares with some of them pinned; the others keep their proportions.

    For a Dirichlet distribution this is exactly the distribution given the pinned shares.
    """
    free = [part for part in drawn if part not in pinned]
    result = {part: np.full_like(drawn[part], share) for part, share in pinned.items()}
    if not pinned or not free:
        return result or drawn
    rest = max(0.0, 1.0 - math.fsum(pinned.values()))
    total = np.sum([drawn[part] for part in free], axis=0)
    if rest > 0.0 and not np.all(total > 0.0):
        message = "the other parts are all 0 and cannot make up the rest; set them as well"
        raise InputError([Problem(None, f"{whole}: {', '.join(pinned)}", message)])
    total[total == 0.0] = 1.0
    return result | {part: drawn[part] / total * rest for part in free}
