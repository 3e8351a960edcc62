"""``simulator run``: the main job."""

from __future__ import annotations

import contextlib
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from simulator.cli.options import draws_and_paths, model_inputs, results_folder

if TYPE_CHECKING:
    from simulator.analysis.run import Job, Result

_PLAN: Final = "scenario:"  # before the name of a plan, among the digests of a run


@click.command("run")
@click.argument("scenarios", nargs=-1, required=True)
@model_inputs
@draws_and_paths
@click.option(
    "--out",
    type=click.Path(file_okay=False, path_type=Path),
    help="Folder for summary.json, curves.parquet, background.json and provenance.json.",
)
@click.option("--json", "as_json", is_flag=True, help="Print a JSON list, one object a scenario.")
@click.option("--workers", type=click.IntRange(1, 256), default=1, show_default=True)
@click.option(
    "--block",
    type=click.IntRange(1, 2**20),
    default=131_072,
    show_default=True,
    help="Paths simulated at a time: memory and speed, never results.",
)
@click.option("-q", "--quiet", is_flag=True, help="No progress, no notes, no pictures.")
@click.option("-v", "--verbose", is_flag=True, help="Also curves, and each structural choice.")
def run_command(
    scenarios: tuple[str, ...],
    book: str | None,
    sets: tuple[str, ...],
    seed: int,
    draws: int,
    paths: int,
    out: Path | None,
    as_json: bool,
    workers: int,
    block: int,
    quiet: bool,
    verbose: bool,
) -> None:
    """Simulate the ceasefire of SCENARIOS (shipped names or files).

    Each of DRAWS sets of assumptions is lived through PATHS times. Every figure comes with its
    Monte Carlo standard error and, apart from it, the 5-95 % range over assumptions.
    """
    jobs = _jobs(scenarios, book, sets, seed, draws, paths)
    with results_folder(out, "run"):
        results = _simulate(jobs, workers, block, quiet or as_json)

    from simulator.analysis.summary import summary

    summaries = [summary(result) for result in results]
    if out is not None:
        _write(out, results, summaries)
    if as_json:
        click.echo(json.dumps(summaries, ensure_ascii=False, allow_nan=False))
        return
    from simulator.cli.tables import print_results

    print_results(summaries, quiet=quiet, verbose=verbose)


def _jobs(
    scenarios: tuple[str, ...],
    book: str | None,
    sets: tuple[str, ...],
    seed: int,
    draws: int,
    paths: int,
) -> list[Job]:
    """Read everything before anything runs, and report the mistakes of all files together."""
    from simulator.analysis.inputs import load_plans

    plans = load_plans(scenarios, book, sets)
    from simulator.analysis.run import Job

    return [Job(scenario, loaded, seed, draws, paths) for scenario, loaded in plans]


def _simulate(jobs: list[Job], workers: int, block: int, quiet: bool) -> list[Result]:
    from simulator.analysis.workers import run_with_workers
    from simulator.cli.progress import progress

    total = sum(job.draws * job.paths for job in jobs)
    with progress(total, "paths", quiet=quiet) as advance:
        return [run_with_workers(job, workers, block, advance) for job in jobs]


def _tell_of_another(out: Path, digests: dict[str, str]) -> None:
    """Say which plans' results are replaced, if they are not those of the same plans."""
    with contextlib.suppress(OSError, ValueError, KeyError, TypeError):
        old = json.loads((out / "provenance.json").read_text(encoding="utf-8"))
        kept = {name: digest for name, digest in old["digests"].items() if _is_plan(name)}
        if kept != {name: digest for name, digest in digests.items() if _is_plan(name)}:
            names = ", ".join(name.removeprefix(_PLAN) for name in kept)
            line = f"{out}: replaced the run of another plan ({names}, seed {old['seed']})"
            click.echo(line, err=True)


def _is_plan(name: str) -> bool:
    return name.startswith(_PLAN)


def _write(out: Path, results: list[Result], summaries: list[dict[str, Any]]) -> None:
    import numpy as np

    from simulator.analysis.background import background
    from simulator.analysis.summary import curve_columns
    from simulator.storage.atomic import write_json
    from simulator.storage.parquet import write_table
    from simulator.storage.provenance import provenance

    parts = [(result.job.scenario.name, curve_columns(result)) for result in results]
    columns: dict[str, Any] = {
        "scenario": np.concatenate([np.full(c["years"].size, n, object) for n, c in parts])
    }
    for name in parts[0][1]:
        columns[name] = np.concatenate([c[name] for _, c in parts])
    digests = {}
    for result in results:
        name = result.job.scenario.name
        digests[f"{_PLAN}{name}"] = result.job.scenario.digest
        digests[f"book:{result.job.book.name}"] = result.job.book.digest
        digests[f"run:{name}"] = result.job.digest
    job = results[0].job
    _tell_of_another(out, digests)
    # Written last and removed first: a folder with provenance is whole, whatever happens between.
    (out / "provenance.json").unlink(missing_ok=True)
    write_table(out, "curves.parquet", columns)
    write_json(out, "summary.json", summaries)
    write_json(out, "background.json", background(results))
    write_json(
        out,
        "provenance.json",
        provenance(
            ["simulator", *sys.argv[1:]],
            job.seed,
            digests,
            draws=job.draws,
            paths=job.paths,
            resolved={
                result.job.scenario.name: result.job.scenario.machine_form() for result in results
            },
        ),
    )
