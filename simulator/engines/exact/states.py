"""The states of the Markov chain, numbered, and the moves between them.

A *force state* says, within one block of the mixture, which of the committed have left, whether
reinforcement has come, or that the mission has ended (after which nothing else about the force
matters, unless its effect stays: then how many had come, and whether they were reinforced). Who has
arrived is a matter of time alone, so it is no part of the state. A state is a force state with the
backstop off or on and a phase; its number is ``(force * backstops + backstop) * 3 + phase``.
"""

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from simulator.engines.exact.mixture import Block
from simulator.model.compiled import PHASES, BoolArray, CompiledModel, FloatArray, IntArray

ESTABLISHING, HOLDING, FAILING = range(3)
MAX_STATES: Final = 100_000


class ModelTooLargeError(ValueError):
    """The exact engine cannot hold the model; the message names the size and the limit."""


@dataclass(frozen=True, eq=False, slots=True)
class States:
    """Force states (axis F), how they follow one another, and where paths begin."""

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
    that has ended leaves 2**N, times N + 1 and again reinforced or not where its effect stays;
    all of that for every answer of Russia, set of open hosts, state of
    the backstop and phase.
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


def enumerate_states(model: CompiledModel, row: int, blocks: list[Block]) -> States:
    """Number the states of the mixture of a draw."""
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
        if name != "exit_of"
    }
    # Everyone is still to come, nothing has happened: force state 0 of each block.
    start = np.zeros((int(sizes.sum()), backstops, len(PHASES)))
    for b, block in enumerate(blocks):
        start[offset[b], :, ESTABLISHING] = block.probability[:backstops]
    return States(
        **joined,
        exit_of=np.concatenate([part["exit_of"] for part in parts]),
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
