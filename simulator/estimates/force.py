"""Who is there and when, as it was promised and as it came to be; and why so few come.

Read off a sample of the run's own worlds, with every event written down. In a world it is known who
is deployed at every time, and how likely the ceasefire is to hold until then: the product is what
is expected to be there. The promised force is that of the same worlds where nobody leaves and every
ceasefire holds. The waterfall is what is left of a plan at every step from paper to presence.
"""

from dataclasses import replace
from itertools import pairwise
from typing import Final

import numpy as np

from simulator.engines.records import EventLog
from simulator.engines.worlds import allotted, simulate_worlds, world_log
from simulator.estimates.estimate import Estimate, estimate
from simulator.estimates.no_effect import nothing_of
from simulator.estimates.records import Deployment
from simulator.model.clocks import row_names
from simulator.model.compiled import CompiledModel, FloatArray, restricted

SAMPLE: Final = 1_024  # worlds
WORLDS_AT_ONCE: Final = 512
BINS_PER_YEAR: Final = 4
MOST_BINS: Final = 400
STEPS_PER_BIN: Final = 2  # within a bin, between which survival is taken to be straight


def deployment(model: CompiledModel, trials: int, sample: int = SAMPLE) -> Deployment:
    """Sample who is deployed, in about ``sample`` worlds: the first of every draw, or first draws.

    Of no draw there are more than the ``trials`` of the run.
    """
    draws = min(model.draws.size, sample)
    each = max(1, min(trials, sample // draws))
    bins = int(min(MOST_BINS, max(1, np.ceil(model.horizon * BINS_PER_YEAR))))
    steps = np.linspace(0.0, model.horizon, bins * STEPS_PER_BIN + 1)
    size = max(1, WORLDS_AT_ONCE // each)
    parts = [
        _soldier_years(restricted(model, np.arange(first, min(first + size, draws))), each, steps)
        for first in range(0, draws, size)
    ]
    promised, deployed, total = (
        np.sum(part, axis=0).reshape(-1, bins, STEPS_PER_BIN).sum(axis=2)
        / (draws * each)
        / (model.horizon / bins)
        for part in zip(*parts, strict=True)
    )
    # Without any reinforcement, what is left are the curves between the steps.
    grows = model.mission.reinforcement_ceiling is not None
    more = np.maximum(0.0, total[0] - deployed.sum(axis=0)) if grows else np.zeros(bins)
    offers = np.flatnonzero((model.contributors.troops > 0.0).any(axis=0))
    return Deployment(
        names=tuple(model.contributors.names[i] for i in offers),
        edges=steps[::STEPS_PER_BIN],
        promised=promised[offers],
        deployed=deployed[offers],
        reinforcement=more,
        draws=draws,
        worlds=draws * each,
    )


def _soldier_years(
    model: CompiledModel, each: int, steps: FloatArray
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Soldier-years between steps, over all worlds: promised and deployed by name, and in all."""
    soldiers = allotted(model, each)  # (W, N)
    arrival = np.repeat(model.contributors.arrival, each, axis=0)
    begin, stop = stays(model, each, world_log(model, each))
    found = simulate_worlds(model, each, steps[1:])
    holds = np.concatenate([np.ones((len(soldiers), 1)), found.survival], axis=1)
    total = np.diff(found.soldier_years.sum(axis=0, keepdims=True), prepend=0.0, axis=1)
    return (
        _present(soldiers, arrival, np.full_like(stop, model.horizon), steps, np.ones_like(holds)),
        _present(soldiers, begin, stop, steps, holds),
        total,
    )


def stays(model: CompiledModel, each: int, log: EventLog) -> tuple[FloatArray, FloatArray]:
    """When each contributor comes and goes in each world, shape (W, N); never is infinite."""
    n, worlds = len(model.contributors.names), model.draws.size * each
    begin, stop = np.full((worlds, n), np.inf), np.full((worlds, n), model.horizon)
    over = log.row == row_names(model).index("mission_end")
    stop[log.path[over]] = np.minimum(stop[log.path[over]], log.time[over][:, None])
    own = np.flatnonzero(log.row < n)  # a contributor's row is its arrival, then its exit
    first = np.unique(log.path[own] * n + log.row[own], return_index=True)[1]
    arrivals, exits = own[first], np.delete(own, first)
    begin[log.path[arrivals], log.row[arrivals]] = log.time[arrivals]
    gone = log.path[exits], log.row[exits]
    stop[gone] = np.minimum(stop[gone], log.time[exits])
    return begin, stop


def _present(
    soldiers: FloatArray,
    begin: FloatArray,
    stop: FloatArray,
    steps: FloatArray,
    holds: FloatArray,
) -> FloatArray:
    """Expected soldier-years of each contributor between steps, over all worlds: shape (N, T).

    ``holds`` is the probability, shape (W, T + 1), that the ceasefire holds until each step.
    """
    found = np.empty((soldiers.shape[1], steps.size - 1))
    for t, (low, high) in enumerate(pairwise(steps.tolist())):
        start, end = np.maximum(begin, low), np.minimum(stop, high)
        there = np.clip(end - start, 0.0, None)
        middle = np.where(there > 0.0, (start + end) / 2.0, low)
        at_start, at_end = holds[:, t, None], holds[:, t + 1, None]
        chance = at_start + (at_end - at_start) * (middle - low) / (high - low)
        found[:, t] = (soldiers * there * chance).sum(axis=0)
    return found


YEARS: Final = (2.0, 5.0, 10.0)
NEARLY_ALL: Final = 0.9  # of the draws: where a lever acts in more than the rest, nothing is said
# Steps, in order; every number is a mean over worlds, those without a force included.
STEPS: Final = {
    "planned": "planned",
    "offered": "offered, if all commit who can",
    "committed": "committed",
    "accepted": "not stopped by a refusal",
    "arrived": "arrived while the ceasefire held",
    **{f"year_{year:.0f}": f"there after {year:.0f} years" for year in YEARS},
}


def waterfall(model: CompiledModel) -> dict[str, Estimate]:
    """Estimate how many soldiers of a planned force are left at each of `STEPS` in the horizon.

    In the first world of the first draws; one says too little of its draw for a range.
    """
    if model.mission.target_troops == 0:
        return {}
    model = restricted(model, np.arange(min(SAMPLE, model.draws.size)))
    target = model.mission.target_troops
    welcome = replace(model.mission, consent=np.ones_like(model.mission.consent))
    accepted = allotted(model, 1)
    by_draw = {
        "planned": np.full(model.draws.size, float(target)),
        "offered": np.minimum(most_offered(model), target),
        "committed": allotted(replace(model, mission=welcome), 1).sum(axis=1),
        "accepted": accepted.sum(axis=1),
        **presence(model, accepted),
    }
    return {step: estimate(values, model.draws).without_range() for step, values in by_draw.items()}


def presence(model: CompiledModel, soldiers: FloatArray) -> dict[str, FloatArray]:
    """Soldiers of each world who come before it collapses, and who are there at some ages.

    ``soldiers`` are those allotted to the first world of each draw, shape (D, N).
    """
    begin, stop = stays(model, 1, world_log(model, 1))
    years = [year for year in YEARS if year <= model.horizon]
    fine = np.linspace(0.0, model.horizon, 4 * int(np.ceil(model.horizon)) + 1)
    ages = np.union1d(fine[1:], years)
    held = simulate_worlds(model, 1, ages).survival
    knots, held = np.append(0.0, ages), np.concatenate([np.ones((len(held), 1)), held], axis=1)
    arrival = np.minimum(begin, model.horizon)
    row, upper = np.arange(len(held))[:, None], np.searchsorted(knots, arrival).clip(1)
    part = (arrival - knots[upper - 1]) / (knots[upper] - knots[upper - 1])
    chance = held[row, upper - 1] * (1.0 - part) + held[row, upper] * part
    found = {"arrived": (soldiers * np.where(np.isfinite(begin), chance, 0.0)).sum(axis=1)}
    for year in years:
        here = (begin <= year) & (stop > year)
        chance = held[:, np.searchsorted(knots, year), None]
        found[f"year_{year:.0f}"] = (soldiers * here * chance).sum(axis=1)
    return found


def notes_on_force(model: CompiledModel) -> list[str]:
    """Sentences on a force, or a reinforcement, larger than anybody can make it."""
    mission, reach = model.mission, most_offered(model)
    target, ceiling = mission.target_troops, mission.reinforcement_ceiling
    if target <= 0.0:
        return []
    found = [_beyond("force.target_troops", target, reach, "all contributors together offer")]
    if ceiling is not None:
        grown = np.floor(np.minimum(target, reach) * mission.growth)
        who = "a force that grows as others did reaches"
        found.append(_beyond("force.reinforcement", ceiling, grown, who))
    return list(filter(None, found))


def most_offered(model: CompiledModel) -> FloatArray:
    """Soldiers offered in each draw if all commit who ever can, shape (D,)."""
    force = model.contributors
    can = (force.commitment > 0.0) & (model.backstop.promised | ~force.needs_backstop)
    return np.asarray((force.troops * can).sum(axis=1))


def _beyond(lever: str, asked: float, reach: FloatArray, who: str) -> str:
    """Say from where on a lever does nothing, if it stands beyond that in nearly all draws."""
    beyond, most = reach < asked, float(reach.max())
    if float(beyond.mean()) < NEARLY_ALL:
        return ""
    if most < asked:
        draws, these = f"each of {reach.size:,} draws", "these draws"
        if reach.size == 1:
            draws, these = "the one draw", "it"
        return (
            f"{lever} is {asked:,.0f}, but in {draws} {who} fewer soldiers, at most {most:,.0f}: "
            f"from there on a larger number changes {nothing_of(lever)} in {these}"
        )
    return (
        f"{lever} is {asked:,.0f}, but in {np.count_nonzero(beyond):,} of {reach.size:,} draws "
        f"{who} fewer soldiers: there a larger number changes {nothing_of(lever)}, "
        f"from {most:,.0f} on in all of them"
    )
