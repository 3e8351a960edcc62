"""What can be said of a model without sampling: expectations by draw, each with its error."""

from __future__ import annotations

from dataclasses import dataclass, fields

from simulator.model.compiled import FloatArray


@dataclass(frozen=True, eq=False, slots=True)
class Estimate:
    """Values with their errors, of one shape.

    Attributes
    ----------
    value : float64 array
    numerical_error : float64 array
        Bound on the error of the arithmetic and of any discretisation.
    """

    value: FloatArray
    numerical_error: FloatArray


@dataclass(frozen=True, eq=False, slots=True)
class Expectations:
    """Expectations over chance, one row per draw of the assumptions.

    Attributes
    ----------
    years : float64 array, shape (G,)
        Ages at which curves are given, in [0, horizon].
    survival : Estimate, shape (D, G)
        Probability that the ceasefire still holds at those ages.
    incidence : Estimate, shape (D, C, G)
        Cumulative incidence: probability of collapse by then, by cause.
    ending_rate : Estimate, shape (D, G)
        Rate at which survival falls there, per year; from that age on where it jumps.
    soldier_years : Estimate, shape (D, G)
        Soldiers deployed while the ceasefire holds, integrated to those ages.
    rmst : Estimate, shape (D,)
        Years to collapse, restricted to the horizon.
    events : Estimate, shape (D, len(EVENT_KINDS))
        Events of each kind before the end.
    troop_years : Estimate, shape (D,)
        Soldiers deployed, integrated to the end.
    backstop_off_years : Estimate, shape (D,)
    cost : Estimate, shape (D,)
        Pounds.
    """

    years: FloatArray
    survival: Estimate
    incidence: Estimate
    ending_rate: Estimate
    soldier_years: Estimate
    rmst: Estimate
    events: Estimate
    troop_years: Estimate
    backstop_off_years: Estimate
    cost: Estimate

    def estimates(self) -> dict[str, Estimate]:
        """Return the estimates by name."""
        return {f.name: getattr(self, f.name) for f in fields(self) if f.name != "years"}
