"""Forces larger than anybody can make them: a number that no world can ever reach does nothing.

Offers are known before anything is simulated. Other draws may offer more than these did.
"""

from collections.abc import Iterator
from typing import Final

import numpy as np

from simulator.analysis.inert import nothing_of
from simulator.analysis.run import Result
from simulator.model.compiled import CompiledModel, FloatArray

NEARLY_ALL: Final = 0.9  # of the draws: where a lever acts in more than the rest, nothing is said


def notes_on_force(result: Result) -> list[str]:
    """Sentences on a force, or a reinforcement, larger than anybody can make it."""
    model, reach = result.model, most_offered(result.model)
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
