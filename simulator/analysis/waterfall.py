"""Why so few soldiers come: what is left of a plan at every step from paper to presence."""

from dataclasses import replace
from typing import Final

import numpy as np

from simulator.analysis.deployment import stays
from simulator.analysis.offers import most_offered
from simulator.engines.worlds import allotted, simulate_worlds, world_log
from simulator.model.compiled import CompiledModel, FloatArray, restricted
from simulator.outcomes.spread import Estimate, estimate

SAMPLE: Final = 1_024  # worlds, one a draw
YEARS: Final = (2.0, 5.0, 10.0)
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
    """Estimate what is left of a planned force at every step.

    Parameters
    ----------
    model : CompiledModel
        Of the first draws of a run; the first world of at most `SAMPLE` of them is looked at.

    Returns
    -------
    dict of str to Estimate
        Soldiers by `STEPS`, without years beyond the horizon; empty where none are planned. They
        have no range over assumptions: one world of a draw says too little of the draw.
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
    return {
        step: replace(
            estimate(values, model.draws), p05=None, p95=None, p05_mcse=None, p95_mcse=None
        )
        for step, values in by_draw.items()
    }


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
