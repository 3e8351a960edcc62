"""What an assumption book holds once it is read: nothing left to look up, parse or fill in."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Final

from simulator.books.distributions import Distribution
from simulator.books.forms import Form, machine_form
from simulator.books.mixtures import Resamples
from simulator.books.shares import SharesDistribution
from simulator.scenario.frozen import FrozenMap
from simulator.scenario.parts import Source
from simulator.storage import digest

__all__ = [
    "FIRST_LAYER",
    "LAST_LAYER",
    "POOL_CHOICE",
    "Book",
    "Choice",
    "Correlation",
    "Entry",
    "Layer",
    "Option",
    "SharesEntry",
    "Weights",
    "layer_order",
]

POOL_CHOICE: Final = "book"  # the structural choice that a pooled book is

Weights = Mapping[str, float]

# The options of these choices take precedence in this order; all others stand between them.
FIRST_LAYER: Final = "reference_class"
LAST_LAYER: Final = "view"


def layer_order(choices: Iterable[str]) -> list[str]:
    """Return structural choices in the order in which their options override entries.

    >>> layer_order(["view", "pace", "reference_class"])
    ['reference_class', 'pace', 'view']
    """
    return sorted(choices, key=lambda name: (name == LAST_LAYER, name != FIRST_LAYER, name))


@dataclass(frozen=True)
class Entry:
    """An assumption about one number.

    Attributes
    ----------
    name, unit, group : str
    form : Form
        The distribution as written.
    distribution : Distribution
        The distribution to draw from.
    source : Source
    """

    name: str
    unit: str
    group: str
    form: Form
    distribution: Distribution = field(repr=False, compare=False)
    source: Source


@dataclass(frozen=True)
class SharesEntry:
    """An assumption about shares that sum to one; attributes as of `Entry`."""

    name: str
    unit: str
    group: str
    form: Form
    distribution: SharesDistribution = field(repr=False, compare=False)
    source: Source


@dataclass(frozen=True, order=True)
class Correlation:
    """Correlation `rho` of the normal scores of two assumptions, `first` before `second`."""

    first: str
    second: str
    rho: float


@dataclass(frozen=True)
class Layer:
    """Assumptions that are made together: those of a book, or those of one option.

    Attributes
    ----------
    entries : mapping of name to Entry
    shares : mapping of name to SharesEntry
        By the name of the whole (`cause_shares`), not of its parts.
    """

    entries: Mapping[str, Entry]
    shares: Mapping[str, SharesEntry]

    def identity(self) -> dict[str, Any]:
        """Return what decides the numbers, as plain data."""
        return {
            "entries": {name: machine_form(entry.form) for name, entry in self.entries.items()},
            "shares": {name: machine_form(entry.form) for name, entry in self.shares.items()},
        }

    @cached_property
    def resampled(self) -> Mapping[str, Resamples]:
        """Stored resamples by name of the entry; they are drawn together, row by row."""
        laws = {name: entry.distribution for name, entry in self.entries.items()}
        return FrozenMap({n: law for n, law in laws.items() if isinstance(law, Resamples)})


@dataclass(frozen=True)
class Option:
    """One option of a structural choice.

    Attributes
    ----------
    name : str
    weight : float
        Relative to the other options; 0 for an option that is only there to be pinned.
    description : str
    source : Source
    layer : Layer
        What replaces the book's own assumptions where this option holds.
    reweights : mapping of choice to weights
        Weights of the options of other choices where this option holds; options that are not
        mentioned have none.
    """

    name: str
    weight: float
    description: str
    source: Source
    layer: Layer
    reweights: Mapping[str, Weights]


@dataclass(frozen=True)
class Choice:
    """A structural choice: its description and its options, sorted by name."""

    name: str
    description: str
    options: Mapping[str, Option]

    @property
    def weights(self) -> Weights:
        """Weights of the options, by name."""
        return {name: option.weight for name, option in self.options.items()}


@dataclass(frozen=True)
class Book:
    """An assumption book, or a pool of books.

    Attributes
    ----------
    name : str
        The file's name without its ending.
    title, description : str
    layer : Layer
        The book's own assumptions; empty in a pool.
    correlations : tuple of Correlation
        Between its assumptions; empty in a pool.
    choices : mapping of name to Choice
        Structural choices, sorted by name; empty in a pool.
    pool : mapping of name to Book
        The members of a pool, sorted by name; empty otherwise.
    pool_weights : mapping of name to float
        Weights of the members.
    """

    name: str
    title: str
    description: str
    layer: Layer
    correlations: tuple[Correlation, ...]
    choices: Mapping[str, Choice]
    pool: Mapping[str, Book]
    pool_weights: Weights

    @property
    def plain_books(self) -> tuple[Book, ...]:
        """The members of a pool, or the book itself."""
        return tuple(self.pool.values()) or (self,)

    @cached_property
    def choice_options(self) -> Mapping[str, tuple[str, ...]]:
        """Names of the options of every structural choice, a pool being one; sorted."""
        found: dict[str, set[str]] = {POOL_CHOICE: set(self.pool)} if self.pool else {}
        for book in self.plain_books:
            for choice in book.choices.values():
                found.setdefault(choice.name, set()).update(choice.options)
        return FrozenMap({name: tuple(sorted(found[name])) for name in sorted(found)})

    @cached_property
    def overrides(self) -> Mapping[str, tuple[tuple[str, str], ...]]:
        """Choices and options that replace an entry, by name of the entry, the strongest last."""
        found: dict[str, list[tuple[str, str]]] = {}
        for choice in layer_order(self.choices):
            for option in self.choices[choice].options.values():
                for name in (*option.layer.entries, *option.layer.shares):
                    found.setdefault(name, []).append((choice, option.name))
        return FrozenMap({name: tuple(options) for name, options in found.items()})

    def identity(self) -> dict[str, Any]:
        """Return all that decides the numbers and nothing else, as plain data for JSON.

        Names of pooled books are part of it, since a structural choice can be pinned to them.
        """
        if self.pool:
            return {
                "pool": {
                    name: {"weight": self.pool_weights[name], "book": book.identity()}
                    for name, book in self.pool.items()
                }
            }
        return self.layer.identity() | {
            "correlations": [[c.first, c.second, c.rho] for c in sorted(self.correlations)],
            "structure": {
                choice.name: {
                    option.name: option.layer.identity()
                    | {
                        "weight": option.weight,
                        "structure": {c: dict(w) for c, w in option.reweights.items()},
                    }
                    for option in choice.options.values()
                }
                for choice in self.choices.values()
            },
        }

    def machine_form(self) -> dict[str, Any]:
        """Return the whole book, prose and sources included, as plain data for JSON."""
        form: dict[str, Any] = {
            "name": self.name,
            "title": self.title,
            "description": self.description,
        }
        if self.pool:
            members = {name: book.machine_form() for name, book in self.pool.items()}
            return form | {"pool": dict(self.pool_weights), "books": members}
        return (
            form
            | _plain_layer(self.layer)
            | {
                "correlations": [
                    {"between": [c.first, c.second], "rho": c.rho}
                    for c in sorted(self.correlations)
                ],
                "structure": dict(_plain_choices(self.choices)),
            }
        )

    @cached_property
    def digest(self) -> str:
        """SHA-256 (hexadecimal) of the identity as canonical JSON."""
        return digest(self.identity())


def _plain_layer(layer: Layer) -> dict[str, Any]:
    entries: dict[str, Entry | SharesEntry] = {**layer.entries, **layer.shares}
    return {
        "entries": {
            name: {
                "distribution": machine_form(entry.form),
                "unit": entry.unit,
                "group": entry.group,
                "source": entry.source.model_dump(exclude_none=True),
            }
            for name, entry in entries.items()
        }
    }


def _plain_choices(choices: Mapping[str, Choice]) -> Iterator[tuple[str, dict[str, Any]]]:
    for choice in choices.values():
        options = {
            option.name: {
                "weight": option.weight,
                "description": option.description,
                "source": option.source.model_dump(exclude_none=True),
                "structure": {name: dict(weights) for name, weights in option.reweights.items()},
            }
            | _plain_layer(option.layer)
            for option in choice.options.values()
        }
        yield choice.name, {"description": choice.description, "options": options}
