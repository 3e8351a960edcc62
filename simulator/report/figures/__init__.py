"""Figures: pure functions of arrays to `matplotlib.figure.Figure`; nothing is read or computed."""
