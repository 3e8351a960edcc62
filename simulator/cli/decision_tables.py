"""Decisions as text for people."""

from collections.abc import Iterable, Iterator
from typing import Final

from rich.table import Table

from simulator.cli.tables import console, print_table, say, table
from simulator.number_format import share_of_draws, significant, value_and_error, with_error
from simulator.report.prose.decisions import (
    POOLED,
    Tree,
    amount,
    answer,
    details,
    frontier_sentence,
    scale_of,
)

MOST_INFORMATION: Final = 8


def print_decision(tree: Tree, verbose: bool) -> None:
    """Print the answer, what it rests on, and how it was come by."""
    out = console()
    for line in answer(tree):
        say(out, line)
    for made in _tables(tree, verbose):
        print_table(out, made)
    books = [name for name in tree["frontier"] if name != POOLED]
    lines = details(tree)
    lines += [f"Book {name}: {frontier_sentence(tree['frontier'][name])}" for name in books]
    left = f"{tree['draws']:,}" + (f" of {tree['of']:,}" if tree["given"] else "")
    given = f", given {' '.join(tree['given'])}" if tree["given"] else ""
    lines.append(
        f"{left} draws of the assumptions x {tree['trials']:,} trials{given}; book "
        f"{', '.join(tree['book_names'])}, seed {tree['seed']}; ±: one Monte Carlo standard error."
    )
    for line in [*lines, *(f"note: {note}" for note in tree["notes"])]:
        say(out, line)


def _table(columns: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> Table:
    made = table(*columns)
    for row in rows:
        made.add_row(*row)
    return made


def _tables(tree: Tree, verbose: bool) -> Iterator[Table]:
    choice = tree["choice"]
    if choice is None:
        if POOLED in tree["frontier"]:
            yield _levels(tree["frontier"][POOLED])
        return
    yield _plans(choice, tree["draws"])
    shown = [one for one in choice["information"] if not one["nothing"]]
    kept = [one for one in shown if one["value"]["value"] > (one["value"]["mcse"] or 0.0)]
    yield _table(
        ("worth finding out", "value", "changes the plan in", *(["goes with"] if verbose else [])),
        (
            (
                one["name"] + (" (group)" if one["kind"] == "group" else ""),
                amount(one["value"]),
                f"{significant(100.0 * one['changes'], 2)} %",
                *([", ".join(one["goes_with"][:3])] if verbose else []),
            )
            for one in (shown if verbose else kept[:MOST_INFORMATION])
        ),
    )
    if verbose:
        yield from _details(choice)


def _plans(choice: Tree, draws: int) -> Table:
    mean, best, regret = choice["mean"], choice["probability_best"], choice["regret"]
    worst = {plan: one["regret"] for plan, one in regret["worst"].items()}
    scale, word = scale_of(one["value"] for one in mean.values())

    def cell(one: Tree | None) -> str:
        if one is None:
            return "–"
        shown, error = value_and_error(one["value"] / scale, (one["mcse"] or 0.0) / scale)
        return f"{shown} ± {error}" if one["mcse"] else shown

    return _table(
        (
            f"plan (in{word or ' units of worth'})",
            "worth",
            "best in",
            "expected loss",
            "largest regret",
        ),
        (
            (
                plan,
                cell(mean[plan]),
                _per_cent(best[plan], draws),
                cell(regret["loss"][plan]),
                cell(worst.get(plan)),
            )
            for plan in sorted(mean, key=lambda plan: -mean[plan]["value"])
        ),
    )


def _levels(frontier: Tree) -> Table:
    peace, cost = frontier["peace"], frontier["cost"]
    return _table(
        ("plan", "P(holds >= 20 years)", "cost, GBP"),
        (
            (plan, with_error(peace[plan]["value"], peace[plan]["mcse"]), amount(cost[plan]))
            for plan in sorted(peace, key=lambda plan: -peace[plan]["value"])
        ),
    )


def _details(choice: Tree) -> Iterator[Table]:
    """What decides the margin, and the best plan and its margin under each view."""
    yield _table(
        (f"what decides {choice['best']} less {choice['second']}", "explains", "from", "to"),
        (
            (
                one["name"],
                f"{significant(100.0 * one['share']['value'], 2)} %",
                *(
                    f"{amount(part['value'])} ({part['label']})"
                    for part in (one["parts"][0], one["parts"][-1])
                ),
            )
            for one in choice["margin_decided_by"]
            if one["parts"]
        ),
    )
    yield _table(
        ("view", "draws", "best plan", f"regret of {choice['best']}"),
        (
            (
                f"{view['choice']} {view['option']}",
                f"{view['draws']:,}",
                view["best"],
                amount(view["regret"][choice["best"]]),
            )
            for view in choice["regret"]["views"]
        ),
    )


def _per_cent(share: Tree, draws: int) -> str:
    return f"{share_of_draws(share['value'], share['mcse'], draws, 100.0)} %"
