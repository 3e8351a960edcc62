"""``simulator compare``: plans against each other, draw by draw under the same random numbers."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import click

from simulator.analysis.memory import TooLargeError, check_memory
from simulator.analysis.run import Job
from simulator.cli import tables
from simulator.cli.options import Given, check_precision
from simulator.cli.plans import Plans, chosen, finding_of, titles_of
from simulator.cli.results import results_folder
from simulator.cli.tables import RANGE, Table, console, print_table, say
from simulator.cli.variants import variants_sweep
from simulator.decide.gather import Simulated, gather
from simulator.decide.regret import Decides, decided
from simulator.estimates.compare import Difference, Plan, comparison, errors_needed
from simulator.estimates.estimate import Estimate, rough
from simulator.estimates.outcome import TRIALS_FOR_RANGE
from simulator.estimates.paired import NotComparableError, check_comparable
from simulator.number_format import share_of_draws, significant, value_and_error
from simulator.quantities import QUANTITIES, in_table
from simulator.report.prose.no_effect import inert_sentences
from simulator.results.comparison import Comparison, comparison_of
from simulator.results.runs import DRAWS
from simulator.storage import StorageError
from simulator.sweeps.files import side_by_side
from simulator.sweeps.planning import make_plan
from simulator.templates import paragraphs


def compare_command(given: Given, quantity: str, top: int) -> None:
    """Compare plans, print what was found and write it."""
    plans = chosen(given, _to_simulate)
    names = plans.titles
    if len(plans.points) < 2:
        raise click.UsageError("at least two plans are needed for a comparison")
    try:
        with results_folder(given, "comparison") as kept:
            jobs = _jobs(given, plans)
            if plans.inputs is not None:
                horizons = [job.horizon for job in jobs]
                check_comparable(horizons, quantity)
                check_memory(plans.plan.draws, max(horizons), len(jobs))
            plans = plans.simulated(given)
            compared = [
                Plan(name, rows, point.settings)
                for name, rows, point in zip(
                    names, plans.rows_in_order(), plans.points, strict=True
                )
            ]
            found = comparison(compared, quantity, plans.reached)
            by_name = dict(zip(names, jobs, strict=True)) if jobs else {}
            wanted = jobs and (kept is not None or given.as_json or given.verbose)
            whole = comparison_of(
                found,
                [point.book for point in plans.plan.points],
                seed=plans.plan.seed,
                finding=finding_of(found, by_name),
                decided_by=_decided(compared, jobs, quantity) if wanted else {},
                titles=titles_of(by_name),
                digests={n: p.digest for n, p in zip(names, plans.points, strict=True)},
            )
            tree = whole.as_json()
            if kept is not None:
                written = {}
                if jobs:
                    from simulator.results.simulated import compared_draws

                    rows = {one.name: (by_name[one.name], one.rows) for one in compared}
                    written = {DRAWS: compared_draws(rows)}
                behind = {} if plans.inputs is None else by_name
                plans.write(kept, "comparison.json", tree, behind, written)
            if given.as_json:
                click.echo(json.dumps(tree, allow_nan=False))
            else:
                print_comparison(whole, top, given.verbose)
    except (NotComparableError, TooLargeError) as error:
        raise click.UsageError(str(error)) from error


def _to_simulate(given: Given) -> Plans:
    check_precision(given)
    names = ("draws",) if given.precision is None else ("precision", "precision_of", "max_draws")
    options: dict[str, Any] = {name: getattr(given, name) for name in ("seed", "trials", *names)}
    if given.book is not None:
        options["book"] = given.book
    if given.grids and given.variants:
        raise click.UsageError("--vs writes plans one by one, --grid all values: give one of them")
    if len(given.scenarios) < (1 if given.grids or given.variants else 2):
        raise click.UsageError(
            "two plans are needed, or one and --vs 'TITLE: LEVER=VALUE', --grid or --sweep"
        )
    if given.variants:
        sweep, titles = variants_sweep(given, options)
    else:
        sweep = side_by_side(given.scenarios, given.sets, given.grids, options)
        titles = []
    plan, inputs = make_plan(sweep)
    return Plans(plan, plan.points, inputs, named=titles)


def _jobs(given: Given, plans: Plans) -> list[Job]:
    """The jobs of the plans; none of a changed sweep that is read all the same."""
    try:
        jobs = plans.jobs()
    except StorageError as error:
        if given.checked:
            raise
        click.echo(f"note: {error}; nothing is said of why the plans differ", err=True)
        return []
    if given.variants:  # each under its title, not that of what it changes
        for number in range(len(given.scenarios), len(jobs)):
            titled = replace(jobs[number].scenario, title=plans.titles[number])
            jobs[number] = replace(jobs[number], scenario=titled)
    return jobs


def _decided(
    plans: Sequence[Plan], jobs: Sequence[Job], quantity: str
) -> Mapping[str, tuple[Decides, ...]]:
    """What decides the difference of each plan from the reference, the first."""
    named = [Simulated(plan.name, job, plan.rows) for plan, job in zip(plans, jobs, strict=True)]
    if len({job.book.name for job in jobs}) > 1 or len({one.plan for one in named}) < len(named):
        click.echo("note: what decides is only shown for different plans under one book", err=True)
        return {}
    return decided(gather(named), quantity)


MOST_PAIRS = 5
MOST_DECIDING = 10
MOST_COMPARED = 4  # plans, in all quantities; of more only the one that ranks, but for -v


def print_comparison(found: Comparison, top: int, verbose: bool) -> None:
    """Print the finding, the ranking's ``top``, differences, what decides them, and the order."""
    out = console()
    ranked, count = found.ranking, len(found.ranking.order)
    titles = {name: name for name in ranked.order} | dict(found.titles)
    books = ", ".join(found.book_names)
    size = f"{found.draws:,} draws of the assumptions x {found.trials:,} trials"
    about = f"{count:,} plans, book {books}, seed {found.seed}, {size}"
    say(out, found.finding, "", f"{about}, the same random numbers for all")
    print_table(out, _ranking_table(found, top))
    if count > top:
        say(out, f"{count - top:,} more plans: --top {count:,} prints all.")
    shown = set(ranked.order[:top])
    kept = {ranked.quantity}
    if count <= MOST_COMPARED:
        kept |= {row.name for row in in_table()}
    differences = [
        one for one in found.differences if one.first in shown and (verbose or one.quantity in kept)
    ]
    if differences:
        print_table(out, _difference_table(found, differences, titles, verbose))
    for name, parts in found.decided_by.items() if verbose else ():
        if name in shown:
            pair = f"{titles[name]} less {titles[found.reference]}"
            print_table(out, _decides_table(pair, ranked.quantity, parts))
    sentences = paragraphs(
        "simulator.cli",
        "comparison.txt",
        found=found,
        titles=titles,
        verbose=verbose,
        most_pairs=MOST_PAIRS,
        few=found.trials < TRIALS_FOR_RANGE,
        enough_trials=TRIALS_FOR_RANGE,
        errors_needed=errors_needed,
        inert=inert_sentences(found.inert, found.draws * found.trials),
        note=rough(found.draws),
    )
    say(out, *sentences)


def _decides_table(pair: str, quantity: str, parts: Sequence[Decides]) -> Table:
    """What decides how much more one plan of a pair has."""

    def scaled(value: float | None, mcse: float | None, factor: float) -> tuple[str, str]:
        e = Estimate(value, mcse, None, None).scaled(factor)
        return value_and_error(e.value, e.mcse)

    of, rows = QUANTITIES[quantity], []
    for one in parts[:MOST_DECIDING]:
        share, mcse = scaled(one.share.value, one.share.mcse, 100.0)
        ends = ["", ""]
        if one.parts:
            ends = [
                f"{scaled(p.value.value, p.value.mcse, of.terminal_factor)[0]} ({p.label})"
                for p in (one.parts[0], one.parts[-1])
            ]
        rows.append([one.name, f"{share} ± {mcse} %", *ends])
    if not parts:
        rows = [["nothing clearly: the draws are too few, or the plans too alike", "", "", ""]]
    return Table([f"what decides {of.label}: {pair}", "explains", "from", "to"], rows)


def _ranking_table(found: Comparison, top: int) -> Table:
    of, rows = QUANTITIES[found.ranking.quantity], []
    for place, (name, estimate, best, mcse) in enumerate(found.ranking.places[:top], start=1):
        plan = f"{place}. {tables.called(found.titles.get(name), name)}"
        share = share_of_draws(best, mcse, found.draws)
        rows.append([plan, *_cells(estimate, found.draws, of.terminal_factor), share])
    share = "P(least)" if of.spent else "P(best)"
    return Table([f"ranked by {of.label}", "value", "MCSE", RANGE, share], rows)


def _difference_table(
    found: Comparison, shown: Sequence[Difference], titles: Mapping[str, str], verbose: bool
) -> Table:
    heads = [f"less {titles[found.reference]}", "difference", "paired\nMCSE", RANGE, "P(better)"]
    heads += ["variance\ngain"] if verbose else []
    one_each = len({one.quantity for one in shown}) == 1
    rows: list[list[str]] = []
    last = None
    for one in shown:
        of = QUANTITIES[one.quantity]
        if one.first != last and not one_each:
            rows.append([titles[one.first], "", "", "", "", ""])
        last = one.first
        cells = ["equal", "", "", "–", "–"]
        if not one.same:
            gain = "–" if one.gain is None else significant(one.gain, 2)
            better = share_of_draws(one.p_better, one.p_better_mcse, found.draws)
            cells = [*_cells(one.estimate, found.draws, of.terminal_factor), better, gain]
        rows.append([titles[one.first] if one_each else f"  {of.label}", *cells])
    optional = () if verbose else ("P(better)",)
    return Table(heads, [row[: len(heads)] for row in rows], optional=optional)


def _cells(estimate: Estimate, draws: int, factor: float) -> tuple[str, str, str]:
    value, spread, mcse = tables.cells(estimate.scaled(factor), draws, "beyond")
    return value, mcse, spread or "–"
