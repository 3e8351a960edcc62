"""Blocks of draws through all steps of the engine."""

from dataclasses import fields
from functools import partial
from typing import Final

import numpy as np

from simulator import addresses
from simulator.engines.records import EventLog, Outcomes
from simulator.engines.worlds import masses, states, tables, timeline
from simulator.engines.worlds.integrals import Part, Phases, outcomes, own_peak, rise
from simulator.engines.worlds.starts import Numbers, Starts, Uniforms, initial_conditions
from simulator.engines.worlds.states import Effects, States, effects
from simulator.engines.worlds.tables import Tables
from simulator.engines.worlds.timeline import ARRIVAL, Timeline
from simulator.model.clocks import row_names
from simulator.model.compiled import CompiledModel, FloatArray, IntArray, restricted

WORLDS: Final = 8_192  # of a block, about: more leave the cache, fewer pay for numpy's calls
# The allocator of glibc hands an array back to the system and asks for it again, page by page,
# which took a tenth of the time. It stops that for arrays below the largest ever freed, up to this.
np.empty(2**25 - 2**16, np.uint8)


def simulate(
    model: CompiledModel,
    trials: int,
    years: FloatArray,
    uniforms: Uniforms = addresses.world_uniforms,
    *,
    by_world: bool = False,
) -> Outcomes:
    """Simulate the first ``trials`` worlds of every draw and average their outcomes.

    ``years`` are the ages at which curves are given, strictly increasing, in (0, horizon]. A draw
    has the same bits whatever other draws are simulated beside. By world, nothing is averaged:
    there is one row each, ``row * trials + trial``.
    """
    years = np.asarray(years, np.float64)
    if trials < 1 or model.draws.size < 1:
        raise ValueError(f"{model.draws.size} draws of {trials} trials: at least 1 each")
    if np.any(np.diff(years) <= 0.0) or np.any((years <= 0.0) | (years > model.horizon)):
        raise ValueError(f"ages must increase within (0, {model.horizon:g}]")
    step = max(1, WORLDS // trials)
    ageing = model.hazards.holding_slope != 0.0
    # Draws that age apart from those that do not, so that no array has both.
    cuts = [
        rows[first : first + step]
        for rows in (np.flatnonzero(~ageing), np.flatnonzero(ageing))
        for first in range(0, rows.size, step)
    ]
    averaged = 1 if by_world else trials
    blocks = [_block(restricted(model, rows), trials, years, uniforms, averaged) for rows in cuts]
    return _joined(blocks, np.concatenate(cuts), trials // averaged)


simulate_worlds = partial(simulate, by_world=True)


def _block(
    model: CompiledModel, trials: int, years: FloatArray, uniforms: Uniforms, averaged: int
) -> Outcomes:
    """Outcomes of a block, averaged over so many worlds at a time."""
    table = tables.tabulate(model)
    starts, line = _worlds(model, trials, uniforms)
    state = states.follow(model, starts, line, table)
    effect = effects(model, table, starts, state, state.troops, state.come)
    if model.mission.reinforcement_ceiling is None:
        part = _own_part(model, table, line, state, effect, None)
        return outcomes(model, line, state, [part], None, years, averaged)
    rate = masses.enlargement_rate(model, state)
    own = _own_part(model, table, line, state, effect, rate)
    enlarged, inflow = _enlarged_part(model, table, starts, line, state, own, rate)
    return outcomes(model, line, state, [own, enlarged], inflow, years, averaged)


def allotted(model: CompiledModel, trials: int) -> FloatArray:
    """Soldiers that each world allots to those who commit and are not refused, shape (W, N)."""
    starts = initial_conditions(
        model, trials, Numbers(model, np.arange(trials), addresses.world_uniforms)
    )
    soldiers = np.floor(starts.scale[:, None] * model.contributors.troops[starts.draw])
    return np.where(starts.committed.T, soldiers, 0.0)


def _worlds(model: CompiledModel, trials: int, uniforms: Uniforms) -> tuple[Starts, Timeline]:
    numbers = Numbers(model, np.arange(trials), uniforms)
    starts = initial_conditions(model, trials, numbers)
    return starts, timeline.build(model, starts, numbers)


def _own_part(
    model: CompiledModel,
    table: Tables,
    line: Timeline,
    state: States,
    effect: Effects,
    rate: FloatArray | None,
) -> Part:
    """Ceasefires whose force is as deployed; ``rate`` is that of its enlargement, if it can be."""
    holding = masses.holding_decay(model, table, line, state, effect)
    failing = masses.failing_decay(model, line, state, effect)
    collapse = failing.rate
    if rate is not None:
        failing = masses.decay(collapse + rate, line.length)
    h, f = masses.follow(line, holding, failing, masses.transfers(model, line, state, effect))
    peak = rise(line, own_peak(line, state.troops)) * (h + f)
    phases = Phases(h, f, holding, failing, collapse)
    return Part(phases, effect.split, state.troops, state.cost, peak)


def _enlarged_part(
    model: CompiledModel,
    table: Tables,
    starts: Starts,
    line: Timeline,
    state: States,
    own: Part,
    rate: FloatArray,
) -> tuple[Part, FloatArray]:
    """Ceasefires whose force was enlarged, and the probability of that in every segment."""
    troops = masses.enlarged(model, state, state.troops)
    cost = state.cost * (troops / np.maximum(state.troops, 1.0))
    come = masses.enlarged(model, state, state.come)
    effect = effects(model, table, starts, state, troops, come)
    holding = masses.holding_decay(model, table, line, state, effect)
    failing = masses.failing_decay(model, line, state, effect)
    source, leaving = rate * own.phases.f, own.phases.failing
    inflow, left, _ = masses.flow(source, leaving, failing)
    h, f, peak = masses.follow_enlarged(
        line,
        holding,
        failing,
        masses.transfers(model, line, state, effect),
        inflow,
        left,
        troops,
        own_peak(line, state.troops),
    )
    phases = Phases(h, f, holding, failing, failing.rate, source, leaving)
    return Part(phases, effect.split, troops, cost, peak), inflow


def _joined(blocks: list[Outcomes], rows: IntArray, each: int) -> Outcomes:
    """Outcomes of the draws in these rows, with so many of each, in the order of the rows."""
    order = (rows.argsort()[:, None] * each + np.arange(each)).ravel()
    names = [f.name for f in fields(Outcomes) if f.name != "years"]
    return Outcomes(
        years=blocks[0].years,
        **{name: np.concatenate([getattr(b, name) for b in blocks])[order] for name in names},
    )


def world_log(
    model: CompiledModel, trials: int, uniforms: Uniforms = addresses.world_uniforms
) -> EventLog:
    """Events of the worlds of every draw, to the horizon, whether or not a ceasefire lasts.

    Reinforcement and collapse are no events of a world.
    """
    _, line = _worlds(model, trials, uniforms)
    names = row_names(model)
    fixed = {
        timeline.MISSION_END: "mission_end",
        timeline.BACKSTOP_ON: "backstop",
        timeline.BACKSTOP_OFF: "backstop",
        timeline.ARMY_RESTORED: "army_restored",
        timeline.RECONSTITUTED: "reconstituted",
        timeline.RESOLVE: "phase",
        timeline.REDRAW: "phase",
    }
    rows = np.full(ARRIVAL, -1)
    for event, name in fixed.items():
        rows[event] = names.index(name)
    code, world = line.code, line.world
    row = np.where(code < ARRIVAL, rows[np.minimum(code, ARRIVAL - 1)], (code - ARRIVAL) >> 1)
    kept = np.flatnonzero(code != timeline.START)
    order = kept[np.lexsort((row[kept], line.start[kept], world[kept]))]
    return EventLog(world[order], line.start[order], row[order])
