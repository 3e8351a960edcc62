"""The mixture over what is settled on the first day, and the states of the Markov chains in it.

Given who commits, whether Russia accepts the force and which bases are open, a path is a Markov
chain: each such combination is a `Block`, which has a probability.

A *force state* says, within one block of the mixture, which of the committed have left, whether
reinforcement has come, or that the mission has ended (after which nothing else about the force
matters, unless its effect stays: then how many had come, and whether they were reinforced). Who has
arrived is a matter of time alone, so it is no part of the state. A state is a force state with the
backstop off or on and a phase; its number is ``(force * backstops + backstop) * 3 + phase``.
"""

from collections import defaultdict
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr, ndtri

from simulator.model.compiled import PHASES, BoolArray, CompiledModel, FloatArray, IntArray

ESTABLISHING, HOLDING, FAILING = range(3)
MAX_STATES: Final = 100_000
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


class ModelTooLargeError(ValueError):
    """The exact engine cannot hold the model; the message names the size and the limit."""


@dataclass(frozen=True, eq=False, slots=True)
class States:
    """Force states (axis F) of one draw, how they follow one another, and where paths begin."""

    model: CompiledModel
    row: int  # of the draw in the model
    weight_error: float  # bound on the error of the mixture's probabilities
    member: BoolArray  # (F, N) committed
    # (F, N) committed, not left, mission not ended: deployed once the time of arrival has come
    staying: BoolArray
    come: BoolArray  # (F, N) committed and, where the mission has ended, there before it did
    # (F, N) soldiers of every contributor of the block; 0 for those not committed
    allotted: FloatArray
    left: FloatArray  # (F,) how many have left
    reinforced: BoolArray  # (F,)
    ended: BoolArray  # (F,)
    consent: BoolArray  # (F,)
    basing: FloatArray  # (F, 3)
    exit_from: IntArray  # (E,) force states before and after contributor ``exit_of`` leaves
    exit_to: IntArray
    exit_of: IntArray
    # (F,) force state that follows; the state itself where the move does not exist. The end of the
    # mission leads to ``after_end`` plus ``per_arrival`` for everyone who has come.
    after_end: IntArray
    after_reinforcement: IntArray
    start: FloatArray  # (F * backstops * 3,) probability of every state on the first day; sums to 1
    backstops: int  # 2, or 1 where nothing was promised
    per_arrival: int


def size_bound(model: CompiledModel) -> int:
    """Return an upper bound on the number of states, without building any.

    A contributor is out, staying or gone: 3**N sets of those, each reinforced or not; a mission
    that has ended leaves 2**N, times N + 1 and again reinforced or not where its effect stays.
    """
    n = len(model.contributors.names)
    reinforced = 1 if model.mission.reinforcement_ceiling is None else 2
    answers = 2 if bool(((model.mission.consent > 0) & (model.mission.consent < 1)).any()) else 1
    hosts = len(model.air.hosts) if model.contributors.aircraft.any() else 0
    backstops = 2 if model.backstop.promised else 1
    ended = 2**n * ((n + 1) * reinforced if model.presence.stays.any() else 1)
    forces: int = (reinforced * 3**n + ended) * answers * 2**hosts
    return forces * backstops * len(PHASES)


def check_size(model: CompiledModel) -> None:
    """Refuse a model that is too large, before anything grows with it."""
    bound = size_bound(model)
    if bound > MAX_STATES:
        raise ModelTooLargeError(
            f"{len(model.contributors.names)} contributors and {len(model.air.hosts)} hosts make "
            f"up to {bound:,} states; the exact engine takes at most {MAX_STATES:,}"
        )


def enumerate_states(model: CompiledModel, row: int) -> States:
    """Number the states of the mixture of a draw."""
    blocks, weight_error = mixture(model, row)
    reinforcible = 1 if model.mission.reinforcement_ceiling is None else 2
    backstops = 2 if model.backstop.promised else 1
    stays = bool(model.presence.stays[row])
    arrivals = np.argsort(model.contributors.arrival[row], kind="stable")
    parts = [_of_block(block, reinforcible, arrivals if stays else None) for block in blocks]
    sizes = np.array([part["left"].size for part in parts])
    offset = np.concatenate([[0], np.cumsum(sizes)[:-1]])
    moves = ("exit_from", "exit_to", "after_end", "after_reinforcement")
    joined = {
        name: np.concatenate(
            [part[name] + (offset[b] if name in moves else 0) for b, part in enumerate(parts)]
        )
        for name in parts[0]
    }
    # Everyone is still to come, nothing has happened: force state 0 of each block.
    start = np.zeros((int(sizes.sum()), backstops, len(PHASES)))
    for b, block in enumerate(blocks):
        start[offset[b], :, ESTABLISHING] = block.probability[:backstops]
    return States(
        model=model,
        row=row,
        weight_error=weight_error,
        **joined,
        start=start.ravel(),
        backstops=backstops,
        per_arrival=reinforcible if stays else 0,
    )


def _of_block(
    block: Block, reinforcible: int, arrivals: IntArray | None
) -> dict[str, NDArray[Any]]:
    """Number the force states of one block from 0; the last ones are ended missions.

    The others are ``set of those who have left * reinforcible + reinforced``. Ended missions are
    ``how many have come * reinforcible + reinforced`` where that matters, in the order
    ``arrivals`` of all contributors; otherwise there is one.
    """
    members = np.flatnonzero(block.committed)
    sets = np.arange(2**members.size)
    has_left = np.zeros((sets.size, block.committed.size), bool)
    has_left[:, members] = (sets[:, None] >> np.arange(members.size) & 1).astype(bool)
    staying = np.repeat(block.committed & ~has_left, reinforcible, axis=0)
    running = staying.shape[0]
    own = np.arange(running)
    reinforced = own % reinforcible == 1
    leaves, bit = np.nonzero(staying[:, members])
    remembered = 1 if arrivals is None else (members.size + 1) * reinforcible
    after = np.arange(remembered)
    was_reinforced = (after % reinforcible == 1) if arrivals is not None else np.zeros(1, bool)
    come = np.zeros((remembered, block.committed.size), bool)
    if arrivals is not None:
        in_order = arrivals[block.committed[arrivals]]
        for number in range(members.size + 1):
            come[number * reinforcible : (number + 1) * reinforcible, in_order[:number]] = True
    everything = running + remembered
    nobody = np.zeros((remembered, block.committed.size), bool)
    return {
        "member": np.tile(block.committed, (everything, 1)),
        "staying": np.concatenate([staying, nobody]),
        "come": np.concatenate([np.tile(block.committed, (running, 1)), come]),
        "allotted": np.tile(block.allotted, (everything, 1)),
        "left": np.append(members.size - staying.sum(axis=1), np.zeros(remembered)),
        "reinforced": np.append(reinforced, was_reinforced),
        "ended": np.arange(everything) >= running,
        "consent": np.full(everything, block.consent),
        "basing": np.tile(np.array(block.basing), (everything, 1)),
        "exit_from": leaves,
        "exit_to": leaves + (1 << bit) * reinforcible,
        "exit_of": members[bit],
        "after_end": np.append(
            running + (reinforced if arrivals is not None else 0 * own), running + after
        ),
        "after_reinforcement": np.append(
            own + ((reinforcible == 2) & ~reinforced), running + after
        ),
    }
