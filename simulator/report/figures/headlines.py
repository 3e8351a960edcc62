"""The headline numbers of several plans, side by side."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from simulator.quantities import in_table
from simulator.report.exhibit import Exhibit, kind
from simulator.report.forest import Column, Row, forest
from simulator.report.prose.names import HEADLINES, quantity
from simulator.report.results import Run
from simulator.report.tables import ESTIMATE_COLUMNS, estimate_cells, table


@kind("headlines", "several plans side by side", "runs", 1)
def headlines(runs: Sequence[Run]) -> Exhibit:
    """The headline numbers of each plan."""
    rows = [Row(run.name, tuple(run.estimates[name] for name in HEADLINES)) for run in runs]
    numbers = [
        (run.name, of.titled, *estimate_cells(run.estimates.get(of.name), run.draws, of.factor))
        for run in runs
        for of in in_table()
    ]
    return Exhibit(
        "The plans side by side",
        "Each plan's probability of early collapse and of holding for long. The wide bars are the "
        "range over assumptions, which all plans share: they overlap even where one plan is better "
        "than another under every assumption. To compare plans, compare them in pairs: simulator "
        "compare.",
        partial(forest, rows, [Column(quantity(name).titled) for name in HEADLINES]),
        table(("plan", "estimate", *ESTIMATE_COLUMNS), numbers),
    )
