"""Why so few soldiers come: what is left of a plan at every step from paper to presence."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Final

import numpy as np

from simulator.engines.worlds import allotted, simulate_worlds, world_log
from simulator.estimates.deployment import stays
from simulator.estimates.estimate import Estimate, estimate
from simulator.estimates.no_effect import nothing_of
from simulator.model.compiled import CompiledModel, FloatArray, restricted

SAMPLE: Final = 1_024  # worlds, one a draw
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
    """Estimate how many soldiers of a planned force are left at each of `STEPS`.

    In the first world of the first draws. Without years beyond the horizon; empty where none are
    planned. One world says too little of its draw for a range over assumptions.
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
    at_arrival = np.zeros_like(begin)
    for i in range(begin.shape[1]):
        known = np.isfinite(begin[:, i]).nonzero()[0]
        at_arrival[known, i] = _interpolated(begin[known, i], knots, held[known])
    found = {"arrived": (soldiers * at_arrival).sum(axis=1)}
    for year in years:
        here = (begin <= year) & (stop > year)
        chance = held[:, np.searchsorted(knots, year), None]
        found[f"year_{year:.0f}"] = (soldiers * here * chance).sum(axis=1)
    return found


def _interpolated(at: FloatArray, knots: FloatArray, values: FloatArray) -> FloatArray:
    """Read every row of values at its own age, linearly between knots."""
    upper = np.clip(np.searchsorted(knots, at), 1, knots.size - 1)
    row, lower = np.arange(at.size), upper - 1
    part = (at - knots[lower]) / (knots[upper] - knots[lower])
    return np.asarray(values[row, lower] * (1.0 - part) + values[row, upper] * part)


def notes_on_force(model: CompiledModel) -> list[str]:
    """Sentences on a force, or a reinforcement, larger than anybody can make it."""
    reach = most_offered(model)
    target, ceiling = model.mission.target_troops, model.mission.reinforcement_ceiling
    found: list[str] = []
    if target > 0.0:
        who = "all contributors together offer"
        found += _beyond("force.target_troops", target, reach, who)
    if target > 0.0 and ceiling is not None:
        grown = np.floor(np.minimum(target, reach) * model.mission.growth)
        who = "a force that grows as others did reaches"
        found += _beyond("force.reinforcement", ceiling, grown, who)
    return found


def most_offered(model: CompiledModel) -> FloatArray:
    """Soldiers offered in each draw if all commit who ever can, shape (D,)."""
    force = model.contributors
    can = (force.commitment > 0.0) & (model.backstop.promised | ~force.needs_backstop)
    return np.asarray((force.troops * can).sum(axis=1))


def _beyond(lever: str, asked: float, reach: FloatArray, who: str) -> Iterator[str]:
    """Say from where on a lever does nothing, if it stands beyond that in nearly all draws."""
    share, most = float((reach < asked).mean()), float(reach.max())
    if share < NEARLY_ALL:
        return
    draws, these = f"each of {reach.size:,} draws", "these draws"
    if reach.size == 1:
        draws, these = "the one draw", "it"
    if most < asked:
        yield (
            f"{lever} is {asked:,.0f}, but in {draws} {who} fewer soldiers, at most {most:,.0f}: "
            f"from there on a larger number changes {nothing_of(lever)} in {these}"
        )
    else:
        yield (
            f"{lever} is {asked:,.0f}, but in {np.count_nonzero(reach < asked):,} of "
            f"{reach.size:,} draws {who} fewer soldiers: there a larger number changes "
            f"{nothing_of(lever)}, from {most:,.0f} on in all of them"
        )
