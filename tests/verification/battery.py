"""The battery: what an engine must pass, with one false-alarm rate for all of it.

Every finding is a bound on the probability that a right engine would look this bad. None rests on
an approximation that holds only for large samples.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np

from simulator.analysis import against_exact as exactness
from simulator.engines import exact
from simulator.model.compiled import CompiledModel
from tests.verification.replay import (
    Replay,
    chance_of_residual,
    chance_of_shape,
    chance_of_total,
    replay,
)

FALSE_ALARM_RATE = 1e-6  # of one whole run of the battery on one engine

Simulate = Callable[..., Any]


@dataclass(frozen=True)
class Finding:
    """How likely a right engine is to look this bad in one respect."""

    test: str
    what: str
    chance: float


def when_and_which(
    simulate: Simulate, model: CompiledModel, paths: int, events: int
) -> list[Finding]:
    """Replay the paths of a model.

    Parameters
    ----------
    events : int
        How many gaps to test; fixed beforehand, so that their number tells nothing.
    """
    total = paths * model.draws.size
    records, log = simulate(model, paths, 0, total, log=True)
    said: Replay = replay(model, paths, records, log)
    if said.impossible:
        return [Finding("possible", said.impossible[0], 0.0)]
    if len(said.gaps) < events:
        return [Finding("when", f"{len(said.gaps)} gaps, at least {events} expected", 0.0)]
    gaps = said.gaps[:events]
    return [
        Finding("when", "total of the gaps", chance_of_total(gaps)),
        Finding("when", "shape of the gaps", chance_of_shape(gaps)),
        *(Finding("which", kind, chance_of_residual(r)) for kind, r in said.which.items()),
        *(Finding("independence", kind, chance_of_residual(r)) for kind, r in said.after.items()),
    ]


def in_expectation(simulate: Simulate, model: CompiledModel, paths: int) -> list[Finding]:
    """Compare expectations with the exact engine's."""
    checks = exactness.against_exact(model, paths, fast=simulate, solve=_solved)
    return [
        Finding("exact", f"{check.what}, {check.worst}", check.deviation * check.compared)
        for check in checks
    ]


def failures(findings: list[Finding], false_alarm_rate: float = FALSE_ALARM_RATE) -> list[Finding]:
    """Return what a right engine would almost surely not show."""
    return [f for f in findings if f.chance < false_alarm_rate / len(findings)]


@lru_cache(maxsize=64)
def _cached(model: CompiledModel, years: tuple[float, ...]) -> Any:
    return exact.expectations(model, np.array(years))


def _solved(model: CompiledModel, years: Any) -> Any:
    """Solve a model once, however many engines are compared with it."""
    return _cached(model, tuple(years.tolist()))
