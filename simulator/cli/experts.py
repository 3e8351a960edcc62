"""``simulator experts``: who says what, what the record says of it, and what crowds foretold."""

import json
from collections.abc import Iterator, Mapping
from typing import Any, Final

import click

from simulator.cli.options import Given
from simulator.cli.tables import Table, console, print_table
from simulator.cli.text import rendered
from simulator.evidence.views import BINS, expert_views, forecasts, held, question
from simulator.evidence.writing import load_evidence
from simulator.scenario import cited

# column of the table -> estimate
_SAID: Final = {
    "failing share": "failing_share",
    "gone by 2 y | failing": "fails_within_2y",
    "past 20 y | durable": "passes_20y",
    "past 30 y": "passes_30y",
}


def command(given: Given) -> None:
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
    click.echo(rendered("expert-views.txt", views=views, cited=cited))
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
