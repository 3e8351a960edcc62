"""Engines: the same compiled model, solved three ways.

``worlds`` is the fast one: worlds are simulated, endings are computed. ``reference`` simulates
whole paths with simpy, at the same addresses. ``exact`` solves models that are small enough.
"""
