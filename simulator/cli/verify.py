"""``simulator verify``: whether the engines agree on a plan."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import click

from simulator.cli.options import model_inputs
from simulator.limits import MOST_DRAWS, MOST_TRIALS

if TYPE_CHECKING:
    from simulator.verification.checks import Agreement, Check

DISAGREEMENT = 1


@click.command("verify")
@click.argument("scenario")
@model_inputs
@click.option(
    "--draws",
    type=click.IntRange(1, MOST_DRAWS),
    default=50,
    show_default=True,
    help="Draws of the assumptions, simulated as whole paths and as worlds.",
)
@click.option(
    "--trials",
    type=click.IntRange(1, MOST_TRIALS),
    default=20,
    show_default=True,
    help="Trials of each draw.",
)
@click.option(
    "--exact-draws",
    type=click.IntRange(1, MOST_DRAWS),
    default=8,
    show_default=True,
    help="How many of those draws are also solved.",
)
@click.option(
    "--exact-trials",
    type=click.IntRange(2, MOST_DRAWS),
    default=5_000,
    show_default=True,
    help="Worlds of each solved draw.",
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def verify_command(
    scenario: str,
    book: str | None,
    sets: tuple[str, ...],
    seed: int,
    draws: int,
    trials: int,
    exact_draws: int,
    exact_trials: int,
    as_json: bool,
) -> int:
    """Check that the engines agree on SCENARIO (a shipped name or a file).

    Worlds against whole paths at the same addresses; whole paths against what is expected of
    their worlds; worlds against the exact solution. Exits with 1 where they disagree.
    """
    from simulator.analysis.inputs import load_plans

    ((plan, loaded),) = load_plans([scenario], book, sets)
    from simulator.analysis.run import Job, compile_job
    from simulator.verification.verify import verify

    model, _ = compile_job(Job(plan, loaded, seed, draws, trials))
    agreement = verify(model, trials, min(exact_draws, draws), exact_trials)
    if as_json:
        click.echo(json.dumps(_tree(plan.name, loaded.name, seed, agreement), allow_nan=False))
    else:
        click.echo(f"{plan.title} [{plan.name}], book {loaded.name}, seed {seed}")
        _print(agreement)
    return 0 if agreement.agrees else DISAGREEMENT


def _tree(scenario: str, book: str, seed: int, agreement: Agreement) -> dict[str, Any]:
    checks = [
        {name: getattr(check, name) for name in type(check).__dataclass_fields__}
        for check in agreement.checks
    ]
    return {
        "scenario": scenario,
        "book": book,
        "seed": seed,
        "agrees": agreement.agrees,
        "checks": checks,
        "notes": list(agreement.notes),
    }


def _print(agreement: Agreement) -> None:
    from rich.box import SIMPLE_HEAD
    from rich.console import Console
    from rich.table import Table

    console = Console(highlight=False, emoji=False, markup=False)
    for method in dict.fromkeys(check.method for check in agreement.checks):
        table = Table(box=SIMPLE_HEAD, pad_edge=False, show_edge=False)
        table.add_column(method, no_wrap=True)
        table.add_column("numbers", no_wrap=True, justify="right")
        table.add_column("verdict", no_wrap=True)
        table.add_column("largest deviation", overflow="fold")
        for check in agreement.checks:
            if check.method == method:
                verdict = "agree" if check.agrees else "DISAGREE"
                table.add_row(check.what, f"{check.compared:,}", verdict, _deviation(check))
        console.print(table)
    for note in agreement.notes:
        console.print(note, soft_wrap=True)
    console.print("The engines agree." if agreement.agrees else "The engines DISAGREE.")


def _deviation(check: Check) -> str:
    from simulator.verification.checks import SAME_WORLDS

    if check.method != SAME_WORLDS:
        return f"{check.worst}; chance of so much {check.deviation:.1g}"
    if check.deviation == 0.0:
        return check.worst
    return f"{check.deviation:.1e} ({check.worst})"
