"""Outcomes of every world, and its curves: what the masses add up to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from simulator.engines.records import EVENT_KINDS, Outcomes
from simulator.engines.worlds import timeline
from simulator.engines.worlds.masses import Decay, flow
from simulator.engines.worlds.states import States
from simulator.engines.worlds.tables import BACKSTOP_IS_ON
from simulator.engines.worlds.timeline import ARRIVAL, Timeline
from simulator.model.compiled import CompiledModel, FloatArray, IntArray

CELLS: Final = 65_536  # ages of worlds that are read at a time: more leave the cache


@dataclass(frozen=True, eq=False, slots=True)
class Phases:
    """Masses ``h`` and ``f`` at the start of some time in a segment, and how they leave.

    ``collapse`` is the hazard of collapse per year while failing, which may also be left by
    enlargement. Where what is enlarged comes from, ``source`` is the rate at which it comes at
    the start and ``leaving`` the decay of what it comes from. Every array has shape (n,).
    """

    h: FloatArray
    f: FloatArray
    holding: Decay
    failing: Decay
    collapse: FloatArray
    source: FloatArray | None = None
    leaving: Decay | None = None

    def after(self, length: FloatArray, which: IntArray) -> Phases:
        """Return the same in some segments, for other times."""
        return Phases(
            self.h.take(which),
            self.f.take(which),
            self.holding.after(length, which),
            self.failing.after(length, which),
            self.collapse.take(which),
            None if self.source is None else self.source.take(which),
            None if self.leaving is None else self.leaving.after(length, which),
        )


@dataclass(frozen=True, eq=False, slots=True)
class Part:
    """Ceasefires whose force is as deployed, or enlarged, in every segment.

    ``split``, shape (C, n), is what each cause has of a collapse; ``troops`` and ``cost`` are
    soldiers, plain and weighted by cost factors; ``peak`` the expected rise of the largest force
    so far.
    """

    phases: Phases
    split: FloatArray
    troops: FloatArray
    cost: FloatArray
    peak: FloatArray

    @property
    def present(self) -> FloatArray:
        """Probability of being in this part when the segment starts, shape (n,)."""
        return self.phases.h + self.phases.f


@dataclass(frozen=True, eq=False, slots=True)
class Passed:
    """What holds and what fails after some time, collapses and years of failing until then."""

    held: FloatArray
    failed: FloatArray
    lost: FloatArray
    failing_years: FloatArray


def let_pass(of: Phases) -> Passed:
    """Let the time of the decays pass."""
    lost = of.h * of.holding.lost
    held = of.h - lost
    gone = of.f * of.failing.lost
    failed = of.f - gone
    years = np.divide(gone, of.failing.rate, out=gone)
    if of.source is not None and of.leaving is not None:
        _, left, spent = flow(of.source, of.leaving, of.failing)
        failed += left
        years += spent
    lost += of.collapse * years
    return Passed(held, failed, lost, years)


def own_peak(line: Timeline, troops: FloatArray) -> FloatArray:
    """Largest number of soldiers deployed so far, shape (n,)."""
    peak = troops.copy()
    for before, here in line.steps():
        np.maximum(peak[here], peak[before], out=peak[here])
    return peak


def rise(line: Timeline, amount: FloatArray) -> FloatArray:
    """How much more of an amount there is than in the segment before, never below 0."""
    more = amount.copy()
    for before, here in line.steps():
        more[here] -= amount[before]
    return np.maximum(more, 0.0, out=more)


def outcomes(
    model: CompiledModel,
    line: Timeline,
    state: States,
    parts: list[Part],
    inflow: FloatArray | None,
    years: FloatArray,
    trials: int,
) -> Outcomes:
    """Outcomes of every world at the ages ``years``, averaged over ``trials`` worlds at a time.

    ``parts`` are ceasefires with the force as deployed and, if it can be enlarged, those with it
    enlarged; ``inflow``, shape (n,), is then the probability that it is enlarged in the segment.
    """
    passed = [let_pass(part.phases) for part in parts]
    spent = [
        part.phases.h * part.phases.holding.years() + p.failing_years
        for part, p in zip(parts, passed, strict=True)
    ]
    lasting = _sum(spent)
    lost = _sum([part.split * p.lost for part, p in zip(parts, passed, strict=True)])
    soldiers = _sum([part.troops * years for part, years in zip(parts, spent, strict=True)])
    paid = _sum([part.cost * years for part, years in zip(parts, spent, strict=True)])
    set_up = _sum([rise(line, part.cost) * part.present for part in parts])
    if inflow is not None:
        set_up += np.maximum(parts[1].cost - parts[0].cost, 0.0) * inflow
    off = (state.switches & BACKSTOP_IS_ON) == 0
    peak = _sum([part.peak for part in parts])
    total = line.total(np.stack([lasting, off * lasting, soldiers, peak, paid, set_up]))
    rmst, backstop_off, troop_years, peak_troops, cost_years, arrivals = averaged(total, trials)
    money = model.money
    draw = np.repeat(np.arange(model.draws.size), rmst.size // model.draws.size)
    survival, ending, soldier_years, *incidence = _curves(
        line, parts, lost, soldiers, years, trials
    )
    present = _sum([part.present for part in parts])
    return Outcomes(
        years=years,
        survival=survival.T,
        incidence=np.stack(incidence).transpose(2, 0, 1),
        ending_rate=ending.T,
        soldier_years=soldier_years.T,
        rmst=rmst,
        backstop_off_years=backstop_off,
        troop_years=troop_years,
        peak_troops=peak_troops,
        cost=money.per_soldier_year[draw] * cost_years + money.setup_per_soldier[draw] * arrivals,
        events=averaged(_events(line, state.world, present, inflow), trials).T,
    )


def averaged(worlds: FloatArray, trials: int) -> FloatArray:
    """Average over groups of ``trials`` along the last axis: (..., W) to (..., W / trials)."""
    total = worlds[..., ::trials].copy()
    for trial in range(1, trials):  # term by term: `mean` has another order for few
        total += worlds[..., trial::trials]
    total /= trials
    return total


def _sum(arrays: list[FloatArray]) -> FloatArray:
    total = arrays[0]
    for array in arrays[1:]:
        total = total + array
    return total


def _held_at(line: Timeline, years: FloatArray) -> IntArray:
    """Segment that holds each age in every world, shape (G, W).

    What happens at an age has happened by then.
    """
    worlds = line.width[0]
    first = np.searchsorted(years, line.start)  # the first age at which the segment has begun
    place = np.concatenate([np.arange(width) for width in line.width])
    begun = np.bincount(first * worlds + place, minlength=(years.size + 1) * worlds)
    rank = np.cumsum(begun.reshape(-1, worlds)[:-1], axis=0) - 1
    of_world = rank.take(line.place, axis=1)
    return np.asarray(np.asarray(line.offset).take(of_world) + line.place)


def _curves(
    line: Timeline,
    parts: list[Part],
    lost: FloatArray,
    soldiers: FloatArray,
    years: FloatArray,
    trials: int,
) -> FloatArray:
    """Survival, ending rate, soldier-years, incidence by cause: shape (3 + C, G, W / trials)."""
    worlds, at = line.width[0], _held_at(line, years)
    earlier = _earlier(line, np.concatenate([soldiers[None], lost]))
    found = np.empty((2 + len(earlier), years.size, worlds // trials))
    step = max(1, CELLS // worlds)
    for first in range(0, years.size, step):
        ages = slice(first, first + step)
        here = at[ages].ravel()
        elapsed = np.repeat(years[ages], worlds) - line.start.take(here)
        rows = _at_ages(parts, earlier, here, elapsed)
        for total, row in zip(found, rows, strict=True):
            total[ages] = averaged(row.reshape(-1, worlds), trials)
    return found


def _at_ages(
    parts: list[Part], earlier: FloatArray, at: IntArray, elapsed: FloatArray
) -> list[FloatArray]:
    """What `_curves` finds for these segments after so much time in each."""
    sums = [np.zeros(at.size), np.zeros(at.size), *(row.take(at) for row in earlier)]
    for part in parts:
        phases, troops = part.phases.after(elapsed, at), part.troops.take(at)
        passed = let_pass(phases)
        sums[0] += passed.held
        sums[0] += passed.failed
        sums[1] += passed.held * phases.holding.final
        sums[1] += passed.failed * phases.collapse
        there = (troops > 0.0).nonzero()[0]
        spent = phases.h.take(there) * phases.holding.some(there).years()
        spent += passed.failing_years.take(there)
        sums[2][there] += troops.take(there) * spent
        for total, share in zip(sums[3:], part.split, strict=True):
            total += share.take(at) * passed.lost
    return sums


def _earlier(line: Timeline, amounts: FloatArray) -> FloatArray:
    """Sum of amounts over the earlier segments of the same world, shape (..., n)."""
    total = np.zeros_like(amounts)
    for before, here in line.steps():
        np.add(total[..., before], amounts[..., before], out=total[..., here])
    return total


_KIND_OF_CODE = np.zeros(ARRIVAL + 2, np.int64)
for _code, _kind in (
    (timeline.START, len(EVENT_KINDS)),  # no event
    (timeline.MISSION_END, EVENT_KINDS.index("mission_end")),
    (timeline.BACKSTOP_ON, EVENT_KINDS.index("backstop")),
    (timeline.BACKSTOP_OFF, EVENT_KINDS.index("backstop")),
    (timeline.ARMY_RESTORED, EVENT_KINDS.index("army_restored")),
    (timeline.RECONSTITUTED, EVENT_KINDS.index("reconstituted")),
    (timeline.RESOLVE, EVENT_KINDS.index("phase")),
    (timeline.REDRAW, EVENT_KINDS.index("phase")),
    (ARRIVAL, EVENT_KINDS.index("arrival")),
    (ARRIVAL + 1, EVENT_KINDS.index("exit")),
):
    _KIND_OF_CODE[_code] = _kind


def _events(
    line: Timeline, world: IntArray, present: FloatArray, inflow: FloatArray | None
) -> FloatArray:
    """Expected events of each kind, shape (len(EVENT_KINDS), W)."""
    code = np.where(line.code < ARRIVAL, line.code, ARRIVAL + (line.code & 1))
    kinds = len(EVENT_KINDS) + 1
    cell = world * kinds + _KIND_OF_CODE[code]
    worlds = line.width[0]
    found = np.bincount(cell, weights=present, minlength=worlds * kinds).reshape(worlds, kinds)
    if inflow is not None:
        found[:, EVENT_KINDS.index("reinforcement")] = line.total(inflow)
    return np.asarray(found[:, : len(EVENT_KINDS)].T, np.float64)
