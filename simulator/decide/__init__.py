"""Which plan, and which assumption decides it: pure functions of the draws of a run."""
