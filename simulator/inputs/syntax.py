"""What is no YAML: which characters may stand where, and words for PyYAML's terse complaints."""

import re
from collections.abc import Iterator, Sequence
from functools import cache
from itertools import islice
from pathlib import Path
from typing import Any

import yaml

from simulator.limits import MAX_DEPTH

# Printable in YAML 1.2 (production 1), less the byte order mark and the three characters that
# YAML 1.1, and so PyYAML, takes for line breaks (next line, line and paragraph separators).
_UNPRINTABLE = re.compile(
    "[^\t\n\r\x20-\x7e\xa0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]"
)
# What an escape such as "\e" may not smuggle into a value: control characters and half surrogates.
UNUSABLE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")

# More than this many of one kind of bad character is a binary file, not a list of typing errors.
_MOST_BAD_CHARACTERS = 10


def unprintable(text: str) -> Iterator[int]:
    """Return where characters stand that no YAML text may hold, at most ten."""
    return (found.start() for found in islice(_UNPRINTABLE.finditer(text), _MOST_BAD_CHARACTERS))


def stray_tabs(text: str, quoted: Sequence[tuple[int, int]]) -> Iterator[int]:
    """Return where tabs stand between values, at most ten: PyYAML's parsers disagree on them.

    ``quoted`` are the spans of quoted and block texts: there, and in comments, a tab may stand.
    """
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
        """Look for no key that begins deeper than the limit.

        Every bracket may begin a key of 1,024 characters, so PyYAML reads that far ahead and, at
        each character, goes through all brackets that are open. Such a text is refused anyway.
        """
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

    found: list[dict[str, str]] = read_document(Path(__file__).with_suffix(".yaml")).value[
        "complaints"
    ]
    return found


def _in_text(text: str, mark: Any) -> int:
    """Return the place of a mark; what is wrong with the end is shown at the last character."""
    index = 0 if mark is None else mark.index
    return max(0, min(index, len(text.rstrip(" \n")) - 1))
