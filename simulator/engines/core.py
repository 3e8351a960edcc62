"""The fast engine: exact next-event simulation, vectorised across paths.

A *lane* is a column of arrays that holds one path. Every turn of the loop takes all lanes to
their next event; a lane whose path has ended is given the next path at once, so exactly the paths
asked for are started and all of them finish. There is no time step: between events every rate is
constant, or has a cumulative hazard in closed form.

Two kinds of clock (docs/model.md, section "Clocks"):

- clocks whose rate cannot change before they fire hold an absolute firing time (`Lanes.fires`);
  exits, which spread by contagion, hold a time on a clock of their own that contagion speeds up;
- clocks whose rate follows the state (reinforcement, phase, causes) hold what is left of their
  unit exponential, their *budget*, which their hazard uses up as time passes.

Comments say what each trick is worth: nanoseconds of a lane in a turn, or the share of a run that
it saves, measured as docs/performance.md tells. Where a mask is random, arithmetic often stands for
`np.where`, which branches and guesses wrong (4 ns, not 1).
"""

from __future__ import annotations

import math
from typing import Final, Literal, overload

import numpy as np

from simulator.engines import prepared as table
from simulator.engines import tags
from simulator.engines.changes import failing_probability, happen
from simulator.engines.lanes import HOLDING, NO_PATH, Lanes, Workspace, allocate, compact, park
from simulator.engines.ledger import Ledger
from simulator.engines.prepared import Prepared, prepare
from simulator.engines.records import EventLog, PathRecords
from simulator.engines.starts import Supply
from simulator.model import doses
from simulator.model.compiled import CompiledModel, FloatArray, IntArray

# Lanes for the square root of paths. What numpy's calls cost (0.3 ms a turn) falls with the lanes,
# what is lost when they fall idle at the end rises with them: half or twice as many take up to 10 %
# longer.
LANES_PER_ROOT: Final = 64.0
STAGED: Final = 8_192  # paths started together


@overload
def simulate(
    model: CompiledModel,
    paths_per_draw: int,
    first: int,
    last: int,
    *,
    log: Literal[False] = ...,
    lanes: int | None = ...,
) -> PathRecords: ...
@overload
def simulate(
    model: CompiledModel,
    paths_per_draw: int,
    first: int,
    last: int,
    *,
    log: Literal[True],
    lanes: int | None = ...,
) -> tuple[PathRecords, EventLog]: ...
def simulate(
    model: CompiledModel,
    paths_per_draw: int,
    first: int,
    last: int,
    *,
    log: bool = False,
    lanes: int | None = None,
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
    lanes : int, optional
        How many paths to advance together, if not `fastest_width`. It changes speed, never results.

    Returns
    -------
    PathRecords, or (PathRecords, EventLog) with ``log=True``

    Raises
    ------
    ValueError
        If the range is empty or leaves the model's draws, or if the model has more than 52
        contributors.
    """
    if not 0 <= first < last <= paths_per_draw * model.draws.size:
        raise ValueError(
            f"paths [{first}, {last}) asked for; the model has "
            f"{model.draws.size} draws of {paths_per_draw} paths"
        )
    first_row = first // paths_per_draw
    prep = prepare(model, first_row, (last - 1) // paths_per_draw + 1)
    begin, end = first - first_row * paths_per_draw, last - first_row * paths_per_draw
    lane = allocate(prep, min(lanes or fastest_width(last - first), last - first))
    work = Workspace(lane)
    supply = Supply(prep, paths_per_draw, begin, end, min(STAGED, lane.size))
    ledger = Ledger(prep, end - begin, log)
    idle = np.arange(lane.size)
    # Unused clocks divide by a rate of zero on purpose: they never fire.
    with np.errstate(divide="ignore", over="ignore", invalid="ignore"):
        while True:
            # At once: lanes that waited for all others to end would cost a third more.
            idle = supply.fill(lane, idle)
            if idle.size:  # only at the end, when no paths are left
                park(lane, idle)
                parked = np.count_nonzero(lane.path == NO_PATH)
                if parked == lane.size:
                    break
                if 2 * parked > lane.size:  # or else a run takes 10-12 % longer
                    lane = compact(lane)
                    work = Workspace(lane)
            ended = _turn(lane, work, prep, ledger)
            if supply.is_empty:
                ended = ended[lane.path[ended] != NO_PATH]
            ledger.end(lane, work, ended)
            idle = ended
    return ledger.close(first, begin, paths_per_draw, supply.committed)


def fastest_width(paths: int) -> int:
    """Lanes that live through so many paths in the least time."""
    return round(LANES_PER_ROOT * math.sqrt(paths))


def _turn(lane: Lanes, work: Workspace, prep: Prepared, ledger: Ledger) -> IntArray:
    """Take every lane to its next event; return the lanes whose path has ended."""
    _hazards(lane, work, prep)
    _next_date(lane, work, prep)
    _spend(lane, work, prep)
    _pass_time(lane, work, prep)
    return happen(lane, work, prep, ledger)


def _hazards(lane: Lanes, work: Workspace, prep: Prepared) -> None:
    """Hazards that the state implies (docs/model.md, eqs. 5-14)."""
    x, y, effect, of = work.x, work.y, work.effect, prep.effects
    switches = lane.switches
    if prep.has_refusal and prep.has_troops:
        np.greater(lane.troops, 0.0, out=work.flag)
        unwelcome = np.multiply(lane.unwelcome, work.flag, out=work.flag.view(np.uint8))
        switches = np.add(lane.switches, unwelcome, out=work.index)
    # One flat index into every table (0.5 ns; two indices take 7), and a mode that cannot fail, so
    # that numpy writes straight to its target (with a check it takes 1.7).
    for cause, table_of_cause in enumerate(of.by_switch):
        table_of_cause.take(switches, None, effect[cause], "clip")

    if prep.has_troops:
        np.add(lane.troops, lane.half_troops, out=x)
        np.divide(lane.troops, x, out=x)
        if prep.has_doubling:
            doubling = lane.doubling.nonzero()[0]
            x[doubling] = doses.doublings(lane.troops[doubling])
        np.multiply(lane.presence, x, out=work.effects)
        np.add(effect, work.effects, out=effect)

    for cause, of_ships in zip(of.naval_causes, of.at_sea, strict=True):
        of_ships.take(lane.at_sea, None, x, "clip")
        np.add(effect[cause], x, out=effect[cause])
    if of.air_causes:
        np.minimum(lane.aircraft, lane.air_capacity, out=x)
        np.minimum(x, lane.tanked_aircraft, out=y)
        np.multiply(y, lane.air_decay_tanked, out=y)
        np.multiply(x, lane.air_decay, out=x)
        np.add(x, y, out=x)
        np.exp(x, out=x)
        for cause, lost in zip(of.air_causes, lane.air_lost, strict=True):
            np.multiply(lost, x, out=y)
            np.add(effect[cause], y, out=effect[cause])

    if prep.clamps_low:
        np.maximum(effect, lane.low, out=effect)
    if prep.clamps_high:
        np.minimum(effect, lane.high, out=effect)
    np.exp(effect, out=work.rates[:3])
    if prep.has_ceiling:
        np.greater(lane.troops, 0.0, out=work.flag)
        np.multiply(lane.reinforcement_rate, work.flag, out=work.rates[3])


def _next_date(lane: Lanes, work: Workspace, prep: Prepared) -> None:
    """Find the first of the clocks with an absolute time: what it is, whose, and when."""
    if prep.contributors:
        words = work.x.view(np.int64)
        np.bitwise_and(lane.next_exit, tags.TIME_BITS, out=words)
        # From contagion time, which passes faster, to years.
        np.subtract(work.x, lane.contagion_time, out=work.x)
        np.divide(work.x, lane.contagion, out=work.x)
        np.add(work.x, lane.time, out=work.x)
        np.bitwise_and(words, tags.TIME_BITS, out=words)
        leaver = np.bitwise_and(lane.next_exit, ~tags.TIME_BITS, out=work.index)
        np.bitwise_or(words, leaver, out=lane.fires[tags.EXIT])
    first = np.minimum.reduce(lane.fires, axis=0, out=work.index)
    np.bitwise_and(first, tags.TIME_BITS, out=work.now.view(np.int64))
    np.subtract(work.now, lane.time, out=work.elapsed)
    np.bitwise_and(first, tags.SLOT_BITS, out=work.slot)
    np.right_shift(first, tags.SLOT_WIDTH, out=first)
    np.bitwise_and(first, tags.ROW_BITS, out=work.event, casting="unsafe")


def _spend(lane: Lanes, work: Workspace, prep: Prepared) -> None:
    """Use up budgets until that date, or until one of them runs out before.

    One lane in eight stops early. Only on those is worked out when, so that a turn takes no
    logarithm and no division to find the first of the clocks whose hazard follows the state (10 ns
    a lane; dividing all budgets by their rates and an argmin take 67).
    """
    hazard = np.multiply(lane.base_hazard, work.elapsed, out=work.x)
    if prep.has_ageing:
        ageing = lane.ageing.nonzero()[0]  # few; two exponentials on all lanes take 4 ns
        hazard[ageing] = _ageing_hazard(lane, ageing, work.elapsed[ageing], prep)
    left = work.left
    np.multiply(work.rates[:3], hazard, out=left[:3])
    np.multiply(work.rates[3:], work.elapsed, out=left[3:])
    np.subtract(lane.budgets, left, out=left)
    np.minimum.reduce(left, axis=0, out=work.y)
    early = np.less(work.y, 0.0, out=work.flag)
    if prep.has_switching:
        # Few phases can still change before the horizon, so theirs is no full-width clock: the
        # rate alone would take 11 ns a lane.
        switching = lane.switching.nonzero()[0]
        rate = _switching_rate(lane, work, switching, prep)
        wait = lane.rare["phase_budget"][switching] / rate
        work.wait.fill(np.inf)
        work.wait[switching] = wait
        early[switching] |= wait < work.elapsed[switching]
    stopped = early.nonzero()[0]
    if stopped.size:
        _stop_early(lane, work, stopped, prep)
    if prep.has_switching:
        unused = (wait - work.elapsed[switching]) * rate
        # A paused clock (0 years of 0 rate left) keeps its budget.
        paused = rate == 0.0
        unused[paused] = lane.rare["phase_budget"][switching[paused]]
        lane.rare["phase_budget"][switching] = np.maximum(unused, 0.0)


def _stop_early(lane: Lanes, work: Workspace, lanes: IntArray, prep: Prepared) -> None:
    """Go only as far as the first budget that runs out; of equal ones, in the order of the log."""
    budgets = lane.budgets.take(lanes, 1, mode="clip")
    rates = work.rates.take(lanes, 1, mode="clip")
    waits = budgets / rates  # causes: in cumulative base hazard
    cumulative = np.minimum.reduce(waits[:3], axis=0)
    # The first of the three that is the least: an argmin takes 12 ns, this 1.
    cause = (waits[0] != cumulative) * (np.int8(2) - (waits[1] == cumulative))
    time = lane.time[lanes]
    years = cumulative / lane.base_hazard[lanes]
    if prep.has_ageing:
        old = lane.ageing[lanes].nonzero()[0]
        slope = prep.parameters[table.SLOPE][lane.draw[lanes[old]]]
        now = lane.base_hazard[lanes[old]] * np.exp(slope * time[old])
        years[old] = np.log1p(slope * cumulative[old] / now) / slope
        np.copyto(years, np.inf, where=np.isnan(years))  # a hazard that fades away too soon
    event = np.full(lanes.size, tags.COLLAPSE, np.int8)
    if prep.has_switching:
        wait = work.wait[lanes]
        event[wait <= years] = tags.PHASE
        np.minimum(wait, years, out=years)
    if prep.has_ceiling:
        wait = np.where(rates[3] > 0.0, waits[3], np.inf)
        event[wait <= years] = tags.REINFORCEMENT
        np.minimum(wait, years, out=years)
    left = prep.model.horizon - time
    event[years >= left] = tags.HORIZON
    np.minimum(years, left, out=years)
    work.now[lanes], work.elapsed[lanes] = time + years, years
    work.event[lanes], work.cause[lanes] = event, cause
    lasting = (event != tags.COLLAPSE).nonzero()[0]
    if lasting.size:
        lanes, years = lanes[lasting], years[lasting]
        hazard = lane.base_hazard[lanes] * years
        if prep.has_ageing:
            old = lane.ageing[lanes].nonzero()[0]
            hazard[old] = _ageing_hazard(lane, lanes[old], years[old], prep)
        used = rates[:, lasting]
        used[:3] *= hazard
        used[3:] *= years
        work.left[:, lanes] = np.maximum(budgets[:, lasting] - used, 0.0)


def _ageing_hazard(lane: Lanes, lanes: IntArray, elapsed: FloatArray, prep: Prepared) -> FloatArray:
    """Cumulative base hazard over the ``elapsed`` years that begin now (eq. 16)."""
    slope = prep.parameters[table.SLOPE][lane.draw[lanes]]
    now = lane.base_hazard[lanes] * np.exp(slope * lane.time[lanes])
    return np.asarray(now * np.expm1(slope * elapsed) / slope)


def _switching_rate(lane: Lanes, work: Workspace, lanes: IntArray, prep: Prepared) -> FloatArray:
    """Rate at which the phase changes, per year."""
    w = failing_probability(lane, work, lanes, prep)
    w -= lane.rare["phase"][lanes] != HOLDING  # w while it holds, 1 - w while it fails
    return np.asarray(prep.parameters[table.KAPPA][lane.draw[lanes]] * np.abs(w))


def _pass_time(lane: Lanes, work: Workspace, prep: Prepared) -> None:
    """Integrate what is counted in years, and set the clock forward."""
    x, y = work.x, work.y
    if prep.has_troops:
        np.multiply(lane.troops, work.elapsed, out=x)
        np.add(lane.troop_years, x, out=lane.troop_years)
        np.minimum(work.now, 1.0, out=x)
        np.minimum(lane.time, 1.0, out=y)
        np.subtract(x, y, out=x)
        np.multiply(x, lane.troops, out=x)
        np.add(lane.troop_years_first, x, out=lane.troop_years_first)
    if prep.has_cost_factors:
        np.multiply(lane.cost, work.elapsed, out=x)
        np.add(lane.cost_years, x, out=lane.cost_years)
    if prep.contributors:
        np.multiply(lane.contagion, work.elapsed, out=x)
        np.add(lane.contagion_time, x, out=lane.contagion_time)
    # What was worked out becomes the state, and the arrays of the old state room for the next:
    # copying would take 2 ns a lane.
    lane.time, work.now = work.now, lane.time
    lane.budgets, work.left = work.left, lane.budgets
