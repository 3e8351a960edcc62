"""What can be swept, and how a point's settings are written into a scenario."""

from __future__ import annotations

from collections.abc import Iterable

from simulator.assumptions.names import SHARES, describe
from simulator.inputs import Document, Entry, Node, merge
from simulator.inputs.fields import field_names, kinds_at
from simulator.scenario.references import WHOLE
from simulator.scenario.schema import ScenarioFile
from simulator.sweeps.values import Value

SCENARIO, BOOK = "scenario", "book"
# Below these blocks the rest of a key is one name, dots included.
_FLAT = ("assumptions",)

Path = tuple[str, ...]


def path_of(key: str) -> Path:
    """Return the path of a lever in a scenario file.

    Examples
    --------
    >>> path_of("force.target_troops"), path_of("assumptions.hr.presence")
    (('force', 'target_troops'), ('assumptions', 'hr.presence'))
    """
    block, dot, rest = key.partition(".")
    return (block, rest) if block in _FLAT and dot else tuple(key.split("."))


def overlap(first: str, second: str) -> bool:
    """Tell whether two keys set the same lever, or one sets a block that holds the other."""
    a, b = path_of(first), path_of(second)
    shorter = min(len(a), len(b))
    return a[:shorter] == b[:shorter]


def is_lever(key: str) -> bool:
    """Tell whether a plan or a book may have something of this name.

    What only a plan or a book itself can tell (a contributor, a structural choice) counts as one.

    Examples
    --------
    >>> [is_lever(key) for key in ("force.target_troops", "force.target_trops", "scenario")]
    [True, False, True]
    """
    if key in (SCENARIO, BOOK):
        return True
    path = path_of(key)
    if path[0] in _FLAT and len(path) > 1:
        return describe(path[1]) is not None or path[1] in SHARES
    fields = [field_names(ScenarioFile, path[:depth]) for depth in range(len(path))]
    return all(part in names for part, names in zip(path, fields, strict=True) if names)


def takes_whole_numbers(key: str) -> bool:
    """Tell whether a lever takes whole numbers and no others."""
    kinds = {kind.annotation for kind in kinds_at(ScenarioFile, path_of(key))}
    return int in kinds and float not in kinds


def with_settings(document: Document, settings: Iterable[tuple[str, Value]]) -> Document:
    """Return a scenario's document with levers set, each at its place in the sweep file.

    A mapping replaces what the scenario has as a whole, unlike in an inheriting file: a factor's
    value says all there is.
    """
    root = document.root
    for key, value in settings:
        if key in (SCENARIO, BOOK):
            continue
        path = path_of(key)
        node = value.node
        for part in reversed(path):
            node = Node(value.node.mark, {part: Entry(value.node.mark, node)})
        root = merge(root, node, (path, *WHOLE))
    return Document(root, document.files)
