"""Who is there and when: the force as it was promised, and as it came to be, by contributor.

Read off a sample of the run's own worlds, with every event written down. In a world it is known who
is deployed at every time, and how likely the ceasefire is to hold until then: the product is what
is expected to be there. The promised force is that of the same worlds where nobody leaves and every
ceasefire holds.
"""

from itertools import pairwise
from typing import Final

import numpy as np

from simulator.engines.records import EventLog
from simulator.engines.worlds import allotted, simulate_worlds, world_log
from simulator.estimates.records import Deployment
from simulator.model.clocks import row_names
from simulator.model.compiled import CompiledModel, FloatArray, IntArray, restricted

SAMPLE: Final = 1_024  # worlds, about
WORLDS_AT_ONCE: Final = 512
BINS_PER_YEAR: Final = 4
MOST_BINS: Final = 400
STEPS: Final = 2  # within a bin, between which survival is taken to be straight


def deployment(model: CompiledModel, trials: int, sample: int = SAMPLE) -> Deployment:
    """Sample who is deployed, in the first draws of a run.

    About ``sample`` worlds in all, and of no draw more than the ``trials`` of the run: the first of
    every draw, or of the first draws.
    """
    draws = min(model.draws.size, sample)
    each = max(1, min(trials, sample // draws))
    bins = int(min(MOST_BINS, max(1, np.ceil(model.horizon * BINS_PER_YEAR))))
    steps = np.linspace(0.0, model.horizon, bins * STEPS + 1)
    size = max(1, WORLDS_AT_ONCE // each)
    parts = [
        _soldier_years(restricted(model, np.arange(first, min(first + size, draws))), each, steps)
        for first in range(0, draws, size)
    ]
    promised, deployed, total = (
        np.sum(part, axis=0).reshape(-1, bins, STEPS).sum(axis=2)
        / (draws * each)
        / (model.horizon / bins)
        for part in zip(*parts, strict=True)
    )
    # Without any reinforcement, what is left are the curves between the steps.
    grows = model.mission.reinforcement_ceiling is not None
    more = np.maximum(0.0, total[0] - deployed.sum(axis=0)) if grows else np.zeros(bins)
    offers = np.flatnonzero((model.contributors.troops > 0.0).any(axis=0))
    return Deployment(
        names=tuple(model.contributors.names[i] for i in offers),
        edges=steps[::STEPS],
        promised=promised[offers],
        deployed=deployed[offers],
        reinforcement=more,
        draws=draws,
        worlds=draws * each,
    )


def _soldier_years(
    model: CompiledModel, each: int, steps: FloatArray
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Soldier-years between steps, over all worlds: promised and deployed by name, and in all."""
    soldiers = allotted(model, each)  # (W, N)
    arrival = np.repeat(model.contributors.arrival, each, axis=0)
    begin, stop = stays(model, each, world_log(model, each))
    found = simulate_worlds(model, each, steps[1:])
    holds = np.concatenate([np.ones((len(soldiers), 1)), found.survival], axis=1)
    total = np.diff(found.soldier_years.sum(axis=0, keepdims=True), prepend=0.0, axis=1)
    return (
        _present(soldiers, arrival, np.full_like(stop, model.horizon), steps, np.ones_like(holds)),
        _present(soldiers, begin, stop, steps, holds),
        total,
    )


def stays(model: CompiledModel, each: int, log: EventLog) -> tuple[FloatArray, FloatArray]:
    """When each contributor comes and goes in each world, shape (W, N); never is infinite."""
    n, worlds = len(model.contributors.names), model.draws.size * each
    begin, stop = np.full((worlds, n), np.inf), np.full((worlds, n), model.horizon)
    over = log.row == row_names(model).index("mission_end")
    stop[log.path[over]] = np.minimum(stop[log.path[over]], log.time[over][:, None])
    own = np.flatnonzero(log.row < n)
    cell: IntArray = log.path[own] * n + log.row[own]
    order = np.argsort(cell, kind="stable")  # a contributor's row is its arrival, then its exit
    first = np.ones(order.size, bool)
    first[1:] = cell[order][1:] != cell[order][:-1]
    arrivals, exits = own[order[first]], own[order[~first]]
    begin[log.path[arrivals], log.row[arrivals]] = log.time[arrivals]
    gone = log.path[exits], log.row[exits]
    stop[gone] = np.minimum(stop[gone], log.time[exits])
    return begin, stop


def _present(
    soldiers: FloatArray,
    begin: FloatArray,
    stop: FloatArray,
    steps: FloatArray,
    holds: FloatArray,
) -> FloatArray:
    """Expected soldier-years of each contributor between steps, over all worlds: shape (N, T).

    ``holds`` is the probability, shape (W, T + 1), that the ceasefire holds until each step.
    """
    found = np.empty((soldiers.shape[1], steps.size - 1))
    for t, (low, high) in enumerate(pairwise(steps.tolist())):
        start, end = np.maximum(begin, low), np.minimum(stop, high)
        there = np.clip(end - start, 0.0, None)
        middle = np.where(there > 0.0, (start + end) / 2.0, low)
        at_start, at_end = holds[:, t, None], holds[:, t + 1, None]
        chance = at_start + (at_end - at_start) * (middle - low) / (high - low)
        found[:, t] = (soldiers * there * chance).sum(axis=0)
    return found
