"""``simulator explain``: what a name stands for."""

import json
from dataclasses import asdict
from typing import Any

import click

from simulator.books.book import Book
from simulator.books.load import load_book
from simulator.cli.options import Given
from simulator.cli.tables import console, say
from simulator.cli.text import rendered
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
    known = ((term, _tree(term, books)["books"], _options(term)) for term in found)
    say(console(), *rendered("explain.txt", known=list(known)).split("\n"))


def _tree(term: Term, books: list[Book]) -> dict[str, Any]:
    said = [
        {"book": one.book, "range": one.text, "source": _origin(one.source)}
        for one in in_books(term, books)
    ]
    return asdict(term) | {"acts": term.acts, "books": said}


def _options(term: Term) -> dict[str, str]:
    """The options of a structural choice, and what they say."""
    if term.kind != "options" or "=" in term.name:
        return {}
    options = (one for one in terms("options").values() if one.name.startswith(f"{term.name}="))
    return {one.name.partition("=")[2]: one.meaning for one in options}


def _origin(source: Any) -> str:
    """A source in one line."""
    return "" if source is None else origin(source.model_dump())
