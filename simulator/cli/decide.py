"""``simulator decide``: which plan, what decides it, and what it would be worth to find out."""

import json

import click

from simulator.cli.decision_tables import print_decision
from simulator.cli.options import Given
from simulator.cli.plans import from_sweep, named
from simulator.cli.results import results_folder
from simulator.decide.decision import decide
from simulator.decide.gather import groups_of
from simulator.decide.worth import read_worth
from simulator.estimates.paired import comparable
from simulator.report.prose.decisions import answer
from simulator.results.decision import decision_of


def command(given: Given, worth: str | None, beliefs: tuple[str, ...]) -> None:
    """Decide between plans, print the answer and write it."""
    if given.folder is not None:
        plans = from_sweep(given.folder, given, given.scenarios)
    elif given.points is not None:
        raise click.UsageError("--points needs --sweep")
    else:
        plans = named(given)
    names, jobs = plans.names, plans.jobs()
    if len(set(names)) < 2:
        raise click.UsageError("at least two plans are needed for a decision")
    if worth is not None:  # before the plans are simulated
        read_worth(worth, comparable([job.horizon for job in jobs]))
    with results_folder(given, "decision") as kept:
        plans = plans.simulated(given)
        draws = plans.draws(jobs)
        groups = groups_of([*draws.names, *draws.options])
        found = decide(draws, worth, groups=groups, beliefs=beliefs)
        decision = decision_of(
            found,
            plans.plan.seed,
            [job.book.name for job in jobs],
            "\n".join(answer(found)),
            digests={n: p.digest for n, p in zip(names, plans.points, strict=True)},
        )
        tree = decision.as_json()
        if kept is not None:
            plans.write(kept, "decision.json", tree, dict(zip(names, jobs, strict=True)), {})
        if given.as_json:
            click.echo(json.dumps(tree, allow_nan=False))
        else:
            print_decision(decision, given.verbose)
