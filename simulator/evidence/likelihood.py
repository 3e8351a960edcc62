"""The log-likelihood of a form given rows or given a life table, for many replicates at once.

Rows: sum over rows of d log h(exit) + log S(exit) - log S(entry), which is right censoring and
left truncation; a replicate is a weight per row (a bootstrap's multiplicities). Rows that share an
age share a term of the sum, so that a record of whole weeks costs no more than its weeks do.

Life table: the hazard inside a band is taken to be its average over the band,
m_k = log(S(a_k) / S(b_k)) / (b_k - a_k), and the band contributes events_k log m_k - m_k years_k.
For a hazard constant within bands this is the likelihood of the rows exactly; otherwise what is
lost is the *grouping error*, which the tests measure. A replicate is a column of event counts.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from simulator.evidence.forms import Form
from simulator.evidence.kernels import LogTerm
from simulator.evidence.lifetables import LifeTable
from simulator.evidence.spells import Floats, Indices, Spells

__all__ = [
    "Objective",
    "Terms",
    "Value",
    "row_likelihood",
    "row_terms",
    "table_likelihood",
    "term_likelihood",
    "with_half_events",
]

MOST_TERMS = 600
"""A record with more distinct ages than this may be read off a grid of them."""

Value = tuple[Floats, Floats, Floats]
"""Log-likelihood (r,), gradient (r, p) and Hessian (r, p, p) of r replicates."""

Objective = Callable[[Floats, npt.NDArray[np.int64]], Value]
"""``objective(working parameters (r, p), numbers of the replicates (r,)) -> Value``."""


def _weighted(term: LogTerm, weights: Floats) -> Value:
    """Sum a term over ages with weights (r, ages)."""
    p = len(term.gradient)
    hessian = np.zeros((len(weights), p, p))
    for (a, b), values in term.hessian.items():
        hessian[:, a, b] = hessian[:, b, a] = np.einsum("ri,ri->r", weights, values)
    gradient = np.stack([np.einsum("ri,ri->r", weights, g) for g in term.gradient], axis=1)
    return np.einsum("ri,ri->r", weights, term.value), gradient, hessian


@dataclass(frozen=True)
class Terms:
    """The terms of the log-likelihood of rows: log density or log survival at an age.

    Attributes
    ----------
    age, event : ndarray, shape (m,)
        Age in years; 1 for a log density, 0 for a log survival.
    row, term, share : ndarray, shape (k,)
        A row counts `share` times in a term; an entry age counts -1 times.
    """

    age: Floats
    event: Floats
    row: Indices
    term: Indices
    share: Floats

    def counts(self, weights: Floats) -> Floats:
        """How often each term counts, shape (replicates, m), for weights (replicates, n)."""
        size = len(self.age)
        return np.stack(
            [np.bincount(self.term, self.share * each[self.row], size) for each in weights]
        )


def row_terms(spells: Spells, ratio: float = 1.0) -> Terms:
    """Gather the terms of rows, one for each distinct age and kind.

    Parameters
    ----------
    spells : Spells
        n rows.
    ratio : float
        Above 1: of a record with more than `MOST_TERMS`, take those on a grid of its ages alone,
        each at least this many times the last, and share a row's term between the neighbours of
        its age, linearly.

    Notes
    -----
    A log survival that is linear in age comes off the grid unchanged, so an exponential life is
    fitted exactly. What others lose is below ((ratio - 1) t)^2 / 8 times the curvature of log h or
    log S at t. At a ratio of 1.05 that is some 3e-4 of the shape of a Weibull, a thirtieth of its
    standard error with 10,000 failures.
    """
    late = np.flatnonzero(spells.entry > 0)
    row = np.concatenate([np.arange(len(spells)), late])
    share = np.concatenate([np.ones(len(spells)), -np.ones(len(late))])
    age = np.concatenate([spells.exit, spells.entry[late]])
    ended = np.concatenate([spells.event, np.zeros(len(late), dtype=bool)])
    distinct = [np.unique(age[ended == kind]) for kind in (False, True)]
    if ratio > 1.0 and sum(map(len, distinct)) > MOST_TERMS:
        distinct = [_grid(ages, ratio) for ages in distinct]
    parts = []
    for kind, ages in enumerate(distinct):
        here = np.flatnonzero(ended == bool(kind))
        term, above = _places(ages, age[here])
        term += kind * len(distinct[0])
        parts.append((row[here], term, share[here] * (1.0 - above)))
        between = above > 0
        parts.append((row[here][between], term[between] + 1, (share[here] * above)[between]))
    event = np.repeat([0.0, 1.0], [len(ages) for ages in distinct])
    return Terms(np.concatenate(distinct), event, *map(np.concatenate, zip(*parts, strict=True)))


def _grid(ages: Floats, ratio: float) -> Floats:
    """Those of increasing ages that lie a ratio above the last one taken, and the greatest."""
    taken, at = [], 0
    while at < len(ages) - 1:
        taken.append(at)
        at = min(int(np.searchsorted(ages, ages[at] * ratio)), len(ages) - 1)
    return ages[[*taken, len(ages) - 1]] if len(ages) else ages


def _places(grid: Floats, ages: Floats) -> tuple[Indices, Floats]:
    """Number of the last age on the grid that is not above each age, and how far it is passed."""
    place = np.searchsorted(grid, ages, side="right") - 1
    following = grid[np.minimum(place + 1, len(grid) - 1)]
    width = following - grid[place]
    return place, np.where(width > 0, (ages - grid[place]) / np.where(width > 0, width, 1.0), 0.0)


def term_likelihood(form: Form, terms: Terms, counts: Floats) -> Objective:
    """Return the objective of `form` on terms, each counted `counts` (replicates, m) times."""

    def objective(working: Floats, which: npt.NDArray[np.int64]) -> Value:
        return _weighted(form.kernel(working, terms.age, terms.event), counts[which])

    return objective


def row_likelihood(form: Form, spells: Spells, weights: Floats) -> Objective:
    """Return the objective of `form` on rows.

    Parameters
    ----------
    form : Form
        The family.
    spells : Spells
        n rows.
    weights : ndarray, shape (replicates, n)
        How often each row counts.
    """
    terms = row_terms(spells)
    return term_likelihood(form, terms, terms.counts(weights))


def table_likelihood(form: Form, table: LifeTable, events: Floats) -> Objective:
    """Return the objective of `form` on a life table.

    Parameters
    ----------
    form : Form
        The family.
    table : LifeTable
        Bands and years at risk.
    events : ndarray, shape (replicates, bands)
        Event counts of each replicate; ``table.events[None, :]`` for the table itself.
    """
    width = np.diff(table.edges)
    years = table.years_at_risk
    alive = np.zeros(len(table.edges))

    def objective(working: Floats, which: npt.NDArray[np.int64]) -> Value:
        edge = form.kernel(working, table.edges, alive)
        mean = -np.diff(edge.value, axis=1) / width
        counts = events[which]
        mean = np.maximum(mean, 1e-300)
        slope = counts / mean - years  # d(events log m - m years) / dm
        bend = -counts / mean**2
        steps = [-np.diff(np.broadcast_to(g, edge.value.shape), axis=1) / width
                 for g in edge.gradient]  # fmt: skip
        p = len(steps)
        gradient = np.stack([np.einsum("rk,rk->r", slope, g) for g in steps], axis=1)
        hessian = np.empty((len(working), p, p))
        for a in range(p):
            for b in range(a, p):
                entry = np.einsum("rk,rk,rk->r", bend, steps[a], steps[b])
                if (a, b) in edge.hessian:
                    curve = -np.diff(edge.hessian[a, b], axis=1) / width
                    entry = entry + np.einsum("rk,rk->r", slope, curve)
                hessian[:, a, b] = hessian[:, b, a] = entry
        return (counts * np.log(mean) - mean * years).sum(axis=1), gradient, hessian

    return objective


def with_half_events(form: Form, objective: Objective) -> Objective:
    """Add half an event to every hazard and half a life to both sides of every share.

    This is the Jeffreys prior of the complete data (log h: h^(1/2); w: (w (1 - w))^(1/2) on the
    logit scale), for an exponential life the correction of Firth (1993). It keeps a regime that no
    failure fixes away from the edge of the box, where a logarithm or a quantile means nothing.
    """
    rates = 0.5 * np.array(form.hazards)
    shares = np.array(form.shares)

    def penalised(working: Floats, which: npt.NDArray[np.int64]) -> Value:
        value, gradient, hessian = objective(working, which)
        share = 1.0 / (1.0 + np.exp(-working))
        room = np.where(shares, share * (1.0 - share), 1.0)
        value = value + working @ rates + 0.5 * np.log(room).sum(axis=1)
        gradient = gradient + rates + np.where(shares, 0.5 - share, 0.0)
        curve = np.where(shares, room, 0.0)
        return value, gradient, hessian - curve[:, :, None] * np.eye(len(shares))

    return penalised
