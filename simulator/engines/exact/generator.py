"""The generator of the chain, while nothing changes that time alone decides.

Between two dates at which a contributor arrives, a milestone is reached or the first phase is
over, all rates are constant but one: the base hazard of holding is ``holding * exp(slope * t)``.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from scipy.sparse import coo_array, csr_array

from simulator.engines.exact.rates import Conditions, Force, Implied, deployed, implied
from simulator.engines.exact.states import ESTABLISHING, FAILING, HOLDING, States
from simulator.engines.records import EVENT_KINDS
from simulator.model.compiled import CAUSES, PHASES, BoolArray, FloatArray, IntArray

# What is counted while time passes: collapse by cause, years lived, events by kind, and more.
COUNTED: Final = (*CAUSES, "rmst", *EVENT_KINDS, "troop_years", "backstop_off_years", "cost")
WORLD_MOVES: Final = ("exit", "mission_end", "backstop")  # events of a world at a rate
EVERY_PHASE: Final = (ESTABLISHING, HOLDING, FAILING)


@dataclass(frozen=True, eq=False, slots=True)
class Generator:
    """Flows between states (axis S), losses to collapse, and what is counted meanwhile."""

    # (S, S) ``inflow @ p`` is what flows into every state, per year; its diagonal, what leaves a
    # state and comes back to it at once, moves nothing
    inflow: csr_array
    outflow: FloatArray  # (S,) what leaves every state, per year, but for collapse from holding
    # (S,) collapse from holding at t = 0, per year; it grows with ``exp(slope * t)``
    ageing: FloatArray
    # (S, len(COUNTED)) rate of everything counted, but for collapse from holding
    counted: FloatArray
    ageing_causes: FloatArray  # (S, C) `ageing` by cause

    def collapse(self, slope: float, time: float) -> FloatArray:
        """Return the hazard of collapse in every state at an age, per year, shape (S,)."""
        constant = self.counted[:, : len(CAUSES)].sum(axis=1)
        return np.asarray(constant + self.ageing * np.exp(slope * time))


def build(s: States, now: Conditions) -> Generator:
    """Build the generator that holds under given conditions."""
    money, row = s.model.money, s.row
    force = deployed(s, now.arrived)
    effect = implied(s, force, now)
    moves = _Moves(s, force)
    if s.model.hazards.rescues[row]:
        moves.failing_probability = effect.failing_probability.ravel()
    _force_moves(moves, s, force, now.arrived)
    _political_moves(moves, s, effect, now)

    by_force = np.repeat(np.arange(force.troops.size), s.backstops * len(PHASES))
    collapse, ageing = _collapse(s, effect, now)
    off = np.zeros((force.troops.size, s.backstops, len(PHASES)))
    off[:, 0] = 1.0
    moves.count_while("rmst", np.ones(s.start.size))
    moves.count_while("troop_years", force.troops[by_force])
    moves.count_while("backstop_off_years", off.ravel())
    moves.count_while("cost", money.per_soldier_year[row] * force.cost_troops[by_force])
    for c, cause in enumerate(CAUSES):
        moves.count_while(cause, collapse[:, c])
    inflow = moves.inflow()
    return Generator(
        inflow=inflow,
        outflow=np.asarray(inflow.sum(axis=0)).ravel() + collapse.sum(axis=1),
        ageing=ageing.sum(axis=1),
        counted=moves.counted,
        ageing_causes=ageing,
    )


class _Moves:
    """Collects moves between states and what is counted in each."""

    def __init__(self, s: States, force: Force) -> None:
        self.s, self.force = s, force
        self.setup = float(s.model.money.setup_per_soldier[s.row])
        self.per_force = s.backstops * len(PHASES)
        self.counted = np.zeros((s.start.size, len(COUNTED)))
        self.parts: list[tuple[IntArray, IntArray, FloatArray]] = []
        self.failing_probability: FloatArray | None = None  # set where its fall rescues

    def between_states(
        self, kind: str, origin: IntArray, target: IntArray, rate: FloatArray
    ) -> None:
        """Add moves, counted as events of a kind; new soldiers are paid for as they come."""
        saved = rate * self._rescued(kind, origin, target)
        self.parts.append((origin, target, rate - saved))
        self.parts.append((origin, target - (FAILING - HOLDING), saved))
        np.add.at(self.counted[:, COUNTED.index(kind)], origin, rate)
        cost_troops = self.force.cost_troops
        more = cost_troops[target // self.per_force] - cost_troops[origin // self.per_force]
        spent = rate * self.setup * np.maximum(more, 0.0)
        np.add.at(self.counted[:, COUNTED.index("cost")], origin, spent)

    def _rescued(self, kind: str, origin: IntArray, target: IntArray) -> FloatArray:
        """Return the share of the moves that end in holding, not failing, because w falls."""
        n = len(PHASES)
        share = np.zeros(origin.size)
        if self.failing_probability is not None and kind in WORLD_MOVES:
            before, after = (self.failing_probability[state // n] for state in (origin, target))
            fails = (origin % n == FAILING) & (after < before)
            share[fails] = 1.0 - after[fails] / before[fails]
        return share

    def between_forces(
        self,
        kind: str,
        origin: IntArray,
        target: IntArray,
        rate: FloatArray,
        phases: tuple[int, ...] = EVERY_PHASE,
    ) -> None:
        """Add moves between force states, in some phases, with the backstop as it is."""
        for backstop in range(self.s.backstops):
            for phase in phases:
                within = backstop * len(PHASES) + phase
                origin_state = origin * self.per_force + within
                self.between_states(kind, origin_state, target * self.per_force + within, rate)

    def count_while(self, what: str, rate: FloatArray) -> None:
        """Count something at a rate while the chain is in a state."""
        self.counted[:, COUNTED.index(what)] += rate

    def inflow(self) -> csr_array:
        """Return the moves as a sparse matrix from column to row."""
        origin, target, rate = (np.concatenate(part) for part in zip(*self.parts, strict=True))
        size = self.s.start.size
        kept = rate > 0.0
        return coo_array((rate[kept], (target[kept], origin[kept])), shape=(size, size)).tocsr()


def _force_moves(moves: _Moves, s: States, force: Force, arrived: BoolArray) -> None:
    """Exits with contagion, the end of the mission, reinforcement while failing."""
    country, mission, row = s.model.contributors, s.model.mission, s.row
    committed = np.maximum(s.member.sum(axis=1), 1)
    contagion = 1.0 + country.exit_contagion[row] * s.left / committed
    leaving = country.exit_rate[row, s.exit_of] * contagion[s.exit_from] * arrived[s.exit_of]
    moves.between_forces("exit", s.exit_from, s.exit_to, leaving)

    begun = np.flatnonzero((s.member & arrived).any(axis=1) & ~s.ended)
    ending = np.full(begun.size, mission.end_rate[row])
    come = (s.member & arrived).sum(axis=1)[begun]
    moves.between_forces("mission_end", begun, s.after_end[begun] + s.per_arrival * come, ending)

    possible = s.after_reinforcement != np.arange(s.ended.size)
    origin = np.flatnonzero(possible & (force.troops > 0.0))
    coming = np.full(origin.size, mission.reinforcement_rate[row])
    target = s.after_reinforcement[origin]
    moves.between_forces("reinforcement", origin, target, coming, phases=(FAILING,))


def _political_moves(moves: _Moves, s: States, effect: Implied, now: Conditions) -> None:
    """Flips of the backstop and draws of the phase."""
    h, backstop, row = s.model.hazards, s.model.backstop, s.row
    flat = len(PHASES) * np.arange(effect.failing_probability.size)  # each force state and backstop
    if s.backstops == 2:
        off, on = flat[0::2], flat[1::2]
        lost, regained = (
            np.full(off.size, rates[row]) for rates in (backstop.loss_rate, backstop.regain_rate)
        )
        for phase in EVERY_PHASE:
            moves.between_states("backstop", on + phase, off + phase, lost)
            moves.between_states("backstop", off + phase, on + phase, regained)
    # From every phase the next one is drawn alike; a draw that changes nothing is an event too.
    w, kappa = effect.failing_probability.ravel(), h.kappa[row]
    kappa_0 = 0.0 if now.established else h.kappa_0[row]
    for origin, rate in ((ESTABLISHING, kappa_0), (HOLDING, kappa), (FAILING, kappa)):
        moves.between_states("phase", flat + origin, flat + FAILING, rate * w)
        moves.between_states("phase", flat + origin, flat + HOLDING, rate * (1.0 - w))


def _collapse(s: States, effect: Implied, now: Conditions) -> tuple[FloatArray, FloatArray]:
    """Return hazards of collapse by cause, shape (S, C): constant ones, and holding at t = 0."""
    h, row = s.model.hazards, s.row
    w0 = 1.0 / (1.0 + np.exp(-h.logit_w0[row]))
    at_first = w0 * h.failing[row] + (1.0 - w0) * h.holding[row]
    base = np.zeros((2, len(PHASES)))
    base[0, ESTABLISHING] = 0.0 if now.established else at_first
    base[0, FAILING] = h.failing[row]
    base[1, HOLDING] = h.holding[row]
    hazards = base[:, None, None, :, None] * effect.causes[None, :, :, None, :]
    constant, ageing = hazards.reshape(2, -1, len(CAUSES))
    return constant, ageing
