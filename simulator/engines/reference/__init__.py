"""The reference engine: the model written to be read, one simpy process for every actor.

Read the modules in this order, and you have read the model:

1. ``start``: what is true from the first day: who commits, who opens bases, what Russia accepts;
2. ``rates``: what a situation implies: doses, odds of failing, hazards of collapse;
3. ``life``: one ceasefire: its state, and how a change is made known to everyone;
4. ``clocks``: how an actor waits while the rate of what it waits for changes;
5. ``actors``: the contributors, the mission, the backstop, the milestones, the phase, the causes;
6. ``records``: what is written down, in the form that every engine shares.

It is slow and scalar on purpose. With the fast core it shares the data of the compiled model and
the addresses of the random numbers, and nothing else: path k of draw d is the same life on both.
"""

from simulator.engines.reference.life import Happening, Life
from simulator.engines.reference.records import live, simulate

__all__ = ["Happening", "Life", "live", "simulate"]
