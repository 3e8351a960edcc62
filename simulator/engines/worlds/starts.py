"""What is settled on the first day of every world."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from scipy.special import ndtr, ndtri

from simulator.model import clocks
from simulator.model.compiled import BoolArray, CompiledModel, FloatArray, IntArray

# Uniforms of a clock in the trials of some draws: (seed, name, draws, trials) -> (D, K).
Uniforms: TypeAlias = Callable[[int, str, IntArray, IntArray], FloatArray]


class Numbers:
    """Random numbers of the worlds of a block, by the name of the clock."""

    def __init__(self, model: CompiledModel, trials: IntArray, uniforms: Uniforms) -> None:
        self._model, self._trials, self._uniforms = model, trials, uniforms

    def uniform(self, name: str) -> FloatArray:
        """Return uniforms in (0, 1), shape (W,)."""
        model = self._model
        return self._uniforms(model.seed, name, model.draws, self._trials).reshape(-1)

    def exponential(self, name: str, worlds: IntArray | slice = slice(None)) -> FloatArray:
        """Return unit exponentials of some worlds, or of all."""
        x = np.log(self.uniform(name)[worlds])
        return np.negative(x, out=x)


@dataclass(frozen=True, eq=False, slots=True)
class Starts:
    """First days; shape (W,) for W worlds."""

    draw: IntArray  # row of the model
    refused: BoolArray  # Russia does not accept the force
    backstop_on: BoolArray
    hosts: IntArray  # that open their bases, as bits
    committed: BoolArray  # (N, W)
    scale: FloatArray  # what each who commits brings, over its offer (eq. 4)


def initial_conditions(model: CompiledModel, trials: int, numbers: Numbers) -> Starts:
    """Draw the first day of every world."""
    draw = np.repeat(np.arange(model.draws.size), trials)
    mission, backstop, air = model.mission, model.backstop, model.air
    refused = blocked = on = np.zeros(draw.size, bool)
    if model.contributors.names and np.any(mission.consent < 1.0):
        refused = numbers.uniform(clocks.CONSENT) >= mission.consent[draw]
        stops = numbers.uniform(clocks.REFUSAL_BLOCKS) < mission.refusal_blocks[draw]
        blocked = refused & stops
    if backstop.promised:
        on = numbers.uniform(clocks.BACKSTOP_START) < backstop.on_at_start[draw]
    hosts = np.zeros(draw.size, np.int64)
    for bit, host in enumerate(air.hosts):
        opens = numbers.uniform(clocks.BASING.format(host)) < air.host_open[draw, bit]
        hosts |= opens.astype(np.int64) << bit
    committed = _commit(model, draw, on, numbers) & ~blocked
    offered = _offered(model, trials, committed)
    scale = mission.target_troops / np.maximum(offered, 1.0)
    if not mission.as_needed:
        np.minimum(scale, 1.0, out=scale)
    return Starts(draw, refused, on, hosts, committed, scale)


def _commit(model: CompiledModel, draw: IntArray, on: BoolArray, numbers: Numbers) -> BoolArray:
    """Who commits, given the common shock of each world (eq. 1)."""
    force = model.contributors
    r = force.political_correlation
    committed = np.zeros((len(force.names), draw.size), bool)
    if not force.names:
        return committed
    shock = (np.sqrt(r / (1.0 - r))[draw]) * ndtri(numbers.uniform(clocks.COMMON_SHOCK))
    threshold = ndtri(force.commitment) / np.sqrt(1.0 - r)[:, None]  # (D, N)
    for i, name in enumerate(force.names):
        chance = ndtr(threshold[draw, i] - shock)
        committed[i] = numbers.uniform(clocks.COMMIT.format(name)) < chance
        if force.needs_backstop[i]:
            committed[i] &= on
    return committed


def _offered(model: CompiledModel, trials: int, committed: BoolArray) -> FloatArray:
    """Soldiers offered by all who commit, shape (W,): whole numbers, exact in any order."""
    by_draw = committed.reshape(len(committed), model.draws.size, trials)
    return np.asarray(np.einsum("dn,ndk->dk", model.contributors.troops, by_draw).ravel())
