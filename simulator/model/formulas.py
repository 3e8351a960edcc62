"""Doses, odds and hazards: elementwise over broadcasting arrays (docs/model.md)."""

import math
from typing import Final

import numpy as np

from simulator.model.compiled import FloatArray, Hazards


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
    """Share covered when an amount falls at random on a scale: 1 - exp(-amount / scale) (eq. 7)."""
    return -np.expm1(-amount / scale)


def establishing_hazard(hazards: Hazards) -> FloatArray:
    """Base hazard while establishing, per year: both regimes at the start, weighted (eq. 15).

    The holding hazard is taken at t = 0: establishing lasts weeks, ageing decades.
    """
    w0 = 1.0 / (1.0 + np.exp(-hazards.logit_w0))
    return w0 * hazards.failing + (1.0 - w0) * hazards.holding


def failing_probability(
    log_m: FloatArray, shares: FloatArray, exponent: FloatArray, logit_w0: FloatArray
) -> FloatArray:
    """Probability w(t) that a ceasefire which resolves now is failing (eq. 13).

    Log multipliers and shares have a leading axis of causes.
    """
    effect = shares[0] * log_m[0] + shares[1] * log_m[1] + shares[2] * log_m[2]
    log_odds = logit_w0 + exponent * effect
    return np.asarray(1.0 / (1.0 + np.exp(-log_odds)))


EARTH_RADIUS_KM: Final = 6371.0088  # mean radius of the IUGG


def great_circle_km(
    latitude_a: float, longitude_a: float, latitude_b: float, longitude_b: float
) -> float:
    """Kilometres between places in degrees north and east, by the haversine formula (eq. 8)."""
    phi_a, phi_b = math.radians(latitude_a), math.radians(latitude_b)
    half_dphi = (phi_b - phi_a) / 2
    half_dlambda = math.radians(longitude_b - longitude_a) / 2
    chord = (
        math.sin(half_dphi) ** 2 + math.cos(phi_a) * math.cos(phi_b) * math.sin(half_dlambda) ** 2
    )
    return 2 * EARTH_RADIUS_KM * math.asin(math.sqrt(min(1.0, chord)))
