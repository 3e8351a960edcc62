"""Whole paths, compiled by numba: the model once more, to check and to time the engine against.

With the engine it shares the compiled model and nothing else. It simulates every path event by
event, to its collapse or to the horizon (`benchmarks.twin.path`), with random numbers of its own,
keyed by seed, draw, path and clock: plans under one seed share those of the clocks they share.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from benchmarks.twin import path
from benchmarks.twin.tables import tables
from simulator.engines.records import EVENT_KINDS
from simulator.model.compiled import CAUSES, CompiledModel


@dataclass(frozen=True, eq=False)
class Means:
    """Means over the paths of each draw, named and shaped as those of the engine's `Outcomes`."""

    years: np.ndarray
    survival: np.ndarray
    incidence: np.ndarray
    soldier_years: np.ndarray
    rmst: np.ndarray
    peak_troops: np.ndarray
    troop_years: np.ndarray
    backstop_off_years: np.ndarray
    cost: np.ndarray
    events: np.ndarray


def simulate(model: CompiledModel, first: int, last: int, years: np.ndarray) -> Means:
    """Simulate the paths ``[first, last)`` of every draw; ``years`` as for the engine."""
    found = _empty(model.draws.size, years)
    path.simulate(*tables(model), first, last, years, found)
    curves, totals, events = (sums / (last - first) for sums in found)
    held, soldiers, after, *ended = np.moveaxis(curves, 1, 0)
    rmst, peak, troop_years, off, cost_years, arrivals = totals.T
    money = model.money
    return Means(
        years=years,
        survival=held[:, :-1],
        incidence=np.cumsum(ended, axis=2).transpose(1, 0, 2)[:, :, :-1],
        soldier_years=(soldiers + np.cumsum(after, axis=1))[:, :-1],
        rmst=rmst,
        peak_troops=peak,
        troop_years=troop_years,
        backstop_off_years=off,
        cost=money.per_soldier_year * cost_years + money.setup_per_soldier * arrivals,
        events=events,
    )


def _empty(draws: int, years: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Room for sums: by age, the last column for what ends after all ages; totals; events."""
    curves = np.zeros((draws, 3 + len(CAUSES), years.size + 1))
    return curves, np.zeros((draws, 6)), np.zeros((draws, len(EVENT_KINDS)))


def one_by_one(model: CompiledModel, years: np.ndarray):
    """Return a function for those who call a model trial by trial: from a row to path 0 of it.

    It returns the ages up to which the ceasefire still holds, as zeros and ones, and its length.
    """
    *by_draw, host_words = tables(model)
    found = _empty(1, years)

    def trial(row: int) -> tuple[np.ndarray, float]:
        for sums in found:
            sums[:] = 0.0
        path.simulate(*(table[row : row + 1] for table in by_draw), host_words, 0, 1, years, found)
        return found[0][0, 0, :-1].copy(), found[1][0, 0]

    return trial
