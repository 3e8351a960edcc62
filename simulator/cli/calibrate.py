"""``simulator calibrate``: fit a user's own record of past ceasefires."""

import json
import shlex
from pathlib import Path
from typing import Any

import click

from simulator.cli.options import Given
from simulator.cli.tables import Table, console, print_table
from simulator.evidence.calibrate import calibrate_file, write_book
from simulator.evidence.usercsv import Named
from simulator.evidence.writing import counted
from simulator.inputs import InputError


def command(
    given: Given, data: Path, replicates: int, book_file: Path | None, **columns: str | None
) -> None:
    """Fit the spells, print the fits and write the book."""
    found = calibrate_file(data, replicates, given.seed, Named(**columns))
    refused = None
    if book_file is not None:
        if book_file.exists() and book_file.samefile(data):
            raise click.BadParameter("would overwrite DATA", param_hint="--book")
        try:
            write_book(book_file, found.book)
        except InputError as error:  # the fits are worth their while all the same
            refused = error
    if given.as_json:
        click.echo(json.dumps(found.summary, allow_nan=False))
    else:
        _print(found.summary)
    if refused is not None:
        raise refused
    if given.as_json:
        return
    if book_file is None:
        click.echo("\n# The assumption book (--book FILE writes it):\n")
        click.echo(found.book)
    else:
        click.echo(f"\nuse it: simulator run no-force --book {shlex.quote(str(book_file))}")


def _print(summary: Any) -> None:
    out = console()
    out.print(
        f"{summary['data']}: {counted(summary['spells'], 'spell')}, "
        f"{counted(summary['failures'], 'failure')}, {summary['years_at_risk']:.4g} years watched",
        soft_wrap=True,
    )
    print_table(out, _curves(summary))
    print_table(out, _parameters(summary))
    lines = []
    if any(form["at_bound"] for form in summary["forms"].values()):
        lines.append("edge: the search ended there; the record does not fix it")
    best = summary["best_form"] or "none, every fit ends at the edge of its search"
    lines.append(f"lowest AIC: {best}")
    for test in summary["groups"].get("logrank", ()):
        p = "not defined" if test["p_value"] is None else f"p = {test['p_value']:.2g}"
        lines.append(f"log-rank {' against '.join(test['between'])}: {p}")
    lines += [f"{kind}: {text}" for kind in ("warning", "note") for text in summary[f"{kind}s"]]
    for line in lines:
        out.print(line, soft_wrap=True)


def _curves(summary: Any) -> Table:
    """Fit and survival by form, and the Kaplan-Meier curve below on the same scale."""
    ages = list(next(iter(summary["forms"].values()))["survival"])
    since = summary["given_survival_to"]
    given = f" | {since:.3g}" if since else ""
    heads = ["form", "AIC", "log-likelihood", *(f"S({age}{given} y)" for age in ages)]
    rows = [
        [
            name,
            f"{form['aic']:.1f}" + (" (edge)" if form["at_bound"] else ""),
            f"{form['log_likelihood']:.1f}",
            *("-" if s is None else f"{s:.2f}" for s in form["survival"].values()),
        ]
        for name, form in summary["forms"].items()
    ]
    curve = summary["kaplan_meier"]
    watched = (f"{curve[age]['value']:.2f}" if age in curve else "-" for age in ages)
    rows.append(["Kaplan-Meier", "", "", *watched])
    optional = ("log-likelihood", "S(3 y)", "S(5 y)")
    return Table(heads, rows, optional=optional, elsewhere="--json has")


def _parameters(summary: Any) -> Table:
    rows = []
    for name, form in summary["forms"].items():
        for parameter, value in form["parameters"].items():
            spread = form["ranges"][parameter]
            mark = " (edge)" if parameter in form["at_bound"] else ""
            if form["one_regime"] and parameter == "failing_share":
                mark = " (not identified)"
            range_ = f"{spread['p05']:.2g} to {spread['p95']:.2g}"
            rows.append([name, parameter, f"{value:.3g}{mark}", f"{spread['p50']:.3g}", range_])
    heads = ["form", "parameter", "fitted", "middle of resamples", "5-95 % of them"]
    return Table(heads, rows)
