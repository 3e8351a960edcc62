"""A compiled model laid out for scalar code."""

from __future__ import annotations

from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from simulator import addresses
from simulator.bench.columns import CELLS, LAST_CELL, MIDDLE
from simulator.engines import prepared as table
from simulator.engines.prepared import ODDS_SHARES, SHARES, Prepared, prepare
from simulator.engines.tables import SWITCHES
from simulator.model import clocks
from simulator.model.compiled import CAUSES, CompiledModel

Tables: TypeAlias = tuple[Any, ...]


def tables(model: CompiledModel) -> Tables:
    """Lay a model out for scalar code: arrays with one row a draw, then what all draws share."""
    prep = prepare(model, 0, model.draws.size)
    effects, slots, force = prep.effects, prep.slots, model.contributors
    draws, n = model.draws.size, prep.contributors

    def by_slot(values: NDArray[Any]) -> NDArray[Any]:
        return np.ascontiguousarray(values.reshape(draws, n + 1)[:, :n])

    def by_cause(values: NDArray[Any], affected: tuple[int, ...], width: int) -> NDArray[Any]:
        """Rows of the affected causes, as (D, width * C) with the causes side by side."""
        full = np.zeros((len(CAUSES), draws, width))
        full[list(affected)] = values.reshape(len(affected), draws, width)
        return np.ascontiguousarray(np.moveaxis(full, 0, 2)).reshape(draws, -1)

    who = by_slot(slots.who)
    row = np.arange(draws)[:, None]
    combinations = effects.air_capacity.size
    air = np.stack([effects.air_decay, effects.air_decay_tanked], axis=1)
    ceiling = model.mission.reinforcement_ceiling
    return (
        _numbers(prep, by_cause(effects.air_lost, effects.air_causes, 1)),
        force.arrival[row, who],
        by_slot(slots.offer),
        np.ascontiguousarray(prep.commit_threshold.T)[row, who],
        by_slot(slots.exit_scale),
        by_slot(slots.cost_factor),
        by_slot(slots.aircraft),
        by_slot(slots.ships),
        force.needs_backstop[who],
        prep.keys.commit[:, 0][who],
        by_slot(slots.exit_key),
        by_cause(effects.by_switch, tuple(range(len(CAUSES))), SWITCHES),
        by_cause(effects.at_sea, effects.naval_causes, effects.ship_counts),
        air.reshape(draws, 2 * combinations),
        effects.tanked_aircraft.reshape(draws, 2),
        np.ascontiguousarray(model.air.host_open),
        _keys(prep),
        effects.air_capacity,
        _phi(),
        np.array(
            [
                model.mission.target_troops,
                -1.0 if ceiling is None else ceiling,
                model.horizon,
                float(model.backstop.promised),
            ]
        ),
    )


def as_lists(of: Tables) -> Tables:
    """Tables as plain Python values, which scalar Python reads five times as fast."""
    return tuple(values.tolist() for values in of)


def _numbers(prep: Prepared, air_lost: NDArray[Any]) -> NDArray[Any]:
    model, p = prep.model, prep.parameters
    backstop, mission = model.backstop, model.mission
    presence = np.broadcast_to(prep.effects.presence, (len(CAUSES), p.shape[1]))
    return np.stack(
        [
            mission.consent,
            mission.refusal_blocks,
            backstop.on_at_start,
            backstop.loss_rate,
            backstop.regain_rate,
            mission.end_rate,
            model.milestones.army_restored,
            model.milestones.reconstituted,
            model.hazards.kappa_0,
            p[table.KAPPA],
            *p[table.HAZARD_BY_PHASE],
            p[table.SLOPE],
            *p[SHARES],
            *p[ODDS_SHARES],
            *presence,
            *air_lost.T,
            p[table.LOW],
            p[table.HIGH],
            p[table.LOGIT_W0],
            p[table.RHO],
            p[table.HALF_TROOPS],
            prep.effects.doubling.astype(np.float64),
            p[table.CONTAGION],
            p[table.REINFORCEMENT],
            p[table.GROWTH],
            model.money.setup_per_soldier,
            model.money.per_soldier_year,
            prep.commit_loading,
        ],
        axis=1,
    )


def _keys(prep: Prepared) -> NDArray[np.uint64]:
    keys, seed = prep.keys, prep.model.seed
    streams = [addresses.stream_key(seed, name) for name in (clocks.BACKSTOP, clocks.PHASE)]
    single = (
        keys.shock,
        keys.consent,
        keys.refusal_blocks,
        keys.backstop_start,
        keys.mission_end,
        keys.reinforcement,
        keys.resolve,
        keys.resolve_direction,
    )
    return np.concatenate(
        [
            np.array([int(key) for key in single], np.uint64),
            keys.cause[:, 0],
            np.array(streams, np.uint64),
            keys.basing[:, 0],
        ]
    )


def _phi() -> NDArray[np.float64]:
    from scipy.special import ndtr

    grid = np.arange(LAST_CELL + 2) - MIDDLE
    return np.asarray(ndtr(grid / CELLS))
