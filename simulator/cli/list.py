"""``simulator list``: what can be named."""

import json
from collections.abc import Iterator
from typing import Final

import click

FILES: Final = {
    "scenarios": "scenarios",
    "books": "configs/assumptions",
    "sweeps": "configs/sweeps",
}
CATALOGUES: Final = ("contributors", "sets", "bases")
# As in `simulator.glossary.registry`, which is not imported for --help; a test compares them.
TERMS: Final = ("assumptions", "options", "estimates", "columns", "levers", "words")


@click.command("list")
@click.argument("kinds", nargs=-1, type=click.Choice((*FILES, *CATALOGUES, *TERMS)))
@click.option("--json", "as_json", is_flag=True, help="Print a JSON object: kind -> id -> title.")
def list_command(kinds: tuple[str, ...], as_json: bool) -> None:
    """Name what is shipped: plans, books, sweeps, contributors, sets and bases (default: all).

    Or what is named in plans, books and results: assumptions, options of structural choices,
    estimates, columns of tables, levers, words of the glossary.
    """
    found = {kind: dict(_entries(kind)) for kind in kinds or (*FILES, *CATALOGUES)}
    if as_json:
        click.echo(json.dumps(found, indent=2))
        return
    from simulator.cli.tables import terminal_width

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
        from simulator.cli.tables import console, say

        say(console(), "simulator explain NAME says more: range by book, source, where it acts.")


def _entries(kind: str) -> Iterator[tuple[str, str]]:
    if kind in TERMS:
        from simulator.glossary.registry import terms

        for name, term in terms(kind).items():
            yield name, f"{term.meaning} ({term.unit})" if term.unit else term.meaning
    elif kind in CATALOGUES:
        from simulator.scenario import load_catalogues

        known = load_catalogues()
        if kind == "contributors":
            for name, entry in known.contributors.items():
                yield name, f"{entry.name} ({', '.join(entry.roles)})"
        elif kind == "sets":
            for name, members in known.sets.items():
                yield name, ", ".join(members)
        else:
            for name, base in known.bases.items():
                yield name, f"{base.name} ({base.country})"
    else:
        from simulator.inputs import names_in, read_document, shipped

        library = shipped(FILES[kind])
        for name in names_in(library):
            tree = read_document(library / f"{name}.yaml", library=library).value
            yield name, str(tree.get("title", ""))
