"""``simulator explore``: one offline page on which plans and beliefs can be moved."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from simulator.cli.decide import DEFAULTS
from simulator.cli.options import draws_and_trials, sets_and_seed, unchecked, worker_processes

if TYPE_CHECKING:
    from simulator.analysis.run import Job
    from simulator.estimates.paired import Rows
    from simulator.explore.explored import Explored
    from simulator.sweeps.plan import Point, SweepPlan


@click.command("explore", context_settings={"default_map": DEFAULTS})
@click.argument("scenarios", nargs=-1, required=True, metavar="PLAN...|SWEEP_FOLDER")
@click.option(
    "-o",
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    default="explore.html",
    show_default=True,
    help="The HTML file.",
)
@click.option("--reference", metavar="PLAN", help="Compared with at first [default: the first].")
@click.option("--points", metavar="N,N,...", help="Of a sweep's folder: numbers of the points.")
@click.option("--book", multiple=True, help="Assumption book; several weigh the same.")
@sets_and_seed
@draws_and_trials
@unchecked
@worker_processes
@click.option("-q", "--quiet", is_flag=True, help="No progress.")
@click.pass_context
def explore_command(
    ctx: click.Context,
    scenarios: tuple[str, ...],
    output: Path,
    reference: str | None,
    points: str | None,
    book: tuple[str, ...],
    sets: tuple[str, ...],
    seed: int,
    draws: int,
    trials: int,
    checked: bool,
    workers: int,
    quiet: bool,
) -> None:
    """Write one page that opens offline: plans and beliefs are moved, the stored draws answer.

    Of PLANs, of the points of one sweep file, or of a folder that 'simulator sweep --out' filled.
    """
    from simulator.cli.plans import jobs_of, planned, refuse_with_sweep, simulated
    from simulator.explore.page import write

    if len(scenarios) == 1 and Path(scenarios[0]).is_dir():
        refuse_with_sweep(ctx, ())
        found = of_folder(Path(scenarios[0]), points, checked, reference)
    else:
        if points is not None:
            raise click.UsageError("--points needs a folder that 'simulator sweep --out' filled")
        given = {"seed": seed, "draws": draws, "trials": trials}
        plan, inputs = planned(ctx, scenarios, book, sets, given)
        jobs = jobs_of(plan, plan.points, inputs, None)
        rows, _ = simulated(plan, inputs, workers, quiet)
        words = [*scenarios, *(word for one in sets for word in ("--set", one))]
        books = [word for one in book for word in ("--book", one)]
        again = [*words, *books, *_sizes(plan, plan.draws)]
        found = _side_by_side(plan, plan.points, jobs, rows, again, words, book, reference)
    page = write(found, output)
    click.echo(f"{page} ({page.stat().st_size / 1024:,.0f} KB)", err=True)


def of_folder(folder: Path, points: str | None, checked: bool, reference: str | None) -> Explored:
    """The finished points of a sweep, ready for a page."""
    from simulator.cli.plans import from_sweep, jobs_of
    from simulator.inputs.kinds import kind_of_file

    plan, chosen, rows = from_sweep(folder, points, checked)
    jobs = jobs_of(plan, chosen, None, folder)
    again = ["--sweep", str(folder), *(["--points", points] if points else [])]
    file = plan.name if kind_of_file(plan.name) == "sweep" else f"{plan.name}.yaml"
    return _side_by_side(plan, chosen, jobs, rows, again, [file], (), reference)


def _sizes(plan: SweepPlan, draws: int) -> list[str]:
    sizes = {"--seed": plan.seed, "--draws": draws, "--trials": plan.trials}
    return [word for name, value in sizes.items() for word in (name, str(value))]


def _side_by_side(
    plan: SweepPlan,
    points: Sequence[Point],
    jobs: Sequence[Job],
    rows: Mapping[str, Rows],
    again: Sequence[str],
    anew: Sequence[str],
    books: Sequence[str],
    reference: str | None,
) -> Explored:
    """Points of a plan, ready for a page; the words are those of `shell_source`."""
    from simulator.cli.plans import name_of
    from simulator.decide.gather import Simulated, gather
    from simulator.decide.given import ADVISED
    from simulator.estimates.paired import NotComparableError
    from simulator.explore.explored import Shown, explored, shell_source
    from simulator.quantities import ALSO_HELD
    from simulator.report.exhibit import size_line
    from simulator.sweeps.levers import shown

    names = [name_of(plan, point) for point in points]
    try:
        draws = gather(
            [
                Simulated(name, job, rows[point.digest])
                for name, point, job in zip(names, points, jobs, strict=True)
            ],
            ALSO_HELD,
        )
    except (NotComparableError, ValueError) as error:
        raise click.UsageError(str(error)) from error
    several = len({point.scenario for point in points}) > 1 or not plan.levers
    plans = {
        name: Shown(
            name,
            job.scenario.title,
            ({"plan": point.scenario} if several else {})
            | {key: str(shown(point.levers.get(key))) for key in plan.levers},
            job.scenario.force.target_troops,
        )
        for name, point, job in zip(names, points, jobs, strict=True)
    }
    of = " and ".join(dict.fromkeys(job.book.name for job in jobs))
    return explored(
        draws,
        shell_source(
            plan.title if plan.levers else f"{len(plans)} plans for one ceasefire",
            f"Book {of}, seed {plan.seed}: {size_line(draws.size, plan.trials)}.",
            list(plans.values()),
            again,
            anew,
            books,
            _sizes(plan, ADVISED),
        ),
        reference,
    )
