"""Levers and drawn assumptions compiled into clocks, doses and hazards."""
