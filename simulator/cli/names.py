"""What can be named, and what names mean."""

import json
from collections.abc import Iterator
from dataclasses import asdict
from typing import Any, Final

import click

from simulator.books.book import Book
from simulator.books.load import load_book
from simulator.cli.commands import TERMS
from simulator.cli.options import Given
from simulator.cli.tables import console, say, terminal_width
from simulator.glossary.registry import Term, find, in_books, terms
from simulator.inputs import InputError, Problem, names_in, read_document, shipped
from simulator.report.plan_tables import origin
from simulator.scenario import load_catalogues
from simulator.templates import rendered

FILES: Final = {
    "scenarios": "scenarios",
    "books": "configs/assumptions",
    "sweeps": "configs/sweeps",
}
CATALOGUES: Final = ("contributors", "sets", "bases")


def list_command(given: Given, kinds: tuple[str, ...]) -> None:
    """Print names with what they stand for."""
    found = {kind: dict(_entries(kind)) for kind in kinds or (*FILES, *CATALOGUES)}
    if given.as_json:
        click.echo(json.dumps(found, indent=2))
        return
    for kind, entries in found.items():
        click.echo(kind)
        width = min(max(map(len, entries), default=0), 40)
        columns = terminal_width() or 10**6
        for name, title in entries.items():
            if columns - width < 30 or (len(name) > width and columns < 10**6):
                click.echo(f"  {name}")
                click.echo(click.wrap_text(title, columns, " " * 6, " " * 6))
            else:
                text = click.wrap_text(title, columns, margin := " " * (width + 4), margin)
                click.echo(f"  {name:<{width}}  {text.lstrip()}")
    if any(kind in TERMS for kind in found):
        say(console(), "simulator explain NAME says more: range by book, source, where it acts.")


def _entries(kind: str) -> Iterator[tuple[str, str]]:
    if kind in TERMS:
        for name, term in terms(kind).items():
            yield name, f"{term.meaning} ({term.unit})" if term.unit else term.meaning
    elif kind in FILES:
        library = shipped(FILES[kind])
        for name in names_in(library):
            tree = read_document(library / f"{name}.yaml", library=library).value
            yield name, str(tree.get("title", ""))
    known = load_catalogues()
    if kind == "contributors":
        yield from (
            (n, f"{one.name} ({', '.join(one.roles)})") for n, one in known.contributors.items()
        )
    elif kind == "sets":
        yield from ((name, ", ".join(members)) for name, members in known.sets.items())
    elif kind == "bases":
        yield from ((name, f"{one.name} ({one.country})") for name, one in known.bases.items())


def explain_command(given: Given, names: tuple[str, ...]) -> None:
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
    say(console(), *rendered("simulator.cli", "explain.txt", known=list(known)).split("\n"))


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
