"""What a plan does if each person's view is assumed, under the same draws.

The draws of a run that took a view differ from those of another in everything else too, which is
most of what would be seen between them. Here every view is pinned in turn, and all share draws and
worlds: a difference is the view's.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

import numpy as np

from simulator.analysis.run import Job, tally_draws
from simulator.books.book import POOL_CHOICE, Book
from simulator.books.load import weights_of
from simulator.estimates.compare import errors_needed
from simulator.estimates.estimate import Estimate
from simulator.estimates.influence import VIEW
from simulator.estimates.paired import comparable, difference_estimates, in_columns, rows_of
from simulator.quantities import CLAIM

DRAWS: Final = 1_024  # enough: what two views share is gone from their difference
TRIALS: Final = 4

LEAST: Final = 0.01  # difference of a probability that is worth a line


def views(job: Job) -> dict[str, dict[str, dict[str, Estimate]]]:
    """Compare the views that a job's draws can take: book -> view -> headline -> Estimate.

    Each is the view less the mean of all views of that book, by their weights, in the first `DRAWS`
    draws. Books of which a job takes fewer than two views are left out.
    """
    taken = weights_of(job.scenario.structure.get(POOL_CHOICE, job.book.pool_weights))
    pooled = {name: book for name, book in job.book.pool.items() if taken.get(name)}
    books = pooled or {job.book.name: job.book}
    found = {name: _of_book(job, name, book) for name, book in books.items()}
    return {name: compared for name, compared in found.items() if compared}


def _of_book(job: Job, name: str, book: Book) -> dict[str, dict[str, Estimate]]:
    pins = dict(job.scenario.structure) | ({POOL_CHOICE: name} if job.book.pool else {})
    weights = weights_of(pins.get(VIEW, book.choices[VIEW].weights)) if VIEW in book.choices else {}
    weights = {view: weight for view, weight in weights.items() if weight > 0.0}
    if len(weights) < 2:
        return {}
    small = replace(job, draws=min(job.draws, DRAWS), trials=min(job.trials, TRIALS))
    rows = []
    for view in weights:
        pinned = replace(job.scenario, structure=pins | {VIEW: view})
        rows.append(rows_of(tally_draws(replace(small, scenario=pinned), 0, small.draws)))
    shares = np.array(list(weights.values())) / sum(weights.values())
    found: dict[str, dict[str, Estimate]] = {view: {} for view in weights}
    for quantity in (name for name in CLAIM if name in comparable([job.horizon])):
        columns = in_columns(rows, quantity)
        less_mean = difference_estimates(columns - (columns @ shares)[:, None], rows[0])
        for view, estimate in zip(weights, less_mean, strict=True):
            found[view][quantity] = estimate
    return found


def differs(found: Mapping[str, Estimate], draws: int) -> bool:
    """Whether a view's difference is worth a line: large, and larger than chance makes it."""
    needed = errors_needed(draws)
    return any(
        e.value is not None and e.mcse is not None and abs(e.value) >= max(LEAST, needed * e.mcse)
        for e in found.values()
    )
