"""How a path starts: who commits, what is promised, and every clock's first time."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

from simulator import addresses
from simulator.engines import prepared as table
from simulator.engines import tags
from simulator.engines.lanes import Filler, Lanes, allocate
from simulator.engines.normal import below_ndtr
from simulator.engines.prepared import Prepared
from simulator.engines.tables import FORCE_IS_UNWELCOME, SWITCHES
from simulator.engines.tags import tag
from simulator.model.compiled import BoolArray, FloatArray, IntArray


class Supply:
    """Paths waiting for a lane.

    They are started in batches, side by side, and copied into whatever lanes fall idle: batches
    of 512 would cost a run 30 % more in numpy's calls.
    """

    def __init__(
        self, prep: Prepared, paths_per_draw: int, first: int, last: int, batch: int
    ) -> None:
        self._prep, self._paths_per_draw = prep, paths_per_draw
        self._first, self._next, self._last = first, first, last
        self._staged = allocate(prep, batch)
        self._filler = Filler(self._staged, prep)
        self._at = self._count = 0
        self.committed = np.zeros(last - first, np.uint8)  # contributors, by path

    @property
    def is_empty(self) -> bool:
        """Whether all paths have been given out."""
        return self._at == self._count and self._next == self._last

    def fill(self, lane: Lanes, idle: IntArray) -> IntArray:
        """Put paths into ``idle`` lanes; return the lanes for which there was none."""
        while idle.size and not self.is_empty:
            if self._at == self._count:
                self._stage()
            taken = idle[: self._count - self._at]
            self._filler.fill(lane, taken, self._at)
            self._at += taken.size
            idle = idle[taken.size :]
        return idle

    def _stage(self) -> None:
        self._at, self._count = 0, min(self._staged.size, self._last - self._next)
        path = np.arange(self._next, self._next + self._count)
        _start(self._staged, path, self._prep, self._paths_per_draw)
        path -= self._first
        self._staged.path[: self._count] = path
        pending = self._staged.pending[: self._count]
        self.committed[path[0] : path[-1] + 1] = np.bitwise_count(pending)
        self._next += self._count


def lowest(sets: IntArray) -> IntArray:
    """Lowest element of each set of slots, which are bits; 64 where the set is empty.

    2 ns a set; a search among the dates of 15 contributors takes 70.
    """
    below = np.bitwise_and(~sets, sets - 1).view(np.uint64)
    return np.bitwise_count(below).astype(np.int64)


def _start(lane: Lanes, path: IntArray, prep: Prepared, paths_per_draw: int) -> None:
    """Begin paths on the first lanes, writing whatever does not start at zero."""
    here = slice(0, path.size)
    model, keys, p = prep.model, prep.keys, prep.parameters
    draw = path // paths_per_draw
    base = addresses.path_base(model.seed, model.draws[draw], path - draw * paths_per_draw)
    blocked = np.zeros(path.size, bool)
    if prep.has_refusal:
        refused = addresses.uniforms(base, keys.consent) >= model.mission.consent[draw]
        blocked = addresses.uniforms(base, keys.refusal_blocks) < model.mission.refusal_blocks[draw]
        blocked &= refused
        lane.unwelcome[here] = refused * np.uint8(FORCE_IS_UNWELCOME)
    on = np.zeros(path.size, bool)
    if model.backstop.promised:
        on = addresses.uniforms(base, keys.backstop_start) < model.backstop.on_at_start[draw]

    lane.draw[here], lane.base[here] = draw, base
    lane.switches[here] = draw * SWITCHES + on
    lane.at_sea[here] = draw * prep.effects.ship_counts
    lane.doubling[here] = prep.effects.doubling[draw]
    _take(p[table.HALF_TROOPS], draw, lane.half_troops[here])
    _take(p[table.LOW], draw, lane.low[here])
    _take(p[table.HIGH], draw, lane.high[here])
    _take(p[table.HAZARD_BY_PHASE.start], draw, lane.base_hazard[here])
    _take_rows(prep.effects.presence, draw, lane.presence[:, here])
    budgets = lane.budgets[:, here]
    addresses.exponentials(base, keys.cause, out=budgets[:3])
    with np.errstate(divide="ignore"):  # a cause without any share never comes
        budgets[:3] /= p[table.SHARES].take(draw, axis=1)
    if prep.has_ceiling:
        addresses.exponentials(base, keys.reinforcement, out=budgets[3])
    if prep.effects.air_causes:
        _open_bases(lane, here, draw, base, on, prep)
    fires = lane.fires[:, here]
    if prep.contributors:
        fires[tags.ARRIVAL] = _commit(lane, here, draw, base, blocked, on, prep)
    _set_first_times(fires, draw, base, on, prep)


def _take(values: FloatArray, draw: IntArray, out: FloatArray) -> None:
    values.take(draw, None, out, "clip")  # with a mode that cannot fail, no buffer is needed


def _take_rows(values: Iterable[FloatArray], draw: IntArray, out: FloatArray) -> None:
    for row, target in zip(values, out, strict=True):
        _take(row, draw, target)


def _open_bases(
    lane: Lanes,
    here: slice,
    draw: IntArray,
    base: NDArray[np.uint64],
    on: BoolArray,
    prep: Prepared,
) -> None:
    """Which hosts open their bases, and what flying from those comes to."""
    air, effects = prep.model.air, prep.effects
    opened = np.zeros(draw.size, np.int64)
    for host, key in enumerate(prep.keys.basing):
        is_open = addresses.uniforms(base, key) < air.host_open[:, host][draw]
        opened |= is_open.astype(np.int64) << host
    lane.air_capacity[here] = effects.air_capacity[opened]
    opened += draw << len(air.hosts)
    _take(effects.air_decay, opened, lane.air_decay[here])
    _take(effects.air_decay_tanked, opened, lane.air_decay_tanked[here])
    _take(effects.tanked_aircraft, 2 * draw + on, lane.tanked_aircraft[here])
    _take_rows(effects.air_lost, draw, lane.air_lost[:, here])


def _commit(
    lane: Lanes,
    here: slice,
    draw: IntArray,
    base: NDArray[np.uint64],
    blocked: BoolArray,
    on: BoolArray,
    prep: Prepared,
) -> IntArray:
    """Who commits and on what scale; return the first arrival, tagged.

    Commitment is a one-factor Gaussian copula, seen from the common shock: given the shock,
    contributors decide independently (docs/model.md, eq. 1).
    """
    model = prep.model
    shock = ndtri(addresses.uniforms(base, prep.keys.shock))
    threshold = prep.commit_threshold.take(draw, 1, mode="clip")
    threshold -= prep.commit_loading[draw] * shock
    committed = below_ndtr(addresses.uniforms(base, prep.keys.commit), threshold)
    committed &= ~blocked
    needs = model.contributors.needs_backstop
    if np.any(needs):
        committed &= on | ~needs[:, None]
    # Sums of whole numbers: exact in any order, and without an array of products (8 ns, not 10).
    total = np.einsum("ij,ij->j", prep.offer.take(draw, 1, mode="clip"), committed)
    bits = np.einsum("ij,ij->j", prep.rank_bit.take(draw, 1, mode="clip"), committed)
    pending = bits.astype(np.int64)
    lane.pending[here] = pending
    lane.scale[here] = np.minimum(1.0, model.mission.target_troops / np.maximum(total, 1.0))
    step = prep.parameters[table.CONTAGION][draw] / np.maximum(np.bitwise_count(pending), 1)
    lane.rare["contagion_step"][here] = step
    first = np.minimum(lowest(pending), prep.contributors) + draw * (prep.contributors + 1)
    return prep.slots.arrival[first]


def _set_first_times(
    fires: IntArray,
    draw: IntArray,
    base: NDArray[np.uint64],
    on: BoolArray,
    prep: Prepared,
) -> None:
    """When each clock with an absolute firing time fires first; arrivals are known."""
    model, keys = prep.model, prep.keys

    def exponential(key: NDArray[np.uint64]) -> FloatArray:
        return addresses.exponentials(base, key)

    with np.errstate(divide="ignore", over="ignore"):  # a rate of zero: never
        if prep.contributors:
            start = (fires[tags.ARRIVAL] & tags.TIME_BITS).view(np.float64)
            end = start + exponential(keys.mission_end) / model.mission.end_rate[draw]
            fires[tags.MISSION_END] = tag(end, tags.MISSION_END)
        resolve = exponential(keys.resolve) / model.hazards.kappa_0[draw]
        fires[tags.RESOLVE] = tag(resolve, tags.RESOLVE)
        if model.backstop.promised:
            rate = prep.effects.backstop_rate[2 * draw + on]
            sojourn = exponential(keys.backstop(np.zeros(1, np.int64))) / rate
            fires[tags.BACKSTOP] = tag(sojourn, tags.BACKSTOP)
    fires[tags.ARMY_RESTORED] = prep.milestones[0][draw]
    fires[tags.RECONSTITUTED] = prep.milestones[1][draw]
