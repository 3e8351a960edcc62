"""``simulator calibrate``: fit a user's own record of past ceasefires."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click

from simulator.cli.options import DEFAULT_SEED, MAX_SEED


@click.command("calibrate")
@click.argument("data", type=click.Path(path_type=Path))
@click.option(
    "--replicates",
    type=click.IntRange(50, 100_000),
    default=1_000,
    show_default=True,
    help="Bootstrap resamples behind the ranges.",
)
@click.option("--seed", type=click.IntRange(0, MAX_SEED), default=DEFAULT_SEED, show_default=True)
@click.option("--json", "as_json", is_flag=True, help="Print everything as one JSON object.")
@click.option(
    "--book",
    "book_file",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write an assumption book that takes its base hazards from DATA.",
)
def calibrate_command(
    data: Path, replicates: int, seed: int, as_json: bool, book_file: Path | None
) -> None:
    """Fit spells of past ceasefires in the CSV file DATA and compare the fits.

    Columns: duration_years or duration_days, event (1 ended, 0 still holding), and if wanted
    entry_years or entry_days (age at which watching began), group, cluster.
    """
    from simulator.evidence.calibrate import calibrate_file

    found = calibrate_file(data, replicates, seed)
    if book_file is not None:
        from simulator.storage.atomic import write_text

        write_text(book_file.resolve().parent, book_file.name, found.book)
    if as_json:
        click.echo(json.dumps(found.summary, ensure_ascii=False, allow_nan=False))
        return
    _print(found.summary)
    if book_file is None:
        click.echo("\n# The assumption book (--book FILE writes it):\n")
        click.echo(found.book)
    else:
        click.echo(f"\nuse it: simulator run no-force --book {book_file}")


def _print(summary: Any) -> None:
    from simulator.cli.tables import console, print_table, table

    out = console()
    out.print(
        f"{summary['data']}: {summary['spells']} spells, {summary['failures']} failures, "
        f"{summary['years_at_risk']:.4g} years watched",
        soft_wrap=True,
    )
    ages = list(next(iter(summary["forms"].values()))["survival"])
    fits = table("form", "AIC", "log-likelihood", *(f"S({age} y)" for age in ages))
    for name, form in summary["forms"].items():
        fits.add_row(
            name,
            f"{form['aic']:.1f}",
            f"{form['log_likelihood']:.1f}",
            *(f"{s:.2f}" for s in form["survival"].values()),
        )
    curve = summary["kaplan_meier"]
    fits.add_row(
        "Kaplan-Meier",
        "",
        "",
        *(f"{curve[age]['value']:.2f}" if age in curve else "-" for age in ages),
    )
    print_table(out, fits)
    parameters = table("form", "parameter", "fitted", "middle of resamples", "5-95 % of them")
    for name, form in summary["forms"].items():
        for parameter, value in form["parameters"].items():
            spread = form["ranges"][parameter]
            parameters.add_row(
                name,
                parameter,
                f"{value:.3g}" + (" (edge)" if parameter in form["at_bound"] else ""),
                f"{spread['p50']:.3g}",
                f"{spread['p05']:.2g} to {spread['p95']:.2g}",
            )
    print_table(out, parameters)
    if any(form["at_bound"] for form in summary["forms"].values()):
        out.print("edge: the search ended there; the record does not fix it", soft_wrap=True)
    out.print(f"lowest AIC: {summary['best_form']}", soft_wrap=True)
    for test in summary["groups"].get("logrank", ()):
        out.print(f"log-rank {' against '.join(test['between'])}: p = {test['p_value']:.2g}")
    for note in summary["notes"]:
        out.print(f"note: {note}", soft_wrap=True)
