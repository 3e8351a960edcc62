"""Catalogues: who could contribute and on which conditions, air bases, the line, articles."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from math import prod
from pathlib import Path
from typing import Any, Final

from pydantic import Field, RootModel

from simulator.inputs import Document, InputError, Problem, StrictModel, check
from simulator.inputs.inheritance import read_document
from simulator.inputs.locations import shipped
from simulator.inputs.problems import KeyPath
from simulator.scenario import schema
from simulator.scenario.frozen import FrozenMap
from simulator.scenario.schema import Approval, Id, Role, Source, Text


class Contributor(StrictModel):
    """What a country (or a group of them) offers, and on which terms.

    Troops are those offered given that it commits. ``commitment`` is the probability that it does;
    ``basing`` the probability that it opens its air bases, None if it has none to open;
    ``exit_hazard`` its own rate of leaving per year, None where the assumption
    ``contributor_exit_annual`` holds.
    """

    name: Text
    roles: tuple[Role, ...]
    troops: schema.TroopOffer
    aircraft: schema.Units
    ships: schema.Units
    commitment: schema.Probability
    basing: schema.Probability | None = None
    approval: Approval
    conditions: tuple[Id, ...] = ()
    exit_hazard: schema.Rate | None = None
    cost_factor: float = Field(1.0, gt=0, le=100)
    source: Source


class When(StrictModel):
    """Where a condition bites: absent fields mean everywhere."""

    mandate: tuple[schema.Mandate, ...] | None = Field(None, min_length=1)
    posture: tuple[schema.Posture, ...] | None = Field(None, min_length=1)


class Condition(StrictModel):
    """A condition that a contributor sets, and what it does while it holds."""

    description: Text
    when: When = When()
    removes_roles: tuple[Role, ...] = ()
    commitment_odds: float = Field(1.0, gt=0, le=1000)
    offer_factor: float = Field(1.0, ge=0, le=10)
    delay_months: float = Field(0.0, ge=0, le=600)
    approval: Approval | None = None
    requires_backstop: bool = False
    source: Source

    def applies(self, mandate: str, posture: str) -> bool:
        """Whether the condition bites under a mandate and a posture."""
        under_mandate = mandate in (self.when.mandate or (mandate,))
        return under_mandate and posture in (self.when.posture or (posture,))


class AirBase(StrictModel):
    """An aerodrome; coordinates in decimal degrees, north and east positive."""

    name: Text
    country: Id
    latitude: schema.Latitude
    longitude: schema.Longitude
    source: Source


class Station(StrictModel):
    """A place on the line where aircraft patrol; coordinates as for air bases."""

    name: Text
    latitude: schema.Latitude
    longitude: schema.Longitude
    source: Source


_FILES: Final[dict[str, type[RootModel[Any]]]] = {
    "contributors": RootModel[dict[Id, Contributor]],
    "conditions": RootModel[dict[Id, Condition]],
    "bases": RootModel[dict[Id, AirBase]],
    "front_line": RootModel[dict[Id, Station]],
    "contributor_sets": RootModel[dict[Id, tuple[Id, ...]]],
}


@dataclass(frozen=True)
class Catalogues:
    """All catalogues, checked against each other."""

    contributors: Mapping[str, Contributor]
    conditions: Mapping[str, Condition]
    bases: Mapping[str, AirBase]
    stations: Mapping[str, Station]
    sets: Mapping[str, tuple[str, ...]]
    document: Document


def load_catalogues(folder: Path | None = None) -> Catalogues:
    """Read the catalogues of a folder, by default the shipped one."""
    return _load(folder or shipped("configs"))


@lru_cache(maxsize=4)
def _load(folder: Path) -> Catalogues:
    documents = {name: read_document(folder / f"{name}.yaml") for name in _FILES}
    maps: Any = {n: FrozenMap(check(documents[n], model).root) for n, model in _FILES.items()}
    stations, sets = maps.pop("front_line"), maps.pop("contributor_sets")
    catalogues = Catalogues(
        **maps, stations=stations, sets=sets, document=documents["contributors"]
    )
    if not stations:
        raise InputError([Problem(None, documents["front_line"].files[0], "names no station")])
    if problems := list(_dangling(catalogues, documents)):
        raise InputError(problems)
    return catalogues


def unknown(
    document: Document, path: KeyPath, kind: str, word: str, known: Collection[str]
) -> Problem:
    """Return the problem that a word, a key or a value, names nothing of its kind."""
    return document.unknown(path, f"unknown {kind} '{word}'", word, known, key=path[-1] == word)


def unknown_words(
    document: Document, path: KeyPath, words: Any, kind: str, known: Collection[str]
) -> Iterator[Problem]:
    """Yield the problems with the words of a list that name nothing of their kind."""
    for index, word in enumerate(words if isinstance(words, list | tuple) else ()):
        if isinstance(word, str) and word not in known:
            yield unknown(document, (*path, index), kind, word, known)


def _dangling(found: Catalogues, documents: Mapping[str, Document]) -> Iterator[Problem]:
    """Yield the problems with references from one catalogue to another."""
    countries, bases, sets = found.contributors, documents["bases"], documents["contributor_sets"]
    for name, entry in countries.items():
        path, words = (name, "conditions"), entry.conditions
        yield from unknown_words(found.document, path, words, "condition", found.conditions)
    for name, base in found.bases.items():
        if base.country not in countries:
            yield unknown(bases, (name, "country"), "contributor", base.country, countries)
    for name, members in found.sets.items():
        yield from unknown_words(sets, (name,), members, "contributor", countries)


@dataclass(frozen=True)
class Terms:
    """The terms on which a contributor takes part in one plan, all conditions together."""

    roles: frozenset[str]
    commitment_odds: float
    offer_factor: float
    delay_months: float
    approval: Approval
    requires_backstop: bool


def terms(
    contributor: Contributor, conditions: Mapping[str, Condition], mandate: str, posture: str
) -> Terms:
    """Combine the conditions of a contributor that apply: factors multiply, delays add."""
    own = (conditions[name] for name in contributor.conditions)
    biting = [one for one in own if one.applies(mandate, posture)]
    # Parliament is the slower of the two, so it decides where conditions differ.
    by_parliament = any(one.approval == "parliament" for one in biting)
    return Terms(
        roles=frozenset(contributor.roles).difference(*(one.removes_roles for one in biting)),
        commitment_odds=prod(one.commitment_odds for one in biting),
        offer_factor=prod(one.offer_factor for one in biting),
        delay_months=sum(one.delay_months for one in biting),
        approval="parliament" if by_parliament else contributor.approval,
        requires_backstop=any(one.requires_backstop for one in biting),
    )


def cited(file: str) -> str:
    """Name a quoted article as a reader would look it up."""
    return str(_articles().value.get(file, file))


@cache
def _articles() -> Document:
    return read_document(shipped("configs") / "articles.yaml")
