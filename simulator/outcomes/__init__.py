"""Mergeable tallies of simulated ceasefires and the estimates drawn from them."""
