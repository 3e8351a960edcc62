"""What a comparison of plans can show."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from simulator.analysis.compare import Difference
from simulator.number_format import share_of_draws, significant
from simulator.outcomes.spread import Estimate
from simulator.report import vocabulary
from simulator.report.comparisons import Comparison, Ranked
from simulator.report.exhibits.exhibit import (
    Exhibit,
    gap_of,
    of_few_trials,
    size_line,
    source_line,
    sourced,
)
from simulator.report.figures.forest import Column, Row, forest
from simulator.report.tables import (
    ESTIMATE_COLUMNS,
    Cell,
    Table,
    estimate_cells,
    number,
    rows_of,
    text,
)

HEADLINES: Final = ("p_collapse_within_2y", "p_holds_20y", "p_holds_30y")
OTHERS: Final = ("rmst_years", "troop_years", "cost_gbp")
UNITS: Final = {"%": "percentage points"}


def exhibits(found: Comparison) -> Iterator[Exhibit]:
    """Everything that can be shown of a comparison, in the order of a report."""
    plans = [found.reference, *_plans(found)]
    size = size_line(found.draws, found.trials)
    return sourced(_shown(found), source_line(plans, found.book_names, found.seed, size))


def _shown(found: Comparison) -> Iterator[Exhibit]:
    yield ranking_exhibit(found)
    for kind, names, title in (
        ("differences", HEADLINES, f"What each plan adds to {found.reference}"),
        ("other-differences", OTHERS, f"Duration and cost against {found.reference}"),
    ):
        one = _differences_exhibit(found, kind, names, title)
        if one is not None:
            yield one
    if any(d.p_better is not None for d in found.differences):
        yield better_exhibit(found)


def _plans(found: Comparison) -> list[str]:
    """All but the reference, the best first."""
    return [one.plan for one in found.order if one.plan != found.reference]


def _by_plan(found: Comparison, quantity: str) -> dict[str, Difference]:
    return {one.first: one for one in found.differences if one.quantity == quantity}


def unit_of(quantity: str) -> str:
    """Unit of a difference."""
    unit = vocabulary.quantity(quantity).unit
    return UNITS.get(unit, unit)


def _differences_exhibit(
    found: Comparison, kind: str, names: Sequence[str], title: str
) -> Exhibit | None:
    shown = [name for name in names if _by_plan(found, name)]
    if not shown:
        return None
    differences = {name: _by_plan(found, name) for name in shown}
    rows = [
        Row(plan, tuple(_estimate(differences[name].get(plan)) for name in shown))
        for plan in _plans(found)
    ]
    columns = [
        Column(
            f"{vocabulary.quantity(name).title}: difference, {unit_of(name)}",
            vocabulary.quantity(name).factor,
            None,
        )
        for name in shown
    ]
    return Exhibit(
        kind,
        title,
        f"Difference from {found.reference}, paired by draw: both plans meet the same assumptions "
        "and the same random numbers, so the difference is usually known better than either side "
        "of it; by how much, the table says (variance gain). The blue bar on a dot, often hidden "
        "by it, is two paired standard errors to both sides; the light one is the range over "
        f"assumptions.{of_few_trials(found.trials)}",
        lambda width, heading: forest(
            rows,
            columns,
            width=width,
            heading=heading,
            zero=True,
            gap=gap_of(found.trials) if found.draws > 1 else "",
        ),
        _table([d for name in shown for d in differences[name].values()], found.draws),
    )


def _estimate(one: Difference | None) -> Estimate | None:
    return None if one is None else one.estimate


def _table(differences: Sequence[Difference], draws: int) -> Table:
    rows = []
    for one in differences:
        of = vocabulary.quantity(one.quantity)
        rows.append(
            (
                text(one.first),
                text(one.second),
                text(of.title),
                text(unit_of(one.quantity)),
                *estimate_cells(one.estimate, draws, of.factor),
                share_cell(one.p_better, one.p_better_mcse, draws),
                number(one.gain, None if one.gain is None else significant(one.gain, 2)),
                text("yes" if one.significant else "no"),
            )
        )
    columns = (
        "plan",
        "less",
        "quantity",
        "unit",
        "difference",
        "paired standard error",
        "5 %",
        "95 %",
        "better in % of the draws",
        "variance gain of pairing",
        "significant",
    )
    return Table(columns, rows_of(rows))


def share_cell(share: float | None, mcse: float | None, draws: int) -> Cell:
    """A share of the draws in per cent."""
    return number(
        None if share is None else 100.0 * share, share_of_draws(share, mcse, draws, 100.0)
    )


def better_exhibit(found: Comparison) -> Exhibit:
    """In how many of the draws each plan is better than the reference."""
    shown = [name for name in HEADLINES if _by_plan(found, name)]
    differences = {name: _by_plan(found, name) for name in shown}
    rows = [
        Row(plan, tuple(_share(differences[name].get(plan)) for name in shown))
        for plan in _plans(found)
    ]
    columns = [Column(f"{vocabulary.quantity(name).title}: better, % of draws") for name in shown]
    return Exhibit(
        "better",
        f"How often each plan is better than {found.reference}",
        "Share of the sets of assumptions under which the plan does better; equal ones count half. "
        "It says how often, not by how much.",
        lambda width, heading: forest(rows, columns, width=width, heading=heading),
        _table([d for name in shown for d in differences[name].values()], found.draws),
    )


def _share(one: Difference | None) -> Estimate | None:
    if one is None or one.p_better is None:
        return None
    return Estimate(one.p_better, one.p_better_mcse, None, None)


def _share_best(one: Ranked) -> Estimate | None:
    return None if one.p_best is None else Estimate(one.p_best, one.p_best_mcse, None, None)


def ranking_exhibit(found: Comparison) -> Exhibit:
    """The plans in order."""
    of = vocabulary.quantity(found.quantity)
    limits = (0.0, 100.0) if of.unit == "%" else None
    columns = [Column(of.titled, of.factor, limits)]
    rows = [Row(one.plan, (one.estimate,)) for one in found.order]
    told = ""
    if any(one.p_best is not None for one in found.order):
        columns.append(Column("best of all, % of draws", most=0))
        rows = [Row(one.plan, (one.estimate, _share_best(one))) for one in found.order]
        told = " Right: in how many of the sets of assumptions the plan is the best of all."
    measures = (f"{of.titled}: {c}" for c in ESTIMATE_COLUMNS)
    table = [
        (
            number(place),
            text(one.plan),
            *estimate_cells(one.estimate, found.draws, of.factor),
            share_cell(one.p_best, one.p_best_mcse, found.draws),
        )
        for place, one in enumerate(found.order, start=1)
    ]
    return Exhibit(
        "ranking",
        f"The plans in order of “{of.title}”",
        "The wide bars are the range over assumptions, which the plans share: they overlap even "
        f"where one plan is always better.{told}{of_few_trials(found.trials)}",
        lambda width, heading: forest(
            rows, columns, width=width, heading=heading, gap=gap_of(found.trials)
        ),
        Table(("place", "plan", *measures, "best, % of draws"), rows_of(table)),
    )
