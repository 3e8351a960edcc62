"""Documents that extend others, and values set on the command line, merged with positions."""

import os
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final, NamedTuple

from simulator.inputs.locations import is_file, names_in, near_file, read_file
from simulator.inputs.nodes import Document, Entry, Mark, Node, Source
from simulator.inputs.problems import InputError, KeyPath, Problem, did_you_mean, listed
from simulator.inputs.reader import parse
from simulator.limits import MAX_ANCESTORS, MAX_DEPTH

YAML_ENDINGS = (".yaml", ".yml")

Pattern = tuple[str, ...]  # of paths; "*" stands for any key


class Reading(NamedTuple):
    """What could be read of a document, and everything found wrong on the way."""

    document: Document | None
    problems: list[Problem]
    complete: bool


def read_document(
    path: Path | str, library: Path | None = None, whole: Sequence[Pattern] = ()
) -> Document:
    """Read a YAML 1.2 file strictly, with everything it inherits.

    The key ``extends`` at the top names a parent: a path relative to the file, or the name of
    a file in `library`. Mappings merge key by key; lists and scalars of the child replace the
    parent's; a null of the child deletes what it would inherit. ``whole`` are the paths of mappings
    that a child replaces as a whole, such as distributions; ``"*"`` stands for any key.
    """
    reading = read_tolerantly(path, library, whole)
    if reading.problems or reading.document is None:
        raise InputError(reading.problems)
    return reading.document


def read_tolerantly(
    path: Path | str,
    library: Path | None = None,
    whole: Sequence[Pattern] = (),
    heirs: tuple[Path, ...] = (),
) -> Reading:
    """Read a document like `read_document`, but return the problems instead of raising them."""
    path = Path(path)
    source, problems = read_file(path)
    if source is None:
        return Reading(None, problems, False)
    root, problems = parse(source)
    files = (source.file,)
    if root is None or not isinstance(root.content, dict):
        if root is not None:
            message = "expected 'key: value' lines at the top level"
            problems.append(Problem(root.mark.position(), "", message))
        elif not problems:
            problems.append(Problem(None, source.file, "is empty; expected 'key: value' lines"))
        return Reading(None, problems, False)
    root = spelt_out(root)
    assert isinstance(root.content, dict)
    content = dict(root.content)
    entry = content.pop("extends", None)
    own = Document(Node(root.mark, content), files)
    if entry is None:
        return Reading(own, problems, True)
    parent_path, problem = _find_parent(path, entry, library, heirs)
    if parent_path is None:
        return Reading(own, [*problems, *problem], False)
    parent, faults, complete = read_tolerantly(parent_path, library, whole, (*heirs, path))
    problems += faults
    if parent is None:
        return Reading(own, problems, False)
    merged = merge(parent.root, own.root, whole)
    return Reading(Document(merged, files + parent.files), problems, complete)


def merge(parent: Node, heir: Node, whole: Sequence[Pattern] = (), path: KeyPath = ()) -> Node:
    """Return `heir` with everything of `parent` that it does not replace or delete."""
    if not isinstance(parent.content, dict) or not isinstance(heir.content, dict):
        return heir
    if any(matches(pattern, path) for pattern in whole):
        return heir
    merged = dict(parent.content)
    for key, entry in heir.content.items():
        inherited = parent.content.get(key)
        if inherited is None:
            # A null that deletes nothing stays, so that a misspelt key is found by the checks.
            merged[key] = entry
        elif entry.node.content is None:
            del merged[key]
        else:
            node = merge(inherited.node, entry.node, whole, (*path, key))
            merged[key] = Entry(entry.key, node)
    return Node(heir.mark, merged)


def matches(pattern: Pattern, path: KeyPath) -> bool:
    """Whether a path has exactly the form of a pattern."""
    return len(pattern) == len(path) and all(
        part in ("*", key) for part, key in zip(pattern, path, strict=True)
    )


def _find_parent(
    path: Path, entry: Entry, library: Path | None, heirs: tuple[Path, ...]
) -> tuple[Path | None, list[Problem]]:
    """Return the file that ``extends`` names, or what is wrong with it."""
    name = entry.node.content

    def refused(message: str, hint: str | None = None) -> tuple[None, list[Problem]]:
        return None, [Problem(entry.node.mark.position(), "extends", message, hint)]

    if not isinstance(name, str) or not name:
        return refused("expected the path of one file, or the name of a shipped one")
    if library is not None and not _is_path(name):
        parent = library / f"{name}.yaml"
    elif name.endswith(YAML_ENDINGS):
        parent = Path(os.path.normpath(path.parent / name))
    else:  # whatever else a file names is not read, so that no message can quote from it
        return refused(f"a file to extend must end in .yaml or .yml, not '{name}'")
    if not is_file(parent):
        if _is_path(name):
            return refused(f"no such file '{parent}'", near_file(parent))
        names = names_in(parent.parent)
        message = f"nothing shipped is named '{name}', known: {listed(names)}"
        return refused(message, did_you_mean(parent.stem, names))
    line = [*heirs, path, parent]
    if any(parent.samefile(ancestor) for ancestor in line[:-1]):
        return refused("files extend each other in a circle: " + " -> ".join(map(str, line)))
    if len(line) > MAX_ANCESTORS:
        return refused(f"more than {MAX_ANCESTORS} files extend one another")
    return parent, []


def _is_path(name: str) -> bool:
    return "/" in name or os.sep in name or name.endswith(YAML_ENDINGS)


# Blocks of a plan that hold nothing but true or false: `all` and `none` stand for every key.
SWITCHES: Final[dict[KeyPath, tuple[str, ...]]] = {
    ("us_backstop",): ("air_defence", "intelligence", "surveillance", "logistics"),
}
WORDS: Final = {"all": True, "none": False}
# Mappings of one field, of which a number stands for an entry.
COUNTS: Final[dict[KeyPath, str]] = {("air_support", "bases"): "aircraft"}


def spelt_out(node: Node, path: KeyPath = ()) -> Node:
    """Return a plan's tree with `us_backstop: all` and `bases: {lask: 16}` written in full."""
    content = node.content
    if path in SWITCHES and isinstance(content, str) and content in WORDS:
        value = Node(node.mark, WORDS[content], content)
        return Node(node.mark, {key: Entry(node.mark, value) for key in SWITCHES[path]})
    if path[:-1] in COUNTS and isinstance(content, int) and not isinstance(content, bool):
        return Node(node.mark, {COUNTS[path[:-1]]: Entry(node.mark, node)})
    leads_there = any(path == known[: len(path)] for known in (*SWITCHES, *COUNTS))
    if not isinstance(content, dict) or not leads_there:
        return node
    kept = {key: Entry(mark, spelt_out(one, (*path, key))) for key, (mark, one) in content.items()}
    return node._replace(content=kept)


def apply_sets_tolerantly(
    document: Document, sets: Sequence[str], whole: Sequence[Pattern] = ()
) -> tuple[Document, list[Problem]]:
    """Return the document with values replaced as by a child that extends it, and the problems.

    Each is ``PATH=VALUE``, the value in YAML; under ``assumptions.`` the rest of the path is one
    key. ``null`` deletes, ``{}`` empties. Positions count the overrides as lines of ``--set``.
    """
    source = Source("--set", tuple(sets))
    root = document.root
    problems: list[Problem] = []
    seen: dict[tuple[str, ...], int] = {}
    for line, text in enumerate(sets, start=1):
        path, value, found = _parse_set(source, line, text)
        problems += found
        if value is None:
            continue
        mark = Mark(source, line, 1)
        if path in seen:
            message = f"set twice, first by override {seen[path]}"
            problems.append(Problem(mark.position(), ".".join(path), message))
            continue
        seen[path] = line
        # An override of a part of a mapping means that part, even where files replace the whole.
        above = [p for p in whole if len(p) >= len(path) or not matches(p, path[: len(p)])]
        if value.content == {}:  # merged, it would change nothing and say nothing
            above.append(path)
        for key in reversed(path):
            value = Node(mark, {key: Entry(mark, value)})
        root = merge(root, spelt_out(value), above)
    return Document(root, document.files), problems


def _parse_set(
    source: Source, line: int, text: str
) -> tuple[tuple[str, ...], Node | None, list[Problem]]:
    """Return path and value of one override, or the problems with it."""
    left, equals, _ = text.partition("=")
    block, _, rest = left.strip().partition(".")
    flat = block == "assumptions" and rest  # their names contain dots
    path = (block, rest) if flat else tuple(left.strip().split("."))
    message = None
    if not equals:
        message = "expected PATH=VALUE, such as force.target_troops=20000"
    elif len(path) > MAX_DEPTH:
        message = f"nested deeper than the {MAX_DEPTH} levels allowed"
    elif not all(path):
        message = "expected a dotted path before '=', such as force.target_troops"
    if message:
        return path, None, [Problem(Mark(source, line, 1).position(), "", message)]
    node, problems = value_on_line(source, line, len(left) + 2)
    return path, node, [replace(problem, path=".".join(path)) for problem in problems]


def value_on_line(source: Source, line: int, column: int) -> tuple[Node | None, list[Problem]]:
    """Read the value that stands behind the ``=`` of an override."""
    text = source.lines[line - 1][column - 1 :]
    node, problems = None, list[Problem]()
    if "\n" in text or "\r" in text:
        message = "a value must be on one line"
    elif not text.strip():
        message = "no value after '='; write null to delete, '' for no text"
    else:
        node, problems = parse(source, line, column)
        message = "no value after '=', only a comment; put it in quotes"
    if node is None and not problems:
        problems = [Problem(Mark(source, line, column).position(), "", message)]
    return (None if problems else node), problems
