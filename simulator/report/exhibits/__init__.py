"""Exhibits: what a result can show, each a figure with its words and its table."""
