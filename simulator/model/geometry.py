"""Distances on the sphere."""

import math
from typing import Final

EARTH_RADIUS_KM: Final = 6371.0088  # mean radius of the IUGG


def great_circle_km(
    latitude_a: float, longitude_a: float, latitude_b: float, longitude_b: float
) -> float:
    """Great-circle distance between two places, by the haversine formula (docs/model.md, eq. 8).

    Parameters
    ----------
    latitude_a, longitude_a, latitude_b, longitude_b : float
        Degrees, north and east positive.

    Returns
    -------
    float
        Kilometres on a sphere of the Earth's mean radius.

    Examples
    --------
    >>> round(great_circle_km(50.11, 22.02, 48.57, 39.31))  # Rzeszow to Luhansk
    1261
    >>> round(great_circle_km(0.0, 0.0, 0.0, 180.0))  # half of the equator
    20015
    """
    phi_a, phi_b = math.radians(latitude_a), math.radians(latitude_b)
    half_dphi = (phi_b - phi_a) / 2
    half_dlambda = math.radians(longitude_b - longitude_a) / 2
    chord = (
        math.sin(half_dphi) ** 2 + math.cos(phi_a) * math.cos(phi_b) * math.sin(half_dlambda) ** 2
    )
    return 2 * EARTH_RADIUS_KM * math.asin(math.sqrt(min(1.0, chord)))
