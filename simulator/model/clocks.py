"""Names of the clocks: the addresses of random numbers, and the rows of an event log.

A name, with the seed, the draw and the trial, addresses one random number; adding a contributor
or a host therefore changes nobody else's numbers. A clock that runs more than once has a number
in its name for every time.
"""

from typing import Final

from simulator.model.compiled import CAUSES, CompiledModel

# Uniforms that decide what is true from the first day.
COMMON_SHOCK: Final = "common_shock"
COMMIT: Final = "commit:{}"  # by contributor
BASING: Final = "basing:{}"  # by host
CONSENT: Final = "consent"
REFUSAL_BLOCKS: Final = "refusal_blocks"
BACKSTOP_START: Final = "backstop:start"

# Unit exponentials: what the events of the world wait for.
EXIT: Final = "exit:{}"  # by contributor
MISSION_END: Final = "mission_end"
BACKSTOP: Final = "backstop:{}"  # k-th sojourn on or off, from 0
RESOLVE: Final = "resolve"  # the first draw of the phase
PHASE: Final = "phase:{}"  # k-th draw of the phase after the first, from 0

# Only a whole path needs them: in a world the engine works these out as probabilities.
DIRECTION: Final = "direction:{}"  # uniform of the k-th draw of the phase; 0 is that at RESOLVE
RESCUE: Final = "rescue:{}"  # k-th time that the probability of failing falls
REINFORCEMENT: Final = "reinforcement"  # unit exponential
CAUSE: Final = "cause:{}"  # by cause, unit exponential


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
