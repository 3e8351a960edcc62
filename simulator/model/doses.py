"""Doses: how much of each factor is there, each by a formula of its own field.

All functions are elementwise over broadcasting float64 arrays (docs/model.md, section "Doses").
"""

from __future__ import annotations

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

    Parameters
    ----------
    endurance_h, turnaround_h : float64 array
        Hours in the air per sortie, and on the ground between two.
    distance_km, cruise_km_h : float64 array
        One-way transit and its speed.
    serviceability : float64 array
        Share of aircraft fit to fly.

    Returns
    -------
    float64 array
        In [0, 1]; 0 where the transit eats up the endurance.
    """
    on_station = np.maximum(0.0, endurance_h - 2.0 * distance_km / cruise_km_h)
    return serviceability * on_station / (endurance_h + turnaround_h)


def on_station(
    aircraft: FloatArray,
    capacity: FloatArray,
    tanked_aircraft: FloatArray,
    share_untanked: FloatArray,
    gain_tanked: FloatArray,
) -> FloatArray:
    """Aircraft on station at any time (eq. 10).

    Parameters
    ----------
    aircraft, capacity : float64 array
        Aircraft deployed, and the room for them at open bases.
    tanked_aircraft : float64 array
        Aircraft that the tankers at hand can serve.
    share_untanked, gain_tanked : float64 array
        `endurance_share` averaged over the open bases by capacity, without tanking, and what
        tanking adds to it.
    """
    based = np.minimum(aircraft, capacity)
    return share_untanked * based + gain_tanked * np.minimum(based, tanked_aircraft)


def coverage(amount: FloatArray, scale: FloatArray) -> FloatArray:
    """Share covered when ``amount`` falls at random on ``scale``: 1 - exp(-amount / scale) (eq. 7).

    Used for the watched line, the air above it and the ships off the coast.
    """
    return -np.expm1(-amount / scale)
