"""Engines that are wrong on purpose: what a battery is worth is what it catches.

A mutant is the fast engine with one mistake, made either in the model that the engine believes it
was given, or in a function that it calls. All other random numbers stay the same.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import replace
from typing import Any, Final
from unittest.mock import patch

import numpy as np

from simulator import addresses
from simulator.engines import core
from simulator.model import hazards
from simulator.model.compiled import CAUSES, CompiledModel

Simulate = Callable[..., Any]


def _believing(change: Callable[[CompiledModel], CompiledModel]) -> Simulate:
    """Return an engine that takes the model for another one."""

    def simulate(model: CompiledModel, *args: Any, **options: Any) -> Any:
        return core.simulate(change(model), *args, **options)

    return simulate


def _calling(patched: Callable[[], AbstractContextManager[Any]]) -> Simulate:
    """Return an engine that calls another function."""

    def simulate(*args: Any, **options: Any) -> Any:
        with patched():
            return core.simulate(*args, **options)

    return simulate


def _part(name: str, **changes: Callable[[Any], Any]) -> Simulate:
    """Return an engine for which one part of the model has other values."""

    def change(model: CompiledModel) -> CompiledModel:
        part = getattr(model, name)
        new = {field: alter(getattr(part, field)) for field, alter in changes.items()}
        return replace(model, **{name: replace(part, **new)})

    return _believing(change)


def _without(cause: str) -> Callable[[np.ndarray], np.ndarray]:
    others = np.array([name != cause for name in CAUSES], float)
    return lambda shares: shares * others


def _odds_with_whole_effect() -> AbstractContextManager[Any]:
    right = hazards.failing_probability
    return patch.object(
        hazards,
        "failing_probability",
        lambda log_m, shares, rho, logit_w0: right(log_m, shares, np.ones_like(rho), logit_w0),
    )


def _establishing_as_failing() -> AbstractContextManager[Any]:
    return patch.object(hazards, "establishing_hazard", lambda h: h.failing)


def _biased_exponential() -> AbstractContextManager[Any]:
    right = addresses.exponentials

    def biased(*args: Any, **options: Any) -> Any:
        values = right(*args, **options)
        values *= 1.05
        return values

    return patch.object(addresses, "exponentials", biased)


def _occurrence_off_by_one() -> AbstractContextManager[Any]:
    right = addresses.occurrence_key
    return patch.object(
        addresses,
        "occurrence_key",
        lambda key, occurrence: right(key, np.maximum(np.asarray(occurrence) - 1, 0)),
    )


MUTANTS: Final[dict[str, Simulate]] = {
    "a cause dropped": _part("hazards", cause_shares=_without("unravelling")),
    "clamp ignored": _part(
        "hazards",
        log_clamp_low=lambda low: low - 50.0,
        log_clamp_high=lambda high: high + 50.0,
    ),
    "exit rate halved": _part("contributors", exit_rate=lambda rate: rate / 2.0),
    "backstop never regained": _part("backstop", regain_rate=np.zeros_like),
    "occurrence off by one": _calling(_occurrence_off_by_one),
    "phase odds without rho": _calling(_odds_with_whole_effect),
    "biased exponential": _calling(_biased_exponential),
    "exit clocks not rescaled": _part("contributors", exit_contagion=np.zeros_like),
    "ageing ignored": _part("hazards", holding_slope=np.zeros_like),
    "establishing as dangerous as failing": _calling(_establishing_as_failing),
    "reinforcement without ceiling": _part("mission", reinforcement_ceiling=lambda _: 1e9),
    "refusal ignored": _part("mission", consent=np.ones_like),
    "common shock ignored": _part("contributors", political_correlation=np.zeros_like),
    "arrivals a month late": _part("contributors", arrival=lambda years: years + 1.0 / 12.0),
}
