"""``simulator compare``: plans against each other, draw by draw under the same random numbers."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from simulator.cli.options import (
    NewFolder,
    check_precision,
    draws_and_trials,
    finished_points,
    model_inputs,
    precision,
    results_folder,
    worker_processes,
)
from simulator.quantities import RANKED

if TYPE_CHECKING:
    from simulator.analysis.compare import Plan
    from simulator.analysis.run import Job, Precision
    from simulator.decide.difference import Decides
    from simulator.sweeps.inputs import SweepInputs

# The worlds of a run's defaults, in fewer draws: what a draw's difference is takes more of them to
# say than what its outcome is (`simulator.analysis.paired.difference_estimate`).
DEFAULTS: Final = {"draws": 1_024, "trials": 16}


@click.command("compare", context_settings={"default_map": DEFAULTS})
@click.argument("scenarios", nargs=-1)
@model_inputs
@draws_and_trials
@precision(RANKED)
@click.option(
    "--grid",
    "grids",
    multiple=True,
    metavar="LEVER=V1,V2,...",
    help="Compare variations of the scenarios: every value of a lever.",
)
@finished_points("Compare", "Numbers of the points, the reference first.")
@click.option(
    "--by",
    "quantity",
    type=click.Choice(RANKED),
    default="p_holds_20y",
    show_default=True,
    help="Quantity to rank by.",
)
@worker_processes
@click.option(
    "--out",
    type=NewFolder(),
    help="Folder: comparison.json (numbers, plans, books, what was run) and draws.parquet.",
)
@click.option("--json", "as_json", is_flag=True, help="Print a JSON object.")
@click.option("-v", "--verbose", is_flag=True, help="Show what decides the differences, too.")
@click.option("-q", "--quiet", is_flag=True, help="No progress.")
@click.pass_context
def compare_command(
    ctx: click.Context,
    scenarios: tuple[str, ...],
    book: str | None,
    sets: tuple[str, ...],
    seed: int,
    draws: int,
    trials: int,
    precision: float | None,
    precision_of: str,
    max_draws: int,
    grids: tuple[str, ...],
    folder: Path | None,
    checked: bool,
    points: str | None,
    quantity: str,
    workers: int,
    out: Path | None,
    as_json: bool,
    verbose: bool,
    quiet: bool,
) -> int:
    """Compare SCENARIOS (the first is the reference) in what they add to each other.

    They share random numbers, so a difference is usually known far better than either side.
    """
    from simulator.analysis.compare import Plan, comparison
    from simulator.analysis.memory import TooLargeError, check_memory
    from simulator.analysis.paired import NotComparableError, check_comparable
    from simulator.cli.comparison_tables import comparison_json, print_comparison
    from simulator.cli.plans import (
        finding_of,
        from_sweep,
        jobs_of,
        name_of,
        refuse_with_sweep,
        simulated,
        write_result,
    )
    from simulator.sweeps.plan import described

    reached: Precision | None = None
    inputs: SweepInputs | None = None
    jobs: dict[str, Job] = {}
    if folder is not None:
        refuse_with_sweep(ctx, scenarios)
        plan, chosen, rows = from_sweep(folder, points, checked)
        names = [described(point) for point in chosen]
    else:
        if points is not None:
            raise click.UsageError("--points needs --sweep")
        if not scenarios or (len(scenarios) < 2 and not grids):
            raise click.UsageError("two scenarios are needed, or one and --grid, or --sweep")
        check_precision(ctx)
        options: dict[str, Any] = {"seed": seed, "trials": trials}
        if book is not None:
            options["book"] = book
        if precision is None:
            options["draws"] = draws
        else:
            options |= {"precision": precision, "precision_of": precision_of}
            options["max_draws"] = max_draws
        from simulator.sweeps.collect import side_by_side
        from simulator.sweeps.planning import make_plan

        plan, inputs = make_plan(side_by_side(scenarios, sets, grids, options))
        chosen = list(plan.points)
        names = [name_of(plan, point) for point in chosen]
        jobs = {name: inputs.job(point.number) for name, point in zip(names, chosen, strict=True)}
    if len(chosen) < 2:
        raise click.UsageError("at least two plans are needed for a comparison")
    try:
        with results_folder(out, "comparison"):
            if inputs is not None:
                horizons = [job.horizon for job in jobs.values()]
                check_comparable(horizons, quantity)
                check_memory(plan.draws, max(horizons), len(chosen))
                rows, reached = simulated(plan, inputs, workers, quiet or as_json)
            plans = [
                Plan(name, rows[point.digest], point.settings)
                for name, point in zip(names, chosen, strict=True)
            ]
            found = comparison(plans, quantity, reached)
            compared = dict(jobs)
            decided: dict[str, tuple[Decides, ...]] = {}
            if out is not None or as_json or verbose:
                compared = dict(zip(names, jobs_of(plan, chosen, inputs, folder), strict=True))
                decided = _decided(plans, list(compared.values()), quantity)
            finding = finding_of(found, compared)
            tree = comparison_json(plan, found, finding, decided)
            tree["digests"] = {name_of(plan, point): point.digest for point in chosen}
            if out is not None:
                from simulator.analysis.files import DRAWS, compared_draws

                tables = {
                    DRAWS: compared_draws(
                        {one.name: (compared[one.name], one.rows) for one in plans}
                    )
                }
                write_result(out, "comparison.json", tree, plan, jobs, tables)
    except (NotComparableError, TooLargeError) as error:
        raise click.UsageError(str(error)) from error
    if as_json:
        click.echo(json.dumps(tree, allow_nan=False))
    else:
        print_comparison(plan, found, finding, decided if verbose else {})
    return 0


def _decided(
    plans: Sequence[Plan], jobs: Sequence[Job], quantity: str
) -> dict[str, tuple[Decides, ...]]:
    """What decides the difference of each plan from the reference, the first."""
    from simulator.decide.difference import decided
    from simulator.decide.gather import Simulated, gather

    named = [Simulated(plan.name, job, plan.rows) for plan, job in zip(plans, jobs, strict=True)]
    if len({job.book.name for job in jobs}) > 1 or len({one.plan for one in named}) < len(named):
        click.echo("note: what decides is told of different plans under one book", err=True)
        return {}
    return decided(gather(named), quantity)
