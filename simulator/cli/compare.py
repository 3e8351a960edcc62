"""``simulator compare``: plans against each other, draw by draw under the same random numbers."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from simulator.cli.options import (
    check_precision,
    draws_and_trials,
    model_inputs,
    precision,
    results_folder,
    unchecked,
)

if TYPE_CHECKING:
    from simulator.analysis.compare import Comparison
    from simulator.analysis.compare import Plan as SimulatedPlan
    from simulator.analysis.run import Precision
    from simulator.sweeps.executors import Executor
    from simulator.sweeps.frozen import Frozen
    from simulator.sweeps.plan import Plan

# As in `simulator.analysis.paired`, which is not imported for --help; a test compares them.
QUANTITIES: Final = (
    "p_collapse_within_2y",
    "p_collapse_within_30d",
    "p_collapse_within_91d",
    "p_holds_20y",
    "p_holds_30y",
    "rmst_years",
    "troop_years",
    "cost_gbp",
)


# The worlds of a run's defaults, in fewer draws: what a draw's difference is takes more of them to
# say than what its outcome is (`simulator.analysis.paired.difference_estimate`).
DEFAULTS: Final = {"draws": 1_024, "trials": 16}


@click.command("compare", context_settings={"default_map": DEFAULTS})
@click.argument("scenarios", nargs=-1)
@model_inputs
@draws_and_trials
@precision(QUANTITIES)
@click.option(
    "--grid",
    "grids",
    multiple=True,
    metavar="LEVER=V1,V2,...",
    help="Compare variations of the scenarios: every value of a lever.",
)
@click.option(
    "--sweep",
    "folder",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Compare finished points of the sweep in this folder instead.",
)
@unchecked
@click.option("--points", metavar="N,N,...", help="Numbers of the points, the reference first.")
@click.option(
    "--by",
    "quantity",
    type=click.Choice(QUANTITIES),
    default="p_holds_20y",
    show_default=True,
    help="Quantity to rank by.",
)
@click.option("--workers", type=click.IntRange(1, 256), default=1, show_default=True)
@click.option(
    "--out",
    type=click.Path(file_okay=False, path_type=Path),
    help="Folder for comparison.json: the numbers, the plans, the books and what was run.",
)
@click.option("--json", "as_json", is_flag=True, help="Print a JSON object.")
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
    quiet: bool,
) -> int:
    """Compare SCENARIOS (the first is the reference) in what they add to each other.

    They share random numbers, so a difference is usually known far better than either side.
    """
    if folder is not None:
        _refuse_with_sweep(ctx, scenarios)
        plan, plans = _from_sweep(folder, points, checked)
        count = len(plans)
        reached = None
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

        plan, frozen = make_plan(side_by_side(scenarios, sets, grids, options))
        count = len(plan.points)
    if count < 2:
        raise click.UsageError("at least two plans are needed for a comparison")
    behind: dict[str, Any] = {}
    from simulator.analysis.compare import comparison
    from simulator.analysis.memory import TooLargeError, check_memory
    from simulator.analysis.paired import NotComparableError, check_comparable

    try:
        with results_folder(out, "comparison"):
            if folder is None:
                horizons = [frozen.job(point.number).horizon for point in plan.points]
                check_comparable(horizons, quantity)
                check_memory(plan.draws, max(horizons), count)
                plans, reached, behind = _simulated(plan, frozen, workers, quiet or as_json)
            found = comparison(plans, quantity, reached)
            if out is not None:
                _write(out, plan, found, behind)
    except (NotComparableError, TooLargeError) as error:
        raise click.UsageError(str(error)) from error
    if as_json:
        from simulator.cli.comparison_tables import comparison_json

        click.echo(json.dumps(comparison_json(plan, found), allow_nan=False))
        return 0
    from simulator.cli.comparison_tables import print_comparison

    print_comparison(plan, found)
    return 0


_SIZES = ("draws", "trials", "precision", "precision_of", "max_draws")


def _refuse_with_sweep(ctx: click.Context, scenarios: tuple[str, ...]) -> None:
    """A sweep was simulated with its own settings: nothing can be changed afterwards."""
    given = [
        f"--{name.replace('_', '-')}"
        for name in (*_SIZES, "book", "set", "seed", "grid")
        if ctx.get_parameter_source({"set": "sets", "grid": "grids"}.get(name, name))
        is click.core.ParameterSource.COMMANDLINE
    ]
    if scenarios or given:
        what = " and ".join([*(["SCENARIOS"] if scenarios else []), *given])
        raise click.UsageError(f"--sweep compares points as they were simulated, without {what}")


def _from_sweep(
    folder: Path, points: str | None, checked: bool
) -> tuple[Plan, list[SimulatedPlan]]:
    from simulator.analysis.compare import Plan as SimulatedPlan
    from simulator.storage import StorageError
    from simulator.sweeps.store import Store
    from simulator.sweeps.tables import described

    store = Store(folder, checked)
    plan = store.read_plan()
    if plan is None:
        raise StorageError(folder, "holds no sweep")
    held = store.holdings()
    for error in held.broken:
        click.echo(f"{error}; left out", err=True)
    finished = {point.number: point for point in plan.points if point.digest in held.points}
    if points is None:
        chosen = list(finished.values())
    else:
        chosen = [finished[number] for number in _numbers(points, set(finished), len(plan.points))]
    rows = store.rows({point.digest for point in chosen}, held)
    return plan, [SimulatedPlan(described(p), rows[p.digest], p.settings) for p in chosen]


def _numbers(text: str, finished: set[int], count: int) -> list[int]:
    words = [word.strip() for word in text.split(",")]
    wrong = [word for word in words if not word.isdecimal() or int(word) >= count]
    if wrong:
        raise click.BadParameter(
            f"{', '.join(wrong)}: expected numbers of points from 0 to {count - 1}, such as 0,3"
        )
    numbers = list(dict.fromkeys(int(word) for word in words))
    missing = [str(number) for number in numbers if number not in finished]
    if missing:
        raise click.BadParameter(f"not finished: {', '.join(missing)}; run the sweep again")
    return numbers


def _simulated(
    plan: Plan, frozen: Frozen, workers: int, quiet: bool
) -> tuple[list[SimulatedPlan], Precision | None, dict[str, Any]]:
    from simulator.analysis.background import behind_plans
    from simulator.analysis.compare import Plan as SimulatedPlan
    from simulator.cli.progress import error_progress, progress
    from simulator.sweeps.collect import collect_rows
    from simulator.sweeps.run import Watch

    if len({point.digest for point in plan.points}) < len(plan.points):
        click.echo("note: some of these plans are the same in all that matters", err=True)
    executor = _executor(frozen, workers)
    if plan.precision is None:
        total = len({point.digest for point in plan.points}) * plan.draws
        with progress(total, "draws", quiet=quiet) as advance:
            rows, reached = collect_rows(plan, executor, Watch(advance=advance))
    else:
        with error_progress(plan.precision, quiet=quiet) as look:
            rows, reached = collect_rows(plan, executor, Watch(), look)
    named = [SimulatedPlan(_name(plan, p.number), rows[p.digest], p.settings) for p in plan.points]
    jobs = {_name(plan, point.number): frozen.job(point.number) for point in plan.points}
    return named, reached, behind_plans(jobs)


def _write(out: Path, plan: Plan, found: Comparison, behind: dict[str, Any]) -> None:
    from simulator.cli.comparison_tables import comparison_json
    from simulator.storage import json_bytes, write_results
    from simulator.storage.provenance import provenance

    digests = {f"plan:{_name(plan, point.number)}": point.digest for point in plan.points}
    run = provenance(
        ["simulator", *sys.argv[1:]],
        plan.seed,
        {**plan.inputs, **behind.get("digests", {}), **digests},
        draws=found.draws,
        trials=found.trials,
    )
    kept = {key: value for key, value in behind.items() if key != "digests"}
    write_results(
        out, {"comparison.json": json_bytes({**comparison_json(plan, found), **kept})}, run
    )


def _executor(frozen: Frozen, workers: int) -> Executor:
    from simulator.sweeps.executors import LocalExecutor, SerialExecutor

    return LocalExecutor(frozen, None, workers) if workers > 1 else SerialExecutor(frozen, None)


def _name(plan: Plan, number: int) -> str:
    """Return what tells a plan from the others: its scenario, its variation, or both."""
    from simulator.sweeps.tables import shown

    point = plan.points[number]
    several = len({p.scenario for p in plan.points}) > 1
    varied = ", ".join(f"{key} = {shown(label)}" for key, label in point.levers.items())
    return ", ".join(
        ([point.scenario] if several or not varied else []) + ([varied] if varied else [])
    )
