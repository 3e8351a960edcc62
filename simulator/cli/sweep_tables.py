"""Results of a sweep as text for people."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from simulator.cli.tables import console, print_table, say, table
from simulator.number_format import value_and_error
from simulator.quantities import CLAIM, HEADLINES, QUANTITIES

if TYPE_CHECKING:
    from simulator.sweeps.plan import SweepPlan
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
    from simulator.storage import read_table

    columns = read_table(path, verified=True).columns
    found = load_sweep(folder) if finished else None
    if found is not None:
        say(console(), f"{sweep_finding(found, CLAIM[1])}\n")
    _print_table(plan, columns, path, finished)
    if found is not None:
        trials = int(columns["draws"].min()) * plan.trials
        for line in inert_sentences(inert_in_sweep(found), trials):
            say(console(), line)


def _print_table(plan: SweepPlan, columns: Mapping[str, Any], path: Path, finished: int) -> None:
    if len(plan.points) > MOST_ROWS:
        of = "" if finished == len(plan.points) else f"{finished:,} of "
        say(
            console(),
            f"{of}{len(plan.points):,} points: see {path}, or "
            f"simulator compare --sweep {path.parent}",
        )
        return
    found: dict[int, dict[str, tuple[str, str]]] = {}
    rows = zip(*(columns[n] for n in ("point", "estimate", "value", "mcse")), strict=True)
    for point, name, value, mcse in rows:
        shown = value_and_error(_number(value), _number(mcse))
        found.setdefault(int(point), {})[name] = shown
    levers, briefs = _shown_keys(plan), [QUANTITIES[name].brief for name in HEADLINES]
    heads = [lever.replace(".", ".\n") for lever in levers]
    made = table("point", *heads, *briefs, words=1 + len(levers))
    for point in plan.points:
        if point.number in found:
            cells = [found[point.number][name] for name in HEADLINES]
            numbers = [f"{value} ± {error}" if error else value for value, error in cells]
            made.add_row(str(point.number), *_labels(plan, point), *numbers)
    out = console()
    print_table(out, made, briefs[1:], f"{path} holds")
    say(out, f"value ± Monte Carlo standard error; {path} holds the ranges over assumptions")
    if plan.precision is not None:
        say(out, _on_precision(plan, columns))


def _on_precision(plan: SweepPlan, columns: Mapping[str, Any]) -> str:
    """How many draws the points took, and how many of them did not get where they should."""
    from simulator.analysis.precision import UPPER_BOUND

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
    from simulator.sweeps.plan import described

    click.echo(f"{len(failures):,} points failed:", err=True)
    for failure in failures[:MOST_ROWS]:
        click.echo(f"  {described(plan.points[failure.point])}: {failure.error}", err=True)
    if len(failures) > MOST_ROWS:
        click.echo(f"  ... and {len(failures) - MOST_ROWS:,} more, in failures.jsonl", err=True)


def _shown_keys(plan: SweepPlan) -> list[str]:
    """Scenario and book only where they differ between points."""
    named = [key for key in ("scenario", "book") if len({getattr(p, key) for p in plan.points}) > 1]
    return [*named, *plan.levers]


def _labels(plan: SweepPlan, point: Any) -> list[str]:
    from simulator.sweeps.levers import shown

    settings = point.settings
    found = (settings.get(key) for key in _shown_keys(plan))
    # Numbers of a sample have all the digits of a float; the file keeps them.
    return [
        "" if x is None else f"{x:.6g}" if isinstance(x, float) else str(shown(x)) for x in found
    ]


def _number(value: float) -> float | None:
    return float(value) if value == value else None  # NaN stands for a missing number
