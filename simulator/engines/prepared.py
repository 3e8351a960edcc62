"""Per-draw tables of the fast engine: what can be worked out before any path is started."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

from simulator import addresses
from simulator.model import clocks, doses, hazards
from simulator.model.compiled import (
    CAUSES,
    FACTORS,
    FORCE_RESPONSES,
    BoolArray,
    CompiledModel,
    FloatArray,
)

# A lane's switches, as bits of the index into `Prepared.switched`.
BACKSTOP_ON, ARMY_RESTORED, RECONSTITUTED = 1, 2, 4


@dataclass(frozen=True, eq=False, slots=True)
class Keys:
    """Keys of the clocks' random numbers (see `simulator.addresses`)."""

    shock: NDArray[np.uint64]
    commit: NDArray[np.uint64]  # (N, 1)
    basing: NDArray[np.uint64]  # (H, 1)
    consent: NDArray[np.uint64]
    refusal_blocks: NDArray[np.uint64]
    backstop_start: NDArray[np.uint64]
    exit: NDArray[np.uint64]  # (N,)
    mission_end: NDArray[np.uint64]
    backstop: np.uint64  # stream: one occurrence per sojourn
    reinforcement: NDArray[np.uint64]
    resolve: NDArray[np.uint64]
    resolve_direction: NDArray[np.uint64]
    phase: np.uint64  # stream: one occurrence per sojourn
    cause: NDArray[np.uint64]  # (C, 1)


@dataclass(frozen=True, eq=False, slots=True)
class Prepared:
    """Tables by draw, laid out so that a lane is filled by taking columns.

    Attributes
    ----------
    parameters : float64 array, shape (P, D)
        Rows named by the module's slices and indices below.
    switched : float64 array, shape (C, D * 8)
        Log multipliers from the factors that only switches decide (monitoring, backstop, ukraine,
        russia_unready), at ``8 * draw + switches``.
    tanked_aircraft : float64 array, shape (D * 2,)
        Aircraft that tankers can serve, at ``2 * draw + backstop``.
    air_capacity : float64 array, shape (2**H,)
        Room at the bases of the open hosts, whose bits make the index.
    air_share, air_gain : float64 array, shape (D * 2**H,)
        Share on station without tanking and what tanking adds, at ``2**H * draw + open hosts``.
    commit_threshold : float64 array, shape (N, D)
        ndtri(commitment) / sqrt(1 - r): the copula's threshold.
    commit_loading : float64 array, shape (D,)
        sqrt(r / (1 - r)): what the common shock adds to it.
    troops, exit_rate, arrival : float64 array, shape (N, D)
    """

    keys: Keys
    parameters: FloatArray
    switched: FloatArray
    tanked_aircraft: FloatArray
    air_capacity: FloatArray
    air_share: FloatArray
    air_gain: FloatArray
    commit_threshold: FloatArray
    commit_loading: FloatArray
    troops: FloatArray
    exit_rate: FloatArray
    arrival: FloatArray
    any_doubling: bool
    any_ageing: bool
    reinforced: bool


# Rows of `Prepared.parameters`.
SHARES, PRESENCE, AIR, NAVAL, NO_CONSENT = (slice(3 * i, 3 * i + 3) for i in range(5))
HAZARD_BY_PHASE = slice(15, 18)
(
    SLOPE,
    KAPPA,
    RHO,
    LOGIT_W0,
    CLAMP_LOW,
    CLAMP_HIGH,
    HALF_TROOPS,
    DOUBLING,
    ON_STATION_REQUIRED,
    SHIPS_REQUIRED,
    CONTAGION,
    REINFORCEMENT_RATE,
    GROWTH,
) = range(18, 31)
PARAMETERS = 31


def prepare(model: CompiledModel) -> Prepared:
    """Work out the tables of a model. The cost is linear in draws and independent of paths."""
    h, force = model.hazards, model.contributors
    correlation = force.political_correlation
    share, gain, capacity = _air_tables(model)
    return Prepared(
        keys=_keys(model),
        parameters=_parameters(model),
        switched=_switched(model),
        tanked_aircraft=_tanked_aircraft(model),
        air_capacity=capacity,
        air_share=share,
        air_gain=gain,
        commit_threshold=np.ascontiguousarray(
            (ndtri(force.commitment) / np.sqrt(1.0 - correlation)[:, None]).T
        ),
        commit_loading=np.sqrt(correlation / (1.0 - correlation)),
        troops=np.ascontiguousarray(force.troops.T),
        exit_rate=np.ascontiguousarray(force.exit_rate.T),
        arrival=np.ascontiguousarray(force.arrival.T),
        any_doubling=bool(np.any(model.presence.response == FORCE_RESPONSES.index("doubling"))),
        any_ageing=bool(np.any(h.holding_slope != 0.0)),
        reinforced=model.mission.reinforcement_ceiling is not None,
    )


def _keys(model: CompiledModel) -> Keys:
    def stream(name: str) -> np.uint64:
        return addresses.stream_key(model.seed, name)

    def key(name: str, occurrence: int = 0) -> NDArray[np.uint64]:
        return addresses.occurrence_key(stream(name), occurrence)

    def column(pattern: str, names: tuple[str, ...]) -> NDArray[np.uint64]:
        return np.array([key(pattern.format(n)) for n in names], np.uint64).reshape(-1, 1)

    return Keys(
        shock=key(clocks.COMMON_SHOCK),
        commit=column(clocks.COMMIT, model.contributors.names),
        basing=column(clocks.BASING, model.air.hosts),
        consent=key(clocks.CONSENT),
        refusal_blocks=key(clocks.REFUSAL_BLOCKS),
        backstop_start=key(clocks.BACKSTOP_START),
        exit=column(clocks.EXIT, model.contributors.names)[:, 0],
        mission_end=key(clocks.MISSION_END),
        backstop=stream(clocks.BACKSTOP),
        reinforcement=key(clocks.REINFORCEMENT),
        resolve=key(clocks.RESOLVE, 0),
        resolve_direction=key(clocks.RESOLVE, 1),
        phase=stream(clocks.PHASE),
        cause=column(clocks.CAUSE, CAUSES),
    )


def _parameters(model: CompiledModel) -> FloatArray:
    h, presence = model.hazards, model.presence
    effect = h.loading * h.log_hr[:, None, :]  # (D, C, J), at full dose
    by_factor = {name: effect[:, :, j].T for j, name in enumerate(FACTORS)}
    response = presence.response
    is_doubling = response == FORCE_RESPONSES.index("doubling")
    is_tripwire = response == FORCE_RESPONSES.index("tripwire")
    per_doubling = (h.loading[:, :, 0] * presence.log_hr_per_doubling[:, None]).T
    of_presence = np.where(is_doubling, per_doubling, by_factor["presence"])
    of_presence = np.where(response == FORCE_RESPONSES.index("none"), 0.0, of_presence)
    with np.errstate(divide="ignore"):  # a posture without any effect halves it at no number
        half = presence.half_effect * presence.front_km / presence.posture_factor
    return np.concatenate(
        [
            h.cause_shares.T,
            of_presence,
            by_factor["air"],
            by_factor["naval"],
            by_factor["no_consent"],
            np.stack([hazards.establishing_hazard(h), h.holding, h.failing]),
            np.stack(
                [
                    h.holding_slope,
                    h.kappa,
                    h.rho,
                    h.logit_w0,
                    h.log_clamp_low,
                    h.log_clamp_high,
                    np.where(is_tripwire, 0.0, half),
                    is_doubling.astype(np.float64),
                    model.air.on_station_required,
                    model.air.ships_required,
                    model.contributors.exit_contagion,
                    model.mission.reinforcement_rate,
                    model.mission.growth,
                ]
            ),
        ]
    )


def _switched(model: CompiledModel) -> FloatArray:
    h, watch, backstop = model.hazards, model.monitoring, model.backstop
    effect = h.loading * h.log_hr[:, None, :]
    columns = {name: effect[:, :, j] for j, name in enumerate(FACTORS)}
    table = np.zeros((h.logit_w0.size, 8, len(CAUSES)))
    front = np.full_like(watch.watched_km, model.presence.front_km)
    for switches in range(8):
        on = bool(switches & BACKSTOP_ON)
        watched = watch.watched_km
        if not (on and backstop.surveillance):
            watched = watched * (1.0 - watch.dependence)
        total = doses.coverage(watched, front)[:, None] * columns["monitoring"]
        if on:
            total = total + backstop.weight[:, None] * columns["backstop"]
        if switches & ARMY_RESTORED:
            total = total + columns["ukraine"]
        if not switches & RECONSTITUTED:
            total = total + columns["russia_unready"]
        table[:, switches, :] = total
    return np.ascontiguousarray(table.reshape(-1, len(CAUSES)).T)


def _tanked_aircraft(model: CompiledModel) -> FloatArray:
    air = model.air
    lost = air.tankers * (1.0 - air.tanker_dependence)
    kept = np.full_like(lost, air.tankers) if model.backstop.logistics else lost
    return np.stack([lost, kept], axis=1).reshape(-1) * np.repeat(air.aircraft_per_tanker, 2)


def _air_tables(model: CompiledModel) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Capacity and capacity-weighted shares for every set of open hosts."""
    air = model.air
    combinations = 2 ** len(air.hosts)
    bits = np.arange(combinations)[:, None] >> air.base_host[None, :] & 1
    room: BoolArray = bits.astype(bool)  # (2**H, B)
    capacity = np.where(room, air.base_capacity, 0.0).sum(axis=1)

    def weighted(endurance: FloatArray) -> FloatArray:
        by_base = doses.endurance_share(
            endurance[:, None],
            air.base_distance_km[None, :],
            air.cruise_km_h[:, None],
            air.turnaround_h[:, None],
            air.serviceability[:, None],
        )  # (D, B)
        total = np.einsum("db,sb->ds", by_base, np.where(room, air.base_capacity, 0.0))
        return np.asarray(total / np.where(capacity > 0.0, capacity, 1.0))

    plain = weighted(air.endurance_h)
    tanked = weighted(air.endurance_tanked_h)
    return plain.reshape(-1), (tanked - plain).reshape(-1), capacity
