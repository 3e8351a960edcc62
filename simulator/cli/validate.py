"""``simulator validate``: check files without running them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import click

from simulator.inputs.problems import InputError

if TYPE_CHECKING:
    from simulator.scenario import Scenario


@click.command("validate")
@click.argument("scenarios", nargs=-1, required=True)
@click.option("--set", "sets", multiple=True, metavar="PATH=VALUE", help="Override a value.")
@click.option("--book", help="Also check the names and forms of overridden assumptions.")
@click.option("--resolved", is_flag=True, help="Print the machine form as JSON.")
def validate_command(
    scenarios: tuple[str, ...], sets: tuple[str, ...], book: str | None, resolved: bool
) -> int:
    """Check SCENARIOS (shipped names or files) and report every mistake at once."""
    from simulator.scenario import load_scenario

    valid, reports = [], []
    for name in scenarios:
        try:
            scenario = load_scenario(name, sets)
            if book or scenario.assumptions or scenario.structure:
                _check_against_book(book or scenario.book, scenario)
            valid.append(scenario)
        except InputError as error:
            reports.append(error.render())
    if resolved:
        click.echo(json.dumps([s.machine_form() for s in valid], indent=2, ensure_ascii=False))
    else:
        for scenario in valid:
            click.echo(f"{scenario.name}: valid ({scenario.title})")
            for note in scenario.notes:
                click.echo(f"  note: {note}")
    for report in reports:
        click.echo(report, err=True)
    return 2 if reports else 0


def _check_against_book(book: str | None, scenario: Scenario) -> None:
    from simulator.assumptions.book import load_book
    from simulator.assumptions.pins import check_pins

    check_pins(load_book(book or "blend"), scenario)
