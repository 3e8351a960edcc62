"""``simulator bench``: how fast the engine is here, against other ways to do the same."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from simulator.bench.measure import Benchmark

QUICK = 2, 100  # pairs, draws
FAILED = 1

ARMS = {
    "numba": "the same model, scalar, compiled by numba",
    "python": "the same source, run by plain Python",
    "simpy": "the readable engine, one simpy process an actor",
    "ema": "EMA Workbench calling the plain Python",
    "floor": "the random numbers alone (no simulation)",
}
PARTS = {
    "start": "starting Python and reading the plan",
    "draws": "drawing assumptions",
    "compile": "compiling the model",
    "loop": "simulating paths",
    "tally": "tallying and estimating",
    "io": "writing files",
}


@click.command("bench")
@click.argument("scenario", default="coalition-of-the-willing")
@click.option("--book", help="Assumption book [default: the scenario's, else blend].")
@click.option("--quick", is_flag=True, help="2 pairs, 100 draws: half a minute.")
@click.option("--pairs", type=click.IntRange(1, 1000), help="Processes for each arm [default: 7].")
@click.option(
    "--draws",
    type=click.IntRange(1, 10_000),
    help="Draws of the assumptions; measurements are as long as they are many [default: 200].",
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def bench_command(
    scenario: str,
    book: str | None,
    quick: bool,
    pairs: int | None,
    draws: int | None,
    as_json: bool,
) -> int:
    """Time the engine on SCENARIO (a shipped name or a file) against other arms.

    Every arm lives through the same paths, which is checked first: equal causes, equal ends to a
    relative 1e-9. Each pair of measurements (A B B A) has a process of its own; a ratio is the
    median over pairs of how many times as fast the core is, with a 95 % bootstrap interval. Times
    are processor time of one thread.
    """
    from simulator.analysis.inputs import load_plans

    load_plans([scenario], book)  # mistakes are reported here, not from a process that failed
    from simulator.bench.measure import DRAWS, PAIRS, BenchmarkError, measure

    default_pairs, default_draws = QUICK if quick else (PAIRS, DRAWS)
    try:
        result = measure(
            pairs or default_pairs,
            draws or default_draws,
            scenario,
            book,
            lambda line: click.echo(line, err=True),
        )
    except BenchmarkError as error:
        click.echo(f"simulator: {error}", err=True)
        return FAILED
    if as_json:
        click.echo(json.dumps(result.as_json(), allow_nan=False))
    else:
        _print(result)
    return 0


def _print(result: Benchmark) -> None:
    from rich.box import SIMPLE_HEAD
    from rich.table import Table

    from simulator.cli.tables import console

    out = console()
    where = result.conditions
    least, load, most = where["load"]
    versions = ", ".join(f"{name} {v}" for name, v in where["versions"].items() if v)
    out.print(f"{where['scenario']}, book {where['book']}, {where['draws']} draws", soft_wrap=True)
    out.print(
        f"{where['machine']}, {where['cores']} cores; Python {where['python']}, {versions}",
        soft_wrap=True,
    )
    out.print(f"load {load:.1f} ({least:.1f} to {most:.1f}); pairs: {where['pairs']}")

    table = Table(box=SIMPLE_HEAD, pad_edge=False, show_edge=False)
    table.add_column("core against", no_wrap=True)
    for heading in ("us a path", "times as fast", "95 % interval"):
        table.add_column(heading, justify="right", no_wrap=True)
    for arm, line in ARMS.items():
        ratio = result.ratios[arm]
        if ratio is None:
            table.add_row(line, "not installed", "", "")
        else:
            cells = (ratio.nanoseconds / 1e3, ratio.value, ratio.low, ratio.high)
            us, value, low, high = (
                f"{cell:,.3g}" if cell < 1e3 else f"{cell:,.0f}" for cell in cells
            )
            table.add_row(line, us, value, f"{low} to {high}")
    out.print(table)

    core = result.core_nanoseconds
    out.print(
        f"core: {core / 1e3:.2f} us a path, {core / result.events_a_path:.0f} ns an event "
        f"({result.events_a_path:.1f} events a path), {1e9 / core:,.0f} paths a second"
    )
    total = sum(result.breakdown.values())
    shares = ", ".join(
        f"{PARTS[part]} {seconds / total:.1%}" for part, seconds in result.breakdown.items()
    )
    out.print(
        f"a whole run of {result.whole_run_paths:,} paths: {total:.2f} s; {shares}", soft_wrap=True
    )
    out.print(f"peak memory {result.peak_rss_mb:.0f} MB")
