"""``simulator list``: what can be named."""

from __future__ import annotations

from typing import Final

import click

KINDS: Final = ("scenarios", "books", "contributors", "sets", "bases", "sweeps")


@click.command("list")
@click.argument("kinds", nargs=-1, type=click.Choice(KINDS))
@click.option("--json", "as_json", is_flag=True, help="Print a JSON object: kind -> id -> title.")
def list_command(kinds: tuple[str, ...], as_json: bool) -> None:
    """Name the shipped scenarios, books, contributors, sets, bases and sweeps (default: all)."""
    found = {kind: _entries(kind) for kind in kinds or KINDS}
    if as_json:
        import json

        click.echo(json.dumps(found, indent=2))
        return
    for kind, entries in found.items():
        click.echo(f"{kind}")
        width = max((len(name) for name in entries), default=0)
        for name, title in entries.items():
            click.echo(f"  {name:<{width}}  {title}")


def _entries(kind: str) -> dict[str, str]:
    if kind in ("contributors", "sets", "bases"):
        from simulator.scenario import load_catalogues

        catalogues = load_catalogues()
        if kind == "contributors":
            return {
                name: f"{entry.name} ({', '.join(entry.roles)})"
                for name, entry in catalogues.contributors.items()
            }
        if kind == "sets":
            return {name: ", ".join(members) for name, members in catalogues.sets.items()}
        return {name: f"{base.name} ({base.country})" for name, base in catalogues.bases.items()}
    from simulator.inputs import names_in, read_document, shipped

    folder = {"scenarios": "scenarios", "books": "configs/assumptions", "sweeps": "configs/sweeps"}
    library = shipped(folder[kind])
    titles = {}
    for name in names_in(library):
        tree = read_document(library / f"{name}.yaml", library=library).value
        titles[name] = str(tree.get("title", ""))
    return titles
