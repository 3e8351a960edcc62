"""``simulator bench``: how much work a run saves, against other ways to the same error."""

import json
import os
from collections.abc import Callable

import click

from simulator.analysis.inputs import load_plans
from simulator.bench.measure import ROUNDS_DEFAULT, Benchmark, BenchmarkError, measure
from simulator.bench.work import Gain, difference_of
from simulator.cli.options import Given
from simulator.cli.tables import Table, console, print_table

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


def command(given: Given, scenario: str, quick: bool, rounds: int | None) -> int:
    """Measure, and print or write the result; return the exit code."""
    if not hasattr(os, "getloadavg"):
        raise click.UsageError("the benchmark reads load and memory as Linux and macOS tell them")
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
        _print(result)
    return 0


def _print(result: Benchmark) -> None:
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
    print_table(out, _table(result, "times the work of a run", str))
    if where["scenario"] != where["baseline"]:
        less = f"difference to {where['baseline']}"
        print_table(out, _table(result, less, lambda name: difference_of(name, where["baseline"])))
    parts = ", ".join(f"{PARTS[part]} {us:.1f}" for part, us in result.parts.items())
    out.print(f"a trial {result.us_per_trial:.2f} us; a draw, in us: {parts}", soft_wrap=True)
    run, precise = result.run, result.precision
    out.print(f"a run of the default size: {run['seconds']:.2f} s, {run['peak_rss_mb']:.0f} MB")
    if precise:
        out.print(f"to an error of .001: {precise['seconds']:.2f} s, {precise['draws']:,} draws")


def _table(result: Benchmark, title: str, named: Callable[[str], str]) -> Table:
    gains = result.gain | {"best split": result.best_split}
    rows = []
    for arm, line in ARMS.items():
        of = gains[arm]
        found = (
            ["not at hand", "", ""] if of is None else [_cell(of.get(named(e))) for e in ESTIMATES]
        )
        rows.append([line, *found])
    return Table([title, *ESTIMATES.values()], rows)


def _cell(gain: Gain | None) -> str:
    if gain is None:
        return "-"
    value, low, high = (
        f"{x:.3g}" if x < 1e3 else f"{x:,.0f}" for x in (gain.value, gain.low, gain.high)
    )
    return f"{value} ({low} to {high})"
