"""``simulator explain``: what a name stands for."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from simulator.books.book import Book
    from simulator.glossary.registry import Term
    from simulator.inputs import Problem


@click.command("explain")
@click.argument("names", nargs=-1, required=True, metavar="NAME...")
@click.option("--book", "books", multiple=True, help="Show the range in these books instead.")
@click.option("--json", "as_json", is_flag=True, help="Print a JSON list.")
def explain_command(names: tuple[str, ...], books: tuple[str, ...], as_json: bool) -> None:
    """Say what NAME means: an assumption, option, estimate, column, lever or word.

    With its unit, its range and source in each book, and where it acts in the model.
    """
    from simulator.books.load import load_book
    from simulator.glossary.registry import find
    from simulator.inputs import InputError

    loaded = [load_book(book) for book in books]
    found: list[Term] = []
    problems: list[Problem] = []
    for name in names:
        try:
            found += find(name)
        except InputError as error:
            problems += error.problems
    if problems:
        raise InputError(problems)
    if as_json:
        click.echo(json.dumps([_tree(term, loaded) for term in found], indent=2))
        return
    from simulator.cli.tables import console, say

    out = console()
    for number, term in enumerate(found):
        for line in (*([""] if number else []), *_lines(term, loaded)):
            say(out, line)


def _tree(term: Term, books: list[Book]) -> dict[str, Any]:
    from simulator.glossary.registry import in_books

    tree = asdict(term) | {"acts": term.acts}
    tree["books"] = [
        {"book": one.book, "range": one.text, "source": origin(one.source)}
        for one in in_books(term, books)
    ]
    return tree


def _lines(term: Term, books: list[Book]) -> Iterator[str]:
    from simulator.glossary.registry import KINDS, in_books, terms

    assert term.kind in KINDS
    yield f"{term.name} ({term.kind.removesuffix('s')})"
    yield f"  {term.meaning}"
    if term.unit:
        yield f"  unit: {term.unit}"
    if term.allowed:
        yield f"  allowed: {term.allowed}"
    for one in in_books(term, books):
        yield f"  in {one.book}: {one.text}"
        if one.source is not None:
            yield f"    {origin(one.source)}"
    if term.kind == "options" and "=" not in term.name:
        for name, option in terms("options").items():
            if name.startswith(f"{term.name}="):
                yield f"  {name.partition('=')[2]}: {option.meaning}"
    if term.acts:
        yield f"  acts in: {term.acts}"
    if flag := _flag(term):
        yield f"  set it with: {flag}"


def _flag(term: Term) -> str:
    if term.kind == "assumptions":
        return f"--set assumptions.{term.name}=NUMBER"
    if term.kind == "options":
        choice, _, option = term.name.partition("=")
        return f"--set structure.{choice}={option or 'OPTION'}"
    return f"--set {term.name}=VALUE" if term.kind == "levers" else ""


def origin(source: Any) -> str:
    """A source in one line."""
    from simulator.report.plan_tables import origin as in_a_line

    return "" if source is None else in_a_line(source.model_dump())
