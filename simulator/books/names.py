"""The names of the assumptions: which ones the model needs, in what unit, and what they mean.

A name is a flat key whose dots only group (`hr.presence`). Every book gives a distribution for
each name of `ASSUMPTIONS`; the entries of `CONTRIBUTOR_FIELDS` exist once per contributor, under
`contributors.ID.FIELD`, and come from the contributor catalogue unless a book says otherwise.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import Final

from simulator.vocabulary import CAUSES, COMPONENTS, MANDATES, POSTURES


@dataclass(frozen=True, slots=True)
class Range:
    """The values a quantity can take: an interval, each end closed or open."""

    low: float = -math.inf
    high: float = math.inf
    includes_low: bool = True
    includes_high: bool = True

    def contains(self, value: float) -> bool:
        """Whether `value` lies in the interval."""
        above = value >= self.low if self.includes_low else value > self.low
        below = value <= self.high if self.includes_high else value < self.high
        return above and below

    def within(self, other: Range) -> bool:
        """Whether all of this interval lies in `other`."""
        above = self.low > other.low or (
            self.low == other.low and (other.includes_low or not self.includes_low)
        )
        below = self.high < other.high or (
            self.high == other.high and (other.includes_high or not self.includes_high)
        )
        return above and below

    def __str__(self) -> str:
        """Return the interval in words, such as ``at least 0 and below 1``."""
        parts = []
        if self.low > -math.inf:
            parts.append(f"{'at least' if self.includes_low else 'above'} {self.low:g}")
        if self.high < math.inf:
            parts.append(f"{'at most' if self.includes_high else 'below'} {self.high:g}")
        return " and ".join(parts) or "any number"


@dataclass(frozen=True, slots=True)
class Assumption:
    """What a name stands for."""

    unit: str
    meaning: str
    within: Range


_UNIT_INTERVAL: Final = Range(0.0, 1.0)
_BELOW_ONE: Final = Range(0.0, 1.0, includes_high=False)
_POSITIVE: Final = Range(0.0, includes_low=False)
_NON_NEGATIVE: Final = Range(0.0)
UNITS: Final[dict[str, Range]] = {
    "probability": _UNIT_INTERVAL,
    "share": _UNIT_INTERVAL,
    "correlation": _BELOW_ONE,
    "hazard ratio": _POSITIVE,
    "ratio": _NON_NEGATIVE,
    "exponent": Range(-100.0, 100.0),
    "1/year": _NON_NEGATIVE,
    "year": _NON_NEGATIVE,
    "month": _NON_NEGATIVE,
    "hour": _NON_NEGATIVE,
    "km": _NON_NEGATIVE,
    "km/h": _POSITIVE,
    "soldiers": _NON_NEGATIVE,
    "soldiers/km": _POSITIVE,
    "aircraft": _NON_NEGATIVE,
    "ships": _NON_NEGATIVE,
    "GBP": _NON_NEGATIVE,
}

_FACTORS: Final = {
    "presence": "troops on the ground",
    "air": "aircraft on station",
    "monitoring": "a watched line",
    "backstop": "the promised support of the United States",
    "ukraine": "a restored Ukrainian army",
    "russia_unready": "a Russian army not yet reconstituted",
    "no_consent": "a force deployed against Russia's will",
    "naval": "ships in the Black Sea",
}
_ACTS_ON: Final = {
    "both": "the odds of failing and the hazard within a phase",
    "odds": "the odds of failing alone",
    "hazards": "the hazard within a phase alone",
}

# Vectors of shares: given as one entry (`dirichlet` or fixed shares) or share by share; they sum
# to one in every draw, and when some are pinned the others keep their proportions.
SHARES: Final[dict[str, tuple[str, ...]]] = {
    "cause_shares": tuple(CAUSES),
    "us_backstop.component_weights": COMPONENTS,
}

# Events that recur: a world holds about rate x years of them, and they are simulated one by one.
RECURRING: Final = ("kappa", "us_backstop.loss_annual", "us_backstop.regain_annual")

# Structural choices that every book must offer, and the options the model knows; None where the
# options are the book's own (what they mean is wholly in their entries).
CHOICES: Final[dict[str, tuple[str, ...] | None]] = {
    "reference_class": None,
    "force_response": ("saturating", "tripwire", "doubling", "none"),
    "holding_reading": ("memoryless", "quartiles", "record"),
    "effect_acts_on": tuple(_ACTS_ON),
    "late_force": ("too_late", "rescues"),
    "departure": ("effect_goes", "effect_stays"),
}


def _of(unit: str, meaning: str, within: Range | None = None) -> Assumption:
    return Assumption(unit, meaning, UNITS[unit] if within is None else within)


ASSUMPTIONS: Final[dict[str, Assumption]] = {
    # Base hazards and phases
    "w0": _of("probability", "share of ceasefires that are failing when no force is there"),
    "q_failing_2y": _of(
        "probability", "collapse within 2 years, given that the ceasefire is failing", _BELOW_ONE
    ),
    "h_holding": _of("1/year", "hazard of a holding ceasefire, reading `record`"),
    "h_holding_memoryless": _of("1/year", "hazard of a holding ceasefire, reading `memoryless`"),
    "holding_gompertz.a": _of("1/year", "hazard at the start, reading `quartiles`"),
    "holding_gompertz.slope": _of(
        "1/year", "growth of the log hazard, reading `quartiles`", Range(0.0, 5.0)
    ),
    **{
        f"effect_exponent.{where}": _of(
            "exponent",
            f"on a published hazard ratio, where effects act on {text}",
            Range(0.0, 100.0),
        )
        for where, text in _ACTS_ON.items()
    },
    "kappa_0": _of("1/year", "rate at which the establishing phase resolves", _POSITIVE),
    "kappa": _of("1/year", "rate of later switches between holding and failing"),
    **{f"cause_shares.{c}": _of("share", f"part of the base hazard due to {c}") for c in CAUSES},
    "clamp_hr.low": _of(
        "hazard ratio", "lowest joint effect of all factors", Range(0.0, 1.0, includes_low=False)
    ),
    "clamp_hr.high": _of("hazard ratio", "highest joint effect of all factors", Range(1.0)),
    "adversary_troops": _of("soldiers", "Russian troops to which w0 refers", _POSITIVE),
    "adversary_odds_exponent": _of("exponent", "odds of failing against Russian troops"),
    # Effects
    **{f"hr.{f}": _of("hazard ratio", f"full dose of {text}") for f, text in _FACTORS.items()},
    "hr_per_doubling_troops": _of("hazard ratio", "each doubling of 1 + troops / 1,000"),
    **{
        f"loadings.{c}.{f}": _of("share", f"how far the effect of {text} bears on {c}")
        for c in CAUSES
        for f, text in _FACTORS.items()
    },
    "force_to_space_half_effect": _of("soldiers/km", "density at half the effect of presence"),
    "presence.reference_density": _of("soldiers/km", "density of the recorded missions"),
    "presence.most_dose": _of("ratio", "largest dose of presence, over that of the record"),
    **{f"posture_factor.{p}": _of("share", f"part of a `{p}` force that counts") for p in POSTURES},
    # Air, monitoring, sea
    "air.serviceability": _of("share", "aircraft fit to fly"),
    "air.cruise_km_h": _of("km/h", "transit speed"),
    "air.endurance_h": _of("hour", "time in the air without tanking", _POSITIVE),
    "air.endurance_tanked_h": _of("hour", "time in the air with tanking", _POSITIVE),
    "air.turnaround_h": _of("hour", "time on the ground between sorties"),
    "air.on_station_required": _of("aircraft", "on station for 63 % of the effect", _POSITIVE),
    "air.aircraft_per_tanker": _of("aircraft", "served by one tanker"),
    "tanker_dependence_us": _of("share", "tankers lost without the backstop"),
    "monitoring.km_per_orbit": _of("km", "line watched by one drone orbit"),
    "monitoring.km_per_satellite": _of("km", "line watched by one satellite"),
    "monitoring.dependence_us": _of("share", "coverage lost without the backstop's surveillance"),
    "naval.ships_required": _of("ships", "for 63 % of the effect", _POSITIVE),
    # The United States
    "us_backstop.on_at_start": _of("probability", "what is promised is there at the start"),
    "us_backstop.loss_annual": _of("1/year", "rate of loss while on"),
    "us_backstop.regain_annual": _of("1/year", "rate of return while off"),
    **{
        f"us_backstop.component_weights.{c}": _of("share", f"{c} in the whole backstop")
        for c in COMPONENTS
    },
    # Russia's consent
    **{f"consent.{m}": _of("probability", f"Russia accepts a {m} force") for m in MANDATES},
    **{f"refusal_blocks.{m}": _of("probability", f"a refusal stops a {m} force") for m in MANDATES},
    # Force generation
    "political_correlation": _of("correlation", "between the commitments of two contributors"),
    "exit_contagion_factor": _of("ratio", "rise of the exit rate per share already gone"),
    "contributor_exit_annual": _of("1/year", "rate at which a contributor leaves"),
    "replacement": _of("share", "exits that another contingent makes good"),
    "mission_end_annual": _of("1/year", "rate at which the mandate lapses"),
    "host_expels_force_annual": _of("1/year", "rate at which the host sends the force away"),
    "reinforcement_delay_years": _of("year", "mean time to reinforce while failing", _POSITIVE),
    "growth_peak_over_initial": _of("ratio", "troops after reinforcement over before", _POSITIVE),
    "approval_delay_months.government": _of("month", "approval by the government alone"),
    "approval_delay_months.parliament": _of("month", "approval by parliament"),
    "deploy_months": _of("month", "approval to full strength"),
    "logistics_hub.delay_factor": _of(
        "ratio", "deployment takes this times longer without a logistics hub", Range(1.0)
    ),
    "rotation_ratio": _of("ratio", "soldiers held per soldier deployed", _POSITIVE),
    # Armies
    "ukraine_rearm_years": _of("year", "to restore Ukraine's army at the planned pace"),
    "ukraine_own_pace": _of("share", "part of the planned pace that needs no outside help"),
    "ukraine_trainer_share": _of("share", "part of the outside help that is trainers"),
    "ukraine_trainers_plan": _of("soldiers", "trainers in the plan", _POSITIVE),
    "rearm_years_local": _of("year", "until Russia is ready for a local war"),
    # Money
    "cost_per_soldier_year": _of("GBP", "a soldier deployed for a year, 2025 prices"),
    "setup_cost_per_soldier": _of("GBP", "deploying a soldier, 2025 prices"),
}

CONTRIBUTOR_FIELDS: Final[dict[str, Assumption]] = {
    "commitment": _of("probability", "the contributor commits"),
    "troops": _of("soldiers", "offered, given that it commits"),
    "exit_annual": _of("1/year", "rate at which the contributor leaves"),
    "approval_delay_months": _of("month", "ceasefire to approval"),
    "deploy_months": _of("month", "approval to full strength"),
    "basing": _of("probability", "the contributor opens its air bases"),
}

_CONTRIBUTOR: Final = re.compile(r"contributors\.([a-z0-9]+(?:-[a-z0-9]+)*)\.([a-z_]+)")


def contributor_name(contributor: str, field: str) -> str:
    """Return the name of `field` of `contributor`, such as ``contributors.france.troops``."""
    return f"contributors.{contributor}.{field}"


def split_contributor(name: str) -> tuple[str, str] | None:
    """Return (contributor, field) of a contributor's assumption, None for any other name."""
    match = _CONTRIBUTOR.fullmatch(name)
    if match is None or match[2] not in CONTRIBUTOR_FIELDS:
        return None
    return match[1], match[2]


def describe(name: str) -> Assumption | None:
    """Return unit, meaning and range of the assumption `name`, None if there is none."""
    contributor = split_contributor(name)
    if contributor is not None:
        return CONTRIBUTOR_FIELDS[contributor[1]]
    return ASSUMPTIONS.get(name)
