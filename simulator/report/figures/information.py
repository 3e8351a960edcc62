"""What is worth finding out before a decision."""

from functools import partial
from typing import Final

from simulator.decide.decision import Decision
from simulator.estimates.estimate import Estimate
from simulator.number_format import error, significant, with_error
from simulator.report.exhibit import Exhibit, kind
from simulator.report.forest import Column, Row, forest
from simulator.report.prose.decisions import amount, listed_most, scale_of, worth_knowing
from simulator.report.tables import NOTHING, Cell, number, table

MOST_SHOWN: Final = 10
COLUMNS: Final = (
    "name",
    "kind",
    "value",
    "standard error",
    "changes the plan, % of draws",
    "goes with",
)


@kind("information", "what is worth finding out", "decide", 3)
def information(found: Decision) -> Exhibit | None:
    """What each assumption, choice and group is worth to find out."""
    choice = found.choice
    if choice is None or not worth_knowing(choice):
        return None
    clear = worth_knowing(choice)
    groups = [o for o in choice.information if o.kind == "group" and not o.nothing]
    drawn = clear[:MOST_SHOWN] + groups
    scale, word = scale_of(one.value.value or 0.0 for one in drawn)
    rows = [
        Row(
            one.name,
            (Estimate(one.value.value, one.value.mcse, None, None),),
            "groups of assumptions" if one.kind == "group" else "one by one",
        )
        for one in drawn
    ]
    numbers = []
    for one in choice.information:
        value, mcse = one.value.value, one.value.mcse
        cells = number(value, with_error(value, mcse)), Cell(error(mcse), mcse)
        changes = 100.0 * one.changes
        others = ", ".join(one.goes_with) or NOTHING
        words = one.name, one.kind
        numbers.append((*words, *cells, number(changes, significant(changes, 2)), others))
    unit = f"worth of finding out,{word}" if word else "worth of finding out"
    return Exhibit(
        f"Worth finding out: {listed_most([one.name for one in clear])}",
        "The most a planner should pay to learn it before choosing; bars are two standard errors "
        "to both sides. Learning one thing also informs about what goes with it, so values do not "
        f"add up. Knowing everything is worth {amount(choice.evpi)}.",
        partial(forest, rows, [Column(unit, 1.0 / scale, None)]),
        table(COLUMNS, numbers),
    )
