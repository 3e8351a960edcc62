"""The mixture over what is settled on the first day.

Given who commits, whether Russia accepts the force and which bases are open, a path is a Markov
chain. Each such combination is a `Block`; this module finds them and their probabilities.
"""

from collections import defaultdict
from dataclasses import dataclass
from typing import Final

import numpy as np
from scipy.special import ndtr, ndtri

from simulator.model.compiled import BoolArray, CompiledModel, FloatArray

SHOCK_RANGE: Final = 9.0  # the normal has 2e-19 of its mass beyond
SHOCK_TOLERANCE: Final = 1e-14
FINEST_SHOCK_STEP: Final = 2.0**-9


@dataclass(frozen=True, eq=False, slots=True)
class Block:
    """One combination of what is settled on the first day."""

    committed: BoolArray  # (N,)
    allotted: FloatArray  # (N,) soldiers as planned; 0 for those who do not commit
    consent: bool
    # Room at the open bases, and share on station there without and with tanking
    basing: tuple[float, float, float]
    # (2,) of this combination together with the backstop off, or on, at the start
    probability: FloatArray


def mixture(model: CompiledModel, row: int) -> tuple[list[Block], float]:
    """Return every combination with its probability, and a bound on the error of those.

    Combinations that cannot differ afterwards are one block: consent does not matter without
    soldiers, nor do bases without aircraft.
    """
    subsets, chances, error = _committed_subsets(model, row)
    start_on = float(model.backstop.on_at_start[row]) if model.backstop.promised else 0.0
    accepted = float(model.mission.consent[row])
    blocks_refused = float(model.mission.refusal_blocks[row])
    answers = {True: accepted, False: (1.0 - accepted) * (1.0 - blocks_refused)}
    allotted = _allotted(model, row, subsets)
    aircraft = subsets @ model.contributors.aircraft

    weights: dict[tuple[int, bool, tuple[float, float, float]], FloatArray]
    weights = defaultdict(lambda: np.zeros(2))
    start = np.array([1.0 - start_on, start_on])
    nobody, anything = 0, (0.0, 0.0, 0.0)
    weights[nobody, True, anything] += start * (1.0 - accepted) * blocks_refused
    for k in range(len(subsets)):
        for consent, answer in answers.items():
            for basing, share in _basings(model, row).items():
                key = (
                    k,
                    consent or not allotted[k].any(),
                    basing if aircraft[k] > 0.0 else anything,
                )
                weights[key] += start * chances[k] * answer * share
    blocks = [
        Block(subsets[k], allotted[k], consent, basing, probability)
        for (k, consent, basing), probability in weights.items()
        if probability.any()
    ]
    return blocks, error


def _committed_subsets(model: CompiledModel, row: int) -> tuple[BoolArray, FloatArray, float]:
    """Return all subsets (2**N, N), their probabilities with the backstop off and on, an error.

    The common shock is integrated by the trapezoidal rule, which converges geometrically for a
    smooth function against the normal density (Trefethen & Weideman 2014, SIAM Review 56:385),
    also where a correlation near 1 makes Gauss-Hermite rules fail. Its step is halved until the
    probabilities stand still; the error is how far they last moved, summed.
    """
    n = len(model.contributors.names)
    subsets = (np.arange(2**n)[:, None] >> np.arange(n) & 1).astype(bool)
    step = 0.5
    chances = _integrate_shock(model, row, subsets, step)
    while True:
        step /= 2.0
        finer = _integrate_shock(model, row, subsets, step)
        error = float(np.abs(finer - chances).sum())
        chances = finer
        if error <= SHOCK_TOLERANCE or step <= FINEST_SHOCK_STEP:
            return subsets, chances, error


def _integrate_shock(model: CompiledModel, row: int, subsets: BoolArray, step: float) -> FloatArray:
    """Return the probabilities of subsets, shape (2**N, 2), with a given step of the rule."""
    force = model.contributors
    r = force.political_correlation[row]
    shock = np.arange(-SHOCK_RANGE, SHOCK_RANGE + step / 2.0, step)
    density = np.exp(-0.5 * shock**2)
    density /= density.sum()
    threshold = ndtri(force.commitment[row])[:, None]
    willing = ndtr((threshold - np.sqrt(r) * shock) / np.sqrt(1.0 - r))  # (N, nodes)
    chances = np.empty((len(subsets), 2))
    for on in (False, True):
        able = willing * (on | ~force.needs_backstop)[:, None]
        joint = np.broadcast_to(density, (len(subsets), density.size)).copy()
        for i in range(len(force.names)):
            joint *= np.where(subsets[:, i, None], able[i], 1.0 - able[i])
        chances[:, int(on)] = joint.sum(axis=1)
    return chances


def _allotted(model: CompiledModel, row: int, subsets: BoolArray) -> FloatArray:
    """Return the soldiers each subset sends as planned, shape (2**N, N)."""
    offered = np.where(subsets, model.contributors.troops[row], 0.0)
    total = offered.sum(axis=1, keepdims=True)
    scale = model.mission.target_troops / np.where(total > 0.0, total, 1.0)
    if not model.mission.as_needed:
        scale = np.minimum(1.0, scale)
    return np.asarray(np.floor(offered * scale))


def _basings(model: CompiledModel, row: int) -> dict[tuple[float, float, float], float]:
    """Return what the sets of open hosts come to, each with its probability."""
    air = model.air
    endurance = np.stack([air.endurance_h[row], air.endurance_tanked_h[row]])[:, None]
    transit = 2.0 * air.base_distance_km / air.cruise_km_h[row]
    on_station = np.clip(endurance - transit, 0.0, None) / (endurance + air.turnaround_h[row])
    on_station = on_station * air.serviceability[row]  # (2, B)
    basings: dict[tuple[float, float, float], float] = defaultdict(float)
    for opened in np.ndindex(*(2,) * len(air.hosts)):
        is_open = np.asarray(opened, bool)
        chance = np.where(is_open, air.host_open[row], 1.0 - air.host_open[row]).prod()
        room = air.base_capacity * is_open[air.base_host]
        total = float(room.sum())
        untanked, tanked = (on_station @ (room / total)).tolist() if total > 0.0 else (0.0, 0.0)
        basings[total, untanked, tanked] += float(chance)
    return dict(basings)
