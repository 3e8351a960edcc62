"""Assumptions: what nobody chooses and nobody knows, as books of distributions and their draws."""
