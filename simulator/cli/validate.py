"""``simulator validate``: check files without running them."""

import json
from collections.abc import Sequence
from typing import Any, NamedTuple

import click

from simulator.inputs.problems import InputError


class _Found(NamedTuple):
    """A valid file: what it is, what one would want to know, and its machine form."""

    line: str
    notes: Sequence[str]
    form: dict[str, Any]


@click.command("validate")
@click.argument("files", nargs=-1, required=True)
@click.option("--set", "sets", multiple=True, metavar="PATH=VALUE", help="Override a value.")
@click.option("--book", help="Check overridden assumptions against this book.")
@click.option("--resolved", is_flag=True, help="Print the machine form as JSON.")
def validate_command(
    files: tuple[str, ...], sets: tuple[str, ...], book: str | None, resolved: bool
) -> int:
    """Check FILES (or shipped names) and report every mistake at once.

    Plans, sweeps and assumption books are known by their fields.
    """
    valid, reports = [], []
    for name in files:
        try:
            valid.append(_checked(name, book, sets))
        except InputError as error:
            reports.append(error.render())
    if resolved:
        click.echo(json.dumps([found.form for found in valid], indent=2))
    else:
        for found in valid:
            click.echo(found.line)
            for note in found.notes:
                click.echo(f"  note: {note}")
    for report in reports:
        click.echo(report, err=True)
    return 2 if reports else 0


def _checked(name: str, book: str | None, sets: tuple[str, ...]) -> _Found:
    from simulator.inputs.kinds import kind_of_file

    kind = kind_of_file(name)
    if kind == "sweep":
        return _sweep(name, book, sets)
    if kind == "book":
        return _book(name, sets)
    return _plan(name, book, sets)  # or whatever it is, read as a plan


def _plan(name: str, book: str | None, sets: tuple[str, ...]) -> _Found:
    from simulator.analysis.inputs import load_plans
    from simulator.books.choices import notes_on_weights

    ((scenario, assumed),) = load_plans([name], book, sets)
    notes = [*scenario.notes, *notes_on_weights(assumed, scenario.structure)]
    return _Found(f"{scenario.name}: valid ({scenario.title})", notes, scenario.machine_form())


def _sweep(name: str, book: str | None, sets: tuple[str, ...]) -> _Found:
    from simulator.sweeps.files import load_sweep
    from simulator.sweeps.planning import make_plan

    sweep = load_sweep(name, sets, options={"book": book} if book else None)
    plan, _ = make_plan(sweep)
    line = f"{plan.name}: a valid sweep of {len(plan.points):,} points ({plan.title})"
    return _Found(line, sweep.notes, plan.tree())


def _book(name: str, sets: tuple[str, ...]) -> _Found:
    from simulator.books.choices import notes_on_weights
    from simulator.books.load import load_book

    book = load_book(name, sets)
    notes = list(notes_on_weights(book, {}))
    return _Found(f"{book.name}: a valid book ({book.title})", notes, book.machine_form())
