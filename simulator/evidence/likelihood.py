"""The log-likelihood of a form given rows or given a life table, for many replicates at once.

Rows: sum over rows of d log h(exit) + log S(exit) - log S(entry), which is right censoring and
left truncation; a replicate is a weight per row (a bootstrap's multiplicities).

Life table: the hazard inside a band is taken to be its average over the band,
m_k = log(S(a_k) / S(b_k)) / (b_k - a_k), and the band contributes events_k log m_k - m_k years_k.
For a hazard constant within bands this is the likelihood of the rows exactly; otherwise what is
lost is the *grouping error*, which the tests measure. A replicate is a column of event counts.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from simulator.evidence.forms import Form
from simulator.evidence.kernels import LogTerm
from simulator.evidence.lifetables import LifeTable
from simulator.evidence.spells import Floats, Spells

__all__ = ["Objective", "Value", "row_likelihood", "table_likelihood", "with_half_events"]

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
    event = spells.event.astype(np.float64)
    late = np.flatnonzero(spells.entry > 0)

    def objective(working: Floats, which: npt.NDArray[np.int64]) -> Value:
        chosen = weights[which]
        total = _weighted(form.kernel(working, spells.exit, event), chosen)
        if not len(late):
            return total
        before = form.kernel(working, spells.entry[late], np.zeros(len(late)))
        return tuple(  # type: ignore[return-value]  # three arrays in, three arrays out
            a - b for a, b in zip(total, _weighted(before, chosen[:, late]), strict=True)
        )

    return objective


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
