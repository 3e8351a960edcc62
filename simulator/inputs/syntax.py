"""Words for what PyYAML rejects: its terse complaints turned into what to change."""

from __future__ import annotations

import re
from typing import Any, NamedTuple

import yaml

MAX_DEPTH = 32


class SyntaxFault(NamedTuple):
    """Where a text stops being YAML (line and column from 0, None if unknown), and why."""

    line: int | None
    column: int
    message: str
    hint: str | None


class PlainParser(yaml.reader.Reader, yaml.scanner.Scanner, yaml.parser.Parser):
    """PyYAML's own parser, without the parts that build objects."""

    def __init__(self, text: str) -> None:
        yaml.reader.Reader.__init__(self, text)
        yaml.scanner.Scanner.__init__(self)
        yaml.parser.Parser.__init__(self)

    def save_possible_simple_key(self) -> None:
        """Look for no key that begins deeper than the limit.

        Every bracket may begin a key of 1,024 characters, so PyYAML reads that far ahead and, at
        each character, goes through all brackets that are open. Such a text is refused anyway.
        """
        if self.flow_level > MAX_DEPTH:
            self.possible_simple_keys.clear()
        else:
            super().save_possible_simple_key()


# Pattern of the complaint, whether the place that matters is where the construct began, message
# (with the pattern's groups), hint.
_WORDS: tuple[tuple[str, bool, str, str | None], ...] = (
    (
        "mapping values are not allowed",
        False,
        "a 'key: value' cannot start here",
        "check the indentation; put text that contains ': ' in quotes",
    ),
    (
        "could not find expected ':'",
        True,
        "expected 'key: value', found a line without ':'",
        "write a blank after the ':'; indent text that continues a line",
    ),
    (
        r"found character '\\t' that cannot start",
        False,
        "a tab is not allowed here",
        "use blanks",
    ),
    (
        "found character '(.+)' that cannot start",
        False,
        "text cannot start with '{0}'",
        "put it in quotes",
    ),
    ("found unexpected end of stream", True, "this quote is never closed", None),
    (
        r"expected ',' or '(.)', but got",
        True,
        "this bracket is not closed: expected ',' or '{0}' between its items",
        None,
    ),
    ("unknown escape character '(.+)'", False, "unknown escape '\\{0}'", "write '\\\\'"),
    (
        "expected escape sequence",
        False,
        "incomplete escape in a double-quoted text",
        "write '\\\\' for a backslash",
    ),
    (
        "expected <block end>, but found '-'",
        False,
        "a list item cannot start here",
        "check the indentation",
    ),
    (
        "expected <block end>",
        False,
        "this line does not fit its surroundings",
        "check the indentation and the quotes",
    ),
    ("expected '<document start>'", False, "nothing may follow the end of the document", None),
    ("expected the node content", False, "expected a value here", None),
    ("chomping or indentation", False, "text cannot start on the line of '|' or '>'", None),
    ("invalid Unicode character escape", False, "this escape is no character", None),
    ("YAML document is incompatible", False, "another YAML version; files are YAML 1.2", None),
)


def explain_syntax(text: str, error: yaml.YAMLError) -> SyntaxFault:
    """Say where and why a text is not YAML.

    Parameters
    ----------
    text : str
        The whole text.
    error : yaml.YAMLError
        What the fast parser said; used only if the plain parser, which has the better and
        always the same words, finds nothing wrong.
    """
    parser: Any = PlainParser(text)
    try:
        while not isinstance(parser.get_event(), yaml.StreamEndEvent):
            pass
    except yaml.YAMLError as plain:
        error = plain
    return _worded(error)


def _worded(error: Any) -> SyntaxFault:
    complaint = str(getattr(error, "problem", None) or "unreadable")
    mark = getattr(error, "problem_mark", None)
    start = getattr(error, "context_mark", None) or mark
    for pattern, at_start, message, hint in _WORDS:
        found = re.search(pattern, complaint)
        if found:
            place = start if at_start else mark
            return _fault(place, message.format(*found.groups()), hint)
    return _fault(mark or start, f"not valid YAML: {complaint}", None)


def _fault(mark: Any, message: str, hint: str | None) -> SyntaxFault:
    if mark is None:
        return SyntaxFault(None, 0, message, hint)
    return SyntaxFault(mark.line, mark.column, message, hint)
