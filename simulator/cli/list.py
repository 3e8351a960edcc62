"""``simulator list``: what can be named."""

import json
from collections.abc import Iterator
from typing import Final

import click

from simulator.cli.commands import TERMS
from simulator.cli.options import Given
from simulator.cli.tables import console, say, terminal_width
from simulator.glossary.registry import terms
from simulator.inputs import names_in, read_document, shipped
from simulator.scenario import load_catalogues

FILES: Final = {
    "scenarios": "scenarios",
    "books": "configs/assumptions",
    "sweeps": "configs/sweeps",
}
CATALOGUES: Final = ("contributors", "sets", "bases")


def command(given: Given, kinds: tuple[str, ...]) -> None:
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
