"""Words that people use for those that files know."""

from functools import cache
from pathlib import Path
from typing import Final

# Letters that are mistaken for digits, and what stands between words.
_ALIKE: Final = str.maketrans("oil", "011", "-_ ")


def fold(word: str) -> str:
    """Return a word without what spelling differs in: case, hyphens, look-alike letters."""
    return word.casefold().translate(_ALIKE)


def meant_by(word: str) -> tuple[str, ...]:
    """Return the words, folded, that a word may stand for."""
    return _meanings().get(fold(word), ())


@cache
def _meanings() -> dict[str, tuple[str, ...]]:
    from simulator.inputs.inheritance import read_document

    found: dict[str, tuple[str, ...]] = {}
    for known, words in read_document(Path(__file__).with_suffix(".yaml")).value.items():
        for word in words.split():
            found[fold(word)] = (*found.get(fold(word), ()), fold(known))
    return found
