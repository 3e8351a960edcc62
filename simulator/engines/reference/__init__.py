"""The reference engine: the model written to be read, one simpy process for every actor.

Read the modules in this order, and you have read the model:

1. ``initial``: what is true from the first day: who commits, who opens bases, what Russia accepts;
2. ``rates``: what a situation implies: doses, the probability of failing, hazards of collapse;
3. ``path``: one simulated ceasefire: its state, how a change is made known to everyone, and how an
   actor waits while the rate of what it waits for changes;
4. ``actors``: the contributors, the mission, the backstop, the milestones, the phase, the causes;
5. ``records``: what is written down.

It is slow and scalar on purpose, and simulates whole paths, to their collapse. With the fast engine
it shares the data of the compiled model and the addresses of the random numbers, and nothing else:
until it collapses, trial k of draw d has the events of world k of draw d.
"""

from simulator.engines.reference.path import EventRecord, Path
from simulator.engines.reference.records import simulate, simulate_path

__all__ = ["EventRecord", "Path", "simulate", "simulate_path"]
