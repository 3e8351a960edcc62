"""Hand-made compiled models: every field by keyword, with defaults under which little happens.

A value may be a number (the same in every draw) or a sequence with one number per draw. With no
keyword at all, a model has no contributors, no backstop, no milestones and no monitoring: phases
and causes alone.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np

from simulator.model.compiled import (
    CAUSES,
    FACTORS,
    FORCE_RESPONSES,
    AirCover,
    Backstop,
    CompiledModel,
    Contributors,
    FloatArray,
    Hazards,
    Milestones,
    Mission,
    Money,
    Monitoring,
    Presence,
)

PerDraw: TypeAlias = float | Sequence[float] | FloatArray

NEVER = 1e9  # years: a milestone that no horizon reaches
MILD_HR = {
    "presence": 0.6,
    "air": 0.8,
    "monitoring": 0.9,
    "backstop": 0.5,
    "ukraine": 0.7,
    "russia_unready": 0.6,
    "no_consent": 1.3,
    "naval": 0.9,
}


@dataclass(frozen=True)
class Contributor:
    """One contributor; soldiers, aircraft and ships are whole."""

    name: str = "alpha"
    troops: PerDraw = 1000.0
    aircraft: float = 0.0
    ships: float = 0.0
    commitment: PerDraw = 1.0
    arrival: PerDraw = 0.5
    exit_rate: PerDraw = 0.0
    needs_backstop: bool = False
    cost_factor: float = 1.0


@dataclass(frozen=True)
class Base:
    """One air base."""

    host: str = "poland"
    capacity: float = 10.0
    distance_km: float = 500.0


def build(
    *,
    seed: int = 20251122,
    draws: int | Sequence[int] = 1,
    horizon: float = 30.0,
    contributors: Sequence[Contributor] = (),
    correlation: PerDraw = 0.0,
    contagion: PerDraw = 0.0,
    target_troops: float = 1e6,
    as_needed: bool = False,
    reinforcement_ceiling: float | None = None,
    reinforcement_rate: PerDraw = 0.0,
    growth: PerDraw = 1.0,
    mission_end_rate: PerDraw = 0.0,
    consent: PerDraw = 1.0,
    refusal_blocks: PerDraw = 0.0,
    response: str | Sequence[str] = "saturating",
    posture_factor: PerDraw = 1.0,
    half_effect: PerDraw = 5.0,
    reference_density: PerDraw = 20.0,
    most_dose: PerDraw = 1.0,
    stays: bool | Sequence[bool] = False,
    hr_per_doubling: PerDraw = 0.95,
    front_km: float = 1000.0,
    hosts: Mapping[str, PerDraw] | None = None,
    bases: Sequence[Base] = (),
    tankers: float = 0.0,
    serviceability: PerDraw = 0.6,
    cruise_km_h: PerDraw = 850.0,
    endurance_h: PerDraw = 3.0,
    endurance_tanked_h: PerDraw = 6.0,
    turnaround_h: PerDraw = 3.0,
    aircraft_per_tanker: PerDraw = 4.0,
    tanker_dependence: PerDraw = 0.65,
    on_station_required: PerDraw = 8.0,
    ships_required: PerDraw = 4.0,
    promised: bool = False,
    surveillance: bool = False,
    logistics: bool = False,
    backstop_weight: PerDraw = 1.0,
    on_at_start: PerDraw = 0.6,
    loss_rate: PerDraw = 0.0,
    regain_rate: PerDraw = 0.0,
    watched_km: PerDraw = 0.0,
    monitoring_dependence: PerDraw = 0.5,
    army_restored: PerDraw = NEVER,
    reconstituted: PerDraw = NEVER,
    w0: PerDraw = 0.5,
    failing: PerDraw = 0.85,
    holding: PerDraw = 0.02,
    holding_slope: PerDraw = 0.0,
    kappa_0: PerDraw = 6.0,
    kappa: PerDraw = 0.0,
    odds_exponent: PerDraw = 0.5,
    hazard_exponent: PerDraw = 0.5,
    rescues: bool | Sequence[bool] = False,
    cause_shares: Sequence[float] = (0.5, 0.35, 0.15),
    hr: Mapping[str, float] | None = None,
    loading: Mapping[tuple[str, str], float] | None = None,
    clamp: tuple[float, float] = (0.25, 4.0),
    setup_per_soldier: PerDraw = 25_000.0,
    per_soldier_year: PerDraw = 180_000.0,
    rotation_ratio: PerDraw = 3.0,
) -> CompiledModel:
    """Build a compiled model.

    Parameters
    ----------
    draws : int or sequence of int
        How many draws, numbered from 0, or their numbers.
    contributors : sequence of Contributor
    hosts : mapping of host to probability that it opens; hosts of `bases` default to 1
    response : one of FORCE_RESPONSES, or one per draw
    hr : mapping of factor to hazard ratio at full dose; factors left out get `MILD_HR`.
    loading : mapping of (cause, factor) to loading; pairs left out get 1.
    """
    numbers = np.arange(draws) if isinstance(draws, int) else np.asarray(draws)
    d = numbers.size

    def row(value: PerDraw) -> FloatArray:
        return np.broadcast_to(np.asarray(value, float), (d,)).copy()

    def columns(values: Sequence[PerDraw]) -> FloatArray:
        return np.stack([row(v) for v in values], axis=1) if values else np.zeros((d, 0))

    opens: dict[str, PerDraw] = {base.host: 1.0 for base in bases} | dict(hosts or {})
    names = tuple(opens)
    responses = [response] * d if isinstance(response, str) else list(response)
    ratios = MILD_HR | dict(hr or {})
    loadings = np.ones((len(CAUSES), len(FACTORS)))
    for (cause, factor), value in (loading or {}).items():
        loadings[CAUSES.index(cause), FACTORS.index(factor)] = value
    w0_row = row(w0)
    force = Contributors(
        names=tuple(c.name for c in contributors),
        commitment=columns([c.commitment for c in contributors]),
        political_correlation=row(correlation),
        needs_backstop=np.array([c.needs_backstop for c in contributors], bool),
        troops=columns([c.troops for c in contributors]),
        aircraft=np.array([c.aircraft for c in contributors], float),
        ships=np.array([c.ships for c in contributors], float),
        arrival=columns([c.arrival for c in contributors]),
        exit_rate=columns([c.exit_rate for c in contributors]),
        exit_contagion=row(contagion),
        cost_factor=np.array([c.cost_factor for c in contributors], float),
    )
    mission = Mission(
        target_troops=target_troops,
        as_needed=as_needed,
        reinforcement_ceiling=reinforcement_ceiling,
        reinforcement_rate=row(reinforcement_rate),
        growth=row(growth),
        end_rate=row(mission_end_rate),
        consent=row(consent),
        refusal_blocks=row(refusal_blocks),
    )
    presence = Presence(
        response=np.array([FORCE_RESPONSES.index(name) for name in responses], np.int64),
        posture_factor=row(posture_factor),
        half_effect=row(half_effect),
        reference_density=row(reference_density),
        most_dose=row(most_dose),
        stays=np.broadcast_to(np.asarray(stays, bool), (d,)).copy(),
        log_hr_per_doubling=np.log(row(hr_per_doubling)),
        front_km=front_km,
    )
    air = AirCover(
        hosts=names,
        host_open=columns(list(opens.values())),
        base_host=np.array([names.index(base.host) for base in bases], np.int64),
        base_capacity=np.array([base.capacity for base in bases], float),
        base_distance_km=np.array([base.distance_km for base in bases], float),
        tankers=tankers,
        serviceability=row(serviceability),
        cruise_km_h=row(cruise_km_h),
        endurance_h=row(endurance_h),
        endurance_tanked_h=row(endurance_tanked_h),
        turnaround_h=row(turnaround_h),
        aircraft_per_tanker=row(aircraft_per_tanker),
        tanker_dependence=row(tanker_dependence),
        on_station_required=row(on_station_required),
        ships_required=row(ships_required),
    )
    backstop = Backstop(
        promised=promised,
        surveillance=surveillance,
        logistics=logistics,
        weight=row(backstop_weight if promised else 0.0),
        on_at_start=row(on_at_start),
        loss_rate=row(loss_rate),
        regain_rate=row(regain_rate),
    )
    hazards = Hazards(
        logit_w0=np.log(w0_row) - np.log1p(-w0_row),
        failing=row(failing),
        holding=row(holding),
        holding_slope=row(holding_slope),
        kappa_0=row(kappa_0),
        kappa=row(kappa),
        odds_exponent=row(odds_exponent),
        hazard_exponent=row(hazard_exponent),
        rescues=np.broadcast_to(np.asarray(rescues, bool), (d,)).copy(),
        cause_shares=np.broadcast_to(np.asarray(cause_shares, float), (d, len(CAUSES))).copy(),
        log_hr=np.tile([math.log(ratios[name]) for name in FACTORS], (d, 1)),
        loading=np.tile(loadings, (d, 1, 1)),
        log_clamp_low=row(math.log(clamp[0])),
        log_clamp_high=row(math.log(clamp[1])),
    )
    return CompiledModel(
        seed=seed,
        draws=numbers.astype(np.int64),
        horizon=horizon,
        contributors=force,
        mission=mission,
        presence=presence,
        air=air,
        backstop=backstop,
        monitoring=Monitoring(
            watched_km=row(watched_km),
            dependence=row(monitoring_dependence),
        ),
        milestones=Milestones(army_restored=row(army_restored), reconstituted=row(reconstituted)),
        hazards=hazards,
        money=Money(
            setup_per_soldier=row(setup_per_soldier),
            per_soldier_year=row(per_soldier_year),
            rotation_ratio=row(rotation_ratio),
        ),
    )


CONTRIBUTORS = (
    Contributor("alpha", 6000, aircraft=12, arrival=0.2, exit_rate=0.15, commitment=0.8),
    Contributor(
        "bravo", 4000, ships=3, arrival=0.45, exit_rate=0.1, commitment=0.7, cost_factor=0.8
    ),
    Contributor(
        "charlie",
        2500,
        aircraft=6,
        arrival=0.8,
        exit_rate=0.3,
        commitment=0.5,
        needs_backstop=True,
        cost_factor=1.3,
    ),
)


def eventful(**changes: Any) -> CompiledModel:
    """Build a model in which every kind of event is common; keywords replace its settings."""
    settings: dict[str, Any] = {
        "contributors": CONTRIBUTORS,
        "correlation": 0.35,
        "contagion": 1.5,
        "target_troops": 9000.0,
        "reinforcement_ceiling": 14000.0,
        "reinforcement_rate": 1.5,
        "growth": 1.7,
        "mission_end_rate": 0.08,
        "consent": 0.4,
        "refusal_blocks": 0.2,
        "hosts": {"poland": 0.9, "romania": 0.7},
        "bases": (Base("poland", 8, 600.0), Base("poland", 4, 750.0), Base("romania", 6, 500.0)),
        "tankers": 2.0,
        "promised": True,
        "surveillance": True,
        "logistics": True,
        "backstop_weight": 0.8,
        "loss_rate": 0.25,
        "regain_rate": 0.4,
        "watched_km": 600.0,
        "army_restored": 4.0,
        "reconstituted": 2.5,
        "kappa": 0.15,
        "failing": 0.5,
        "holding": 0.03,
        "holding_slope": 0.05,
        "loading": {("escalation", "ukraine"): 0.3, ("unravelling", "air"): 0.0},
    }
    return build(**(settings | changes))


def harsh(**changes: Any) -> CompiledModel:
    """Build a model in which effects are strong, the clamp and the ceilings bind, hazards age."""
    settings: dict[str, Any] = {
        "contributors": (
            Contributor("alpha", 3000, aircraft=10, arrival=0.05, exit_rate=0.35, commitment=0.85),
            Contributor(
                "bravo",
                2000,
                ships=3,
                arrival=0.3,
                exit_rate=0.3,
                commitment=0.8,
                needs_backstop=True,
                cost_factor=1.5,
            ),
        ),
        "contagion": 6.0,
        "correlation": 0.6,
        "target_troops": 4500.0,
        "reinforcement_ceiling": 5000.0,
        "reinforcement_rate": 3.0,
        "growth": 3.0,
        "hosts": {"poland": 0.8},
        "bases": (Base("poland", 8, 600.0),),
        "half_effect": 2.0,
        "hr": {"presence": 0.1, "backstop": 0.3, "russia_unready": 2.5},
        "clamp": (0.4, 1.6),
        "kappa": 0.8,
        "holding_slope": 0.12,
        "failing": 0.4,
    }
    return eventful(**(settings | changes))


def unlike() -> CompiledModel:
    """Build an eventful model of four draws that share few numbers, nor who arrives when."""
    a_row = np.arange(4)
    settings: dict[str, Any] = {
        "draws": [2, 3, 11, 40],
        "response": FORCE_RESPONSES,
        "contributors": [
            Contributor(
                f"c{i}", troops=1500 * (1 + (i + a_row) % 4), aircraft=3 * i, ships=i,
                arrival=0.3 * (i + 1) * (a_row + 1) % 1.0, exit_rate=0.1 + 0.05 * ((i + a_row) % 3),
                commitment=0.5 + 0.1 * a_row, cost_factor=0.5 + 0.4 * i,
            )
            for i in range(4)
        ],
        "contagion": 0.5 * a_row,
        "correlation": 0.1 + 0.2 * a_row,
        "consent": 0.2 + 0.2 * a_row,
        "refusal_blocks": 0.1 * a_row,
        "hosts": {"poland": 0.9 - 0.1 * a_row, "romania": 0.4 + 0.2 * a_row},
        "aircraft_per_tanker": 2.0 + a_row,
        "tanker_dependence": 0.2 * a_row,
        "on_station_required": 4.0 + 2.0 * a_row,
        "ships_required": 6.0 - a_row,
        "half_effect": 2.0 + a_row,
        "backstop_weight": 1.0 - 0.2 * a_row,
        "watched_km": 300.0 * a_row,
        "w0": 0.3 + 0.1 * a_row,
        "odds_exponent": 0.3 * a_row,
        "hazard_exponent": 1.0 - 0.3 * a_row,
        "rescues": a_row % 2 == 1,
        "stays": a_row >= 2,
        "reinforcement_rate": 0.5 + a_row,
        "growth": 1.2 + 0.3 * a_row,
        "loss_rate": 0.2 + 0.1 * a_row,
        "regain_rate": 0.5 - 0.1 * a_row,
        "army_restored": 1.0 + a_row,
        "reconstituted": 4.0 - a_row,
        "kappa": 0.2 * a_row,
        "failing": 0.4 + 0.05 * a_row,
        "holding_slope": [0.0, 0.1, -0.1, 0.3],
        "setup_per_soldier": 10_000.0 * (1 + a_row),
        "per_soldier_year": 50_000.0 * (4 - a_row),
    }  # fmt: skip
    return eventful(**settings)
