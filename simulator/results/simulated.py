"""From finished simulations to the results that are kept."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from simulator.addresses import REPLICATES
from simulator.analysis import findings
from simulator.analysis.run import READ_DRAWS, Job, Result
from simulator.books.draws import Draws, draw_assumptions
from simulator.books.load import notes_on_weights
from simulator.estimates.estimate import ESTIMATE_FIELDS, rough
from simulator.estimates.force import deployment, notes_on_force, waterfall
from simulator.estimates.influence import by_option, influences, quantity, survival_by_option
from simulator.estimates.outcome import Band
from simulator.estimates.paired import Rows
from simulator.estimates.tally import COLUMNS, column
from simulator.model.compiled import FloatArray
from simulator.quantities import COMPARED
from simulator.results.runs import (
    OPTION,
    Background,
    Columns,
    CurvesByOption,
    Ranked,
    Run,
    Runs,
    stacked,
)
from simulator.storage import table_bytes
from simulator.storage.results import provenance

MOST_INFLUENCES = 20
_DIGITS = 4  # significant, of quantiles over draws and of curves by option


def run_of(result: Result, behind: bool = True) -> Run:
    """What was found of a plan; with what stands ``behind`` it, which takes longer."""
    job, found = result.job, result.outcome
    curves, steps = found.curves, waterfall(result.model)
    return Run(
        name=job.scenario.name,
        title=job.scenario.title,
        book=job.book.name,
        seed=job.seed,
        draws=job.draws,
        trials=job.trials,
        replicates=min(REPLICATES, job.draws),
        digest=job.digest,
        finding=findings.of_run(found.estimates, found.causes, steps, job.draws, job.horizon),
        estimates=found.estimates,
        waterfall=steps,
        causes=found.causes,
        by_option=by_option(result.tally, result.draws.labels),
        precision=result.precision,
        notes=(
            *job.scenario.notes,
            *notes_on_weights(job.book, job.scenario.structure),
            *notes_on_force(result.model),
            *_notes_on_size(result),
        ),
        years=curves.years,
        survival=curves.survival,
        incidence=curves.incidence,
        year_ends=np.minimum(np.arange(1.0, curves.deployed.value.size + 1.0), job.horizon),
        deployed=curves.deployed,
        plan=job.scenario.machine_form(),
        background=_background(result) if behind else None,
    )


def _notes_on_size(result: Result) -> Iterator[str]:
    """Say what so few draws leave open."""
    job, asked = result.job, result.precision
    if found := rough(job.draws):
        yield found
    if asked is not None and not asked.met:
        error = "is not known" if asked.error is None else f"is at most {asked.error:.2g}"
        yield (
            f"the precision of {asked.target:g} was not reached in {job.draws:,} draws: the error "
            f"of {asked.estimate} {error}; a larger --max-draws may reach it"
        )


def _background(result: Result) -> Background:
    draws, there = result.draws, deployment(result.model, result.job.trials)
    quantiles = np.quantile(list(draws.values.values()), [0.05, 0.5, 0.95], axis=1).T
    tenths = {
        name: np.round(getattr(there, name), 1)
        for name in ("promised", "deployed", "reinforcement")
    }
    return Background(
        draws=draws.numbers.size,
        choices={
            choice: {option: n / len(taken) for option, n in sorted(Counter(taken).items())}
            for choice, taken in draws.labels.items()
        },
        drawn={
            name: (low, middle, high)
            for name, (low, middle, high) in zip(draws.values, _short(quantiles), strict=True)
        },
        influence=Ranked(
            quantity(result.tally), tuple(influences(result.tally, draws)[:MOST_INFLUENCES])
        ),
        survival_by_option=_survival_by_option(result),
        deployment=replace(there, **tenths),
    )


def _survival_by_option(result: Result) -> CurvesByOption:
    """Curves at whole years, and at all of the grid in the first two."""
    years = result.outcome.curves.years
    kept = (years == np.round(years)) | (years < 2.0)
    found = survival_by_option(result.tally, result.draws.labels)
    short = {
        choice: {
            option: Band(
                *(np.array(_short(getattr(b, name)[kept])) for name in ESTIMATE_FIELDS[:4])
            )
            for option, b in options.items()
        }
        for choice, options in found.items()
    }
    return CurvesByOption(years[kept], short)


def _short(values: FloatArray) -> Any:
    """Numbers of few digits, in lists of the same shape."""
    if values.ndim > 1:
        return [_short(row) for row in values]
    return [float(f"{v:.{_DIGITS}g}") for v in values]


def _draws(result: Result) -> Columns:
    """The rows of ``draws.parquet`` of a plan; outcomes as comparisons take them: float32."""
    count = result.draws.numbers.size
    outcomes = {name: column(result.tally, name)[:count].astype(np.float32) for name in COLUMNS}
    return {**_assumed(result.draws), **{k: v.astype(np.float64) for k, v in outcomes.items()}}


def compared_draws(plans: Mapping[str, tuple[Job, Rows]]) -> bytes:
    """``draws.parquet`` of compared plans, with the outcomes compared."""
    tables = []
    for job, rows in plans.values():
        count = min(rows.draws.size, READ_DRAWS)
        assumed = draw_assumptions(job.book, job.scenario, job.seed, 0, count)
        outcomes = {name: rows.values[:count, i] for i, name in enumerate(COMPARED)}
        tables.append({**_assumed(assumed), **outcomes})
    return table_bytes(stacked(list(plans), tables))


def _assumed(draws: Draws) -> Columns:
    taken = {f"{OPTION}{name}": np.array(of, object) for name, of in draws.labels.items()}
    replicates = draws.numbers % REPLICATES
    return {"draw": draws.numbers, "replicate": replicates, **dict(draws.values), **taken}


def runs_of(results: Iterable[Result], command: Sequence[str]) -> Runs:
    """What the plans of one command found; each tally is dropped before the next one comes."""
    runs, tables, books, digests = [], [], {}, {}
    for result in results:
        job = result.job
        name = job.scenario.name
        digests[f"scenario:{name}"] = job.scenario.digest
        digests[f"book:{job.book.name}"] = job.book.digest
        digests[f"run:{name}"] = job.digest
        books[job.book.name] = job.book.machine_form()
        runs.append(run_of(result))
        tables.append(_draws(result))
    about = provenance(
        command,
        runs[0].seed,
        digests,
        draws=runs[0].draws,
        trials=runs[0].trials,
        resolved={run.name: run.plan for run in runs},
    )
    table = stacked([run.name for run in runs], tables)
    return Runs(tuple(runs), books, about, lambda: table)


def behind_plans(jobs: Mapping[str, Job]) -> dict[str, Any]:
    """What stands behind a comparison: its plans resolved, the books with their sources, digests.

    ``jobs`` are by the name of the plan in the comparison.
    """
    plans, books = {}, {}
    digests = {f"scenario:{name}": job.scenario.digest for name, job in jobs.items()}
    for name, job in jobs.items():
        plans[name] = {"scenario": job.scenario.machine_form(), "book": job.book.name}
        books[job.book.name] = job.book.machine_form()
        digests[f"book:{job.book.name}"] = job.book.digest
    return {"plans": plans, "books": books, "digests": digests}
