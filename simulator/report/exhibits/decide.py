"""What a decision between plans can show."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

import numpy as np

from simulator.number_format import error, significant, with_error
from simulator.outcomes.curves import Band
from simulator.outcomes.spread import Estimate
from simulator.report.decision_words import (
    POOLED,
    Tree,
    amount,
    limit_text,
    listed_most,
    scale_of,
    worth_at,
    worth_knowing,
)
from simulator.report.exhibits.exhibit import Exhibit, size_line, source_line, sourced
from simulator.report.figures.cases import Axis, cases
from simulator.report.figures.forest import Column, Row, forest
from simulator.report.figures.response import Response, response
from simulator.report.tables import NOTHING, Cell, Table, number, rows_of, text

MOST_SHOWN: Final = 10
MOST_LOSS: Final = 50.0  # per cent of the worth of peace; what loses more is out of the question
WORTHS: Final = "worth of twenty years of peace, GBP billion"


def exhibits(tree: Tree) -> Iterator[Exhibit]:
    """Everything that can be shown of a decision, in the order of a report."""
    size = size_line(tree["draws"], tree["trials"])
    given = f", given {' '.join(tree['given'])}" if tree["given"] else ""
    source = source_line(tree["plan_names"], tree["book_names"], tree["seed"], size + given)
    return sourced(_shown(tree), source)


def _shown(tree: Tree) -> Iterator[Exhibit]:
    if POOLED in tree["frontier"]:
        yield frontier_exhibit(tree["frontier"][POOLED])
        yield losses_exhibit(tree["frontier"][POOLED])
    if (choice := tree["choice"]) is not None:
        if worth_knowing(choice):
            yield information_exhibit(choice)
        if choice["points"] is not None:
            yield worse_exhibit(choice)


def frontier_exhibit(frontier: Tree) -> Exhibit:
    """How likely each plan is the best, by the worth of peace."""
    plans, changes = frontier["plans"], frontier["changes"]
    title = f"{plans[-1]} is the best plan on average"
    title += f" from GBP {worth_at(changes[-1])} on" if changes else ", whatever peace is worth"
    below = [f"{p} up to GBP {worth_at(c)}" for p, c in zip(plans, changes, strict=False)]
    return _along(
        "frontier",
        title,
        "Share of the draws in which each plan is the best of all, by what twenty years of peace "
        "are worth. The best on average need not be the best in most draws. Best on average: "
        f"{', '.join([*below, f'{plans[-1]} above'])}, each with its 95 % interval.",
        "best of all, % of draws",
        frontier["worths"],
        frontier["probability_best"],
        100.0,
    )


def losses_exhibit(frontier: Tree) -> Exhibit:
    """Expected loss of each plan, by the worth of peace."""
    worths, loss = np.array(frontier["worths"]), frontier["loss"]
    # What share of the worth of peace is lost at most: large numbers of both at the right.
    relative = {plan: (np.array(of) / worths).tolist() for plan, of in loss.items()}
    least = min(relative, key=lambda plan: max(relative[plan]))
    most = significant(100.0 * max(relative[least]), 2)
    return _along(
        "losses",
        f"{least} never loses more than {most} % of what twenty years of peace are worth",
        "What the best plan of each draw is worth more than this one, on average, in per cent of "
        "the worth of twenty years of peace. At each worth the lowest curve is the value of "
        "knowing everything.",
        "expected loss, % of the worth of peace",
        frontier["worths"],
        relative,
        MOST_LOSS,
    )


def _along(
    kind: str,
    title: str,
    description: str,
    y_title: str,
    worths: list[float],
    by_plan: Mapping[str, list[float]],
    most: float,
) -> Exhibit:
    """Curves over the worth of peace."""
    x = np.array(worths) / 1e9
    unknown = np.full(x.size, np.nan)
    order = list(by_plan)  # the same colours in both figures
    lines = [
        Response(plan, x, Band(np.array(by_plan[plan]), unknown, unknown, unknown))
        for plan in order
    ]
    top = 100.0 * max(max(values) for values in by_plan.values())
    rows = [
        (text(plan), number(at), number(100.0 * value))
        for plan in order
        for at, value in zip(x.tolist(), by_plan[plan], strict=True)
    ]
    return Exhibit(
        kind,
        title,
        description,
        lambda width, heading: response(
            lines,
            x_title=WORTHS,
            y_title=y_title,
            limits=(0.0, min(most, 1.05 * top)),
            log=True,
            width=width,
            heading=heading,
        ),
        Table(("plan", WORTHS, y_title), rows_of(rows)),
    )


def information_exhibit(choice: Tree) -> Exhibit:
    """What each assumption, choice and group is worth to find out."""
    shown = [one for one in choice["information"] if not one["nothing"]]
    drawn = worth_knowing(choice)[:MOST_SHOWN]
    drawn += [one for one in shown if one["kind"] == "group"]
    scale, word = scale_of(one["value"]["value"] for one in drawn)
    rows = [
        Row(
            one["name"],
            (Estimate(one["value"]["value"], one["value"]["mcse"], None, None),),
            "groups of assumptions" if one["kind"] == "group" else "one by one",
        )
        for one in drawn
    ]
    clear = [one["name"] for one in worth_knowing(choice)]
    title = f"Worth finding out: {listed_most(clear)}"
    unit = f"worth of finding out,{word}" if word else "worth of finding out"
    table = [
        (
            text(one["name"]),
            text(one["kind"]),
            number(one["value"]["value"], with_error(one["value"]["value"], one["value"]["mcse"])),
            Cell(error(one["value"]["mcse"]), one["value"]["mcse"]),
            number(100.0 * one["changes"], significant(100.0 * one["changes"], 2)),
            text(", ".join(one["goes_with"]) or NOTHING),
        )
        for one in choice["information"]
    ]
    columns = ("name", "kind", "value", "standard error", "changes the plan, % of draws")
    return Exhibit(
        "information",
        title,
        "The most a planner should pay to learn it before choosing; bars are two standard errors "
        "to both sides. Learning one thing also tells of what goes with it, so values do not add "
        f"up. Knowing everything is worth {amount(choice['evpi'])}.",
        lambda width, heading: forest(
            rows, [Column(unit, 1.0 / scale, None)], width=width, heading=heading
        ),
        Table((*columns, "goes with"), rows_of(table)),
    )


def worse_exhibit(choice: Tree) -> Exhibit:
    """Draws in which the best plan on average is worth less than the second."""
    found = choice["points"]
    case = np.array(found["case"])
    box = choice["worse"]
    limits = {limit["name"]: limit for limit in box["limits"]} if box else {}
    across, up = (
        _axis(name, values, limits.get(name))
        for name, values in zip(found["names"], found["values"], strict=True)
    )
    best, second = choice["best"], choice["second"]
    where = " and ".join(limit_text(limit) for limit in limits.values())
    title = f"Nothing pins down where {best} is worth less than {second}"
    described = "No box of assumptions sets these draws apart."
    if box:
        dense, base = box["judged"]["density"], box["judged"]["cases"] / box["judged"]["draws"]
        cover = box["judged"]["coverage"]
        title = f"{best} is worth less than {second} most often where {where}"
        described = (
            f"In the box {significant(100 * dense, 2)} % of the draws are such, of all "
            f"{significant(100 * base, 2)} %; the box holds {significant(100 * cover, 2)} % of "
            "them. Both are of draws that had no say in the box."
        )
    rows = [
        (*(Cell(NOTHING if v is None else str(v), v) for v in pair), text("yes" if one else "no"))
        for *pair, one in zip(*found["values"], found["case"], strict=True)
    ]
    return Exhibit(
        "worse",
        title,
        f"Each dot is a draw of the assumptions. {described}",
        lambda width, heading: cases(
            across,
            up,
            case,
            (f"{best} is worth more", f"{second} is worth more"),
            width=width,
            heading=heading,
        ),
        Table((*found["names"], f"{second} is worth more"), rows_of(rows)),
    )


def _axis(name: str, values: list[float | str | None], limit: Tree | None) -> Axis:
    options = tuple(sorted({v for v in values if isinstance(v, str)}))
    if not options:
        found = np.array([np.nan if v is None else v for v in values], np.float64)
        ends = (limit["low"], limit["high"]) if limit else (None, None)
        return Axis(name, found, (), *ends)
    if limit and limit["options"]:  # those in the box stand side by side
        options = tuple(sorted(options, key=lambda option: option not in limit["options"]))
    codes = np.array([options.index(str(v)) for v in values], np.float64)
    high = len(limit["options"]) - 0.5 if limit and limit["options"] else None
    return Axis(name, codes, options, None, high)
