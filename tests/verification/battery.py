"""The battery: what an engine must pass, with one false-alarm rate for all of it.

Every finding is a bound on the probability that a right engine would look this bad. None rests on
an approximation that holds only for large samples.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, TypeAlias

import numpy as np

from simulator.addresses import independent_world_uniforms
from simulator.engines import exact, reference, worlds
from simulator.engines.records import EventLog
from simulator.model.compiled import CompiledModel, FloatArray
from simulator.verification import against_worlds
from simulator.verification.against_exact import Check, against_exact
from simulator.verification.verify import ages, sample
from tests.verification.replay import chances, replay

FALSE_ALARM_RATE = 1e-6  # of one whole run of the battery on one engine

# The engine at work: for as long as the context lasts, on the model that the context gives back.
Engine: TypeAlias = Callable[[CompiledModel], AbstractContextManager[CompiledModel]]
RIGHT: Engine = nullcontext


@dataclass(frozen=True)
class Finding:
    """How likely a right engine is to look this bad in one respect."""

    test: str
    what: str
    chance: float


def when_and_which(
    model: CompiledModel,
    trials: int,
    events: int,
    log: EventLog,
    end_times: FloatArray | None = None,
) -> list[Finding]:
    """Replay a log of worlds, or of whole paths if ``end_times`` are given.

    Parameters
    ----------
    events : int
        How many gaps to test; fixed beforehand, so that their number is no evidence.
    """
    found = chances(replay(model, trials, log, end_times), events)
    return [Finding(*name.split(": ", maxsplit=1), chance) for name, chance in found.items()]


def in_its_log(
    model: CompiledModel, trials: int, events: int, engine: Engine = RIGHT
) -> list[Finding]:
    """Replay the worlds of the fast engine."""
    with engine(model) as believed:
        log = worlds.world_log(believed, trials, independent_world_uniforms)
    return when_and_which(model, trials, events, log)


def in_expectation(
    model: CompiledModel, trials: int, engine: Engine = RIGHT, years: FloatArray | None = None
) -> list[Finding]:
    """Compare means over the worlds of the fast engine with the exact engine's expectations."""
    at = ages(model.horizon) if years is None else years
    with engine(model) as believed:
        samples = sample(believed, trials, at)
    checks = against_exact(model, samples, at, solve=_solved)
    return [_finding("exact", check) for check in checks]


def given_worlds(model: CompiledModel, trials: int, engine: Engine = RIGHT) -> list[Finding]:
    """Compare whole paths with what the fast engine expects of their worlds."""

    def of_worlds(_: CompiledModel, *arguments: Any) -> Any:
        with engine(model) as believed:
            return worlds.simulate_worlds(believed, *arguments)

    checks = against_worlds.given_worlds(
        model, trials, ages(model.horizon), simulate=_paths, of_worlds=of_worlds
    )
    return [_finding("given worlds", check) for check in checks]


def same_worlds(model: CompiledModel, trials: int, engine: Engine = RIGHT) -> bool:
    """Whether the fast engine has the events of whole paths, up to the end of each."""

    def log(_: CompiledModel, *arguments: Any) -> EventLog:
        with engine(model) as believed:
            return worlds.world_log(believed, *arguments)

    checks = against_worlds.same_worlds(model, trials, simulate=_paths, log=log)
    return all(check.agrees for check in checks)


def failures(findings: list[Finding], false_alarm_rate: float = FALSE_ALARM_RATE) -> list[Finding]:
    """Return what a right engine would almost surely not show."""
    return [f for f in findings if f.chance < false_alarm_rate / len(findings)]


def _finding(test: str, check: Check) -> Finding:
    return Finding(test, f"{check.what}, {check.worst}", check.deviation * check.compared)


@lru_cache(maxsize=8)
def _paths(model: CompiledModel, trials: int, uniforms: Any) -> Any:
    """Simulate whole paths once, however many engines are compared with them."""
    return reference.simulate(model, trials, uniforms)


@lru_cache(maxsize=64)
def _cached(model: CompiledModel, years: tuple[float, ...]) -> Any:
    return exact.expectations(model, np.array(years))


def _solved(model: CompiledModel, years: Any) -> Any:
    """Solve a model once, however many engines are compared with it."""
    return _cached(model, tuple(years.tolist()))
