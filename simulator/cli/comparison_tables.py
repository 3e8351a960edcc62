"""Comparisons as text for people."""

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Final

from simulator.cli.tables import RANGE, Table, called, console, print_table, say
from simulator.estimates.compare import Comparison, Difference, Ranking, errors_needed
from simulator.estimates.curves import MORE_TRIALS, TRIALS_FOR_RANGE
from simulator.estimates.estimate import Estimate, rough
from simulator.number_format import error, share_of_draws, significant, span, value_and_error
from simulator.quantities import QUANTITIES, in_table
from simulator.report.prose.no_effect import inert_sentences
from simulator.sweeps.plan import SweepPlan

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
    say(out, *_sentences(found, called_by, verbose))


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


def _sentences(found: Comparison, titles: Mapping[str, str], verbose: bool) -> Iterator[str]:
    ranked = found.ranking
    few = found.trials < TRIALS_FOR_RANGE
    yield from _on_precision(found)
    last = ""  # of plans that are all equal: they have no order
    if not all(step.same for step in ranked.steps):
        share = f"draws of fewer than {TRIALS_FOR_RANGE} trials" if few else "one draw"
        count = f"{share} cannot show how many"
        if ranked.p_order is not None:
            shown = share_of_draws(ranked.p_order, ranked.p_order_mcse, found.draws, 100.0)
            count = f"{shown} %"
        last = f" Assumptions: {count} of the draws put all plans in exactly this order."
    title = label(ranked.quantity)[0]
    yield f"How stable the order by {title} is. Computing: {_stability(found, titles)}{last}"
    yield from inert_sentences(found.inert, found.draws * found.trials)
    why = "–: the plans are equal, or it is what a plan spends, where less is not better"
    why += f", or the draws have too few trials (--trials {TRIALS_FOR_RANGE})" if few else ""
    gain = (
        " Variance gain: how many times larger the variance of the difference would be between "
        "independent runs, to a factor of about two."
    )
    yield (
        "P(better): share of the draws in which the plan is better than the reference, equal ones "
        f"counted half. {why}.{gain if verbose else ''}"
    )
    if note := rough(found.draws):
        yield f"note: {note}"


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
    pairs = [f"{titles[step.first]} / {titles[step.second]}" for step in steps]
    shown = "; ".join(pairs[:MOST_PAIRS])
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
    e = estimate.scaled(factor)
    spread = f"({MORE_TRIALS})" if MORE_TRIALS in e.note else span(e.p05, e.p95, draws)
    return *value_and_error(e.value, e.mcse), spread or "–"
