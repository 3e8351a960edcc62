"""Ceasefires whose force has been enlarged: a second pair of masses along the same world.

While a ceasefire fails and soldiers are deployed, its force is enlarged at a constant rate, once.
The enlarged force is a function of the one deployed, so the enlarged masses move along the same
segments with hazards of their own (eq. 21). They are kept apart by the rank of the segment in
which they were enlarged, because the largest force that a ceasefire has had depends on that.
"""

from typing import Final

import numpy as np

from simulator.engines.worlds.masses import Decay, Transfers
from simulator.engines.worlds.states import States
from simulator.engines.worlds.timeline import Timeline
from simulator.model.compiled import CompiledModel, FloatArray

_NEAR: Final = 1e-5  # rate times years below which differences of exponentials lose digits


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


def follow(
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
