"""What every force state implies: what is deployed, effects on hazards, probability of failing.

Whole arrays of states at a time, and formulas of its own: nothing is shared with other engines.
"""

from dataclasses import dataclass

import numpy as np

from simulator.engines.exact.states import States
from simulator.model.compiled import FACTORS, FORCE_RESPONSES, STEPS, BoolArray, FloatArray


@dataclass(frozen=True, eq=False, slots=True)
class Conditions:
    """What time alone decides, and whether the first phase is over for good."""

    arrived: BoolArray  # (N,)
    army_restored: int = 0  # steps of STEPS
    reconstituted: int = 0
    established: bool = False


@dataclass(frozen=True, eq=False, slots=True)
class Force:
    """What is deployed in every force state; every array has shape (F,)."""

    troops: FloatArray
    come: FloatArray  # soldiers, whether or not they have left
    cost_troops: FloatArray
    aircraft: FloatArray
    ships: FloatArray


@dataclass(frozen=True, eq=False, slots=True)
class Implied:
    """What every force state implies with the backstop off or on (axis K)."""

    failing_probability: FloatArray  # (F, K) probability w that a phase drawn now is failing
    causes: FloatArray  # (F, K, C) cause-specific hazard over the base hazard of the phase


def deployed(s: States, arrived: BoolArray) -> Force:
    """Return what is deployed in every force state, given who has arrived."""
    force, mission = s.model.contributors, s.model.mission
    here = s.staying & arrived
    own = np.where(here, s.allotted, 0.0)
    troops = own.sum(axis=1)

    def effective(number: FloatArray) -> FloatArray:
        if mission.reinforcement_ceiling is None:
            return number
        grown = np.minimum(mission.reinforcement_ceiling, np.floor(number * mission.growth[s.row]))
        return np.where(s.reinforced, np.maximum(number, grown), number)

    return Force(
        troops=effective(troops),
        come=effective(np.where(s.come & arrived, s.allotted, 0.0).sum(axis=1)),
        cost_troops=(own @ force.cost_factor) * effective(troops) / np.maximum(troops, 1.0),
        aircraft=here @ force.aircraft,
        ships=here @ force.ships,
    )


def implied(s: States, force: Force, now: Conditions) -> Implied:
    """Return the probability of failing and the multipliers of the causes, state by state."""
    h, row = s.model.hazards, s.row
    either = [_log_multipliers(s, force, now, on=bool(k)) for k in range(s.backstops)]
    log_m = np.stack(either, axis=1)
    share = h.cause_shares[row]
    log_odds = h.logit_w0[row] + h.odds_exponent[row] * (log_m @ share)
    return Implied(
        failing_probability=1.0 / (1.0 + np.exp(-log_odds)),
        causes=share * np.exp(h.hazard_exponent[row] * log_m),
    )


def _log_multipliers(s: States, force: Force, now: Conditions, *, on: bool) -> FloatArray:
    """Return the clamped log multiplier of every cause, shape (F, C)."""
    model, row = s.model, s.row
    h, watch, backstop = model.hazards, model.monitoring, model.backstop
    watched = watch.watched_km[row]
    if not (on and backstop.surveillance):
        watched = watched - watched * watch.dependence[row]
    same = np.ones_like(force.troops)
    doses = {
        "air": 1.0 - np.exp(-_on_station(s, force, on=on)),
        "monitoring": same * (1.0 - np.exp(-watched / model.presence.front_km)),
        "backstop": same * backstop.weight[row] * on,
        "ukraine": same * now.army_restored / STEPS,
        "russia_unready": same * (STEPS - now.reconstituted) / STEPS,
        "no_consent": np.where(s.consent, 0.0, _dose(s, force.troops)),
        "naval": 1.0 - np.exp(-force.ships / model.air.ships_required[row]),
    }
    log_hr = dict(zip(FACTORS, h.log_hr[row], strict=True))
    effects = {name: dose * log_hr[name] for name, dose in doses.items()}
    counted = force.come if model.presence.stays[row] else force.troops
    effects["presence"] = _presence_effect(s, counted)
    total = np.stack([effects[name] for name in FACTORS], axis=1) @ h.loading[row].T
    return np.asarray(np.clip(total, h.log_clamp_low[row], h.log_clamp_high[row]))


def _presence_effect(s: States, troops: FloatArray) -> FloatArray:
    """Return presence's part of a log hazard, by the force response of the draw."""
    presence, row = s.model.presence, s.row
    if FORCE_RESPONSES[presence.response[row]] == "doubling":
        return np.asarray(_doublings(troops) * presence.log_hr_per_doubling[row])
    return np.asarray(_dose(s, troops) * s.model.hazards.log_hr[row, FACTORS.index("presence")])


def _dose(s: States, troops: FloatArray) -> FloatArray:
    """Return the dose of a force: its effect over that of the recorded missions, up to a limit."""
    presence, row = s.model.presence, s.row
    recorded, half = presence.reference_density[row], presence.half_effect[row]
    match FORCE_RESPONSES[presence.response[row]]:
        case "saturating":
            density = troops * (presence.posture_factor[row] / presence.front_km)
            dose = (density / (density + half)) * ((recorded + half) / recorded)
        case "tripwire":
            return np.where(troops > 0.0, 1.0, 0.0)
        case "doubling":
            dose = _doublings(troops) / _doublings(recorded * presence.front_km)
        case _:
            return np.zeros_like(troops)
    return np.asarray(np.minimum(dose, presence.most_dose[row]))


def _doublings(troops: FloatArray) -> FloatArray:
    return np.asarray(np.log(1.0 + troops / 1000.0) / np.log(2.0))


def _on_station(s: States, force: Force, *, on: bool) -> FloatArray:
    """Return aircraft on station over those required."""
    air, row = s.model.air, s.row
    room, untanked, tanked = s.basing.T
    based = np.minimum(force.aircraft, room)
    kept = 1.0 if on and s.model.backstop.logistics else 1.0 - air.tanker_dependence[row]
    with_tanker = np.minimum(based, air.tankers * kept * air.aircraft_per_tanker[row])
    plain = based - with_tanker
    return np.asarray((untanked * plain + tanked * with_tanker) / air.on_station_required[row])
