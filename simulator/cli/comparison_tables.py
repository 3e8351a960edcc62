"""Comparisons as text for people."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Final

from rich.table import Table

from simulator.analysis.compare import errors_needed
from simulator.cli.tables import RANGE, called, console, print_table, say, table
from simulator.number_format import error, share_of_draws, significant, span, value_and_error
from simulator.outcomes.curves import MORE_TRIALS, TRIALS_FOR_RANGE
from simulator.outcomes.spread import rough
from simulator.quantities import QUANTITIES, in_table
from simulator.report.prose.no_effect import inert_sentences

if TYPE_CHECKING:
    from simulator.analysis.compare import Comparison, Difference, Ranking
    from simulator.decide.difference import Decides, Part
    from simulator.outcomes.spread import Estimate
    from simulator.sweeps.plan import SweepPlan

BETTER: Final = "P(better)"
MOST_PAIRS: Final = 5
MOST_DECIDING: Final = 10
MOST_COMPARED: Final = 4  # plans, in all quantities; of more only the one that ranks, but for -v


def print_comparison(
    plan: SweepPlan,
    found: Comparison,
    finding: str,
    decided: Mapping[str, Sequence[Decides]],
    titles: Mapping[str, str],
    top: int,
    verbose: bool,
) -> None:
    """Print the ranking, the differences from the reference, what decides them, and the order.

    Parameters
    ----------
    plan : SweepPlan
    found : Comparison
    finding : str
        What it says, printed first.
    decided : mapping of plan to sequence of Decides
    titles : mapping of plan to str
        What each is called.
    top : int
        So many plans are printed, the best ones.
    verbose : bool
    """
    out = console()
    books = ", ".join(dict.fromkeys(point.book for point in plan.points))
    count = len(found.ranking.order)
    say(out, finding)
    say(out, "")
    say(
        out,
        f"{count:,} plans, book {books}, seed {plan.seed}, {found.draws:,} draws of the "
        f"assumptions x {found.trials:,} trials, the same random numbers for all",
    )
    print_table(out, _ranking_table(found.ranking, found.draws, titles, top))
    if count > top:
        say(out, f"{count - top:,} more plans: --top {count:,} prints all.")
    shown = set(found.ranking.order[:top])
    differences = [one for one in found.differences if one.first in shown]
    if not verbose:
        usual = [row.name for row in in_table()]
        kept = {found.ranking.quantity, *(usual if count <= MOST_COMPARED else ())}
        differences = [one for one in differences if one.quantity in kept]
    if differences:
        rows = _difference_table(found, differences, titles, verbose)
        print_table(out, rows, optional=() if verbose else (BETTER,))
    for name, parts in decided.items():
        if name in shown:
            print_table(out, _decides_table(name, found, parts, titles))
    for line in _sentences(found, titles, verbose):
        say(out, line)


def label(quantity: str) -> tuple[str, float]:
    """What a quantity is called in tables, and the factor on its numbers."""
    row = QUANTITIES[quantity]
    return row.label, row.terminal_factor


def _decides_table(
    plan: str, found: Comparison, parts: Sequence[Decides], titles: Mapping[str, str]
) -> Table:
    """What decides how much more one plan has than the reference."""
    title, factor = label(found.ranking.quantity)
    pair = f"{titles.get(plan, plan)} less {titles.get(found.reference, found.reference)}"
    made = table(f"what decides {title}: {pair}", "explains", "from", "to")
    for one in parts[:MOST_DECIDING]:
        share, mcse = value_and_error(
            *(None if v is None else 100 * v for v in (one.share.value, one.share.mcse))
        )
        ends = (one.parts[0], one.parts[-1]) if one.parts else ()
        made.add_row(one.name, f"{share} ± {mcse} %", *(_end(part, factor) for part in ends))
    if not parts:
        made.add_row("nothing clearly: the draws are too few, or the plans too alike", "", "", "")
    return made


def _end(part: Part, factor: float) -> str:
    value, _ = value_and_error(
        *(None if v is None else factor * v for v in (part.value.value, part.value.mcse))
    )
    return f"{value} ({part.label})"


def _ranking_table(ranked: Ranking, draws: int, titles: Mapping[str, str], top: int) -> Table:
    title, factor = label(ranked.quantity)
    share = "P(least)" if QUANTITIES[ranked.quantity].spent else "P(best)"
    made = table(f"ranked by {title}", "value", "MCSE", RANGE, share)
    for place, (name, estimate, best, mcse) in enumerate(ranked.places[:top], start=1):
        made.add_row(
            f"{place}. {called(titles.get(name), name)}",
            *_cells(estimate, draws, factor),
            share_of_draws(best, mcse, draws),
        )
    return made


def _difference_table(
    found: Comparison, shown: Sequence[Difference], titles: Mapping[str, str], verbose: bool
) -> Table:
    more = ["variance\ngain"] if verbose else []
    reference = titles.get(found.reference, found.reference)
    made = table(f"less {reference}", "difference", "paired\nMCSE", RANGE, BETTER, *more)
    one_each = len({one.quantity for one in shown}) == 1
    last = None
    for one in shown:
        name, (title, factor) = titles.get(one.first, one.first), label(one.quantity)
        if one.first != last and not one_each:
            made.add_row(name, *[""] * (4 + len(more)))
        last = one.first
        title = name if one_each else f"  {title}"
        if one.same:
            made.add_row(title, "equal", "", "", "–", *["–"][: len(more)])
            continue
        gain = "–" if one.gain is None else significant(one.gain, 2)
        better = share_of_draws(one.p_better, one.p_better_mcse, found.draws)
        cells = (*_cells(one.estimate, found.draws, factor), better, gain)
        made.add_row(title, *cells[: 4 + len(more)])
    return made


def _sentences(found: Comparison, titles: Mapping[str, str], verbose: bool) -> list[str]:
    ranked = found.ranking
    title = label(ranked.quantity)[0]
    few = found.trials < TRIALS_FOR_RANGE
    last = ""  # of plans that are all equal: they have no order
    if not all(step.same for step in ranked.steps):
        share = f"draws of fewer than {TRIALS_FOR_RANGE} trials" if few else "one draw"
        count = f"{share} cannot tell how many"
        if ranked.p_order is not None:
            shown = share_of_draws(ranked.p_order, ranked.p_order_mcse, found.draws, 100.0)
            count = f"{shown} %"
        last = f" Assumptions: {count} of the draws put all plans in exactly this order."
    why = "–: the plans are equal, or it is what a plan spends, where less is not better"
    why += f", or the draws have too few trials (--trials {TRIALS_FOR_RANGE})" if few else ""
    return [
        *_on_precision(found),
        f"How stable the order by {title} is. Computing: {_stability(found, titles)}{last}",
        *inert_sentences(found.inert, found.draws * found.trials),
        "P(better): share of the draws in which the plan is better than the reference, equal ones "
        f"counted half. {why}."
        + (
            " Variance gain: how many times larger the variance of the difference would be between "
            "independent runs, to a factor of about two."
            if verbose
            else ""
        ),
        *([f"note: {note}"] if (note := rough(found.draws)) else []),
    ]


def _stability(found: Comparison, titles: Mapping[str, str]) -> str:
    """Which steps of the order more draws could turn round."""
    ranked = found.ranking
    unresolved = ranked.unresolved
    same = [step for step in ranked.steps if step.same]
    parts = [f"equal in every draw: {_pairs(same, titles)}."] if same else []
    if unresolved:
        parts.append(f"not significant with so many draws: {_pairs(unresolved, titles)}.")
    elif len(same) < len(ranked.steps):
        which = "Every other step" if same else "every step"
        needed = errors_needed(found.draws)
        parts.append(
            f"{which} of this order is significant, larger than {needed:.1f} of its errors."
        )
    return " ".join(parts)


def _pairs(steps: Sequence[Difference], titles: Mapping[str, str]) -> str:
    pairs = [[titles.get(name, name) for name in (step.first, step.second)] for step in steps]
    shown = "; ".join(" / ".join(pair) for pair in pairs[:MOST_PAIRS])
    more = len(steps) - MOST_PAIRS
    return shown + (f" and {more:,} more" if more > 0 else "")


def _on_precision(found: Comparison) -> list[str]:
    asked = found.precision
    if asked is None:
        return []
    title, factor = label(asked.estimate)
    shown = "is not known" if asked.error is None else f"is at most {error(asked.error * factor)}"
    what = f"the error of every difference in {title} {shown}"
    if asked.met:
        return [f"{found.draws:,} draws were enough: {what}."]
    return [
        f"note: {asked.target * factor:g} was not reached in {found.draws:,} draws: {what}; a "
        "larger --max-draws may reach it"
    ]


def _cells(estimate: Estimate, draws: int, factor: float) -> tuple[str, str, str]:
    value, mcse, low, high = (
        None if number is None else number * factor
        for number in (estimate.value, estimate.mcse, estimate.p05, estimate.p95)
    )
    spread = f"({MORE_TRIALS})" if MORE_TRIALS in estimate.note else span(low, high, draws)
    return *value_and_error(value, mcse), spread or "–"
