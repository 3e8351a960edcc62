"""The events of every world, in order, and the segments between them.

Segments are laid out by *rank*: first the first segment of every world, then the second of every
world that has one, and so on; within a rank, worlds with more segments come first. A rank is then
a slice, and the next rank follows from a prefix of it. What accumulates along worlds takes one
addition per rank for a whole block, without padding and without sums that run across worlds.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np

from simulator.engines.worlds.starts import Numbers, Starts
from simulator.model import clocks
from simulator.model.compiled import CompiledModel, FloatArray, IntArray, step_times

# What begins a segment. Contributor i arrives with ARRIVAL + 2 i and leaves with ARRIVAL + 2 i + 1.
START, MISSION_END, BACKSTOP_ON, BACKSTOP_OFF, ARMY_RESTORED, RECONSTITUTED = range(6)
RESOLVE, REDRAW, ARRIVAL = 6, 7, 8
WORLD_BITS = 16  # enough for a block, unless a single draw has more trials

Events: TypeAlias = tuple[IntArray, FloatArray, IntArray]  # worlds, times, codes


@dataclass(frozen=True, eq=False, slots=True)
class Timeline:
    """Segments of all worlds, by rank: [start, start + length), the last one to the horizon.

    Worlds lie in the order of ``worlds``; the first ``width[r]`` have a segment of rank ``r``, and
    these begin at ``offset[r]``. ``code`` is the event that begins a segment.
    """

    worlds: IntArray  # (W,)
    place: IntArray  # (W,) where each world lies in that order
    width: list[int]
    offset: list[int]
    code: IntArray  # (n,)
    start: FloatArray
    length: FloatArray

    @property
    def world(self) -> IntArray:
        """World of every segment, shape (n,)."""
        return np.concatenate([self.worlds[:w] for w in self.width])

    def steps(self) -> Iterator[tuple[slice, slice]]:
        """Yield, rank by rank, the segments that have a next one, and those next ones."""
        for before, here, width in zip(self.offset, self.offset[1:], self.width[1:], strict=False):
            yield slice(before, before + width), slice(here, here + width)

    def accumulate(self, changes: FloatArray) -> FloatArray:
        """Add up changes along every world, in place; the last axis is the segments."""
        for before, here in self.steps():
            changes[..., here] += changes[..., before]
        return changes

    def total(self, amounts: FloatArray) -> FloatArray:
        """Sum amounts over the segments of every world: (..., n) to (..., W), by world."""
        laid_out = amounts[..., : self.width[0]].copy()
        for begin, width in zip(self.offset[1:], self.width[1:], strict=False):
            laid_out[..., :width] += amounts[..., begin : begin + width]
        return laid_out.take(self.place, axis=-1)


def build(model: CompiledModel, starts: Starts, numbers: Numbers) -> Timeline:
    """Simulate the events of every world up to the horizon and lay them out."""
    worlds = starts.draw.size
    mission_end = _mission_end(model, starts, numbers)
    events: list[Events] = [(np.arange(worlds), np.zeros(worlds), np.full(worlds, START))]
    events += _milestones(model, starts)
    events += _backstop(model, starts, numbers)
    events += _phases(model, starts, numbers)
    if model.contributors.names:
        stop = np.minimum(mission_end, model.horizon)
        arrivals = np.where(starts.committed, model.contributors.arrival.T[:, starts.draw], np.inf)
        i, w = (arrivals < stop).nonzero()
        events.append((w, arrivals[i, w], ARRIVAL + 2 * i))
        events += _exits(model, starts, numbers, arrivals, stop)
        events.append(_before(model.horizon, np.arange(worlds), mission_end, MISSION_END))
    most = ARRIVAL + 2 * len(model.contributors.names)
    return _lay_out(events, worlds, most.bit_length(), model.horizon)


def _before(horizon: float, worlds: IntArray, times: FloatArray, code: int) -> Events:
    kept = (times < horizon).nonzero()[0]
    return worlds[kept], times[kept], np.full(kept.size, code)


def _mission_end(model: CompiledModel, starts: Starts, numbers: Numbers) -> FloatArray:
    """When the mission of each world ends; infinite where it never begins."""
    first = np.full(starts.draw.size, np.inf)
    if not model.contributors.names:
        return first
    for i, committed in enumerate(starts.committed):
        arrival = model.contributors.arrival[starts.draw, i]
        np.minimum(first, arrival, out=first, where=committed)
    with np.errstate(divide="ignore"):  # a mission that never ends
        years = numbers.exponential(clocks.MISSION_END) / model.mission.end_rate[starts.draw]
    return first + years


def _milestones(model: CompiledModel, starts: Starts) -> Iterator[Events]:
    every = np.arange(starts.draw.size)
    dates = model.milestones
    for code, date in (
        (ARMY_RESTORED, dates.army_restored),
        (RECONSTITUTED, dates.reconstituted),
    ):
        for step in step_times(date).T:
            yield _before(model.horizon, every, step[starts.draw], code)


def _backstop(model: CompiledModel, starts: Starts, numbers: Numbers) -> Iterator[Events]:
    """Flips of the backstop, one sojourn of all worlds at a time."""
    if not model.backstop.promised:
        return
    w, time, on = np.arange(starts.draw.size), np.zeros(starts.draw.size), starts.backstop_on
    sojourn = 0
    while w.size:
        draw = starts.draw[w]
        rate = np.where(on, model.backstop.loss_rate[draw], model.backstop.regain_rate[draw])
        with np.errstate(divide="ignore"):  # a state that is never left
            time = time + numbers.exponential(clocks.BACKSTOP.format(sojourn), w) / rate
        kept = time < model.horizon
        w, time, on = w[kept], time[kept], ~on[kept]
        yield w, time, np.where(on, BACKSTOP_ON, BACKSTOP_OFF)
        sojourn += 1


def _phases(model: CompiledModel, starts: Starts, numbers: Numbers) -> Iterator[Events]:
    """When the phase is drawn: once at the rate kappa_0, then again and again at kappa."""
    h, every = model.hazards, np.arange(starts.draw.size)
    with np.errstate(divide="ignore"):  # a phase that is never drawn, or never again
        time = numbers.exponential(clocks.RESOLVE) / h.kappa_0[starts.draw]
        w, time, code = _before(model.horizon, every, time, RESOLVE)
        yield w, time, code
        redraws = 0
        while w.size and np.any(h.kappa > 0.0):
            wait = numbers.exponential(clocks.PHASE.format(redraws), w) / h.kappa[starts.draw[w]]
            w, time, code = _before(model.horizon, w, time + wait, REDRAW)
            yield w, time, code
            redraws += 1


def _exits(
    model: CompiledModel,
    starts: Starts,
    numbers: Numbers,
    arrivals: FloatArray,
    stop: FloatArray,
) -> Iterator[Events]:
    """Exits, the first of all worlds, then the second, ...: each makes the next likelier (eq. 3).

    A contributor leaves when its hazard, integrated since its arrival, has used up its unit
    exponential. Between two exits the hazards are constant, so what is left of every exponential
    gives the next exit.
    """
    force = model.contributors
    w = (starts.committed.any(axis=0) & (stop > 0.0)).nonzero()[0]
    draw, stop, begin = starts.draw[w], stop[w], arrivals[:, w]
    with np.errstate(divide="ignore"):  # a contributor that never leaves
        left = np.stack(
            [
                numbers.exponential(clocks.EXIT.format(name), w) / force.exit_rate[draw, i]
                for i, name in enumerate(force.names)
            ]
        )  # years of its own hazard
    step = force.exit_contagion[draw] / starts.committed[:, w].sum(axis=0)
    pace = np.ones(w.size)
    while w.size:
        exits = begin + left / pace
        who = exits.argmin(axis=0)
        every = np.arange(w.size)
        time = exits[who, every]
        go = (time < stop).nonzero()[0]
        w, who, time = w[go], who[go], time[go]
        yield w, time, ARRIVAL + 1 + 2 * who
        begin, pace, step, stop = begin[:, go], pace[go], step[go], stop[go]
        left = left[:, go] - pace * np.maximum(0.0, time - begin)
        np.maximum(left, 0.0, out=left)  # rounding, where two exits all but coincide
        left[who, np.arange(go.size)] = np.inf
        begin = np.maximum(begin, time)
        pace = pace + step


def _lay_out(events: list[Events], worlds: int, code_bits: int, horizon: float) -> Timeline:
    """Sort events by world and time, and lay the segments that they begin out by rank."""
    world, time, code = (np.concatenate(part) for part in zip(*events, strict=True))
    # World, time and code in one integer: sorting it sorts the events. Times are rounded down by
    # less than the horizon's 2**-40th part or so: what is left of 63 bits. That is the same
    # whatever else is in the block, or its cut would show in the last digits.
    time_bits = 63 - code_bits - max(WORLD_BITS, (worlds - 1).bit_length())
    unit = np.exp2(time_bits) * (1.0 - 2.0**-52) / horizon
    key = world << (time_bits + code_bits)
    key |= (time * unit).astype(np.int64) << code_bits
    # Of events at one time, the start is first, then contributors, then the others: as in a log.
    last = (1 << code_bits) - ARRIVAL
    key |= np.where(code >= ARRIVAL, code - ARRIVAL + 1, np.where(code == START, 0, code + last))
    key.sort()
    code = key & ((1 << code_bits) - 1)
    code = np.where(code > last, code - last, np.where(code > 0, code + ARRIVAL - 1, START))
    time = ((key >> code_bits) & ((1 << time_bits) - 1)) / unit
    world = key >> (time_bits + code_bits)

    count = np.bincount(world, minlength=worlds)
    rank = np.arange(world.size) - np.repeat(np.cumsum(count) - count, count)
    order = np.argsort(-count, kind="stable")
    place = np.empty(worlds, np.int64)
    place[order] = np.arange(worlds)
    width = np.bincount(rank)
    offset = np.concatenate([[0], np.cumsum(width)])
    to = offset[rank] + place[world]
    start, codes = np.empty_like(time), np.empty_like(code)
    start[to], codes[to] = time, code
    length = np.full(time.size, horizon)
    line = Timeline(order, place, width.tolist(), offset.tolist(), codes, start, length)
    for before, here in line.steps():
        length[before] = start[here]
    length -= start
    return line
