"""Which kind of file a document is: a plan, a sweep or an assumption book."""

from collections.abc import Collection, Sequence
from pathlib import Path
from typing import Final

from simulator.inputs import locations
from simulator.inputs.inheritance import Pattern, Reading, apply_sets_tolerantly, read_tolerantly
from simulator.inputs.locations import Kind
from simulator.inputs.problems import InputError
from simulator.inputs.reader import parse
from simulator.limits import MAX_ANCESTORS

# The fields at the top that only one kind of file has. (Those of a sweep that a plan is often given
# by mistake, such as its draws, say nothing.)
OWN_FIELDS: Final[dict[Kind, frozenset[str]]] = {
    "scenario": frozenset({"sources", "force", "air_support", "us_backstop", "contributors"})
    | {"monitoring", "ukraine_support", "adversary", "horizon_years", "front_km", "assumptions"},
    "sweep": frozenset({"reference", "scenario", "set", "grid", "zip", "points"})
    | {"sample", "exclude"},
    "book": frozenset({"pool", "entries", "correlations"}),
}
# What to do with a file of each kind, for those who gave it to another command.
_USES: Final[dict[Kind, tuple[str, str]]] = {
    "scenario": ("a plan", "simulator run"),
    "sweep": ("a sweep", "simulator sweep"),
    "book": ("an assumption book", "simulator run PLAN --book"),
}


def kind_of(fields: Collection[str]) -> Kind | None:
    """Return the kind of file that has most of the fields; None if none has any of them alone."""
    counts = {kind: len(own & set(fields)) for kind, own in OWN_FIELDS.items()}
    best = max(counts, key=lambda kind: counts[kind])
    return best if counts[best] else None


def kind_of_file(name_or_path: str) -> Kind | None:
    """Return the kind of file that a user names, by its fields or by those of what it extends."""
    name: object = name_or_path
    folder = Path()
    for _ in range(MAX_ANCESTORS):
        for kind, library in locations.LIBRARIES.items():
            if name in locations.names_in(locations.shipped(library)):
                return kind
        path = folder / str(name)
        source = locations.read_file(path)[0] if locations.is_file(path) else None
        root = parse(source)[0] if source else None
        if root is None or not isinstance(root.content, dict):
            break
        if found := kind_of(root.content):
            return found
        if "extends" not in root.content:
            break
        name, folder = root.content["extends"].node.content, path.parent
    return None


def read_kind(
    name_or_path: str | Path, kind: Kind, whole: Sequence[Pattern], sets: Sequence[str] = ()
) -> tuple[Path, Reading]:
    """Read a file of a kind, shipped or a user's, with ``PATH=VALUE`` set over it.

    Raises `InputError` if there is no such file, or if it is of another kind.
    """
    library = locations.shipped(locations.LIBRARIES[kind])
    path = locations.find_input(name_or_path, library, kind)
    document, problems, complete = read_tolerantly(path, library, whole)
    if document is None:
        return path, Reading(None, problems, complete)
    found = kind if OWN_FIELDS[kind] & set(document.value) else kind_of(document.value)
    if found is None and not complete:  # it may extend something of its own kind
        found = kind_of_file(document.files[0])
    if found not in (None, kind):
        what, use = _USES[found]
        hint = f"use '{use} {document.files[0]}'"
        raise InputError([document.problem((), f"this is {what}, not {_USES[kind][0]}", hint)])
    document, faults = apply_sets_tolerantly(document, sets, whole)
    return path, Reading(document, [*problems, *faults], complete)
