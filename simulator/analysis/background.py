"""What stands behind a run, for whoever reads its results: assumptions, sources, influences.

None of it is needed to use the numbers; a report cannot do without it. It is kept in one file of
the run's folder, `background.json`.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

import numpy as np

from simulator.analysis.run import Job, Result
from simulator.books.draws import Draws
from simulator.estimates.deployment import deployment, deployment_json
from simulator.estimates.influence import influences, quantity
from simulator.estimates.options import survival_by_option
from simulator.model.compiled import FloatArray

MOST_INFLUENCES = 20
BAND = ("value", "mcse", "p05", "p95")
_DIGITS = 4  # significant, of quantiles over draws and of curves by option


def background(results: Sequence[Result]) -> dict[str, Any]:
    """Assumptions with their sources, how they were drawn, what they move, and who is deployed.

    Parameters
    ----------
    results : sequence of Result
        The scenarios of one run.

    Returns
    -------
    dict
        ``books``: book -> its whole content with sources (`Book.machine_form`). ``scenarios``: one
        object for each result with ``scenario``, ``book``, ``choices`` (choice -> option -> share
        of the draws), ``drawn`` (assumption -> 5th, 50th and 95th percentile over draws),
        ``influence`` (``quantity`` and ``ranked``, at most `MOST_INFLUENCES`),
        ``survival_by_option`` (``years``, and ``choices``: choice -> option -> curve),
        ``deployment``, and ``draws``: how many of the draws, the first, all of this is read off.
    """
    books = {result.job.book.name: result.job.book.machine_form() for result in results}
    return {"books": books, "scenarios": [_of_one(result) for result in results]}


def together(parts: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Join the backgrounds of several results, as if `background` had been given all of them."""
    return {
        "books": {name: book for part in parts for name, book in part["books"].items()},
        "scenarios": [one for part in parts for one in part["scenarios"]],
    }


def behind_plans(jobs: Mapping[str, Job]) -> dict[str, Any]:
    """What stands behind a comparison: its plans resolved, and the books with their sources.

    Parameters
    ----------
    jobs : mapping of str to Job
        By the name of the plan in the comparison.

    Returns
    -------
    dict
        ``plans``: plan -> the resolved scenario and the name of its book; ``books``: book -> its
        whole content with sources; ``digests``: of scenarios and books.
    """
    digests = {f"scenario:{name}": job.scenario.digest for name, job in jobs.items()}
    digests |= {f"book:{job.book.name}": job.book.digest for job in jobs.values()}
    return {
        "plans": {
            name: {"scenario": job.scenario.machine_form(), "book": job.book.name}
            for name, job in jobs.items()
        },
        "books": {job.book.name: job.book.machine_form() for job in jobs.values()},
        "digests": digests,
    }


def _of_one(result: Result) -> dict[str, Any]:
    ranked = influences(result.tally, result.draws)[:MOST_INFLUENCES]
    return {
        "scenario": result.job.scenario.name,
        "book": result.job.book.name,
        "draws": result.draws.numbers.size,
        "choices": _choices(result.draws),
        "drawn": _drawn(result.draws),
        "influence": {
            "quantity": quantity(result.tally),
            "ranked": [
                asdict(one) | {"groups": [asdict(group) for group in one.groups]} for one in ranked
            ],
        },
        "survival_by_option": _survival_by_option(result),
        "deployment": deployment_json(deployment(result.model, result.job.trials)),
    }


def _survival_by_option(result: Result) -> dict[str, Any]:
    """Curves at whole years, and at all of the grid in the first two; NaN as null."""
    years = result.outcome.curves.years
    kept = (years == np.round(years)) | (years < 2.0)
    found = survival_by_option(result.tally, result.draws.labels)
    return {
        "years": years[kept].tolist(),
        "choices": {
            choice: {
                option: {name: _short(getattr(band, name)[kept]) for name in BAND}
                for option, band in options.items()
            }
            for choice, options in found.items()
        },
    }


def _short(values: FloatArray) -> list[float | None]:
    return [None if np.isnan(v) else float(f"{v:.{_DIGITS}g}") for v in values]


def _choices(draws: Draws) -> dict[str, dict[str, float]]:
    found = {}
    for choice, taken in draws.labels.items():
        counts = Counter(taken)
        found[choice] = {option: counts[option] / len(taken) for option in sorted(counts)}
    return found


def _drawn(draws: Draws) -> dict[str, list[float]]:
    """Quantiles over draws; where nothing varies all three are that value."""
    names = list(draws.values)
    table = np.stack([draws.values[name] for name in names])
    low, middle, high = np.quantile(table, [0.05, 0.5, 0.95], axis=1)
    return {
        name: [float(f"{value:.{_DIGITS}g}") for value in (low[i], middle[i], high[i])]
        for i, name in enumerate(names)
    }
