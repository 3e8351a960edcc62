"""The files of a run: what ``--out`` writes and every reader reads."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from simulator.addresses import REPLICATES
from simulator.analysis.background import background, together
from simulator.analysis.run import READ_DRAWS, Job, Result
from simulator.analysis.summary import curve_columns, summary
from simulator.books.draws import Draws, draw_assumptions
from simulator.estimates.paired import Rows
from simulator.estimates.tally import COLUMNS, column
from simulator.quantities import COMPARED
from simulator.storage import json_bytes, table_bytes
from simulator.storage.provenance import provenance

SUMMARY: Final = "summary.json"
CURVES: Final = "curves.parquet"
DRAWS: Final = "draws.parquet"
BACKGROUND: Final = "background.json"
PLAN: Final = "scenario:"  # before the name of a plan, among the digests of a run
OPTION: Final = "structure."  # before the name of a choice, among the columns of draws

Columns = dict[str, np.ndarray[Any, Any]]


@dataclass(frozen=True, eq=False)
class Part:
    """What the files say of one plan; its tally can be dropped."""

    job: Job
    summary: Mapping[str, Any]
    curves: Columns
    draws: Columns
    background: Mapping[str, Any]


def part_of(result: Result) -> Part:
    """Return what the files say of a result."""
    return Part(
        result.job,
        summary(result),
        curve_columns(result),
        draw_columns(result),
        background([result]),
    )


def draw_columns(result: Result) -> Columns:
    """One row a draw: what was assumed, the options taken, and what came of it.

    Returns
    -------
    dict of str to array, shape (draws,)
        ``draw``, ``replicate``; every assumption by name; ``structure.CHOICE``, the option taken;
        every outcome, a mean over the trials of the draw (`simulator.estimates.tally.COLUMNS`), NaN
        where the horizon does not reach. Of the first `READ_DRAWS` draws. Outcomes are float32, as
        comparisons take them.
    """
    tally, count = result.tally, result.draws.numbers.size
    outcomes = {name: column(tally, name)[:count].astype(np.float32) for name in COLUMNS}
    return {**_assumed(result.draws), **outcomes}


def compared_draws(plans: Mapping[str, tuple[Job, Rows]]) -> bytes:
    """Return the draws of compared plans: as `draw_columns`, with the outcomes compared."""
    tables = []
    for job, rows in plans.values():
        count = min(rows.draws.size, READ_DRAWS)
        assumed = draw_assumptions(job.book, job.scenario, job.seed, 0, count)
        outcomes = {name: rows.values[:count, i] for i, name in enumerate(COMPARED)}
        tables.append({**_assumed(assumed), **outcomes})
    return table_bytes(_stacked(list(plans), tables))


def _assumed(draws: Draws) -> Columns:
    taken = {f"{OPTION}{name}": np.array(of, object) for name, of in draws.labels.items()}
    replicates = draws.numbers % REPLICATES
    return {"draw": draws.numbers, "replicate": replicates, **dict(draws.values), **taken}


def rows_of_plan(table: Columns, plan: str, horizon: float, trials: int) -> Rows:
    """Read what comparisons need of a plan out of the table of draws of its run."""
    mine = (table["scenario"] == plan).nonzero()[0]
    values = np.stack([table[name][mine].astype(np.float32) for name in COMPARED], axis=1)
    return Rows(table["draw"][mine].astype(np.int64), horizon, trials, values)


def run_files(parts: Sequence[Part], command: Sequence[str]) -> tuple[dict[str, bytes], Any]:
    """Return the files of a run by name, and what its provenance says."""
    jobs = [part.job for part in parts]
    names = [job.scenario.name for job in jobs]
    digests = {}
    for job in jobs:
        name = job.scenario.name
        digests[f"{PLAN}{name}"] = job.scenario.digest
        digests[f"book:{job.book.name}"] = job.book.digest
        digests[f"run:{name}"] = job.digest
    files = {
        CURVES: table_bytes(_stacked(names, [part.curves for part in parts])),
        DRAWS: table_bytes(_stacked(names, [part.draws for part in parts])),
        SUMMARY: json_bytes([part.summary for part in parts]),
        BACKGROUND: json_bytes(together([part.background for part in parts])),
    }
    about = provenance(
        command,
        jobs[0].seed,
        digests,
        draws=jobs[0].draws,
        trials=jobs[0].trials,
        resolved={job.scenario.name: job.scenario.machine_form() for job in jobs},
    )
    return files, about


def _stacked(plans: Sequence[str], tables: Sequence[Columns]) -> Columns:
    """Put tables of several plans one below the other; what a plan lacks is missing."""
    sizes = [next(iter(table.values())).size for table in tables]
    names = dict.fromkeys(name for table in tables for name in table)
    named = [np.full(n, name, object) for n, name in zip(sizes, plans, strict=True)]

    def column_of(name: str) -> np.ndarray[Any, Any]:
        texts = any(table[name].dtype == object for table in tables if name in table)
        absent = [np.full(n, None if texts else np.nan, object if texts else float) for n in sizes]
        return np.concatenate(
            [table.get(name, none) for table, none in zip(tables, absent, strict=True)]
        )

    return {"scenario": np.concatenate(named), **{name: column_of(name) for name in names}}
