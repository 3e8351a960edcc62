"""Which plan, and which assumption decides it: pure functions of the draws of a run.

Each module answers one question by itself; `decision.decide` asks them all.
"""
