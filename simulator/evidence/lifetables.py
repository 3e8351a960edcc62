"""Life tables: events and spell-years at risk by age band.

A life table is what may be shipped of a record whose rows may not: it lists no spell, and every
form of `simulator.evidence.forms` can be fitted to it (`simulator.evidence.likelihood`).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from simulator.evidence.spells import Floats, Spells

__all__ = ["EDGES_YEARS", "LifeTable", "life_table", "table_survival"]

Counts = npt.NDArray[np.int64]

EDGES_YEARS: Floats = np.array(
    [0, 1 / 12, 1 / 4, 1 / 2, 3 / 4, 1, 1.5, 2, 3, 4, 5, 7.5, 10, 15, 20, 25, 30, 40, 50, 60, 80],
    dtype=np.float64,
)
"""Band edges in years: narrow where the record's hazard falls steeply, wide in the tail."""


@dataclass(frozen=True)
class LifeTable:
    """Events and time at risk in the age bands ``(edges[k], edges[k + 1]]``.

    Attributes
    ----------
    edges : ndarray of float, shape (bands + 1,)
        Ages in years, strictly increasing.
    entering : ndarray of int, shape (bands,)
        Rows watched at some age in the band.
    events : ndarray of int, shape (bands,)
        Rows that failed in the band.
    years_at_risk : ndarray of float, shape (bands,)
        Spell-years watched in the band.

    Raises
    ------
    ValueError
        If lengths or order are wrong, or a band has events but no time at risk.
    """

    edges: Floats
    entering: Counts
    events: Counts
    years_at_risk: Floats

    def __post_init__(self) -> None:
        bands = len(self.edges) - 1
        if not len(self.events) == len(self.entering) == len(self.years_at_risk) == bands:
            raise ValueError(f"{bands + 1} edges need {bands} values in every column")
        if bands < 1 or not np.all(np.diff(self.edges) > 0) or self.edges[0] < 0:
            raise ValueError(f"edges must increase from an age >= 0, got {self.edges.tolist()}")
        if np.any(self.events < 0) or np.any(self.years_at_risk < 0):
            raise ValueError("events and years at risk must not be negative")
        if np.any((self.events > 0) & (self.years_at_risk <= 0)):
            raise ValueError("a band has events but no years at risk")

    @property
    def failures(self) -> int:
        """Number of events in all bands."""
        return int(self.events.sum())

    @property
    def total_years(self) -> float:
        """Spell-years in all bands."""
        return float(self.years_at_risk.sum())


def life_table(spells: Spells, edges: Floats = EDGES_YEARS, fewest: int = 1) -> LifeTable:
    """Count `spells` into the age bands ``(edges[k], edges[k + 1]]``.

    Parameters
    ----------
    spells : Spells
        Watched stretches; left truncation and several stretches per life are allowed.
    edges : ndarray of float, shape (bands + 1,)
        Ages in years, strictly increasing; bands beyond the last age watched are dropped.
    fewest : int
        Last bands that fewer rows than this enter are joined with the one before, so that a table
        which is shipped tells nobody the length of a single spell.

    Raises
    ------
    ValueError
        If a spell is watched outside ``(edges[0], edges[-1]]``.
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
        years_at_risk=np.maximum(stay, 0.0).sum(axis=0),
    )


def table_survival(table: LifeTable) -> tuple[Floats, Floats]:
    """Survival at the edges of a life table, with the hazard constant inside each band.

    Returns
    -------
    ages, survival : ndarray, shape (bands + 1,)
        Conditional on being alive at the first edge, which is age 0 unless the table begins later.
    """
    width = np.diff(table.edges)
    hazard = table.events / np.maximum(table.years_at_risk, 1e-300)
    spent = np.where(table.years_at_risk > 0, hazard * width, 0.0)
    return table.edges, np.exp(-np.concatenate([[0.0], np.cumsum(spent)]))
