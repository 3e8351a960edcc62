"""``simulator validate``: check files without running them."""

import json
from collections.abc import Sequence
from typing import Any, NamedTuple

import click

from simulator.analysis.inputs import load_plans
from simulator.books.load import load_book, notes_on_weights
from simulator.cli.options import Given
from simulator.inputs.kinds import kind_of_file
from simulator.inputs.problems import InputError


class _Found(NamedTuple):
    """A valid file: what it is, what one would want to know, and its machine form."""

    line: str
    notes: Sequence[str]
    form: dict[str, Any]


def command(given: Given, files: tuple[str, ...], resolved: bool) -> int:
    """Check files and print what they are, and their mistakes; return the exit code."""
    valid, reports = [], []
    for name in files:
        try:
            valid.append(_checked(name, given.book, given.sets))
        except InputError as error:
            reports.append(error.render())
    if resolved:
        click.echo(json.dumps([found.form for found in valid], indent=2))
    for found in valid if not resolved else ():
        click.echo("\n  note: ".join([found.line, *found.notes]))
    for report in reports:
        click.echo(report, err=True)
    return 2 if reports else 0


def _checked(name: str, book: str | None, sets: tuple[str, ...]) -> _Found:
    kind = kind_of_file(name)
    if kind == "sweep":
        from simulator.sweeps.files import load_sweep
        from simulator.sweeps.planning import make_plan

        sweep = load_sweep(name, sets, options={"book": book} if book else None)
        plan, _ = make_plan(sweep)
        line = f"{plan.name}: a valid sweep of {len(plan.points):,} points ({plan.title})"
        return _Found(line, sweep.notes, plan.tree())
    if kind == "book":
        found = load_book(name, sets)
        line = f"{found.name}: a valid book ({found.title})"
        return _Found(line, list(notes_on_weights(found, {})), found.machine_form())
    ((scenario, assumed),) = load_plans([name], book, sets)  # or whatever it is, read as a plan
    notes = [*scenario.notes, *notes_on_weights(assumed, scenario.structure)]
    return _Found(f"{scenario.name}: valid ({scenario.title})", notes, scenario.machine_form())
