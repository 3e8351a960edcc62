"""Names of the clocks: the addresses of random numbers, and the rows of an event log.

A name, with (seed, draw, path, occurrence), addresses one random number; adding a contributor or a
host therefore changes nobody else's numbers. All occurrences are 0 unless said.
"""

from __future__ import annotations

from typing import Final

from simulator.model.compiled import CAUSES, CompiledModel

# Uniforms that settle what is true from the start of a path.
COMMON_SHOCK: Final = "common_shock"
COMMIT: Final = "commit:{}"  # by contributor
BASING: Final = "basing:{}"  # by host
CONSENT: Final = "consent"
REFUSAL_BLOCKS: Final = "refusal_blocks"
BACKSTOP_START: Final = "backstop:start"

# Unit exponentials that the clocks consume.
EXIT: Final = "exit:{}"  # by contributor
MISSION_END: Final = "mission_end"
BACKSTOP: Final = "backstop"  # occurrence k: k-th sojourn on or off
REINFORCEMENT: Final = "reinforcement"
RESOLVE: Final = "resolve"  # occurrence 0 the exponential, 1 the uniform of its direction
PHASE: Final = "phase"  # occurrence k: k-th sojourn in holding or failing
CAUSE: Final = "cause:{}"  # by cause


def row_names(model: CompiledModel) -> tuple[str, ...]:
    """Rows of an event log, which also break ties between equal times: the lower row goes first.

    Examples
    --------
    A model with one contributor has the rows ``contributor:france``, ``mission_end``,
    ``backstop``, ``army_restored``, ``reconstituted``, ``reinforcement``, ``phase`` and one row
    for each cause. A contributor's row is its arrival, then its exit.
    """
    return (
        *(f"contributor:{name}" for name in model.contributors.names),
        "mission_end",
        "backstop",
        "army_restored",
        "reconstituted",
        "reinforcement",
        "phase",
        *(f"cause:{cause}" for cause in CAUSES),
    )
