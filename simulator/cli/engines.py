"""Single paths, whether the engines agree, and what a run costs against other ways."""

import json
import os
from dataclasses import asdict
from typing import Final

import click

from simulator.analysis.inputs import load_plans
from simulator.analysis.run import Job, compile_job
from simulator.analysis.trace import SELECTORS, NoSuchPathError, find, trace_path
from simulator.bench.measure import ROUNDS_DEFAULT, Benchmark, BenchmarkError, measure
from simulator.bench.work import ESTIMATES, Gain, difference_of
from simulator.cli.options import Given
from simulator.cli.tables import beside, called, print_page
from simulator.number_format import counted
from simulator.verification.against_exact import SAME_WORLDS
from simulator.verification.verify import verify


def verify_command(given: Given, scenario: str, exact_draws: int, exact_trials: int) -> int:
    """Compare the engines; return the exit code."""
    ((plan, loaded),) = load_plans([scenario], given.book, given.sets)
    model, _ = compile_job(Job(plan, loaded, given.seed, given.draws, given.trials))
    agreement = verify(model, given.trials, min(exact_draws, given.draws), exact_trials)
    if given.as_json:
        tree = {
            "scenario": plan.name,
            "book": loaded.name,
            "seed": given.seed,
            "agrees": agreement.agrees,
            "checks": [asdict(check) for check in agreement.checks],
            "notes": list(agreement.notes),
        }
        click.echo(json.dumps(tree, allow_nan=False))
    else:
        print_page(
            "verify.txt",
            plan=plan,
            book=loaded.name,
            seed=given.seed,
            agreement=agreement,
            methods=dict.fromkeys(check.method for check in agreement.checks),
            same_worlds=SAME_WORLDS,
        )
    return 0 if agreement.agrees else 1


def trace_command(
    given: Given, scenario: str, draw: int | None, trial: int | None, pick: str | None
) -> None:
    """Trace the path and print it."""
    if pick is not None and trial is not None:
        raise click.UsageError("--pick finds a trial, --trial names one: give one of the two")
    ((plan, loaded),) = load_plans([scenario], given.book, given.sets)
    one = draw if draw is not None or pick is not None else 0
    first, last = (0, given.draws) if one is None else (one, one + 1)
    job = Job(plan, loaded, given.seed, last, given.trials)
    model, _ = compile_job(job, first, last)
    row, number = 0, trial or 0
    if pick is not None:
        try:
            row, number = find(model, given.trials, pick)
        except NoSuchPathError as error:
            raise click.UsageError(f"{error}; search more with --draws and --trials") from None
    names = {key: member.name for key, member in plan.contributors.items()}
    trace = trace_path(model, row, number, names)
    if given.as_json:
        about = {"scenario": plan.name, "book": loaded.name, "seed": given.seed}
        tree = about | {"pick": pick, "digest": job.digest} | trace.as_json()
        click.echo(json.dumps(tree, allow_nan=False))
        return
    print_page(
        "trace.txt",
        called=called(plan.title, plan.name),
        book=loaded.name,
        seed=given.seed,
        searched=(last - first) * given.trials,
        what=SELECTORS[pick][0] if pick else "",
        trace=trace,
        horizon=model.horizon,
        beside=beside,
        date=date,
    )


def date(years: float) -> str:
    """An age of the ceasefire: its day within the first month, later what is completed.

    >>> date(0.0), date(0.02), date(0.5), date(12.96)
    ('day 1', 'day 8', '6 months', '12 years 11 months')
    """
    if years < 1.0 / 12.0:
        return f"day {int(years * 365.25) + 1}"
    whole, months = divmod(int(years * 12.0), 12)
    return " ".join(counted(n, unit) for n, unit in ((whole, "year"), (months, "month")) if n)


ARMS: Final = {
    "numba": "whole paths, compiled by numba, 1,000 draws x 200",
    "best split": "the same, the best number of paths a draw",
    "simpy": "whole paths, one simpy process an actor",
    "ema": "EMA Workbench calling the compiled paths",
    "independent": "the same engine, independent draws",
}


def bench_command(given: Given, scenario: str, quick: bool, rounds: int | None) -> int:
    """Measure, and print or write the result; return the exit code."""
    if not hasattr(os, "getloadavg"):
        raise click.UsageError("the benchmark reads load and memory as Linux and macOS report them")
    load_plans([scenario], given.book)  # mistakes are reported here, not from a process that failed
    rounds = rounds or (4 if quick else ROUNDS_DEFAULT)
    try:
        found = measure(rounds, scenario, given.book, lambda line: click.echo(line, err=True))
    except BenchmarkError as error:
        click.echo(f"simulator: {error}", err=True)
        return 1
    if given.as_json:
        click.echo(json.dumps(found.as_json(), allow_nan=False))
        return 0
    baseline = found.conditions["baseline"]
    gains = {"times the work of a run": _gains(found, list(ESTIMATES))}
    if found.conditions["scenario"] != baseline:
        differences = [difference_of(name, baseline) for name in ESTIMATES]
        gains[f"difference to {baseline}"] = _gains(found, differences)
    print_page("bench.txt", found=found, gains=gains)
    return 0


def _gains(found: Benchmark, names: list[str]) -> list[list[str]]:
    """Of each arm how much more work it takes for these estimates."""
    gains = found.gain | {"best split": found.best_split}
    rows = []
    for arm, line in ARMS.items():
        of = gains[arm]
        rows.append([line, *(["not at hand"] if of is None else [_gain(of.get(n)) for n in names])])
    return rows


def _gain(gain: Gain | None) -> str:
    if gain is None:
        return "-"
    value, low, high = (
        f"{x:.3g}" if x < 1e3 else f"{x:,.0f}" for x in (gain.value, gain.low, gain.high)
    )
    return f"{value} ({low} to {high})"
