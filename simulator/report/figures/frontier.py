"""Plans of a decision over the worth of peace: how likely each is the best, and what it loses."""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Final

import numpy as np

from simulator.decide.decision import Decision
from simulator.estimates.outcome import Band
from simulator.number_format import significant
from simulator.report.exhibit import Exhibit, kind
from simulator.report.figures.response import Response, response
from simulator.report.prose.decisions import POOLED, upper_worths, worth_at
from simulator.report.tables import table

MOST_LOSS: Final = 50.0  # per cent of the worth of peace; what loses more is out of the question
WORTHS: Final = "worth of twenty years of peace, GBP billion"


@kind("frontier", "which plan is best, by the worth of peace", "decide", 1)
def frontier(decision: Decision) -> Exhibit | None:
    """How likely each plan is the best, by the worth of peace."""
    found = decision.frontier.get(POOLED)
    if found is None:
        return None
    last, changes = found.plans[-1], found.changes
    since = f" from GBP {worth_at(changes[-1])} on" if changes else ", whatever peace is worth"
    return _along(
        f"{last} is the best plan on average{since}",
        "Share of the draws in which each plan is the best of all, by what twenty years of peace "
        "are worth. The best on average need not be the best in most draws. Best on average: "
        f"{', '.join([*upper_worths(found), f'{last} above'])}, each with its 95 % interval.",
        "best of all, % of draws",
        found.worths,
        found.probability_best,
        100.0,
    )


@kind("losses", "what choosing each plan loses, by the worth of peace", "decide", 2)
def losses(decision: Decision) -> Exhibit | None:
    """Expected loss of each plan, by the worth of peace."""
    found = decision.frontier.get(POOLED)
    if found is None:
        return None
    # What share of the worth of peace is lost at most: large numbers of both at the right.
    worths = np.array(found.worths)
    relative = {plan: (np.array(of) / worths).tolist() for plan, of in found.loss.items()}
    least = min(relative, key=lambda plan: max(relative[plan]))
    most = significant(100.0 * max(relative[least]), 2)
    return _along(
        f"{least} never loses more than {most} % of what twenty years of peace are worth",
        "What the best plan of each draw is worth more than this one, on average, in per cent of "
        "the worth of twenty years of peace. At each worth the lowest curve is the value of "
        "knowing everything.",
        "expected loss, % of the worth of peace",
        found.worths,
        relative,
        MOST_LOSS,
    )


def _along(
    title: str,
    description: str,
    y_title: str,
    worths: Sequence[float],
    by_plan: Mapping[str, Sequence[float]],  # in the same order and colours in both figures
    most: float,
) -> Exhibit:
    """Curves over the worth of peace."""
    x = np.array(worths) / 1e9
    unknown = np.full(x.size, np.nan)
    lines = [
        Response(plan, x, Band(np.array(of), unknown, unknown, unknown))
        for plan, of in by_plan.items()
    ]
    limits = (0.0, min(most, 1.05 * 100.0 * max(max(values) for values in by_plan.values())))
    rows = [
        (plan, at, 100.0 * value)
        for plan, of in by_plan.items()
        for at, value in zip(x.tolist(), of, strict=True)
    ]
    draw = partial(response, lines, x_title=WORTHS, y_title=y_title, limits=limits, log=True)
    return Exhibit(title, description, draw, table(("plan", WORTHS, y_title), rows))
