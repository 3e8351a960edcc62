"""``simulator backtest``: predictions tested on ceasefires that the fit never saw."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from simulator.cli.options import DEFAULT_SEED
from simulator.limits import MAX_SEED


@click.command("backtest")
@click.option("--seed", type=click.IntRange(0, MAX_SEED), default=DEFAULT_SEED, show_default=True)
@click.option("--draws", type=click.IntRange(2, 100_000), default=200, show_default=True)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@click.option(
    "--plot",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Draw the model's survival against the record's (.svg, .png or .pdf).",
)
def backtest_command(
    seed: int,
    draws: int,
    as_json: bool,
    plot: Path | None,
) -> None:
    """Hold-outs by time and by class, scored against Kaplan-Meier and a single Weibull.

    The rows of the records are not shipped: the hold-outs shown are those computed from them for
    this version. The simulator itself is set against each class of the record.
    """
    from simulator.evidence.model_curves import model_against_record
    from simulator.evidence.shipped import load_evidence

    splits = load_evidence("backtest")
    curves = model_against_record(draws, seed)
    if plot is not None:
        _draw(curves, plot)
    if as_json:
        tree = {"splits": dict(splits), "model": curves}
        click.echo(json.dumps(tree, allow_nan=False))
        return
    for split in splits.values():
        _print_split(split)
    click.echo(_verdict(splits) + "\n")
    _print_curves(curves)


def _draw(curves: Mapping[str, Any], path: Path) -> None:
    from simulator.report.figures.record import against_record
    from simulator.report.save import FORMATS, figure_bytes
    from simulator.storage.atomic import write_bytes

    kind = path.suffix.lstrip(".").lower()
    if kind not in FORMATS:
        raise click.BadParameter(
            f"'{path.name}' must end in {', '.join('.' + kind for kind in FORMATS)}",
            param_hint="--plot",
        )
    write_bytes(path.resolve().parent, path.name, figure_bytes(against_record(curves), kind))


def _print_split(split: Mapping[str, Any]) -> None:
    from simulator.cli.tables import console, print_table, table

    out = console()
    out.print(
        f"{split['title']}\n"
        f"fitted to {split['train']['spells']} spells ({split['train']['failures']} failures), "
        f"tested on {split['test']['spells']} ({split['test']['failures']}), "
        f"scored to {split['scored_to_years']:g} years",
        soft_wrap=True,
    )
    ages = list(split["observed"])
    rows = table(
        "5-95 % by bootstrap over both parts", *(f"S({age} y)" for age in ages), "integrated Brier"
    )
    rows.add_row("observed", *(_cell(v, 2) for v in split["observed"].values()), "")
    for name, model in split["models"].items():
        cells = (_cell(model["predicted"][age], 2) for age in ages)
        rows.add_row(name, *cells, _cell(model["integrated_brier"], 3))
    print_table(out, rows)
    for name, model in split["models"].items():
        if missed := _missed(model):
            ages_missed = ", ".join(f"{age} y" for age in missed)
            out.print(f"{name} misses at {ages_missed}: the range of its error leaves out 0.")
    out.print()


def _missed(model: Mapping[str, Any]) -> list[str]:
    """Ages at which the range of a model's error leaves out 0."""
    return [age for age, gap in model["gap"].items() if gap["p05"] > 0 or gap["p95"] < 0]


def _verdict(splits: Mapping[str, Any]) -> str:
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


def _print_curves(curves: Mapping[str, Any]) -> None:
    from simulator.cli.tables import console, print_table, table

    out = console()
    out.print(
        "The simulator (book evidence, no force, each class pinned) against the record that its "
        "classes were fitted to: a check of the model, not a prediction.",
        soft_wrap=True,
    )
    ages = next(iter(curves.values()))["years"]
    rows = table("class", *(f"S({age:g} y)" for age in ages))
    for found in curves.values():
        rows.add_row(
            f"{found['title']}: record, watched to {found['watched_to_years']} y",
            *(_range(p) for p in found["record"]),
        )
        rows.add_row("  simulated", *(_range(p) for p in found["model"]))
    print_table(out, rows)
    out.print("watched to: past this age fewer than three ceasefires were watched", soft_wrap=True)
    for found in curves.values():
        if found["outside"]:
            where = ", ".join(f"{age:g} y" for age in found["outside"])
            out.print(f"{found['title']}: simulated survival leaves the record's range at {where}.")


def _cell(value: Mapping[str, float], places: int) -> str:
    return f"{value['value']:.{places}f} ({value['p05']:.{places}f}-{value['p95']:.{places}f})"


def _range(point: Mapping[str, float] | None) -> str:
    return "-" if point is None else _cell(point, 2)
