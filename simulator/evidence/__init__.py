"""Survival analysis of past ceasefires, missions and contributor stays."""
