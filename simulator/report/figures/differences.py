"""Plans against a reference, and levels of a lever against its first, draw by draw."""

from collections.abc import Collection, Mapping, Sequence
from functools import partial
from typing import Final

from simulator.estimates.compare import Difference
from simulator.estimates.estimate import Estimate
from simulator.number_format import significant
from simulator.report.exhibit import Exhibit, gap_of, kind, of_few_trials
from simulator.report.figures.influence import named
from simulator.report.forest import Column, Row, forest
from simulator.report.prose.names import HEADLINES, difference_unit, quantity
from simulator.report.sweep_view import View
from simulator.report.tables import (
    ESTIMATE_COLUMNS,
    Table,
    estimate_cells,
    number,
    share_cell,
    table,
)
from simulator.results.comparison import Comparison
from simulator.results.sweep import Lever, shown

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


@kind("lever-differences", "what each level of a lever adds to its first, by draw", "sweep", 2)
def lever_differences(view: View) -> Exhibit | None:
    """What each level of a lever adds to its first; None where the design supports none."""
    of, sweep = view.of, view.sweep
    found = {lever: some for lever in sweep.levers if (some := view.differences(lever))}
    if not found:
        return None
    ordered = sorted(found, key=lambda lever: -max(abs(e.value or 0.0) for _, e in found[lever]))
    all_of = [(lever, shown(lever.labels[0]), *one) for lever in ordered for one in found[lever]]
    rows = [Row(level, (e,), f"{one.name}, against {first}") for one, first, level, e in all_of]
    column = Column(f"{of.title}: difference, {view.difference_unit}", of.factor, None, most=3)
    numbers = [
        (lever.name, level, first, *estimate_cells(e, sweep.draws, of.factor))
        for lever, first, level, e in all_of
    ]
    measures = (f"{of.title}, difference, {view.difference_unit}: {c}" for c in ESTIMATE_COLUMNS)
    return Exhibit(
        "What each level adds to the first",
        f"Difference in the mean of “{of.title}” from that at the lever's first level, over the "
        "same combinations of the other levers, paired by draw: all points meet the same "
        "assumptions and the same random numbers. The blue bar on a dot, often hidden by it, is "
        "two paired standard errors to both sides; the light one is the range over assumptions."
        f"{of_few_trials(sweep.plan.trials)}{_unpaired(view, found)}",
        partial(forest, rows, [column], zero=True, gap=gap_of(sweep.plan.trials)),
        table(("lever", "level", "against", *measures), numbers),
    )


def _unpaired(view: View, found: Collection[Lever]) -> str:
    """Which levers have no difference with an error, and why; those ``found`` have."""
    levers = view.sweep.levers
    apart = [lever.name for lever in levers if not view.is_matched(lever)]
    lacking = [one.name for one in levers if one.name not in apart and one not in found]
    said = ""
    if apart:
        said += (
            f" Not here: {named(apart, view)}. Levels that are slices, or that never ran "
            "with the same settings of the other levers, differ by those too."
        )
    if lacking:
        said += (
            f" Not here: {named(lacking, view)}. The sweep's folder lacks rows of this "
            "estimate by draw, over one horizon."
        )
    return said
