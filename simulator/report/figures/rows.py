"""Estimates in rows: plans, options, points, and what is worth finding out."""

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from typing import Final

import numpy as np

from simulator.books.draws import NOT_ASKED
from simulator.decide.decision import Decision
from simulator.estimates.compare import Ranked
from simulator.estimates.estimate import Estimate
from simulator.estimates.influence import Option
from simulator.number_format import error, percent, significant, with_error
from simulator.quantities import CLAIM, in_table
from simulator.report.exhibit import Exhibit, gap_of, kind, of_few_trials
from simulator.report.figures.heat import COMMON_NUMBERS
from simulator.report.forest import Column, Row, forest
from simulator.report.prose.decisions import amount, listed_most, scale_of, worth_knowing
from simulator.report.prose.names import HEADLINES, choice_titled, quantity, words
from simulator.report.sweep_view import View
from simulator.report.tables import (
    ESTIMATE_COLUMNS,
    NOTHING,
    Cell,
    estimate_cells,
    number,
    share_cell,
    table,
)
from simulator.results.comparison import Comparison
from simulator.results.runs import Run
from simulator.results.sweep import described

FEW: Final = 3  # plans, each with its own range; more would draw almost the same range again
GAP: Final = "no bar: too few draws took it"
MOST_ROWS: Final = 40
MOST_SHOWN: Final = 10
COLUMNS: Final = (
    "name",
    "kind",
    "value",
    "standard error",
    "changes the plan, % of draws",
    "goes with",
)


@kind("headlines", "several plans side by side", "runs", 1)
def headlines(runs: Sequence[Run]) -> Exhibit:
    """The headline numbers of each plan, and the range over assumptions."""
    found = [tuple(run.estimates[name] for name in HEADLINES) for run in runs]
    rows = [Row(run.name, estimates) for run, estimates in zip(runs, found, strict=True)]
    said = (
        "The wide bars are the range over assumptions, which all plans share: they overlap even "
        "where one plan is better than another under every assumption."
    )
    if len(runs) > FEW:
        middle = sorted(runs, key=lambda run: run.estimates["rmst_years"].value or 0.0)
        typical = middle[len(middle) // 2]
        rows = [
            Row(run.name, tuple(map(_without_range, estimates)))
            for run, estimates in zip(runs, found, strict=True)
        ]
        ranges = tuple(typical.estimates[name] for name in HEADLINES)
        rows.append(Row(f"range ({typical.name})", ranges))
        said = (
            "The range over assumptions is drawn once, for the plan in the middle "
            f"({typical.name}): the plans share their assumptions, which move all of them "
            "together. The table has that of each."
        )
    numbers = [
        (run.name, of.titled, *estimate_cells(run.estimates.get(of.name), run.draws, of.factor))
        for run in runs
        for of in in_table()
    ]
    return Exhibit(
        _title(runs),
        f"Each plan's probability of early collapse and of holding for long. {said} To compare "
        "plans, compare them in pairs: simulator compare.",
        partial(forest, rows, [Column(quantity(name).titled) for name in HEADLINES]),
        table(("plan", "estimate", *ESTIMATE_COLUMNS), numbers),
    )


def _title(runs: Sequence[Run]) -> str:
    late = CLAIM[1]
    known = sorted(
        (e.value, run.name, percent(e.value, e.mcse))
        for run in runs
        if (e := run.estimates[late]).value is not None
    )
    if len(known) < len(runs):
        return "The plans side by side"
    (_, lowest, low), (_, highest, high) = known[0], known[-1]
    return f"From {low} % ({lowest}) to {high} % ({highest}) {quantity(late).title}"


def _without_range(e: Estimate) -> Estimate:
    return replace(e, p05=None, p95=None, p05_mcse=None, p95_mcse=None)


@kind("ranking", "plans in order", "compare", 1)
def ranking(found: Comparison) -> Exhibit:
    """The plans in order."""
    of, draws = quantity(found.ranking.quantity), found.draws
    columns = [Column(of.titled, of.factor, (0.0, 100.0) if of.unit == "%" else None)]
    rows = [Row(one.plan, (one.estimate,)) for one in found.ranking.places]
    shares = ""
    if any(one.p_best is not None for one in found.ranking.places):
        columns.append(Column("best of all, % of draws", most=0))
        rows = [Row(one.plan, (one.estimate, _share_best(one))) for one in found.ranking.places]
        shares = " Right: in how many of the sets of assumptions the plan is the best of all."
    numbers = [
        (
            *(place, one.plan, *estimate_cells(one.estimate, draws, of.factor)),
            share_cell(one.p_best, one.p_best_mcse, draws),
        )
        for place, one in enumerate(found.ranking.places, start=1)
    ]
    title, first = f"The plans in order of “{of.title}”", found.ranking.places[0]
    if found.ranking.steps and found.ranking.steps[0].significant:
        e = first.estimate.scaled(of.factor)
        level = f"{with_error(e.value, e.mcse, 1)} {of.unit}"
        title = f"{first.plan} comes first in “{of.title}”: {level}"
    measures = (f"{of.titled}: {c}" for c in ESTIMATE_COLUMNS)
    return Exhibit(
        title,
        "The wide bars are the range over assumptions, which the plans share: they overlap even "
        f"where one plan is always better.{shares}{of_few_trials(found.trials)}",
        partial(forest, rows, columns, gap=gap_of(found.trials)),
        table(("place", "plan", *measures, "best, % of draws"), numbers),
    )


def _share_best(one: Ranked) -> Estimate | None:
    return None if one.p_best is None else Estimate(one.p_best, one.p_best_mcse, None, None)


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
    measures = (f"%: {c}" for c in ESTIMATE_COLUMNS)
    return Exhibit(
        "Under each book and each structural choice",
        "The draws that took one option, apart from the others: where options disagree, the mean "
        "over all of them hides it. Options that few draws took are known less well.",
        partial(forest, rows, [Column(quantity(name).titled) for name in names], gap=GAP),
        table(("choice", "option", "draws", "estimate", *measures), numbers),
    )


def _by_holding(option: Option) -> float:
    found = option.estimates.get("p_holds_20y")
    return -(found.value or 0.0) if found else 0.0


@kind("points", f"all points in order, if they are at most {MOST_ROWS}", "sweep", 6)
def points(view: View) -> Exhibit | None:
    """Every point in order."""
    found = view.sweep.points
    if view.is_sample or len(found) > MOST_ROWS:
        return None
    names = [n for n in HEADLINES if any(p.estimates[n].value is not None for p in found)]
    names = names or [view.name]
    ordered = [found[i] for i in np.argsort(-view.values, kind="stable")]
    rows = [Row(described(p), tuple(p.estimates[n] for n in names)) for p in ordered]
    return Exhibit(
        "All points in order",
        f"The points by “{view.of.title}”, the highest first. {COMMON_NUMBERS}",
        partial(forest, rows, [Column(quantity(n).titled) for n in names]),
        view.table(names),
    )


@kind("information", "what is worth finding out", "decide", 3)
def information(found: Decision) -> Exhibit | None:
    """What each assumption, choice and group is worth to find out."""
    choice = found.choice
    if choice is None or not worth_knowing(choice):
        return None
    clear = worth_knowing(choice)
    groups = [o for o in choice.information if o.kind == "group" and not o.nothing]
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
        value, mcse = one.value.value, one.value.mcse
        cells = number(value, with_error(value, mcse)), Cell(error(mcse), mcse)
        changes = 100.0 * one.changes
        others = ", ".join(one.goes_with) or NOTHING
        words = one.name, one.kind
        numbers.append((*words, *cells, number(changes, significant(changes, 2)), others))
    unit = f"worth of finding out,{word}" if word else "worth of finding out"
    return Exhibit(
        f"Worth finding out: {listed_most([one.name for one in clear])}",
        "The most a planner should pay to learn it before choosing; bars are two standard errors "
        "to both sides. Learning one thing also informs about what goes with it, so values do not "
        f"add up. Knowing everything is worth {amount(choice.evpi)}.",
        partial(forest, rows, [Column(unit, 1.0 / scale, None)]),
        table(COLUMNS, numbers),
    )
