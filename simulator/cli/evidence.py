"""What is known of past ceasefires: hold-outs, a user's own record, what experts say."""

import json
import shlex
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import click
from rich.console import Console

from simulator.cli.options import Given
from simulator.cli.tables import Table, console, print_table
from simulator.evidence.calibrate import calibrate_file, write_book
from simulator.evidence.model_curves import model_against_record
from simulator.evidence.usercsv import Named
from simulator.evidence.views import BINS, expert_views, forecasts, held, question
from simulator.evidence.writing import counted, load_evidence
from simulator.inputs import InputError
from simulator.scenario import cited
from simulator.templates import rendered

Tree = Mapping[str, Any]


def backtest_command(given: Given, plot: Path | None) -> None:
    """Print the hold-outs and the model's curves, or draw these."""
    splits = load_evidence("backtest")
    curves = model_against_record(given.draws, given.seed)
    if plot is not None:
        _draw(curves, plot)
    if given.as_json:
        click.echo(json.dumps({"splits": dict(splits), "model": curves}, allow_nan=False))
        return
    out = console()
    for split in splits.values():
        _print_split(out, split)
    click.echo(_verdict(splits) + "\n")
    _print_curves(out, curves)


def _draw(curves: Tree, path: Path) -> None:
    from simulator.report.figures.record import against_record
    from simulator.report.save import FORMATS, figure_bytes
    from simulator.storage.files import write_bytes

    kind = path.suffix.lstrip(".").lower()
    if kind not in FORMATS:
        raise click.BadParameter(
            f"'{path.name}' must end in {', '.join('.' + kind for kind in FORMATS)}",
            param_hint="--plot",
        )
    write_bytes(path.resolve().parent, path.name, figure_bytes(against_record(curves), kind))


def _print_split(out: Console, split: Tree) -> None:
    out.print(
        f"{split['title']}\n"
        f"fitted to {split['train']['spells']} spells ({split['train']['failures']} failures), "
        f"tested on {split['test']['spells']} ({split['test']['failures']}), "
        f"scored to {split['scored_to_years']:g} years",
        soft_wrap=True,
    )
    ages = [f"S({age} y)" for age in split["observed"]]
    rows = [["observed", *map(_cell, split["observed"].values()), ""]]
    for name, model in split["models"].items():
        cells = (_cell(model["predicted"][age]) for age in split["observed"])
        rows.append([name, *cells, _cell(model["integrated_brier"], 3)])
    heads = ["5-95 % by bootstrap over both parts", *ages, "integrated Brier"]
    print_table(out, Table(heads, rows))
    for name, model in split["models"].items():
        if missed := ", ".join(f"{age} y" for age in _missed(model)):
            out.print(f"{name} misses at {missed}: the range of its error leaves out 0.")
    out.print()


def _missed(model: Tree) -> list[str]:
    """Ages at which the range of a model's error leaves out 0."""
    return [age for age, gap in model["gap"].items() if gap["p05"] > 0 or gap["p95"] < 0]


def _verdict(splits: Tree) -> str:
    """What all hold-outs together say."""
    failed = [
        split["title"]
        for split in splits.values()
        if all(_missed(model) for model in split["models"].values())
    ]
    verdict = (
        f"In {len(failed)} of {len(splits)} hold-outs every form misses somewhere, Kaplan-Meier "
        "included: what was left out differs from what was fitted, whatever the form."
    )
    return "\n  ".join([verdict, *failed])


def _print_curves(out: Console, curves: Tree) -> None:
    out.print(
        "The simulator (book evidence, no force, each class pinned) against the record that its "
        "classes were fitted to: a check of the model, not a prediction.",
        soft_wrap=True,
    )
    ages = next(iter(curves.values()))["years"]
    rows = []
    for found in curves.values():
        title = f"{found['title']}: record, watched to {found['watched_to_years']} y"
        rows += [
            [title, *map(_cell, found["record"])],
            ["  simulated", *map(_cell, found["model"])],
        ]
    print_table(out, Table(["class", *(f"S({age:g} y)" for age in ages)], rows))
    out.print("watched to: past this age fewer than three ceasefires were watched", soft_wrap=True)
    for found in curves.values():
        if where := ", ".join(f"{age:g} y" for age in found["outside"]):
            out.print(f"{found['title']}: simulated survival leaves the record's range at {where}.")


def _cell(e: Mapping[str, float] | None, places: int = 2) -> str:
    if e is None:
        return "-"
    return f"{e['value']:.{places}f} ({e['p05']:.{places}f}-{e['p95']:.{places}f})"


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
        _print_fits(found.summary)
    if refused is not None:
        raise refused
    if given.as_json:
        return
    if book_file is None:
        click.echo("\n# The assumption book (--book FILE writes it):\n")
        click.echo(found.book)
    else:
        click.echo(f"\nuse it: simulator run no-force --book {shlex.quote(str(book_file))}")


def _print_fits(summary: Any) -> None:
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


# column of the table -> estimate
_SAID: Final = {
    "failing share": "failing_share",
    "gone by 2 y | failing": "fails_within_2y",
    "past 20 y | durable": "passes_20y",
    "past 30 y": "passes_30y",
}


def experts_command(given: Given) -> None:
    """Print the views, the test of the claim, and the forecasts."""
    views = expert_views()
    claims = {
        name: {"title": found["title"], "form": found["form"], "claim": found["claim"]}
        for name, found in load_evidence("reference_classes").items()
    }
    crowds = list(_forecasts())
    if given.as_json:
        tree = {"views": views, "claim": claims, "forecasts": crowds}
        click.echo(json.dumps(tree, allow_nan=False))
        return
    out = console()
    click.echo(rendered("simulator.cli", "expert-views.txt", views=views, cited=cited))
    print_table(out, _claims(claims))
    asked, published = question()
    out.print(
        f'\nApart from the people quoted, crowds were asked: "{asked}" ({published}). Their book, '
        "forecasters, is pooled with no other. When the ceasefire is over, % said / % in the book:",
        soft_wrap=True,
    )
    rows = []
    for one in crowds:
        shares = (f"{100 * one['said_by_bin'][b]:.0f} / {100 * one['book'][b]:.0f}" for b in BINS)
        rows.append([one["view"], f"{one['crowd']}, {one['date']}", *shares])
    print_table(out, Table(["view", "crowd, date", *BINS], rows))
    out.print(
        "a truce agreed for 30 days that ends on its last day counts to the second bin",
        soft_wrap=True,
    )


def _forecasts() -> Iterator[dict[str, Any]]:
    """What each crowd said, and what its view in the book ``forecasters`` says."""
    views = held()
    for found in forecasts():
        yield {
            "view": found.name,
            "crowd": found.crowd,
            "date": found.date,
            "said": dict(found.said),
            "said_by_bin": dict(zip(BINS, found.bins.tolist(), strict=True)),
            "book": dict(zip(BINS, views[found.name].tolist(), strict=True)),
        }


def _claims(claims: Mapping[str, Any]) -> Table:
    rows = []
    for found in claims.values():
        said = (found["claim"][found["form"]][name] for name in _SAID.values())
        cells = (f"{one['p50']:.2f} ({one['p05']:.2f} to {one['p95']:.2f})" for one in said)
        rows.append([found["title"], *cells])
    return Table(["class", *_SAID], rows)
