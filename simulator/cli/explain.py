"""``simulator explain``: what a name stands for."""

import json
from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

import click

from simulator.books.book import Book
from simulator.books.load import load_book
from simulator.cli.options import Given
from simulator.cli.tables import console, say
from simulator.glossary.registry import Term, find, in_books, terms
from simulator.inputs import InputError, Problem
from simulator.report.plan_tables import origin


def command(given: Given, names: tuple[str, ...]) -> None:
    """Print what names mean; the mistakes in all are reported together."""
    books = [load_book(book) for book in given.books]
    found: list[Term] = []
    problems: list[Problem] = []
    for name in names:
        try:
            found += find(name)
        except InputError as error:
            problems += error.problems
    if problems:
        raise InputError(problems)
    if given.as_json:
        click.echo(json.dumps([_tree(term, books) for term in found], indent=2))
        return
    out = console()
    for number, term in enumerate(found):
        say(out, *([""] if number else []), *_lines(term, books))


def _tree(term: Term, books: list[Book]) -> dict[str, Any]:
    said = [
        {"book": one.book, "range": one.text, "source": _origin(one.source)}
        for one in in_books(term, books)
    ]
    return asdict(term) | {"acts": term.acts, "books": said}


def _lines(term: Term, books: list[Book]) -> Iterator[str]:
    yield f"{term.name} ({term.kind.removesuffix('s')})"
    yield f"  {term.meaning}"
    if term.unit:
        yield f"  unit: {term.unit}"
    if term.allowed:
        yield f"  allowed: {term.allowed}"
    for one in in_books(term, books):
        yield f"  in {one.book}: {one.text}"
        if one.source is not None:
            yield f"    {_origin(one.source)}"
    if term.kind == "options" and "=" not in term.name:
        for name, option in terms("options").items():
            if name.startswith(f"{term.name}="):
                yield f"  {name.partition('=')[2]}: {option.meaning}"
    if term.acts:
        yield f"  acts in: {term.acts}"
    choice, _, option_name = term.name.partition("=")
    settings = {
        "assumptions": f"assumptions.{term.name}=NUMBER",
        "options": f"structure.{choice}={option_name or 'OPTION'}",
        "levers": f"{term.name}=VALUE",
    }
    if term.kind in settings:
        yield f"  set it with: --set {settings[term.kind]}"


def _origin(source: Any) -> str:
    """A source in one line."""
    return "" if source is None else origin(source.model_dump())
