"""The compiled model: everything an engine needs, as plain arrays, and nothing else.

Arrays whose first axis is ``D`` hold one row per draw of the assumptions. Other axes: ``N``
contributors that offer something, ``H`` countries that host an air base, ``B`` air bases,
``C = 3`` causes in the order of `CAUSES`, ``J = 8`` factors in the order of `FACTORS`. Times are in
years since the ceasefire, rates per year, distances in kilometres, money in 2025 pounds.
"""

from dataclasses import dataclass, fields, replace
from typing import Any, Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from simulator import vocabulary

FloatArray: TypeAlias = NDArray[np.float64]
IntArray: TypeAlias = NDArray[np.int64]
BoolArray: TypeAlias = NDArray[np.bool_]

CAUSES: Final = tuple(vocabulary.CAUSES)
FACTORS: Final = (
    "presence",
    "air",
    "monitoring",
    "backstop",
    "ukraine",
    "russia_unready",
    "no_consent",
    "naval",
)
PHASES: Final = vocabulary.PHASES
STEPS: Final = 4  # of an army's way from nothing to its date
FORCE_RESPONSES: Final = ("saturating", "tripwire", "doubling", "none")


@dataclass(frozen=True, eq=False, slots=True)
class Contributors:
    """Who offers forces, with what probability, when they arrive and how readily they leave."""

    names: tuple[str, ...]
    commitment: FloatArray  # (D, N) probability of committing, before the common shock
    political_correlation: FloatArray  # (D,) one-factor Gaussian copula, in [0, 1)
    needs_backstop: BoolArray  # (N,) commits only if the backstop is on at the start
    troops: FloatArray  # (D, N) offered given commitment, before the ceiling
    aircraft: FloatArray  # (N,) whole aircraft
    ships: FloatArray  # (N,) whole ships
    arrival: FloatArray  # (D, N) years
    exit_rate: FloatArray  # (D, N) per year, before contagion
    exit_contagion: FloatArray  # (D,) factor on the share of the committed already gone
    cost_factor: FloatArray  # (N,) relative to the cost assumptions


@dataclass(frozen=True, eq=False, slots=True)
class Mission:
    """The force as a whole: its ceiling, its growth, its end, whether Russia accepts it."""

    target_troops: float
    as_needed: bool  # those who commit bring what the plan asks for, whatever they pledged
    reinforcement_ceiling: float | None
    reinforcement_rate: FloatArray  # (D,) per year while failing
    growth: FloatArray  # (D,) troops after reinforcement over troops before
    end_rate: FloatArray  # (D,) per year from the first arrival on
    consent: FloatArray  # (D,) probability that Russia accepts the force
    refusal_blocks: FloatArray  # (D,) probability that a refusal stops the deployment


@dataclass(frozen=True, eq=False, slots=True)
class Presence:
    """How presence depends on the number of troops."""

    response: IntArray  # (D,) index into FORCE_RESPONSES
    posture_factor: FloatArray  # (D,)
    half_effect: FloatArray  # (D,) troops per kilometre at half the effect
    reference_density: FloatArray  # (D,) troops per kilometre of the recorded missions: dose 1
    most_dose: FloatArray  # (D,) largest dose
    stays: BoolArray  # (D,) the effect of those who have left stays
    log_hr_per_doubling: FloatArray  # (D,)
    front_km: float


@dataclass(frozen=True, eq=False, slots=True)
class AirCover:
    """Bases, their distance from the line, and what keeps aircraft on station."""

    hosts: tuple[str, ...]
    host_open: FloatArray  # (D, H) probability that the host opens its bases
    base_host: IntArray  # (B,) index into hosts
    base_capacity: FloatArray  # (B,) aircraft
    base_distance_km: FloatArray  # (B,) mean great-circle distance to the patrol stations
    tankers: float
    serviceability: FloatArray  # (D,) share of aircraft
    cruise_km_h: FloatArray  # (D,)
    endurance_h: FloatArray  # (D,)
    endurance_tanked_h: FloatArray  # (D,)
    turnaround_h: FloatArray  # (D,)
    aircraft_per_tanker: FloatArray  # (D,)
    tanker_dependence: FloatArray  # (D,) share of tankers that need the backstop's logistics
    on_station_required: FloatArray  # (D,) aircraft
    ships_required: FloatArray  # (D,) ships, for the naval dose


@dataclass(frozen=True, eq=False, slots=True)
class Backstop:
    """What the United States promises, and how reliably."""

    promised: bool
    surveillance: bool
    logistics: bool
    weight: FloatArray  # (D,) sum of the weights of the promised components
    on_at_start: FloatArray  # (D,) probability
    loss_rate: FloatArray  # (D,) per year while on
    regain_rate: FloatArray  # (D,) per year while off


@dataclass(frozen=True, eq=False, slots=True)
class Monitoring:
    """How much of the line is watched."""

    watched_km: FloatArray  # (D,) with the backstop's surveillance
    dependence: FloatArray  # (D,) share of it lost without that surveillance


@dataclass(frozen=True, eq=False, slots=True)
class Milestones:
    """Changes that come in `STEPS` equal steps up to a time fixed by the draw."""

    army_restored: FloatArray  # (D,) years
    reconstituted: FloatArray  # (D,) years


def step_times(date: FloatArray) -> FloatArray:
    """Times of the steps towards a date, shape (D, STEPS): each in the middle of its stretch.

    Their average is the straight line from 0 now to 1 at the date.
    """
    return np.asarray(date[:, None] * ((np.arange(STEPS) + 0.5) / STEPS))


@dataclass(frozen=True, eq=False, slots=True)
class Hazards:
    """Base hazards, phase rates, and the effect of each factor on each cause."""

    logit_w0: FloatArray  # (D,) log odds of failing without any effect
    failing: FloatArray  # (D,) per year, all causes together
    holding: FloatArray  # (D,) per year at t = 0, all causes together
    holding_slope: FloatArray  # (D,) per year: hazard holding * exp(slope * t)
    kappa_0: FloatArray  # (D,) per year
    kappa: FloatArray  # (D,) per year
    odds_exponent: FloatArray  # (D,) power of a hazard ratio that acts on the odds of failing
    hazard_exponent: FloatArray  # (D,) power of it that acts on the hazard within a phase
    rescues: BoolArray  # (D,) a fall of w turns some of what is failing into holding
    cause_shares: FloatArray  # (D, C) sums to 1
    log_hr: FloatArray  # (D, J)
    loading: FloatArray  # (D, C, J)
    log_clamp_low: FloatArray  # (D,)
    log_clamp_high: FloatArray  # (D,)


@dataclass(frozen=True, eq=False, slots=True)
class Money:
    """What a soldier costs."""

    setup_per_soldier: FloatArray  # (D,)
    per_soldier_year: FloatArray  # (D,)
    rotation_ratio: FloatArray  # (D,) soldiers held per soldier deployed


@dataclass(frozen=True, eq=False, slots=True)
class CompiledModel:
    """A scenario under drawn assumptions, ready for any engine."""

    seed: int  # the run's seed: the first part of every random number's address
    draws: IntArray  # (D,) number of each draw: the second part of the address
    horizon: float  # years; a ceasefire alive then is censored
    contributors: Contributors
    mission: Mission
    presence: Presence
    air: AirCover
    backstop: Backstop
    monitoring: Monitoring
    milestones: Milestones
    hazards: Hazards
    money: Money


# Arrays without an axis of draws.
OF_ALL_DRAWS: Final = frozenset(
    {
        "needs_backstop",
        "aircraft",
        "ships",
        "cost_factor",
        "base_host",
        "base_capacity",
        "base_distance_km",
    }
)


def restricted(model: CompiledModel, rows: IntArray) -> CompiledModel:
    """Return the model with only these rows of its draws, in this order."""

    def cut(part: Any) -> Any:
        arrays = {f.name: getattr(part, f.name) for f in fields(part)}
        return replace(
            part,
            **{
                name: value[rows]
                for name, value in arrays.items()
                if isinstance(value, np.ndarray) and name not in OF_ALL_DRAWS
            },
        )

    parts = {f.name: getattr(model, f.name) for f in fields(model)}
    whole = {name: parts.pop(name) for name in ("seed", "draws", "horizon")}
    whole["draws"] = whole["draws"][rows]
    return replace(model, **whole, **{name: cut(part) for name, part in parts.items()})
