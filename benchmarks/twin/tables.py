"""A compiled model laid out for the twin."""

from __future__ import annotations

import hashlib

import numpy as np
from scipy.special import ndtri

from benchmarks.twin.layout import DRAW
from simulator.model import clocks
from simulator.model.compiled import FACTORS, FORCE_RESPONSES, CompiledModel


def tables(model: CompiledModel):
    """The model laid out for `benchmarks.twin.path.simulate`."""
    order = np.argsort(model.contributors.arrival, axis=1, kind="stable")
    return (
        _draws(model),
        _contributors(model, order),
        _words(model, clocks.COMMIT, clocks.EXIT, order),
        _bases(model),
        np.ascontiguousarray(model.air.host_open),
        np.array([_word(model, clocks.BASING.format(host)) for host in model.air.hosts], np.uint64),
    )


def _word(model: CompiledModel, name: str) -> int:
    text = f"{model.seed} {name}".encode()
    return int.from_bytes(hashlib.blake2b(text, digest_size=8).digest(), "little")


def _words(model: CompiledModel, commit: str, leave: str, order: np.ndarray) -> np.ndarray:
    names = model.contributors.names
    by_name = np.array(
        [[_word(model, clock.format(name)) for name in names] for clock in (commit, leave)],
        np.uint64,
    ).reshape(2, len(names))
    return np.ascontiguousarray(by_name[:, order].transpose(1, 0, 2))


_CLOCKS = (
    clocks.COMMON_SHOCK,
    "angle of the shock",  # two uniforms make a normal number
    clocks.CONSENT,
    clocks.REFUSAL_BLOCKS,
    clocks.BACKSTOP_START,
    clocks.MISSION_END,
    clocks.BACKSTOP,
    clocks.RESOLVE,
    clocks.PHASE,
    clocks.DIRECTION,
    clocks.REINFORCEMENT,
    "collapse",
    "cause",
    "path",
    clocks.RESCUE,
)


def _draws(model: CompiledModel) -> np.ndarray:
    """What every draw implies for all of its paths."""
    h, mission, backstop, air = model.hazards, model.mission, model.backstop, model.air
    presence, dates, r = model.presence, model.milestones, model.contributors.political_correlation
    w0 = 1.0 / (1.0 + np.exp(-h.logit_w0))
    rows = np.zeros(model.draws.size, DRAW)
    with np.errstate(divide="ignore"):  # a posture without any effect halves it at no number
        half = presence.half_effect * presence.front_km / presence.posture_factor
    recorded = presence.reference_density
    values = {
        "number": model.draws,
        "clock": np.array([_word(model, name) for name in _CLOCKS], np.uint64),
        "effect": _effects(model),
        "shares": h.cause_shares,
        "watched": _watched(model),
        "tanked": _tanked(model),
        "target": mission.target_troops,
        "as_needed": mission.as_needed,
        "ceiling": -1.0 if mission.reinforcement_ceiling is None else mission.reinforcement_ceiling,
        "horizon": model.horizon,
        "promised": backstop.promised,
        "response": presence.response,
        "stays": presence.stays,
        "troops_at_half": half,
        "dose_scale": (recorded + presence.half_effect) / recorded,
        "doublings_scale": 1.0 / np.log2(1.0 + recorded * presence.front_km / 1000.0),
        "most_dose": presence.most_dose,
        "shock": np.sqrt(r / (1.0 - r)),
        "consent": mission.consent,
        "refusal_blocks": mission.refusal_blocks,
        "on_at_start": backstop.on_at_start,
        "loss_rate": backstop.loss_rate,
        "regain_rate": backstop.regain_rate,
        "weight": backstop.weight,
        "on_station_required": air.on_station_required,
        "ships_required": air.ships_required,
        "army_restored": dates.army_restored,
        "reconstituted": dates.reconstituted,
        "reinforcement_rate": mission.reinforcement_rate,
        "growth": mission.growth,
        "mission_end_rate": mission.end_rate,
        "exit_contagion": model.contributors.exit_contagion,
        "logit_w0": h.logit_w0,
        "establishing": w0 * h.failing + (1.0 - w0) * h.holding,
        "failing": h.failing,
        "holding": h.holding,
        "slope": h.holding_slope,
        "kappa_0": h.kappa_0,
        "kappa": h.kappa,
        "odds_exponent": h.odds_exponent,
        "hazard_exponent": h.hazard_exponent,
        "rescues": h.rescues,
        "low": h.log_clamp_low,
        "high": h.log_clamp_high,
    }
    for name in DRAW.names:
        rows[name] = values[name]
    return rows


def _effects(model: CompiledModel) -> np.ndarray:
    """Log effect of each factor on each cause at full dose, or for each doubling of the force."""
    h, presence, column = model.hazards, model.presence, FACTORS.index("presence")
    effects = h.loading * h.log_hr[:, None, :]
    doubling = presence.response == FORCE_RESPONSES.index("doubling")
    effects[doubling, :, column] = (
        h.loading[doubling, :, column] * presence.log_hr_per_doubling[doubling, None]
    )
    return effects.transpose(0, 2, 1)


def _watched(model: CompiledModel) -> np.ndarray:
    """Dose of monitoring with the backstop off and on (eq. 7)."""
    watch = model.monitoring
    off = watch.watched_km * (1.0 - watch.dependence)
    on = watch.watched_km if model.backstop.surveillance else off
    return 1.0 - np.exp(-np.stack([off, on], axis=1) / model.presence.front_km)


def _tanked(model: CompiledModel) -> np.ndarray:
    """Aircraft that tankers can serve with the backstop off and on."""
    air = model.air
    off = air.tankers * (1.0 - air.tanker_dependence)
    on = np.full_like(off, air.tankers) if model.backstop.logistics else off
    return np.stack([off, on], axis=1) * air.aircraft_per_tanker[:, None]


def _contributors(model: CompiledModel, order: np.ndarray) -> np.ndarray:
    """Rows of `benchmarks.twin.layout`, shape (D, 8, N), in the order of arrival."""
    force, r = model.contributors, model.contributors.political_correlation
    values = np.broadcast_arrays(
        force.arrival,
        ndtri(force.commitment) / np.sqrt(1.0 - r)[:, None],
        force.troops,
        force.exit_rate,
        force.cost_factor,
        force.aircraft,
        force.ships,
        force.needs_backstop.astype(np.float64),
    )
    return np.stack([np.take_along_axis(row, order, axis=1) for row in values], axis=1)


def _bases(model: CompiledModel) -> np.ndarray:
    """Host, room, and share of aircraft on station without and with tanking (eq. 9): (D, 4, B)."""
    air = model.air
    flight = 2.0 * air.base_distance_km / air.cruise_km_h[:, None]

    def share(endurance: np.ndarray) -> np.ndarray:
        on_station = np.maximum(0.0, endurance[:, None] - flight)
        cycle = endurance + air.turnaround_h
        return air.serviceability[:, None] * on_station / cycle[:, None]

    rows = (air.base_host, air.base_capacity, share(air.endurance_h), share(air.endurance_tanked_h))
    return np.stack(np.broadcast_arrays(*rows), axis=1).astype(np.float64)
