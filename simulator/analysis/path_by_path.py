"""The same paths on two engines.

The fast and the reference engine use the same random numbers, so a path must have the same events
on both, at the same times up to rounding. Nothing is left to chance: a disagreement is an error,
never bad luck.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, Literal, Protocol

import numpy as np

from simulator.analysis.checks import PATH_BY_PATH, Check
from simulator.engines import core, reference
from simulator.engines.records import EventLog, PathRecords
from simulator.model.clocks import row_names
from simulator.model.compiled import CompiledModel, FloatArray, IntArray

TIME_TOLERANCE: Final = 1e-9  # relative: rounding, some thousand times over
RECORDED: Final = (
    "end_time",
    "cause",
    "peak_troops",
    "troop_years",
    "troop_years_first",
    "backstop_off_years",
    "cost",
    "events",
)


class Logging(Protocol):
    """An engine that writes down every event of the paths it lives through."""

    def __call__(
        self,
        model: CompiledModel,
        paths_per_draw: int,
        first: int,
        last: int,
        *,
        log: Literal[True],
    ) -> tuple[PathRecords, EventLog]:
        """Live through the paths ``[first, last)``."""
        ...


def path_by_path(
    model: CompiledModel,
    paths_per_draw: int,
    fast: Logging = core.simulate,
    slow: Logging = reference.simulate,
) -> tuple[Check, ...]:
    """Compare the same paths of every draw on two engines.

    Returns
    -------
    tuple of Check
        The order of events; their times, where the order agrees; everything recorded of a path.
    """
    total = paths_per_draw * model.draws.size
    fast_records, fast_log = fast(model, paths_per_draw, 0, total, log=True)
    slow_records, slow_log = slow(model, paths_per_draw, 0, total, log=True)

    def name(path: int) -> str:
        row, number = divmod(path, paths_per_draw)
        return f"draw {model.draws[row]}, path {number}"

    fast_paths, slow_paths = _split(fast_log, total), _split(slow_log, total)
    pairs = list(zip(fast_paths, slow_paths, strict=True))
    differing = [
        p
        for p, ((_, rows), (_, true_rows)) in enumerate(pairs)
        if not np.array_equal(rows, true_rows)
    ]
    apart = np.array(
        [
            0.0 if p in set(differing) else _apart(times, true_times)
            for p, ((times, _), (true_times, _)) in enumerate(pairs)
        ]
    )
    late = int(np.argmax(apart))
    order = Check(
        method=PATH_BY_PATH,
        what="events and their order",
        compared=slow_log.row.size,
        deviation=len(differing) / total,
        allowed=0.0,
        agrees=not differing,
        worst=_first_difference(model, name(differing[0]), *pairs[differing[0]])
        if differing
        else f"none of {total:,} paths differs",
    )
    times = Check(
        method=PATH_BY_PATH,
        what="times of events",
        compared=slow_log.row.size,
        deviation=float(apart[late]),
        allowed=TIME_TOLERANCE,
        agrees=bool(apart[late] <= TIME_TOLERANCE),
        worst=name(late),
    )
    return order, times, _compare_records(fast_records, slow_records, name)


def _split(log: EventLog, total: int) -> list[tuple[FloatArray, IntArray]]:
    """Return times and rows of the events of every path."""
    ends = np.cumsum(np.bincount(log.path, minlength=total))[:-1]
    return list(zip(np.split(log.time, ends), np.split(log.row, ends), strict=True))


def _apart(values: FloatArray, true: FloatArray) -> float:
    """Return the largest relative difference; inf where one is not even of the same sign."""
    scale = np.maximum(np.abs(true), np.finfo(np.float64).tiny)
    return float(np.max(np.abs(values - true) / scale, initial=0.0))


def _first_difference(
    model: CompiledModel,
    path: str,
    fast: tuple[FloatArray, IntArray],
    slow: tuple[FloatArray, IntArray],
) -> str:
    names = row_names(model)

    def told(life: tuple[FloatArray, IntArray], event: int) -> str:
        times, rows = life
        if event == rows.size:
            return "nothing more"
        return f"{names[rows[event]]} at {times[event]:.6g} y"

    shared = min(fast[1].size, slow[1].size)
    unequal = np.flatnonzero(fast[1][:shared] != slow[1][:shared])
    event = int(unequal[0]) if unequal.size else shared
    return f"{path}, event {event + 1}: {told(fast, event)} against {told(slow, event)}"


def _compare_records(fast: PathRecords, slow: PathRecords, name: Callable[[int], str]) -> Check:
    apart = {
        what: np.abs(getattr(fast, what) - getattr(slow, what))
        / np.maximum(np.abs(getattr(slow, what)), 1.0)
        for what in RECORDED
    }
    apart["events"] = apart["events"].max(axis=1)
    apart["troop_changes"] = _changes_apart(fast, slow)
    what = max(apart, key=lambda key: float(apart[key].max()))
    path = int(np.argmax(apart[what]))
    worst = float(apart[what][path])
    return Check(
        method=PATH_BY_PATH,
        what="records of paths",
        compared=len(apart) * slow.end_time.size,
        deviation=worst,
        allowed=TIME_TOLERANCE,
        agrees=worst <= TIME_TOLERANCE,
        worst=f"{what} of {name(path)}",
    )


def _changes_apart(fast: PathRecords, slow: PathRecords) -> FloatArray:
    """Return, by path, how far the integral of the recorded changes of troops is apart."""

    def integral(records: PathRecords) -> FloatArray:
        changes = records.troop_changes
        # To a year after the end, or the change that the end makes would not count.
        left = records.end_time[changes.path] + 1.0 - changes.time
        paths = records.end_time.size
        weights = changes.change * left
        return np.bincount(changes.path, weights, paths).astype(np.float64)

    true = integral(slow)
    return np.asarray(np.abs(integral(fast) - true) / np.maximum(np.abs(true), 1.0))
