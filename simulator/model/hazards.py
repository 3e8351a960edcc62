"""Odds and hazards from log multipliers of the causes (docs/model.md, section "Hazards").

Every function is elementwise over its last axes; a leading axis of length 3 runs over the causes.
"""

import numpy as np

from simulator.model.compiled import FloatArray, Hazards


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
