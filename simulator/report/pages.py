"""The reports: what the page of each kind of result holds, beside what its template says."""

import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from simulator.books.load import load_book
from simulator.decide.draws import Value
from simulator.estimates.estimate import Estimate
from simulator.inputs import InputError
from simulator.number_format import value_and_error, with_error
from simulator.report import show
from simulator.report.exhibit import Exhibit, size_line
from simulator.report.page import render
from simulator.report.prose import decisions
from simulator.report.prose.names import HEADLINES, quantity
from simulator.report.prose.said import comparison_sentences, run_sentences, sweep_sentences
from simulator.report.source_tables import book_tables
from simulator.report.sweep_view import view_of
from simulator.report.tables import ESTIMATE_COLUMNS, Cell, Table, estimate_cells, table
from simulator.results.comparison import Comparison
from simulator.results.decision import Decision
from simulator.results.load import Result, Trace
from simulator.results.runs import Run, Runs
from simulator.results.sweep import Lever, Sweep, shown
from simulator.vocabulary import CAUSES

MOST_LABELS: Final = 30
OF_EACH: Final = ("causes", "troops")  # figures of every plan, where there are several
Context = dict[str, Any]


def report_of(result: Result) -> str:
    """The report of a result as one HTML page."""
    template, context = next(make(result) for of, make in _PAGES.items() if isinstance(result, of))
    return render(template, {"size": _size, "found": result, **context})


def _size(draws: int, trials: int) -> str:
    worlds = f"{trials:,} simulated world{'s' if trials != 1 else ''}"
    if draws == 1:
        return f"1 draw of the assumptions, in {worlds}"
    return f"{draws:,} draws of the assumptions, each in {worlds}"


def _run_page(found: Runs) -> tuple[str, Context]:
    books = book_tables(found.books, found.runs)
    if len(found.runs) == 1:
        plan = _of_plan(found.runs[0], show.of_run(found.runs[0]))
        return "run", {"books": books, "provenance": found.provenance, **plan}
    return "runs", {
        "ranked": sorted(found.runs, key=lambda run: -_twenty(run)),
        "exhibits": show.of_runs(found.runs),
        "plans": [
            _of_plan(run, [one for one in show.of_run(run) if one.kind in OF_EACH])
            for run in found.runs
        ],
        "books": books,
        "provenance": found.provenance,
    }


def _of_plan(run: Run, exhibits: list[Exhibit]) -> Context:
    said, numbers = run_sentences(run), _estimates(run)
    return {"run": run, "sentences": said, "exhibits": exhibits, "estimates": numbers}


def _twenty(run: Run) -> float:
    value = run.estimates["p_holds_20y"].value
    return float(run.survival.value[-1]) if value is None else value


def _estimates(run: Run) -> tuple[Table, str]:
    """The estimates of a run, and what is to be said of them."""
    rows, noted = [], dict[str, list[str]]()
    for name, e in run.estimates.items():
        of = quantity(name)
        if e.value is None and not e.note:
            continue
        rows.append((of.title, of.unit, *estimate_cells(e, run.draws, of.factor)))
        if e.note:
            noted.setdefault(e.note, []).append(of.title)
    for cause, e in run.causes.items():
        title = f"collapse by {CAUSES.get(cause, cause)} within {run.horizon:g} years"
        rows.append((title, "%", *estimate_cells(e, run.draws, 100.0)))
    notes = [f"{'; '.join(titles)}: {note}." for note, titles in noted.items()]
    notes = [f"{text[:1].upper()}{text[1:]}" for text in notes]
    last = "The last two columns are the range over assumptions."
    return table(("estimate", "unit", *ESTIMATE_COLUMNS), rows), " ".join([last, *notes])


def _comparison_page(found: Comparison) -> tuple[str, Context]:
    books = found.books or _shipped_books(found.provenance.get("digests", {}))
    return "comparison", {
        "sentences": comparison_sentences(found),
        "alone": _alone(found),
        "exhibits": show.of_comparison(found),
        "decided": list(_decided(found)),
        "books": book_tables(books),
        "provenance": found.provenance,
    }


def _alone(found: Comparison) -> Table | None:
    """The headlines of each plan by itself; None where the comparison did not keep them."""
    names = [n for n in HEADLINES if all(n in of for of in found.estimates.values())]
    if not found.estimates or not names:
        return None
    rows = [
        (
            *(one.plan, quantity(name).titled),
            *estimate_cells(found.estimates[one.plan][name], found.draws, 100.0),
        )
        for one in found.ranking.places
        for name in names
    ]
    return table(("plan", "estimate", *ESTIMATE_COLUMNS), rows)


def _decided(found: Comparison) -> Iterator[tuple[str, Table]]:
    """What decides the difference of each plan from the reference, in the quantity that ranks."""
    of = quantity(found.ranking.quantity)
    columns = (
        *("assumption or choice", "explains, %", "standard error"),
        *("from", "difference there", "to", "difference there "),
    )
    for plan, parts in found.decided_by.items():
        rows = []
        for one in parts:
            share = _estimate(one.share).scaled(100.0)
            shown, error = value_and_error(share.value, share.mcse)
            row: list[Cell | str] = [one.name, Cell(shown, share.value), Cell(error, share.mcse)]
            for part in (one.parts[0], one.parts[-1]) if one.parts else ():
                e = _estimate(part.value).scaled(of.factor)
                row += [part.label, Cell(with_error(e.value, e.mcse), e.value)]
            rows.append(row)
        title = f"What decides “{of.title}”: {plan} less {found.reference}"
        yield title, table(columns, rows)


def _estimate(of: Value) -> Estimate:
    return Estimate(of.value, of.mcse, None, None)


def _decision_page(found: Decision) -> tuple[str, Context]:
    return "decision", {
        "given": show.given(found),
        "size_line": size_line,
        "answer": decisions.answer(found),
        "details": decisions.details(found),
        "exhibits": show.of_decision(found),
        "books": book_tables(found.books),
        "provenance": found.provenance,
    }


def _sweep_page(found: Sweep) -> tuple[str, Context]:
    plan, view = found.plan, view_of(found)
    options = [
        (name, label, _json(value))
        for name, labels in plan.options.items()
        for label, value in labels.items()
    ]
    fixed = [(name, _json(value)) for name, value in plan.fixed.items()]
    return "sweep", {
        "done": show.done(found),
        "sentences": sweep_sentences(found, view),
        "exhibits": show.of_sweep(view),
        "levels": table(("lever", "levels"), ((one.name, _levels(one)) for one in found.levers)),
        "options": table(("lever", "level", "value"), options),
        "fixed": table(("lever", "value"), fixed),
        "books": book_tables(_shipped_books(plan.inputs)),
        "provenance": (found.provenance.get("runs") or [{}])[-1],
    }


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)


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


def _trace_page(found: Trace) -> tuple[str, Context]:
    return "trace", {"exhibits": show.of_trace(found), "provenance": {}}


_PAGES: Final[dict[type, Callable[[Any], tuple[str, Context]]]] = {
    Runs: _run_page,
    Comparison: _comparison_page,
    Sweep: _sweep_page,
    Decision: _decision_page,
    Trace: _trace_page,
}
