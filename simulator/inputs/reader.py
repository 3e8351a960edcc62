"""The one place that reads YAML: text to a tree of values with positions, strictly.

PyYAML is used for its events only; no tag is ever resolved and no object constructed. Refused, each
with its place: anchors, aliases, merge keys, tags, duplicate keys, keys that are not words or
numbers, non-finite numbers, further documents, other YAML versions, tabs outside quotes, control
characters, more than 1 MiB and more than 32 levels.
"""

from __future__ import annotations

import re
import stat
from bisect import bisect_right
from dataclasses import replace
from itertools import islice
from operator import itemgetter
from pathlib import Path
from typing import Any

import yaml

from simulator.inputs.nodes import Entry, Mark, Node, Source
from simulator.inputs.problems import MAX_PROBLEMS, Key, Position, Problem, dotted
from simulator.inputs.scalars import Scalar, ScalarError, resolve_plain
from simulator.inputs.syntax import MAX_DEPTH, PlainParser, explain_syntax

MAX_BYTES = 1024 * 1024

_LINE_BREAK = re.compile(r"\r\n|\r|\n")
# Printable in YAML 1.2 (production 1), less the byte order mark and the three characters that
# YAML 1.1, and so PyYAML, takes for line breaks (next line, line and paragraph separators).
_UNPRINTABLE = re.compile(
    "[^\t\n\r\x20-\x7e\xa0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]"
)
# What an escape such as "\e" may not smuggle into a value: control characters and half surrogates.
_UNUSABLE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")

# More than this many of one kind of bad character is a binary file, not a list of typing errors.
_MOST_BAD_CHARACTERS = 10

# libyaml is some ten times faster; where PyYAML was built without it the events are the same.
_Parser: Any = getattr(getattr(yaml, "cyaml", None), "CParser", PlainParser)


class _StopError(Exception):
    """Reading cannot go on; the problem is already noted."""


def read_file(path: Path) -> tuple[Source | None, list[Problem]]:
    """Read a text file of at most 1 MiB of UTF-8.

    Returns
    -------
    source : Source or None
        None if the file cannot be used at all; the list then says why.
    problems : list of Problem
    """
    name = str(path)
    try:
        # A device or a pipe could be endless, so only regular files are opened.
        if not stat.S_ISREG(path.stat().st_mode):
            return None, [Problem(None, name, "is not a regular file")]
        with path.open("rb") as stream:
            data = stream.read(MAX_BYTES + 1)
    except FileNotFoundError:
        return None, [Problem(None, name, "no such file")]
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "not a usable file name"
        return None, [Problem(None, name, f"cannot be read: {reason}")]
    if len(data) > MAX_BYTES:
        return None, [Problem(None, name, f"larger than the {MAX_BYTES} bytes allowed")]
    return _decode(name, data)


def _decode(name: str, data: bytes) -> tuple[Source | None, list[Problem]]:
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return None, [Problem(None, name, "is UTF-16 text; save it as UTF-8")]
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        text = data.decode("utf-8-sig", errors="replace")
        line = len(_LINE_BREAK.split(data[: error.start].decode("utf-8-sig")))
        shown = _LINE_BREAK.split(text)[line - 1]
        position = Position(name, line, shown.index("\ufffd") + 1, shown)
        message = f"byte 0x{data[error.start]:02x} is not UTF-8"
        return None, [Problem(position, "", message, "save the file as UTF-8")]
    return make_source(name, text), []


def make_source(name: str, text: str) -> Source:
    """Return a source made of a text, split at YAML's line breaks."""
    return Source(name, tuple(_LINE_BREAK.split(text)))


def parse(
    source: Source, first_line: int = 1, first_column: int = 1
) -> tuple[Node | None, list[Problem]]:
    """Read one YAML document.

    Parameters
    ----------
    source : Source
        The text.
    first_line, first_column : int
        Where in the source the document starts; what comes before is not read (used for
        ``--set``, where each line of the source is one override).

    Returns
    -------
    node : Node or None
        None if the text is not YAML at all, or is empty.
    problems : list of Problem
        Everything wrong that YAML itself can tell, in order.
    """
    if first_line == 1 and first_column == 1:
        text = "\n".join(source.lines)
    else:
        text = source.lines[first_line - 1][first_column - 1 :]
    builder = _Builder(source, text, first_line, first_column)
    return builder.read(), builder.problems


class _Builder:
    """Turns the events of one document into nodes; notes problems and goes on while it can."""

    def __init__(self, source: Source, text: str, first_line: int, first_column: int) -> None:
        self.source = source
        self.text = text
        self.offset = (first_line - 1, first_column - 1)
        self.problems: list[Problem] = []
        self.path: list[object] = []
        # Character ranges of quoted and block scalars, the only places where a tab may stand.
        self.quoted: list[tuple[int, int]] = []

    def read(self) -> Node | None:
        if self._has_unprintable():
            return None
        try:
            root = self._document(self.text)
        except _StopError:
            return None
        except yaml.YAMLError as error:
            self._note_syntax(error)
            return None
        self._check_tabs()
        return root

    def mark(self, line: int, column: int) -> Mark:
        """Return the place of a parser's mark, which counts from 0."""
        lines, columns = self.offset
        return Mark(self.source, line + 1 + lines, column + 1 + (columns if line == 0 else 0))

    def note(self, where: Any, message: str, hint: str | None = None) -> None:
        position = self.mark(where.line, where.column).position()
        self.problems.append(Problem(position, dotted(self.path), message, hint))
        if len(self.problems) >= MAX_PROBLEMS:
            raise _StopError

    def _document(self, text: str) -> Node | None:
        try:
            return self._events(_Parser(text))
        except yaml.MarkedYAMLError as error:
            # libyaml has a limit of its own and meets it while it looks ahead, before the events
            # that show which level is too deep. Without the rest it has nothing to look at.
            if error.problem != "exceeded maximum nesting depth" or error.problem_mark is None:
                raise
            self.problems.clear()
            self.path.clear()
            return self._events(_Parser(text[: error.problem_mark.index]))

    def _events(self, parser: Any) -> Node | None:
        parser.get_event()  # start of the stream
        event = parser.get_event()
        if isinstance(event, yaml.StreamEndEvent):
            return None
        if event.version not in (None, (1, 2)):
            self.note(event.start_mark, "another YAML version; files are read as YAML 1.2")
        if event.tags:
            self.note(event.start_mark, "tags are not allowed", "remove the %TAG line")
        root = self._node(parser, parser.get_event(), 1)
        parser.get_event()  # end of the document
        event = parser.get_event()
        if not isinstance(event, yaml.StreamEndEvent):
            self.note(event.start_mark, "a second document starts here; a file holds only one")
        return root

    def _node(self, parser: Any, event: Any, depth: int) -> Node:
        mark = self.mark(event.start_mark.line, event.start_mark.column)
        if isinstance(event, yaml.AliasEvent):
            self.note(event.start_mark, f"alias '*{event.anchor}' is not allowed", "write it out")
            return Node(mark, None, broken=True)
        if event.anchor is not None:
            self.note(event.start_mark, f"anchor '&{event.anchor}' is not allowed", "remove it")
        tagged = event.tag is not None
        if tagged:
            tag = event.tag.replace("tag:yaml.org,2002:", "!!")
            self.note(event.start_mark, f"tag '{tag}' is not allowed", "remove it")
        if isinstance(event, yaml.ScalarEvent):
            faults = len(self.problems)
            content = self._scalar(event)
            return Node(mark, content, event.value, tagged or len(self.problems) > faults)
        if depth > MAX_DEPTH:
            self.note(event.start_mark, f"nested deeper than the {MAX_DEPTH} levels allowed")
            raise _StopError
        if isinstance(event, yaml.MappingStartEvent):
            return Node(mark, self._mapping(parser, depth), broken=tagged)
        return Node(mark, self._sequence(parser, depth), broken=tagged)

    def _sequence(self, parser: Any, depth: int) -> tuple[Node, ...]:
        items: list[Node] = []
        while not isinstance(event := parser.get_event(), yaml.SequenceEndEvent):
            self.path.append(len(items))
            items.append(self._node(parser, event, depth + 1))
            self.path.pop()
        return tuple(items)

    def _mapping(self, parser: Any, depth: int) -> dict[Key, Entry]:
        entries: dict[Key, Entry] = {}
        # Keys are compared as written in JSON, in which documents are checked: there 1 is "1".
        words: dict[str, Key] = {}
        while not isinstance(event := parser.get_event(), yaml.MappingEndEvent):
            node = self._node(parser, event, depth + 1)
            key = None if node.broken else self._key(event, node)
            self.path.append("?" if key is None else str(key))
            value = self._node(parser, parser.get_event(), depth + 1)
            if key is not None and (key in entries or str(key) in words):
                first = entries[words.get(str(key), key)].key.line
                self.note(event.start_mark, f"duplicate key, first used on line {first}")
            elif key is not None:
                words[str(key)] = key
                entries[key] = Entry(node.mark, _shown_by_key(value, node.mark))
            self.path.pop()
        return entries

    def _key(self, event: Any, node: Node) -> Key | None:
        """Return a usable key, or note why it is none."""
        content = node.content
        if not isinstance(event, yaml.ScalarEvent):
            self.note(event.start_mark, "a key must be a word or a number, not a collection")
            return None
        if content == "<<" and _is_plain(event):
            hint = "use 'extends' to inherit from another file"
            self.note(event.start_mark, "merge key '<<' is not allowed", hint)
            return None
        if content is None or isinstance(content, bool):
            hint = f"put it in quotes: '{event.value}'"
            self.note(
                event.start_mark, f"a key must be a word, not {event.value or 'nothing'}", hint
            )
            return None
        if isinstance(content, str | int | float):
            return content
        return None

    def _scalar(self, event: Any) -> Scalar:
        if _is_plain(event):
            try:
                return resolve_plain(event.value)
            except ScalarError as error:
                self.note(event.start_mark, str(error))
                return None
        self.quoted.append((event.start_mark.index, event.end_mark.index))
        found = _UNUSABLE.search(event.value)
        if found:
            code = ord(found[0])
            self.note(event.start_mark, f"text holds the control character U+{code:04X}")
        return str(event.value)

    def _has_unprintable(self) -> bool:
        for found in islice(_UNPRINTABLE.finditer(self.text), _MOST_BAD_CHARACTERS):
            message = f"the character U+{ord(found[0]):04X} is not allowed in a YAML file"
            self._note_at(found.start(), message)
        return bool(self.problems)

    def _check_tabs(self) -> None:
        """Refuse tabs between values; the two parsers of PyYAML disagree on which are harmless."""
        tabs = (found.start() for found in re.finditer("\t", self.text))
        bad = (
            index for index in tabs if not self._in_quotes(index) and not self._in_comment(index)
        )
        for index in islice(bad, _MOST_BAD_CHARACTERS):
            self._note_at(index, "a tab is not allowed here", "use blanks")

    def _in_quotes(self, index: int) -> bool:
        after = bisect_right(self.quoted, index, key=itemgetter(0))
        return after > 0 and index < self.quoted[after - 1][1]

    def _in_comment(self, index: int) -> bool:
        start = self.text.rfind("\n", 0, index) + 1
        hashes = re.finditer(r"(?:(?<=\s)|^)#", self.text[start:index])
        return any(not self._in_quotes(start + found.start()) for found in hashes)

    def _note_at(self, index: int, message: str, hint: str | None = None) -> None:
        line = self.text.count("\n", 0, index)
        column = index - (self.text.rfind("\n", 0, index) + 1)
        self.problems.append(Problem(self.mark(line, column).position(), "", message, hint))

    def _note_syntax(self, error: yaml.YAMLError) -> None:
        fault = explain_syntax(self.text, error)
        position = None if fault.line is None else self.mark(fault.line, fault.column).position()
        self.problems.append(Problem(position, "", fault.message, fault.hint))


def _is_plain(event: Any) -> bool:
    return not event.style


def _shown_by_key(node: Node, key: Mark) -> Node:
    """Place an empty value at its key: its own mark lies after the line's end."""
    return replace(node, mark=key) if node.content is None and not node.word else node
