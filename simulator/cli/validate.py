"""``simulator validate``: check files without running them."""

from __future__ import annotations

import json

import click

from simulator.inputs.problems import InputError


@click.command("validate")
@click.argument("scenarios", nargs=-1, required=True)
@click.option("--set", "sets", multiple=True, metavar="PATH=VALUE", help="Override a value.")
@click.option("--book", help="Check overridden assumptions against this book.")
@click.option("--resolved", is_flag=True, help="Print the machine form as JSON.")
def validate_command(
    scenarios: tuple[str, ...], sets: tuple[str, ...], book: str | None, resolved: bool
) -> int:
    """Check SCENARIOS (shipped names or files) and report every mistake at once."""
    from simulator.analysis.inputs import load_plans

    valid, reports = [], []
    for name in scenarios:
        try:
            valid += [scenario for scenario, _ in load_plans([name], book, sets)]
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
