"""What a scenario names: contributors, sets, conditions and bases, found in the catalogues.

All of it works on the document as read, not on the checked file, so that unknown names are reported
together with whatever else is wrong.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from itertools import chain, islice
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
from simulator.inputs.problems import MAX_PROBLEMS, KeyPath
from simulator.scenario.catalogue import Catalogues, Contributor, unknown
from simulator.scenario.schema import Id

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
    chosen, conditions = _block(document, "contributors"), catalogues.conditions
    members = chosen.get("members")
    members = members if isinstance(members, dict) else {}
    new = {name for name, entry in members.items() if _is_new(name, entry, catalogues)}
    problems = list(islice(_unknown_names(document, chosen, catalogues, new), MAX_PROBLEMS))
    paths = {name: ("contributors", "members", name, "conditions") for name in members}
    strangers = (
        _unknown_words(document, paths[name], entry.get("conditions"), "condition", conditions)
        for name, entry in members.items()
        if isinstance(entry, dict)
    )
    problems += islice(chain.from_iterable(strangers), MAX_PROBLEMS)
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
    """Whether an entry describes a contributor that no catalogue has: then it has a name."""
    return name not in catalogues.contributors and isinstance(entry, dict) and "name" in entry


def _unknown_names(
    document: Document, chosen: Mapping[Any, Any], catalogues: Catalogues, new: set[str]
) -> Iterator[Problem]:
    known = catalogues.contributors
    path = ("contributors", "sets")
    yield from _unknown_words(document, path, chosen.get("sets"), "set", catalogues.sets)
    path, may_go = ("contributors", "without"), {**known, **dict.fromkeys(new)}
    yield from _unknown_words(document, path, chosen.get("without"), "contributor", may_go)
    members = chosen.get("members")
    for name in members if isinstance(members, dict) else ():
        if name not in known and name not in new:
            found = unknown(
                document, ("contributors", "members", name), "contributor", str(name), known
            )
            hint = found.hint or "a new contributor needs 'name' and all other fields"
            yield replace(found, hint=hint)


def _unknown_words(
    document: Document, path: KeyPath, value: Any, kind: str, known: Mapping[str, object]
) -> Iterator[Problem]:
    for index, word in enumerate(value if isinstance(value, list) else ()):
        if isinstance(word, str) and word not in known:
            yield unknown(document, (*path, index), kind, word, known)


def _overridden(
    document: Document, members: Mapping[str, Any], catalogues: Catalogues, complete: bool
) -> tuple[dict[str, Contributor], list[Problem]]:
    """Merge each member over its catalogue entry and check the result, with positions of both."""
    entries: dict[Any, Entry] = {}
    block = document.at(("contributors", "members"))
    content = block.content if block and isinstance(block.content, dict) else {}
    for name, override in members.items():
        written = content.get(name)
        inherited = catalogues.document.at((name,))
        if not isinstance(override, dict) or written is None:
            continue
        if inherited is not None:
            entries[name] = Entry(written.key, merge(inherited, written.node))
        elif "name" in override:
            entries[name] = written
    mark = document.root.mark
    whole = Node(mark, {"members": Entry(mark, Node(mark, entries))})
    root = Node(mark, {"contributors": Entry(mark, whole)})
    files = document.files + catalogues.document.files
    checked, problems = check_tolerantly(Document(root, files), _Overrides, complete)
    return (checked.contributors.members if checked else {}), problems
