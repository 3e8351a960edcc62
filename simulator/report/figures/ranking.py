"""The plans of a comparison in order."""

from functools import partial

from simulator.estimates.compare import Ranked
from simulator.estimates.estimate import Estimate
from simulator.number_format import with_error
from simulator.report.exhibit import Exhibit, gap_of, kind, of_few_trials
from simulator.report.forest import Column, Row, forest
from simulator.report.prose.names import quantity
from simulator.report.tables import ESTIMATE_COLUMNS, estimate_cells, share_cell, table
from simulator.results.comparison import Comparison


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
