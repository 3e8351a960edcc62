"""Levers: what a planner chooses, read from scenario files and catalogues and resolved once."""
