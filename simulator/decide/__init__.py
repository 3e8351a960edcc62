"""Which plan, and which assumption decides it: pure functions of the draws of a run.

`decide_plans` simulates plans and answers all of it, `decide` answers from draws that are there;
each module answers one question by itself.
"""

from simulator.decide.decision import Decision, decide
from simulator.decide.draws import Draws, Value
from simulator.decide.gather import decide_plans, gather

__all__ = ["Decision", "Draws", "Value", "decide", "decide_plans", "gather"]
