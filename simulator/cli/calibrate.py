"""``simulator calibrate``: fit a user's own record of past ceasefires."""

import json
import shlex
from pathlib import Path
from typing import Any

import click

from simulator.cli.options import DEFAULT_SEED
from simulator.limits import MAX_SEED


def _book_file(ctx: click.Context, parameter: click.Parameter, value: Path | None) -> Path | None:
    """Refuse a bare word: `run --book` would take it for the name of a shipped book."""
    if value is not None and value.name == str(value) and value.suffix not in (".yaml", ".yml"):
        raise click.BadParameter(f"'{value}' must end in .yaml, for run to find it: {value}.yaml")
    return value


@click.command("calibrate")
@click.argument("data", type=click.Path(path_type=Path))
@click.option("--duration", metavar="COLUMN", help="Column of durations, if not duration_years.")
@click.option(
    "--unit",
    type=click.Choice(["years", "months", "weeks", "days"]),
    help="Of --duration and --entry.",
)
@click.option(
    "--event",
    metavar="COLUMN[=VALUES]",
    help="Column that says whether the spell ended, and the values that say so [default: 1, true].",
)
@click.option("--entry", metavar="COLUMN", help="Column of the ages at which watching began.")
@click.option("--group", metavar="COLUMN", help="Column of groups to compare.")
@click.option("--cluster", metavar="COLUMN", help="Column of rows to resample together.")
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
    callback=_book_file,
    help="Write an assumption book that takes its base hazards from DATA.",
)
def calibrate_command(
    data: Path,
    replicates: int,
    seed: int,
    as_json: bool,
    book_file: Path | None,
    **columns: str | None,
) -> None:
    """Fit spells of past ceasefires in the CSV file DATA and compare the fits.

    Columns: duration_years or duration_days, event (1 ended, 0 still holding), and if wanted
    entry_years or entry_days (age at which watching began), group, cluster. Name others with the
    options: calibrate lung.csv --duration time --unit days --event status=2
    """
    from simulator.evidence.calibrate import calibrate_file
    from simulator.evidence.ownbook import write_book
    from simulator.evidence.usercsv import Named
    from simulator.inputs import InputError

    found = calibrate_file(data, replicates, seed, Named(**columns))
    refused = None
    if book_file is not None:
        if book_file.exists() and book_file.samefile(data):
            raise click.BadParameter("would overwrite DATA", param_hint="--book")
        try:
            write_book(book_file, found.book)
        except InputError as error:  # the fits are worth their while all the same
            refused = error
    if as_json:
        click.echo(json.dumps(found.summary, allow_nan=False))
    else:
        _print(found.summary)
    if refused is not None:
        raise refused
    if as_json:
        return
    if book_file is None:
        click.echo("\n# The assumption book (--book FILE writes it):\n")
        click.echo(found.book)
    else:
        click.echo(f"\nuse it: simulator run no-force --book {shlex.quote(str(book_file))}")


def _print(summary: Any) -> None:
    from simulator.cli.tables import console, print_table
    from simulator.evidence.writing import counted

    out = console()
    out.print(
        f"{summary['data']}: {counted(summary['spells'], 'spell')}, "
        f"{counted(summary['failures'], 'failure')}, {summary['years_at_risk']:.4g} years watched",
        soft_wrap=True,
    )
    print_table(
        out,
        _curves(summary),
        optional=("log-likelihood", "S(3 y)", "S(5 y)"),
        elsewhere="--json has",
    )
    print_table(out, _parameters(summary))
    if any(form["at_bound"] for form in summary["forms"].values()):
        out.print("edge: the search ended there; the record does not fix it", soft_wrap=True)
    best = summary["best_form"] or "none, every fit ends at the edge of its search"
    out.print(f"lowest AIC: {best}", soft_wrap=True)
    for test in summary["groups"].get("logrank", ()):
        p = "not defined" if test["p_value"] is None else f"p = {test['p_value']:.2g}"
        out.print(f"log-rank {' against '.join(test['between'])}: {p}", soft_wrap=True)
    for kind in ("warning", "note"):
        for text in summary[f"{kind}s"]:
            out.print(f"{kind}: {text}", soft_wrap=True)


def _curves(summary: Any) -> Any:
    """Fit and survival by form, and the Kaplan-Meier curve below on the same scale."""
    from simulator.cli.tables import table

    ages = list(next(iter(summary["forms"].values()))["survival"])
    since = summary["given_survival_to"]
    given = f" | {since:.3g}" if since else ""
    fits = table("form", "AIC", "log-likelihood", *(f"S({age}{given} y)" for age in ages))
    for name, form in summary["forms"].items():
        fits.add_row(
            name,
            f"{form['aic']:.1f}" + (" (edge)" if form["at_bound"] else ""),
            f"{form['log_likelihood']:.1f}",
            *("-" if s is None else f"{s:.2f}" for s in form["survival"].values()),
        )
    curve = summary["kaplan_meier"]
    watched = (f"{curve[age]['value']:.2f}" if age in curve else "-" for age in ages)
    fits.add_row("Kaplan-Meier", "", "", *watched)
    return fits


def _parameters(summary: Any) -> Any:
    from simulator.cli.tables import table

    parameters = table("form", "parameter", "fitted", "middle of resamples", "5-95 % of them")
    for name, form in summary["forms"].items():
        for parameter, value in form["parameters"].items():
            spread = form["ranges"][parameter]
            mark = " (edge)" if parameter in form["at_bound"] else ""
            if form["one_regime"] and parameter == "failing_share":
                mark = " (not identified)"
            parameters.add_row(
                name,
                parameter,
                f"{value:.3g}{mark}",
                f"{spread['p50']:.3g}",
                f"{spread['p05']:.2g} to {spread['p95']:.2g}",
            )
    return parameters
