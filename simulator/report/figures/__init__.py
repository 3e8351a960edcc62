"""Figures, a kind in each module: from a result to a figure, its caption and its table."""
