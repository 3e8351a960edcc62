"""What every engine can say about a model: expectations by draw, each with its error."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields
from typing import Final, Literal, Protocol

import numpy as np

from simulator.engines.records import EVENT_KINDS, PathRecords, Request
from simulator.model.compiled import CAUSES, CompiledModel, FloatArray


@dataclass(frozen=True, eq=False, slots=True)
class Estimate:
    """Values with both kinds of error, all of one shape.

    Attributes
    ----------
    value : float64 array
    mcse : float64 array
        Monte Carlo standard error; 0 where nothing was sampled.
    numerical_error : float64 array
        Bound on the error of the arithmetic and of any discretisation.
    """

    value: FloatArray
    mcse: FloatArray
    numerical_error: FloatArray


@dataclass(frozen=True, eq=False, slots=True)
class Expectations:
    """Expectations over chance, one row per draw of the assumptions.

    Attributes
    ----------
    years : float64 array, shape (G,)
        Times at which curves are given, in [0, horizon].
    survival : Estimate, shape (D, G)
        Probability that the ceasefire still holds at those times.
    incidence : Estimate, shape (D, C, G)
        Cumulative incidence: probability of collapse by then, by cause.
    rmst : Estimate, shape (D,)
        Years lived, restricted to the horizon.
    events : Estimate, shape (D, len(EVENT_KINDS))
        Events of each kind before the end.
    troop_years, troop_years_first : Estimate, shape (D,)
        Soldiers deployed, integrated to the end, and over the first year only.
    backstop_off_years : Estimate, shape (D,)
    cost : Estimate, shape (D,)
        Pounds.
    """

    years: FloatArray
    survival: Estimate
    incidence: Estimate
    rmst: Estimate
    events: Estimate
    troop_years: Estimate
    troop_years_first: Estimate
    backstop_off_years: Estimate
    cost: Estimate

    def estimates(self) -> dict[str, Estimate]:
        """Return the estimates by name."""
        return {f.name: getattr(self, f.name) for f in fields(self) if f.name != "years"}


class Sampler(Protocol):
    """An engine that lives through paths."""

    def __call__(
        self,
        model: CompiledModel,
        paths_per_draw: int,
        first: int,
        last: int,
        *,
        log: Literal[False] = ...,
    ) -> PathRecords:
        """Live through the paths ``[first, last)``."""
        ...


def sampled(
    simulate: Sampler, model: CompiledModel, request: Request, years: FloatArray
) -> Expectations:
    """Estimate expectations by living through paths.

    The numerical error is that of summing ``paths`` doubles; that of the paths themselves is what
    `simulator verify` measures.
    """
    columns = _Columns(years)
    sums = np.zeros((2, model.draws.size, columns.size))
    for row in range(model.draws.size):
        begin, end = row * request.paths, (row + 1) * request.paths
        for first in range(begin, end, request.block):
            last = min(first + request.block, end)
            observed = columns.observe(simulate(model, request.paths, first, last))
            sums[0, row] += observed.sum(axis=0)
            sums[1, row] += np.square(observed).sum(axis=0)
    mean = sums[0] / request.paths
    variance = np.maximum(0.0, sums[1] / request.paths - mean**2)
    mcse = np.sqrt(variance / max(1, request.paths - 1))
    rounding = np.finfo(np.float64).eps * request.paths * np.abs(mean)
    return columns.expectations(mean, mcse, rounding)


class _Columns:
    """Lays the quantities of `Expectations` side by side, one column each."""

    def __init__(self, years: FloatArray) -> None:
        self.years = np.asarray(years, np.float64)
        self.size = (1 + len(CAUSES)) * self.years.size + 5 + len(EVENT_KINDS)

    def observe(self, records: PathRecords) -> FloatArray:
        """Return what each path contributes, shape (P, columns)."""
        censored = records.cause < 0
        ended_by = (records.end_time[:, None] <= self.years) & ~censored[:, None]
        by_cause = [ended_by & (records.cause == c)[:, None] for c in range(len(CAUSES))]
        scalars = [getattr(records, name)[:, None] for name in SCALARS.values()]
        return np.concatenate([~ended_by, *by_cause, *scalars, records.events], axis=1).astype(
            np.float64
        )

    def expectations(
        self, value: FloatArray, mcse: FloatArray, numerical_error: FloatArray
    ) -> Expectations:
        """Return the columns by name; every argument has shape (D, columns)."""
        g = self.years.size
        curves = (1 + len(CAUSES)) * g
        draws = value.shape[0]

        def take(
            columns: slice, shape: Callable[[FloatArray], FloatArray] = lambda a: a
        ) -> Estimate:
            parts = (shape(a[:, columns]) for a in (value, mcse, numerical_error))
            return Estimate(*parts)

        scalars = {
            name: take(slice(curves + i, curves + i + 1), lambda a: a[:, 0])
            for i, name in enumerate(SCALARS)
        }
        return Expectations(
            years=self.years,
            survival=take(slice(0, g)),
            incidence=take(slice(g, curves), lambda a: a.reshape(draws, len(CAUSES), g)),
            events=take(slice(curves + len(SCALARS), self.size)),
            **scalars,
        )


SCALARS: Final = {
    "rmst": "end_time",
    "troop_years": "troop_years",
    "troop_years_first": "troop_years_first",
    "backstop_off_years": "backstop_off_years",
    "cost": "cost",
}
