"""Which plan, and which assumption decides it: pure functions of the draws of a run.

`decide` answers all of it; each module answers one question by itself.
"""

from simulator.decide.decision import Decision, decide
from simulator.decide.draws import Draws, Value

__all__ = ["Decision", "Draws", "Value", "decide"]
