"""``simulator verify``: whether the engines agree on a plan."""

import json
from dataclasses import asdict

import click

from simulator.analysis.inputs import load_plans
from simulator.analysis.run import Job, compile_job
from simulator.cli.options import Given
from simulator.cli.tables import Table, console, print_table
from simulator.verification.against_exact import SAME_WORLDS, Agreement, Check
from simulator.verification.verify import verify

DISAGREEMENT = 1


def command(given: Given, scenario: str, exact_draws: int, exact_trials: int) -> int:
    """Compare the engines; return the exit code."""
    ((plan, loaded),) = load_plans([scenario], given.book, given.sets)
    model, _ = compile_job(Job(plan, loaded, given.seed, given.draws, given.trials))
    agreement = verify(model, given.trials, min(exact_draws, given.draws), exact_trials)
    if given.as_json:
        tree = {
            "scenario": plan.name,
            "book": loaded.name,
            "seed": given.seed,
            "agrees": agreement.agrees,
            "checks": [asdict(check) for check in agreement.checks],
            "notes": list(agreement.notes),
        }
        click.echo(json.dumps(tree, allow_nan=False))
    else:
        click.echo(f"{plan.title} [{plan.name}], book {loaded.name}, seed {given.seed}")
        _print(agreement)
    return 0 if agreement.agrees else DISAGREEMENT


def _print(agreement: Agreement) -> None:
    out = console()
    for method in dict.fromkeys(check.method for check in agreement.checks):
        rows = [
            (
                check.what,
                f"{check.compared:,}",
                "agree" if check.agrees else "DISAGREE",
                _deviation(check),
            )
            for check in agreement.checks
            if check.method == method
        ]
        heads = (method, "numbers", "verdict", "largest deviation")
        print_table(out, Table(heads, rows, words=(0, 2, 3)))
    for note in agreement.notes:
        out.print(note, soft_wrap=True)
    out.print("The engines agree." if agreement.agrees else "The engines DISAGREE.")


def _deviation(check: Check) -> str:
    if check.method != SAME_WORLDS:
        return f"{check.worst}; chance of so much {check.deviation:.1g}"
    if check.deviation == 0.0:
        return check.worst
    return f"{check.deviation:.1e} ({check.worst})"
