"""``simulator decide``: which plan, what decides it, and what it would be worth to find out."""

import json
from collections.abc import Iterator

import click

from simulator.cli.options import Given
from simulator.cli.plans import chosen
from simulator.cli.results import results_folder
from simulator.cli.tables import Table, console, print_table, say
from simulator.decide.decision import Choice, decide
from simulator.decide.draws import Value
from simulator.decide.gather import groups_of
from simulator.decide.worth import read_worth
from simulator.estimates.paired import comparable
from simulator.number_format import share_of_draws, significant, value_and_error, with_error
from simulator.report.prose import decisions
from simulator.report.prose.decisions import POOLED, amount
from simulator.results.decision import Decision, decision_of

MOST_INFORMATION = 8


def decide_command(given: Given, worth: str | None, beliefs: tuple[str, ...]) -> None:
    """Decide between plans, print the answer and write it."""
    plans = chosen(given)
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
        decision = decision_of(
            found,
            plans.plan.seed,
            [job.book.name for job in jobs],
            "\n".join(decisions.answer(found)),
            digests={n: p.digest for n, p in zip(names, plans.points, strict=True)},
        )
        tree = decision.as_json()
        if kept is not None:
            plans.write(kept, "decision.json", tree, dict(zip(names, jobs, strict=True)), {})
        if given.as_json:
            click.echo(json.dumps(tree, allow_nan=False))
        else:
            print_decision(decision, given.verbose)


def print_decision(found: Decision, verbose: bool) -> None:
    """Print the answer, what it rests on, and how it was come by."""
    out = console()
    say(out, *decisions.answer(found))
    for made in _tables(found, verbose):
        print_table(out, made)
    lines = decisions.details(found)
    for book, frontier in found.frontier.items():
        if book != POOLED:
            lines.append(f"Book {book}: {decisions.frontier_sentence(frontier)}")
    of, given = (
        (f" of {found.of:,}", f", given {' '.join(found.given)}") if found.given else ("", "")
    )
    lines.append(
        f"{found.draws:,}{of} draws of the assumptions x {found.trials:,} trials{given}; book "
        f"{', '.join(found.book_names)}, seed {found.seed}; ±: one Monte Carlo standard error."
    )
    say(out, *lines, *(f"note: {note}" for note in found.notes))


def _tables(found: Decision, verbose: bool) -> Iterator[Table]:
    choice = found.choice
    if choice is None:
        if POOLED in found.frontier:
            peace, cost = found.frontier[POOLED].peace, found.frontier[POOLED].cost
            rows = [
                [plan, with_error(peace[plan].value, peace[plan].mcse), amount(cost[plan])]
                for plan in sorted(peace, key=lambda plan: -(peace[plan].value or 0.0))
            ]
            yield Table(["plan", "P(holds >= 20 years)", "cost, GBP"], rows)
        return
    yield _plans(choice, found.draws)
    shown = [one for one in choice.information if not one.nothing]
    if not verbose:
        shown = [one for one in shown if one.shows][:MOST_INFORMATION]
    heads = ["worth finding out", "value", "changes the plan in", "goes with"]
    rows = [
        [
            one.name + (" (group)" if one.kind == "group" else ""),
            amount(one.value),
            _two_digits(one.changes),
            ", ".join(one.goes_with[:3]),
        ]
        for one in shown
    ]
    if not verbose:
        yield Table(heads[:3], [row[:3] for row in rows])
        return
    yield Table(heads, rows)
    best, rows = choice.best, []
    for decides in choice.margin_decided_by:
        if parts := decides.parts:
            ends = (f"{amount(end.value)} ({end.label})" for end in (parts[0], parts[-1]))
            rows.append([decides.name, _two_digits(decides.share.value or 0.0), *ends])
    yield Table([f"what decides {best} less {choice.second}", "explains", "from", "to"], rows)
    rows = [
        [f"{view.choice} {view.option}", f"{view.draws:,}", view.best, amount(view.regret[best])]
        for view in choice.regret.views
    ]
    yield Table(["view", "draws", "best plan", f"regret of {best}"], rows)


def _plans(choice: Choice, draws: int) -> Table:
    mean, best, regret = choice.mean, choice.probability_best, choice.regret
    scale, word = decisions.scale_of(one.value or 0.0 for one in mean.values())

    def cell(one: Value | None) -> str:
        if one is None or one.value is None:
            return "–"
        shown, error = value_and_error(one.value / scale, (one.mcse or 0.0) / scale)
        return f"{shown} ± {error}" if one.mcse else shown

    rows = []
    for plan in sorted(mean, key=lambda plan: -(mean[plan].value or 0.0)):
        share = share_of_draws(best[plan].value, best[plan].mcse, draws, 100.0)
        worst = cell(regret.worst[plan].regret if plan in regret.worst else None)
        rows.append([plan, cell(mean[plan]), f"{share} %", cell(regret.loss[plan]), worst])
    plans = f"plan (in{word or ' units of worth'})"
    return Table([plans, "worth", "best in", "expected loss", "largest regret"], rows)


def _two_digits(share: float) -> str:
    return f"{significant(100.0 * share, 2)} %"
