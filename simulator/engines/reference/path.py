"""One simulated ceasefire: what is true now, how all hear of a change, and how an actor waits."""

import math
from collections.abc import Callable, Generator
from dataclasses import dataclass
from typing import Any, TypeAlias

from simpy import Environment, Event, Interrupt, Process
from simpy.events import NORMAL, EventPriority

from simulator.engines.reference.initial import RandomNumbers, Uniforms, initial_conditions
from simulator.engines.reference.rates import Hazard, Situation, cause_hazard, rates
from simulator.model import clocks
from simulator.model.clocks import row_names
from simulator.model.compiled import CAUSES, STEPS, CompiledModel

Waiting: TypeAlias = Generator[Event, Any, None]  # a process, as simpy runs it


@dataclass(frozen=True, slots=True)
class EventRecord:
    """One event of a path, with the moment before it and the state after it."""

    time: float  # years since the ceasefire
    row: int  # row of the event log
    name: str  # its name, e.g. ``contributor:france`` or ``cause:offensive``
    kind: str  # one of ``EVENT_KINDS``, or ``collapse``
    phase_before: str
    phase: str
    # Probability w just before the event that a phase drawn then is failing
    failing_probability: float
    hazards: dict[str, float]  # hazards of collapse just before the event, per year
    troops: int  # soldiers deployed after the event, reinforcements included
    cost_troops: float  # the same, weighted by the cost factors of their countries
    backstop_on: bool  # after the event


class Path:
    """One trial of one draw. Actors read its state, change it and say so with `announce`."""

    def __init__(self, model: CompiledModel, row: int, trial: int, uniforms: Uniforms) -> None:
        self.model, self.row = model, row
        self.names = row_names(model)
        self.numbers = RandomNumbers(model.seed, int(model.draws[row]), trial, uniforms)
        self.initial = initial_conditions(model, row, self.numbers)
        self.env = Environment()
        self.over = self.env.event()
        self.first_arrival = self.env.event()
        # Actors whose hazard may change while they wait, and the hazard they reckon with.
        self.waiting: dict[Process, tuple[Callable[[], Hazard], Hazard]] = {}
        self.events: list[EventRecord] = []

        self.phase = "establishing"
        self.backstop_on = self.initial.backstop_on
        self.deployed: list[int] = []
        self.come: list[int] = []  # and may have left
        self.exits = self.rescues = 0
        self.mission_ended = False
        self.reinforced = False
        self.steps = dict.fromkeys(("army_restored", "reconstituted"), 0)
        self.rates = rates(model, row, self.situation())

    def allotted(self, who: list[int] | None = None) -> int:
        """Return the soldiers that some contributors brought themselves; those deployed if None."""
        return sum(self.initial.allotted[i] for i in (self.deployed if who is None else who))

    def troops(self, who: list[int] | None = None) -> int:
        """Return the soldiers of some contributors, grown by reinforcement up to its ceiling."""
        allotted = self.allotted(who)
        ceiling = self.model.mission.reinforcement_ceiling
        if not self.reinforced or ceiling is None:
            return allotted
        grown = math.floor(allotted * float(self.model.mission.growth[self.row]))
        return max(allotted, min(math.floor(ceiling), grown))

    def cost_troops(self) -> float:
        """Return the soldiers deployed, weighted by what one of their country costs."""
        factor = self.model.contributors.cost_factor
        weighted = math.fsum(self.initial.allotted[i] * float(factor[i]) for i in self.deployed)
        return weighted * self.troops() / max(1, self.allotted())

    def situation(self) -> Situation:
        """Return everything that doses depend on."""
        force = self.model.contributors
        return Situation(
            troops=self.troops(),
            come=self.troops(self.come),
            aircraft=float(sum(force.aircraft[i] for i in self.deployed)),
            ships=float(sum(force.ships[i] for i in self.deployed)),
            basing=self.initial.basing,
            consent=self.initial.consent,
            backstop_on=self.backstop_on,
            army=self.steps["army_restored"] / STEPS,
            russia=self.steps["reconstituted"] / STEPS,
        )

    def cause_hazard(self, cause: str) -> Hazard:
        """Return the present hazard of collapse by one cause."""
        return cause_hazard(self.model, self.row, self.phase, cause, self.rates)

    def announce(self, row: int, kind: str, phase: str | None = None) -> None:
        """Write an event down, work out what it implies, and wake whom it concerns.

        ``phase`` is the one that was drawn, if one was.
        """
        before = self.rates
        hazards = {cause: self.cause_hazard(cause).at(self.env.now) for cause in CAUSES}
        phase_before, self.phase = self.phase, phase or self.phase
        self.rates = rates(self.model, self.row, self.situation())
        if kind not in ("phase", "reinforcement", "collapse"):
            self._rescue(before.failing_probability, self.rates.failing_probability)
        self.events.append(
            EventRecord(
                time=self.env.now,
                row=row,
                name=self.names[row],
                kind=kind,
                phase_before=phase_before,
                phase=self.phase,
                failing_probability=before.failing_probability,
                hazards=hazards,
                troops=self.troops(),
                cost_troops=self.cost_troops(),
                backstop_on=self.backstop_on,
            )
        )
        for process, (hazard, current) in list(self.waiting.items()):
            if hazard() != current:
                process.interrupt()

    def _rescue(self, before: float, after: float) -> None:
        """Where a fall of the probability of failing rescues, as large a share of it holds."""
        able = bool(self.model.hazards.rescues[self.row]) and self.phase == "failing"
        if able and after < before:
            uniform = self.numbers.uniform(clocks.RESCUE.format(self.rescues))
            self.rescues += 1
            if uniform < 1.0 - after / before:
                self.phase = "holding"


class Alarm(Event):
    """Goes off after a delay; of alarms at one time, the one with the lowest row goes first.

    simpy breaks ties by priority, and knows two of them. Rows come after both, so everyone has
    heard of one event before the next one at the same time happens.
    """

    def __init__(self, env: Environment, delay: float, row: int) -> None:
        super().__init__(env)
        self._ok = True
        self._value = None
        env.schedule(self, priority=EventPriority(NORMAL + 1 + row), delay=delay)


def alarm(path: Path, delay: float, row: int) -> Event:
    """Return an alarm, or for an infinite delay an event that never comes."""
    return path.env.event() if math.isinf(delay) else Alarm(path.env, delay, row)


def wait(path: Path, budget: float, rate: float, row: int) -> Waiting:
    """Wait until a constant rate, per year, has used up a budget."""
    yield alarm(path, Hazard(rate).years_to_use(budget, path.env.now), row)


def spend(path: Path, budget: float, hazard: Callable[[], Hazard], row: int) -> Waiting:
    """Wait until a changing hazard has used up a budget.

    A unit exponential is the budget of integrated hazard that an actor has until its event. The
    hazard is read again whenever the actor is interrupted, and what was used until then stays
    used: a rate of zero pauses the clock, it does not set it back.
    """
    actor = path.env.active_process
    assert actor is not None  # only a running process can be here
    while True:
        began, current = path.env.now, hazard()
        path.waiting[actor] = (hazard, current)
        try:
            yield alarm(path, current.years_to_use(budget, began), row)
            return
        except Interrupt:
            # Rounding may leave a budget below zero where two events all but coincide.
            budget = max(0.0, budget - current.used(began, path.env.now))
        finally:
            del path.waiting[actor]
