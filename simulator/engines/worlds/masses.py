"""Where the probability is: holding or failing at the start of every segment, or lost.

Axis n is the segments. A ceasefire that is still establishing counts as holding here: until the
phase is drawn nothing fails, and the base hazard is that of establishing (eq. 17).

Ceasefires whose force has been enlarged are a second pair of masses along the same world. While a
ceasefire fails and soldiers are deployed, its force is enlarged at a constant rate, once. The
enlarged force is a function of the one deployed, so the enlarged masses move along the same
segments with hazards of their own (eq. 21). They are kept apart by the rank of the segment in
which they were enlarged, because the largest force that a ceasefire has had depends on that.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Final

import numpy as np

from simulator.engines.worlds import timeline
from simulator.engines.worlds.states import Effects, States, failing_probability
from simulator.engines.worlds.tables import Tables
from simulator.engines.worlds.timeline import Timeline
from simulator.model.compiled import CompiledModel, FloatArray, IntArray

# Gauss-Legendre nodes for a Gompertz survival over one segment. Where less than half a unit of
# hazard is used up and the hazard grows less than e-fold, 5 nodes err by 1e-10 of the segment;
# where less than 12 units are and it grows less than 100-fold, 16 by 1e-10. Elsewhere the survival
# falls like a step, and is followed with 64 until `ALL` is used up: what is left after that is
# 4e-18.
FEW, MANY, MOST = 5, 16, 64
ALL: Final = 40.0
# What stands for no hazard and for no growth of it, and can be divided by.
LEAST_RATE: Final = 1e-290
NO_SLOPE: Final = 1e-13
_NEAR: Final = 1e-5  # rate times years below which differences of exponentials lose digits


@dataclass(frozen=True, eq=False, slots=True)
class Decay:
    """How mass in one phase is lost over some time in a segment; every array has shape (n,).

    The hazard is ``rate * exp(slope * t)`` per year, from ``rate``, at least `LEAST_RATE`, to
    ``final``; without slopes nothing ages. After ``length`` years the share ``lost`` is gone.
    """

    rate: FloatArray
    length: FloatArray
    lost: FloatArray
    final: FloatArray
    slope: FloatArray | None = None

    def years(self) -> FloatArray:
        """Expected years spent, for a mass of one (eq. 19)."""
        if self.slope is None:
            return self.lost / self.rate
        return _gompertz_years(self.slope, self.rate, self.length, self.lost)

    def some(self, which: IntArray) -> Decay:
        """Return the decay in some segments."""
        return Decay(
            self.rate.take(which),
            self.length.take(which),
            self.lost.take(which),
            self.final.take(which),
            None if self.slope is None else self.slope.take(which),
        )

    def after(self, length: FloatArray, which: IntArray) -> Decay:
        """Return the decay in some segments over other times."""
        slope = None if self.slope is None else self.slope.take(which)
        return decay(self.rate.take(which), length, slope)


@dataclass(frozen=True, eq=False, slots=True)
class Transfers:
    """What an event does to the masses: shares of each that are holding afterwards, shape (n,)."""

    of_holding: FloatArray
    of_failing: FloatArray


def holding_decay(
    model: CompiledModel, tables: Tables, line: Timeline, state: States, of: Effects
) -> Decay:
    """Decay of what is establishing or holding (eqs. 15 and 17)."""
    h, draw = model.hazards, state.draw
    rate = np.where(state.resolved, h.holding[draw], tables.establishing[draw]) * of.hazard
    np.maximum(rate, LEAST_RATE, out=rate)
    if not tables.has_ageing:
        return decay(rate, line.length)
    # Establishing does not age, but lasts too short to be worth a case of its own.
    slope = np.where(state.resolved, h.holding_slope[draw], NO_SLOPE)
    with np.errstate(over="ignore"):
        rate *= np.exp(slope * line.start)
    return decay(rate, line.length, slope)


def failing_decay(model: CompiledModel, line: Timeline, state: States, of: Effects) -> Decay:
    """Decay of what is failing."""
    rate = model.hazards.failing[state.draw] * of.hazard
    return decay(np.maximum(rate, LEAST_RATE, out=rate), line.length)


def decay(rate: FloatArray, length: FloatArray, slope: FloatArray | None = None) -> Decay:
    """Let mass decay; arguments as the attributes of `Decay`."""
    lost, final = rate * length, rate
    if slope is not None:
        with np.errstate(over="ignore", invalid="ignore"):  # beyond all numbers it ends at once
            growth = rate * np.expm1(slope * length)
            lost, final = growth / slope, rate + growth
    np.negative(lost, out=lost)
    np.expm1(lost, out=lost)
    return Decay(rate, length, np.negative(lost, out=lost), final, slope)


def _gompertz_years(b: FloatArray, r: FloatArray, t: FloatArray, lost: FloatArray) -> FloatArray:
    """Integral over [0, t] of exp(-r (e^(b s) - 1) / b), of which ``lost`` is gone by t."""
    years = np.empty_like(t)
    growth = np.abs(b * t)
    calm = (lost < 0.4) & (growth < 1.0)
    steep = (lost > 1.0 - np.exp(-12.0)) | (growth > np.log(100.0))
    with np.errstate(over="ignore", divide="ignore", invalid="ignore"):
        # Not a number where the hazard fades before so much is used up.
        t = np.where(steep, np.fmin(t, np.log1p(ALL * b / r) / b), t)
    for nodes, which in (
        (FEW, calm.nonzero()[0]),
        (MANY, (~calm & ~steep).nonzero()[0]),
        (MOST, steep.nonzero()[0]),
    ):
        length = t[which]
        scale, bt, mean = -r[which] / b[which], b[which] * length, np.zeros(which.size)
        with np.errstate(over="ignore"):
            for node, weight in zip(*_legendre(nodes), strict=True):
                x = np.expm1(bt * node)
                x *= scale
                np.exp(x, out=x)
                x *= weight
                mean += x
        years[which] = mean * length
    return years


@cache
def _legendre(nodes: int) -> tuple[tuple[float, ...], tuple[float, ...]]:
    x, weights = np.polynomial.legendre.leggauss(nodes)
    return tuple((x + 1.0) / 2.0), tuple(weights / 2.0)


def transfers(model: CompiledModel, line: Timeline, state: States, of: Effects) -> Transfers:
    """What the event at the start of every segment does to the masses (eq. 20)."""
    kept, rescued = np.ones(line.code.size), np.zeros(line.code.size)
    if model.hazards.rescues.any():
        rescued = _rescued(model, line, state, of)
    drawn = drawn_anew(line)
    kept[drawn] = 1.0 - failing_probability(model, state.draw, of, drawn)
    rescued[drawn] = kept[drawn]
    return Transfers(kept, rescued)


def _rescued(model: CompiledModel, line: Timeline, state: States, of: Effects) -> FloatArray:
    """Share of what is failing that holds once w has fallen, in the draws that rescue."""
    able = model.hazards.rescues[state.draw]
    w = np.zeros(line.code.size)
    some = able.nonzero()[0]
    w[some] = failing_probability(model, state.draw, of, some)
    found = np.zeros(line.code.size)
    for before, here in line.steps():
        fallen = np.maximum(w[before] - w[here], 0.0)
        np.divide(fallen, w[before], out=found[here], where=able[here] & (fallen > 0.0))
    return found


def drawn_anew(line: Timeline) -> IntArray:
    """Segments that begin with a draw of the phase."""
    found = (line.code == timeline.RESOLVE) | (line.code == timeline.REDRAW)
    return np.flatnonzero(found)


def follow(
    line: Timeline, holding: Decay, failing: Decay, moved: Transfers
) -> tuple[FloatArray, FloatArray]:
    """Holding and failing masses at the start of every segment, from all establishing."""
    h, f = np.zeros(line.code.size), np.zeros(line.code.size)
    h[: line.width[0]] = 1.0
    for before, here in line.steps():
        held = h[before] * (1.0 - holding.lost[before])
        failed = f[before] * (1.0 - failing.lost[before])
        a, b = moved.of_holding[here], moved.of_failing[here]
        h[here] = a * held + b * failed
        f[here] = (1.0 - a) * held + (1.0 - b) * failed
    return h, f


def enlarged(model: CompiledModel, state: States, troops: FloatArray) -> FloatArray:
    """Soldiers that an enlarged force has, for those that it would have otherwise."""
    ceiling = model.mission.reinforcement_ceiling
    assert ceiling is not None  # only such models have enlarged forces
    grown = np.minimum(np.floor(troops * model.mission.growth[state.draw]), ceiling)
    return np.maximum(troops, grown)


def enlargement_rate(model: CompiledModel, state: States) -> FloatArray:
    """Rate at which a failing ceasefire has its force enlarged, per year."""
    return model.mission.reinforcement_rate[state.draw] * (state.troops > 0.0)


def flow(
    source: FloatArray, leaving: Decay, staying: Decay
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """What flows into the enlarged masses in a segment (eq. 22), at constant rates.

    ``source`` is the rate of enlargement times the failing mass, not enlarged, at the start;
    ``leaving`` how that mass leaves, ``staying`` how what is enlarged and failing collapses.
    Returns what flows in, what is left of it after so many years, and the years it spends there.
    """
    years, away = leaving.length, leaving.years()
    inflow = source * away
    apart = staying.rate - leaving.rate
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        # exp(-a t) t (1 - d t / 2 + (d t)^2 / 6), d = b - a, in the limit of equal rates
        dt = apart * years
        equal = (1.0 - leaving.lost) * years * (1.0 - dt / 2.0 + dt * dt / 6.0)
        unequal = (staying.lost - leaving.lost) / apart
        left = source * np.where(np.abs(dt) < _NEAR, equal, unequal)
        late = (inflow - left) / staying.rate
        # What is hardly lost stays until the end.
        early = source * (years - away) / leaving.rate
        spent = np.where(staying.rate * years < _NEAR, early, late)
    spent[source == 0.0] = 0.0
    return inflow, left, spent


def follow_enlarged(
    line: Timeline,
    holding: Decay,
    failing: Decay,
    moved: Transfers,
    inflow: FloatArray,
    left: FloatArray,
    troops: FloatArray,
    own_peak: FloatArray,
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Follow the enlarged masses along every world.

    Decays, transfers, ``inflow`` and ``left`` (from `flow`) and ``troops`` are those of enlarged
    forces; ``own_peak`` is the largest force so far without enlargement. Returns the holding and
    the failing mass at the start of every segment, and the expected rise, then or within it, of
    the largest force so far.
    """
    # By the rank of the segment in which the force was enlarged: masses, and largest force so far.
    h, f, most = np.zeros((3, len(line.width), line.width[0]))
    all_h, all_f = np.zeros((2, inflow.size))
    level = np.maximum(own_peak, troops)
    peak = inflow * (level - own_peak)
    for rank, (before, here) in enumerate(line.steps()):
        past = (slice(0, rank + 1), slice(0, here.stop - here.start))
        held = h[past] * (1.0 - holding.lost[before])
        failed = f[past] * (1.0 - failing.lost[before])
        failed[rank] += left[before]
        most[rank, past[1]] = level[before]
        rises = np.maximum(troops[here] - most[past], 0.0)
        peak[here] += _summed(rises * (held + failed))
        most[past] += rises
        a, b = moved.of_holding[here], moved.of_failing[here]
        h[past] = a * held + b * failed
        f[past] = (1.0 - a) * held + (1.0 - b) * failed
        all_h[here] = _summed(h[past])
        all_f[here] = _summed(f[past])
    return all_h, all_f, peak


def _summed(amounts: FloatArray) -> FloatArray:
    """Sum over the first axis, term by term: `sum` has another order where the second is short."""
    return np.asarray(np.add.accumulate(amounts, axis=0)[-1])
