"""Estimates and differences in rows: plans, options, points, levels, what is worth finding out."""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Final

import numpy as np

from simulator.books.draws import NOT_ASKED
from simulator.decide.decision import Decision
from simulator.estimates.compare import Difference
from simulator.estimates.estimate import Estimate
from simulator.estimates.influence import Option
from simulator.number_format import error, significant, with_error
from simulator.quantities import CLAIM, in_table
from simulator.report.exhibit import Exhibit, exhibit, gap_of, kind
from simulator.report.forest import Column, Row, forest
from simulator.report.prose.decisions import amount, listed_most, scale_of, worth_knowing
from simulator.report.prose.names import HEADLINES, choice_titled, difference_unit, quantity, words
from simulator.report.sweep_view import View
from simulator.report.tables import (
    ESTIMATE_COLUMNS,
    NOTHING,
    Cell,
    Table,
    estimate_cells,
    measured,
    number,
    share_cell,
    table,
)
from simulator.results.comparison import Comparison
from simulator.results.runs import Run
from simulator.results.sweep import described, shown

FEW: Final = 3  # plans, each with its own range; more would draw almost the same range again
MOST_ROWS: Final = 40
MOST_SHOWN: Final = 10
OTHERS: Final = ("rmst_years", "troop_years", "cost_gbp")
DIFFERENCES: Final = (
    *("plan", "less", "quantity", "unit", "difference", "paired standard error", "5 %", "95 %"),
    *("better in % of the draws", "variance gain of pairing", "significant"),
)
ByPlan = Mapping[str, Mapping[str, Difference]]  # quantity -> plan -> difference


@kind("headlines", "several plans side by side", "runs", 1)
def _headlines(runs: Sequence[Run]) -> Exhibit:
    middle = sorted(runs, key=lambda run: run.estimates["rmst_years"].value or 0.0)
    typical = middle[len(middle) // 2] if len(runs) > FEW else None
    rows = []
    for run in runs:
        found = tuple(run.estimates[name] for name in HEADLINES)
        rows.append(Row(run.name, tuple(e.without_range() for e in found) if typical else found))
    if typical:
        ranges = tuple(typical.estimates[name] for name in HEADLINES)
        rows.append(Row(f"range ({typical.name})", ranges))
    numbers = [
        (run.name, of.titled, *estimate_cells(run.estimates.get(of.name), run.draws, of.factor))
        for run in runs
        for of in in_table()
    ]
    late = [(e.value, run, e) for run in runs if (e := run.estimates[CLAIM[1]]).value is not None]
    late.sort(key=lambda one: (one[0], one[1].name))
    return exhibit(
        "headlines",
        partial(forest, rows, [Column(quantity(name).titled) for name in HEADLINES]),
        table(("plan", "estimate", *ESTIMATE_COLUMNS), numbers),
        typical=typical,
        ends=(late[0][1:], late[-1][1:]) if len(late) == len(runs) else None,
        late=quantity(CLAIM[1]),
    )


@kind("ranking", "plans in order", "compare", 1)
def _ranking(found: Comparison) -> Exhibit:
    of, draws, places = quantity(found.ranking.quantity), found.draws, found.ranking.places
    columns = [Column(of.titled, of.factor, (0.0, 100.0) if of.unit == "%" else None)]
    shares = any(one.p_best is not None for one in places)
    if shares:
        columns.append(Column("best of all, % of draws", most=0))
    rows = []
    for one in places:
        best = None if one.p_best is None else Estimate(one.p_best, one.p_best_mcse, None, None)
        rows.append(Row(one.plan, (one.estimate, best)[: len(columns)]))
    numbers = [
        (
            *(place, one.plan, *estimate_cells(one.estimate, draws, of.factor)),
            share_cell(one.p_best, one.p_best_mcse, draws),
        )
        for place, one in enumerate(places, start=1)
    ]
    return exhibit(
        "ranking",
        partial(forest, rows, columns, gap=gap_of(found.trials)),
        table(("place", "plan", *measured(of.titled), "best, % of draws"), numbers),
        found=found,
        of=of,
        first=places[0].estimate.scaled(of.factor),
        shares=shares,
    )


@kind("options", "under each book and structural choice", "run", 6)
def options(run: Run) -> Exhibit | None:
    """Books and structural choices apart."""
    if run.horizon < 2.0 or not any(run.by_option.values()):
        return None
    names = [name for name in HEADLINES if run.estimates[name].value is not None]
    found = [
        (choice, words(name), option)
        for choice, options in run.by_option.items()
        for name, option in sorted(options.items(), key=lambda item: _by_holding(item[1]))
        if name != NOT_ASKED
    ]
    rows = [
        Row(label, tuple(option.estimates.get(name) for name in names), choice_titled(choice))
        for choice, label, option in found
    ]
    numbers = [
        (
            *(choice, label, option.draws, quantity(name).title),
            *estimate_cells(option.estimates.get(name), option.draws, 100.0),
        )
        for choice, label, option in found
        for name in names
    ]
    columns, gap = (
        [Column(quantity(name).titled) for name in names],
        "no bar: too few draws took it",
    )
    return exhibit(
        "options",
        partial(forest, rows, columns, gap=gap),
        table(("choice", "option", "draws", "estimate", *measured("%")), numbers),
    )


def _by_holding(option: Option) -> float:
    found = option.estimates.get("p_holds_20y")
    return -(found.value or 0.0) if found else 0.0


@kind("points", f"all points in order, if they are at most {MOST_ROWS}", "sweep", 6)
def _points(view: View) -> Exhibit | None:
    found = view.sweep.points
    if view.is_sample or len(found) > MOST_ROWS:
        return None
    names = [n for n in HEADLINES if any(p.estimates[n].value is not None for p in found)]
    names = names or [view.name]
    ordered = [found[i] for i in np.argsort(-view.values, kind="stable")]
    rows = [Row(described(p), tuple(p.estimates[n] for n in names)) for p in ordered]
    draw = partial(forest, rows, [Column(quantity(n).titled) for n in names])
    return exhibit("points", draw, view.table(names), view=view)


@kind("information", "what is worth finding out", "decide", 3)
def _information(found: Decision) -> Exhibit | None:
    choice = found.choice
    if choice is None or not (clear := worth_knowing(choice)):
        return None
    groups = [one for one in choice.information if one.kind == "group" and not one.nothing]
    drawn = clear[:MOST_SHOWN] + groups
    scale, word = scale_of(one.value.value or 0.0 for one in drawn)
    rows = [
        Row(
            one.name,
            (Estimate(one.value.value, one.value.mcse, None, None),),
            "groups of assumptions" if one.kind == "group" else "one by one",
        )
        for one in drawn
    ]
    numbers = []
    for one in choice.information:
        value, mcse, changes = one.value.value, one.value.mcse, 100.0 * one.changes
        cells = number(value, with_error(value, mcse)), Cell(error(mcse), mcse)
        share, others = number(changes, significant(changes, 2)), ", ".join(one.goes_with)
        numbers.append((one.name, one.kind, *cells, share, others or NOTHING))
    columns = (
        *("name", "kind", "value", "standard error"),
        *("changes the plan, % of draws", "goes with"),
    )
    unit = f"worth of finding out,{word}" if word else "worth of finding out"
    return exhibit(
        "information",
        partial(forest, rows, [Column(unit, 1.0 / scale, None)]),
        table(columns, numbers),
        named=listed_most([one.name for one in clear]),
        everything=amount(choice.evpi),
    )


@kind("differences", "what each plan adds to the reference", "compare", 2)
def _of_headlines(found: Comparison) -> Exhibit | None:
    return _against(found, HEADLINES, "What each plan adds to")


@kind("other-differences", "duration and cost against the reference", "compare", 3)
def _of_others(found: Comparison) -> Exhibit | None:
    return _against(found, OTHERS, "Duration and cost against")


@kind("better", "how often each plan is better", "compare", 4)
def _better(found: Comparison) -> Exhibit | None:
    if all(d.p_better is None for d in found.differences):
        return None

    def share(one: Difference | None) -> Estimate | None:
        if one is None or one.p_better is None:
            return None
        return Estimate(one.p_better, one.p_better_mcse, None, None)

    shown = _by_plan(found, HEADLINES)
    rows = [
        Row(plan, tuple(share(of.get(plan)) for of in shown.values())) for plan in _others(found)
    ]
    columns = [Column(f"{quantity(name).title}: better, % of draws") for name in shown]
    draw = partial(forest, rows, columns)
    return exhibit("better", draw, _numbers(shown, found.draws), found=found)


def _against(found: Comparison, names: Sequence[str], title: str) -> Exhibit | None:
    shown = _by_plan(found, names)
    if not shown:
        return None
    rows = [
        Row(plan, tuple(of[plan].estimate if plan in of else None for of in shown.values()))
        for plan in _others(found)
    ]
    columns = [
        Column(f"{of.title}: difference, {difference_unit(of)}", of.factor, None)
        for of in map(quantity, shown)
    ]
    gap = gap_of(found.trials) if found.draws > 1 else ""
    draw = partial(forest, rows, columns, zero=True, gap=gap)
    return exhibit("differences", draw, _numbers(shown, found.draws), found=found, title=title)


def _others(found: Comparison) -> list[str]:
    return [plan for plan in found.ranking.order if plan != found.reference]


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
    return table(DIFFERENCES, rows)


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
    numbers = [
        (lever.name, level, first, *estimate_cells(e, sweep.draws, of.factor))
        for lever, first, level, e in all_of
    ]
    title, unit, gap = of.title, view.difference_unit, gap_of(sweep.plan.trials)
    columns = [Column(f"{title}: difference, {unit}", of.factor, None, most=3)]
    lacking = [one for one in sweep.levers if one not in found]
    return exhibit(
        "lever_differences",
        partial(forest, rows, columns, zero=True, gap=gap),
        table(("lever", "level", "against", *measured(f"{title}, difference, {unit}")), numbers),
        view=view,
        apart=[one.name for one in lacking if not view.is_matched(one)],
        lacking=[one.name for one in lacking if view.is_matched(one)],
    )
