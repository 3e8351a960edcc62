"""The reports: what the templates call to say what is in a page, beside what they say."""

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from typing import Any, Final

from simulator.books.load import load_book
from simulator.decide.draws import Value
from simulator.estimates.estimate import Estimate
from simulator.inputs import InputError
from simulator.number_format import value_and_error, with_error
from simulator.report.exhibit import size_line
from simulator.report.page import render
from simulator.report.prose import decisions, said
from simulator.report.prose.names import HEADLINES, quantity
from simulator.report.show import done, exhibits_of, given
from simulator.report.source_tables import book_tables
from simulator.report.sweep_view import view_of
from simulator.report.tables import ESTIMATE_COLUMNS, Cell, Table, estimate_cells, table
from simulator.results.comparison import Comparison
from simulator.results.load import Result
from simulator.results.runs import Run, Runs
from simulator.results.sweep import Lever, Sweep, shown
from simulator.vocabulary import CAUSES

MOST_LABELS: Final = 30


def report_of(result: Result) -> str:
    """The report of a result as one HTML page, from the template of its kind."""
    name = type(result).__name__.lower()
    if isinstance(result, Runs) and len(result.runs) == 1:
        name = "run"
    return render(name, {"found": result, **_CALLED})


def _longest_first(runs: Sequence[Run]) -> list[Run]:
    def at_twenty(run: Run) -> float:
        value = run.estimates["p_holds_20y"].value
        return float(run.survival.value[-1]) if value is None else value

    return sorted(runs, key=at_twenty, reverse=True)


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


def _sweep_tables(found: Sweep) -> tuple[Table, ...]:
    """Levers with their levels, what the names of these stand for, what is the same everywhere."""
    options = [
        (name, label, _json(value))
        for name, labels in found.plan.options.items()
        for label, value in labels.items()
    ]
    fixed = [(name, _json(value)) for name, value in found.plan.fixed.items()]
    return (
        table(("lever", "levels"), ((one.name, _levels(one)) for one in found.levers)),
        table(("lever", "level", "value"), options),
        table(("lever", "value"), fixed),
    )


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
        with suppress(InputError):
            if kind == "book" and (book := load_book(name)).digest == digest:
                books[name] = book.machine_form()
    return books


_CALLED: Final = {
    "size_line": size_line,
    "said": said,
    "decisions": decisions,
    "exhibits_of": exhibits_of,
    "view_of": view_of,
    "estimates": _estimates,
    "longest_first": _longest_first,
    "alone": _alone,
    "decided": _decided,
    "given": given,
    "done": done,
    "sweep_tables": _sweep_tables,
    "book_tables": book_tables,
    "shipped_books": _shipped_books,
}
