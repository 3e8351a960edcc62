"""Whole paths of the reference engine against the worlds of the fast one.

Both take every random number from the same address, so a path has the events of its world until it
collapses, at the same times up to rounding. Where it collapses is another matter: the fast engine
computes the probability. Given the worlds, what happened on a path less what is expected of its
world has mean zero, path by path, and is independent of the other paths if the numbers are. The
mean over paths is then held to the bounds of `simulator.verification.against_exact`.
"""

from collections.abc import Callable
from typing import Final

import numpy as np

from simulator import addresses
from simulator.engines import reference, worlds
from simulator.engines.records import EventLog, Outcomes, PathRecords
from simulator.engines.worlds.starts import Uniforms
from simulator.model.clocks import row_names
from simulator.model.compiled import BoolArray, CompiledModel, FloatArray, IntArray
from simulator.verification.against_exact import (
    GIVEN_WORLDS,
    SAME_WORLDS,
    Check,
    chance_of_deviation,
    least_likely,
    of_paths,
    shared_out,
)

TIME_TOLERANCE: Final = 1e-9  # relative: rounding, some thousand times over
# The fast engine sorts times as whole numbers, of which the horizon has 2**38 or more: so much of
# the horizon is added to a time before the tolerance is taken of it.
TIME_FLOOR: Final = 4e-3
FALSE_ALARM_RATE: Final = 1e-6  # of one call of `given_worlds`

# Events of a path that are none of its world.
_OF_PATHS: Final = ("reinforcement", "cause:")

Events = tuple[FloatArray, IntArray]  # of one path: times and rows
Simulate = Callable[[CompiledModel, int, Uniforms], tuple[PathRecords, EventLog]]
Log = Callable[[CompiledModel, int, Uniforms], EventLog]
Worlds = Callable[[CompiledModel, int, FloatArray, Uniforms], Outcomes]


def same_worlds(
    model: CompiledModel,
    trials: int,
    *,
    uniforms: Uniforms = addresses.world_uniforms,
    simulate: Simulate = reference.simulate,
    log: Log = worlds.world_log,
) -> tuple[Check, ...]:
    """Compare the events of paths with those of their worlds up to the end of each path."""
    records, of_path = simulate(model, trials, uniforms)
    of_world = log(model, trials, uniforms)
    names = row_names(model)
    in_worlds = [i for i, name in enumerate(names) if not name.startswith(_OF_PATHS)]
    # A path ends at a collapse, which is no event of a world; what comes after is never seen.
    # What falls so close to the end that rounding decides is left out on both sides.
    floor = TIME_FLOOR * model.horizon
    end_time = records.end_time - TIME_TOLERANCE * (records.end_time + floor)
    total = trials * model.draws.size
    before_end = of_path.time < end_time[of_path.path]
    true = _split(of_path, before_end & np.isin(of_path.row, in_worlds), total)
    found = _split(of_world, of_world.time < end_time[of_world.path], total)
    differing = [p for p in range(total) if not np.array_equal(found[p][1], true[p][1])]
    apart = np.zeros(total)  # the largest difference, relative to the time plus the floor
    for path in set(range(total)).difference(differing):
        times, wanted = found[path][0], true[path][0]
        apart[path] = np.max(np.abs(times - wanted) / (wanted + floor), initial=0.0)
    late = int(np.argmax(apart))

    def name(path: int) -> str:
        row, trial = divmod(path, trials)
        return f"draw {model.draws[row]}, trial {trial}"

    first = f"none of {total:,} paths differs"
    if differing:
        path = differing[0]
        first = f"{name(path)}, {_first_difference(names, found[path], true[path])}"
    compared, deviation = sum(rows.size for _, rows in true), float(apart[late])
    order = Check(
        SAME_WORLDS,
        "events and their order",
        compared,
        deviation=len(differing) / total,
        allowed=0.0,
        agrees=not differing,
        worst=first,
    )
    agrees = bool(deviation <= TIME_TOLERANCE)
    return order, Check(
        SAME_WORLDS, "times of events", compared, deviation, TIME_TOLERANCE, agrees, name(late)
    )


def given_worlds(
    model: CompiledModel,
    trials: int,
    years: FloatArray,
    *,
    simulate: Simulate = reference.simulate,
    of_worlds: Worlds = worlds.simulate_worlds,
    false_alarm_rate: float = FALSE_ALARM_RATE,
) -> tuple[Check, ...]:
    """Compare what happens on whole paths with what is expected given their worlds."""
    uniforms = addresses.independent_world_uniforms
    records, _ = simulate(model, trials, uniforms)
    happened = of_paths(records, model.draws.size, years)
    expected = of_worlds(model, trials, years, uniforms)
    most, allowed = shared_out(model, happened, years, false_alarm_rate)
    checks = []
    for what, values in happened.items():
        n = trials * model.draws.size
        found = values.reshape(n, -1)
        excess = found - getattr(expected, what).reshape(n, -1)
        chance = [
            # In [-cap, cap] with mean 0, so in [0, 2 cap] with mean cap.
            chance_of_deviation(e.mean() + cap, cap, 2.0 * cap, n, variance=e.var(ddof=1))
            if cap > 0.0
            else float(not e.any())
            for e, cap in zip(excess.T, most[what], strict=True)
        ]
        mean = found.mean(axis=0)
        wanted = mean - excess.mean(axis=0)
        checks.append(least_likely(GIVEN_WORLDS, what, chance, allowed, mean, wanted, years))
    return tuple(checks)


def _split(log: EventLog, kept: BoolArray, total: int) -> list[Events]:
    """Return times and rows of the events of every path, of those that are kept."""
    ends = np.cumsum(np.bincount(log.path[kept], minlength=total))[:-1]
    return list(zip(np.split(log.time[kept], ends), np.split(log.row[kept], ends), strict=True))


def _first_difference(names: tuple[str, ...], found: Events, true: Events) -> str:
    def event_of(events: Events, number: int) -> str:
        times, rows = events
        if number == rows.size:
            return "nothing more"
        return f"{names[rows[number]]} at {times[number]:.6g} y"

    shared = min(found[1].size, true[1].size)
    unequal = np.flatnonzero(found[1][:shared] != true[1][:shared])
    event = int(unequal[0]) if unequal.size else shared
    return f"event {event + 1}: {event_of(found, event)} against {event_of(true, event)}"
