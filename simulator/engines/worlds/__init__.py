"""The fast engine: worlds are simulated, endings are computed.

A *world* is one trial of one draw: who commits, arrives and leaves, whether the backstop holds,
which hosts open their bases, when the phase is drawn anew. None of this depends on the phase, so
within a world only probability moves, from holding or failing to collapsed, in closed form
(docs/model.md, eqs. 17-22). The modules are the steps, in this order:

1. ``tables``: what the draws alone decide: effects at full dose, room at bases, rates;
2. ``starts``: what is settled on the first day of every world;
3. ``timeline``: the events of every world, in order, and the segments between them;
4. ``states``: what is deployed and promised in every segment, and what that does to hazards;
5. ``masses``: the probability of every phase at the start of every segment, and what is lost;
6. ``integrals``: outcomes of every world, and its curves;
7. ``simulate``: blocks of draws through all of it.
"""

from simulator.engines.worlds.simulate import allotted, simulate, simulate_worlds, world_log

__all__ = ["allotted", "simulate", "simulate_worlds", "world_log"]
