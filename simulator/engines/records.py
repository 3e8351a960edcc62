"""What engines hand back."""

from dataclasses import dataclass, fields
from typing import Final

import numpy as np
from numpy.typing import NDArray

from simulator.model.compiled import FloatArray

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
    """

    years: NDArray[np.float64]  # (G,) ages at which curves are given, increasing, in (0, horizon]
    survival: NDArray[np.float64]  # (N, G) probability that the ceasefire still holds
    # (N, C, G) cumulative incidence: probability of collapse by then, by cause
    incidence: NDArray[np.float64]
    # (N, G) probability of collapse per year at that age: minus the slope of the survival
    ending_rate: NDArray[np.float64]
    # (N, G) soldiers deployed, integrated over the life of the ceasefire until then
    soldier_years: NDArray[np.float64]
    rmst: NDArray[np.float64]  # (N,) years to collapse, restricted to the horizon
    peak_troops: NDArray[np.float64]  # (N,) largest number of soldiers deployed at once
    troop_years: NDArray[np.float64]  # (N,) soldier-years to the end
    backstop_off_years: NDArray[np.float64]  # (N,) years without the backstop, to the end
    cost: NDArray[np.float64]  # (N,) pounds
    events: NDArray[np.float64]  # (N, len(EVENT_KINDS)) events of each kind before the end


@dataclass(frozen=True, eq=False, slots=True)
class PathRecords:
    """Whole paths, one a trial: path ``p`` is trial ``p % trials`` of row ``p // trials``.

    Axis ``P`` is the paths, row the row of the compiled model.
    """

    # (P,) years to collapse, or the horizon where the ceasefire still holds (censored)
    end_time: NDArray[np.float64]
    cause: NDArray[np.int8]  # (P,) index into ``CAUSES``; -1 where censored
    peak_troops: NDArray[np.float64]  # (P,) largest number of soldiers deployed at once
    troop_years: NDArray[np.float64]  # (P,) soldiers deployed, integrated from 0 to the end
    troop_years_first: NDArray[np.float64]  # (P,) the same over the first year only
    backstop_off_years: NDArray[np.float64]  # (P,) years without the backstop, from 0 to the end
    cost: NDArray[np.float64]  # (P,) pounds spent from 0 to the end
    # (P, len(EVENT_KINDS)) how many events of each kind happened before the end
    events: NDArray[np.int32]


@dataclass(frozen=True, eq=False, slots=True)
class EventLog:
    """Every event of some paths or worlds, ordered by path and, within it, as they happened.

    Censoring at the horizon is no event.
    """

    path: NDArray[np.int64]  # (M,) number of the path or world: ``row * trials + trial``
    time: NDArray[np.float64]  # (M,) years since the ceasefire
    row: NDArray[np.int64]  # (M,) index into ``simulator.model.clocks.row_names(model)``


@dataclass(frozen=True, eq=False, slots=True)
class Estimate:
    """Values with their errors, of one shape."""

    value: FloatArray
    numerical_error: FloatArray  # bound on the error of the arithmetic and of any discretisation


@dataclass(frozen=True, eq=False, slots=True)
class Expectations:
    """Expectations over chance, one row per draw of the assumptions."""

    years: FloatArray  # (G,) ages at which curves are given, in [0, horizon]
    survival: Estimate  # (D, G) probability that the ceasefire still holds at those ages
    incidence: Estimate  # (D, C, G) cumulative incidence: probability of collapse by then, by cause
    # (D, G) rate at which survival falls there, per year; from that age on where it jumps
    ending_rate: Estimate
    # (D, G) soldiers deployed while the ceasefire holds, integrated to those ages
    soldier_years: Estimate
    rmst: Estimate  # (D,) years to collapse, restricted to the horizon
    events: Estimate  # (D, len(EVENT_KINDS)) events of each kind before the end
    troop_years: Estimate  # (D,) soldiers deployed, integrated to the end
    backstop_off_years: Estimate  # (D,)
    cost: Estimate  # (D,) pounds

    def estimates(self) -> dict[str, Estimate]:
        """Return the estimates by name."""
        return {f.name: getattr(self, f.name) for f in fields(self) if f.name != "years"}
