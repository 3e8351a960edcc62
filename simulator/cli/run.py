"""``simulator run``: the main job."""

from __future__ import annotations

import contextlib
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from simulator.cli.options import (
    ESTIMATES,
    check_precision,
    draws_and_trials,
    model_inputs,
    precision,
    results_folder,
)

if TYPE_CHECKING:
    from simulator.analysis.run import Job, Result

_PLAN: Final = "scenario:"  # before the name of a plan, among the digests of a run


@click.command("run")
@click.argument("scenarios", nargs=-1, required=True)
@model_inputs
@draws_and_trials
@precision(ESTIMATES)
@click.option(
    "--out",
    type=click.Path(file_okay=False, path_type=Path),
    help="Folder for summary.json, curves.parquet, background.json and provenance.json.",
)
@click.option("--json", "as_json", is_flag=True, help="Print a JSON list, one object a scenario.")
@click.option("--workers", type=click.IntRange(1, 256), default=1, show_default=True)
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
    jobs = _jobs(scenarios, book, sets, seed, draws if precision is None else max_draws, trials)
    with results_folder(out, "run"):
        if precision is None:
            results = _simulated(jobs, workers, quiet or as_json)
        else:
            results = _to_precision(jobs, workers, precision_of, precision, quiet or as_json)
        kept = [_Kept(result, out is not None) for result in results]
        if out is not None:
            _write(out, kept)

    summaries = [one.summary for one in kept]
    if as_json:
        click.echo(json.dumps(summaries, allow_nan=False))
        return
    from simulator.cli.tables import print_results, print_views

    print_results(summaries, quiet=quiet, verbose=verbose)
    if verbose and not quiet:
        for job in jobs:
            print_views(job)


class _Kept:
    """What is kept of a result whose tally is let go."""

    def __init__(self, result: Result, written: bool) -> None:
        from simulator.analysis.background import background
        from simulator.analysis.summary import curve_columns, summary

        self.job = result.job
        self.summary = summary(result)
        self.curves = curve_columns(result) if written else {}
        self.background = background([result]) if written else {}


def _jobs(
    scenarios: tuple[str, ...],
    book: str | None,
    sets: tuple[str, ...],
    seed: int,
    draws: int,
    trials: int,
) -> list[Job]:
    """Read everything before anything runs, and report the mistakes of all files together."""
    from simulator.analysis.inputs import load_plans

    plans = load_plans(scenarios, book, sets)
    from simulator.analysis.run import Job

    return [Job(scenario, loaded, seed, draws, trials) for scenario, loaded in plans]


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


def _write(out: Path, kept: list[_Kept]) -> None:
    import numpy as np

    from simulator.analysis.background import together
    from simulator.storage import json_bytes, table_bytes, write_results
    from simulator.storage.provenance import provenance

    parts = [(one.job.scenario.name, one.curves) for one in kept]
    columns: dict[str, Any] = {
        "scenario": np.concatenate([np.full(c["years"].size, n, object) for n, c in parts])
    }
    for name in parts[0][1]:
        columns[name] = np.concatenate([c[name] for _, c in parts])
    jobs = [one.job for one in kept]
    digests = {}
    for job in jobs:
        name = job.scenario.name
        digests[f"{_PLAN}{name}"] = job.scenario.digest
        digests[f"book:{job.book.name}"] = job.book.digest
        digests[f"run:{name}"] = job.digest
    _name_another(out, digests)
    write_results(
        out,
        {
            "curves.parquet": table_bytes(columns),
            "summary.json": json_bytes([one.summary for one in kept]),
            "background.json": json_bytes(together([one.background for one in kept])),
        },
        provenance(
            ["simulator", *sys.argv[1:]],
            jobs[0].seed,
            digests,
            draws=jobs[0].draws,
            trials=jobs[0].trials,
            resolved={job.scenario.name: job.scenario.machine_form() for job in jobs},
        ),
    )
