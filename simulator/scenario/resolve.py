"""A scenario resolved: nothing left to look up, fill in or parse; its machine form and digest."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from typing import Any

from pydantic import BaseModel

from simulator.inputs import Document
from simulator.scenario.catalogue import Condition, Contributor, Station
from simulator.scenario.schema import (
    Adversary,
    AirSupport,
    Force,
    Monitoring,
    Sentence,
    Source,
    UkraineSupport,
    UsBackstop,
)
from simulator.storage import digest

# Prose and provenance, of the scenario and of its parts. They change no result, so they are no part
# of a scenario's identity. (The book changes results, but a run has a digest of the book it used.)
_PROSE = frozenset({"name", "title", "description", "sources", "source", "book", "notes"})


@dataclass(frozen=True)
class Base:
    """An air base as used by a scenario."""

    name: str
    country: str  # the contributor that has to open it
    latitude: float  # decimal degrees, north and east positive
    longitude: float
    aircraft: int
    source: Source


@dataclass(frozen=True)
class Scenario:
    """A force plan with every default filled in and every name resolved."""

    name: str
    title: str
    description: str | None
    sources: tuple[Sentence, ...]
    book: str | None
    force: Force
    air_support: AirSupport
    us_backstop: UsBackstop
    monitoring: Monitoring
    ukraine_support: UkraineSupport
    adversary: Adversary
    horizon_years: float
    front_km: float
    contributors: Mapping[str, Contributor]  # overrides applied, sorted by id
    conditions: Mapping[str, Condition]
    bases: Mapping[str, Base]
    stations: tuple[Station, ...]
    assumptions: Mapping[str, Any]  # these and the structure replace the book's, as written
    structure: Mapping[str, Any]
    notes: tuple[str, ...]  # on a plan that is valid nevertheless
    document: Document = field(repr=False, compare=False)

    def machine_form(self) -> dict[str, Any]:
        """Return everything as plain dicts, lists and scalars, defaults filled in, for JSON."""
        return self._form(frozenset())

    def identity(self) -> dict[str, Any]:
        """Return the machine form without prose: all that changes a result, nothing else."""
        form = self._form(_PROSE)
        # A distribution means the same with 1 and with 1.0.
        return form | {key: _as_floats(form[key]) for key in ("assumptions", "structure")}

    def _form(self, left_out: frozenset[str]) -> dict[str, Any]:
        names = [name for name in self.__dataclass_fields__ if name != "document"]
        form: dict[str, Any] = {
            name: _plain(getattr(self, name), left_out) for name in names if name not in left_out
        }
        # The bases stand resolved in their own block.
        form["air_support"] = {"tankers": self.air_support.tankers}
        return form

    @cached_property
    def digest(self) -> str:
        """SHA-256 (hexadecimal) of the identity as canonical JSON."""
        return digest(self.identity())


def _plain(value: Any, left_out: frozenset[str]) -> Any:
    """Return plain data, without some fields of our own types (never keys of users' mappings)."""
    if isinstance(value, float):
        return 0.0 + value  # 0.0 + (-0.0) is 0.0: a sign of zero must not change a digest
    if value is None or isinstance(value, str | int):
        return value
    if isinstance(value, Contributor | Condition | Station):
        return _plain_entry(value, left_out)
    if isinstance(value, BaseModel | Base):
        return _plain_fields(value, left_out)
    if isinstance(value, Mapping):
        return {str(key): _plain(item, left_out) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item, left_out) for item in value]
    return value


def _plain_fields(value: BaseModel | Base, left_out: frozenset[str]) -> dict[str, Any]:
    return {n: _plain(v, left_out) for n, v in vars(value).items() if n not in left_out}


# The scenarios of a sweep share most entries of the catalogues.
_plain_entry = lru_cache(maxsize=1024)(_plain_fields)


def _as_floats(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _as_floats(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_as_floats(item) for item in value]
    return float(value) if isinstance(value, int) and not isinstance(value, bool) else value
