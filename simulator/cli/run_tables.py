"""A run as text for people: its tables; what they leave open is said in `run.txt.j2`."""

import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Final

import numpy as np
from rich.console import Console

from simulator.analysis.run import Job
from simulator.analysis.views import DRAWS, LEAST, differs, views
from simulator.cli import tables
from simulator.cli.tables import RANGE, Table, called, console, print_table, say
from simulator.estimates.estimate import Estimate
from simulator.estimates.force import STEPS
from simulator.estimates.outcome import MORE_TRIALS
from simulator.number_format import counted, error, value_and_error
from simulator.quantities import CLAIM, HEADLINES, HELD_FOR, QUANTITIES, in_table
from simulator.report.prose.names import RECORD_ENDS
from simulator.results.runs import Run
from simulator.templates import paragraphs

POOL: Final = "book"  # the choice between the books of a pool
_CLAIM: Final = tuple(QUANTITIES[name].brief for name in CLAIM)


def print_results(runs: Sequence[Run], finding: str, *, quiet: bool, verbose: bool) -> None:
    """Print one run in full, or several side by side and in full with ``verbose``.

    ``finding`` is what plans side by side add to each other.
    """
    out = console()
    if len(runs) > 1:
        if finding:
            say(out, f"{finding}\n")
        print_table(out, _side_by_side(runs))
        say(
            out,
            "In brackets: 5-95 % over assumptions. The plans share their assumptions, so "
            "differences have narrower ranges, which may still include zero: simulator compare.",
        )
        if not (quiet or verbose):
            say(out, *(f"note on {run.title}: {note}" for run in runs for note in run.notes))
    for run in runs if len(runs) == 1 or verbose else ():
        size = f"{counted(run.draws, 'draw')} of the assumptions x {counted(run.trials, 'trial')}"
        about = f"book {run.book}, seed {run.seed}, {size}"
        say(out, called(run.title, run.name), f"{run.finding}\n", about)
        for table in _tables(run, verbose):
            print_table(out, table)
        if not quiet:
            _print_more(out, run, verbose)


def _print_more(out: Console, run: Run, verbose: bool) -> None:
    if sys.stdout.isatty():
        from simulator.report.terminal import pictures

        shown = pictures(run, tables.terminal_width(), sys.stdout.encoding)
        if shown is not None:
            out.print("", shown, "", sep="\n")
    if verbose:
        for table in _more_tables(run):
            print_table(out, table)
        if run.by_option:
            say(out, "±: one MCSE; -: too few draws.")
    say(out, *_sentences(run))


def _side_by_side(runs: Sequence[Run]) -> Table:
    heads = [QUANTITIES[name].brief for name in HEADLINES]
    rows = []
    for run in runs:
        cells = (_cells(run.estimates[name], run.draws) for name in HEADLINES)
        shown = (f"{value}\n({spread})" if spread else value for value, spread, _ in cells)
        rows.append([called(run.title, run.name), *shown])
    return Table(["plan", *heads], rows, optional=heads[-1:])


def _tables(run: Run, verbose: bool) -> Iterator[Table]:
    draws = run.draws
    if POOL in run.by_option:  # two answers, and what they make together
        books = run.by_option[POOL].items()
        rows = [[book, *_headlines(option.estimates)] for book, option in books]
        yield Table(["book (pooled below)", *_CLAIM], rows)
    rows = []
    for quantity in in_table(verbose):
        e = run.estimates[quantity.name].scaled(quantity.terminal_factor)
        if e.value is not None or "known" not in quantity.shown:
            star = " *" if quantity.name in HELD_FOR else ""
            known = e.p05_mcse is not None or e.p95_mcse is not None
            ends = f"{error(e.p05_mcse)}, {error(e.p95_mcse)}" if known else ""
            rows.append([quantity.label + star, *_cells(e, draws), *([ends] if verbose else [])])
    yield Table(["", "value", RANGE, "MCSE", *(["MCSE of the ends"] if verbose else [])], rows)
    rows = [[cause, *_cells(e, draws)] for cause, e in run.causes.items()]
    yield Table([f"why it ends within {run.horizon:g} years", "P", RANGE, "MCSE"], rows)
    if run.waterfall:
        rows = [[STEPS[step], *_cells(e, draws)[::2]] for step, e in run.waterfall.items()]
        yield Table(["soldiers, mean", "number", "MCSE"], rows)


def _more_tables(run: Run) -> Iterator[Table]:
    ages, years = (1, 2, 3, 5, 10, 15, 20, 25, run.horizon), (1, 2, 3, 5, 10, 20, 30)
    for head, at, band, shown in (
        (("years", "still holds"), run.years, run.survival, ages),
        (("year of the plan", "mean troops deployed"), run.year_ends, run.deployed, years),
    ):
        note = MORE_TRIALS if np.isnan(band.p95).all() and run.draws > 1 else ""
        points = [(year, band.at(k)) for k, year in enumerate(at) if year in shown]
        rows = [[f"{year:g}", *_cells(replace(e, note=note), run.draws)] for year, e in points]
        yield Table([*head, RANGE, "MCSE"], rows)
    for choice, options in run.by_option.items():
        if choice != POOL:
            rows = [
                [option, f"{found.draws:,}", *_headlines(found.estimates)]
                for option, found in options.items()
            ]
            yield Table([f"{choice} (draws differ in other choices too)", "draws", *_CLAIM], rows)


def print_views(job: Job) -> None:
    """Print the views that a plan's draws can take, as far as they differ under the same draws."""
    out, draws = console(), min(job.draws, DRAWS)
    for book, found in views(job).items():
        shown = [view for view, estimates in found.items() if differs(estimates, draws)]
        rows = [[view, *_headlines(found[view], "+")] for view in shown]
        if rows:
            head = f"{job.scenario.title}: view less mean ({book})"
            print_table(out, Table([head, *_CLAIM], rows))
        others = [view for view in found if view not in shown]
        say(
            out,
            f"Views under the same {counted(draws, 'draw')}: what the model gives if a person's "
            "view is assumed, not that person's forecast."
            + (f" Less than {LEAST:g} from the mean: {', '.join(others)}." if others else ""),
        )


def _cells(e: Estimate, draws: int) -> tuple[str, str, str]:
    if e.value == e.mcse == e.p05 == e.p95 == 0.0:
        return "0", "", ""
    beyond = "beyond" if "beyond" in e.note else "-"
    value, spread, mcse = tables.cells(e, draws, beyond)
    return (beyond if e.value is None else value), spread, mcse


def _headlines(estimates: Mapping[str, Estimate], sign: str = "") -> Iterator[str]:
    for name in CLAIM:
        e = estimates.get(name)
        if e is None or e.value is None or e.mcse is None:
            yield "-"
        else:
            value, mcse = value_and_error(e.value, e.mcse)
            yield f"{sign if e.value > 0.0 else ''}{value} ± {mcse}"


def _sentences(run: Run) -> list[str]:
    """What the tables leave open, and the notes of a run."""
    estimates, noted = run.estimates, dict[str, list[str]]()
    for quantity in in_table():
        e = estimates[quantity.name]
        missing = "known" in quantity.shown and e.value is None
        if e.note and not missing and e.note not in run.notes and MORE_TRIALS not in e.note:
            noted.setdefault(e.note, []).append(quantity.label)
    return paragraphs(
        "simulator.cli",
        "run.txt",
        run=run,
        claim=CLAIM,
        pool=POOL,
        fill=estimates["fill_rate"].scaled(100.0),
        record_ends=RECORD_ENDS,
        more_trials=MORE_TRIALS,
        wants_trials=any(MORE_TRIALS in e.note for e in estimates.values()),
        noted=noted,
    )
