"""Plans that commands put side by side: simulated together, or read from a sweep's folder."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from simulator.analysis.compare import Comparison
    from simulator.analysis.paired import Rows
    from simulator.analysis.records import Precision
    from simulator.analysis.run import Job
    from simulator.sweeps.executors import Executor
    from simulator.sweeps.inputs import SweepInputs
    from simulator.sweeps.plan import Point, SweepPlan

_SIZES = ("draws", "trials", "precision", "precision_of", "max_draws")


def refuse_with_sweep(ctx: click.Context, scenarios: tuple[str, ...]) -> None:
    """A sweep was simulated with its own settings: nothing can be changed afterwards."""
    given = [
        f"--{name.replace('_', '-')}"
        for name in (*_SIZES, "book", "set", "seed", "grid")
        if ctx.get_parameter_source({"set": "sets", "grid": "grids"}.get(name, name))
        is click.core.ParameterSource.COMMANDLINE
    ]
    if scenarios or given:
        what = " and ".join([*(["SCENARIOS"] if scenarios else []), *given])
        raise click.UsageError(f"a finished sweep is taken as it was simulated, without {what}")


def from_sweep(
    folder: Path, points: str | None, checked: bool
) -> tuple[SweepPlan, list[Point], dict[str, Rows]]:
    """Read finished points of a sweep, and their rows by digest."""
    from simulator.storage import StorageError
    from simulator.sweeps.store import Store

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
    return plan, chosen, store.rows({point.digest for point in chosen}, held)


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


def simulated(
    plan: SweepPlan, inputs: SweepInputs, workers: int, quiet: bool
) -> tuple[dict[str, Rows], Precision | None]:
    """Simulate all points of a plan in memory; rows by digest, and the precision reached."""
    from simulator.cli.progress import error_progress, progress
    from simulator.sweeps.collect import collect_rows
    from simulator.sweeps.run import Progress

    if len({point.digest for point in plan.points}) < len(plan.points):
        click.echo("note: some of these plans are the same in all that matters", err=True)
    executor = _executor(inputs, workers)
    if plan.precision is not None:
        with error_progress(plan.precision, quiet=quiet) as look:
            return collect_rows(plan, executor, Progress(), look)
    total = len({point.digest for point in plan.points}) * plan.draws
    with progress(total, "draws", quiet=quiet) as advance:
        return collect_rows(plan, executor, Progress(advance=advance))


def _executor(inputs: SweepInputs, workers: int) -> Executor:
    from simulator.sweeps.executors import SerialExecutor, local_executor

    return local_executor(inputs, None, workers) if workers > 1 else SerialExecutor(inputs, None)


def jobs_of(
    plan: SweepPlan, points: Sequence[Point], inputs: SweepInputs | None, folder: Path | None
) -> list[Job]:
    """Return the jobs of points, those of a sweep's folder made again."""
    from simulator.storage import StorageError
    from simulator.sweeps.planning import remade

    again = remade(plan) if inputs is None else inputs
    jobs = [again.job(point.number) for point in points]
    changed = [p for p, job in zip(points, jobs, strict=True) if again.address(job) != p.digest]
    if folder is not None and changed:
        message = (
            f"point {changed[0].number} ({changed[0].scenario}, {changed[0].book}) was simulated "
            "from a plan or a book that has changed since, or lies elsewhere: call this from the "
            "sweep file's folder, or run the sweep again"
        )
        raise StorageError(folder, message)
    return jobs


def write_result(
    out: Path,
    file: str,
    tree: Mapping[str, Any],
    plan: SweepPlan,
    jobs: Mapping[str, Job],
    tables: Mapping[str, bytes] | None = None,
) -> None:
    """Write numbers with what stands behind them: the plans, the books and what was run.

    ``tree`` has the draws and trials of the answer, and the digest of each plan.
    """
    from simulator.results.simulated import behind_plans
    from simulator.storage import json_bytes, write_results
    from simulator.storage.provenance import provenance

    behind = behind_plans(jobs) if jobs else {}
    digests = {f"plan:{name}": address for name, address in tree["digests"].items()}
    run = provenance(
        ["simulator", *sys.argv[1:]],
        plan.seed,
        {**plan.inputs, **behind.pop("digests", {}), **digests},
        draws=tree["draws"],
        trials=tree["trials"],
    )
    write_results(out, {file: json_bytes({**tree, **behind}), **(tables or {})}, run)


def name_of(plan: SweepPlan, point: Point) -> str:
    """Return what tells a plan from the others: its scenario, its variation, or both."""
    from simulator.sweeps.levers import shown

    several = len({p.scenario for p in plan.points}) > 1
    varied = ", ".join(f"{key} = {shown(label)}" for key, label in point.levers.items())
    return ", ".join(
        ([point.scenario] if several or not varied else []) + ([varied] if varied else [])
    )


def titles_of(jobs: Mapping[str, Job]) -> dict[str, str]:
    """Return what plans are called in sentences: their titles, or their names if these repeat."""
    from simulator.analysis.findings import distinct

    return distinct({name: job.scenario.title for name, job in jobs.items()})


def finding_of(found: Comparison, jobs: Mapping[str, Job]) -> str:
    """Return what a comparison of these jobs found, or of plans of which no job is known."""
    from simulator.analysis.findings import MOST_NAMED, of_comparison
    from simulator.analysis.offers import most_offered
    from simulator.analysis.run import any_model

    names = found.ranking.order
    planned = dict.fromkeys(names, 0.0)
    planned |= {name: float(job.scenario.force.target_troops) for name, job in jobs.items()}
    offered: dict[str, float] = {}
    if len(jobs) <= MOST_NAMED + 1 and len(set(planned.values())) > 1:  # it may be asked why
        offered = {name: float(most_offered(any_model(job)).mean()) for name, job in jobs.items()}
    titles = {name: name for name in names} | titles_of(jobs)
    return of_comparison(found, titles, planned, offered)


def planned(
    ctx: click.Context,
    scenarios: tuple[str, ...],
    books: tuple[str, ...],
    sets: tuple[str, ...],
    given: dict[str, Any],
) -> tuple[SweepPlan, SweepInputs]:
    """Plans side by side, or the points of a sweep file with the sizes that it names."""
    from simulator.inputs.kinds import kind_of_file
    from simulator.sweeps.collect import side_by_side
    from simulator.sweeps.files import load_sweep
    from simulator.sweeps.planning import make_plan

    grids = [f"book={json.dumps(list(books))[1:-1]}"] if len(books) > 1 else []
    one = {"book": books[0]} if len(books) == 1 else {}
    if len(scenarios) == 1 and kind_of_file(scenarios[0]) == "sweep":
        said = {
            name: value
            for name, value in given.items()
            if ctx.get_parameter_source(name) is click.core.ParameterSource.COMMANDLINE
        }
        return make_plan(load_sweep(scenarios[0], sets, grids, one | said))
    if len(scenarios) < 2:
        raise click.UsageError(
            "two plans are needed, or one sweep (a file, or the folder of a finished one)"
        )
    return make_plan(side_by_side(scenarios, sets, grids, one | given))
