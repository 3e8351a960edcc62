"""What a scenario looks like under each book and each structural choice."""

from functools import partial
from typing import Final

from simulator.books.draws import NOT_ASKED
from simulator.estimates.influence import Option
from simulator.report.exhibit import Exhibit, kind
from simulator.report.forest import Column, Row, forest
from simulator.report.prose.names import HEADLINES, choice_titled, quantity, words
from simulator.report.tables import ESTIMATE_COLUMNS, estimate_cells, table
from simulator.results.runs import Run

GAP: Final = "no bar: too few draws took it"


@kind("options", "under each book and structural choice", "run", 6)
def options(run: Run) -> Exhibit | None:
    """Books and structural choices apart."""
    if run.horizon < 2.0 or not any(run.by_option.values()):
        return None
    names = [name for name in HEADLINES if run.estimates[name].value is not None]
    found = [
        (choice, words(name), option)
        for choice, options in run.by_option.items()
        for name, option in sorted(options.items(), key=lambda item: _by_holding(item[1]))
        if name != NOT_ASKED
    ]
    rows = [
        Row(label, tuple(option.estimates.get(name) for name in names), choice_titled(choice))
        for choice, label, option in found
    ]
    numbers = [
        (
            *(choice, label, option.draws, quantity(name).title),
            *estimate_cells(option.estimates.get(name), option.draws, 100.0),
        )
        for choice, label, option in found
        for name in names
    ]
    measures = (f"%: {c}" for c in ESTIMATE_COLUMNS)
    return Exhibit(
        "Under each book and each structural choice",
        "The draws that took one option, apart from the others: where options disagree, the mean "
        "over all of them hides it. Options that few draws took are known less well.",
        partial(forest, rows, [Column(quantity(name).titled) for name in names], gap=GAP),
        table(("choice", "option", "draws", "estimate", *measures), numbers),
    )


def _by_holding(option: Option) -> float:
    found = option.estimates.get("p_holds_20y")
    return -(found.value or 0.0) if found else 0.0
