"""What is deployed and promised in every segment."""

from dataclasses import dataclass

import numpy as np

from simulator.engines.worlds import timeline
from simulator.engines.worlds.starts import Starts
from simulator.engines.worlds.tables import (
    ARMY_STEP,
    BACKSTOP_IS_ON,
    RUSSIA_BITS,
    Tables,
)
from simulator.engines.worlds.timeline import ARRIVAL, Timeline
from simulator.model.compiled import BoolArray, CompiledModel, FloatArray, IntArray


@dataclass(frozen=True, eq=False, slots=True)
class States:
    """The state of the world in every segment, without any reinforcement; shape (n,)."""

    world: IntArray
    draw: IntArray
    resolved: BoolArray  # whether the phase has been drawn
    switches: IntArray  # indices into `Tables.by_switch` and `Tables.russia_unready`
    troops: FloatArray  # soldiers deployed
    cost: FloatArray  # the same, weighted by cost factors
    aircraft: FloatArray
    ships: FloatArray
    come: FloatArray  # soldiers who have ever come, whether or not they have left


def follow(model: CompiledModel, starts: Starts, line: Timeline, tables: Tables) -> States:
    """Follow the state of every world along its segments."""
    world = line.world
    draw = starts.draw[world]
    nothing = np.zeros(draw.size)
    force, code = model.contributors, line.code
    moves = (code >= ARRIVAL).nonzero()[0]
    who = (code[moves] - ARRIVAL) >> 1
    sign = 1.0 - 2.0 * (code[moves] & 1)
    troops = sign * np.floor(starts.scale[world[moves]] * force.troops[draw[moves], who])
    remembers = tables.has_troops and bool(model.presence.stays.any())
    amounts = {
        "troops": troops if tables.has_troops else None,
        "cost": troops * force.cost_factor[who] if tables.has_cost_factors else None,
        "aircraft": sign * force.aircraft[who] if tables.has_air else None,
        "ships": sign * force.ships[who] if tables.has_ships else None,
        "come": np.maximum(troops, 0.0) if remembers else None,
    }
    amounts = {name: amount for name, amount in amounts.items() if amount is not None}
    changes = np.zeros((3 + len(amounts), draw.size))
    changes[0] = _SWITCHED[np.minimum(code, ARRIVAL)]
    changes[0, : line.width[0]] += starts.backstop_on[line.worlds] * BACKSTOP_IS_ON
    changes[1] = code == timeline.RESOLVE
    changes[2] = code == timeline.MISSION_END
    for row, amount in enumerate(amounts.values(), start=3):
        changes[row, moves] = amount
    switches, resolved, ended, *deployed = line.accumulate(changes)
    sums = dict(zip(amounts, deployed, strict=True))
    found = {name: row * (1.0 - ended) for name, row in sums.items() if name != "come"}
    here = found.get("troops", nothing)
    return States(
        world=world,
        draw=draw,
        resolved=resolved > 0.0,
        switches=switches.astype(np.int64),
        troops=here,
        cost=found.get("cost", here),
        aircraft=found.get("aircraft", nothing),
        ships=found.get("ships", nothing),
        come=sums.get("come", here),
    )


def _switched() -> FloatArray:
    change = np.zeros(ARRIVAL + 1)
    change[timeline.BACKSTOP_ON] = BACKSTOP_IS_ON
    change[timeline.BACKSTOP_OFF] = -BACKSTOP_IS_ON
    change[timeline.ARMY_RESTORED] = ARMY_STEP
    change[timeline.RECONSTITUTED] = 1 << RUSSIA_BITS
    return change


_SWITCHED = _switched()  # what each event adds to the switches
