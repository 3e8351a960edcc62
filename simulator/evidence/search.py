"""Where the likelihood of a form is highest: for a record, and for each of its resamples.

The likelihood of a mixture has many maxima: a few spells that end together make one. The search
for a record starts from every combination of the values that its form lists.
"""

from __future__ import annotations

import numpy as np

from simulator.evidence.forms import Form, to_working
from simulator.evidence.lifetables import LifeTable
from simulator.evidence.likelihood import (
    Objective,
    Terms,
    row_terms,
    table_likelihood,
    term_likelihood,
    with_half_events,
)
from simulator.evidence.newton import Maximum, maximise
from simulator.evidence.spells import Floats, Spells

__all__ = ["highest", "highest_of_each"]

_CHUNK = 60_000  # replicate x term cells per pass: what the processor's cache holds
_FIRST_STEPS, _STEPS = 8, 200  # of every climb, and of those that go on
_KEPT = 24  # climbs that go on
_POLISHED = 3  # maxima found on a grid of ages that are climbed on all ages
_SEARCH_RATIO, _RESAMPLE_RATIO = 1.15, 1.05  # of the ages at which a large record is read
_SAME_HEIGHT = 1e-6  # of the log-likelihood


def _content(record: Spells | LifeTable, ratio: float = 1.0) -> Terms | LifeTable:
    """What of a record the likelihood is evaluated at."""
    return row_terms(record, ratio) if isinstance(record, Spells) else record


def _counts(content: Terms | LifeTable) -> Floats:
    """Return the counts of the record itself, one replicate."""
    if isinstance(content, Terms):
        return content.counts(np.ones((1, int(content.row.max()) + 1)))
    return content.events[None, :].astype(np.float64)


def _objective(form: Form, content: Terms | LifeTable, counts: Floats) -> Objective:
    """Return the objective for counts (replicates, terms or bands)."""
    if isinstance(content, Terms):
        return term_likelihood(form, content, counts)
    return table_likelihood(form, content, counts)


def _box(form: Form) -> tuple[Floats, Floats]:
    lower, upper = to_working(form, np.array([form.lower, form.upper]))
    return lower, upper


def _starts(form: Form, record: Spells | LifeTable) -> Floats:
    """Put the form's starting points on the clock of the record: working, (starts, parameters)."""
    if isinstance(record, Spells):
        ages, years = record.exit[record.event], record.years_at_risk
    else:
        ages, years = np.repeat(record.edges[1:], record.events), record.total_years
    tried = []
    for name, values in zip(form.parameters, form.starts, strict=True):
        if name == "scale_years":
            tried.append(np.quantile(ages, values))
        elif name == "failing_hazard":
            tried.append(1.0 / np.quantile(ages, values))
        elif name.endswith("hazard"):
            tried.append(np.array(values) * record.failures / years)
        else:
            tried.append(np.array(values))
    points = np.stack(np.meshgrid(*tried, indexing="ij"), axis=-1).reshape(-1, len(tried))
    return to_working(form, np.clip(points, form.lower, form.upper))


def highest(form: Form, record: Spells | LifeTable) -> Maximum:
    """Climb from every start; the highest point found comes first.

    Every start is climbed a few steps, the most promising to the end, on the grid of a large
    record's ages; the best of what they reach is climbed again on all ages.
    """
    content = _content(record, _SEARCH_RATIO)

    def climb(points: Floats, steps: int) -> Maximum:
        counts = _counts(content)
        size = max(1, _CHUNK // counts.shape[1])
        objective = _objective(form, content, np.repeat(counts, min(size, len(points)), axis=0))
        blocks = [
            maximise(objective, points[first : first + size], *_box(form), steps)
            for first in range(0, len(points), size)
        ]
        return _highest_first(blocks)

    rough = climb(_starts(form, record), _FIRST_STEPS)
    found = climb(rough.point[:_KEPT], _STEPS)
    every = _content(record)
    if _counts(every).shape != _counts(content).shape:
        content = every
        found = climb(found.point[_apart(found.value)[:_POLISHED]], _STEPS)
    return found


def _highest_first(parts: list[Maximum]) -> Maximum:
    point, value, converged, at_bound = zip(*parts, strict=True)
    order = np.argsort(-np.concatenate(value), kind="stable")
    return Maximum(
        np.concatenate(point)[order],
        np.concatenate(value)[order],
        np.concatenate(converged)[order],
        np.concatenate(at_bound)[order],
    )


def _apart(falling: Floats) -> list[int]:
    """One of each height: where one regime fits as well as two, a ridge of points has the same."""
    kept = [0]
    for i in range(1, len(falling)):
        if falling[kept[-1]] - falling[i] > _SAME_HEIGHT:
            kept.append(i)
    return kept


def highest_of_each(
    form: Form, record: Spells | LifeTable, weights: Floats, half: bool, own: Floats
) -> Maximum:
    """Find the highest point of each of many reweighted records.

    Each is climbed from the record's own maximum and from the form's central starts, not from
    everywhere: half an event more in each regime makes a summit of its own where next to no spell
    fails at the fastest hazard of the box, and that one says nothing of the record.

    Parameters
    ----------
    form : Form
        The family.
    record : Spells or LifeTable
        Many rows of distinct ages are read off a grid (`simulator.evidence.likelihood.row_terms`).
    weights : ndarray, shape (replicates, rows or bands)
        Multiplicities of the rows, or event counts of the bands; a failure at least in each.
    half : bool
        Whether to add half events (`simulator.evidence.likelihood.with_half_events`).
    own : ndarray, shape (parameters,)
        The record's own maximum, natural.
    """
    content = _content(record, _RESAMPLE_RATIO)
    counts = content.counts(weights) if isinstance(content, Terms) else weights
    size = max(1, _CHUNK // counts.shape[1])
    years = record.years_at_risk if isinstance(record, Spells) else record.total_years
    central = [_scaled(form, point, years / record.failures) for point in form.central]
    starts = np.clip(np.array([own.tolist(), *central]), form.lower, form.upper)
    blocks = []
    for first in range(0, len(counts), size):
        part = counts[first : first + size]
        objective = _objective(form, content, part)
        objective = with_half_events(form, objective) if half else objective
        best: Maximum | None = None
        for start in to_working(form, starts):
            found = maximise(objective, np.tile(start, (len(part), 1)), *_box(form))
            best = found if best is None else _higher(best, found)
        assert best is not None
        blocks.append(best)
    return Maximum(*map(np.concatenate, zip(*blocks, strict=True)))


def _scaled(form: Form, point: tuple[float, ...], years_per_failure: float) -> list[float]:
    """Put a point on the clock of a record, times in its years per failure."""
    power = {"years": 1.0, "hazard": -1.0}
    return [
        value * years_per_failure ** power.get(name.rpartition("_")[2], 0.0)
        for name, value in zip(form.parameters, point, strict=True)
    ]


def _higher(one: Maximum, other: Maximum) -> Maximum:
    """The higher of two points of each replicate."""
    better = other.value > one.value
    return Maximum(
        np.where(better[:, None], other.point, one.point),
        np.where(better, other.value, one.value),
        np.where(better, other.converged, one.converged),
        np.where(better[:, None], other.at_bound, one.at_bound),
    )
