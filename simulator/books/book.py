"""What an assumption book holds once it is read: nothing left to look up, parse or fill in."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

from simulator.books.mixtures import Resamples
from simulator.books.names import SHARES
from simulator.books.schema import Form
from simulator.scenario.schema import Source
from simulator.storage import digest

POOL_CHOICE: Final = "book"  # the structural choice that a pooled book is

# The options of these choices take precedence in this order; all others stand between them.
FIRST_LAYER: Final = "reference_class"
LAST_LAYER: Final = "view"

Weights = Mapping[str, float]  # of options by name, relative to each other


def layer_order(choices: Iterable[str]) -> list[str]:
    """Return structural choices in the order in which their options override entries."""
    return sorted(choices, key=lambda name: (name == LAST_LAYER, name != FIRST_LAYER, name))


@dataclass(frozen=True)
class Entry:
    """An assumption: about one number, or about shares that sum to one."""

    unit: str
    group: str
    form: Form
    source: Source

    @cached_property
    def distribution(self) -> Any:
        """What it is drawn from: a `Distribution`, or a `SharesDistribution` of a whole."""
        return self.form.law


Entries = Mapping[str, Entry]  # by name; shares by the name of the whole (`cause_shares`)


def resampled(entries: Entries) -> dict[str, Resamples]:
    """Return stored resamples by name of the entry; they are drawn together, row by row."""
    laws = {name: entry.distribution for name, entry in entries.items()}
    return {name: law for name, law in laws.items() if isinstance(law, Resamples)}


@dataclass(frozen=True)
class Option:
    """One option of a structural choice."""

    weight: float  # 0 for an option that is only there to be pinned
    description: str
    source: Source
    entries: Entries  # what replaces the book's own where this option holds
    # Weights of the options of other choices where this one holds; none of those not mentioned.
    reweights: Mapping[str, Weights]


@dataclass(frozen=True)
class Choice:
    """A structural choice: its description and its options, as they divide the uniform."""

    description: str
    options: Mapping[str, Option]

    @property
    def weights(self) -> Weights:
        """Weights of the options, by name."""
        return {name: option.weight for name, option in self.options.items()}


@dataclass(frozen=True, eq=False)
class Book:
    """An assumption book, or a pool of books; a pool has nothing of its own."""

    name: str  # of the file, without its ending
    title: str
    description: str
    entries: Entries
    correlations: Mapping[tuple[str, str], float]  # of normal scores, by ordered pair of names
    choices: Mapping[str, Choice]  # structural choices, sorted by name
    pool: Mapping[str, Book]  # the members, sorted by name
    pool_weights: Weights

    @property
    def plain_books(self) -> tuple[Book, ...]:
        """The members of a pool, or the book itself."""
        return tuple(self.pool.values()) or (self,)

    @property
    def layers(self) -> list[Entries]:
        """The book's own entries and those of every option."""
        options = [option for c in self.choices.values() for option in c.options.values()]
        return [self.entries, *(option.entries for option in options)]

    @cached_property
    def choice_options(self) -> Mapping[str, tuple[str, ...]]:
        """Names of the options of every structural choice, a pool being one; sorted."""
        found: dict[str, set[str]] = {POOL_CHOICE: set(self.pool)} if self.pool else {}
        for book in self.plain_books:
            for name, choice in book.choices.items():
                found.setdefault(name, set()).update(choice.options)
        return {name: tuple(sorted(found[name])) for name in sorted(found)}

    @cached_property
    def overrides(self) -> Mapping[str, list[tuple[str, str]]]:
        """Choices and options that replace an entry, by name of the entry, the strongest last."""
        found: dict[str, list[tuple[str, str]]] = {}
        for choice in layer_order(self.choices):
            for option, content in self.choices[choice].options.items():
                for name in content.entries:
                    found.setdefault(name, []).append((choice, option))
        return found

    def identity(self) -> dict[str, Any]:
        """Return all that decides the numbers and nothing else, as plain data for JSON."""
        if self.pool:
            return {
                "pool": {
                    name: {"weight": self.pool_weights[name], "book": book.identity()}
                    for name, book in self.pool.items()
                }
            }
        return _identity(self.entries) | {
            "correlations": [[*pair, rho] for pair, rho in sorted(self.correlations.items())],
            "structure": {
                name: {
                    option: _identity(content.entries)
                    | {"weight": content.weight, "structure": _plain_weights(content)}
                    for option, content in choice.options.items()
                }
                for name, choice in self.choices.items()
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
        return form | {
            "entries": _plain_entries(self.entries),
            "correlations": [
                {"between": [*pair], "rho": rho} for pair, rho in sorted(self.correlations.items())
            ],
            "structure": {
                name: {
                    "description": choice.description,
                    "options": {
                        option: {
                            "weight": content.weight,
                            "description": content.description,
                            "source": content.source.model_dump(exclude_none=True),
                            "structure": _plain_weights(content),
                            "entries": _plain_entries(content.entries),
                        }
                        for option, content in choice.options.items()
                    },
                }
                for name, choice in self.choices.items()
            },
        }

    @cached_property
    def digest(self) -> str:
        """SHA-256 (hexadecimal) of the identity as canonical JSON."""
        return digest(self.identity())


def _identity(entries: Entries) -> dict[str, Any]:
    forms = {name: entry.form.model_dump(mode="json") for name, entry in entries.items()}
    return {
        "entries": {name: form for name, form in forms.items() if name not in SHARES},
        "shares": {name: form for name, form in forms.items() if name in SHARES},
    }


def _plain_weights(option: Option) -> dict[str, dict[str, float]]:
    return {name: dict(weights) for name, weights in option.reweights.items()}


def _plain_entries(entries: Entries) -> dict[str, Any]:
    return {
        name: {
            "distribution": entry.form.model_dump(mode="json"),
            "unit": entry.unit,
            "group": entry.group,
            "source": entry.source.model_dump(exclude_none=True),
        }
        for name, entry in sorted(entries.items(), key=lambda item: item[0] in SHARES)
    }
