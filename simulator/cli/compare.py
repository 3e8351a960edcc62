"""``simulator compare``: plans against each other, draw by draw under the same random numbers."""

import json
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import click

from simulator.analysis.memory import TooLargeError, check_memory
from simulator.analysis.run import Job
from simulator.cli.comparison_tables import print_comparison
from simulator.cli.options import Given, check_precision
from simulator.cli.plans import Plans, finding_of, from_sweep, titles_of
from simulator.cli.results import results_folder
from simulator.cli.variants import variants_sweep
from simulator.estimates.compare import Plan, comparison
from simulator.estimates.paired import NotComparableError, check_comparable
from simulator.results.comparison import comparison_of
from simulator.results.runs import DRAWS
from simulator.storage import StorageError
from simulator.sweeps.files import side_by_side
from simulator.sweeps.plan import described
from simulator.sweeps.planning import make_plan

if TYPE_CHECKING:
    from simulator.decide.regret import Decides


def command(given: Given, quantity: str, top: int) -> None:
    """Compare plans, print what was found and write it."""
    if given.folder is not None:
        plans = from_sweep(given.folder, given, given.scenarios)
        names = [described(point) for point in plans.points]
    else:
        plans, names = _to_simulate(given)
    if len(plans.points) < 2:
        raise click.UsageError("at least two plans are needed for a comparison")
    try:
        _compare(given, plans, names, quantity, top)
    except (NotComparableError, TooLargeError) as error:
        raise click.UsageError(str(error)) from error


def _to_simulate(given: Given) -> tuple[Plans, list[str]]:
    """Plans to simulate, and what each is called."""
    if given.points is not None:
        raise click.UsageError("--points needs --sweep")
    check_precision(given)
    options: dict[str, Any] = {"seed": given.seed, "trials": given.trials}
    if given.book is not None:
        options["book"] = given.book
    names = ("draws",) if given.precision is None else ("precision", "precision_of", "max_draws")
    options |= {name: getattr(given, name) for name in names}
    if given.grids and given.variants:
        raise click.UsageError("--vs writes plans one by one, --grid all values: give one of them")
    if len(given.scenarios) < (1 if given.grids or given.variants else 2):
        raise click.UsageError(
            "two plans are needed, or one and --vs 'TITLE: LEVER=VALUE', --grid or --sweep"
        )
    if given.variants:
        sweep, titles = variants_sweep(given, options)
    else:
        sweep = side_by_side(given.scenarios, given.sets, given.grids, options)
        titles = []
    plan, inputs = make_plan(sweep)
    plans = Plans(plan, plan.points, inputs)
    return plans, titles or plans.names


def _compare(given: Given, plans: Plans, names: list[str], quantity: str, top: int) -> None:
    with results_folder(given, "comparison") as kept:
        jobs = _jobs(given, plans, names)
        if plans.inputs is not None:
            horizons = [job.horizon for job in jobs]
            check_comparable(horizons, quantity)
            check_memory(plans.plan.draws, max(horizons), len(jobs))
        plans = plans.simulated(given)
        compared = [
            Plan(name, rows, point.settings)
            for name, rows, point in zip(names, plans.rows_in_order(), plans.points, strict=True)
        ]
        found = comparison(compared, quantity, plans.reached)
        by_name = dict(zip(names, jobs, strict=True)) if jobs else {}
        deciding: dict[str, tuple[Decides, ...]] = {}
        if jobs and (kept is not None or given.as_json or given.verbose):
            deciding = _decided(compared, jobs, quantity)
        finding, titles = finding_of(found, by_name), titles_of(by_name)
        tree = comparison_of(
            found,
            plans.plan.seed,
            [point.book for point in plans.plan.points],
            finding,
            decided_by=deciding,
            titles=titles,
            digests={n: p.digest for n, p in zip(names, plans.points, strict=True)},
        ).as_json()
        if kept is not None:
            tables = {}
            if jobs:
                from simulator.results.simulated import compared_draws

                rows = {one.name: (by_name[one.name], one.rows) for one in compared}
                tables = {DRAWS: compared_draws(rows)}
            behind = {} if plans.inputs is None else by_name
            plans.write(kept, "comparison.json", tree, behind, tables)
        if given.as_json:
            click.echo(json.dumps(tree, allow_nan=False))
        else:
            print_comparison(
                plans.plan, found, finding, deciding if given.verbose else {}, titles, top,
                given.verbose,
            )  # fmt: skip


def _jobs(given: Given, plans: Plans, names: Sequence[str]) -> list[Job]:
    """The jobs of the plans; none of a changed sweep that is read all the same."""
    try:
        jobs = plans.jobs()
    except StorageError as error:
        if given.checked:
            raise
        click.echo(f"note: {error}; nothing is said of why the plans differ", err=True)
        return []
    if given.variants:  # each under its title, not that of what it changes
        for number in range(len(given.scenarios), len(jobs)):
            titled = replace(jobs[number].scenario, title=names[number])
            jobs[number] = replace(jobs[number], scenario=titled)
    return jobs


def _decided(
    plans: Sequence[Plan], jobs: Sequence[Job], quantity: str
) -> dict[str, tuple["Decides", ...]]:
    """What decides the difference of each plan from the reference, the first."""
    from simulator.decide.gather import Simulated, gather
    from simulator.decide.regret import decided

    named = [Simulated(plan.name, job, plan.rows) for plan, job in zip(plans, jobs, strict=True)]
    if len({job.book.name for job in jobs}) > 1 or len({one.plan for one in named}) < len(named):
        click.echo("note: what decides is only shown for different plans under one book", err=True)
        return {}
    return decided(gather(named), quantity)
