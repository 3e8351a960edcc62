"""What a scenario names: contributors, sets, conditions and bases, found in the catalogues.

All of it works on the document as read, not on the checked file, so that unknown names are reported
together with whatever else is wrong.
"""

from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Any

from simulator.inputs import (
    Document,
    Entry,
    Node,
    Problem,
    StrictModel,
    check_tolerantly,
    merge,
)
from simulator.inputs.problems import MAX_PROBLEMS
from simulator.scenario.catalogue import Catalogues, Contributor, unknown
from simulator.scenario.parts import Id

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
    chosen = _block(document, "contributors")
    members = chosen.get("members")
    members = members if isinstance(members, dict) else {}
    new = {name for name, entry in members.items() if _is_new(name, entry, catalogues)}
    problems = list(islice(_unknown_names(document, chosen, catalogues, new), MAX_PROBLEMS))
    problems += islice(_unknown_conditions(document, members, catalogues), MAX_PROBLEMS)
    own, faults = _overridden(document, members, catalogues, complete)
    problems += faults
    ids = {name for entry in _words(chosen.get("sets")) for name in catalogues.sets.get(entry, ())}
    ids |= set(catalogues.contributors) & set(members)
    without = set(_words(chosen.get("without")))
    found = {name: catalogues.contributors[name] for name in ids} | own
    return {name: found[name] for name in sorted(found) if name not in without}, problems


def unknown_bases(document: Document, catalogues: Catalogues) -> Iterator[Problem]:
    """Return the problems with the ids of air bases."""
    bases = _block(document, "air_support").get("bases")
    for name in bases if isinstance(bases, dict) else ():
        if name not in catalogues.bases:
            path = ("air_support", "bases", name)
            yield unknown(document, path, "air base", str(name), catalogues.bases)


def _block(document: Document, name: str) -> dict[Any, Any]:
    block = document.value.get(name)
    return block if isinstance(block, dict) else {}


def _words(value: Any) -> list[str]:
    return [word for word in value if isinstance(word, str)] if isinstance(value, list) else []


def _is_new(name: object, entry: Any, catalogues: Catalogues) -> bool:
    """Tell whether an entry describes a contributor that no catalogue has: then it has a name."""
    return name not in catalogues.contributors and isinstance(entry, dict) and "name" in entry


def _unknown_names(
    document: Document, chosen: Mapping[Any, Any], catalogues: Catalogues, new: set[str]
) -> Iterator[Problem]:
    tables: tuple[tuple[str, str, Mapping[str, object]], ...] = (
        ("sets", "set", catalogues.sets),
        ("without", "contributor", {**catalogues.contributors, **dict.fromkeys(new)}),
    )
    for field, kind, known in tables:
        value = chosen.get(field)
        for index, word in enumerate(value if isinstance(value, list) else ()):
            if isinstance(word, str) and word not in known:
                yield unknown(document, ("contributors", field, index), kind, word, known)
    members = chosen.get("members")
    for name in members if isinstance(members, dict) else ():
        if name not in catalogues.contributors and name not in new:
            path = ("contributors", "members", name)
            found = unknown(document, path, "contributor", str(name), catalogues.contributors)
            hint = found.hint or "a new contributor needs 'name' and all other fields"
            yield Problem(found.position, found.path, found.message, hint)


def _overridden(
    document: Document, members: Mapping[str, Any], catalogues: Catalogues, complete: bool
) -> tuple[dict[str, Contributor], list[Problem]]:
    """Merge each member over its catalogue entry and check the result, with positions of both."""
    entries: dict[Any, Entry] = {}
    for name, override in members.items():
        written = _entry(document, ("contributors", "members", name))
        inherited = catalogues.document.at((name,))
        if not isinstance(override, dict) or written is None:
            continue
        if inherited is not None:
            entries[name] = Entry(written.key, merge(inherited, written.node))
        elif "name" in override:
            entries[name] = written
    mark = document.root.mark
    block = Node(mark, {"members": Entry(mark, Node(mark, entries))})
    root = Node(mark, {"contributors": Entry(mark, block)})
    files = document.files + catalogues.document.files
    checked, problems = check_tolerantly(Document(root, files), _Overrides, complete)
    return (checked.contributors.members if checked else {}), problems


def _entry(document: Document, path: tuple[Any, ...]) -> Entry | None:
    parent = document.at(path[:-1])
    content = parent.content if parent is not None else None
    return content.get(path[-1]) if isinstance(content, dict) else None


def _unknown_conditions(
    document: Document, members: Mapping[Any, Any], catalogues: Catalogues
) -> Iterator[Problem]:
    known = catalogues.conditions
    for name, override in members.items():
        value = override.get("conditions") if isinstance(override, dict) else None
        for index, word in enumerate(value if isinstance(value, list) else ()):
            if isinstance(word, str) and word not in known:
                path = ("contributors", "members", name, "conditions", index)
                yield unknown(document, path, "condition", word, known)
