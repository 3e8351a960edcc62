"""Values set on the command line: ``--set force.target_troops=20000``, read like the files."""

from collections.abc import Sequence

from simulator.inputs.inheritance import Pattern, matches, merge, spelt_out
from simulator.inputs.nodes import Document, Entry, Mark, Node, Source
from simulator.inputs.problems import InputError, Problem
from simulator.inputs.reader import parse
from simulator.limits import MAX_DEPTH

# Blocks whose keys contain dots: all that follows the block's name is one key.
FLAT_BLOCKS = ("assumptions",)


def apply_sets(document: Document, sets: Sequence[str], whole: Sequence[Pattern] = ()) -> Document:
    """Return the document with values replaced as by a child that extends it.

    Each is ``PATH=VALUE``, the value in YAML; under ``assumptions.`` the rest of the path is one
    key. ``null`` deletes, ``{}`` empties. Positions count the overrides as lines of ``--set``.
    """
    changed, problems = apply_sets_tolerantly(document, sets, whole)
    if problems:
        raise InputError(problems)
    return changed


def apply_sets_tolerantly(
    document: Document, sets: Sequence[str], whole: Sequence[Pattern] = ()
) -> tuple[Document, list[Problem]]:
    """Apply those overrides that are well formed; return what is wrong with the others."""
    source = Source("--set", tuple(sets))
    root = document.root
    problems: list[Problem] = []
    seen: dict[tuple[str, ...], int] = {}
    for line, text in enumerate(sets, start=1):
        path, value, found = _parse_set(source, line, text)
        problems += found
        if value is None:
            continue
        if path in seen:
            mark = Mark(source, line, 1).position()
            message = f"set twice, first by override {seen[path]}"
            problems.append(Problem(mark, ".".join(path), message))
            continue
        seen[path] = line
        # An override of a part of a mapping means that part, even where files replace the whole.
        above = [
            form for form in whole if len(form) >= len(path) or not matches(form, path[: len(form)])
        ]
        if value.content == {}:  # merged, it would change nothing and say nothing
            above.append(path)
        root = merge(root, spelt_out(_nested(path, value, Mark(source, line, 1))), above)
    return Document(root, document.files), problems


def _parse_set(
    source: Source, line: int, text: str
) -> tuple[tuple[str, ...], Node | None, list[Problem]]:
    """Return path and value of one override, or the problems with it."""

    def refused(column: int, message: str) -> tuple[tuple[str, ...], None, list[Problem]]:
        return (), None, [Problem(Mark(source, line, column).position(), "", message)]

    left, equals, _ = text.partition("=")
    path = _split(left.strip())
    if not equals:
        return refused(1, "expected PATH=VALUE, such as force.target_troops=20000")
    if len(path) > MAX_DEPTH:
        return refused(1, f"nested deeper than the {MAX_DEPTH} levels allowed")
    if not all(path):
        return refused(1, "expected a dotted path before '=', such as force.target_troops")
    node, problems = value_on_line(source, line, len(left) + 2)
    problems = [Problem(p.position, ".".join(path), p.message, p.hint) for p in problems]
    return path, node, problems


def value_on_line(source: Source, line: int, column: int) -> tuple[Node | None, list[Problem]]:
    """Read the value that stands behind the ``=`` of an override."""
    text = source.lines[line - 1][column - 1 :]
    message = None
    if "\n" in text or "\r" in text:
        message = "a value must be on one line"
    elif not text.strip():
        message = "no value after '='; write null to delete, '' for no text"
    node, problems = (None, []) if message else parse(source, line, column)
    if node is None and not problems:
        message = message or "no value after '=', only a comment; put it in quotes"
        problems = [Problem(Mark(source, line, column).position(), "", message)]
    return (None if problems else node), problems


def _split(dotted_path: str) -> tuple[str, ...]:
    block, dot, rest = dotted_path.partition(".")
    if block in FLAT_BLOCKS and dot:
        return (block, rest)
    return tuple(dotted_path.split("."))


def _nested(path: tuple[str, ...], value: Node, mark: Mark) -> Node:
    """Return the mapping that has `value` at `path`."""
    for key in reversed(path):
        value = Node(mark, {key: Entry(mark, value)})
    return value
