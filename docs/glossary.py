"""Write docs/glossary.md from the registry of terms: python docs/glossary.py."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from simulator.glossary.registry import KINDS, Term, in_books, terms

PAGE = Path(__file__).with_suffix(".md")
TITLES = {
    "words": "Words",
    "levers": "Levers",
    "estimates": "Estimates",
    "columns": "Columns of tables",
    "options": "Structural choices and their options",
    "assumptions": "Assumptions",
}
HEAD = """\
# Glossary

Written by `python docs/glossary.py` from what `simulator explain` and `simulator list` read; a
test keeps it up to date. Ranges are the 5th to 95th percentile over 1,024 draws of each book, every
structural choice drawn; `(n)` is equation n of [model.md](model.md).
"""


def page() -> str:
    """The whole page."""
    parts = [HEAD]
    for kind, title in TITLES.items():
        parts += [f"\n## {title}\n\n", *table(kind)]
    return "".join(parts)


def table(kind: str) -> Iterator[str]:
    """One line a term; columns that no term of the kind fills are left out."""
    found = list(terms(kind).values())
    books = list(dict.fromkeys(one.book for term in found for one in in_books(term)))
    rows = [row(term, books) for term in found]
    head = ["name", "meaning", "unit", "allowed", *books, "where it acts"]
    kept = [i for i in range(len(head)) if any(cells[i] for cells in rows)]
    yield f"| {' | '.join(head[i] for i in kept)} |\n"
    yield f"|{'---|' * len(kept)}\n"
    for cells in rows:
        yield f"| {' | '.join(cells[i].replace('|', '/') for i in kept)} |\n"


def row(term: Term, books: list[str]) -> list[str]:
    """Cells of a term, in all columns."""
    said = {one.book: one.text for one in in_books(term)}
    name = term.name if term.kind == "words" else f"`{term.name}`"
    acts = term.acts.removeprefix("docs/model.md, ").replace("eq. ", "")
    texts = [said.get(book, "") for book in books]
    return [name, term.meaning, term.unit, term.allowed, *texts, acts]


if __name__ == "__main__":
    assert set(TITLES) == set(KINDS)
    PAGE.write_text(page(), encoding="utf-8")
