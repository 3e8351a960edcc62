"""Outcomes of every world, and its curves: what the masses add up to."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from simulator.engines.records import EVENT_KINDS, Outcomes
from simulator.engines.worlds import timeline
from simulator.engines.worlds.masses import Decay, Masses
from simulator.engines.worlds.reinforced import flow
from simulator.engines.worlds.states import States
from simulator.engines.worlds.tables import BACKSTOP_IS_ON
from simulator.engines.worlds.timeline import ARRIVAL, Timeline
from simulator.model.compiled import CompiledModel, FloatArray, IntArray


@dataclass(frozen=True, eq=False, slots=True)
class Part:
    """Ceasefires whose force is as deployed, or enlarged, in every segment.

    Attributes
    ----------
    masses : Masses
    holding, failing : Decay
        How they leave these phases: by collapse, and from failing also by enlargement.
    collapse : float64 array, shape (n,)
        Hazard of collapse while failing, per year.
    split : float64 array, shape (C, n)
        Share of each cause in a collapse.
    troops, cost : float64 array, shape (n,)
        Soldiers, plain and weighted by cost factors.
    peak : float64 array, shape (n,)
        Expected rise of the largest force so far.
    source : float64 array, shape (n,), or None
        Rate at which enlarged ceasefires come, at the start of the segment.
    leaving : Decay or None
        How what they come from leaves.
    """

    masses: Masses
    holding: Decay
    failing: Decay
    collapse: FloatArray
    split: FloatArray
    troops: FloatArray
    cost: FloatArray
    peak: FloatArray
    source: FloatArray | None = None
    leaving: Decay | None = None

    @property
    def present(self) -> FloatArray:
        """Probability of being in this part when the segment starts, shape (n,)."""
        return self.masses.holding + self.masses.failing


@dataclass(frozen=True, eq=False, slots=True)
class Passed:
    """What some time in a segment does to a part.

    Attributes
    ----------
    alive : float64 array
        Probability of being in this part afterwards.
    lost : float64 array
        Probability of collapse in the meantime.
    ending : float64 array
        Probability of collapse per year at the end of that time.
    failing_years : float64 array
        Expected years of failing in this part.
    """

    alive: FloatArray
    lost: FloatArray
    ending: FloatArray
    failing_years: FloatArray


def let_pass(
    h: FloatArray,
    f: FloatArray,
    holding: Decay,
    failing: Decay,
    collapse: FloatArray,
    source: FloatArray | None,
    leaving: Decay | None,
) -> Passed:
    """Let the time of the decays pass, from masses ``h`` and ``f``; see `Part` for the rest."""
    held, failed = h * holding.kept, f * failing.kept
    failing_years = f * failing.years()
    if source is not None and leaving is not None:
        _, left, spent = flow(source, leaving, failing)
        failed += left
        failing_years += spent
    lost = h * holding.lost
    lost += collapse * failing_years
    ending = held * holding.final_rate()
    ending += failed * collapse
    held += failed
    return Passed(held, lost, ending, failing_years)


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
    """Outcomes of every world, averaged over ``trials`` worlds at a time.

    Parameters
    ----------
    parts : list of Part
        Ceasefires with the force as deployed and, if it can be enlarged, those with it enlarged.
    inflow : float64 array, shape (n,), or None
        Probability that the force is enlarged in the segment.
    years : float64 array, shape (G,)
        Ages at which curves are given.
    """
    passed = [
        let_pass(
            part.masses.holding,
            part.masses.failing,
            part.holding,
            part.failing,
            part.collapse,
            part.source,
            part.leaving,
        )
        for part in parts
    ]
    spent = [
        part.masses.holding * part.holding.years() + p.failing_years
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
    shapes = _curves(line, parts, lost, soldiers, years)
    survival, ending, soldier_years, *incidence = averaged(shapes, trials)
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
    if trials == 1:
        return worlds
    total = worlds[..., ::trials].copy()
    for trial in range(1, trials):
        total += worlds[..., trial::trials]
    total /= trials
    return total


def _sum(arrays: list[FloatArray]) -> FloatArray:
    total = arrays[0]
    for array in arrays[1:]:
        total = total + array
    return total


def _curves(
    line: Timeline, parts: list[Part], lost: FloatArray, soldiers: FloatArray, years: FloatArray
) -> FloatArray:
    """Curves of every world: what the segment that holds each age has done by then.

    Returns
    -------
    float64 array, shape (3 + C, G, W)
        Survival, ending rate, soldier-years, incidence by cause.
    """
    at, age, cell = _ages(line, years)
    amounts = _earlier(line, np.concatenate([soldiers[None], lost]))
    sums = [np.zeros(age.size), np.zeros(age.size), *amounts.take(at, axis=1)]
    elapsed = age - line.start.take(at)
    for part in parts:
        mass, troops = part.masses, part.troops.take(at)
        h, f = mass.holding.take(at), mass.failing.take(at)
        holding, failing = part.holding.after(elapsed, at), part.failing.after(elapsed, at)
        source = None if part.source is None else part.source.take(at)
        leaving = None if part.leaving is None else part.leaving.after(elapsed, at)
        passed = let_pass(h, f, holding, failing, part.collapse.take(at), source, leaving)
        sums[0] += passed.alive
        sums[1] += passed.ending
        there = (troops > 0.0).nonzero()[0]
        spent = h[there] * holding.some(there).years() + passed.failing_years[there]
        sums[2][there] += troops[there] * spent
        for total, share in zip(sums[3:], part.split, strict=True):
            total += share.take(at) * passed.lost
    found = np.empty((len(sums), years.size * line.width[0]))
    for row, total in zip(found, sums, strict=True):
        row[cell] = total
    return found.reshape(len(sums), years.size, line.width[0])


def _ages(line: Timeline, years: FloatArray) -> tuple[IntArray, FloatArray, IntArray]:
    """Find the ages that every segment holds; what happens at an age has happened by then.

    Returns
    -------
    at : int64 array, shape (G * W,)
        Segments, in order, each as often as it holds ages.
    age : float64 array, shape (G * W,)
    cell : int64 array, shape (G * W,)
        Age and world of each: ``age * W + world``.
    """
    first = np.searchsorted(years, line.start)  # the first age at which the segment has begun
    count = years.size - first
    for before, here in line.steps():
        count[before] -= years.size - first[here]
    at = np.repeat(np.arange(count.size), count)
    index = np.arange(at.size) + (first - (np.cumsum(count) - count)).take(at)
    return at, years.take(index), index * line.width[0] + line.world.take(at)


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
