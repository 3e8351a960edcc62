"""The scalar model's paths, in the form that engines give theirs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simulator import addresses
from simulator.bench import columns
from simulator.bench.layout import Tables
from simulator.bench.scalar import Run
from simulator.engines.records import EVENT_KINDS, PathRecords, TroopChanges
from simulator.model.compiled import CompiledModel


def one_path(
    run: Run, of: Tables, model: CompiledModel, paths_per_draw: int
) -> Callable[[int], dict[str, float]]:
    """Return a function of the number of a path that lives it, for callers of single trials."""
    n = 2 * len(model.contributors.names) + 4
    changes = [0] * n, [0.0] * n, [0.0] * n
    out = [[0.0] * columns.COLUMNS]
    # One by one numpy would need 25 us for each: not a cost of whoever calls.
    bases = _bases(model, paths_per_draw, 0, model.draws.size * paths_per_draw).tolist()

    def live_one(number: int) -> dict[str, float]:
        row = number // paths_per_draw
        run(of, row, row + 1, 1, bases[number : number + 1], out, *changes)
        return {"end_time": out[0][columns.END_TIME], "cause": out[0][columns.CAUSE]}

    return live_one


def live(
    run: Run, of: Tables, model: CompiledModel, paths_per_draw: int, first: int, last: int
) -> PathRecords:
    """Live through the paths ``[first, last)`` with one of the twins, as engines do."""
    paths = last - first
    bases = _bases(model, paths_per_draw, first, last)
    most = paths * (2 * len(model.contributors.names) + 4)
    plain = isinstance(of[0], list)
    out: Any = np.empty((paths, columns.COLUMNS))
    path: Any = np.empty(most, np.int64)
    time: Any = np.empty(most)
    size: Any = np.empty(most)
    if plain:
        room: Any = (
            [[0.0] * columns.COLUMNS for _ in range(paths)],
            [0] * most,
            [0.0] * most,
            [0.0] * most,
        )
        changes = run(of, first, last, paths_per_draw, bases.tolist(), *room)
        out[:] = room[0]
        for target, values in zip((path, time, size), room[1:], strict=True):
            target[:changes] = values[:changes]
    else:
        changes = run(of, first, last, paths_per_draw, bases, out, path, time, size)
    column = out.T
    counts = slice(columns.COUNTS, columns.COUNTS + len(EVENT_KINDS))
    return PathRecords(
        first=first,
        end_time=column[columns.END_TIME],
        cause=column[columns.CAUSE].astype(np.int8),
        peak_troops=column[columns.PEAK],
        troop_years=column[columns.TROOP_YEARS],
        troop_years_first=column[columns.TROOP_YEARS_FIRST],
        backstop_off_years=column[columns.OFF_YEARS],
        cost=column[columns.COST],
        events=column[counts].T.astype(np.int32),
        troop_changes=TroopChanges(path[:changes], time[:changes], size[:changes]),
    )


def _bases(model: CompiledModel, paths_per_draw: int, first: int, last: int) -> NDArray[np.uint64]:
    draw, path = np.divmod(np.arange(first, last), paths_per_draw)
    return addresses.path_base(model.seed, model.draws[draw], path)
