"""Catalogues: who could contribute and on which conditions, air bases, where the line is.

They are read from the shipped ``configs/`` and checked as strictly as what users write.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

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
from simulator.scenario.frozen import FrozenMap
from simulator.scenario.parts import (
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
        """Tell whether the condition bites under a mandate and a posture."""
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


class _Contributors(RootModel[dict[Id, Contributor]]):
    pass


class _Conditions(RootModel[dict[Id, Condition]]):
    pass


class _AirBases(RootModel[dict[Id, AirBase]]):
    pass


class _Stations(RootModel[dict[Id, Station]]):
    pass


class _Sets(RootModel[dict[Id, tuple[Id, ...]]]):
    pass


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
    documents = {
        name: read_document(folder / f"{name}.yaml")
        for name in ("contributors", "conditions", "bases", "front_line", "contributor_sets")
    }
    stations = check(documents["front_line"], _Stations).root
    if not stations:
        raise InputError([Problem(None, documents["front_line"].files[0], "names no station")])
    catalogues = Catalogues(
        contributors=FrozenMap(check(documents["contributors"], _Contributors).root),
        conditions=FrozenMap(check(documents["conditions"], _Conditions).root),
        bases=FrozenMap(check(documents["bases"], _AirBases).root),
        stations=FrozenMap(stations),
        sets=FrozenMap(check(documents["contributor_sets"], _Sets).root),
        document=documents["contributors"],
    )
    problems = list(_dangling(catalogues, documents))
    if problems:
        raise InputError(problems)
    return catalogues


def unknown(
    document: Document,
    path: tuple[str | int, ...],
    kind: str,
    word: str,
    known: Mapping[str, object],
) -> Problem:
    """Return the problem that a word names nothing of its kind."""
    position = document.where(path)
    if path and path[-1] == word:
        position = document.where_key(path)
    message = f"unknown {kind} '{word}', known: {listed(known)}"
    return Problem(position, dotted(path), message, did_you_mean(word, known))


def _dangling(catalogues: Catalogues, documents: Mapping[str, Document]) -> Iterator[Problem]:
    """Return the problems with references from one catalogue to another."""
    references: list[tuple[str, tuple[str | int, ...], str, str, Mapping[str, object]]] = []
    for name, contributor in catalogues.contributors.items():
        for index, word in enumerate(contributor.conditions):
            path: tuple[str | int, ...] = (name, "conditions", index)
            references.append(("contributors", path, "condition", word, catalogues.conditions))
    countries = catalogues.contributors
    for name, base in catalogues.bases.items():
        references.append(("bases", (name, "country"), "contributor", base.country, countries))
    for name, members in catalogues.sets.items():
        for index, word in enumerate(members):
            references.append(("contributor_sets", (name, index), "contributor", word, countries))
    for file, path, kind, word, known in references:
        if word not in known:
            yield unknown(documents[file], path, kind, word, known)
