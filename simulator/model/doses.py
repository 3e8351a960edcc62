"""Doses: how much of each factor is there, each by a formula of its own field.

All functions are elementwise over broadcasting float64 arrays (docs/model.md, section "Doses").
"""

import numpy as np

from simulator.model.compiled import FloatArray


def doublings(troops: FloatArray) -> FloatArray:
    """Doublings of the force, counted as in the record: log2(1 + thousands) (eq. 6)."""
    return np.log2(1.0 + troops / 1000.0)


def saturation(amount: FloatArray, half: FloatArray) -> FloatArray:
    """Share of the effect that an amount has, with half of it at ``half`` (eq. 5)."""
    return amount / (amount + half)


def endurance_share(
    endurance_h: FloatArray,
    distance_km: FloatArray,
    cruise_km_h: FloatArray,
    turnaround_h: FloatArray,
    serviceability: FloatArray,
) -> FloatArray:
    """Share of the aircraft of a base that is on station at any time (eq. 9).

    Hours, kilometres one way and kilometres an hour; ``serviceability`` is the share fit to fly.
    0 where the transit eats up the endurance.
    """
    on_station = np.maximum(0.0, endurance_h - 2.0 * distance_km / cruise_km_h)
    return serviceability * on_station / (endurance_h + turnaround_h)


def coverage(amount: FloatArray, scale: FloatArray) -> FloatArray:
    """Share covered when ``amount`` falls at random on ``scale``: 1 - exp(-amount / scale) (eq. 7).

    Used for the watched line, the air above it and the ships off the coast.
    """
    return -np.expm1(-amount / scale)
