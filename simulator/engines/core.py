"""The fast engine: exact next-event simulation, vectorised across paths.

A *lane* is a column of arrays that holds one path. Every turn of the loop takes all lanes to
their next event; a lane whose path has ended is given the next path at once, so exactly the paths
asked for are started and all of them finish. There is no time step: between events every rate is
constant, or has a cumulative hazard in closed form.

Two kinds of clock (docs/model.md, section "Clocks"):

- clocks whose rate cannot change before they fire hold an absolute firing time, a row of
  ``Lanes.fires``; contagion between contributors rescales those rows on the lanes it touches;
- clocks whose rate follows the state (reinforcement, phase, causes) hold what is left of their
  unit exponential, their *budget*, which their hazard uses up as time passes.
"""

from __future__ import annotations

from typing import Literal, overload

import numpy as np

from simulator import addresses
from simulator.engines import prepared as table
from simulator.engines.lanes import (
    DEPLOYED,
    ESTABLISHING,
    FAILING,
    HOLDING,
    NEVER,
    PENDING,
    ROW_MASK,
    Lanes,
    allocate,
    clear_tags,
    compact,
    start_paths,
    tag,
)
from simulator.engines.ledger import Ledger
from simulator.engines.prepared import Prepared, prepare
from simulator.engines.records import EventLog, PathRecords
from simulator.model import doses, hazards
from simulator.model.compiled import CompiledModel, FloatArray, IntArray

LANES = 16_384  # columns advanced together: enough to amortise numpy's calls, few enough for cache


@overload
def simulate(
    model: CompiledModel,
    paths_per_draw: int,
    first: int,
    last: int,
    *,
    log: Literal[False] = ...,
    lanes: int = ...,
) -> PathRecords: ...
@overload
def simulate(
    model: CompiledModel,
    paths_per_draw: int,
    first: int,
    last: int,
    *,
    log: Literal[True],
    lanes: int = ...,
) -> tuple[PathRecords, EventLog]: ...
def simulate(
    model: CompiledModel,
    paths_per_draw: int,
    first: int,
    last: int,
    *,
    log: bool = False,
    lanes: int = LANES,
) -> PathRecords | tuple[PathRecords, EventLog]:
    """Live through the paths ``[first, last)`` of a model.

    Parameters
    ----------
    model : CompiledModel
    paths_per_draw : int
        Paths of each draw: path ``p`` belongs to row ``p // paths_per_draw`` of the model.
    first, last : int
        Half-open range of path numbers, counted over all draws of the model.
    log : bool
        Also return every event.
    lanes : int
        How many paths to advance together. It changes speed, never results.

    Returns
    -------
    PathRecords, or (PathRecords, EventLog) with ``log=True``

    Raises
    ------
    ValueError
        If the range is empty or leaves the model's draws.
    """
    if not 0 <= first < last <= paths_per_draw * model.draws.size:
        raise ValueError(
            f"paths [{first}, {last}) asked for; the model has "
            f"{model.draws.size} draws of {paths_per_draw} paths"
        )
    prep = prepare(model)
    ledger = Ledger(model, first, last, log)
    lane = allocate(model, min(lanes, last - first))
    waiting = first + lane.size
    # Unused clocks divide by a rate of zero on purpose: they never fire.
    with np.errstate(divide="ignore", over="ignore"):
        paths = np.arange(first, waiting)
        start_paths(lane, np.arange(lane.size), paths, model, prep, paths_per_draw)
        while True:
            ended = _advance(lane, model, prep, ledger)
            if ended.size:
                starting = ended[: last - waiting]
                if starting.size:
                    paths = np.arange(waiting, waiting + starting.size)
                    start_paths(lane, starting, paths, model, prep, paths_per_draw)
                    waiting += starting.size
                if starting.size < ended.size:
                    lane = compact(lane, ended[starting.size :])
                    if lane.size == 0:
                        break
    return ledger.close()


def _advance(lane: Lanes, model: CompiledModel, prep: Prepared, ledger: Ledger) -> IntArray:
    """Take every lane to its next event; return the lanes whose path has ended."""
    p = lane.parameters

    # What the state implies: doses, odds of failing, cause-specific hazards.
    log_m = _log_multipliers(lane, prep)
    multipliers = hazards.cause_multipliers(log_m, p[table.SHARES], p[table.RHO])
    w = hazards.failing_probability(log_m, p[table.SHARES], p[table.RHO], p[table.LOGIT_W0])
    phase_rate = p[table.KAPPA] * np.where(lane.phase == HOLDING, w, 1.0 - w)
    phase_rate[lane.phase == ESTABLISHING] = 0.0  # its end has a row of its own

    # When each clock would fire. Causes share one base hazard, so its inverse is needed once.
    first_fire = np.minimum.reduce(lane.fires, axis=0)
    row = first_fire & ROW_MASK
    at_row = clear_tags(first_fire)
    needed = lane.cause_budget / multipliers
    cause = np.argmin(needed, axis=0)
    at_collapse = lane.time + _time_to_consume(lane, np.minimum.reduce(needed, axis=0))
    at_phase = lane.time + lane.phase_budget / phase_rate
    now = np.minimum(np.minimum(at_row, at_collapse), at_phase)
    if prep.reinforced:
        eligible = (lane.phase == FAILING) & (lane.troops > 0.0) & ~lane.reinforced
        reinforcement_rate = np.where(eligible, p[table.REINFORCEMENT_RATE], 0.0)
        at_reinforcement = lane.time + lane.reinforcement_budget / reinforcement_rate
        now = np.minimum(now, at_reinforcement)
    # Nothing happens at the horizon itself; fired times were rounded down by their tags.
    horizon_fire = clear_tags(tag(np.array([model.horizon]), 0))
    now[now >= horizon_fire] = model.horizon

    # Let time pass: clocks that follow the state use up their budgets.
    elapsed = now - lane.time
    lane.cause_budget -= multipliers * _base_hazard_consumed(lane, elapsed)
    _use_up(lane.phase_budget, phase_rate * elapsed)
    if prep.reinforced:
        _use_up(lane.reinforcement_budget, reinforcement_rate * elapsed)
    lane.time[:] = now

    # What happened, in the order that breaks ties: rows, reinforcement, phase, collapse.
    censored = now >= model.horizon
    by_row = (at_row == now) & ~censored
    taken = by_row | censored
    if prep.reinforced:
        reinforcing = (at_reinforcement == now) & ~taken
        taken |= reinforcing
    switching = (at_phase == now) & ~taken
    collapsed = ~(taken | switching)

    _fire_rows(lane, np.flatnonzero(by_row), row, w, model, prep, ledger)
    if prep.reinforced:
        lanes = np.flatnonzero(reinforcing)
        lane.reinforced[lanes] = True
        ledger.event(lane, lanes, "reinforcement")
    _switch_phase(lane, np.flatnonzero(switching), prep, ledger)
    _settle_troops(lane, model, ledger)
    ended = np.flatnonzero(censored | collapsed)
    if ended.size:
        ledger.end(lane, ended, np.where(collapsed[ended], cause[ended], -1))
    return ended


def _log_multipliers(lane: Lanes, prep: Prepared) -> FloatArray:
    """Clamped log multiplier of each cause, shape (3, lanes) (docs/model.md, eq. 12)."""
    p = lane.parameters
    presence = doses.saturating(lane.troops, p[table.HALF_TROOPS])
    if prep.any_doubling:
        on = p[table.DOUBLING] != 0.0
        presence[on] = doses.doublings(lane.troops[on])
    total = lane.switched + p[table.PRESENCE] * presence
    total += p[table.NO_CONSENT] * (lane.refused & (lane.troops > 0.0))
    if prep.air_capacity[-1] > 0.0:
        aircraft = doses.on_station(
            lane.aircraft, lane.air_capacity, lane.tanked_aircraft, lane.air_share, lane.air_gain
        )
        total += p[table.AIR] * doses.coverage(aircraft, p[table.ON_STATION_REQUIRED])
    total += p[table.NAVAL] * doses.coverage(lane.ships, p[table.SHIPS_REQUIRED])
    np.maximum(total, p[table.CLAMP_LOW], out=total)
    np.minimum(total, p[table.CLAMP_HIGH], out=total)
    return total


def _use_up(budget: FloatArray, used: FloatArray) -> None:
    """Subtract, but never to zero: a paused clock that lost a tie must not divide 0 by 0."""
    np.maximum(budget - used, np.finfo(np.float64).tiny, out=budget)


def _ageing(lane: Lanes) -> IntArray:
    """Lanes whose base hazard grows with the age of the ceasefire."""
    return np.flatnonzero((lane.phase == HOLDING) & (lane.parameters[table.SLOPE] != 0.0))


def _time_to_consume(lane: Lanes, cumulative: FloatArray) -> FloatArray:
    """Years until the base hazard of the phase adds up to ``cumulative`` (eq. 16)."""
    years = cumulative / lane.base_hazard
    if lane.any_ageing:
        old = _ageing(lane)
        slope = lane.parameters[table.SLOPE, old]
        hazard_now = lane.base_hazard[old] * np.exp(slope * lane.time[old])
        years[old] = np.log1p(slope * cumulative[old] / hazard_now) / slope
    return years


def _base_hazard_consumed(lane: Lanes, elapsed: FloatArray) -> FloatArray:
    """Cumulative base hazard over the ``elapsed`` years that begin now."""
    consumed = lane.base_hazard * elapsed
    if lane.any_ageing:
        old = _ageing(lane)
        slope = lane.parameters[table.SLOPE, old]
        hazard_now = lane.base_hazard[old] * np.exp(slope * lane.time[old])
        consumed[old] = hazard_now * np.expm1(slope * elapsed[old]) / slope
    return consumed


def _fire_rows(
    lane: Lanes,
    lanes: IntArray,
    row: IntArray,
    w: FloatArray,
    model: CompiledModel,
    prep: Prepared,
    ledger: Ledger,
) -> None:
    """Let the clocks with absolute firing times do what they announce, on ``lanes``."""
    n = len(model.contributors.names)
    fired = row[lanes]
    ours = fired < n
    who, where = fired[ours], lanes[ours]
    arriving = lane.status[who, where] == PENDING
    _arrive(lane, who[arriving], where[arriving], model, prep, ledger)
    _leave(lane, who[~arriving], where[~arriving], model, ledger)

    ending = lanes[fired == n]
    lane.fires[: n + 1, ending] = NEVER
    lane.status[:, ending] = 0
    for count in (lane.base_troops, lane.cost_troops, lane.aircraft, lane.ships):
        count[ending] = 0.0
    ledger.event(lane, ending, "mission_end")

    _flip_backstop(lane, lanes[fired == n + 1], model, prep, ledger)
    for offset, switch, kind in (
        (2, table.ARMY_RESTORED, "army_restored"),
        (3, table.RECONSTITUTED, "reconstituted"),
    ):
        reached = lanes[fired == n + offset]
        lane.fires[n + offset, reached] = NEVER
        _set_switches(lane, reached, lane.switches[reached] | switch, prep)
        ledger.event(lane, reached, kind)

    resolving = lanes[fired == n + 4]
    lane.fires[n + 4, resolving] = NEVER
    u = addresses.uniforms(lane.base[resolving], prep.keys.resolve_direction)
    _enter_phase(lane, resolving, np.where(u < w[resolving], FAILING, HOLDING), prep)
    ledger.event(lane, resolving, "phase")


def _arrive(
    lane: Lanes,
    who: IntArray,
    where: IntArray,
    model: CompiledModel,
    prep: Prepared,
    ledger: Ledger,
) -> None:
    force = model.contributors
    lane.status[who, where] = DEPLOYED
    lane.base_troops[where] += lane.allotted[who, where]
    lane.cost_troops[where] += lane.allotted[who, where] * force.cost_factor[who]
    lane.aircraft[where] += force.aircraft[who]
    lane.ships[where] += force.ships[who]
    budget = addresses.exponentials(lane.base[where], prep.keys.exit[who])
    rate = prep.exit_rate[who, lane.draw[where]] * _contagion(lane, where)
    lane.fires[who, where] = tag(lane.time[where] + budget / rate, who)
    ledger.event(lane, where, "arrival", who)


def _leave(
    lane: Lanes, who: IntArray, where: IntArray, model: CompiledModel, ledger: Ledger
) -> None:
    force = model.contributors
    before = _contagion(lane, where)
    lane.status[who, where] = 0
    lane.fires[who, where] = NEVER
    lane.gone[where] += 1.0
    lane.base_troops[where] -= lane.allotted[who, where]
    lane.cost_troops[where] -= lane.allotted[who, where] * force.cost_factor[who]
    lane.aircraft[where] -= force.aircraft[who]
    lane.ships[where] -= force.ships[who]
    # Those who stay are readier to leave: what is left of their clocks runs faster.
    slower = before / _contagion(lane, where)
    now = lane.time[where]
    for other in range(len(force.names)):
        deployed = lane.status[other, where] == DEPLOYED
        at = where[deployed]
        left = clear_tags(lane.fires[other, at]) - now[deployed]
        rescaled = now[deployed] + left * slower[deployed]
        lane.fires[other, at] = tag(rescaled, other)
    ledger.event(lane, where, "exit", who)


def _contagion(lane: Lanes, where: IntArray) -> FloatArray:
    """Factor on every exit rate: 1 + contagion * share of the committed already gone (eq. 3)."""
    share_gone = lane.gone[where] / np.maximum(lane.committed[where], 1.0)
    factor: FloatArray = 1.0 + lane.parameters[table.CONTAGION, where] * share_gone
    return factor


def _flip_backstop(
    lane: Lanes, lanes: IntArray, model: CompiledModel, prep: Prepared, ledger: Ledger
) -> None:
    lane.backstop_sojourns[lanes] += 1
    switches = lane.switches[lanes] ^ table.BACKSTOP_ON
    on = (switches & table.BACKSTOP_ON).astype(bool)
    # Time off is collected as (end - start): add the start negatively, the end positively.
    lane.backstop_off[lanes] += np.where(on, lane.time[lanes], -lane.time[lanes])
    draw = lane.draw[lanes]
    rate = np.where(on, model.backstop.loss_rate[draw], model.backstop.regain_rate[draw])
    key = addresses.occurrence_key(prep.keys.backstop, lane.backstop_sojourns[lanes])
    sojourn = addresses.exponentials(lane.base[lanes], key) / rate
    row = len(model.contributors.names) + 1
    lane.fires[row, lanes] = tag(lane.time[lanes] + sojourn, row)
    _set_switches(lane, lanes, switches, prep)
    ledger.event(lane, lanes, "backstop")


def _set_switches(lane: Lanes, lanes: IntArray, switches: IntArray, prep: Prepared) -> None:
    lane.switches[lanes] = switches
    draw = lane.draw[lanes]
    lane.switched[:, lanes] = prep.switched[:, 8 * draw + switches]
    lane.tanked_aircraft[lanes] = prep.tanked_aircraft[2 * draw + (switches & table.BACKSTOP_ON)]


def _switch_phase(lane: Lanes, lanes: IntArray, prep: Prepared, ledger: Ledger) -> None:
    _enter_phase(lane, lanes, np.where(lane.phase[lanes] == HOLDING, FAILING, HOLDING), prep)
    ledger.event(lane, lanes, "phase")


def _enter_phase(lane: Lanes, lanes: IntArray, phase: IntArray, prep: Prepared) -> None:
    lane.phase[lanes] = phase
    lane.base_hazard[lanes] = lane.parameters[table.HAZARD_BY_PHASE.start + phase, lanes]
    key = addresses.occurrence_key(prep.keys.phase, lane.phase_sojourns[lanes])
    lane.phase_budget[lanes] = addresses.exponentials(lane.base[lanes], key)
    lane.phase_sojourns[lanes] += 1


def _settle_troops(lane: Lanes, model: CompiledModel, ledger: Ledger) -> None:
    """Let the number of deployed soldiers follow arrivals, exits and reinforcement."""
    troops, cost_troops = lane.base_troops, lane.cost_troops
    ceiling = model.mission.reinforcement_ceiling
    if ceiling is not None:
        grown = np.minimum(ceiling, np.floor(troops * lane.parameters[table.GROWTH]))
        troops = np.where(lane.reinforced, np.maximum(troops, grown), troops)
        cost_troops = cost_troops * (troops / np.maximum(lane.base_troops, 1.0))
    # At the ceiling a dearer contributor may replace a cheaper one: troops stay, cost moves.
    changed = np.flatnonzero((troops != lane.troops) | (cost_troops != lane.cost_deployed))
    ledger.troops(
        lane,
        changed,
        troops[changed] - lane.troops[changed],
        cost_troops[changed] - lane.cost_deployed[changed],
    )
    lane.troops[:] = troops
    lane.cost_deployed[:] = cost_troops
    np.maximum(lane.peak_troops, troops, out=lane.peak_troops)
