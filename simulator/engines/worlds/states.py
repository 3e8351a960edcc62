"""What is deployed and promised in every segment, and what that does to hazards and odds."""

from dataclasses import dataclass

import numpy as np

from simulator.engines.worlds import timeline
from simulator.engines.worlds.starts import Starts
from simulator.engines.worlds.tables import (
    ARMY_STEP,
    BACKSTOP_IS_ON,
    RUSSIA_BITS,
    SWITCHES,
    Tables,
)
from simulator.engines.worlds.timeline import ARRIVAL, Timeline
from simulator.model import formulas
from simulator.model.compiled import STEPS, BoolArray, CompiledModel, FloatArray, IntArray


@dataclass(frozen=True, eq=False, slots=True)
class States:
    """The state of the world in every segment, without any reinforcement; shape (n,)."""

    world: IntArray
    draw: IntArray
    resolved: BoolArray  # whether the phase has been drawn
    switches: IntArray  # indices into `Tables.by_switch` and `Tables.russia_unready`
    troops: FloatArray  # soldiers deployed
    cost: FloatArray  # the same, weighted by cost factors
    aircraft: FloatArray
    ships: FloatArray
    come: FloatArray  # soldiers who have ever come, whether or not they have left


def follow(model: CompiledModel, starts: Starts, line: Timeline, tables: Tables) -> States:
    """Follow the state of every world along its segments."""
    world = line.world
    draw = starts.draw[world]
    nothing = np.zeros(draw.size)
    force, code = model.contributors, line.code
    moves = (code >= ARRIVAL).nonzero()[0]
    who = (code[moves] - ARRIVAL) >> 1
    sign = 1.0 - 2.0 * (code[moves] & 1)
    troops = sign * np.floor(starts.scale[world[moves]] * force.troops[draw[moves], who])
    remembers = tables.has_troops and bool(model.presence.stays.any())
    amounts = {
        "troops": troops if tables.has_troops else None,
        "cost": troops * force.cost_factor[who] if tables.has_cost_factors else None,
        "aircraft": sign * force.aircraft[who] if tables.has_air else None,
        "ships": sign * force.ships[who] if tables.has_ships else None,
        "come": np.maximum(troops, 0.0) if remembers else None,
    }
    amounts = {name: amount for name, amount in amounts.items() if amount is not None}
    changes = np.zeros((3 + len(amounts), draw.size))
    changes[0] = _SWITCHED[np.minimum(code, ARRIVAL)]
    changes[0, : line.width[0]] += starts.backstop_on[line.worlds] * BACKSTOP_IS_ON
    changes[1] = code == timeline.RESOLVE
    changes[2] = code == timeline.MISSION_END
    for row, amount in enumerate(amounts.values(), start=3):
        changes[row, moves] = amount
    switches, resolved, ended, *deployed = line.accumulate(changes)
    sums = dict(zip(amounts, deployed, strict=True))
    goes_on = 1.0 - ended
    found = {name: row * goes_on for name, row in sums.items() if name != "come"}
    here = found.get("troops", nothing)
    return States(
        world=world,
        draw=draw,
        resolved=resolved > 0.0,
        switches=switches.astype(np.int64),
        troops=here,
        cost=found.get("cost", here),
        aircraft=found.get("aircraft", nothing),
        ships=found.get("ships", nothing),
        come=sums.get("come", here),
    )


def _switched() -> FloatArray:
    change = np.zeros(ARRIVAL + 1)
    change[timeline.BACKSTOP_ON] = BACKSTOP_IS_ON
    change[timeline.BACKSTOP_OFF] = -BACKSTOP_IS_ON
    change[timeline.ARMY_RESTORED] = ARMY_STEP
    change[timeline.RECONSTITUTED] = 1 << RUSSIA_BITS
    return change


_SWITCHED = _switched()  # what each event adds to the switches


@dataclass(frozen=True, eq=False, slots=True)
class Effects:
    """Effects in every segment; axis C is the causes, n the segments."""

    log_m: FloatArray  # (C, n) clamped log hazard multiplier of each cause
    hazard: FloatArray  # (n,) over the base hazard of the phase: sum of share times multiplier
    split: FloatArray  # (C, n) share of each cause in that hazard


def effects(
    model: CompiledModel,
    tables: Tables,
    starts: Starts,
    state: States,
    troops: FloatArray,
    come: FloatArray,
) -> Effects:
    """Effects of every segment with ``troops`` deployed and ``come`` who have ever come."""
    h, draw = model.hazards, state.draw
    russia = state.switches >> RUSSIA_BITS
    others = state.switches - (russia << RUSSIA_BITS)
    log_m = tables.by_switch.take(draw * SWITCHES + others, axis=1)
    log_m += tables.russia_unready.take(draw * (STEPS + 1) + russia, axis=1)
    if tables.has_troops:
        counted = np.where(model.presence.stays[draw], come, troops)
        log_m += tables.presence.take(draw, axis=1) * _presence(tables, draw, counted)
        unwelcome = (starts.refused[state.world] & (troops > 0.0)).nonzero()[0]
        if unwelcome.size:
            of = draw[unwelcome]
            dose = _refusal(tables, of, troops[unwelcome])
            for row, refused in zip(log_m, tables.refused, strict=True):
                row[unwelcome] += refused.take(of) * dose
    if tables.has_ships:
        ships = state.ships.astype(np.int64)
        log_m += tables.at_sea.take(draw * tables.ship_counts + ships, axis=1)
    if tables.has_air:
        log_m += tables.air.take(draw, axis=1) * _air_dose(model, tables, starts, state)
    np.maximum(log_m, h.log_clamp_low[draw], out=log_m)
    np.minimum(log_m, h.log_clamp_high[draw], out=log_m)
    split = np.exp(h.hazard_exponent[draw] * log_m)
    split *= h.cause_shares.T.take(draw, axis=1)
    hazard = split[0] + split[1] + split[2]
    return Effects(log_m, hazard, split / hazard)


def _presence(tables: Tables, draw: IntArray, troops: FloatArray) -> FloatArray:
    """Dose of presence, or doublings of the force where it counts in those (eqs. 5 and 6)."""
    dose = _dose(tables, draw, troops)
    doubling = tables.doubling[draw].nonzero()[0]
    if doubling.size:
        dose[doubling] = formulas.doublings(troops[doubling])
    return dose


def _refusal(tables: Tables, draw: IntArray, troops: FloatArray) -> FloatArray:
    """Dose of a refused force: that of its presence."""
    dose = _dose(tables, draw, troops)
    doubling = tables.doubling[draw].nonzero()[0]
    if doubling.size:
        of = draw[doubling]
        recorded = formulas.doublings(troops[doubling]) * tables.doublings_scale[of]
        dose[doubling] = np.minimum(recorded, tables.most_dose[of])
    return dose


def _dose(tables: Tables, draw: IntArray, troops: FloatArray) -> FloatArray:
    share = formulas.saturation(troops, tables.half_troops[draw])
    return np.minimum(share * tables.dose_scale[draw], tables.most_dose[draw])


def failing_probability(
    model: CompiledModel, draw: IntArray, of: Effects, segments: IntArray
) -> FloatArray:
    """Probability w that a ceasefire whose phase is drawn in these segments is failing."""
    h, rows = model.hazards, draw[segments]
    return formulas.failing_probability(
        of.log_m.take(segments, axis=1),
        h.cause_shares.T.take(rows, axis=1),
        h.odds_exponent[rows],
        h.logit_w0[rows],
    )


def _air_dose(model: CompiledModel, tables: Tables, starts: Starts, state: States) -> FloatArray:
    """Share of the air above the line that is covered (eqs. 7 and 10)."""
    hosts = starts.hosts[state.world]
    base = (state.draw << len(model.air.hosts)) + hosts
    based = np.minimum(state.aircraft, tables.capacity[hosts])
    on = state.switches & BACKSTOP_IS_ON
    tanked = np.minimum(based, tables.tanked_aircraft[2 * state.draw + on])
    over = tables.on_station[base] * based + tables.gain_tanked[base] * tanked
    return np.asarray(-np.expm1(-over))
