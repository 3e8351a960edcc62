"""``simulator decide``: which plan, what decides it, and what it would be worth to find out."""

import json
from collections.abc import Iterator
from typing import Any, Final

import click

from simulator.cli.options import Given
from simulator.cli.plans import from_sweep, named
from simulator.cli.results import results_folder
from simulator.cli.tables import Table, console, print_table, say
from simulator.decide.decision import decide
from simulator.decide.gather import groups_of
from simulator.decide.worth import read_worth
from simulator.estimates.paired import comparable
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


def decide_command(given: Given, worth: str | None, beliefs: tuple[str, ...]) -> None:
    """Decide between plans, print the answer and write it."""
    if given.folder is not None:
        plans = from_sweep(given.folder, given, given.scenarios)
    elif given.points is not None:
        raise click.UsageError("--points needs --sweep")
    else:
        plans = named(given)
    names, jobs = plans.names, plans.jobs()
    if len(set(names)) < 2:
        raise click.UsageError("at least two plans are needed for a decision")
    if worth is not None:  # before the plans are simulated
        read_worth(worth, comparable([job.horizon for job in jobs]))
    with results_folder(given, "decision") as kept:
        plans = plans.simulated(given)
        draws = plans.draws(jobs)
        groups = groups_of([*draws.names, *draws.options])
        found = decide(draws, worth, groups=groups, beliefs=beliefs)
        tree: dict[str, Any] = found.as_json()
        tree |= {"plan_names": tree.pop("plans"), "seed": plans.plan.seed}
        tree["finding"] = "\n".join(answer(tree))
        tree["book_names"] = list(dict.fromkeys(job.book.name for job in jobs))
        tree["digests"] = {n: p.digest for n, p in zip(names, plans.points, strict=True)}
        if kept is not None:
            plans.write(kept, "decision.json", tree, dict(zip(names, jobs, strict=True)), {})
        if given.as_json:
            click.echo(json.dumps(tree, allow_nan=False))
        else:
            print_decision(tree, given.verbose)


MOST_INFORMATION: Final = 8


def print_decision(tree: Tree, verbose: bool) -> None:
    """Print the answer, what it rests on, and how it was come by."""
    out = console()
    say(out, *answer(tree))
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
    say(out, *lines, *(f"note: {note}" for note in tree["notes"]))


def _tables(tree: Tree, verbose: bool) -> Iterator[Table]:
    choice = tree["choice"]
    if choice is None:
        if POOLED in tree["frontier"]:
            peace, cost = tree["frontier"][POOLED]["peace"], tree["frontier"][POOLED]["cost"]
            rows = [
                [plan, with_error(peace[plan]["value"], peace[plan]["mcse"]), amount(cost[plan])]
                for plan in sorted(peace, key=lambda plan: -peace[plan]["value"])
            ]
            yield Table(["plan", "P(holds >= 20 years)", "cost, GBP"], rows)
        return
    yield _plans(choice, tree["draws"])
    shown = [one for one in choice["information"] if not one["nothing"]]
    if not verbose:
        clear = (one for one in shown if one["value"]["value"] > (one["value"]["mcse"] or 0.0))
        shown = list(clear)[:MOST_INFORMATION]
    rows = [
        [
            one["name"] + (" (group)" if one["kind"] == "group" else ""),
            amount(one["value"]),
            _two_digits(one["changes"]),
            *([", ".join(one["goes_with"][:3])] if verbose else []),
        ]
        for one in shown
    ]
    more = ["goes with"] if verbose else []
    yield Table(["worth finding out", "value", "changes the plan in", *more], rows)
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

    rows = []
    for plan in sorted(mean, key=lambda plan: -mean[plan]["value"]):
        share = share_of_draws(best[plan]["value"], best[plan]["mcse"], draws, 100.0)
        costs = cell(regret["loss"][plan]), cell(worst.get(plan))
        rows.append([plan, cell(mean[plan]), f"{share} %", *costs])
    plans = f"plan (in{word or ' units of worth'})"
    return Table([plans, "worth", "best in", "expected loss", "largest regret"], rows)


def _details(choice: Tree) -> Iterator[Table]:
    """What decides the margin, and the best plan and its margin under each view."""
    best = choice["best"]
    rows = []
    for one in choice["margin_decided_by"]:
        if parts := one["parts"]:
            ends = (f"{amount(end['value'])} ({end['label']})" for end in (parts[0], parts[-1]))
            rows.append([one["name"], _two_digits(one["share"]["value"]), *ends])
    yield Table([f"what decides {best} less {choice['second']}", "explains", "from", "to"], rows)
    rows = [
        [
            f"{view['choice']} {view['option']}",
            f"{view['draws']:,}",
            view["best"],
            amount(view["regret"][best]),
        ]
        for view in choice["regret"]["views"]
    ]
    yield Table(["view", "draws", "best plan", f"regret of {best}"], rows)


def _two_digits(share: float) -> str:
    return f"{significant(100.0 * share, 2)} %"
