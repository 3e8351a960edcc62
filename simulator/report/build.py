"""Reports put together: what stands in a page, section by section."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Final

from simulator.books.load import load_book
from simulator.inputs import InputError
from simulator.report import vocabulary
from simulator.report.comparisons import Comparison
from simulator.report.decided import decided_section
from simulator.report.endings import glossary, reproduce
from simulator.report.exhibits import compare, sweep, trace
from simulator.report.exhibits import run as one_run
from simulator.report.exhibits import runs as many_runs
from simulator.report.levers import asked_blocks, lever_blocks, plans_section
from simulator.report.other_words import comparison_sentences, sweep_sentences
from simulator.report.page import Block, Data, Report, Section, prose, sections
from simulator.report.results import Run, Runs
from simulator.report.sources import assumption_section
from simulator.report.sweep_results import Lever, Sweep, shown
from simulator.report.tables import ESTIMATE_COLUMNS, Cell, Table, estimate_cells, rows_of, text
from simulator.report.words import brief, sentences

MOST_LABELS: Final = 30
OF_EACH: Final = ("causes", "troops")  # figures of every plan, where there are several
ASKED: Final = "Who is asked, and on which terms"


def run_report(found: Runs) -> Report:
    """The report of a run, of one scenario or of several."""
    first = found.runs[0]
    alone = len(found.runs) == 1
    subtitle = f"{first.name}, book {first.book}, seed {first.seed}: {_size(first)}."
    if not alone:
        books = ", ".join(dict.fromkeys(run.book for run in found.runs))
        subtitle = f"{len(found.runs)} plans, book {books}, seed {first.seed}: {_size(first)}."
    main = _one(found.runs[0]) if alone else _many(found)
    behind = [run.background for run in found.runs if run.background]
    assumptions = assumption_section(found.books, behind)
    return Report(
        first.title if alone else f"{len(found.runs)} plans for one ceasefire",
        subtitle,
        str(found.provenance.get("written", "")),
        sections([*main, assumptions, reproduce(found.provenance), glossary()]),
    )


def _size(of: Run | Comparison | Sweep) -> str:
    if of.draws == 1:
        return f"1 draw of the assumptions, in {_worlds(of.trials)}"
    return f"{of.draws:,} draws of the assumptions, each in {_worlds(of.trials)}"


def _worlds(trials: int) -> str:
    return f"{trials:,} simulated world{'s' if trials != 1 else ''}"


def _one(run: Run) -> list[Section]:
    return [
        Section("In plain words", (prose(sentences(run), lead=True),)),
        Section("The numbers", (_estimates(run),)),
        Section("Figures", tuple(one_run.exhibits(run))),
        Section("The plan", (*lever_blocks(run.plan), *asked_blocks({run.name: run.plan}))),
    ]


def _many(found: Runs) -> list[Section]:
    ranked = sorted(found.runs, key=lambda run: -_twenty(run))
    told = [
        f"{len(found.runs)} plans for the same ceasefire, those first that hold longest. The plans "
        "share assumptions and random numbers, so whether one is better than another is usually "
        "known better than these numbers suggest: simulator compare says it. In brackets: the "
        "range over assumptions.",
        *(f"{run.title}: {brief(run)}" for run in ranked),
    ]
    plans = [
        Section(
            run.title,
            (
                prose(sentences(run)),
                *(e for e in one_run.exhibits(run) if e.kind in OF_EACH),
                _estimates(run, folded=True),
                *lever_blocks(run.plan, folded=True),
            ),
        )
        for run in found.runs
    ]
    closer = (
        "What each plan has of its own follows. A report on a run of one plan alone shows more of "
        "it: its own survival, the assumptions that move it, and each book and structural choice."
    )
    return [
        Section("In plain words", (prose(told),)),
        Section("Side by side", (*many_runs.exhibits(found.runs), prose([closer]))),
        *plans,
        Section(ASKED, tuple(asked_blocks({run.name: run.plan for run in found.runs}))),
    ]


def _twenty(run: Run) -> float:
    e = run.estimates["p_holds_20y"]
    return float(run.survival.value[-1]) if e.value is None else e.value


def _estimates(run: Run, folded: bool = False) -> Block:
    rows: list[tuple[Cell, ...]] = []
    noted: dict[str, list[str]] = {}
    for name, e in run.estimates.items():
        of = vocabulary.quantity(name)
        if e.value is None and not e.note:
            continue
        rows.append((text(of.title), text(of.unit), *estimate_cells(e, run.draws, of.factor)))
        if e.note:
            noted.setdefault(e.note, []).append(of.title)
    for cause, e in run.causes.items():
        title = f"collapse by {vocabulary.CAUSES.get(cause, cause)} within {run.horizon:g} years"
        rows.append((text(title), text("%"), *estimate_cells(e, run.draws, 100.0)))
    columns = ("estimate", "unit", *ESTIMATE_COLUMNS)
    notes = [f"{'; '.join(titles)}: {note}." for note, titles in noted.items()]
    note = " ".join(
        [
            "The last two columns are the range over assumptions.",
            *(f"{words[:1].upper()}{words[1:]}" for words in notes),
        ]
    )
    return Data("Estimates", Table(columns, rows_of(rows)), folded, note)


def comparison_report(found: Comparison) -> Report:
    """The report of a comparison."""
    others = len(found.order) - 1
    books = found.books or _shipped_books(found.provenance.get("digests", {}))
    plans = "One plan" if others == 1 else f"{others} plans"
    return Report(
        f"{plans} compared with {found.reference}",
        f"{_books(found)} {found.seed}: {_size(found)} under every plan with the same random "
        "numbers.",
        str(found.provenance.get("written", "")),
        sections(
            [
                Section("In plain words", (prose(comparison_sentences(found), lead=True),)),
                _alone(found),
                Section("Figures", tuple(compare.exhibits(found))),
                decided_section(found),
                plans_section(found.plans),
                Section(ASKED, tuple(asked_blocks(found.plans))),
                assumption_section(books, []),
                reproduce(found.provenance),
                glossary(),
            ]
        ),
    )


def _alone(found: Comparison) -> Section | None:
    """The headlines of each plan by itself; None where the comparison did not keep them."""
    names = [n for n in compare.HEADLINES if all(n in of for of in found.estimates.values())]
    if not found.estimates or not names:
        return None
    rows = [
        (
            text(one.plan),
            text(vocabulary.quantity(name).titled),
            *estimate_cells(found.estimates[one.plan][name], found.draws, 100.0),
        )
        for one in found.order
        for name in names
    ]
    note = "The last two columns are the range over assumptions, which the plans share."
    table = Table(("plan", "estimate", *ESTIMATE_COLUMNS), rows_of(rows))
    return Section("The numbers", (Data("Each plan by itself", table, note=note),))


def _books(found: Comparison) -> str:
    return f"Book {' and '.join(found.book_names)}, seed" if found.book_names else "Seed"


def _done(found: Sweep) -> str:
    planned = len(found.points) + found.missing + found.failed
    return f"{len(found.points):,}" + (f" of {planned:,}" if planned > len(found.points) else "")


def sweep_report(found: Sweep) -> Report:
    """The report of a sweep."""
    runs = found.provenance.get("runs") or [{}]
    return Report(
        found.title,
        f"{_done(found)} points, seed {found.seed}: {_size(found)}.",
        str(runs[-1].get("written", "")),
        sections(
            [
                Section("In plain words", (prose(sweep_sentences(found), lead=True),)),
                Section("Figures", tuple(sweep.exhibits(found))),
                _sweep_plan(found),
                assumption_section(_shipped_books(found.plan.get("inputs", {})), []),
                reproduce(runs[-1]),
                glossary(),
            ]
        ),
    )


def trace_report(tree: Mapping[str, Any]) -> Report:
    """The report of one path."""
    exhibit = trace.timeline_exhibit(tree)
    return Report(
        exhibit.title,
        f"Book {tree['book']}, seed {tree['seed']}, draw {tree['draw']}, trial {tree['trial']}.",
        "",
        sections(
            [
                Section("The path", (exhibit,)),
                Section("Event by event", (Data("Events", exhibit.table),)),
                glossary(),
            ]
        ),
    )


def _sweep_plan(found: Sweep) -> Section:
    points = found.plan["points"]
    scenarios, books = (
        ", ".join(sorted({str(p[k]) for p in points})) for k in ("scenario", "book")
    )
    about = f"Scenario {scenarios}; book {books}. What no lever says is as the scenario has it."
    levers = [(text(lever.name), text(_levels(lever))) for lever in found.levers]
    options = [
        (text(lever), text(label), text(json.dumps(value, ensure_ascii=False)))
        for lever, labels in found.plan.get("options", {}).items()
        for label, value in labels.items()
    ]
    fixed = [
        (text(lever), text(json.dumps(value, ensure_ascii=False)))
        for lever, value in found.plan.get("fixed", {}).items()
    ]
    blocks: list[Block] = [
        prose([text for text in (found.description, about) if text]),
        Data("Levers and their levels", Table(("lever", "levels"), rows_of(levers))),
    ]
    if options:
        table = Table(("lever", "level", "value"), rows_of(options))
        blocks.append(Data("What the names of levels stand for", table, folded=True))
    if fixed:
        blocks.append(Data("The same at every point", Table(("lever", "value"), rows_of(fixed))))
    return Section("The sweep", tuple(blocks))


def _levels(lever: Lever) -> str:
    if lever.numeric and len(lever.labels) > MOST_LABELS:
        low, high = shown(lever.labels[0]), shown(lever.labels[-1])
        return f"{len(lever.labels):,} values from {low} to {high}"
    labels = ", ".join(shown(label) for label in lever.labels[:MOST_LABELS])
    more = len(lever.labels) - MOST_LABELS
    return f"{labels} and {more:,} more" if more > 0 else labels


def _shipped_books(digests: Mapping[str, str]) -> dict[str, Mapping[str, Any]]:
    """The books among what was run, as far as they are here and have not changed since."""
    books: dict[str, Mapping[str, Any]] = {}
    for key, digest in digests.items():
        kind, _, name = key.partition(":")
        if kind != "book":
            continue
        try:
            book = load_book(name)
        except InputError:
            continue
        if book.digest == digest:
            books[name] = book.machine_form()
    return books
