"""Results of a sweep as text for people."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import click

from simulator.analysis.precision import UPPER_BOUND
from simulator.cli.tables import Table, console, print_table, say
from simulator.number_format import value_and_error
from simulator.quantities import CLAIM, HEADLINES, QUANTITIES
from simulator.storage import read_table
from simulator.sweeps.levers import shown
from simulator.sweeps.plan import SweepPlan, described
from simulator.sweeps.tasks import Failure

MOST_ROWS: Final = 40


def print_points(plan: SweepPlan, folder: Path, finished: int) -> None:
    """Print the headlines of each finished point; of a large sweep only where they are."""
    path = folder / "results.parquet"
    if not path.is_file():
        return
    from simulator.report.findings import sweep_finding
    from simulator.report.prose.no_effect import inert_in_sweep, inert_sentences
    from simulator.results.sweep import load_sweep

    out = console()
    columns = read_table(path, verified=True).columns
    found = load_sweep(folder) if finished else None
    if found is not None:
        say(out, f"{sweep_finding(found, CLAIM[1])}\n")
    if len(plan.points) > MOST_ROWS:
        of = "" if finished == len(plan.points) else f"{finished:,} of "
        where = f"see {path}, or simulator compare --sweep {path.parent}"
        say(out, f"{of}{len(plan.points):,} points: {where}")
    else:
        print_table(out, _headlines(plan, columns, path))
        say(out, f"value ± Monte Carlo standard error; {path} holds the ranges over assumptions")
        if plan.precision is not None:
            say(out, _on_precision(plan, columns))
    if found is not None:
        trials = int(columns["draws"].min()) * plan.trials
        say(out, *inert_sentences(inert_in_sweep(found), trials))


def _headlines(plan: SweepPlan, columns: Mapping[str, Any], path: Path) -> Table:
    found: dict[int, dict[str, str]] = {}
    rows = zip(*(columns[n] for n in ("point", "estimate", "value", "mcse")), strict=True)
    for point, name, *numbers in rows:
        known = (float(one) if one == one else None for one in numbers)  # NaN: a missing number
        value, error = value_and_error(*known)
        found.setdefault(int(point), {})[name] = f"{value} ± {error}" if error else value
    # Scenario and book only where they differ between points.
    named = [key for key in ("scenario", "book") if len({getattr(p, key) for p in plan.points}) > 1]
    keys, briefs = [*named, *plan.levers], [QUANTITIES[name].brief for name in HEADLINES]
    cells = [
        [
            str(point.number),
            *(_label(point.settings.get(key)) for key in keys),
            *(found[point.number][name] for name in HEADLINES),
        ]
        for point in plan.points
        if point.number in found
    ]
    heads = ["point", *(key.replace(".", ".\n") for key in keys), *briefs]
    return Table(heads, cells, range(1 + len(keys)), briefs[1:], f"{path} holds")


def _label(value: Any) -> str:
    # Numbers of a sample have all the digits of a float; the file keeps them.
    return (
        "" if value is None else f"{value:.6g}" if isinstance(value, float) else str(shown(value))
    )


def _on_precision(plan: SweepPlan, columns: Mapping[str, Any]) -> str:
    """How many draws the points took, and how many of them did not get where they should."""
    asked = columns["estimate"] == plan.precision_of
    draws, errors = columns["draws"][asked], UPPER_BOUND * columns["mcse"][asked]
    missed = sum(not error <= plan.precision for error in errors)  # NaN is no error known
    text = f"points took {draws.min():,} to {draws.max():,} draws"
    if missed:
        text += f"; {missed:,} did not reach {plan.precision:g}: a larger max_draws may"
    return text


def print_failures(plan: SweepPlan, failures: Sequence[Failure]) -> None:
    """Name each point that failed, and why."""
    if not failures:
        return
    click.echo(f"{len(failures):,} points failed:", err=True)
    for failure in failures[:MOST_ROWS]:
        click.echo(f"  {described(plan.points[failure.point])}: {failure.error}", err=True)
    if len(failures) > MOST_ROWS:
        click.echo(f"  ... and {len(failures) - MOST_ROWS:,} more, in failures.jsonl", err=True)
