"""``simulator decide``: which plan, what decides it, and what it would be worth to find out."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from simulator.cli.options import (
    NewFolder,
    draws_and_trials,
    finished_points,
    report_option,
    results_folder,
    sets_and_seed,
    worker_processes,
)

if TYPE_CHECKING:
    from simulator.sweeps.plan import SweepInputs

# Values of information are biased below 4,000 draws, and what is read draw by draw wants 16 trials.
DEFAULTS: Final = {"draws": 4_096, "trials": 16}


@click.command("decide", context_settings={"default_map": DEFAULTS})
@click.argument("scenarios", nargs=-1, metavar="PLAN...")
@click.option(
    "--worth",
    metavar="EXPRESSION",
    help="What a plan is worth in a draw, such as '200e9 * p_holds_20y - cost_gbp'.",
)
@click.option(
    "--given",
    "beliefs",
    multiple=True,
    metavar="NAME=LOW..HIGH|CHOICE=OPTION",
    help="Answer from the draws in which this holds.",
)
@click.option("--book", multiple=True, help="Assumption book; several weigh the same.")
@sets_and_seed
@draws_and_trials
@finished_points("Decide between", "Numbers of the points.")
@worker_processes
@click.option(
    "--out",
    type=NewFolder(),
    help="Folder for decision.json, of which 'simulator report' makes a page.",
)
@report_option
@click.option("--json", "as_json", is_flag=True, help="Print a JSON object.")
@click.option("-v", "--verbose", is_flag=True, help="Show every book, view and assumption.")
@click.option("-q", "--quiet", is_flag=True, help="No progress.")
@click.pass_context
def decide_command(
    ctx: click.Context,
    scenarios: tuple[str, ...],
    worth: str | None,
    beliefs: tuple[str, ...],
    book: tuple[str, ...],
    sets: tuple[str, ...],
    seed: int,
    draws: int,
    trials: int,
    folder: Path | None,
    checked: bool,
    points: str | None,
    workers: int,
    out: Path | None,
    report: Path | None,
    as_json: bool,
    verbose: bool,
    quiet: bool,
) -> int:
    """Decide between PLANs, or between the points of one sweep file.

    Without --worth: the best plan by the worth of twenty years of peace.
    """
    from simulator.cli.decision_tables import print_decision
    from simulator.cli.plans import (
        from_sweep,
        jobs_of,
        name_of,
        planned,
        refuse_with_sweep,
        simulated,
        write_result,
    )
    from simulator.decide.decision import decide
    from simulator.decide.gather import Simulated, gather, groups_of
    from simulator.decide.worth import read_worth
    from simulator.estimates.paired import NotComparableError, comparable
    from simulator.report.prose.decisions import answer

    inputs: SweepInputs | None = None
    if folder is not None:
        refuse_with_sweep(ctx, scenarios)
        plan, chosen, rows = from_sweep(folder, points, checked)
    else:
        if points is not None:
            raise click.UsageError("--points needs --sweep")
        given = {"seed": seed, "draws": draws, "trials": trials}
        plan, inputs = planned(ctx, scenarios, book, sets, given)
        chosen = list(plan.points)
    jobs = jobs_of(plan, chosen, inputs, folder)
    names = [name_of(plan, point) for point in chosen]
    if len(set(names)) < 2:
        raise click.UsageError("at least two plans are needed for a decision")
    if worth is not None:  # before the plans are simulated
        read_worth(worth, comparable([job.horizon for job in jobs]))
    with results_folder(out, "decision", report, as_json) as kept:
        if inputs is not None:
            rows, _ = simulated(plan, inputs, workers, quiet or as_json)
        try:
            side_by_side = gather(
                [
                    Simulated(name, job, rows[point.digest])
                    for name, job, point in zip(names, jobs, chosen, strict=True)
                ]
            )
        except (NotComparableError, ValueError) as error:
            raise click.UsageError(str(error)) from error
        groups = groups_of([*side_by_side.names, *side_by_side.options])
        found = decide(side_by_side, worth, groups=groups, beliefs=beliefs)
        tree: dict[str, Any] = found.as_json()
        tree |= {"plan_names": tree.pop("plans"), "seed": plan.seed}
        tree["finding"] = "\n".join(answer(tree))
        tree["book_names"] = list(dict.fromkeys(job.book.name for job in jobs))
        tree["digests"] = {name: point.digest for name, point in zip(names, chosen, strict=True)}
        if kept is not None:
            write_result(kept, "decision.json", tree, plan, dict(zip(names, jobs, strict=True)))
        if as_json:
            click.echo(json.dumps(tree, allow_nan=False))
        else:
            print_decision(tree, verbose)
    return 0
