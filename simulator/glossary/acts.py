"""Where a name acts in the model: a section of docs/model.md and the numbers of its equations."""

from fnmatch import fnmatchcase
from typing import Final

Place = tuple[str, tuple[int, ...]]

_COMMITS: Final = "Who commits"
_ARRIVAL: Final = "Arrival, exit, end of the mission"
_SOLDIERS: Final = "How many soldiers"
_DOSES, _HAZARDS, _MONEY = "Doses", "Hazards", "Money"
_ENDINGS: Final = "Endings, computed"
_LEVELS: Final = "Two levels of uncertainty"

# kind -> (names, section, equations); the first pattern that fits is taken.
_ACTS: Final[dict[str, tuple[tuple[str, str, tuple[int, ...]], ...]]] = {
    "assumptions": (
        ("political_correlation", _COMMITS, (1,)),
        ("contributors.*.commitment", _COMMITS, (1, 2)),
        ("contributors.*.troops", _SOLDIERS, (4,)),
        ("contributors.*.basing", _DOSES, (10,)),
        ("contributors.*.exit_annual", _ARRIVAL, (3,)),
        ("contributors.*", _ARRIVAL, ()),
        ("contributor_exit_annual", _ARRIVAL, (3,)),
        ("exit_contagion_factor", _ARRIVAL, (3,)),
        ("replacement", _ARRIVAL, (3,)),
        ("mission_end_annual", _ARRIVAL, ()),
        ("host_expels_force_annual", _ARRIVAL, ()),
        ("approval_delay_months.*", _ARRIVAL, ()),
        ("deploy_months", _ARRIVAL, ()),
        ("logistics_hub.delay_factor", _ARRIVAL, ()),
        ("reinforcement_delay_years", _SOLDIERS, (21, 22)),
        ("growth_peak_over_initial", _SOLDIERS, ()),
        ("rotation_ratio", _MONEY, ()),
        ("*cost*", _MONEY, (24,)),
        ("force_to_space_half_effect", _DOSES, (5,)),
        ("presence.*", _DOSES, (5,)),
        ("posture_factor.*", _DOSES, (5,)),
        ("hr_per_doubling_troops", _DOSES, (6,)),
        ("monitoring.*", _DOSES, (7,)),
        ("naval.*", _DOSES, (7,)),
        ("air.on_station_required", _DOSES, (7,)),
        ("air.aircraft_per_tanker", _DOSES, (10,)),
        ("tanker_dependence_us", _DOSES, (10,)),
        ("air.*", _DOSES, (9,)),
        ("us_backstop.component_weights*", _DOSES, ()),
        ("us_backstop.*", "Backstop", ()),
        ("ukraine_*", _DOSES, (11,)),
        ("rearm_years_local", _DOSES, ()),
        ("consent.*", "Consent", ()),
        ("refusal_blocks.*", "Consent", ()),
        ("hr.*", _HAZARDS, (12,)),
        ("loadings.*", _HAZARDS, (12,)),
        ("clamp_hr.*", _HAZARDS, (12,)),
        ("effect_exponent.*", _HAZARDS, (13, 14)),
        ("cause_shares*", _HAZARDS, (13, 14)),
        ("adversary_*", _HAZARDS, (13,)),
        ("w0", _HAZARDS, (13, 15)),
        ("q_failing_2y", _HAZARDS, (15, 18)),
        ("h_holding*", _HAZARDS, (15, 17)),
        ("holding_gompertz.*", _HAZARDS, (15, 17)),
        ("kappa*", _HAZARDS, (20,)),
    ),
    "options": (
        ("force_response*", _DOSES, (5, 6)),
        ("departure*", _DOSES, ()),
        ("effect_acts_on*", _HAZARDS, (13, 14)),
        ("late_force*", _HAZARDS, (20,)),
        ("holding_reading*", _HAZARDS, (15, 17)),
        ("reference_class*", _HAZARDS, ()),
    ),
    "estimates": (
        ("p_*", _ENDINGS, (17, 18)),
        ("q*_years", _LEVELS, ()),
        ("median_years", _LEVELS, ()),
        ("rmst_years", _ENDINGS, (19,)),
        ("cost_*", _MONEY, (24,)),
        ("soldiers_held", _MONEY, ()),
        ("fill_rate", _SOLDIERS, (4,)),
        ("backstop_off_share", "Backstop", ()),
        ("*", _LEVELS, ()),
    ),
    "columns": (("*mcse", _LEVELS, (25,)), ("p05", _LEVELS, ()), ("p95", _LEVELS, ())),
    "levers": (
        ("force.target_troops", _SOLDIERS, (4,)),
        ("force.offers", _SOLDIERS, (4,)),
        ("force.reinforcement", _SOLDIERS, (21, 22)),
        ("force.posture", _DOSES, (5,)),
        ("force.mandate", "Consent", ()),
        ("air_support.*", _DOSES, (8, 9, 10)),
        ("us_backstop*", "Backstop", ()),
        ("contributors.*", _COMMITS, (1, 2)),
        ("monitoring.*", _DOSES, (7,)),
        ("ukraine_support.*", _DOSES, (11,)),
        ("adversary.troops", _HAZARDS, (13,)),
        ("adversary.rejects_force", "Consent", ()),
        ("front_km", _DOSES, (5, 7)),
        ("horizon_years", _LEVELS, ()),
    ),
    "words": (
        ("MCSE", _LEVELS, (25,)),
        ("range over assumptions", _LEVELS, ()),
        ("dose", _DOSES, (5, 6, 7)),
        ("hazard*", _HAZARDS, (12, 14)),
        ("fill rate", _SOLDIERS, (4,)),
        ("backstop", "Backstop", ()),
    ),
}


def place_of(kind: str, name: str) -> Place | None:
    """Return where a name acts; None where no section of the model is about it."""
    for pattern, section, equations in _ACTS[kind]:
        if fnmatchcase(name, pattern):
            return section, equations
    return None
