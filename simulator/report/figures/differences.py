"""Plans against the reference of a comparison, draw by draw."""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Final

from simulator.estimates.compare import Difference
from simulator.estimates.estimate import Estimate
from simulator.number_format import significant
from simulator.report.exhibit import Exhibit, gap_of, kind, of_few_trials
from simulator.report.forest import Column, Row, forest
from simulator.report.prose.names import HEADLINES, difference_unit, quantity
from simulator.report.tables import Table, estimate_cells, number, share_cell, table
from simulator.results.comparison import Comparison

OTHERS: Final = ("rmst_years", "troop_years", "cost_gbp")
COLUMNS: Final = (
    *("plan", "less", "quantity", "unit", "difference", "paired standard error", "5 %", "95 %"),
    *("better in % of the draws", "variance gain of pairing", "significant"),
)
ByPlan = Mapping[str, Mapping[str, Difference]]  # quantity -> plan -> difference


@kind("differences", "what each plan adds to the reference", "compare", 2)
def differences(found: Comparison) -> Exhibit | None:
    """Headlines against the reference."""
    return _differences(found, HEADLINES, "What each plan adds to")


@kind("other-differences", "duration and cost against the reference", "compare", 3)
def other_differences(found: Comparison) -> Exhibit | None:
    """Duration and cost against the reference."""
    return _differences(found, OTHERS, "Duration and cost against")


@kind("better", "how often each plan is better", "compare", 4)
def better(found: Comparison) -> Exhibit | None:
    """In how many of the draws each plan is better than the reference."""
    if all(d.p_better is None for d in found.differences):
        return None
    shown = _by_plan(found, HEADLINES)
    rows = [
        Row(plan, tuple(_share(of.get(plan)) for of in shown.values())) for plan in _plans(found)
    ]
    columns = [Column(f"{quantity(name).title}: better, % of draws") for name in shown]
    return Exhibit(
        f"How often each plan is better than {found.reference}",
        "Share of the sets of assumptions under which the plan does better; equal ones count half. "
        "It says how often, not by how much.",
        partial(forest, rows, columns),
        _numbers(shown, found.draws),
    )


def _differences(found: Comparison, names: Sequence[str], title: str) -> Exhibit | None:
    shown = _by_plan(found, names)
    if not shown:
        return None
    rows = [
        Row(plan, tuple(of[plan].estimate if plan in of else None for of in shown.values()))
        for plan in _plans(found)
    ]
    columns = [
        Column(f"{of.title}: difference, {difference_unit(of)}", of.factor, None)
        for of in map(quantity, shown)
    ]
    gap = gap_of(found.trials) if found.draws > 1 else ""
    return Exhibit(
        f"{title} {found.reference}",
        f"Difference from {found.reference}, paired by draw: both plans meet the same assumptions "
        "and the same random numbers, so the difference is usually known better than either side "
        "of it; by how much, the table says (variance gain). The blue bar on a dot, often hidden "
        "by it, is two paired standard errors to both sides; the light one is the range over "
        f"assumptions.{of_few_trials(found.trials)}",
        partial(forest, rows, columns, zero=True, gap=gap),
        _numbers(shown, found.draws),
    )


def _plans(found: Comparison) -> list[str]:
    """All but the reference, the best first."""
    return [one.plan for one in found.ranking.places if one.plan != found.reference]


def _by_plan(found: Comparison, names: Sequence[str]) -> ByPlan:
    """Those of some quantities that the comparison has."""
    by_name = {
        name: {one.first: one for one in found.differences if one.quantity == name}
        for name in names
    }
    return {name: of for name, of in by_name.items() if of}


def _numbers(shown: ByPlan, draws: int) -> Table:
    rows = []
    for name, by_plan in shown.items():
        of = quantity(name)
        for one in by_plan.values():
            gain = None if one.gain is None else significant(one.gain, 2)
            cells = estimate_cells(one.estimate, draws, of.factor)
            better = share_cell(one.p_better, one.p_better_mcse, draws)
            sure = "yes" if one.significant else "no"
            pair = (one.first, one.second, of.title, difference_unit(of))
            rows.append((*pair, *cells, better, number(one.gain, gain), sure))
    return table(COLUMNS, rows)


def _share(one: Difference | None) -> Estimate | None:
    if one is None or one.p_better is None:
        return None
    return Estimate(one.p_better, one.p_better_mcse, None, None)
