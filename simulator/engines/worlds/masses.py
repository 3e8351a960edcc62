"""Where the probability is: holding or failing at the start of every segment, or lost.

Axis n is the segments. A ceasefire that is still establishing counts as holding here: until the
phase is drawn nothing fails, and the base hazard is that of establishing (eq. 17).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Final

import numpy as np

from simulator.engines.worlds import timeline
from simulator.engines.worlds.effects import Effects, failing_probability
from simulator.engines.worlds.states import States
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
        slope = None if self.slope is None else self.slope[which]
        rate, length, lost, final = self.rate, self.length, self.lost, self.final
        return Decay(rate[which], length[which], lost[which], final[which], slope)

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
