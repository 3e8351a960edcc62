"""How an actor waits: an alarm that keeps the order of ties, a budget that a hazard uses up."""

from __future__ import annotations

import math
from collections.abc import Callable, Generator
from typing import TYPE_CHECKING, Any, TypeAlias

from simpy import Environment, Event, Interrupt
from simpy.events import NORMAL, EventPriority

from simulator.engines.reference.rates import Hazard

if TYPE_CHECKING:
    from simulator.engines.reference.path import Path

Process: TypeAlias = Generator[Event, Any, None]


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


def wait(path: Path, budget: float, rate: float, row: int) -> Process:
    """Wait until a constant rate, per year, has used up a budget."""
    yield alarm(path, Hazard(rate).years_to_use(budget, path.env.now), row)


def spend(path: Path, budget: float, hazard: Callable[[], Hazard], row: int) -> Process:
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
