"""What engines hand back."""

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


@dataclass(frozen=True, eq=False, slots=True)
class Outcomes:
    """Expectations given what was simulated: of worlds, or of draws, averaged over their worlds.

    Axis ``N`` is the draws or worlds, ``G`` the ages, ``C`` the causes.

    Attributes
    ----------
    years : float64 array, shape (G,)
        Ages at which curves are given, increasing, in (0, horizon].
    survival : float64 array, shape (N, G)
        Probability that the ceasefire still holds.
    incidence : float64 array, shape (N, C, G)
        Cumulative incidence: probability of collapse by then, by cause.
    ending_rate : float64 array, shape (N, G)
        Probability of collapse per year at that age: minus the slope of the survival.
    soldier_years : float64 array, shape (N, G)
        Soldiers deployed, integrated over the life of the ceasefire until then.
    rmst : float64 array, shape (N,)
        Years to collapse, restricted to the horizon.
    peak_troops : float64 array, shape (N,)
        Largest number of soldiers deployed at once.
    troop_years : float64 array, shape (N,)
        Soldier-years to the end.
    backstop_off_years : float64 array, shape (N,)
        Years without the backstop, to the end.
    cost : float64 array, shape (N,)
        Pounds.
    events : float64 array, shape (N, len(EVENT_KINDS))
        Events of each kind before the end.
    """

    years: NDArray[np.float64]
    survival: NDArray[np.float64]
    incidence: NDArray[np.float64]
    ending_rate: NDArray[np.float64]
    soldier_years: NDArray[np.float64]
    rmst: NDArray[np.float64]
    peak_troops: NDArray[np.float64]
    troop_years: NDArray[np.float64]
    backstop_off_years: NDArray[np.float64]
    cost: NDArray[np.float64]
    events: NDArray[np.float64]


@dataclass(frozen=True, eq=False, slots=True)
class PathRecords:
    """Whole paths, one a trial: path ``p`` is trial ``p % trials`` of row ``p // trials``.

    Axis ``P`` is the paths, row the row of the compiled model.

    Attributes
    ----------
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
    """

    end_time: NDArray[np.float64]
    cause: NDArray[np.int8]
    peak_troops: NDArray[np.float64]
    troop_years: NDArray[np.float64]
    troop_years_first: NDArray[np.float64]
    backstop_off_years: NDArray[np.float64]
    cost: NDArray[np.float64]
    events: NDArray[np.int32]


@dataclass(frozen=True, eq=False, slots=True)
class EventLog:
    """Every event of some paths or worlds, ordered by path and, within it, as they happened.

    Censoring at the horizon is no event.

    Attributes
    ----------
    path : int64 array, shape (M,)
        Number of the path or world: ``row * trials + trial``.
    time : float64 array, shape (M,)
        Years since the ceasefire.
    row : int64 array, shape (M,)
        Index into ``simulator.model.clocks.row_names(model)``.
    """

    path: NDArray[np.int64]
    time: NDArray[np.float64]
    row: NDArray[np.int64]
