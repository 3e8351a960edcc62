"""``simulator compare``: plans against each other, draw by draw under the same random numbers."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
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
    report_option,
    results_folder,
    vs_option,
    worker_processes,
)
from simulator.quantities import RANKED

if TYPE_CHECKING:
    from simulator.analysis.compare import Plan
    from simulator.analysis.records import Precision
    from simulator.analysis.run import Job
    from simulator.decide.difference import Decides
    from simulator.sweeps.inputs import SweepInputs
    from simulator.sweeps.plan import Point, SweepPlan

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
@vs_option
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
@report_option
@click.option(
    "--top",
    type=click.IntRange(1),
    default=10,
    show_default=True,
    help="Print so many plans, the best ones; JSON and files hold all.",
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
    variants: tuple[str, ...],
    folder: Path | None,
    checked: bool,
    points: str | None,
    quantity: str,
    workers: int,
    out: Path | None,
    report: Path | None,
    top: int,
    as_json: bool,
    verbose: bool,
    quiet: bool,
) -> int:
    """Compare SCENARIOS (the first is the reference) in what they add to each other.

    They share random numbers, so a difference is usually known far better than either side.

    simulator compare reassurance-force --vs 'no backstop: us_backstop=none'
    """
    from simulator.analysis.compare import Plan, comparison
    from simulator.analysis.memory import TooLargeError, check_memory
    from simulator.analysis.paired import NotComparableError, check_comparable
    from simulator.cli.comparison_tables import print_comparison
    from simulator.cli.plans import (
        finding_of,
        from_sweep,
        refuse_with_sweep,
        simulated,
        titles_of,
        write_result,
    )
    from simulator.results.comparison import comparison_of
    from simulator.results.runs import DRAWS
    from simulator.results.simulated import compared_draws
    from simulator.sweeps.plan import described

    reached: Precision | None = None
    inputs: SweepInputs | None = None
    if folder is not None:
        refuse_with_sweep(ctx, scenarios)
        plan, chosen, rows = from_sweep(folder, points, checked)
        names = [described(point) for point in chosen]
    else:
        if points is not None:
            raise click.UsageError("--points needs --sweep")
        check_precision(ctx)
        options: dict[str, Any] = {"seed": seed, "trials": trials}
        if book is not None:
            options["book"] = book
        if precision is None:
            options["draws"] = draws
        else:
            options |= {"precision": precision, "precision_of": precision_of}
            options["max_draws"] = max_draws
        plan, inputs, names = _side_by_side(scenarios, sets, grids, variants, options)
        chosen = list(plan.points)
    if len(chosen) < 2:
        raise click.UsageError("at least two plans are needed for a comparison")
    try:
        with results_folder(out, "comparison", report, as_json) as kept:
            if inputs is not None:
                horizons = [inputs.job(point.number).horizon for point in chosen]
                check_comparable(horizons, quantity)
                check_memory(plan.draws, max(horizons), len(chosen))
                rows, reached = simulated(plan, inputs, workers, quiet or as_json)
            plans = [
                Plan(name, rows[point.digest], point.settings)
                for name, point in zip(names, chosen, strict=True)
            ]
            found = comparison(plans, quantity, reached)
            jobs = _jobs(plan, chosen, inputs, folder, checked)
            if inputs is not None and variants:  # each under its title, not that of what it changes
                jobs = [
                    replace(job, scenario=replace(job.scenario, title=name))
                    if number >= len(scenarios)
                    else job
                    for number, (name, job) in enumerate(zip(names, jobs, strict=True))
                ]
            compared = dict(zip(names, jobs, strict=True)) if jobs else {}
            decided: dict[str, tuple[Decides, ...]] = {}
            if compared and (kept is not None or as_json or verbose):
                decided = _decided(plans, jobs, quantity)
            finding, titles = finding_of(found, compared), titles_of(compared)
            tree = comparison_of(
                found,
                plan.seed,
                [point.book for point in plan.points],
                finding,
                decided_by=decided,
                titles=titles,
                digests={name: point.digest for name, point in zip(names, chosen, strict=True)},
            ).as_json()
            if kept is not None:
                behind = {} if inputs is None else compared
                tables = {}
                if compared:
                    found_of = {one.name: (compared[one.name], one.rows) for one in plans}
                    tables = {DRAWS: compared_draws(found_of)}
                write_result(kept, "comparison.json", tree, plan, behind, tables)
            if as_json:
                click.echo(json.dumps(tree, allow_nan=False))
            else:
                shown = decided if verbose else {}
                print_comparison(plan, found, finding, shown, titles, top, verbose)
    except (NotComparableError, TooLargeError) as error:
        raise click.UsageError(str(error)) from error
    return 0


def _jobs(
    plan: SweepPlan,
    chosen: Sequence[Point],
    inputs: SweepInputs | None,
    folder: Path | None,
    checked: bool,
) -> list[Job]:
    """The jobs of the plans; none of a changed sweep that is read all the same."""
    from simulator.cli.plans import jobs_of
    from simulator.storage import StorageError

    try:
        return jobs_of(plan, chosen, inputs, folder)
    except StorageError as error:
        if checked:
            raise
        click.echo(f"note: {error}; nothing is said of why the plans differ", err=True)
        return []


def _side_by_side(
    scenarios: tuple[str, ...],
    sets: tuple[str, ...],
    grids: tuple[str, ...],
    variants: tuple[str, ...],
    options: dict[str, Any],
) -> tuple[SweepPlan, SweepInputs, list[str]]:
    """Plans to simulate, and what each is called."""
    from simulator.cli.plans import name_of
    from simulator.cli.variants import variants_sweep
    from simulator.sweeps.collect import side_by_side
    from simulator.sweeps.planning import make_plan

    if grids and variants:
        raise click.UsageError("--vs writes plans one by one, --grid all values: give one of them")
    if not scenarios or (len(scenarios) < 2 and not grids and not variants):
        raise click.UsageError(
            "two plans are needed, or one and --vs 'TITLE: LEVER=VALUE', --grid or --sweep"
        )
    if variants:
        sweep, names = variants_sweep(scenarios, variants, sets, options)
        plan, inputs = make_plan(sweep)
    else:
        plan, inputs = make_plan(side_by_side(scenarios, sets, grids, options))
        names = [name_of(plan, point) for point in plan.points]
    return plan, inputs, names


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
