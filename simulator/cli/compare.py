"""``simulator compare``: plans against each other, draw by draw under the same random numbers."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

import click

from simulator.analysis.memory import TooLargeError, check_memory
from simulator.analysis.run import Job
from simulator.cli.options import Given, check_precision
from simulator.cli.plans import Plans, finding_of, from_sweep, titles_of
from simulator.cli.results import results_folder
from simulator.cli.tables import RANGE, Table, called, console, print_table, say
from simulator.cli.variants import variants_sweep
from simulator.estimates.compare import (
    Comparison,
    Difference,
    Plan,
    Ranking,
    comparison,
    errors_needed,
)
from simulator.estimates.estimate import Estimate, rough
from simulator.estimates.outcome import MORE_TRIALS, TRIALS_FOR_RANGE
from simulator.estimates.paired import NotComparableError, check_comparable
from simulator.number_format import share_of_draws, significant, span, value_and_error
from simulator.quantities import QUANTITIES, in_table
from simulator.report.prose.no_effect import inert_sentences
from simulator.results.comparison import comparison_of
from simulator.results.runs import DRAWS
from simulator.storage import StorageError
from simulator.sweeps.files import side_by_side
from simulator.sweeps.plan import SweepPlan, described
from simulator.sweeps.planning import make_plan
from simulator.templates import paragraphs

if TYPE_CHECKING:
    from simulator.decide.regret import Decides


def compare_command(given: Given, quantity: str, top: int) -> None:
    """Compare plans, print what was found and write it."""
    if given.folder is not None:
        plans = from_sweep(given.folder, given, given.scenarios)
        names = [described(point) for point in plans.points]
    else:
        plans, names = _to_simulate(given)
    if len(plans.points) < 2:
        raise click.UsageError("at least two plans are needed for a comparison")
    try:
        _compare(given, plans, names, quantity, top)
    except (NotComparableError, TooLargeError) as error:
        raise click.UsageError(str(error)) from error


def _to_simulate(given: Given) -> tuple[Plans, list[str]]:
    """Plans to simulate, and what each is called."""
    if given.points is not None:
        raise click.UsageError("--points needs --sweep")
    check_precision(given)
    options: dict[str, Any] = {"seed": given.seed, "trials": given.trials}
    if given.book is not None:
        options["book"] = given.book
    names = ("draws",) if given.precision is None else ("precision", "precision_of", "max_draws")
    options |= {name: getattr(given, name) for name in names}
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
    plans = Plans(plan, plan.points, inputs)
    return plans, titles or plans.names


def _compare(given: Given, plans: Plans, names: list[str], quantity: str, top: int) -> None:
    with results_folder(given, "comparison") as kept:
        jobs = _jobs(given, plans, names)
        if plans.inputs is not None:
            horizons = [job.horizon for job in jobs]
            check_comparable(horizons, quantity)
            check_memory(plans.plan.draws, max(horizons), len(jobs))
        plans = plans.simulated(given)
        compared = [
            Plan(name, rows, point.settings)
            for name, rows, point in zip(names, plans.rows_in_order(), plans.points, strict=True)
        ]
        found = comparison(compared, quantity, plans.reached)
        by_name = dict(zip(names, jobs, strict=True)) if jobs else {}
        deciding: dict[str, tuple[Decides, ...]] = {}
        if jobs and (kept is not None or given.as_json or given.verbose):
            deciding = _decided(compared, jobs, quantity)
        finding, titles = finding_of(found, by_name), titles_of(by_name)
        tree = comparison_of(
            found,
            [point.book for point in plans.plan.points],
            seed=plans.plan.seed,
            finding=finding,
            decided_by=deciding,
            titles=titles,
            digests={n: p.digest for n, p in zip(names, plans.points, strict=True)},
        ).as_json()
        if kept is not None:
            tables = {}
            if jobs:
                from simulator.results.simulated import compared_draws

                rows = {one.name: (by_name[one.name], one.rows) for one in compared}
                tables = {DRAWS: compared_draws(rows)}
            behind = {} if plans.inputs is None else by_name
            plans.write(kept, "comparison.json", tree, behind, tables)
        if given.as_json:
            click.echo(json.dumps(tree, allow_nan=False))
        else:
            print_comparison(
                plans.plan, found, finding, deciding if given.verbose else {}, titles, top,
                given.verbose,
            )  # fmt: skip


def _jobs(given: Given, plans: Plans, names: Sequence[str]) -> list[Job]:
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
            titled = replace(jobs[number].scenario, title=names[number])
            jobs[number] = replace(jobs[number], scenario=titled)
    return jobs


def _decided(
    plans: Sequence[Plan], jobs: Sequence[Job], quantity: str
) -> dict[str, tuple["Decides", ...]]:
    """What decides the difference of each plan from the reference, the first."""
    from simulator.decide.gather import Simulated, gather
    from simulator.decide.regret import decided

    named = [Simulated(plan.name, job, plan.rows) for plan, job in zip(plans, jobs, strict=True)]
    if len({job.book.name for job in jobs}) > 1 or len({one.plan for one in named}) < len(named):
        click.echo("note: what decides is only shown for different plans under one book", err=True)
        return {}
    return decided(gather(named), quantity)


if TYPE_CHECKING:
    from simulator.decide.regret import Decides, Part

BETTER: Final = "P(better)"
MOST_PAIRS: Final = 5
MOST_DECIDING: Final = 10
MOST_COMPARED: Final = 4  # plans, in all quantities; of more only the one that ranks, but for -v


def print_comparison(
    plan: SweepPlan,
    found: Comparison,
    finding: str,
    decided: Mapping[str, Sequence["Decides"]],
    titles: Mapping[str, str],
    top: int,
    verbose: bool,
) -> None:
    """Print the finding, the ranking, the differences, what decides them, and the order.

    ``titles`` say what plans are called; the ``top`` best are printed.
    """
    out = console()
    ranked, count = found.ranking, len(found.ranking.order)
    called_by = {name: name for name in ranked.order} | dict(titles)
    books = ", ".join(dict.fromkeys(point.book for point in plan.points))
    size = f"{found.draws:,} draws of the assumptions x {found.trials:,} trials"
    say(
        out,
        finding,
        "",
        f"{count:,} plans, book {books}, seed {plan.seed}, {size}, the same random numbers for all",
    )
    print_table(out, _ranking_table(ranked, found.draws, titles, top))
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
        print_table(out, _difference_table(found, differences, called_by, verbose))
    for name, parts in decided.items():
        if name in shown:
            pair = f"{called_by[name]} less {called_by[found.reference]}"
            print_table(out, _decides_table(pair, ranked.quantity, parts))
    sentences = paragraphs(
        "simulator.cli",
        "comparison.txt",
        found=found,
        titles=called_by,
        verbose=verbose,
        most_pairs=MOST_PAIRS,
        few=found.trials < TRIALS_FOR_RANGE,
        enough_trials=TRIALS_FOR_RANGE,
        errors_needed=errors_needed,
        inert=inert_sentences(found.inert, found.draws * found.trials),
        note=rough(found.draws),
    )
    say(out, *sentences)


def label(quantity: str) -> tuple[str, float]:
    """What a quantity is called in tables, and the factor on its numbers."""
    row = QUANTITIES[quantity]
    return row.label, row.terminal_factor


def _decides_table(pair: str, quantity: str, parts: Sequence["Decides"]) -> Table:
    """What decides how much more one plan of a pair has."""
    title, factor = label(quantity)
    rows = []
    for one in parts[:MOST_DECIDING]:
        share, mcse = value_and_error(*_scaled(100, one.share.value, one.share.mcse))
        ends = [_end(part, factor) for part in (one.parts[0], one.parts[-1])] if one.parts else []
        rows.append([one.name, f"{share} ± {mcse} %", *(ends or ["", ""])])
    if not parts:
        rows = [["nothing clearly: the draws are too few, or the plans too alike", "", "", ""]]
    return Table([f"what decides {title}: {pair}", "explains", "from", "to"], rows)


def _end(part: "Part", factor: float) -> str:
    value, _ = value_and_error(*_scaled(factor, part.value.value, part.value.mcse))
    return f"{value} ({part.label})"


def _scaled(factor: float, *numbers: float | None) -> list[float | None]:
    return [None if number is None else factor * number for number in numbers]


def _ranking_table(ranked: Ranking, draws: int, titles: Mapping[str, str], top: int) -> Table:
    title, factor = label(ranked.quantity)
    rows = []
    for place, (name, estimate, best, mcse) in enumerate(ranked.places[:top], start=1):
        plan = f"{place}. {called(titles.get(name), name)}"
        share = share_of_draws(best, mcse, draws)
        rows.append([plan, *_cells(estimate, draws, factor), share])
    share = "P(least)" if QUANTITIES[ranked.quantity].spent else "P(best)"
    return Table([f"ranked by {title}", "value", "MCSE", RANGE, share], rows)


def _difference_table(
    found: Comparison, shown: Sequence[Difference], titles: Mapping[str, str], verbose: bool
) -> Table:
    heads = [f"less {titles[found.reference]}", "difference", "paired\nMCSE", RANGE, BETTER]
    heads += ["variance\ngain"] if verbose else []
    one_each = len({one.quantity for one in shown}) == 1
    rows: list[list[str]] = []
    last = None
    for one in shown:
        title, factor = label(one.quantity)
        if one.first != last and not one_each:
            rows.append([titles[one.first], "", "", "", "", ""])
        last = one.first
        cells = ["equal", "", "", "–", "–"]
        if not one.same:
            gain = "–" if one.gain is None else significant(one.gain, 2)
            better = share_of_draws(one.p_better, one.p_better_mcse, found.draws)
            cells = [*_cells(one.estimate, found.draws, factor), better, gain]
        rows.append([titles[one.first] if one_each else f"  {title}", *cells])
    optional = () if verbose else (BETTER,)
    return Table(heads, [row[: len(heads)] for row in rows], optional=optional)


def _cells(estimate: Estimate, draws: int, factor: float) -> tuple[str, str, str]:
    e = estimate.scaled(factor)
    spread = f"({MORE_TRIALS})" if MORE_TRIALS in e.note else span(e.p05, e.p95, draws)
    return *value_and_error(e.value, e.mcse), spread or "–"
