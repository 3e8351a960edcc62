"""A scenario resolved: the names in it found in the catalogues, nothing left to look up or fill in.

Unknown names are found in the document as read, to be reported with whatever else is wrong.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property, lru_cache
from itertools import islice
from typing import Any

from pydantic import BaseModel

from simulator.inputs import Document, Entry, Node, Problem, StrictModel, check_tolerantly, merge
from simulator.inputs.problems import MAX_PROBLEMS, KeyPath
from simulator.scenario import catalogue, schema
from simulator.scenario.catalogue import Catalogues, Condition, Contributor, unknown_words
from simulator.scenario.schema import Id, Source
from simulator.storage import digest

# A child's distribution or weights replace the parent's as a whole: `uniform` merged into `beta`
# would be neither.
WHOLE: tuple[tuple[str, ...], ...] = (("assumptions", "*"), ("structure", "*"))


class _Members(StrictModel):
    members: dict[Id, Contributor]


class _Overrides(StrictModel):
    contributors: _Members


def find_contributors(
    document: Document, catalogues: Catalogues, complete: bool = True
) -> tuple[dict[str, Contributor], list[Problem]]:
    """Return the contributors of a scenario, sorted by id, overrides applied; and the problems."""
    chosen, members = document.block("contributors"), document.block("contributors", "members")
    problems = list(islice(_unknown_names(document, chosen, members, catalogues), MAX_PROBLEMS))
    own, faults = _overridden(document, catalogues, complete)
    ids = {name for word in _words(chosen.get("sets")) for name in catalogues.sets.get(word, ())}
    ids |= set(catalogues.contributors) & set(members)
    found = {name: catalogues.contributors[name] for name in ids} | own
    names = sorted(found.keys() - set(_words(chosen.get("without"))))
    return {name: found[name] for name in names}, [*problems, *faults]


def unknown_bases(document: Document, catalogues: Catalogues) -> Iterator[Problem]:
    """Yield the problems with the ids of air bases."""
    for name in document.block("air_support", "bases"):
        if name not in catalogues.bases:
            path = ("air_support", "bases", name)
            yield catalogue.unknown(document, path, "air base", name, catalogues.bases)


def _words(value: Any) -> list[str]:
    return [word for word in value if isinstance(word, str)] if isinstance(value, list) else []


def _unknown_names(
    document: Document,
    chosen: Mapping[str, Any],
    members: Mapping[str, Any],
    catalogues: Catalogues,
) -> Iterator[Problem]:
    known = catalogues.contributors
    path: KeyPath = ("contributors", "sets")
    yield from unknown_words(document, path, chosen.get("sets"), "set", catalogues.sets)
    # A contributor that no catalogue has is described in full, with its name.
    named = [name for name, entry in members.items() if isinstance(entry, dict) and "name" in entry]
    path, may_go = ("contributors", "without"), dict.fromkeys([*known, *named])
    yield from unknown_words(document, path, chosen.get("without"), "contributor", may_go)
    for name, entry in members.items():
        path = ("contributors", "members", name)
        if name not in may_go:
            found = catalogue.unknown(document, path, "contributor", name, known)
            hint = found.hint or "a new contributor needs 'name' and all other fields"
            yield replace(found, hint=hint)
        if isinstance(entry, dict):
            path, words = (*path, "conditions"), entry.get("conditions")
            yield from unknown_words(document, path, words, "condition", catalogues.conditions)


def _overridden(
    document: Document, catalogues: Catalogues, complete: bool
) -> tuple[dict[str, Contributor], list[Problem]]:
    """Merge each member over its catalogue entry and check the result, with positions of both."""
    entries: dict[str, Entry] = {}
    block = document.at(("contributors", "members"))
    content = block.content if block and isinstance(block.content, dict) else {}
    for name, written in content.items():
        inherited = catalogues.document.at((name,))
        override = written.node.content
        if isinstance(override, dict) and inherited is not None:
            entries[name] = Entry(written.key, merge(inherited, written.node))
        elif isinstance(override, dict) and "name" in override:
            entries[name] = written
    mark = document.root.mark
    whole = Node(mark, {"members": Entry(mark, Node(mark, entries))})
    root = Node(mark, {"contributors": Entry(mark, whole)})
    files = document.files + catalogues.document.files
    checked, problems = check_tolerantly(Document(root, files), _Overrides, complete)
    return (checked.contributors.members if checked else {}), problems


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
    sources: tuple[schema.Sentence, ...]
    book: str | None
    force: schema.Force
    air_support: schema.AirSupport
    us_backstop: schema.UsBackstop
    monitoring: schema.Monitoring
    ukraine_support: schema.UkraineSupport
    adversary: schema.Adversary
    horizon_years: float
    front_km: float
    contributors: Mapping[str, Contributor]  # overrides applied, sorted by id
    conditions: Mapping[str, Condition]
    bases: Mapping[str, Base]
    stations: tuple[catalogue.Station, ...]
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
        form = _plain_fields(self, left_out | {"document", "digest"})
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
    if isinstance(value, Contributor | Condition | catalogue.Station):
        return _plain_entry(value, left_out)
    if isinstance(value, BaseModel | Base):
        return _plain_fields(value, left_out)
    if isinstance(value, dict):
        return {str(key): _plain(item, left_out) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item, left_out) for item in value]
    return value


def _plain_fields(value: BaseModel | Base | Scenario, left_out: frozenset[str]) -> dict[str, Any]:
    return {n: _plain(v, left_out) for n, v in vars(value).items() if n not in left_out}


# The scenarios of a sweep share most entries of the catalogues.
_plain_entry = lru_cache(maxsize=1024)(_plain_fields)


def _as_floats(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _as_floats(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_as_floats(item) for item in value]
    return float(value) if isinstance(value, int) and not isinstance(value, bool) else value
