"""Everything that is timed, behind one interface, and the check that all of it is the same model.

An arm is made for a model and lives through its paths ``[first, last)``. `floor` simulates nothing:
it makes the random numbers that the core needs for as many paths, which no faster core could save.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec
from typing import Any, Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from simulator import addresses
from simulator.analysis.run import BLOCK
from simulator.bench import languages, layout, twins
from simulator.engines import core
from simulator.engines.records import EVENT_KINDS, PathRecords
from simulator.model.compiled import CompiledModel

TIME_TOLERANCE: Final = 1e-9  # relative; of the same path on two arms


@dataclass(frozen=True, eq=False, slots=True)
class Lives:
    """What every arm tells of its paths.

    Attributes
    ----------
    end_time : float64 array, shape (P,)
    cause : integer array, shape (P,)
    """

    end_time: NDArray[np.float64]
    cause: NDArray[np.integer]


Live: TypeAlias = Callable[[int, int], Lives]


def _lives(records: PathRecords) -> Lives:
    return Lives(records.end_time, records.cause)


def _core(model: CompiledModel, paths_per_draw: int) -> Live:
    """The fast engine in blocks, as a run calls it."""

    def live(first: int, last: int) -> Lives:
        end_time, cause = np.empty(last - first), np.empty(last - first, np.int8)
        for start in range(first, last, BLOCK):
            stop = min(start + BLOCK, last)
            records = core.simulate(model, paths_per_draw, start, stop)
            end_time[start - first : stop - first] = records.end_time
            cause[start - first : stop - first] = records.cause
        return Lives(end_time, cause)

    return live


def _simpy(model: CompiledModel, paths_per_draw: int) -> Live:
    from simulator.engines import reference

    return lambda first, last: _lives(reference.simulate(model, paths_per_draw, first, last))


def _python(model: CompiledModel, paths_per_draw: int) -> Live:
    run, tables = languages.python_run(), layout.as_lists(layout.tables(model))
    return lambda first, last: _lives(twins.live(run, tables, model, paths_per_draw, first, last))


def _numba(model: CompiledModel, paths_per_draw: int) -> Live:
    run, tables = languages.compiled_run(), layout.tables(model)
    twins.live(run, tables, model, paths_per_draw, 0, 1)  # compiles
    return lambda first, last: _lives(twins.live(run, tables, model, paths_per_draw, first, last))


def _ema(model: CompiledModel, paths_per_draw: int) -> Live:
    """EMA Workbench calls the plain Python arm, one experiment a path."""
    workbench = ema_workbench()
    tables = layout.as_lists(layout.tables(model))
    one = twins.one_path(languages.python_run(), tables, model, paths_per_draw)

    def trial(number: float) -> dict[str, float]:
        return one(int(number))

    ceasefire = workbench.Model("ceasefire", function=trial)
    paths = model.draws.size * paths_per_draw
    ceasefire.uncertainties = [workbench.IntegerParameter("number", 0, max(1, paths - 1))]
    ceasefire.outcomes = [workbench.ScalarOutcome(name) for name in ("end_time", "cause")]

    def live(first: int, last: int) -> Lives:
        scenarios = [
            workbench.Scenario(str(number), number=number) for number in range(first, last)
        ]
        with workbench.SequentialEvaluator(ceasefire) as evaluator:
            _, outcomes = evaluator.perform_experiments(
                scenarios, reporting_interval=last - first + 1
            )
        return Lives(outcomes["end_time"], outcomes["cause"].astype(np.int8))

    return live


def ema_workbench() -> Any:
    """Import EMA Workbench without its warnings of what it could use and does not find."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return import_module("ema_workbench")


def _floor(model: CompiledModel, paths_per_draw: int) -> Live:
    """Random numbers in the core's form and number, in vectors of the core's width."""
    sample = min(4096, paths_per_draw * model.draws.size)
    uniforms, exponentials = _numbers_a_path(
        model, core.simulate(model, paths_per_draw, 0, sample).events
    )
    width = core.fastest_width(BLOCK)
    out, scratch = np.empty(width), np.empty(width, np.uint64)
    keys = addresses.occurrence_key(np.uint64(1), np.arange(64))

    def live(first: int, last: int) -> Lives:
        for start in range(first, last, width):
            size = min(width, last - start)
            numbers = np.arange(start, start + size)
            bases = addresses.path_base(model.seed, numbers // paths_per_draw, numbers)
            for i in range(round(uniforms)):
                addresses.uniforms(bases, keys[i % 64], out[:size], scratch[:size])
            for i in range(round(exponentials)):
                addresses.exponentials(bases, keys[-1 - i % 64], out[:size], scratch[:size])
        return Lives(np.empty(0), np.empty(0, np.int8))

    return live


def _numbers_a_path(model: CompiledModel, events: NDArray[np.int32]) -> tuple[float, float]:
    """Uniforms and exponentials a path needs on average, given the events of some paths."""
    count = dict(zip(EVENT_KINDS, events.mean(axis=0).tolist(), strict=True))
    resolved = float(np.mean(events[:, EVENT_KINDS.index("phase")] > 0))
    number = len(model.contributors.names)
    settled = number + len(model.air.hosts) + resolved  # commit, basing, direction of the phase
    clocks = 3.0 + 1.0  # causes, first phase
    if number:
        settled += 1  # shock
        clocks += 1.0  # mission end
        if np.any(model.mission.consent < 1.0):
            settled += 2  # consent, refusal blocks
    if model.backstop.promised:
        settled += 1
        clocks += 1.0 + count["backstop"]
    if model.mission.reinforcement_ceiling is not None:
        clocks += 1.0
    return settled, clocks + count["arrival"] + count["phase"]


ARMS: Final[dict[str, Callable[[CompiledModel, int], Live]]] = {
    "core": _core,
    "numba": _numba,
    "simpy": _simpy,
    "python": _python,
    "ema": _ema,
    "floor": _floor,
}
# What an arm needs that is not installed with the simulator.
NEEDS: Final = {"numba": "numba", "ema": "ema_workbench"}


def installed(arm: str) -> bool:
    """Whether an arm can be run here."""
    return arm not in NEEDS or find_spec(NEEDS[arm]) is not None


class DisagreementError(Exception):
    """Two arms tell different lives of one path: there is nothing to compare."""


def check_agreement(name: str, arm: Live, true: Live, paths: int) -> None:
    """Compare the first paths of an arm with the core's, one by one.

    Raises
    ------
    DisagreementError
        If any cause differs, or any end by more than a relative 1e-9, or paths are missing.
    """
    got, expected = arm(0, paths), true(0, paths)
    if got.end_time.shape != expected.end_time.shape:
        raise DisagreementError(f"{name} lived {got.end_time.size} of {paths} paths")
    apart = np.abs(got.end_time / expected.end_time - 1.0)
    differing = ~(apart <= TIME_TOLERANCE) | (got.cause != expected.cause)
    if np.any(differing):
        path = int(np.argmax(differing))
        raise DisagreementError(
            f"{int(np.sum(differing))} of {paths} paths differ between core and {name}; path "
            f"{path} ends at {expected.end_time[path]!r} against {got.end_time[path]!r}"
        )
