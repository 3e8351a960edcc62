"""Engines that turn a compiled model into lives of ceasefires.

Every engine takes a compiled model, a request and the times of the curves, and gives
`Expectations`: values with their Monte Carlo standard error and a bound on their numerical error.
To add one, write a module and a line in `ENGINES`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Final, TypeAlias

if TYPE_CHECKING:  # engines are imported when they are asked for, not before
    from simulator.engines.expectations import Expectations
    from simulator.engines.records import Request
    from simulator.model.compiled import CompiledModel, FloatArray

    Engine: TypeAlias = Callable[[CompiledModel, Request, FloatArray], Expectations]

__all__ = ["ENGINES"]


def _core(model: CompiledModel, request: Request, years: FloatArray) -> Expectations:
    """Sample with the fast engine."""
    from simulator.engines.core import simulate
    from simulator.engines.expectations import sampled

    return sampled(simulate, model, request, years)


def _reference(model: CompiledModel, request: Request, years: FloatArray) -> Expectations:
    """Sample with the readable engine."""
    from simulator.engines.expectations import sampled
    from simulator.engines.reference import simulate

    return sampled(simulate, model, request, years)


def _exact(model: CompiledModel, request: Request, years: FloatArray) -> Expectations:
    """Solve; there is nothing to sample, so the request says nothing."""
    from simulator.engines.exact import expectations

    return expectations(model, years)


ENGINES: Final[dict[str, Engine]] = {"core": _core, "reference": _reference, "exact": _exact}
