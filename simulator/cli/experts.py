"""``simulator experts``: who says what, what the record says of it, and what crowds foretold."""

import json
from collections.abc import Mapping
from typing import Any, Final

import click

from simulator.scenario import cited

CLAIM: Final = (
    'Michael Clarke: a force that fails "could collapse into renewed conflict within two years"; a '
    'successful one "could last 20 or 30 years" (Daily Sabah, 20 February 2025). What the record '
    "says, median and 5-95 % of the fit's resamples:"
)


@click.command("experts")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def experts_command(as_json: bool) -> None:
    """Each person's view and quotation, the record's test of one claim, and crowds' forecasts."""
    from simulator.evidence.shipped import load_evidence
    from simulator.evidence.views import expert_views

    views = expert_views()
    claims = {
        name: {"title": found["title"], "form": found["form"], "claim": found["claim"]}
        for name, found in load_evidence("reference_classes").items()
    }
    if as_json:
        tree = {"views": views, "claim": claims, "forecasts": _forecasts()}
        click.echo(json.dumps(tree, allow_nan=False))
        return
    _print_views(views)
    _print_claim(claims)
    _print_forecasts()


def _forecasts() -> list[dict[str, Any]]:
    """What each crowd said, and what its view in the book ``forecasters`` says."""
    from simulator.evidence.views import BINS, forecasts, held

    views = held()
    return [
        {
            "view": found.name,
            "crowd": found.crowd,
            "date": found.date,
            "said": dict(found.said),
            "said_by_bin": dict(zip(BINS, found.bins.tolist(), strict=True)),
            "book": dict(zip(BINS, views[found.name].tolist(), strict=True)),
        }
        for found in forecasts()
    ]


def _print_views(views: list[dict[str, Any]]) -> None:
    for view in views:
        click.echo(f"{view['name']} (weight {view['weight']:.2f}): {view['description']}")
        if view["quotation"]:
            click.echo(f'    "{view["quotation"]}" ({cited(view["file"])})')
        if view["note"]:
            click.echo(f"    {view['note']}")
        for name, range_ in view["implies"].items():
            low, middle, high = range_.values()
            click.echo(f"    {name}: {middle:.3g} ({low:.3g} to {high:.3g})")
        for choice, weights in view["choices"].items():
            listed = ", ".join(f"{option} {weight:g}" for option, weight in weights.items())
            click.echo(f"    {choice}: {listed}")
        click.echo()


def _print_claim(claims: Mapping[str, Any]) -> None:
    from simulator.cli.tables import console, print_table, table

    out = console()
    out.print(CLAIM, soft_wrap=True)
    rows = table(
        "class", "failing share", "gone by 2 y | failing", "past 20 y | durable", "past 30 y"
    )
    for found in claims.values():
        claim = found["claim"][found["form"]]
        rows.add_row(
            found["title"],
            *(
                _cell(claim[column])
                for column in ("failing_share", "fails_within_2y", "passes_20y", "passes_30y")
            ),
        )
    print_table(out, rows)


def _cell(value: Mapping[str, float]) -> str:
    return f"{value['p50']:.2f} ({value['p05']:.2f} to {value['p95']:.2f})"


def _print_forecasts() -> None:
    from simulator.cli.tables import console, print_table, table
    from simulator.evidence.views import BINS, question

    asked, published = question()
    out = console()
    out.print(
        f'\nApart from the people quoted, crowds were asked: "{asked}" ({published}). Their book, '
        "forecasters, is pooled with no other. When the ceasefire is over, % said / % in the book:",
        soft_wrap=True,
    )
    rows = table("view", "crowd, date", *BINS)
    for found in _forecasts():
        cells = (
            f"{100 * found['said_by_bin'][b]:.0f} / {100 * found['book'][b]:.0f}" for b in BINS
        )
        rows.add_row(found["view"], f"{found['crowd']}, {found['date']}", *cells)
    print_table(out, rows)
    out.print(
        "a truce agreed for 30 days that ends on its last day counts to the second bin",
        soft_wrap=True,
    )
