"""Tables by draw that the fast engine looks its numbers up in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from simulator import addresses
from simulator.engines.tags import ARRIVAL, NEVER, tag
from simulator.model import clocks, doses
from simulator.model.compiled import (
    CAUSES,
    FACTORS,
    FORCE_RESPONSES,
    BoolArray,
    CompiledModel,
    FloatArray,
    Hazards,
    IntArray,
)

# A lane's switches, the low bits of `Lanes.switches`.
BACKSTOP_IS_ON, ARMY_IS_RESTORED, RUSSIA_IS_READY, FORCE_IS_UNWELCOME = 1, 2, 4, 8
SWITCHES: Final = 16


class Occurrences:
    """Keys of a clock's occurrences, the first of them from a table (0.4 % of a run)."""

    def __init__(self, seed: int, clock: str) -> None:
        self._stream = addresses.stream_key(seed, clock)
        self._first = addresses.occurrence_key(self._stream, np.arange(64))

    def __call__(self, occurrence: IntArray) -> NDArray[np.uint64]:
        """Return the keys of at least one occurrence."""
        if occurrence.max() < self._first.size:
            return self._first.take(occurrence, mode="clip")
        return addresses.occurrence_key(self._stream, occurrence)


@dataclass(frozen=True, eq=False, slots=True)
class Keys:
    """Keys of the clocks' random numbers (see `simulator.addresses`)."""

    shock: NDArray[np.uint64]
    commit: NDArray[np.uint64]  # (N, 1)
    basing: NDArray[np.uint64]  # (H, 1)
    consent: NDArray[np.uint64]
    refusal_blocks: NDArray[np.uint64]
    backstop_start: NDArray[np.uint64]
    mission_end: NDArray[np.uint64]
    backstop: Occurrences  # one a sojourn
    reinforcement: NDArray[np.uint64]
    resolve: NDArray[np.uint64]
    resolve_direction: NDArray[np.uint64]
    phase: Occurrences  # one a sojourn
    cause: NDArray[np.uint64]  # (C, 1)


@dataclass(frozen=True, eq=False, slots=True)
class Slots:
    """Contributors of every draw in the order of their arrival, at ``draw * (N + 1) + slot``.

    Their dates are no chance, so a path needs one clock for the next arrival, not one for each
    contributor (of 15: 3 ns a lane and turn, not 16). The last slot of a draw is nobody, who never
    arrives.
    """

    who: IntArray  # number of the contributor
    arrival: IntArray  # tagged time
    offer: FloatArray  # soldiers, before the ceiling
    cost_factor: FloatArray
    aircraft: FloatArray
    ships: IntArray
    exit_key: NDArray[np.uint64]
    exit_scale: FloatArray  # minus the mean years to an exit, which makes log(u) a clock


@dataclass(frozen=True, eq=False, slots=True)
class Effects:
    """Effects of the factors on the log hazards of the causes, each already times 1 - rho.

    Attributes
    ----------
    by_switch : float64 array, shape (C, D * SWITCHES)
        Sum over the factors that only switches decide, and the full effect of aircraft.
    air_lost : float64 array, shape (A, D)
        Minus the full effect of aircraft on the causes ``air_causes``, to be taken in proportion
        to the air left uncovered. Causes on which a factor has no effect are left out.
    at_sea : float64 array, shape (S, D * ship_counts)
        Effect of every number of ships on the causes ``naval_causes``.
    presence : float64 array, shape (1 or C, D)
        At full dose; one row where it is the same for all causes.
    doubling : bool array, shape (D,)
        Where presence counts in doublings.
    air_capacity : float64 array, shape (2**H,)
        Room at the bases of the open hosts, whose bits make the index.
    air_decay, air_decay_tanked : float64 array, shape (D * 2**H,)
        Logarithm of the share of the air left uncovered, per aircraft, and what tanking adds to
        it, at ``2**H * draw + open hosts``.
    tanked_aircraft : float64 array, shape (D * 2,)
        Aircraft that tankers can serve, at ``2 * draw + backstop``.
    backstop_rate : float64 array, shape (D * 2,)
        Rate per year at which the backstop changes, regained or lost, at the same place.
    """

    by_switch: FloatArray
    air_causes: tuple[int, ...]
    air_lost: FloatArray
    naval_causes: tuple[int, ...]
    at_sea: FloatArray
    ship_counts: int
    presence: FloatArray
    doubling: BoolArray
    air_capacity: FloatArray
    air_decay: FloatArray
    air_decay_tanked: FloatArray
    tanked_aircraft: FloatArray
    backstop_rate: FloatArray


def keys(model: CompiledModel) -> Keys:
    """Return the keys of all clocks but exits."""

    def key(name: str, occurrence: int = 0) -> NDArray[np.uint64]:
        return addresses.occurrence_key(addresses.stream_key(model.seed, name), occurrence)

    def column(pattern: str, names: tuple[str, ...]) -> NDArray[np.uint64]:
        return np.array([key(pattern.format(n)) for n in names], np.uint64).reshape(-1, 1)

    return Keys(
        shock=key(clocks.COMMON_SHOCK),
        commit=column(clocks.COMMIT, model.contributors.names),
        basing=column(clocks.BASING, model.air.hosts),
        consent=key(clocks.CONSENT),
        refusal_blocks=key(clocks.REFUSAL_BLOCKS),
        backstop_start=key(clocks.BACKSTOP_START),
        mission_end=key(clocks.MISSION_END),
        backstop=Occurrences(model.seed, clocks.BACKSTOP),
        reinforcement=key(clocks.REINFORCEMENT),
        resolve=key(clocks.RESOLVE, 0),
        resolve_direction=key(clocks.RESOLVE, 1),
        phase=Occurrences(model.seed, clocks.PHASE),
        cause=column(clocks.CAUSE, CAUSES),
    )


def slots(model: CompiledModel, order: IntArray) -> Slots:
    """Sort the contributors of every draw.

    Parameters
    ----------
    model : CompiledModel
    order : int64 array, shape (D, N)
        Contributors by arrival.
    """
    force = model.contributors
    draws, number = order.shape

    def of_draw(values: NDArray[Any], nobody: float) -> NDArray[Any]:
        column = np.full((draws, 1), nobody, values.dtype)
        return np.concatenate([np.take_along_axis(values, order, axis=1), column], axis=1)

    who = of_draw(np.broadcast_to(np.arange(number), order.shape), number).ravel()

    def of_contributor(values: Any, kind: type[np.generic]) -> NDArray[Any]:
        return np.append(np.asarray(values, kind), kind(0)).take(who)

    arrival = tag(of_draw(force.arrival, np.inf), ARRIVAL, np.arange(number + 1))
    arrival[:, number] = NEVER
    exit_keys = [
        addresses.occurrence_key(addresses.stream_key(model.seed, clocks.EXIT.format(name)), 0)
        for name in force.names
    ]
    with np.errstate(divide="ignore"):  # a contributor that never leaves
        exit_scale = -1.0 / force.exit_rate
    return Slots(
        who=who,
        arrival=arrival.ravel(),
        offer=of_draw(force.troops, 0.0).ravel(),
        cost_factor=of_contributor(force.cost_factor, np.float64),
        aircraft=of_contributor(force.aircraft, np.float64),
        ships=of_contributor(force.ships, np.int64),
        exit_key=of_contributor(exit_keys, np.uint64),
        exit_scale=of_draw(exit_scale, -np.inf).ravel(),
    )


def share_in_hazards(h: Hazards) -> FloatArray:
    """1 - rho: the part of a log effect that acts on hazards; never quite 0, to be divided by."""
    return np.maximum(1.0 - h.rho, 1e-200)


def effects(model: CompiledModel, scale: FloatArray) -> Effects:
    """Tabulate the effects of all factors.

    Parameters
    ----------
    model : CompiledModel
    scale : float64 array, shape (D,)
        From `share_in_hazards`.
    """
    h, air, backstop = model.hazards, model.air, model.backstop
    full = {  # effect of each factor at full dose, (C, D)
        name: (h.loading[:, :, j] * h.log_hr[:, None, j] * scale[:, None]).T
        for j, name in enumerate(FACTORS)
    }
    ships = np.arange(int(np.sum(model.contributors.ships)) + 1, dtype=np.float64)
    at_sea = doses.coverage(ships, air.ships_required[:, None]) * full["naval"][:, :, None]
    naval_causes = _causes_affected(at_sea)
    capacity, decay, decay_tanked = _air_tables(model)
    flown = capacity[-1] > 0.0 and bool(np.any(model.contributors.aircraft > 0.0))
    air_causes = _causes_affected(full["air"]) if flown else ()
    presence = _presence(model, full["presence"], scale)
    if not flown:
        full["air"] = np.zeros_like(full["air"])
    return Effects(
        by_switch=_by_switch(model, full),
        air_causes=air_causes,
        air_lost=-full["air"][list(air_causes)],
        naval_causes=naval_causes,
        at_sea=at_sea[list(naval_causes)].reshape(len(naval_causes), h.rho.size * ships.size),
        ship_counts=ships.size,
        presence=presence[:1] if np.all(presence == presence[0]) else presence,
        doubling=model.presence.response == FORCE_RESPONSES.index("doubling"),
        air_capacity=capacity,
        air_decay=decay,
        air_decay_tanked=decay_tanked,
        tanked_aircraft=_tanked_aircraft(model),
        backstop_rate=np.stack([backstop.regain_rate, backstop.loss_rate], axis=1).reshape(-1),
    )


def range_of(of: Effects, model: CompiledModel) -> tuple[FloatArray, FloatArray]:
    """Bounds, by draw, of the sum of all effects on any cause."""
    draws = model.draws.size
    force, mission = model.contributors, model.mission
    most_troops = force.troops.sum(axis=1) * np.maximum(1.0, mission.growth)
    dose = np.where(of.doubling, doses.doublings(most_troops), 1.0)
    parts = (
        of.by_switch.reshape(len(CAUSES), draws, SWITCHES),
        (of.presence * dose)[:, :, None],
        of.air_lost[:, :, None],
        of.at_sea.reshape(len(of.naval_causes), draws, of.ship_counts),
    )
    least = sum(np.min(part, axis=(0, 2), initial=0.0) for part in parts)
    most = sum(np.max(part, axis=(0, 2), initial=0.0) for part in parts)
    return np.asarray(least), np.asarray(most)


def _causes_affected(effect: FloatArray) -> tuple[int, ...]:
    return tuple(c for c in range(len(CAUSES)) if np.any(effect[c] != 0.0))


def _presence(model: CompiledModel, full: FloatArray, scale: FloatArray) -> FloatArray:
    presence = model.presence
    response = presence.response
    loading = model.hazards.loading[:, :, FACTORS.index("presence")].T
    per_doubling = loading * presence.log_hr_per_doubling * scale
    full = np.where(response == FORCE_RESPONSES.index("doubling"), per_doubling, full)
    return np.where(response == FORCE_RESPONSES.index("none"), 0.0, full)


def _by_switch(model: CompiledModel, full: dict[str, FloatArray]) -> FloatArray:
    watch, backstop = model.monitoring, model.backstop
    table = np.zeros((len(CAUSES), model.draws.size, SWITCHES))
    front = np.full_like(watch.watched_km, model.presence.front_km)
    for switches in range(SWITCHES):
        on = bool(switches & BACKSTOP_IS_ON)
        watched = watch.watched_km
        if not (on and backstop.surveillance):
            watched = watched * (1.0 - watch.dependence)
        total = full["air"] + doses.coverage(watched, front) * full["monitoring"]
        if on:
            total += backstop.weight * full["backstop"]
        if switches & ARMY_IS_RESTORED:
            total += full["ukraine"]
        if not switches & RUSSIA_IS_READY:
            total += full["russia_unready"]
        if switches & FORCE_IS_UNWELCOME:
            total += full["no_consent"]
        table[:, :, switches] = total
    return table.reshape(len(CAUSES), -1)


def _tanked_aircraft(model: CompiledModel) -> FloatArray:
    air = model.air
    lost = air.tankers * (1.0 - air.tanker_dependence)
    kept = np.full_like(lost, air.tankers) if model.backstop.logistics else lost
    return np.stack([lost, kept], axis=1).reshape(-1) * np.repeat(air.aircraft_per_tanker, 2)


def _air_tables(model: CompiledModel) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Room, and minus the share on station over what is required, for every set of open hosts."""
    air = model.air
    bits = np.arange(2 ** len(air.hosts))[:, None] >> air.base_host[None, :] & 1
    room = np.where(bits.astype(bool), air.base_capacity, 0.0)  # (2**H, B)
    capacity = room.sum(axis=1)

    def weighted(endurance: FloatArray) -> FloatArray:
        total = np.zeros((endurance.size, capacity.size))
        for base, distance in enumerate(air.base_distance_km):
            share = doses.endurance_share(
                endurance, distance, air.cruise_km_h, air.turnaround_h, air.serviceability
            )
            total += share[:, None] * room[:, base]
        total /= np.where(capacity > 0.0, capacity, 1.0)
        return total / air.on_station_required[:, None]

    plain = weighted(air.endurance_h)
    tanked = weighted(air.endurance_tanked_h)
    return capacity, -plain.reshape(-1), (plain - tanked).reshape(-1)
