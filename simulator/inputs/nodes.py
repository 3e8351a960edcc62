"""The tree behind a document: values that remember where they were written."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

from simulator.inputs.problems import KeyPath, Position, Problem, did_you_mean, dotted, listed
from simulator.inputs.scalars import Scalar


class Source(NamedTuple):
    """A text that was read: the name shown to the user, and its lines."""

    file: str
    lines: tuple[str, ...]


class Mark(NamedTuple):
    """A place in a source, counted from 1."""

    source: Source
    line: int
    column: int

    def position(self) -> Position:
        """Return the place with its source line, ready to be shown."""
        lines = self.source.lines
        text = lines[self.line - 1] if self.line <= len(lines) else ""
        return Position(self.source.file, self.line, self.column, text)


class Entry(NamedTuple):
    """A value in a mapping, with the place of its key."""

    key: Mark
    node: Node


class Node(NamedTuple):
    """A value with its place."""

    mark: Mark
    content: Scalar | dict[str, Entry] | tuple[Node, ...]
    word: str = ""
    broken: bool = False

    def plain(self) -> Any:
        """Return the value as plain dicts, lists and scalars."""
        if isinstance(self.content, dict):
            return {key: entry.node.plain() for key, entry in self.content.items()}
        if isinstance(self.content, tuple):
            return [node.plain() for node in self.content]
        return self.content


@dataclass(frozen=True, eq=False)  # the same object: what is read of one can be cached
class Document:
    """A file as read: plain values, and the place of every one of them."""

    root: Node
    files: tuple[str, ...]

    @cached_property
    def value(self) -> Any:
        """The values as plain dicts, lists and scalars. Not to be modified."""
        return self.root.plain()

    def block(self, *path: object) -> dict[str, Any]:
        """Return the mapping at a path as plain values, empty where there is none."""
        found = self.value
        for part in path:
            found = found.get(part) if isinstance(found, dict) else None
        return found if isinstance(found, dict) else {}

    def at(self, path: Sequence[object]) -> Node | None:
        """Return the node at a path of keys and list indices, or None if there is none."""
        node: Node | None = self.root
        for part in path:
            node = child(node, part)
        return node

    def where(self, path: Sequence[object]) -> Position:
        """Return where a value, or its nearest ancestor, is: at its key if on another line."""
        mark, node = self.root.mark, self.root
        for part in path:
            entry = _entry(node, part)
            if entry is None:
                break
            key, node = entry
            same_line = node.mark.line == key.line and node.mark.source == key.source
            mark = node.mark if same_line else key
        return mark.position()

    def where_key(self, path: Sequence[object]) -> Position:
        """Return where the key of a value is written; for a list item, where the item is."""
        entry = _entry(self.at(path[:-1]), path[-1]) if path else None
        return entry.key.position() if entry else self.where(path)

    def problem(
        self, path: KeyPath, message: str, hint: str | None = None, *, key: bool = False
    ) -> Problem:
        """Return a problem with the value at a path, or with its key."""
        place = self.where_key(path) if key else self.where(path)
        return Problem(place, dotted(path), message, hint)

    def unknown(
        self, path: KeyPath, what: str, word: str, known: Iterable[str], *, key: bool = False
    ) -> Problem:
        """Return the problem that a word is none of those known."""
        message = f"{what}, known: {listed(known)}"
        return self.problem(path, message, did_you_mean(word, known), key=key)


def child(node: Node | None, part: Any) -> Node | None:
    """Return the value under a key, or at an index of a list; None if there is none."""
    entry = _entry(node, part)
    return entry.node if entry else None


def _entry(node: Node | None, part: Any) -> Entry | None:
    content = node.content if node is not None else None
    if isinstance(content, dict):
        return content.get(part)
    if isinstance(content, tuple) and isinstance(part, int) and 0 <= part < len(content):
        return Entry(content[part].mark, content[part])
    return None
