"""Words for what PyYAML rejects: its terse complaints turned into what to change."""

import re
from typing import Any, NamedTuple

import yaml

from simulator.limits import MAX_DEPTH


class SyntaxFault(NamedTuple):
    """Where a text stops being YAML (a character from 0), why, and how to fix it."""

    place: int
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


# Pattern of the complaint (of libyaml or of PyYAML's parser, which differ in wording), whether the
# place that matters is where the construct began, message with the character there, hint.
_QUOTE = "put it in quotes"
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
        "found a tab character|cannot start any token: \t",
        False,
        "a tab is not allowed here",
        "use blanks",
    ),
    ("that cannot start any token", False, "text cannot start with '{char}'", _QUOTE),
    ("scanning an? (alias|anchor)", True, "text cannot start with '{char}'", _QUOTE),
    ("a tag|undefined tag handle", True, "text cannot start with '{char}'", _QUOTE),
    (
        "unexpected end of stream|unexpected document (separator|indicator)",
        True,
        "this quote is never closed",
        None,
    ),
    (
        r"expected ',' or '(?P<close>.)'",
        True,
        "this bracket is not closed: expected ',' or '{close}' between its items",
        None,
    ),
    (
        "found unexpected ':'",
        False,
        "a ':' inside brackets needs a blank after it",
        "put text that contains ':' in quotes",
    ),
    ("unknown escape character", False, "unknown escape '\\{char}'", "write '\\\\'"),
    (
        "expected escape sequence|expected hexdecimal number",
        False,
        "incomplete escape in a double-quoted text",
        "write '\\\\' for a backslash",
    ),
    (
        "expected (<block end>|key|'-' indicator).*: -|sequence entries are not allowed",
        False,
        "a list item cannot start here",
        "check the indentation",
    ),
    (
        "expected (<block end>|key|'-' indicator)",
        False,
        "this line does not fit its surroundings",
        "check the indentation and the quotes",
    ),
    ("expected '?<document start>", False, "nothing may follow the end of the document", None),
    ("expected (the )?node content", False, "expected a value here", None),
    (
        "chomping or indentation|comment or (a )?line break|indentation indicator",
        False,
        "text cannot start on the line of '|' or '>'",
        None,
    ),
    ("mapping keys are not allowed", False, "a '? key' cannot start here", None),
    ("invalid Unicode character", False, "this escape is no character", None),
    ("YAML document|major version", False, "another YAML version; files are YAML 1.2", None),
    ("scanning a directive|directive", True, "text cannot start with '{char}'", _QUOTE),
)


def explain_syntax(text: str, error: yaml.YAMLError) -> SyntaxFault:
    """Say where and why a text is not YAML."""
    context = str(getattr(error, "context", None) or "")
    problem = str(getattr(error, "problem", None) or "unreadable")
    mark = getattr(error, "problem_mark", None)
    place = _in_text(text, mark)
    if "escape" in problem and text[place : place + 1] == "\\":
        place += 1  # libyaml points at the backslash, PyYAML at what follows
    start = _in_text(text, getattr(error, "context_mark", None) or mark)
    complaint = f"{context}; {problem}: {text[place : place + 1]}"
    for pattern, at_start, message, hint in _WORDS:
        found = re.search(pattern, complaint)
        if found:
            index = start if at_start else place
            words = message.format(char=text[index : index + 1], **found.groupdict())
            return SyntaxFault(index, words, hint)
    return SyntaxFault(place, f"not valid YAML: {problem}", None)


def _in_text(text: str, mark: Any) -> int:
    """Return the place of a mark; what is wrong with the end is shown at the last character."""
    index = 0 if mark is None else mark.index
    return max(0, min(index, len(text.rstrip(" \n")) - 1))
