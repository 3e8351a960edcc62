"""Life tables: events and spell-years at risk by age band.

A life table is what may be shipped of a record whose rows may not: it lists no spell, and every
form of `simulator.evidence.forms` can be fitted to it, as to a `simulator.evidence.search.Record`.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from simulator.evidence.forms import Form
from simulator.evidence.kernels import Value
from simulator.evidence.search import Objective
from simulator.evidence.spells import Floats, Indices, Spells

EDGES_YEARS: Floats = np.array(
    [0, 1 / 12, 1 / 4, 1 / 2, 3 / 4, 1, 1.5, 2, 3, 4, 5, 7.5, 10, 15, 20, 25, 30, 40, 50, 60, 80],
    dtype=np.float64,
)
"""Band edges in years: narrow where the record's hazard falls steeply, wide in the tail."""


@dataclass(frozen=True)
class LifeTable:
    """Events and time at risk in the age bands ``(edges[k], edges[k + 1]]``.

    Raises `ValueError` if lengths or order are wrong, or a band has events but no time at risk.
    """

    edges: Floats  # years, increasing, shape (bands + 1,)
    entering: Indices  # rows watched at some age in the band, shape (bands,)
    events: Indices
    years: Floats  # spell-years watched in the band

    def __post_init__(self) -> None:
        bands = len(self.edges) - 1
        if not len(self.events) == len(self.entering) == len(self.years) == bands:
            raise ValueError(f"{bands + 1} edges need {bands} values in every column")
        if bands < 1 or not np.all(np.diff(self.edges) > 0) or self.edges[0] < 0:
            raise ValueError(f"edges must increase from an age >= 0, got {self.edges.tolist()}")
        if np.any(self.events < 0) or np.any(self.years < 0):
            raise ValueError("events and years at risk must not be negative")
        if np.any((self.events > 0) & (self.years <= 0)):
            raise ValueError("a band has events but no years at risk")

    def __len__(self) -> int:
        return len(self.events)

    @property
    def failures(self) -> int:
        """Number of events in all bands."""
        return int(self.events.sum())

    @property
    def years_at_risk(self) -> float:
        """Spell-years in all bands."""
        return float(self.years.sum())

    def ages_at_failure(self) -> Floats:
        """The end of its band for each event."""
        return np.repeat(self.edges[1:], self.events)

    def failed(self, weights: Floats) -> Floats:
        """Return the failures of each replicate."""
        return np.asarray(weights.sum(axis=1))

    def resample(self, replicates: int, rng: np.random.Generator) -> Floats:
        """Draw events of each band from a Poisson law with the observed count as mean."""
        return rng.poisson(self.events, size=(replicates, len(self))).astype(np.float64)

    def terms(self, ratio: float = 1.0) -> LifeTable:
        """Return the table itself: its bands are few, whatever the ratio of ages."""
        return self

    def own(self) -> Floats:
        """Counts of the table itself, one replicate."""
        return self.events[None, :].astype(np.float64)

    def counts(self, weights: Floats) -> Floats:
        """Return the event counts of each replicate, which its weights are."""
        return weights

    def objective(self, form: Form, counts: Floats) -> Objective:
        """Return the log-likelihood of `form` for event counts, shape (replicates, bands).

        The hazard inside a band is taken to be its average over the band,
        m_k = log(S(a_k) / S(b_k)) / (b_k - a_k), and the band contributes events_k log m_k -
        m_k years_k. For a hazard constant within bands this is the likelihood of the rows exactly;
        otherwise what is lost is the *grouping error*, which the tests measure.
        """
        width = np.diff(self.edges)
        surviving = np.zeros(len(self.edges))

        def objective(working: Floats, which: Indices) -> Value:
            edge = form.kernel(working, self.edges, surviving)
            mean = np.maximum(-np.diff(edge.value, axis=1) / width, 1e-300)
            events = counts[which]
            slope = events / mean - self.years  # d(events log m - m years) / dm
            bend = -events / mean**2
            steps = [
                -np.diff(np.broadcast_to(g, edge.value.shape), axis=1) / width
                for g in edge.gradient
            ]
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
            return (events * np.log(mean) - mean * self.years).sum(axis=1), gradient, hessian

        return objective


def life_table(spells: Spells, edges: Floats = EDGES_YEARS, fewest: int = 1) -> LifeTable:
    """Count `spells` into the age bands ``(edges[k], edges[k + 1]]``.

    Left truncation and several stretches of one spell are allowed. Bands beyond the last age
    watched are dropped; last bands that fewer rows than `fewest` enter are joined with the one
    before, so that a table which is shipped discloses the length of no single spell.

    Raises `ValueError` if a spell is watched outside ``(edges[0], edges[-1]]``.
    """
    if spells.entry.min() < edges[0] or spells.exit.max() > edges[-1]:
        raise ValueError(
            f"ages run from {spells.entry.min():g} to {spells.exit.max():g} years, outside the "
            f"bands {edges[0]:g} to {edges[-1]:g}"
        )
    last = int(np.searchsorted(edges, spells.exit.max(), side="left"))
    edges = edges[: last + 1]
    while True:
        low, high = edges[:-1], edges[1:]
        stay = np.minimum(spells.exit[:, None], high) - np.maximum(spells.entry[:, None], low)
        if len(edges) == 2 or (stay[:, -1] > 0).sum() >= fewest:
            break
        edges = np.delete(edges, -2)
    band = np.searchsorted(edges, spells.exit, side="left") - 1
    return LifeTable(
        edges=edges,
        entering=(stay > 0).sum(axis=0),
        events=np.bincount(band[spells.event], minlength=len(edges) - 1),
        years=np.maximum(stay, 0.0).sum(axis=0),
    )
