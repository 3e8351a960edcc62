"""The lanes of the fast engine: the state of many paths, one column each, and how a path starts."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr, ndtri

from simulator import addresses
from simulator.engines import prepared as table
from simulator.engines.prepared import Prepared
from simulator.model.compiled import BoolArray, CompiledModel, FloatArray, IntArray

ESTABLISHING, HOLDING, FAILING = range(3)
PENDING, DEPLOYED = 1, 2

# Firing times are kept as the int64 whose bits are those of the (positive) float64, with the
# number of the row in the lowest bits: the order is that of the times, equal times are won by the
# lower row, and one minimum gives both the time and whose it is. The bits are as many for every
# model, so that one contributor more shifts nobody's time; the relative error is below 2**-44.
ROW_BITS: Final = 8
ROW_MASK: Final = (1 << ROW_BITS) - 1
NEVER: Final = np.float64(1e300).view(np.int64)


@dataclass(slots=True, eq=False)
class Lanes:
    """State of the lanes; the last axis of every array runs over them.

    Attributes
    ----------
    fires : int64 array, shape (R, lanes)
        Tagged firing times of contributors, mission end, backstop, the two milestones and the
        end of establishing.
    parameters : float64 array, shape (P, lanes)
        Columns of `Prepared.parameters`.
    switched : float64 array, shape (3, lanes)
        Log multipliers of the factors that the switches decide.
    base_troops, troops : float64 arrays, shape (lanes,)
        Soldiers deployed before and after reinforcement.
    backstop_off : float64 array, shape (lanes,)
        Minus the start of every spell without the backstop plus the end of every past one.
    """

    any_ageing: bool
    path: IntArray
    draw: IntArray
    base: NDArray[np.uint64]
    time: FloatArray
    fires: IntArray
    parameters: FloatArray
    switches: IntArray
    switched: FloatArray
    phase: IntArray
    base_hazard: FloatArray
    phase_budget: FloatArray
    phase_sojourns: IntArray
    cause_budget: FloatArray
    reinforcement_budget: FloatArray
    reinforced: BoolArray
    status: NDArray[np.int8]
    allotted: FloatArray
    committed: FloatArray
    gone: FloatArray
    refused: BoolArray
    base_troops: FloatArray
    cost_troops: FloatArray
    troops: FloatArray
    cost_deployed: FloatArray
    peak_troops: FloatArray
    aircraft: FloatArray
    ships: FloatArray
    air_capacity: FloatArray
    air_share: FloatArray
    air_gain: FloatArray
    tanked_aircraft: FloatArray
    backstop_sojourns: IntArray
    backstop_off: FloatArray

    @property
    def size(self) -> int:
        """Number of lanes."""
        return self.time.size


def tag(times: FloatArray, row: IntArray | int) -> IntArray:
    """Write the number of the row into the lowest bits of positive times."""
    bits = np.minimum(times, 1e300).view(np.int64)
    return (bits & ~ROW_MASK) | row


def clear_tags(fires: IntArray) -> FloatArray:
    """Read the times back."""
    return (fires & ~ROW_MASK).view(np.float64)


def allocate(model: CompiledModel, size: int) -> Lanes:
    """Make room for ``size`` lanes; `start_paths` gives every value a meaning.

    Raises
    ------
    ValueError
        If the model has more contributors than rows can be told apart.
    """
    contributors = len(model.contributors.names)
    rows = contributors + 5
    if rows > ROW_MASK + 1:
        raise ValueError(f"{contributors} contributors; at most {ROW_MASK - 4} can be simulated")
    shapes = {
        "fires": (rows,),
        "parameters": (table.PARAMETERS,),
        "switched": (3,),
        "cause_budget": (3,),
        "status": (contributors,),
        "allotted": (contributors,),
    }
    kinds: dict[str, type[np.generic]] = {
        "base": np.uint64,
        "status": np.int8,
        "reinforced": np.bool_,
        "refused": np.bool_,
    }
    integers = {"path", "draw", "fires", "switches", "phase", "phase_sojourns", "backstop_sojourns"}
    arrays = {
        f.name: np.zeros(
            (*shapes.get(f.name, ()), size),
            np.int64 if f.name in integers else kinds.get(f.name, np.float64),
        )
        for f in fields(Lanes)
        if f.name != "any_ageing"
    }
    return Lanes(
        any_ageing=bool(np.any(model.hazards.holding_slope != 0.0)),
        **arrays,
    )


def compact(lane: Lanes, ended: IntArray) -> Lanes:
    """Drop lanes for which no path is left."""
    keep = np.ones(lane.size, bool)
    keep[ended] = False
    kept = {
        f.name: np.ascontiguousarray(getattr(lane, f.name)[..., keep])
        for f in fields(Lanes)
        if f.name != "any_ageing"
    }
    return Lanes(any_ageing=lane.any_ageing, **kept)


def start_paths(
    lane: Lanes,
    lanes: IntArray,
    paths: IntArray,
    model: CompiledModel,
    prep: Prepared,
    paths_per_draw: int,
) -> None:
    """Begin ``paths`` on ``lanes``: who commits, what is promised, and every clock's first time."""
    draw = paths // paths_per_draw
    base = addresses.path_base(model.seed, model.draws[draw], paths % paths_per_draw)
    keys = prep.keys

    def uniform(key: NDArray[np.uint64]) -> FloatArray:
        return addresses.uniforms(base, key)

    backstop, mission = model.backstop, model.mission
    refused = uniform(keys.consent) >= mission.consent[draw]
    blocked = refused & (uniform(keys.refusal_blocks) < mission.refusal_blocks[draw])
    on = np.zeros(draw.size, bool)
    if backstop.promised:
        on = uniform(keys.backstop_start) < backstop.on_at_start[draw]

    lane.path[lanes] = paths
    lane.draw[lanes] = draw
    lane.base[lanes] = base
    lane.time[lanes] = 0.0
    lane.parameters[:, lanes] = prep.parameters[:, draw]
    lane.refused[lanes] = refused
    for zero in (
        lane.gone,
        lane.base_troops,
        lane.cost_troops,
        lane.troops,
        lane.cost_deployed,
        lane.peak_troops,
        lane.aircraft,
        lane.ships,
        lane.backstop_off,
    ):
        zero[lanes] = 0.0
    lane.phase_budget[lanes] = 1.0  # set anew when establishing ends
    lane.reinforced[lanes] = False
    lane.backstop_sojourns[lanes] = 0
    lane.phase_sojourns[lanes] = 0
    lane.phase[lanes] = ESTABLISHING
    lane.base_hazard[lanes] = prep.parameters[table.HAZARD_BY_PHASE.start, draw]
    lane.cause_budget[:, lanes] = addresses.exponentials(base, keys.cause)
    lane.reinforcement_budget[lanes] = addresses.exponentials(base, keys.reinforcement)

    _open_bases(lane, lanes, draw, base, model, prep)
    arrival = _commit(lane, lanes, draw, base, blocked, on, model, prep)
    _set_first_times(lane, lanes, draw, base, arrival, on, model, prep)


def _open_bases(
    lane: Lanes,
    lanes: IntArray,
    draw: IntArray,
    base: NDArray[np.uint64],
    model: CompiledModel,
    prep: Prepared,
) -> None:
    """Which hosts open their bases, and what flying from those comes to."""
    hosts = len(model.air.hosts)
    is_open = addresses.uniforms(base, prep.keys.basing) < model.air.host_open[draw].T
    opened = np.zeros(draw.size, np.int64)
    for host in range(hosts):
        opened |= is_open[host].astype(np.int64) << host
    lane.air_capacity[lanes] = prep.air_capacity[opened]
    lane.air_share[lanes] = prep.air_share[2**hosts * draw + opened]
    lane.air_gain[lanes] = prep.air_gain[2**hosts * draw + opened]


def _commit(
    lane: Lanes,
    lanes: IntArray,
    draw: IntArray,
    base: NDArray[np.uint64],
    blocked: BoolArray,
    on: BoolArray,
    model: CompiledModel,
    prep: Prepared,
) -> FloatArray:
    """Who commits and with how many soldiers; return arrival times, shape (N, lanes).

    Commitment is a one-factor Gaussian copula, seen from the common shock: given the shock,
    contributors decide independently (docs/model.md, eq. 1).
    """
    force = model.contributors
    shock = ndtri(addresses.uniforms(base, prep.keys.shock))
    willing = ndtr(prep.commit_threshold[:, draw] - prep.commit_loading[draw] * shock)
    committed = addresses.uniforms(base, prep.keys.commit) < willing
    committed &= ~blocked & (on | ~force.needs_backstop[:, None])
    offered = np.where(committed, prep.troops[:, draw], 0.0)
    total = offered.sum(axis=0)  # whole soldiers: exact in any order
    scale = np.minimum(1.0, model.mission.target_troops / np.maximum(total, 1.0))
    lane.allotted[:, lanes] = np.floor(offered * scale)
    lane.committed[lanes] = np.count_nonzero(committed, axis=0)
    lane.status[:, lanes] = np.where(committed, PENDING, 0)
    return np.where(committed, prep.arrival[:, draw], np.inf)


def _set_first_times(
    lane: Lanes,
    lanes: IntArray,
    draw: IntArray,
    base: NDArray[np.uint64],
    arrival: FloatArray,
    on: BoolArray,
    model: CompiledModel,
    prep: Prepared,
) -> None:
    """When each clock with an absolute firing time fires first."""
    n, keys, backstop = len(model.contributors.names), prep.keys, model.backstop

    def exponential(key: NDArray[np.uint64]) -> FloatArray:
        return addresses.exponentials(base, key)

    def put(row: int, times: FloatArray) -> None:
        lane.fires[row, lanes] = tag(times, row)

    for row in range(n):
        put(row, arrival[row])
    mission_start = np.minimum.reduce(arrival, axis=0, initial=np.inf)
    put(n, mission_start + exponential(keys.mission_end) / model.mission.end_rate[draw])
    if backstop.promised:
        rate = np.where(on, backstop.loss_rate[draw], backstop.regain_rate[draw])
        sojourn = exponential(addresses.occurrence_key(keys.backstop, 0)) / rate
        put(n + 1, sojourn)
    else:
        lane.fires[n + 1, lanes] = NEVER
    put(n + 2, model.milestones.army_restored[draw])
    put(n + 3, model.milestones.reconstituted[draw])
    put(n + 4, exponential(keys.resolve) / model.hazards.kappa_0[draw])

    switches = on.astype(np.int64) * table.BACKSTOP_ON
    lane.switches[lanes] = switches
    lane.switched[:, lanes] = prep.switched[:, 8 * draw + switches]
    lane.tanked_aircraft[lanes] = prep.tanked_aircraft[2 * draw + switches]
