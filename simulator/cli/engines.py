"""Single paths, whether the engines agree, and what a run costs against other ways."""

import json
import os
from collections.abc import Callable
from dataclasses import asdict
from typing import Final

import click

from simulator.analysis.inputs import load_plans
from simulator.analysis.run import Job, compile_job
from simulator.analysis.trace import SELECTORS, NoSuchPathError, PathTrace, find, trace_path
from simulator.bench.measure import ROUNDS_DEFAULT, Benchmark, BenchmarkError, measure
from simulator.bench.work import Gain, difference_of
from simulator.cli.options import Given
from simulator.cli.tables import Table, called, console, counted, print_table, say, terminal_width
from simulator.verification.against_exact import SAME_WORLDS, Agreement, Check
from simulator.verification.verify import verify

DISAGREEMENT = 1


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
        click.echo(f"{plan.title} [{plan.name}], book {loaded.name}, seed {given.seed}")
        _print_agreement(agreement)
    return 0 if agreement.agrees else DISAGREEMENT


def _print_agreement(agreement: Agreement) -> None:
    out = console()
    for method in dict.fromkeys(check.method for check in agreement.checks):
        rows = [
            (
                check.what,
                f"{check.compared:,}",
                "agree" if check.agrees else "DISAGREE",
                _deviation(check),
            )
            for check in agreement.checks
            if check.method == method
        ]
        heads = (method, "numbers", "verdict", "largest deviation")
        print_table(out, Table(heads, rows, words=(0, 2, 3)))
    for note in agreement.notes:
        out.print(note, soft_wrap=True)
    out.print("The engines agree." if agreement.agrees else "The engines DISAGREE.")


def _deviation(check: Check) -> str:
    if check.method != SAME_WORLDS:
        return f"{check.worst}; chance of so much {check.deviation:.1g}"
    if check.deviation == 0.0:
        return check.worst
    return f"{check.deviation:.1e} ({check.worst})"


DAYS_PER_YEAR: Final = 365.25
FIRST_DAYS: Final = 1.0 / 12.0  # years within which a date is given in days


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
    out = console()
    say(out, f"{called(plan.title, plan.name)}, book {loaded.name}, seed {given.seed}")
    if pick is not None:
        searched = (last - first) * given.trials
        say(out, f"of {searched:,} paths, the one that {SELECTORS[pick][0]}:")
    _print_trace(trace, model.horizon)


def _print_trace(trace: PathTrace, horizon: float) -> None:
    click.echo(f"draw {trace.draw}, trial {trace.trial}\n")
    events = [("at the start", line) for line in trace.beginning]
    events += [(date(step.years), step.text) for step in trace.steps]
    margin = 20 * " "
    for when, what in events:
        wrapped = click.wrap_text(f"{what}.", terminal_width() or 10**6, margin, margin)
        click.echo(f"{when:>18}  {wrapped[len(margin) :]}")
    click.echo()
    if trace.cause is None:
        click.echo(f"After {horizon:g} years the ceasefire still holds.")
        return
    last = trace.steps[-1]
    total = sum(last.hazards.values())
    click.echo(
        f"It lasted {trace.years:.3g} years. At that moment, in the phase '{last.phase}',\n"
        f"the hazard of collapse was {total:.3g} a year:"
    )
    for cause, hazard in last.hazards.items():
        click.echo(f"  {cause:<12} {hazard:.3g} a year ({hazard / total:.0%})")


def date(years: float) -> str:
    """An age of the ceasefire: its day within the first month, later what is completed.

    >>> date(0.0), date(0.02), date(0.5), date(12.96)
    ('day 1', 'day 8', '6 months', '12 years 11 months')
    """
    if years < FIRST_DAYS:
        return f"day {int(years * DAYS_PER_YEAR) + 1}"
    whole, months = divmod(int(years * 12.0), 12)
    return " ".join(counted(n, unit) for n, unit in ((whole, "year"), (months, "month")) if n)


QUICK_ROUNDS = 4
FAILED = 1
ARMS = {
    "numba": "whole paths, compiled by numba, 1,000 draws x 200",
    "best split": "the same, the best number of paths a draw",
    "simpy": "whole paths, one simpy process an actor",
    "ema": "EMA Workbench calling the compiled paths",
    "independent": "the same engine, independent draws",
}
ESTIMATES = {
    "p_collapse_within_2y": "P(collapse <= 2 y)",
    "p_holds_20y": "P(holds 20 y)",
    "rmst_years": "RMST",
}
PARTS = {
    "draw": "drawing assumptions",
    "compile": "compiling the model",
    "simulate": "simulating",
    "tally": "tallying",
}


def bench_command(given: Given, scenario: str, quick: bool, rounds: int | None) -> int:
    """Measure, and print or write the result; return the exit code."""
    if not hasattr(os, "getloadavg"):
        raise click.UsageError("the benchmark reads load and memory as Linux and macOS report them")
    load_plans([scenario], given.book)  # mistakes are reported here, not from a process that failed
    rounds = rounds or (QUICK_ROUNDS if quick else ROUNDS_DEFAULT)
    try:
        result = measure(rounds, scenario, given.book, lambda line: click.echo(line, err=True))
    except BenchmarkError as error:
        click.echo(f"simulator: {error}", err=True)
        return FAILED
    if given.as_json:
        click.echo(json.dumps(result.as_json(), allow_nan=False))
    else:
        _print_bench(result)
    return 0


def _print_bench(result: Benchmark) -> None:
    out = console()
    where = result.conditions
    least, load, most = where["load"]
    versions = ", ".join(f"{name} {v}" for name, v in where["versions"].items() if v)
    for line in (
        f"{where['scenario']}, book {where['book']}, "
        f"{where['draws']:,} draws x {where['trials']} trials, {where['rounds']} rounds",
        f"{where['machine']}, {where['cores']} cores; Python {where['python']}, {versions}",
        f"load {load:.1f} ({least:.1f} to {most:.1f})",
    ):
        out.print(line, soft_wrap=True)
    print_table(out, _gains(result, "times the work of a run", str))
    if where["scenario"] != where["baseline"]:
        less = f"difference to {where['baseline']}"
        print_table(out, _gains(result, less, lambda name: difference_of(name, where["baseline"])))
    parts = ", ".join(f"{PARTS[part]} {us:.1f}" for part, us in result.parts.items())
    out.print(f"a trial {result.us_per_trial:.2f} us; a draw, in us: {parts}", soft_wrap=True)
    run, precise = result.run, result.precision
    out.print(f"a run of the default size: {run['seconds']:.2f} s, {run['peak_rss_mb']:.0f} MB")
    if precise:
        out.print(f"to an error of .001: {precise['seconds']:.2f} s, {precise['draws']:,} draws")


def _gains(result: Benchmark, title: str, named: Callable[[str], str]) -> Table:
    gains = result.gain | {"best split": result.best_split}
    rows = []
    for arm, line in ARMS.items():
        of = gains[arm]
        found = (
            ["not at hand", "", ""] if of is None else [_gain(of.get(named(e))) for e in ESTIMATES]
        )
        rows.append([line, *found])
    return Table([title, *ESTIMATES.values()], rows)


def _gain(gain: Gain | None) -> str:
    if gain is None:
        return "-"
    value, low, high = (
        f"{x:.3g}" if x < 1e3 else f"{x:,.0f}" for x in (gain.value, gain.low, gain.high)
    )
    return f"{value} ({low} to {high})"
