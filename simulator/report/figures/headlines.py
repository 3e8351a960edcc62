"""The headline numbers of several plans, side by side."""

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from typing import Final

from simulator.estimates.estimate import Estimate
from simulator.number_format import percent
from simulator.quantities import CLAIM, in_table
from simulator.report.exhibit import Exhibit, kind
from simulator.report.forest import Column, Row, forest
from simulator.report.prose.names import HEADLINES, quantity
from simulator.report.tables import ESTIMATE_COLUMNS, estimate_cells, table
from simulator.results.runs import Run

FEW: Final = 3  # plans, each with its own range; more would draw almost the same range again


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
