"""Which dimension of the Sobol sequence belongs to which name: a register that only grows.

A dimension, once given, belongs to its name for ever: it is never handed on, not even when the
name goes out of use. Two names on one dimension would move together through every draw, which
makes averages worse than random numbers do; a name that moved would change every result. New
names are therefore added at the end, as a new version. Names that are not here, such as those of
contributors, need no dimension (see `simulator.addresses`).

A clock of the world has two dimensions: one for the numbers that its trials add to those of the
draw, one, like any assumption, for the draws. Trials are few, and the lowest dimensions are the
most even for few points, so those below `TRIAL_DIMENSIONS` are kept for them. The order of the
trials' names is that of their weight in results.

The direction numbers are those of Joe & Kuo (2008), "Constructing Sobol sequences with better
two-dimensional projections", SIAM J. Sci. Comput. 30, 2635-2654, as scipy ships them:
`direction_numbers.npy` holds column j of dimension d, 32 bits each, leading bit first.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt

__all__ = ["BITS", "DRAWS", "TRIALS", "TRIAL_DIMENSIONS", "dimension_of", "direction_numbers"]

BITS: Final = 32
TRIAL_DIMENSIONS: Final = 256

# Version 1
_CLOCKS_1: Final = (
    *("common_shock", "consent", "refusal_blocks", "backstop:start", "resolve", "mission_end"),
    *(f"{clock}:{k}" for k in range(8) for clock in ("backstop", "phase")),
    *("reinforcement", "cause:offensive", "cause:escalation", "cause:unravelling"),
    *(f"direction:{k}" for k in range(8)),
    *(f"{clock}:{k}" for k in range(8, 32) for clock in ("backstop", "phase", "direction")),
)
_CHOICES_1: Final = ("book", "reference_class", "force_response", "holding_reading", "view")
_ASSUMPTIONS_1: Final = """
w0 q_failing_2y h_holding h_holding_memoryless holding_gompertz.a holding_gompertz.slope rho
kappa_0 kappa cause_shares.offensive cause_shares.escalation cause_shares.unravelling clamp_hr.low
clamp_hr.high adversary_troops adversary_odds_exponent hr.presence hr.air hr.monitoring hr.backstop
hr.ukraine hr.russia_unready hr.no_consent hr.naval hr_per_doubling_troops
loadings.offensive.presence loadings.offensive.air loadings.offensive.monitoring
loadings.offensive.backstop loadings.offensive.ukraine loadings.offensive.russia_unready
loadings.offensive.no_consent loadings.offensive.naval loadings.escalation.presence
loadings.escalation.air loadings.escalation.monitoring loadings.escalation.backstop
loadings.escalation.ukraine loadings.escalation.russia_unready loadings.escalation.no_consent
loadings.escalation.naval loadings.unravelling.presence loadings.unravelling.air
loadings.unravelling.monitoring loadings.unravelling.backstop loadings.unravelling.ukraine
loadings.unravelling.russia_unready loadings.unravelling.no_consent loadings.unravelling.naval
force_to_space_half_effect posture_factor.rear posture_factor.sites posture_factor.cities
posture_factor.line air.serviceability air.cruise_km_h air.endurance_h air.endurance_tanked_h
air.turnaround_h air.on_station_required air.aircraft_per_tanker tanker_dependence_us
monitoring.km_per_orbit monitoring.km_per_satellite monitoring.dependence_us naval.ships_required
us_backstop.on_at_start us_backstop.loss_annual us_backstop.regain_annual
us_backstop.component_weights.air_defence us_backstop.component_weights.intelligence
us_backstop.component_weights.surveillance us_backstop.component_weights.logistics
consent.coalition consent.bilateral consent.nato consent.un refusal_blocks.coalition
refusal_blocks.bilateral refusal_blocks.nato refusal_blocks.un political_correlation
exit_contagion_factor contributor_exit_annual mission_end_annual host_expels_force_annual
reinforcement_delay_years growth_peak_over_initial approval_delay_months.government
approval_delay_months.parliament deploy_months logistics_hub.delay_factor rotation_ratio
ukraine_rearm_years ukraine_own_pace ukraine_trainer_share ukraine_trainers_plan rearm_years_local
cost_per_soldier_year setup_cost_per_soldier
"""

# Append names of a new version at the end of either; never insert, reorder or take out.
TRIALS: Final = tuple(f"world:{clock}" for clock in _CLOCKS_1)
DRAWS: Final = (
    *(f"structure.{choice}" for choice in _CHOICES_1),
    *_ASSUMPTIONS_1.split(),
    *(f"world:{clock}" for clock in _CLOCKS_1),
)

_DIMENSIONS: Final = {
    "trial": {name: dimension for dimension, name in enumerate(TRIALS)},
    "draw": {name: dimension for dimension, name in enumerate(DRAWS, TRIAL_DIMENSIONS)},
}


def dimension_of(part: str, name: str) -> int | None:
    """Return the dimension of a name, None if it has none.

    Parameters
    ----------
    part : str
        ``draw`` or ``trial``.
    name : str
    """
    return _DIMENSIONS[part].get(name)


@cache
def direction_numbers() -> npt.NDArray[np.uint32]:
    """Return the direction numbers, shape (dimensions, `BITS`)."""
    path = Path(__file__).with_name("direction_numbers.npy")
    return np.asarray(np.load(path, allow_pickle=False), np.uint32)
