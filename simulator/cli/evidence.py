"""What is known of past ceasefires: hold-outs, a user's own record, what experts say."""

import json
import shlex
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from simulator.cli.options import Given
from simulator.cli.tables import print_page
from simulator.evidence.calibrate import calibrate_file, write_book
from simulator.evidence.model_curves import model_against_record
from simulator.evidence.usercsv import Named
from simulator.evidence.views import BINS, expert_views, forecasts, held, question
from simulator.evidence.writing import load_evidence
from simulator.inputs import InputError
from simulator.number_format import counted
from simulator.scenario import cited


def backtest_command(given: Given, plot: Path | None) -> None:
    """Print the hold-outs and the model's curves, or draw these."""
    splits = load_evidence("backtest")
    curves = model_against_record(given.draws, given.seed)
    if plot is not None:
        from simulator.cli.pages import write_figure
        from simulator.report.figures.record import against_record

        write_figure(against_record(curves), plot, "--plot")
    if given.as_json:
        click.echo(json.dumps({"splits": dict(splits), "model": curves}, allow_nan=False))
        return
    failed = missed_by_all(splits)
    print_page("backtest.txt", splits=splits, curves=curves, missed=missed, failed=failed)


def missed(model: Mapping[str, Any]) -> list[str]:
    """Ages at which the range of a model's error leaves out 0."""
    return [age for age, gap in model["gap"].items() if gap["p05"] > 0 or gap["p95"] < 0]


def missed_by_all(splits: Mapping[str, Any]) -> list[str]:
    """Titles of the hold-outs of which every form misses some age."""
    return [one["title"] for one in splits.values() if all(map(missed, one["models"].values()))]


def calibrate_command(
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
        print_page("calibrate.txt", "--json has", summary=found.summary, counted=counted)
    if refused is not None:
        raise refused
    if given.as_json:
        return
    if book_file is None:
        click.echo("\n# The assumption book (--book FILE writes it):\n")
        click.echo(found.book)
    else:
        click.echo(f"\nuse it: simulator run no-force --book {shlex.quote(str(book_file))}")


def experts_command(given: Given) -> None:
    """Print the views, the test of the claim, and the forecasts."""
    views, books = expert_views(), held()
    claims = {
        name: {key: found[key] for key in ("title", "form", "claim")}
        for name, found in load_evidence("reference_classes").items()
    }
    crowds = [
        {
            "view": found.name,
            "crowd": found.crowd,
            "date": found.date,
            "said": dict(found.said),
            "said_by_bin": dict(zip(BINS, found.bins.tolist(), strict=True)),
            "book": dict(zip(BINS, books[found.name].tolist(), strict=True)),
        }
        for found in forecasts()
    ]
    if given.as_json:
        tree = {"views": views, "claim": claims, "forecasts": crowds}
        click.echo(json.dumps(tree, allow_nan=False))
        return
    asked, published = question()
    print_page(
        "experts.txt",
        views=views,
        claims=claims,
        cited=cited,
        asked=asked,
        published=published,
        forecasts=crowds,
        bins=BINS,
    )
