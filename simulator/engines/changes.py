"""What each event of the fast engine changes, on the lanes it happens on."""

from __future__ import annotations

from typing import Final

import numpy as np

from simulator import addresses
from simulator.engines import prepared as table
from simulator.engines import tags
from simulator.engines.lanes import FAILING, HOLDING, Lanes, Workspace
from simulator.engines.ledger import Ledger
from simulator.engines.prepared import Prepared
from simulator.engines.starts import lowest
from simulator.engines.tables import ARMY_IS_RESTORED, BACKSTOP_IS_ON, RUSSIA_IS_READY
from simulator.engines.tags import DONE, NEVER, tag
from simulator.model import hazards
from simulator.model.compiled import FloatArray, IntArray

_EVENTS: Final = np.arange(tags.COLLAPSE, tags.PHASE + 1, dtype=np.int8)
_BEYOND_REACH: Final = 1.0 + 1e-9  # more than rounding could make of a product


def happen(lane: Lanes, work: Workspace, prep: Prepared, ledger: Ledger) -> IntArray:
    """Let the event of every lane happen; return the lanes whose path has ended."""
    # One radix sort of bytes groups the lanes (2 ns a lane; a mask for each event takes 31).
    order = work.event.argsort(kind="stable")
    ends = work.event[order].searchsorted(_EVENTS, "right").tolist()
    groups = {
        event: order[begin:end]
        for event, begin, end in zip(_EVENTS.tolist(), [0, *ends[:-1]], ends, strict=True)
        if end > begin
    }
    nobody = order[:0]
    if (lanes := groups.get(tags.ARRIVAL, nobody)).size:
        _arrive(lane, work, lanes, prep, ledger)
    if (lanes := groups.get(tags.EXIT, nobody)).size:
        _leave(lane, work, lanes, prep, ledger)
    if (lanes := groups.get(tags.MISSION_END, nobody)).size:
        _end_mission(lane, lanes, prep, ledger)
    if (lanes := groups.get(tags.BACKSTOP, nobody)).size:
        _flip_backstop(lane, lanes, prep, ledger)
    for event, switch in (
        (tags.ARMY_RESTORED, ARMY_IS_RESTORED),
        (tags.RECONSTITUTED, RUSSIA_IS_READY),
    ):
        if (lanes := groups.get(event, nobody)).size:
            lane.fires[event][lanes] = NEVER
            np.add.at(lane.switches, lanes, switch)
            ledger.event(lane, lanes, event)
    if (lanes := groups.get(tags.RESOLVE, nobody)).size:
        _resolve(lane, work, lanes, prep, ledger)
    if (lanes := groups.get(tags.REINFORCEMENT, nobody)).size:
        _reinforce(lane, lanes, prep, ledger)
    if (lanes := groups.get(tags.PHASE, nobody)).size:
        _enter_phase(lane, lanes, HOLDING + FAILING - lane.rare["phase"][lanes], prep, ledger)
    if prep.has_troops:
        np.maximum(lane.peak_troops, lane.troops, out=lane.peak_troops)
    return order[: ends[tags.HORIZON - tags.COLLAPSE]]


def failing_probability(
    lane: Lanes, work: Workspace, lanes: IntArray, prep: Prepared
) -> FloatArray:
    """Probability that a ceasefire which resolves now is failing (eq. 13)."""
    p, draw = prep.parameters, lane.draw[lanes]
    return hazards.failing_probability(
        work.effect.take(lanes, 1, mode="clip"),
        p[table.ODDS_SHARES].take(draw, 1, mode="clip"),
        p[table.RHO][draw],
        p[table.LOGIT_W0][draw],
    )


def _arrive(lane: Lanes, work: Workspace, lanes: IntArray, prep: Prepared, ledger: Ledger) -> None:
    """The next contributor arrives, sets its exit clock and leaves the way to the one after."""
    slots = prep.slots
    slot = work.slot[lanes]
    first = lane.draw[lanes]
    first *= prep.contributors + 1
    pending = lane.pending[lanes]
    pending &= pending - 1
    lane.pending[lanes] = pending
    after = np.minimum(lowest(pending), prep.contributors)
    after += first
    lane.fires[tags.ARRIVAL][lanes] = slots.arrival.take(after, mode="clip")

    at = np.add(first, slot, out=first)
    exits = addresses.uniforms(lane.base[lanes], slots.exit_key.take(at, mode="clip"))
    np.log(exits, out=exits)
    exits *= slots.exit_scale.take(at, mode="clip")
    exits += lane.contagion_time[lanes]
    words = tag(exits, tags.EXIT, slot)
    where = lanes * lane.exit_clocks.shape[1]
    where += slot
    lane.exit_clocks.reshape(-1)[where] = words  # two indices take half as long again
    np.minimum.at(lane.next_exit, lanes, words)
    _change_force(lane, lanes, at, 1, prep, ledger)
    ledger.event(lane, lanes, tags.ARRIVAL, at)


def _leave(lane: Lanes, work: Workspace, lanes: IntArray, prep: Prepared, ledger: Ledger) -> None:
    """A contributor leaves, and those who stay are readier to go (eq. 3)."""
    slot = work.slot[lanes]
    lane.exit_clocks[lanes, slot] = NEVER
    clocks = np.ascontiguousarray(lane.exit_clocks.take(lanes, 0, mode="clip").T)
    lane.next_exit[lanes] = np.minimum.reduce(clocks, axis=0)  # across rows: 8 ns, not 27
    lane.contagion[lanes] += lane.rare["contagion_step"][lanes]
    lane.rare["exited"][lanes] += 1
    at = lane.draw[lanes] * (prep.contributors + 1) + slot
    _change_force(lane, lanes, at, -1, prep, ledger)
    ledger.event(lane, lanes, tags.EXIT, at)


def _change_force(
    lane: Lanes, lanes: IntArray, at: IntArray, sign: int, prep: Prepared, ledger: Ledger
) -> None:
    """Add (sign 1) or take away (-1) what the contributors in slots ``at`` bring."""
    slots, change = prep.slots, np.add if sign > 0 else np.subtract
    soldiers = lane.scale[lanes]
    soldiers *= slots.offer.take(at, mode="clip")
    np.floor(soldiers, out=soldiers)
    cost = soldiers
    if prep.has_cost_factors:
        cost = soldiers * slots.cost_factor.take(at, mode="clip")
    if prep.effects.air_causes:
        change.at(lane.aircraft, lanes, slots.aircraft.take(at, mode="clip"))
    if prep.effects.naval_causes:
        change.at(lane.at_sea, lanes, slots.ships.take(at, mode="clip"))
    if prep.has_ceiling:
        change.at(lane.own_troops, lanes, soldiers)
        if prep.has_cost_factors:
            change.at(lane.own_cost, lanes, cost)
        _settle(lane, lanes, prep, ledger)
        return
    change.at(lane.troops, lanes, soldiers)
    if prep.has_cost_factors:
        change.at(lane.cost, lanes, cost)
    if sign > 0:
        np.add.at(lane.set_up, lanes, cost)
    else:
        np.negative(soldiers, out=soldiers)
    ledger.troops(lane, lanes, soldiers)


def _settle(lane: Lanes, lanes: IntArray, prep: Prepared, ledger: Ledger) -> None:
    """Let the soldiers deployed follow from those who came and from reinforcement."""
    ceiling = prep.model.mission.reinforcement_ceiling
    assert ceiling is not None  # there is a reinforcement
    own, before = lane.own_troops[lanes], lane.troops[lanes]
    grown = np.floor(own * prep.parameters[table.GROWTH][lane.draw[lanes]])
    np.minimum(grown, ceiling, out=grown)
    troops = np.where(lane.rare["reinforced"][lanes], np.maximum(own, grown), own)
    lane.troops[lanes] = troops
    ledger.troops(lane, lanes, troops - before)
    cost, cost_before = troops, before
    if prep.has_cost_factors:
        # At the ceiling a dearer contributor may replace a cheaper one: troops stay, cost moves.
        cost, cost_before = lane.own_cost[lanes], lane.cost[lanes]
        cost *= troops / np.maximum(own, 1.0)
        lane.cost[lanes] = cost
    np.add.at(lane.set_up, lanes, np.maximum(cost - cost_before, 0.0))


def _end_mission(lane: Lanes, lanes: IntArray, prep: Prepared, ledger: Ledger) -> None:
    lane.fires[tags.MISSION_END][lanes] = DONE
    lane.fires[tags.ARRIVAL][lanes] = NEVER
    lane.next_exit[lanes] = NEVER
    ledger.troops(lane, lanes, -lane.troops[lanes])
    for count in (lane.own_troops, lane.troops, lane.own_cost, lane.cost, lane.aircraft):
        count[lanes] = 0.0
    lane.at_sea[lanes] = lane.draw[lanes] * prep.effects.ship_counts
    ledger.event(lane, lanes, tags.MISSION_END)


def _flip_backstop(lane: Lanes, lanes: IntArray, prep: Prepared, ledger: Ledger) -> None:
    rare = lane.rare
    sojourns = rare["backstop_sojourns"][lanes] + 1
    rare["backstop_sojourns"][lanes] = sojourns
    switches = lane.switches[lanes] ^ BACKSTOP_IS_ON
    lane.switches[lanes] = switches
    on = switches & BACKSTOP_IS_ON
    time, at = lane.time[lanes], 2 * lane.draw[lanes] + on
    rare["backstop_off"][lanes] += (2 * on - 1) * time
    budget = addresses.exponentials(lane.base[lanes], prep.keys.backstop(sojourns))
    budget /= prep.effects.backstop_rate[at]
    budget += time
    lane.fires[tags.BACKSTOP][lanes] = tag(budget, tags.BACKSTOP)
    lane.tanked_aircraft[lanes] = prep.effects.tanked_aircraft[at]
    ledger.event(lane, lanes, tags.BACKSTOP)


def _resolve(lane: Lanes, work: Workspace, lanes: IntArray, prep: Prepared, ledger: Ledger) -> None:
    lane.fires[tags.RESOLVE][lanes] = NEVER
    u = addresses.uniforms(lane.base[lanes], prep.keys.resolve_direction)
    fails = u < failing_probability(lane, work, lanes, prep)
    _enter_phase(lane, lanes, HOLDING + fails * (FAILING - HOLDING), prep, ledger)


def _reinforce(lane: Lanes, lanes: IntArray, prep: Prepared, ledger: Ledger) -> None:
    lane.rare["reinforced"][lanes] = True
    lane.reinforcement_rate[lanes] = 0.0
    _settle(lane, lanes, prep, ledger)
    ledger.event(lane, lanes, tags.REINFORCEMENT)


def _enter_phase(
    lane: Lanes, lanes: IntArray, phase: IntArray, prep: Prepared, ledger: Ledger
) -> None:
    p, rare, draw = prep.parameters, lane.rare, lane.draw[lanes]
    sojourns = rare["phase_sojourns"][lanes]
    rare["phase_sojourns"][lanes] = sojourns + 1
    rare["phase"][lanes] = phase
    lane.base_hazard[lanes] = p[table.HAZARD_BY_PHASE][phase, draw]
    if prep.has_ageing:
        lane.ageing[lanes] = (phase == HOLDING) & (p[table.SLOPE][draw] != 0.0)
    if prep.has_ceiling:
        calls = (phase == FAILING) & ~rare["reinforced"][lanes]
        lane.reinforcement_rate[lanes] = np.where(calls, p[table.REINFORCEMENT][draw], 0.0)
    if prep.has_switching:
        budget = addresses.exponentials(lane.base[lanes], prep.keys.phase(sojourns))
        rare["phase_budget"][lanes] = budget
        # At odds all against the phase its rate is kappa: most budgets outlast the horizon.
        reach = p[table.KAPPA][draw] * (prep.model.horizon - lane.time[lanes])
        lane.switching[lanes] = budget < reach * _BEYOND_REACH
    ledger.event(lane, lanes, tags.PHASE)
