"""Catalogues: who could contribute and on which conditions, air bases, the line, articles."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from math import prod
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

from pydantic import Field, RootModel

from simulator.inputs import (
    Document,
    InputError,
    Problem,
    StrictModel,
    check,
    did_you_mean,
    dotted,
    listed,
    read_document,
    shipped,
)
from simulator.inputs.problems import KeyPath
from simulator.scenario.schema import (
    Approval,
    Id,
    Latitude,
    Longitude,
    Mandate,
    Posture,
    Probability,
    Rate,
    Role,
    Source,
    Text,
    TroopOffer,
    Units,
)


class Contributor(StrictModel):
    """What a country (or a group of them) offers, and on which terms.

    Troops are those offered given that it commits. ``commitment`` is the probability that it does;
    ``basing`` the probability that it opens its air bases, None if it has none to open;
    ``exit_hazard`` its own rate of leaving per year, None where the assumption
    ``contributor_exit_annual`` holds.
    """

    name: Text
    roles: tuple[Role, ...]
    troops: TroopOffer
    aircraft: Units
    ships: Units
    commitment: Probability
    basing: Probability | None = None
    approval: Approval
    conditions: tuple[Id, ...] = ()
    exit_hazard: Rate | None = None
    cost_factor: float = Field(1.0, gt=0, le=100)
    source: Source


class When(StrictModel):
    """Where a condition bites: absent fields mean everywhere."""

    mandate: tuple[Mandate, ...] | None = Field(None, min_length=1)
    posture: tuple[Posture, ...] | None = Field(None, min_length=1)


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
        under_mandate = self.when.mandate is None or mandate in self.when.mandate
        return under_mandate and (self.when.posture is None or posture in self.when.posture)


class AirBase(StrictModel):
    """An aerodrome; coordinates in decimal degrees, north and east positive."""

    name: Text
    country: Id
    latitude: Latitude
    longitude: Longitude
    source: Source


class Station(StrictModel):
    """A place on the line where aircraft patrol; coordinates as for air bases."""

    name: Text
    latitude: Latitude
    longitude: Longitude
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
    checked: dict[str, Any] = {
        name: MappingProxyType(check(document, _FILES[name]).root)
        for name, document in documents.items()
    }
    if not checked["front_line"]:
        raise InputError([Problem(None, documents["front_line"].files[0], "names no station")])
    stations, sets = checked.pop("front_line"), checked.pop("contributor_sets")
    catalogues = Catalogues(
        **checked, stations=stations, sets=sets, document=documents["contributors"]
    )
    problems = list(_dangling(catalogues, documents))
    if problems:
        raise InputError(problems)
    return catalogues


def unknown(
    document: Document, path: KeyPath, kind: str, word: str, known: Mapping[str, object]
) -> Problem:
    """Return the problem that a word names nothing of its kind."""
    position = document.where(path)
    if path and path[-1] == word:
        position = document.where_key(path)
    message = f"unknown {kind} '{word}', known: {listed(known)}"
    return Problem(position, dotted(path), message, did_you_mean(word, known))


def _dangling(catalogues: Catalogues, documents: Mapping[str, Document]) -> Iterator[Problem]:
    """Return the problems with references from one catalogue to another."""

    def missing(file: str, path: KeyPath, kind: str, word: str) -> Iterator[Problem]:
        countries, conditions = catalogues.contributors, catalogues.conditions
        known: Mapping[str, object] = conditions if kind == "condition" else countries
        if word not in known:
            yield unknown(documents[file], path, kind, word, known)

    for name, contributor in catalogues.contributors.items():
        for index, word in enumerate(contributor.conditions):
            yield from missing("contributors", (name, "conditions", index), "condition", word)
    for name, base in catalogues.bases.items():
        yield from missing("bases", (name, "country"), "contributor", base.country)
    for name, members in catalogues.sets.items():
        for index, word in enumerate(members):
            yield from missing("contributor_sets", (name, index), "contributor", word)


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
    biting = [condition for condition in own if condition.applies(mandate, posture)]
    removed = {role for condition in biting for role in condition.removes_roles}
    asked = [condition.approval for condition in biting if condition.approval is not None]
    # Parliament is the slower of the two, so it decides where conditions differ.
    approval: Approval = "parliament" if "parliament" in asked else contributor.approval
    return Terms(
        roles=frozenset(contributor.roles) - removed,
        commitment_odds=prod(condition.commitment_odds for condition in biting),
        offer_factor=prod(condition.offer_factor for condition in biting),
        delay_months=sum(condition.delay_months for condition in biting),
        approval=approval,
        requires_backstop=any(condition.requires_backstop for condition in biting),
    )


def cited(file: str) -> str:
    """Name a quoted article as a reader would look it up."""
    return _articles().get(file, file)


@cache
def _articles() -> dict[str, str]:
    articles: dict[str, str] = read_document(shipped("configs") / "articles.yaml").value
    return articles
