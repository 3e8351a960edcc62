"""Decisions in reports: a page of their own, and what decides the differences of a comparison."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from simulator import number_format as digits
from simulator.report import vocabulary
from simulator.report.comparisons import Comparison
from simulator.report.decision_words import answer, details
from simulator.report.endings import glossary, reproduce
from simulator.report.exhibits import decide
from simulator.report.exhibits.exhibit import size_line
from simulator.report.levers import plans_section
from simulator.report.page import Data, Report, Section, prose, sections
from simulator.report.sources import assumption_section
from simulator.report.tables import Cell, Table, rows_of, text


def decision_report(tree: Mapping[str, Any]) -> Report:
    """The report of a decision."""
    given = f", given {' '.join(tree['given'])}" if tree["given"] else ""
    provenance = tree.get("provenance", {})
    plans = {name: one["scenario"] for name, one in tree.get("plans", {}).items()}
    return Report(
        f"Which of {len(tree['plan_names'])} plans",
        f"Book {' and '.join(tree['book_names'])}, seed {tree['seed']}: "
        f"{size_line(tree['draws'], tree['trials'])} of the assumptions{given}.",
        str(provenance.get("written", "")),
        sections(
            [
                Section("In plain words", (prose(answer(tree), lead=True), prose(details(tree)))),
                Section("Figures", tuple(decide.exhibits(tree))),
                Section("What to keep in mind", (prose(tree["notes"]),)) if tree["notes"] else None,
                plans_section(plans),
                assumption_section(tree.get("books", {}), []),
                reproduce(provenance),
                glossary(),
            ]
        ),
    )


def decided_section(found: Comparison) -> Section | None:
    """What decides the difference of each plan from the reference, in the quantity that ranks."""
    of = vocabulary.quantity(found.quantity)
    tables = []
    for plan, parts in found.decided_by.items():
        rows = []
        for one in parts:
            ends = (one["parts"][0], one["parts"][-1]) if one["parts"] else ()
            share = {key: 100.0 * value for key, value in one["share"].items() if value is not None}
            shown = digits.value_and_error(share.get("value"), share.get("mcse"))
            cells = [Cell(shown[0], share.get("value")), Cell(shown[1], share.get("mcse"))]
            for part in ends:
                value, mcse = (
                    None if v is None else of.factor * v
                    for v in (part["value"]["value"], part["value"]["mcse"])
                )
                cells += [text(part["label"]), Cell(digits.with_error(value, mcse), value)]
            rows.append((text(one["name"]), *cells))
        columns = ("assumption or choice", "explains, %", "standard error")
        ends_of = ("from", "difference there", "to", "difference there ")
        title = f"What decides “{of.title}”: {plan} less {found.reference}"
        note = (
            "Share of the variance of the paired difference between draws. Shares need not add up."
        )
        tables.append(Data(title, Table((*columns, *ends_of), rows_of(rows)), note=note))
    return Section("What decides the differences", tuple(tables)) if tables else None
