"""``simulator backtest``: predictions tested on ceasefires that the fit never saw."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click
from rich.console import Console

from simulator.cli.options import Given
from simulator.cli.tables import Table, console, print_table
from simulator.evidence.model_curves import model_against_record
from simulator.evidence.writing import load_evidence

Tree = Mapping[str, Any]


def command(given: Given, plot: Path | None) -> None:
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
