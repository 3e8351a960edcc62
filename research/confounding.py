"""How strong a hidden cause would have to be to explain an effect away.

Peacekeepers are not sent by lot. Whoever doubts that a force causes the peace that follows it says
that something else makes both likelier: a settlement that both sides want, say. The E-value is the
least strength, as a risk ratio, that this something must have on both the force and the peace to
explain an estimate wholly (VanderWeele & Ding 2017, Annals of Internal Medicine 167(4)).
"""

from __future__ import annotations

import math

_LN_2 = math.log(2.0)


def risk_ratio(hazard_ratio: float) -> float:
    """Risk ratio that stands for a hazard ratio where the outcome is common.

    Examples
    --------
    >>> round(risk_ratio(0.55), 3), risk_ratio(1.0)
    (0.662, 1.0)
    """
    root = math.sqrt(hazard_ratio)
    return math.expm1(-_LN_2 * root) / math.expm1(-_LN_2 / root)


def e_value(ratio: float, bound: float | None = None) -> float:
    """E-value of a risk ratio, or of the end of its interval that is nearer to 1.

    Parameters
    ----------
    ratio : float
        The estimate, above 0.
    bound : float, optional
        That end of the interval. On the far side of 1 no hidden cause is needed, and 1 is returned.

    Examples
    --------
    >>> round(e_value(risk_ratio(0.55)), 2), e_value(risk_ratio(0.55), risk_ratio(1.04))
    (2.39, 1.0)
    """
    if bound is not None:
        return e_value(bound) if (bound - 1.0) * (ratio - 1.0) > 0.0 else 1.0
    above = max(ratio, 1.0 / ratio)
    return above + math.sqrt(above * (above - 1.0))
