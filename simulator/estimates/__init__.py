"""Estimates from simulated draws: of one plan, and of differences between plans."""
