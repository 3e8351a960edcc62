"""Evolution of the chain: uniformisation, and levels for the one hazard that drifts with age."""

from dataclasses import dataclass, field
from functools import lru_cache
from typing import Final

import numpy as np

from simulator.engines.exact.generator import Generator
from simulator.engines.exact.states import ModelTooLargeError
from simulator.model.compiled import CAUSES, FloatArray

TAIL: Final = 1e-18  # Poisson mass left out of a step
MAX_JUMPS: Final = 400.0  # of one step; exp(-400) is still far from underflow
MAX_WORK: Final = 2e9  # multiplications by a state; some tens of seconds
OVERHEAD: Final = 2_000  # states whose multiplication takes as long as calling for it

# A fourth-order commutator-free exponential integrator: two constant levels for each step,
# weighted from the two Gauss-Legendre nodes (Blanes & Moan 2006, Appl. Numer. Math. 56:1519).
GAUSS: Final = np.sqrt(3.0) / 6.0
NODES: Final = np.array([0.5 - GAUSS, 0.5 + GAUSS])
EARLY: Final = np.array([0.5 + 2.0 * GAUSS, 0.5 - 2.0 * GAUSS])


@dataclass(slots=True, eq=False)
class Chain:
    """Where the chain is, and what has been counted on the way."""

    p: FloatArray  # (S,) probability of every state; collapse is what is missing to 1
    counted: FloatArray  # (len(COUNTED),) expected counts so far
    steps: int = 0  # multiplications so far
    lost: float = 0.0  # bound on the probability left out so far
    largest_rate: FloatArray = field(default_factory=lambda: np.zeros(0))


@lru_cache(maxsize=1024)
def poisson(mean: float) -> tuple[FloatArray, FloatArray]:
    """Return the probabilities of 0, 1, ... events and the probability of more than each.

    The list ends where what is left out is below `TAIL`.
    """
    weights = [np.exp(-mean)]
    n = 0
    while n < mean or weights[-1] * mean / (n + 1 - mean) > TAIL:
        n += 1
        weights.append(weights[-1] * mean / n)
    weight = np.array(weights)
    more = np.append(np.cumsum(weight[:0:-1])[::-1], 0.0)
    return weight, more


def advance(chain: Chain, generator: Generator, years: float, level: float) -> None:
    """Let time pass at a constant level of the ageing hazard.

    Uniformisation: with a rate Lambda that no state exceeds, the chain makes a Poisson number of
    jumps, and what is counted needs only the time spent in every state. All terms are products and
    sums of non-negative numbers: nothing cancels, so the relative error of every result is
    bounded by the number of operations times the machine epsilon.
    """
    out = generator.outflow + level * generator.ageing
    fastest = float(out.max())
    parts = max(1, int(np.ceil(fastest * years / MAX_JUMPS)))
    jumps = fastest * years / parts
    weight, more = poisson(jumps)
    chain.steps += parts * weight.size
    if chain.steps * (chain.p.size + OVERHEAD) > MAX_WORK:
        raise ModelTooLargeError(
            f"rates up to {fastest:.3g} per year over {chain.p.size:,} states need more than "
            f"{MAX_WORK:.0e} operations; the exact engine stops there"
        )
    chain.lost += parts * TAIL
    counted = generator.counted.copy()
    counted[:, : len(CAUSES)] += level * generator.ageing_causes
    chain.largest_rate = np.maximum(chain.largest_rate, counted.max(axis=0, initial=0.0))
    stay = 1.0 - out / fastest if fastest > 0.0 else np.ones_like(out)
    for _ in range(parts):
        v = chain.p
        chain.p = weight[0] * v
        occupancy = more[0] * v
        for w, m in zip(weight[1:], more[1:], strict=True):
            v = stay * v + (generator.inflow @ v) / fastest
            chain.p += w * v
            occupancy += m * v
        time_there = occupancy / fastest if fastest > 0.0 else chain.p * (years / parts)
        chain.counted += time_there @ counted


def advance_ageing(
    chain: Chain, generator: Generator, start: float, end: float, slope: float, step: float
) -> None:
    """Let time pass from ``start`` to ``end`` while the hazard of holding grows with age."""
    if slope == 0.0 or not generator.ageing.any():
        advance(chain, generator, end - start, 1.0)
        return
    count = max(1, int(np.ceil((end - start) / step)))
    edges = np.linspace(start, end, count + 1)
    for begin, years in zip(edges[:-1], np.diff(edges), strict=True):
        growth = np.exp(slope * (begin + years * NODES))
        for weights in (EARLY, EARLY[::-1]):
            advance(chain, generator, years / 2.0, float(growth @ weights))
