"""What the draws of a block decide before any world is simulated."""

from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from simulator.model import formulas
from simulator.model.compiled import (
    CAUSES,
    FACTORS,
    FORCE_RESPONSES,
    STEPS,
    BoolArray,
    CompiledModel,
    FloatArray,
)

# What each event adds to a segment's switches, whose lowest bit is the backstop: the steps of
# Ukraine's army count above it, those of Russia's reconstitution in the bits above these.
BACKSTOP_IS_ON: Final = 1
ARMY_STEP: Final = 2
SWITCHES: Final = ARMY_STEP * (STEPS + 1)  # of the backstop and the army
RUSSIA_BITS: Final = SWITCHES.bit_length()


@dataclass(frozen=True, eq=False, slots=True)
class Tables:
    """Tables of a model, flat so that one index finds an entry.

    Log effects have shape (C, ...). What a model does not have, the engine does not compute: see
    the last attributes.
    """

    by_switch: FloatArray  # of monitoring, backstop and army: draw * SWITCHES + their switches
    russia_unready: FloatArray  # draw * (STEPS + 1) + steps of reconstitution
    presence: FloatArray  # (C, D) at dose 1, or for each doubling of the force
    refused: FloatArray  # (C, D) what a refusal by Russia adds to it
    half_troops: FloatArray  # (D,) soldiers at half the effect of presence
    dose_scale: FloatArray  # (D,) dose over the share of that effect
    most_dose: FloatArray  # (D,)
    doubling: BoolArray  # (D,) presence counts in doublings
    doublings_scale: FloatArray  # (D,) there, doses for each doubling
    at_sea: FloatArray  # of every number of ships: draw * ship_counts + ships
    ship_counts: int
    air: FloatArray  # (C, D) at full dose
    capacity: FloatArray  # (2**H,) room at the bases of the open hosts, whose bits are the index
    on_station: FloatArray  # aircraft, over those required: draw * 2**H + open hosts
    gain_tanked: FloatArray  # what tanking adds to it
    tanked_aircraft: FloatArray  # that tankers can serve: 2 * draw + backstop
    establishing: FloatArray  # (D,) hazard of collapse while establishing, per year
    has_troops: bool
    has_ships: bool
    has_air: bool
    has_cost_factors: bool
    has_ageing: bool


def tabulate(model: CompiledModel) -> Tables:
    """Tabulate a block of draws; the cost does not depend on the number of trials."""
    h, air, force = model.hazards, model.air, model.contributors
    full = {  # log effect of each factor at full dose, (C, D)
        name: (h.loading[:, :, j] * h.log_hr[:, None, j]).T for j, name in enumerate(FACTORS)
    }
    ships = np.arange(int(force.ships.sum()) + 1, dtype=np.float64)
    at_sea = formulas.coverage(ships, air.ships_required[:, None]) * full["naval"][:, :, None]
    capacity, on_station, gain_tanked = _bases(model)
    has_troops = bool(np.any(force.troops > 0.0))
    return Tables(
        by_switch=_by_switch(model, full),
        russia_unready=_steps(full["russia_unready"], 1.0 - _SHARES).reshape(len(CAUSES), -1),
        **_presence(model, full),
        at_sea=at_sea.reshape(len(CAUSES), -1),
        ship_counts=ships.size,
        air=full["air"],
        capacity=capacity,
        on_station=on_station,
        gain_tanked=gain_tanked,
        tanked_aircraft=_tanked_aircraft(model),
        establishing=formulas.establishing_hazard(h),
        has_troops=has_troops,
        has_ships=bool(np.any(force.ships > 0.0)),
        has_air=bool(np.any(force.aircraft > 0.0)) and capacity[-1] > 0.0,
        has_cost_factors=has_troops and bool(np.any(force.cost_factor != 1.0)),
        has_ageing=bool(np.any(h.holding_slope != 0.0)),
    )


def _presence(model: CompiledModel, full: dict[str, FloatArray]) -> dict[str, Any]:
    """Effect and dose of presence, by draw (eqs. 5 and 6)."""
    presence = model.presence
    of = {name: presence.response == code for code, name in enumerate(FORCE_RESPONSES)}
    doubling, nothing, trips = of["doubling"], of["none"], of["tripwire"]
    loading = model.hazards.loading[:, :, FACTORS.index("presence")].T
    effect = np.where(doubling, loading * presence.log_hr_per_doubling, full["presence"])
    with np.errstate(divide="ignore"):  # a posture without any effect halves it at no number
        half = presence.half_effect * presence.front_km / presence.posture_factor
    reference = formulas.saturation(presence.reference_density, presence.half_effect)
    recorded = formulas.doublings(presence.reference_density * presence.front_km)
    return {
        "presence": np.where(nothing, 0.0, effect),
        "refused": np.where(nothing, 0.0, full["no_consent"]),
        # Any presence trips the wire: t / (t + tiny) is 0 without troops and 1 with any.
        "half_troops": np.maximum(np.where(trips, 0.0, half), np.finfo(np.float64).tiny),
        "dose_scale": np.where(trips, 1.0, 1.0 / reference),
        "most_dose": np.where(trips, 1.0, presence.most_dose),
        "doubling": doubling,
        "doublings_scale": 1.0 / recorded,
    }


def _by_switch(model: CompiledModel, full: dict[str, FloatArray]) -> FloatArray:
    watch, backstop = model.monitoring, model.backstop
    front = np.full_like(watch.watched_km, model.presence.front_km)
    alone = watch.watched_km * (1.0 - watch.dependence)
    off, on = (
        formulas.coverage(watched, front) * full["monitoring"]
        for watched in (alone, watch.watched_km if backstop.surveillance else alone)
    )
    on = on + backstop.weight * full["backstop"]
    alone_or_backed = np.stack([off, on], axis=-1)[:, :, None, :]
    table = alone_or_backed + _steps(full["ukraine"], _SHARES)[:, :, :, None]
    return table.reshape(len(CAUSES), -1)


_SHARES: Final = np.arange(STEPS + 1) / STEPS


def _steps(effect: FloatArray, shares: FloatArray) -> FloatArray:
    """Effect (C, D) after every step: (C, D, STEPS + 1)."""
    return effect[:, :, None] * shares


def _tanked_aircraft(model: CompiledModel) -> FloatArray:
    air = model.air
    lost = air.tankers * (1.0 - air.tanker_dependence)
    kept = np.full_like(lost, air.tankers) if model.backstop.logistics else lost
    return np.stack([lost, kept], axis=1).reshape(-1) * np.repeat(air.aircraft_per_tanker, 2)


def _bases(model: CompiledModel) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Room, share on station over what is required, and what tanking adds, by open hosts."""
    air = model.air
    is_open = (np.arange(2 ** len(air.hosts))[:, None] >> air.base_host & 1).astype(bool)
    room = np.where(is_open, air.base_capacity, 0.0)  # (2**H, B)
    capacity = room.sum(axis=1)

    def over_required(endurance: FloatArray) -> FloatArray:
        shares = formulas.endurance_share(
            endurance[:, None],
            air.base_distance_km,
            air.cruise_km_h[:, None],
            air.turnaround_h[:, None],
            air.serviceability[:, None],
        )  # (D, B)
        # Base by base: a matrix product may round differently for another number of draws.
        total = np.zeros((endurance.size, capacity.size))
        for base in range(air.base_distance_km.size):
            total += shares[:, base, None] * room[:, base]
        total /= np.where(capacity > 0.0, capacity, 1.0)
        return total / air.on_station_required[:, None]

    plain = over_required(air.endurance_h)
    gain = over_required(air.endurance_tanked_h) - plain
    return capacity, plain.reshape(-1), gain.reshape(-1)
