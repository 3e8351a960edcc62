"""Which dimension of the Sobol sequence belongs to which name: a register that only grows.

A dimension, once given, belongs to its name for ever: it is never handed on, not even when the
name goes out of use. Two names on one dimension would move together through every draw, which
makes averages worse than random numbers do; a name that moved would change every result. New
names are therefore added at the end, as a new version. Names that are not here, such as those of
contributors, need no dimension (see `simulator.addresses`).

A clock of the world has two dimensions, one for the draws, like any assumption, and one for the
numbers that trials add. Lower dimensions are more even for few points: between any two of the
lowest hundred the 256 points that a replicate has at the default size show no trace of a grid in
their leading bits, of the others one pair in two hundred does. So the draws have the lower ones,
in order of their weight in results, and names that every shipped book fixes come late.

The direction numbers are those of Joe & Kuo (2008), "Constructing Sobol sequences with better
two-dimensional projections", SIAM J. Sci. Comput. 30, 2635-2654, as scipy ships them:
`direction_numbers.npy` holds column j of dimension d, 32 bits each, leading bit first.
"""

from functools import cache
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt

__all__ = ["BITS", "DRAWS", "DRAW_DIMENSIONS", "TRIALS", "dimension_of", "direction_numbers"]

BITS: Final = 32
DRAW_DIMENSIONS: Final = 384  # those of trials begin here

# Version 1
_DRAWS_1: Final = """
structure.book structure.view structure.reference_class structure.force_response
structure.holding_reading structure.effect_acts_on structure.late_force structure.departure
resamples.reference_class resamples w0 q_failing_2y h_holding rho effect_exponent.both
effect_exponent.odds effect_exponent.hazards kappa_0 kappa hr.presence hr.ukraine
hr.backstop hr.air hr.russia_unready hr.no_consent hr.monitoring hr_per_doubling_troops
adversary_odds_exponent world:common_shock world:consent world:backstop:start world:resolve
world:mission_end world:refusal_blocks world:backstop:0 world:phase:0 us_backstop.on_at_start
us_backstop.loss_annual us_backstop.regain_annual political_correlation consent.coalition
refusal_blocks.coalition rearm_years_local ukraine_rearm_years ukraine_own_pace
force_to_space_half_effect presence.reference_density presence.most_dose posture_factor.rear
posture_factor.sites posture_factor.cities replacement mission_end_annual
host_expels_force_annual contributor_exit_annual exit_contagion_factor
world:backstop:1 world:phase:1 deploy_months approval_delay_months.parliament
approval_delay_months.government rotation_ratio cost_per_soldier_year setup_cost_per_soldier
logistics_hub.delay_factor ukraine_trainer_share ukraine_trainers_plan hr.naval
air.serviceability air.on_station_required air.aircraft_per_tanker tanker_dependence_us
monitoring.km_per_orbit monitoring.km_per_satellite monitoring.dependence_us naval.ships_required
cause_shares.offensive cause_shares.escalation cause_shares.unravelling
us_backstop.component_weights.air_defence us_backstop.component_weights.intelligence
us_backstop.component_weights.surveillance us_backstop.component_weights.logistics
consent.nato consent.bilateral consent.un refusal_blocks.nato reinforcement_delay_years
growth_peak_over_initial air.cruise_km_h air.endurance_h air.endurance_tanked_h air.turnaround_h
world:backstop:2 world:phase:2 world:backstop:3 world:phase:3 world:reinforcement
world:direction:0 world:cause:offensive world:cause:escalation world:cause:unravelling
world:direction:1 world:direction:2 world:direction:3
h_holding_memoryless holding_gompertz.a holding_gompertz.slope clamp_hr.low clamp_hr.high
adversary_troops posture_factor.line refusal_blocks.bilateral refusal_blocks.un
loadings.offensive.presence loadings.offensive.air loadings.offensive.monitoring
loadings.offensive.backstop loadings.offensive.ukraine loadings.offensive.russia_unready
loadings.offensive.no_consent loadings.offensive.naval loadings.escalation.presence
loadings.escalation.air loadings.escalation.monitoring loadings.escalation.backstop
loadings.escalation.ukraine loadings.escalation.russia_unready loadings.escalation.no_consent
loadings.escalation.naval loadings.unravelling.presence loadings.unravelling.air
loadings.unravelling.monitoring loadings.unravelling.backstop loadings.unravelling.ukraine
loadings.unravelling.russia_unready loadings.unravelling.no_consent loadings.unravelling.naval
"""
_LATER_CLOCKS_1: Final = tuple(
    f"world:{clock}:{k}" for k in range(4, 32) for clock in ("backstop", "phase", "direction")
)
_TRIALS_1: Final = (
    *(name for name in _DRAWS_1.split() if name.startswith("world:")),
    *_LATER_CLOCKS_1,
)

# Append the names of a new version at the end of either; never insert, reorder or take out.
DRAWS: Final = (*_DRAWS_1.split(), *_LATER_CLOCKS_1)
TRIALS: Final = _TRIALS_1

_DIMENSIONS: Final = {
    "draw": {name: dimension for dimension, name in enumerate(DRAWS)},
    "trial": {name: dimension for dimension, name in enumerate(TRIALS, DRAW_DIMENSIONS)},
}


def dimension_of(part: str, name: str) -> int | None:
    """Return the dimension of a name among those of ``draw`` or ``trial``, None if it has none."""
    return _DIMENSIONS[part].get(name)


@cache
def direction_numbers() -> npt.NDArray[np.uint32]:
    """Return the direction numbers, shape (dimensions, `BITS`)."""
    path = Path(__file__).with_name("direction_numbers.npy")
    return np.asarray(np.load(path, allow_pickle=False), np.uint32)
