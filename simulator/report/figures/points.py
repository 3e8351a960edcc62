"""Every point of a sweep in order."""

from functools import partial
from typing import Final

import numpy as np

from simulator.report.exhibit import Exhibit, kind
from simulator.report.figures.heat import COMMON_NUMBERS
from simulator.report.forest import Column, Row, forest
from simulator.report.prose.names import HEADLINES, quantity
from simulator.report.sweep_view import View
from simulator.results.sweep import described

MOST_ROWS: Final = 40


@kind("points", f"all points in order, if they are at most {MOST_ROWS}", "sweep", 6)
def points(view: View) -> Exhibit | None:
    """Every point in order."""
    found = view.sweep.points
    if view.is_sample or len(found) > MOST_ROWS:
        return None
    names = [n for n in HEADLINES if any(p.estimates[n].value is not None for p in found)]
    names = names or [view.name]
    ordered = [found[i] for i in np.argsort(-view.values, kind="stable")]
    rows = [Row(described(p), tuple(p.estimates[n] for n in names)) for p in ordered]
    return Exhibit(
        "All points in order",
        f"The points by “{view.of.title}”, the highest first. {COMMON_NUMBERS}",
        partial(forest, rows, [Column(quantity(n).titled) for n in names]),
        view.table(names),
    )
