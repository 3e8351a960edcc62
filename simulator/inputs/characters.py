"""Which characters may stand where in a YAML text."""

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from itertools import islice
from operator import itemgetter

# Printable in YAML 1.2 (production 1), less the byte order mark and the three characters that
# YAML 1.1, and so PyYAML, takes for line breaks (next line, line and paragraph separators).
_UNPRINTABLE = re.compile(
    "[^\t\n\r\x20-\x7e\xa0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]"
)
# What an escape such as "\e" may not smuggle into a value: control characters and half surrogates.
UNUSABLE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")

# More than this many of one kind of bad character is a binary file, not a list of typing errors.
_MOST_BAD_CHARACTERS = 10

Spans = Sequence[tuple[int, int]]


def unprintable(text: str) -> Iterator[int]:
    """Return where characters stand that no YAML text may hold, at most ten."""
    return (found.start() for found in islice(_UNPRINTABLE.finditer(text), _MOST_BAD_CHARACTERS))


def stray_tabs(text: str, quoted: Spans) -> Iterator[int]:
    """Return where tabs stand between values, at most ten.

    The two parsers of PyYAML disagree on which of them are harmless.

    ``quoted`` are the spans of quoted and block texts, in order: there a tab may stand.
    """
    return islice(_stray_tabs(text, quoted), _MOST_BAD_CHARACTERS)


def _stray_tabs(text: str, quoted: Spans) -> Iterator[int]:
    index = text.find("\t")
    while index >= 0:
        start = text.rfind("\n", 0, index) + 1
        stop = text.find("\n", index)
        stop = len(text) if stop < 0 else stop
        comment = _comment(text, start, stop, quoted)
        for found in re.finditer("\t", text[index:comment]):
            if not _inside(quoted, index + found.start()):
                yield index + found.start()
        index = text.find("\t", stop)


def _comment(text: str, start: int, stop: int, quoted: Spans) -> int:
    """Return where the comment of a line begins, or where the line ends."""
    for found in re.finditer(r"(?:(?<=\s)|^)#", text[start:stop]):
        if not _inside(quoted, start + found.start()):
            return start + found.start()
    return stop


def _inside(spans: Spans, index: int) -> bool:
    after = bisect_right(spans, index, key=itemgetter(0))
    return after > 0 and index < spans[after - 1][1]
