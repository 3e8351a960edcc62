"""What can be said of a model without sampling: expectations by draw, each with its error."""

from dataclasses import dataclass, fields

from simulator.model.compiled import FloatArray


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
