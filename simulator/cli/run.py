"""``simulator run``: the main job."""

import contextlib
import json
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path

import click

from simulator.analysis.inputs import load_plans
from simulator.analysis.memory import TooLargeError, check_memory
from simulator.analysis.precision import NoSuchEstimateError, Target, results_to_precision
from simulator.analysis.run import Job, Result
from simulator.analysis.workers import run_with_workers, tallying
from simulator.cli.options import Given, check_precision
from simulator.cli.progress import error_progress, progress
from simulator.cli.results import results_folder, this_command
from simulator.estimates.paired import NotComparableError, Rows, rows_of
from simulator.quantities import CLAIM
from simulator.results.runs import Run
from simulator.results.simulated import run_of, runs_of
from simulator.storage import StorageError, open_results, write_results


def run_command(given: Given) -> None:
    """Simulate each plan, print what was found and write it."""
    check_precision(given)
    jobs = _jobs(given)
    with results_folder(given, "run") as folder:
        rows: dict[str, Rows] = {}
        results = _simulated(jobs, given, rows)
        if folder is None:
            runs = [run_of(result, behind=False) for result in results]
        else:
            runs = _written(folder, results)
        if given.as_json:
            click.echo(json.dumps([run.as_json() for run in runs], allow_nan=False))
            return
        from simulator.cli.run_tables import print_results, print_views

        finding = _finding(jobs, rows)
        print_results(runs, finding, quiet=given.quiet, verbose=given.verbose)
        for job in jobs if given.verbose and not given.quiet else ():
            print_views(job)


def _finding(jobs: list[Job], rows: dict[str, Rows]) -> str:
    """What plans side by side add to the first; empty of one, and where nothing can be paired."""
    if len(rows) < 2:
        return ""
    from simulator.cli.plans import finding_of
    from simulator.estimates.compare import Plan, comparison

    try:
        found = comparison([Plan(name, one) for name, one in rows.items()], CLAIM[1])
    except NotComparableError:
        return ""
    return finding_of(found, {job.scenario.name: job for job in jobs})


def _jobs(given: Given) -> list[Job]:
    """The jobs of plans, and of variants of the first, each under its own name and title.

    Everything is read before anything runs, and the mistakes of all files are reported together.
    """
    draws = given.draws if given.precision is None else given.max_draws
    if not given.variants:
        plans = load_plans(given.scenarios, given.book, given.sets)
        return [Job(scenario, book, given.seed, draws, given.trials) for scenario, book in plans]
    from simulator.cli.variants import variants_sweep
    from simulator.sweeps.planning import make_plan

    sizes = {"seed": given.seed, "draws": draws, "trials": given.trials}
    sweep, names = variants_sweep(given, sizes | ({"book": given.book} if given.book else {}))
    plan, inputs = make_plan(sweep)
    jobs = [inputs.job(point.number) for point in plan.points]
    for number in range(len(given.scenarios), len(jobs)):
        titled = replace(jobs[number].scenario, name=names[number], title=names[number])
        jobs[number] = replace(jobs[number], scenario=titled)
    return jobs


def _simulated(jobs: list[Job], given: Given, rows: dict[str, Rows]) -> Iterator[Result]:
    """Run jobs one after the other, keeping of each tally, which is dropped, what comparisons need.

    To a precision all take as many draws as the one of the largest error needs, so that they pair.
    """
    at_once = 1 if given.precision is None else len(jobs)
    try:
        check_memory(jobs[0].draws, max(job.horizon for job in jobs), at_once)
        for result in _results(jobs, given):
            rows[result.job.scenario.name] = rows_of(result.tally)
            yield result
    except TooLargeError as error:
        raise click.UsageError(str(error)) from error
    except NoSuchEstimateError as error:
        raise click.UsageError(f"--precision-of {error}") from error


def _results(jobs: list[Job], given: Given) -> Iterator[Result]:
    if given.precision is None:
        with progress(sum(job.draws for job in jobs), "draws", quiet=given.silent) as advance:
            for job in jobs:
                yield run_with_workers(job, given.workers, advance)
        return
    target = Target(given.precision_of, given.precision)
    with (
        tallying(jobs, given.workers) as tally,
        error_progress(target.error, quiet=given.silent) as look,
    ):
        yield from results_to_precision(jobs, target, tally, look)


def _written(out: Path, results: Iterable[Result]) -> list[Run]:
    """Write the files of a run; say whose results they replace, if not those of the same plans."""
    found = runs_of(results, this_command())

    def plans(digests: dict[str, str]) -> dict[str, str]:
        prefix = "scenario:"
        return {n.removeprefix(prefix): one for n, one in digests.items() if n.startswith(prefix)}

    with contextlib.suppress(StorageError, KeyError, TypeError):
        old = open_results(out, checked=False).provenance
        if (kept := plans(old["digests"])) != plans(found.provenance["digests"]):
            line = (
                f"{out}: replaced the run of another plan ({', '.join(kept)}, seed {old['seed']})"
            )
            click.echo(line, err=True)
    write_results(out, found.files(), found.provenance)
    return list(found.runs)
