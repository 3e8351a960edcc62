"""Levers, the values that they take in a sweep, and how they are written into a scenario."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from simulator.books.checks import check_name
from simulator.books.names import CHOICES, SHARES, describe
from simulator.inputs import Document, Entry, Node, Problem, did_you_mean, listed, merge
from simulator.inputs.fields import field_names, kinds_at, paths_of_field
from simulator.inputs.inheritance import spelt_out
from simulator.limits import MAX_DEPTH
from simulator.scenario.resolve import WHOLE
from simulator.scenario.schema import ScenarioFile

SCENARIO, BOOK = "scenario", "book"
_FLAT = ("assumptions",)  # below it the rest of a key is one name, dots included
# Fields of a sweep that are no levers, though each is a number that people vary.
_SAME_FOR_ALL = ("seed", "draws", "trials", "precision")

Label = str | int | float | bool | None
Path = tuple[str, ...]
Place = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Value:
    """A value of a lever: its name in tables, and itself with its place in the file."""

    label: Label
    node: Node


Row = tuple[tuple[str, Value], ...]  # levers and their values


def value_of(node: Node) -> Value:
    """Return a value whose name in tables is itself: a list joined, a mapping as JSON."""
    plain = node.plain()
    if isinstance(plain, list) and all(isinstance(item, str | int | float) for item in plain):
        return Value(" + ".join(map(str, plain)) or "none", node)
    if isinstance(plain, list | dict):
        return Value(json.dumps(plain, separators=(",", ":"), ensure_ascii=False), node)
    return Value("null" if plain is None else plain, node)


def shown(label: Label) -> Label:
    """Return a label as YAML writes it: true, not True."""
    return json.dumps(label) if isinstance(label, bool) else label


def path_of(key: str) -> Path:
    """Return the path of a lever in a scenario file."""
    block, dot, rest = key.partition(".")
    return (block, rest) if block in _FLAT and dot else tuple(key.split("."))


def check_lever(document: Document, place: Place, key: str) -> Iterator[Problem]:
    """Yield the problem that no plan and no book has a lever of this name.

    What only a plan or a book can know (a contributor, a structural choice) is not looked at.
    """
    path = path_of(key)
    if len(path) > MAX_DEPTH:
        message = f"nested deeper than the {MAX_DEPTH} levels allowed"
        yield document.problem(place, message, key=True)
    elif path[0] in _FLAT and len(path) > 1:
        yield from check_name(document, place, path[1])
    elif path[0] in _SAME_FOR_ALL:
        message = f"'{path[0]}' is no lever: it is the same at every point"
        instead = f"write '{path[0]}: ...' at the top of the sweep, or --{path[0]}"
        yield document.problem(place, message, instead, key=True)
    elif key not in (SCENARIO, BOOK):
        for depth, part in enumerate(path):
            names = field_names(ScenarioFile, path[:depth])
            if names and part not in names:
                places = paths_of_field(ScenarioFile, part)
                if depth == 0 and (block := block_of(key)):
                    places = [f"{block}.{key}"]
                hint = f"did you mean {listed(places)}?" if places else did_you_mean(part, names)
                message = f"unknown field '{part}', allowed: {listed(names)}"
                yield document.problem(place, message, hint, key=True)
                return


def block_of(name: str) -> str | None:
    """Return the block of a plan that takes a name, of an assumption or a structural choice."""
    if describe(name) is not None or name in SHARES:
        return "assumptions"
    return "structure" if name in CHOICES else None


def takes_whole_numbers(key: str) -> bool:
    """Whether a lever takes whole numbers and no others."""
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
        path, node = path_of(key), value.node
        for part in reversed(path):
            node = Node(value.node.mark, {part: Entry(value.node.mark, node)})
        root = merge(root, spelt_out(node), (path, *WHOLE))
    return Document(root, document.files)
