"""The one place that reads YAML: text to a tree of values with positions, strictly.

PyYAML is used for its events only; no tag is ever resolved and no object constructed. Refused, each
with its place: anchors, aliases, merge keys, tags, duplicate keys, keys that are not words or
numbers, further documents, other YAML versions, tabs outside quotes, and what is too deep or long.
"""

import re
from collections.abc import Iterator, Sequence
from contextlib import suppress
from functools import cache
from itertools import islice
from pathlib import Path
from typing import Any

import yaml

from simulator.inputs import scalars
from simulator.inputs.nodes import Entry, Mark, Node, Source
from simulator.inputs.problems import MAX_PATH_WIDTH, MAX_PROBLEMS, Problem, dotted, shortened
from simulator.inputs.scalars import Scalar, ScalarError, resolve_plain
from simulator.limits import MAX_DEPTH, MAX_VALUES

# Not printable in YAML 1.2 (production 1), a byte order mark, or a line break of YAML 1.1 only.
_UNPRINTABLE = re.compile(
    "[^\t\n\r\x20-\x7e\xa0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]"
)
# What an escape such as "\e" may not smuggle into a value: control characters and half surrogates.
UNUSABLE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")

# More than this many of one kind of bad character is a binary file, not a list of typing errors.
_MOST_BAD_CHARACTERS = 10


def stray_tabs(text: str, quoted: Sequence[tuple[int, int]]) -> Iterator[int]:
    """Return where tabs stand outside quotes and comments, at most ten: parsers differ there."""
    if "\t" not in text:
        return
    bare = list(text)
    for start, stop in quoted:
        bare[start:stop] = " " * (stop - start)
    found = re.finditer(r"(?m)(?:^|(?<=\s))#.*|\t", "".join(bare))
    tabs = (tab.start() for tab in found if tab[0] == "\t")
    yield from islice(tabs, _MOST_BAD_CHARACTERS)


class PlainParser(yaml.reader.Reader, yaml.scanner.Scanner, yaml.parser.Parser):
    """PyYAML's own parser, without the parts that build objects."""

    def __init__(self, text: str) -> None:
        yaml.reader.Reader.__init__(self, text)
        yaml.scanner.Scanner.__init__(self)
        yaml.parser.Parser.__init__(self)

    def save_possible_simple_key(self) -> None:
        """Look for no key deeper than the limit: that takes time quadratic in the brackets."""
        if self.flow_level > MAX_DEPTH:
            self.possible_simple_keys.clear()
        else:
            super().save_possible_simple_key()


def explain_syntax(text: str, error: yaml.YAMLError) -> tuple[int, str, str | None]:
    """Say where a text stops being YAML (a character from 0), why, and how to fix it."""
    context = str(getattr(error, "context", None) or "")
    problem = str(getattr(error, "problem", None) or "unreadable")
    mark = getattr(error, "problem_mark", None)
    place = _in_text(text, mark)
    if "escape" in problem and text[place : place + 1] == "\\":
        place += 1  # libyaml points at the backslash, PyYAML at what follows
    start = _in_text(text, getattr(error, "context_mark", None) or mark)
    complaint = f"{context}; {problem}: {text[place : place + 1]}"
    for known in _complaints():
        if found := re.search(known["pattern"], complaint):
            index = start if "at" in known else place
            says = known["says"].format(char=text[index : index + 1], **found.groupdict())
            return index, says, known.get("hint")
    return place, f"not valid YAML: {problem}", None


@cache
def _complaints() -> list[dict[str, str]]:
    from simulator.inputs.inheritance import read_document

    file: dict[str, Any] = read_document(Path(__file__).with_name("syntax.yaml")).value
    return list(file["complaints"])


def _in_text(text: str, mark: Any) -> int:
    """Return the place of a mark; what is wrong with the end is shown at the last character."""
    return max(0, min(mark.index if mark else 0, len(text.rstrip(" \n")) - 1))


# libyaml is some ten times faster; where PyYAML was built without it the events are the same.
_Parser: Any = getattr(getattr(yaml, "cyaml", None), "CParser", PlainParser)


class _StopError(Exception):
    """Reading cannot go on; the problem is already noted."""


def parse(
    source: Source, first_line: int = 1, first_column: int = 1
) -> tuple[Node | None, list[Problem]]:
    """Read one YAML document."""
    whole = first_line == 1 and first_column == 1
    text = "\n".join(source.lines) if whole else source.lines[first_line - 1][first_column - 1 :]
    builder = _Builder(source, text, first_line, first_column)
    with suppress(_StopError):
        return builder.read(), builder.problems
    return None, builder.problems


class _Builder:
    """Turns the events of one document into nodes; notes problems and goes on while it can."""

    def __init__(self, source: Source, text: str, first_line: int, first_column: int) -> None:
        self.source, self.text = source, text
        self.first = (first_line, first_column)
        self.problems: list[Problem] = []
        self.path: list[object] = []
        self.values = 0
        # Character ranges of quoted and block scalars, the only places where a tab may stand.
        self.quoted: list[tuple[int, int]] = []

    def read(self) -> Node | None:
        for found in islice(_UNPRINTABLE.finditer(self.text), _MOST_BAD_CHARACTERS):
            code = ord(found[0])
            self.note(found.start(), f"the character U+{code:04X} is not allowed in a YAML file")
        if self.problems:
            return None
        try:
            root = self._document()
        except yaml.YAMLError as error:
            self.path.clear()
            self.note(*explain_syntax(self.text, error))
            return None
        for index in stray_tabs(self.text, self.quoted):
            self.note(index, "a tab is not allowed here", "use blanks")
        return root

    def mark(self, line: int, column: int) -> Mark:
        """Return the place of a parser's mark, which counts from 0."""
        first_line, first_column = self.first
        return Mark(self.source, line + first_line, column + (1 if line else first_column))

    def note(self, index: int, message: str, hint: str | None = None) -> None:
        """Note a problem at a character of the text."""
        line = self.text.count("\n", 0, index)
        column = index - (self.text.rfind("\n", 0, index) + 1)
        position = self.mark(line, column).position()
        self.problems.append(Problem(position, dotted(self.path), message, hint))
        if len(self.problems) >= MAX_PROBLEMS:
            raise _StopError

    def _document(self) -> Node | None:
        try:
            return self._events(_Parser(self.text))
        except yaml.MarkedYAMLError as error:
            # libyaml has a limit of its own and meets it while it looks ahead, before the events
            # that show which level is too deep. Without the rest it has nothing to look at.
            if error.problem != "exceeded maximum nesting depth" or error.problem_mark is None:
                raise
            self.problems.clear()
            self.path.clear()
            self.values = 0
            return self._events(_Parser(self.text[: error.problem_mark.index]))

    def _events(self, parser: Any) -> Node | None:
        parser.get_event()  # start of the stream
        event = parser.get_event()
        if isinstance(event, yaml.StreamEndEvent):
            return None
        if event.version not in (None, (1, 2)):
            self.note(event.start_mark.index, "another YAML version; files are read as YAML 1.2")
        if event.tags:
            self.note(event.start_mark.index, "tags are not allowed", "remove the %TAG line")
        root = self._node(parser, parser.get_event(), 1)
        parser.get_event()  # end of the document
        event = parser.get_event()
        if not isinstance(event, yaml.StreamEndEvent):
            self.note(
                event.start_mark.index, "a second document starts here; a file holds only one"
            )
        return root

    def _node(self, parser: Any, event: Any, depth: int) -> Node:
        start = event.start_mark.index
        mark = self.mark(event.start_mark.line, event.start_mark.column)
        self.values += 1
        if self.values > MAX_VALUES:
            self.note(start, f"more than the {MAX_VALUES:,} keys and values that a file may hold")
            raise _StopError
        if isinstance(event, yaml.AliasEvent):
            self.note(start, f"alias '*{event.anchor}' is not allowed", "write it out")
            return Node(mark, None, broken=True)
        if event.anchor is not None:
            self.note(start, f"anchor '&{event.anchor}' is not allowed", "remove it")
        tagged = event.tag is not None
        if tagged:
            tag = event.tag.replace("tag:yaml.org,2002:", "!!")
            self.note(start, f"tag '{tag}' is not allowed", "remove it")
        if isinstance(event, yaml.ScalarEvent):
            faults = len(self.problems)
            content = self._scalar(event)
            return Node(mark, content, event.value, tagged or len(self.problems) > faults)
        if depth > MAX_DEPTH:
            self.note(start, f"nested deeper than the {MAX_DEPTH} levels allowed")
            raise _StopError
        is_mapping = isinstance(event, yaml.MappingStartEvent)
        read = self._mapping if is_mapping else self._sequence
        return Node(mark, read(parser, depth), broken=tagged)

    def _sequence(self, parser: Any, depth: int) -> tuple[Node, ...]:
        items: list[Node] = []
        while type(event := parser.get_event()) is not yaml.SequenceEndEvent:
            self.path.append(len(items))
            items.append(self._node(parser, event, depth + 1))
            self.path.pop()
        return tuple(items)

    def _mapping(self, parser: Any, depth: int) -> dict[str, Entry]:
        entries: dict[str, Entry] = {}
        while type(event := parser.get_event()) is not yaml.MappingEndEvent:
            node = self._node(parser, event, depth + 1)
            key = None if node.broken else self._key(event, node)
            self.path.append("?" if key is None else shortened(key, MAX_PATH_WIDTH))
            value = self._node(parser, parser.get_event(), depth + 1)
            if key in entries:
                first = entries[key].key.line
                self.note(event.start_mark.index, f"duplicate key, first used on line {first}")
            elif key is not None and not self._cut_by_comma(event, value):
                # An empty value is placed at its key: its own mark lies after the line's end.
                empty = value.content is None and not value.word
                entries[key] = Entry(node.mark, value._replace(mark=node.mark) if empty else value)
            self.path.pop()
        return entries

    def _key(self, event: Any, node: Node) -> str | None:
        """Return a usable key, or note why it is none. Keys are text; 0.50 as a key is 0.5."""
        content, hint = node.content, None
        if not isinstance(event, yaml.ScalarEvent):
            message = "a key must be a word or a number, not a collection"
        elif content == "<<" and not event.style:
            message = "merge key '<<' is not allowed"
            hint = "use 'extends' to inherit from another file"
        elif content is None or isinstance(content, bool):
            message = f"a key must be a word, not {event.value or 'nothing'}"
            hint = f"put it in quotes: '{event.value}'"
        else:
            return str(content)
        self.note(event.start_mark.index, message, hint)
        return None

    def _cut_by_comma(self, event: Any, value: Node) -> bool:
        """Refuse the digits behind a comma as a key of their own: ``{troops: 20,500}``."""
        start = event.start_mark.index
        if value.content is not None or value.word or self.text[start - 1] != ",":
            return False
        hint = scalars.hint_for_comma(self.text, start, event.value)
        if hint is not None:
            self.note(start, f"'{event.value}' is no entry of its own", hint)
        return hint is not None

    def _scalar(self, event: Any) -> Scalar:
        start, word = event.start_mark.index, str(event.value)
        if not event.style:
            try:
                return resolve_plain(word)
            except ScalarError as error:
                zero = error.leading_zero
                hint = scalars.hint_for_leading_zero(self.text, start, word) if zero else None
                self.note(start, str(error), hint)
                return None
        self.quoted.append((start, event.end_mark.index))
        if found := UNUSABLE.search(word):
            self.note(start, f"text holds the control character U+{ord(found[0]):04X}")
        return word
