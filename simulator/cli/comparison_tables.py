"""Comparisons as text for people and as JSON for programs."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any, Final

from rich.table import Table

from simulator.analysis.paired import SPENT
from simulator.cli.tables import console, print_table, table
from simulator.report.digits import share_of_draws, significant, span, value_and_error
from simulator.report.inert_words import inert_sentences

if TYPE_CHECKING:
    from simulator.analysis.compare import Comparison, Difference, Ranking
    from simulator.outcomes.spread import Estimate
    from simulator.sweeps.plan import Plan

# quantity -> (name in tables, factor on the number)
NAMES: Final[dict[str, tuple[str, float]]] = {
    "p_collapse_within_2y": ("P(collapse within 2 years)", 1.0),
    "p_holds_20y": ("P(holds >= 20 years)", 1.0),
    "p_holds_30y": ("P(holds >= 30 years)", 1.0),
    "rmst_years": ("mean life, years (RMST)", 1.0),
    "troop_years": ("troop-years", 1.0),
    "cost_gbp": ("cost of the soldiers alone, GBP billion", 1e-9),
}
MOST_RANKED: Final = 20
MOST_COMPARED: Final = 8  # plans, in all quantities; of more only the one that ranks
WIDE: Final = 130


def print_comparison(plan: Plan, found: Comparison) -> None:
    """Print the ranking, the differences from the reference and how stable the order is."""
    out = console(WIDE)
    books = ", ".join(dict.fromkeys(point.book for point in plan.points))
    count = len(found.ranking.order)
    out.print(
        f"{count:,} plans, book {books}, seed {plan.seed}, {plan.draws:,} draws of the assumptions "
        f"x {plan.paths:,} paths, the same random numbers for all",
        soft_wrap=True,
    )
    print_table(out, _ranking_table(found.ranking, plan.draws))
    print_table(out, _difference_table(found, plan.draws))
    for line in _sentences(found, plan.draws, plan.paths):
        out.print(line, soft_wrap=True)


def comparison_json(plan: Plan, found: Comparison) -> dict[str, Any]:
    """Return a comparison as plain data for JSON."""
    ranked = found.ranking
    return {
        "seed": plan.seed,
        "draws": plan.draws,
        "paths": plan.paths,
        "book_names": list(dict.fromkeys(point.book for point in plan.points)),
        "reference": found.reference,
        "estimates": {
            name: {quantity: _estimate_json(e) for quantity, e in of.items()}
            for name, of in found.estimates.items()
        },
        "differences": [_difference_json(one) for one in found.differences],
        "ranking": {
            "quantity": ranked.quantity,
            "order": [
                {"plan": name, **_estimate_json(estimate), "p_best": best, "p_best_mcse": error}
                for name, estimate, best, error in _ranked(ranked)
            ],
            "steps": [_difference_json(step) for step in ranked.steps],
            "p_order": ranked.p_order,
            "p_order_mcse": ranked.p_order_mcse,
            "unresolved": [[step.first, step.second] for step in ranked.unresolved],
        },
        "inert": [asdict(one) for one in found.inert],
    }


def _difference_json(one: Difference) -> dict[str, Any]:
    return {
        "first": one.first,
        "second": one.second,
        "quantity": one.quantity,
        **_estimate_json(one.estimate),
        "p_better": one.p_better,
        "p_better_mcse": one.p_better_mcse,
        "variance_gain": one.gain,
        "told_apart": one.told_apart,
        "same": one.same,
    }


def _estimate_json(estimate: Estimate) -> dict[str, Any]:
    fields = asdict(estimate)
    kept = {key: fields[key] for key in ("value", "mcse", "p05", "p95")}
    return kept | ({"note": estimate.note} if estimate.note else {})


def _ranking_table(ranked: Ranking, draws: int) -> Table:
    title, factor = NAMES[ranked.quantity]
    share = "P(least)" if ranked.quantity in SPENT else "P(best)"
    made = table(f"ranked by {title}", "value", "MCSE", "5-95 % over assumptions", share)
    rows = _ranked(ranked)
    for place, (name, estimate, best, error) in enumerate(rows[:MOST_RANKED], start=1):
        made.add_row(
            f"{place}. {name}", *_cells(estimate, draws, factor), share_of_draws(best, error, draws)
        )
    if len(rows) > MOST_RANKED:
        made.add_row(f"... and {len(rows) - MOST_RANKED:,} more", "", "", "", "")
    return made


def _difference_table(found: Comparison, draws: int) -> Table:
    made = table(
        f"less {found.reference}",
        "difference",
        "paired MCSE",
        "5-95 % over assumptions",
        "P(better)",
        "variance gain",
    )
    shown = found.differences
    if len(found.ranking.order) > MOST_COMPARED:
        shown = tuple(one for one in shown if one.quantity == found.ranking.quantity)[:MOST_RANKED]
    last = None
    for one in shown:
        title, factor = NAMES[one.quantity]
        if one.first != last:
            made.add_row(one.first, "", "", "", "", "")
            last = one.first
        if one.same:
            made.add_row(f"  {title}", "equal", "", "", "–", "–")
            continue
        gain = "–" if one.gain is None else significant(one.gain, 2)
        cells = _cells(one.estimate, draws, factor)
        made.add_row(
            f"  {title}", *cells, share_of_draws(one.p_better, one.p_better_mcse, draws), gain
        )
    return made


def _sentences(found: Comparison, draws: int, paths: int) -> list[str]:
    ranked = found.ranking
    title, _ = NAMES[ranked.quantity]
    unresolved = ranked.unresolved
    same = [step for step in ranked.steps if step.same]
    first = ""
    if unresolved:
        pairs = "; ".join(f"{step.first} / {step.second}" for step in unresolved[:5])
        more = f" and {len(unresolved) - 5:,} more" if len(unresolved) > 5 else ""
        first = f"Too close to tell apart with so many paths: {pairs}{more}."
    elif len(same) < len(ranked.steps):
        which = "Every other step" if same else "Every step"
        first = f"{which} of this order is larger than 3.2 of its own Monte Carlo errors."
    if same:
        pairs = "; ".join(f"{step.first} / {step.second}" for step in same[:5])
        equal = f"Equal in every draw: {pairs}" + (" and more." if len(same) > 5 else ".")
        first = f"{equal} {first}".rstrip()
    count = "path noise hides how many" if draws > 1 else "one draw does not tell how many"
    if ranked.p_order is not None:
        count = f"{share_of_draws(ranked.p_order, ranked.p_order_mcse, draws, 100.0)} %"
    last = ""  # of plans that are all equal: they have no order
    if len(same) < len(ranked.steps):
        last = f" Assumptions: {count} of the draws of the assumptions put all plans in exactly "
        last += "this order."
    estimates = (*ranked.estimates, *(one.estimate for one in found.differences))
    rough = "~: a rough range, of few draws or with much path noise taken out on average."
    return [
        f"How stable the order by {title} is. Computing: {first[0].lower()}{first[1:]}{last}",
        *inert_sentences(found.inert, draws * paths),
        "P(better): share of the draws in which the plan is better than the reference, equal ones "
        "counted half; '–' where path noise hides how the draws differ (more --paths show it), "
        "where the plans are equal, and for what a plan spends, since less is not better. Variance "
        "gain: how many times more independent draws and paths would be needed to know the "
        "difference as well.",
        *([rough] if any("rough" in estimate.note for estimate in estimates) else []),
    ]


def _cells(estimate: Estimate, draws: int, factor: float) -> tuple[str, str, str]:
    value, mcse, low, high = (
        None if number is None else number * factor
        for number in (estimate.value, estimate.mcse, estimate.p05, estimate.p95)
    )
    shown, error = value_and_error(value, mcse)
    rough = "~ " if "rough" in estimate.note else ""
    return shown, error, f"{rough}{span(low, high, draws)}" or "–"


def _ranked(ranked: Ranking) -> list[tuple[str, Estimate, float | None, float | None]]:
    columns = ranked.order, ranked.estimates, ranked.p_best, ranked.p_best_mcse
    return list(zip(*columns, strict=True))
