"""What a situation implies: doses, effects, the odds of failing, the hazards of collapse."""

import math
from dataclasses import dataclass

from simulator.engines.reference.initial import Basing
from simulator.model.compiled import CAUSES, FACTORS, FORCE_RESPONSES, CompiledModel


@dataclass(frozen=True, slots=True)
class Situation:
    """Everything that doses depend on."""

    troops: float
    come: float  # soldiers, whether or not they have left
    aircraft: float
    ships: float
    basing: Basing
    consent: bool
    backstop_on: bool
    army: float  # share restored
    russia: float  # share reconstituted


@dataclass(frozen=True, slots=True)
class Hazard:
    """A hazard ``level * exp(slope * t)`` per year, t in years since the ceasefire."""

    level: float
    slope: float = 0.0

    def at(self, time: float) -> float:
        """Return the hazard at a time, per year."""
        return self.level * math.exp(self.slope * time)

    def used(self, start: float, end: float) -> float:
        """Return the cumulative hazard from ``start`` to ``end``."""
        if self.slope == 0.0:
            return self.level * (end - start)
        return self.at(start) * math.expm1(self.slope * (end - start)) / self.slope

    def years_to_use(self, budget: float, start: float) -> float:
        """Return how long it takes, from ``start``, to use up a budget; inf if it never does."""
        now = self.at(start)
        if now == 0.0:
            return math.inf
        if self.slope == 0.0:
            return budget / now
        growth = self.slope * budget / now
        return math.log1p(growth) / self.slope if growth > -1.0 else math.inf


@dataclass(frozen=True, slots=True)
class Rates:
    """What a situation implies for the phase and the causes."""

    failing_probability: float  # probability w that a phase drawn now is failing
    # What the factors make of the base hazard of a cause: ``m_c`` to the power for hazards
    multiplier: dict[str, float]


def rates(model: CompiledModel, row: int, now: Situation) -> Rates:
    """Return what a situation implies under row ``row`` of the draws.

    Factors act on the odds of failing, on the hazards within a phase, or on both, each with the
    power that gives a published hazard ratio back.
    """
    h = model.hazards
    effect = _effects(model, row, now)
    low, high = float(h.log_clamp_low[row]), float(h.log_clamp_high[row])
    on_odds, on_hazards = float(h.odds_exponent[row]), float(h.hazard_exponent[row])
    log_odds = float(h.logit_w0[row])
    multiplier = {}
    for c, cause in enumerate(CAUSES):
        loading = h.loading[row, c].tolist()
        log_m = sum(loading[j] * effect[factor] for j, factor in enumerate(FACTORS))
        log_m = min(max(log_m, low), high)
        log_odds += on_odds * float(h.cause_shares[row, c]) * log_m
        multiplier[cause] = math.exp(on_hazards * log_m)
    return Rates(_logistic(log_odds), multiplier)


def cause_hazard(model: CompiledModel, row: int, phase: str, cause: str, now: Rates) -> Hazard:
    """Return the hazard of collapse by one cause in a phase: base hazard * share * multiplier."""
    h = model.hazards
    weight = float(h.cause_shares[row, CAUSES.index(cause)]) * now.multiplier[cause]
    failing, holding = float(h.failing[row]), float(h.holding[row])
    if phase == "failing":
        return Hazard(failing * weight)
    if phase == "holding":
        return Hazard(holding * weight, float(h.holding_slope[row]))
    w0 = _logistic(float(h.logit_w0[row]))
    return Hazard((w0 * failing + (1.0 - w0) * holding) * weight)


def _effects(model: CompiledModel, row: int, now: Situation) -> dict[str, float]:
    """Return what each factor adds to a log hazard at full loading: dose * log hazard ratio."""
    doses, log_hr = _doses(model, row, now), model.hazards.log_hr[row].tolist()
    effects = {factor: doses[factor] * log_hr[j] for j, factor in enumerate(FACTORS)}
    presence = model.presence
    if FORCE_RESPONSES[presence.response[row]] == "doubling":
        doublings = math.log2(1.0 + _counted(model, row, now) / 1000.0)
        effects["presence"] = doublings * float(presence.log_hr_per_doubling[row])
    return effects


def _doses(model: CompiledModel, row: int, now: Situation) -> dict[str, float]:
    """Return the dose of every factor, each in [0, 1] and by a formula of its own field."""
    air, backstop = model.air, model.backstop
    return {
        "presence": _presence(model, row, _counted(model, row, now)),
        "air": -math.expm1(-_on_station(model, row, now) / float(air.on_station_required[row])),
        "monitoring": -math.expm1(-_watched_km(model, row, now) / model.presence.front_km),
        "backstop": float(backstop.weight[row]) if now.backstop_on else 0.0,
        "ukraine": now.army,
        "russia_unready": 1.0 - now.russia,
        "no_consent": 0.0 if now.consent else _presence(model, row, now.troops),
        "naval": -math.expm1(-now.ships / float(air.ships_required[row])),
    }


def _counted(model: CompiledModel, row: int, now: Situation) -> float:
    """Return the soldiers whose presence counts: those who are there, or all who have come."""
    return now.come if model.presence.stays[row] else now.troops


def _presence(model: CompiledModel, row: int, troops: float) -> float:
    """Return the dose of a force: 1 is that of the recorded missions.

    Under "doubling" it is the dose of a refusal alone; presence speaks through its effect there.
    """
    presence = model.presence
    response = FORCE_RESPONSES[presence.response[row]]
    if troops <= 0.0 or response == "none":
        return 0.0
    if response == "tripwire":
        return 1.0
    recorded, most = float(presence.reference_density[row]), float(presence.most_dose[row])
    if response == "doubling":
        doublings = math.log2(1.0 + troops / 1000.0)
        return min(most, doublings / math.log2(1.0 + recorded * presence.front_km / 1000.0))
    half = float(presence.half_effect[row])
    density = troops * float(presence.posture_factor[row]) / presence.front_km
    return min(most, density / (density + half) / (recorded / (recorded + half)))


def _on_station(model: CompiledModel, row: int, now: Situation) -> float:
    """Aircraft on station: those deployed, as far as there is room, some of them tanked."""
    air, basing = model.air, now.basing
    based = min(now.aircraft, basing.capacity)
    tankers = air.tankers
    if not (now.backstop_on and model.backstop.logistics):
        tankers *= 1.0 - float(air.tanker_dependence[row])
    tanked = min(based, tankers * float(air.aircraft_per_tanker[row]))
    return basing.untanked * based + (basing.tanked - basing.untanked) * tanked


def _watched_km(model: CompiledModel, row: int, now: Situation) -> float:
    """Kilometres of line watched; part of it needs the backstop's surveillance."""
    watched = float(model.monitoring.watched_km[row])
    if now.backstop_on and model.backstop.surveillance:
        return watched
    return watched * (1.0 - float(model.monitoring.dependence[row]))


def _logistic(log_odds: float) -> float:
    return 1.0 / (1.0 + math.exp(-log_odds))
