"""The exact engine: expectations without any sampling, for a model that is small enough.

For a fixed draw of the assumptions the process is a mixture of Markov chains. ``states``
finds its parts and numbers their states, ``rates`` and ``generator`` say how they move, and
``evolve`` moves them. What time alone decides (arrivals, milestones) cuts the horizon into
pieces; a paused reinforcement clock is memoryless, so a rate that is zero in other phases says
the same as a budget that is kept.
"""

from simulator.engines.exact.solve import expectations, occupancy
from simulator.engines.exact.states import MAX_STATES, ModelTooLargeError, size_bound

__all__ = ["MAX_STATES", "ModelTooLargeError", "expectations", "occupancy", "size_bound"]
