"""``simulator run``: the main job."""

from __future__ import annotations

import contextlib
import json
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from simulator.cli.options import (
    NewFolder,
    check_precision,
    draws_and_trials,
    model_inputs,
    precision,
    report_option,
    results_folder,
    vs_option,
    worker_processes,
)
from simulator.quantities import CLAIM, QUANTITIES

if TYPE_CHECKING:
    from simulator.analysis.paired import Rows
    from simulator.analysis.run import Job, Result
    from simulator.results.runs import Runs

_PLAN: Final = "scenario:"  # before the name of a plan, among the digests of a run


@click.command("run")
@click.argument("scenarios", nargs=-1, required=True)
@model_inputs
@draws_and_trials
@precision(tuple(QUANTITIES))
@click.option(
    "--out",
    type=NewFolder(),
    help="Folder for the results: numbers, curves, draws, sources and provenance.",
)
@report_option
@vs_option
@click.option("--json", "as_json", is_flag=True, help="Print a JSON list, one object a scenario.")
@worker_processes
@click.option("-q", "--quiet", is_flag=True, help="No progress, no notes, no pictures.")
@click.option(
    "-v",
    "--verbose",
    is_flag=True,
    help="Also more estimates, curves, and each structural choice.",
)
@click.pass_context
def run_command(
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
    out: Path | None,
    report: Path | None,
    variants: tuple[str, ...],
    as_json: bool,
    workers: int,
    quiet: bool,
    verbose: bool,
) -> None:
    """Simulate the ceasefire of SCENARIOS (shipped names or files).

    Each of DRAWS sets of assumptions is tried in TRIALS worlds. Every figure comes with its
    Monte Carlo standard error and, apart from it, the 5-95 % range over assumptions.
    """
    check_precision(ctx)
    most = draws if precision is None else max_draws
    jobs = _jobs(scenarios, variants, book, sets, seed, most, trials)
    with results_folder(out, "run", report, as_json) as folder:
        if precision is None:
            results = _simulated(jobs, workers, quiet or as_json)
        else:
            results = _to_precision(jobs, workers, precision_of, precision, quiet or as_json)
        rows: dict[str, Rows] = {}
        results = _noting_rows(results, rows)
        from simulator.results.simulated import run_of, runs_of

        if folder is None:
            runs = [run_of(result, behind=False) for result in results]
        else:
            found = runs_of(results, ["simulator", *sys.argv[1:]])
            _write(folder, found)
            runs = list(found.runs)
        summaries = [run.as_json() for run in runs]
        if as_json:
            click.echo(json.dumps(summaries, allow_nan=False))
        else:
            from simulator.cli.tables import print_results, print_views

            print_results(summaries, _finding(jobs, rows), quiet=quiet, verbose=verbose)
            for job in jobs if verbose and not quiet else ():
                print_views(job)


def _noting_rows(results: Iterator[Result], rows: dict[str, Rows]) -> Iterator[Result]:
    """Hand results on, keeping what comparisons need of each before its tally is dropped."""
    from simulator.analysis.paired import rows_of

    for result in results:
        rows[result.job.scenario.name] = rows_of(result.tally)
        yield result


def _finding(jobs: list[Job], rows: dict[str, Rows]) -> str:
    """What plans side by side add to the first; empty of one, and where nothing can be paired."""
    from simulator.analysis.compare import Plan, comparison
    from simulator.analysis.paired import NotComparableError
    from simulator.cli.plans import finding_of

    if len(rows) < 2:
        return ""
    try:
        found = comparison([Plan(name, one) for name, one in rows.items()], CLAIM[1])
    except NotComparableError:
        return ""
    return finding_of(found, {job.scenario.name: job for job in jobs})


def _jobs(
    scenarios: tuple[str, ...],
    variants: tuple[str, ...],
    book: str | None,
    sets: tuple[str, ...],
    seed: int,
    draws: int,
    trials: int,
) -> list[Job]:
    """The jobs of plans, and of variants of the first, each under its own name and title.

    Everything is read before anything runs, and the mistakes of all files are reported together.
    """
    if not variants:
        from simulator.analysis.inputs import load_plans

        plans = load_plans(scenarios, book, sets)
        from simulator.analysis.run import Job

        return [Job(scenario, loaded, seed, draws, trials) for scenario, loaded in plans]
    from simulator.cli.variants import variants_sweep
    from simulator.sweeps.planning import make_plan

    given = {"seed": seed, "draws": draws, "trials": trials, **({"book": book} if book else {})}
    sweep, names = variants_sweep(scenarios, variants, sets, given)
    plan, inputs = make_plan(sweep)
    jobs = [inputs.job(point.number) for point in plan.points]
    for number in range(len(scenarios), len(jobs)):
        titled = replace(jobs[number].scenario, name=names[number], title=names[number])
        jobs[number] = replace(jobs[number], scenario=titled)
    return jobs


def _simulated(jobs: list[Job], workers: int, quiet: bool) -> Iterator[Result]:
    """Run each job with its own draws, one after the other."""
    from simulator.analysis.workers import run_with_workers
    from simulator.cli.progress import progress

    _check_memory(jobs, 1)
    with progress(sum(job.draws for job in jobs), "draws", quiet=quiet) as advance:
        for job in jobs:
            yield run_with_workers(job, workers, advance)


def _to_precision(
    jobs: list[Job], workers: int, name: str, target: float, quiet: bool
) -> Iterator[Result]:
    """Run all jobs with as many draws as the one of the largest error needs, so that they pair."""
    from simulator.analysis.precision import NoSuchEstimateError, results_to_precision
    from simulator.analysis.workers import tallying
    from simulator.cli.progress import error_progress

    _check_memory(jobs, len(jobs))
    try:
        with tallying(jobs, workers) as tally, error_progress(target, quiet=quiet) as look:
            yield from results_to_precision(jobs, name, target, tally, look)
    except NoSuchEstimateError as error:
        raise click.UsageError(f"--precision-of {error}") from error


def _check_memory(jobs: list[Job], at_once: int) -> None:
    from simulator.analysis.memory import TooLargeError, check_memory

    try:
        check_memory(jobs[0].draws, max(job.horizon for job in jobs), at_once)
    except TooLargeError as error:
        raise click.UsageError(str(error)) from error


def _name_another(out: Path, digests: dict[str, str]) -> None:
    """Say which plans' results are replaced, if they are not those of the same plans."""
    from simulator.storage import StorageError, open_results

    with contextlib.suppress(StorageError, KeyError, TypeError):
        old = open_results(out, checked=False).provenance
        kept = {name: digest for name, digest in old["digests"].items() if _is_plan(name)}
        if kept != {name: digest for name, digest in digests.items() if _is_plan(name)}:
            names = ", ".join(name.removeprefix(_PLAN) for name in kept)
            line = f"{out}: replaced the run of another plan ({names}, seed {old['seed']})"
            click.echo(line, err=True)


def _is_plan(name: str) -> bool:
    return name.startswith(_PLAN)


def _write(out: Path, found: Runs) -> None:
    from simulator.storage import write_results

    _name_another(out, found.provenance["digests"])
    write_results(out, found.files(), found.provenance)
