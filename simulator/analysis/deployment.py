"""Who is there and when: the force as it was promised, and as it came to be, by contributor.

Read off a sample of the run's own paths, the first few of every draw, lived through again with
every event written down. The promised force is that of the same paths in a world where nothing
ends: who commits, how many soldiers each is allotted, when they arrive; nobody leaves, the
ceasefire holds.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any, Final

import numpy as np

from simulator.engines.core import simulate
from simulator.engines.records import EventLog, PathRecords
from simulator.model.clocks import row_names
from simulator.model.compiled import CompiledModel, FloatArray, IntArray

SAMPLE: Final = 4_000  # paths, about
BINS_PER_YEAR: Final = 4
MOST_BINS: Final = 400
_NEVER: Final = 1e-12  # a rate per year at which nothing happens in any horizon


@dataclass(frozen=True, eq=False, slots=True)
class Deployment:
    """Soldiers over time, averaged over paths and over each bin; all paths count at all times.

    Attributes
    ----------
    names : tuple of str
        Contributors that offer soldiers, in the order of the model.
    edges : float64 array, shape (T + 1,)
        Years, from 0 to the horizon.
    promised : float64 array, shape (N, T)
        Committed and arrived, had nobody left and had the ceasefire held.
    deployed : float64 array, shape (N, T)
        There, before any reinforcement; 0 once a ceasefire has collapsed.
    reinforcement : float64 array, shape (T,)
        There on top of that, because the force was enlarged.
    paths : int
        Sampled.
    """

    names: tuple[str, ...]
    edges: FloatArray
    promised: FloatArray
    deployed: FloatArray
    reinforcement: FloatArray
    paths: int


def deployment(model: CompiledModel, paths: int, sample: int = SAMPLE) -> Deployment:
    """Sample who is deployed.

    Parameters
    ----------
    model : CompiledModel
        Of all draws of the run.
    paths : int
        Paths of each draw in the run; the sample takes no other.
    sample : int
        Paths to sample in all, about; at least one of every draw.
    """
    draws = model.draws.size
    each = max(1, min(paths, sample // draws))
    horizon = model.horizon
    bins = int(min(MOST_BINS, max(1, np.ceil(horizon * BINS_PER_YEAR))))
    edges = np.linspace(0.0, horizon, bins + 1)
    allotted = _allotted(model, each)  # (P, N)
    arrival = np.repeat(model.contributors.arrival, each, axis=0)  # (P, N)
    records, log = simulate(model, each, 0, draws * each, log=True)
    begin, stop = _stays(model, records, log)
    total = _mean_troops(records, edges)
    promised = _present(allotted, arrival, np.full_like(arrival, horizon), edges)
    deployed = _present(allotted, begin, stop, edges)
    offers = np.flatnonzero((model.contributors.troops > 0.0).any(axis=0))
    return Deployment(
        names=tuple(model.contributors.names[i] for i in offers),
        edges=edges,
        promised=promised[offers],
        deployed=deployed[offers],
        reinforcement=np.maximum(0.0, np.round(total - deployed.sum(axis=0), 6)),
        paths=draws * each,
    )


def deployment_json(found: Deployment) -> dict[str, Any]:
    """The same as a JSON object, to a tenth of a soldier."""

    def by_name(values: FloatArray) -> dict[str, list[float]]:
        return {n: np.round(v, 1).tolist() for n, v in zip(found.names, values, strict=True)}

    return {
        "paths": found.paths,
        "edges_years": found.edges.tolist(),
        "promised": by_name(found.promised),
        "deployed": by_name(found.deployed),
        "reinforcement": np.round(found.reinforcement, 1).tolist(),
    }


def _allotted(model: CompiledModel, each: int) -> FloatArray:
    """Soldiers that each path allots to those who commit, shape (P, N).

    Commitment is part of the engine's luck: it is read off a life in which nothing else happens.
    """
    force, mission, hazards = model.contributors, model.mission, model.hazards
    last = float(force.arrival.max(initial=0.0)) + 1.0
    never = np.full_like(hazards.holding, _NEVER)
    calm = replace(
        model,
        horizon=last,
        contributors=replace(force, exit_rate=np.full_like(force.exit_rate, _NEVER)),
        mission=replace(mission, reinforcement_ceiling=None, end_rate=never),
        hazards=replace(hazards, failing=never, holding=never, holding_slope=np.zeros_like(never)),
    )
    n, paths = len(force.names), model.draws.size * each
    _, log = simulate(calm, each, 0, paths, log=True)
    committed = np.zeros((paths, n), bool)
    arrivals = log.row < n
    committed[log.path[arrivals], log.row[arrivals]] = True
    offered = np.where(committed, np.repeat(force.troops, each, axis=0), 0.0)
    scale = np.minimum(1.0, mission.target_troops / np.maximum(offered.sum(axis=1), 1.0))
    return np.asarray(np.floor(offered * scale[:, None]))


def _stays(
    model: CompiledModel, records: PathRecords, log: EventLog
) -> tuple[FloatArray, FloatArray]:
    """When each contributor comes and goes on each path, shape (P, N); never is infinite."""
    n, paths = len(model.contributors.names), records.end_time.size
    begin = np.full((paths, n), np.inf)
    stop = np.repeat(records.end_time[:, None], n, axis=1)
    mission_end = row_names(model).index("mission_end")
    over = log.row == mission_end
    stop[log.path[over]] = np.minimum(stop[log.path[over]], log.time[over][:, None])
    own = np.flatnonzero(log.row < n)
    at = log.path[own], log.row[own]
    cell: IntArray = at[0] * n + at[1]
    order = np.argsort(cell, kind="stable")  # a contributor's row is its arrival, then its exit
    first = np.ones(order.size, bool)
    first[1:] = cell[order][1:] != cell[order][:-1]
    arrivals, exits = own[order[first]], own[order[~first]]
    begin[log.path[arrivals], log.row[arrivals]] = log.time[arrivals]
    gone = log.path[exits], log.row[exits]
    stop[gone] = np.minimum(stop[gone], log.time[exits])
    return begin, stop


def _present(
    soldiers: FloatArray, begin: FloatArray, stop: FloatArray, edges: FloatArray
) -> FloatArray:
    """Mean soldiers of each contributor over each bin, shape (N, T)."""
    found = np.empty((soldiers.shape[1], edges.size - 1))
    for t, (low, high) in enumerate(pairwise(edges.tolist())):
        there = np.clip(np.minimum(stop, high) - np.maximum(begin, low), 0.0, None)
        found[:, t] = (soldiers * there).mean(axis=0) / (high - low)
    return found


def _mean_troops(records: PathRecords, edges: FloatArray) -> FloatArray:
    """Mean of all deployed soldiers over each bin, shape (T,)."""
    changes, found = records.troop_changes, np.empty(edges.size - 1)
    for t, (low, high) in enumerate(pairwise(edges.tolist())):
        lasting = np.clip(high - np.maximum(changes.time, low), 0.0, None)
        found[t] = float((changes.change * lasting).sum()) / (high - low)
    return found / records.end_time.size
