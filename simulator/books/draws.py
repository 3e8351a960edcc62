"""Drawing assumptions: from a book, a scenario and a seed to one number per name and draw.

Every draw is a pure function of book, scenario, seed and its own number, so any part of a run can
be drawn alone. The uniform behind an assumption is addressed by its name: other assumptions,
contributors and draws cannot change it.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, partial
from typing import Final, TypeAlias

import numpy as np
import numpy.typing as npt

from simulator.addresses import assumption_uniforms
from simulator.books import layers
from simulator.books.catalogue import standing_in, stated
from simulator.books.contents import POOL_CHOICE, Book, Weights
from simulator.books.distributions import Distribution, Floats
from simulator.books.layers import Cases, Mask, Options, Settled, UniformOf
from simulator.books.names import (
    ASSUMPTIONS,
    CONTRIBUTOR_FIELDS,
    SHARES,
    contributor_name,
)
from simulator.books.pins import Pins, read_pins
from simulator.books.shares import SharesDistribution
from simulator.inputs import InputError, Problem
from simulator.scenario import Scenario
from simulator.scenario.frozen import FrozenMap

__all__ = ["NOT_ASKED", "Draws", "Uniforms", "deciding", "draw_assumptions", "draw_with"]

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
    numbers = np.arange(first, last)
    uniform = assumption_uniforms(seed, numbers)
    return draw_with(book, scenario, seed, numbers, lambda name, _: uniform(name))


def deciding(scenario: Scenario) -> tuple[object, ...]:
    """Return what of a scenario decides draws: scenarios that are equal in it share them."""
    force = scenario.force
    return (
        tuple(scenario.contributors.items()),
        scenario.conditions,
        force.mandate,
        force.posture,
        scenario.assumptions,
        scenario.structure,
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
    uniform = cache(lambda name: uniforms(name, numbers))
    labels = {
        choice: np.full(numbers.size, NOT_ASKED, dtype=object) for choice in book.choice_options
    }
    parts = [_Part(book, None, _options(book, pins, uniform, numbers))]
    if book.pool:
        weights: Weights = pins.structure.get(POOL_CHOICE, book.pool_weights)
        codes = layers.pick(tuple(book.pool), weights, uniform(f"structure.{POOL_CHOICE}"))
        labels[POOL_CHOICE] = np.array(tuple(book.pool), object)[codes]
        parts = [
            _Part(member, codes == code, _options(member, pins, uniform, numbers))
            for code, member in enumerate(book.pool.values())
        ]
    for part in parts:
        for choice, (names, taken) in part.taken.items():
            here = slice(None) if part.here is None else part.here
            labels[choice][here] = np.array(names, object)[taken[here]]
    return _Drawing(scenario, pins, numbers.size, uniform, parts).draw(), labels


def _options(book: Book, pins: Pins, uniform: UniformOf, numbers: DrawNumbers) -> Options:
    return layers.draw_options(
        book.choices, pins.structure, lambda c: uniform(f"structure.{c}"), numbers.size
    )


class _Part:
    """A plain book, the draws that take it (None for all), and the options that it would take."""

    def __init__(self, book: Book, here: Mask | None, taken: Options) -> None:
        self.book, self.here, self.taken = book, here, taken
        self._entries, self._overrides = dict(book.layer.entries), dict(book.overrides)
        self._took: dict[tuple[str, str], Mask] = {}

    def took(self, choice: str, option: str) -> Mask:
        """Return the draws that took the book and one of its options."""
        found = self._took.get((choice, option))
        if found is None:
            found = layers.took(self.taken, choice, option)
            found = found if self.here is None else found & self.here
            self._took[choice, option] = found
        return found

    def numbers(self, name: str) -> Cases[Distribution]:
        """Return what competes for the number `name`, the strongest last."""
        own = self._entries.get(name)
        cases: Cases[Distribution] = [] if own is None else [(self.here, own.distribution)]
        for choice, option in self._overrides.get(name, ()):
            layer = self.book.choices[choice].options[option].layer
            cases.append((self.took(choice, option), layer.entries[name].distribution))
        return cases

    def shares(self, whole: str) -> Cases[SharesDistribution]:
        """Return what competes for the shares of a whole, the strongest last."""
        cases: Cases[SharesDistribution]
        cases = [(self.here, self.book.layer.shares[whole].distribution)]
        for choice, option in self._overrides.get(whole, ()):
            layer = self.book.choices[choice].options[option].layer
            cases.append((self.took(choice, option), layer.shares[whole].distribution))
        return cases


class _Drawing:
    """What was decided before the first assumption is drawn.

    `independent` gives uniforms by name, before any dependence.
    """

    def __init__(
        self,
        scenario: Scenario,
        pins: Pins,
        count: int,
        independent: UniformOf,
        parts: Sequence[_Part],
    ) -> None:
        self.scenario, self.pins, self.count = scenario, pins, count
        self.independent, self.parts = independent, parts
        self.dependent: dict[str, Floats] = {}  # of assumptions that others decide too
        for part in parts:
            layers.correlate_into(self.dependent, part.book, independent, part.here)
            layers.resample_into(self.dependent, part.book, independent, part.here, part.took)
        self.settled = cache(lambda name: layers.settle(self.cases(name), count))

    def uniform(self, name: str) -> Floats:
        """Return the uniforms of a name."""
        found = self.dependent.get(name)
        return self.independent(name) if found is None else found

    def draw(self) -> dict[str, Floats]:
        """Return values by name."""
        values = {}
        for name in ASSUMPTIONS:
            if name not in _SHARE_NAMES:
                values[name] = self.number(name, self.settled(name))
        for whole in SHARES:
            values |= self.shares(whole)
        for name, settled in self.contributors():
            values[name] = self.number(name, settled)
        return values

    def number(self, name: str, settled: Settled[Distribution]) -> Floats:
        """Return the values of a name."""
        return layers.number(settled, partial(self.uniform, name), self.count)

    def cases(self, name: str) -> Cases[Distribution]:
        """Return what competes for a name, the strongest last."""
        if name in self.pins.numbers:
            return [(None, self.pins.numbers[name])]
        return [case for part in self.parts for case in part.numbers(name)]

    def contributors(self) -> Iterator[tuple[str, Settled[Distribution]]]:
        """Yield what holds for the assumptions about the scenario's contributors."""
        for contributor, entry in self.scenario.contributors.items():
            own, others = stated(entry), standing_in(entry, self.scenario)
            for field in CONTRIBUTOR_FIELDS:
                name = contributor_name(contributor, field)
                cases = self.cases(name)
                if cases:
                    below = [(None, own[field])] if field in own else self.cases(others[field])
                    yield name, layers.settle([*below, *cases], self.count)
                elif field in own:
                    yield name, [(slice(None), own[field])]
                else:
                    yield name, self.settled(others[field])

    def shares(self, whole: str) -> dict[str, Floats]:
        """Return the shares of a whole, by full name."""
        uniforms = {part: self.uniform(f"{whole}.{part}") for part in SHARES[whole]}
        if whole in self.pins.shares:
            cases: Cases[SharesDistribution] = [(None, self.pins.shares[whole])]
        else:
            cases = [case for part in self.parts for case in part.shares(whole)]
        drawn = layers.shares(cases, uniforms)
        pinned = _with_parts(whole, drawn, self.pins.parts.get(whole, {}))
        return {f"{whole}.{part}": values for part, values in pinned.items()}


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
