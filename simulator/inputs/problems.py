"""What is wrong with an input, where, and how to fix it; imports neither YAML nor pydantic."""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Final

KeyPath = tuple[str | int, ...]

# A broken file of a megabyte can hold a hundred thousand mistakes; nobody reads past the first few,
# and looking for more would take minutes.
MAX_PROBLEMS, MAX_RENDERED, MAX_LISTED = 200, 60, 40
MAX_PATH_WIDTH, MAX_MESSAGE_WIDTH, MAX_SOURCE_WIDTH = 200, 2000, 110  # characters


@dataclass(frozen=True, slots=True)
class Position:
    """A place in a source text."""

    file: str  # as the user named it, or ``--set`` for a command-line override
    line: int  # from 1; of ``--set`` the number of the override on the command line
    column: int  # from 1, in characters
    text: str  # the source line, without its line break

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}"


@dataclass(frozen=True, slots=True)
class Problem:
    """One mistake in an input."""

    position: Position | None  # None where no file is involved (an unknown scenario name)
    path: str  # the field concerned, dotted (``force.posture``), or "" for the whole input
    message: str  # what is wrong and what is allowed
    hint: str | None = None  # how to fix it, usually "did you mean ...?"

    def render(self) -> str:
        """Return ``file:line:column: path: message; hint``, the source line and a caret."""
        parts = [str(self.position)] if self.position else []
        parts += [shortened(self.path, MAX_PATH_WIDTH)] if self.path else []
        message = shortened(self.message, MAX_MESSAGE_WIDTH)
        parts.append(f"{message}; {self.hint}" if self.hint else message)
        head = printable(": ".join(parts))
        return f"{head}\n{_excerpt(self.position)}" if self.position else head


class InputError(Exception):
    """An input that cannot be used; carries every problem found, not just the first."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__(self.problems)

    def placed(self, position: Position | None) -> list[Problem]:
        """Return the problems, those without a place where the file that failed was named."""
        return [replace(one, position=one.position or position) for one in self.problems]

    def render(self) -> str:
        """Return all problems as text, one block each, in the order of the source."""
        blocks = [problem.render() for problem in self.problems[:MAX_RENDERED]]
        hidden = len(self.problems) - len(blocks)
        if hidden:
            many = "many" if len(self.problems) >= MAX_PROBLEMS else str(hidden)
            blocks.append(f"... and {many} more problems")
        return "\n".join(blocks)

    def __str__(self) -> str:
        return self.render()


def dotted(path: Sequence[object]) -> str:
    """Return a path as the user would write it: ``sources[0].file``."""
    parts = (f"[{part}]" if isinstance(part, int) else f".{part}" for part in path)
    return "".join(parts).removeprefix(".")


def did_you_mean(word: object, choices: Iterable[object]) -> str | None:
    """Return a suggestion among `choices` for a `word` that is none of them, or None."""
    found = closest(word, choices)
    return None if found is None else f"did you mean '{found}'?"


def closest(word: object, choices: Iterable[object]) -> str | None:
    """Return the choice that means the same as `word`, or is spelt nearly so, or None."""
    from difflib import get_close_matches

    text = str(word)[:MAX_PATH_WIDTH]
    spelt = {fold(str(choice)): str(choice) for choice in choices}
    meant = [word for word in (fold(text), *_meanings().get(fold(text), ())) if word in spelt]
    near = meant or get_close_matches(fold(text), spelt, n=1, cutoff=0.6)
    return spelt[near[0]] if near else None


def listed(choices: Iterable[object]) -> str:
    """Return choices as ``a, b, c``, cut with a count when there are very many."""
    words = [str(choice) for choice in choices]
    shown = ", ".join(words[:MAX_LISTED]) or "nothing"
    return f"{shown} and {len(words) - MAX_LISTED} more" if len(words) > MAX_LISTED else shown


def shortened(text: str, width: int = 40) -> str:
    """Return text cut to a width, marked where it is."""
    return text if len(text) <= width else f"{text[: width - 3]}..."


def printable(text: str, keep: str = "") -> str:
    """Return text with characters escaped that could steer a terminal or reorder a line."""

    def escaped(found: re.Match[str]) -> str:
        char = found[0]
        # Cc: control, Cf: format (bidirectional overrides), Cs: lone surrogates, Zl/Zp: separators.
        if char in keep or unicodedata.category(char) not in ("Cc", "Cf", "Cs", "Zl", "Zp"):
            return char
        return f"\\u{ord(char):04x}" if ord(char) > 0xFF else f"\\x{ord(char):02x}"

    return re.sub(r"[^ -~]", escaped, text)


def _excerpt(position: Position) -> str:
    """Return the source line with a caret below, cut to a width that a terminal shows."""
    column = position.column - 1
    start = max(0, column - MAX_SOURCE_WIDTH // 2) if len(position.text) > MAX_SOURCE_WIDTH else 0
    window = position.text[start : start + MAX_SOURCE_WIDTH]
    # A tab shows as one blank: its true width depends on the terminal.
    before = printable(window[: column - start].replace("\t", " "))
    after = printable(window[column - start :].replace("\t", " "))
    lead = "..." if start else ""
    tail = "..." if start + MAX_SOURCE_WIDTH < len(position.text) else ""
    gutter = f"{position.line:>5} | "
    narrow = [char for char in before if not unicodedata.combining(char)]
    wide = sum(unicodedata.east_asian_width(char) in "WF" for char in narrow)
    blanks = " " * (len(lead) + len(narrow) + wide)
    return f"{gutter}{lead}{before}{after}{tail}\n{'| ':>{len(gutter)}}{blanks}^"


# Letters that are mistaken for digits, and what stands between words.
_ALIKE: Final = str.maketrans("oil", "011", "-_ ")


def fold(word: str) -> str:
    """Return a word without what spelling differs in: case, hyphens, look-alike letters."""
    return word.casefold().translate(_ALIKE)


@cache
def _meanings() -> dict[str, tuple[str, ...]]:
    """Return what words may stand for, all folded."""
    from simulator.inputs.inheritance import read_document

    found: dict[str, tuple[str, ...]] = {}
    for known, words in read_document(Path(__file__).with_name("synonyms.yaml")).value.items():
        for word in words.split():
            found[fold(word)] = (*found.get(fold(word), ()), fold(known))
    return found
