"""What an engine is asked for and what it hands back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

EVENT_KINDS: Final = (
    "arrival",
    "exit",
    "mission_end",
    "backstop",
    "army_restored",
    "reconstituted",
    "reinforcement",
    "phase",
)


@dataclass(frozen=True, slots=True)
class Request:
    """How many paths of every draw to live through, in blocks of what size.

    Attributes
    ----------
    paths : int
        Paths of each draw, at least 1.
    block : int
        Paths handed back at a time, at least 1. It changes memory and speed, never results.
    """

    paths: int
    block: int = 65_536


@dataclass(frozen=True, eq=False, slots=True)
class PathRecords:
    """The lives of a contiguous range of paths, in path order.

    Path ``p`` of the range belongs to row ``p // paths_per_draw`` of the compiled model (counted
    from the first path of the model) and has path number ``p % paths_per_draw``. Axis ``P`` is the
    paths of the range.

    Attributes
    ----------
    first : int
        Number of the first path, counted over all draws of the model.
    end_time : float64 array, shape (P,)
        Years to collapse, or the horizon where the ceasefire still holds (censored).
    cause : int8 array, shape (P,)
        Index into ``CAUSES``; -1 where censored.
    peak_troops : float64 array, shape (P,)
        Largest number of soldiers deployed at once.
    troop_years : float64 array, shape (P,)
        Soldiers deployed, integrated from 0 to the end.
    troop_years_first : float64 array, shape (P,)
        The same over the first year only.
    backstop_off_years : float64 array, shape (P,)
        Years without the backstop, from 0 to the end.
    cost : float64 array, shape (P,)
        Pounds spent from 0 to the end.
    events : int32 array, shape (P, len(EVENT_KINDS))
        How many events of each kind happened before the end.
    troop_changes : TroopChanges
        Every change of the number of deployed soldiers, for averages by year.
    """

    first: int
    end_time: NDArray[np.float64]
    cause: NDArray[np.int8]
    peak_troops: NDArray[np.float64]
    troop_years: NDArray[np.float64]
    troop_years_first: NDArray[np.float64]
    backstop_off_years: NDArray[np.float64]
    cost: NDArray[np.float64]
    events: NDArray[np.int32]
    troop_changes: TroopChanges


@dataclass(frozen=True, eq=False, slots=True)
class TroopChanges:
    """Changes of deployed troops: path, time and signed number of whole soldiers.

    The last change of a path takes its troops to zero when the ceasefire collapses.

    Attributes
    ----------
    path : int64 array, shape (M,)
        Index into the range of `PathRecords`.
    time : float64 array, shape (M,)
        Years.
    change : float64 array, shape (M,)
        Soldiers; whole numbers, so that sums are exact.
    """

    path: NDArray[np.int64]
    time: NDArray[np.float64]
    change: NDArray[np.float64]


@dataclass(frozen=True, eq=False, slots=True)
class EventLog:
    """Every event of some paths, ordered by path and, within a path, as they happened.

    Censoring at the horizon is no event.

    Attributes
    ----------
    path : int64 array, shape (M,)
        Number of the path, counted over all draws of the model.
    time : float64 array, shape (M,)
        Years since the ceasefire.
    row : int64 array, shape (M,)
        Index into ``simulator.model.clocks.row_names(model)``.
    """

    path: NDArray[np.int64]
    time: NDArray[np.float64]
    row: NDArray[np.int64]
