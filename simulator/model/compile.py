"""From a scenario and drawn assumptions to the arrays that engines run on."""

from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np
import numpy.typing as npt

from simulator.books.draws import Draws
from simulator.books.names import CHOICES
from simulator.model.compiled import (
    CAUSES,
    FACTORS,
    FORCE_RESPONSES,
    AirCover,
    Backstop,
    CompiledModel,
    Contributors,
    FloatArray,
    Hazards,
    Milestones,
    Mission,
    Money,
    Monitoring,
    Presence,
)
from simulator.model.formulas import great_circle_km
from simulator.scenario import Base, Scenario
from simulator.scenario.catalogue import terms as terms_of
from simulator.vocabulary import COMPONENTS

MONTHS_PER_YEAR: Final = 12.0
FORCE_ROLES: Final = frozenset({"land", "air", "sea"})


def compile_contributors(scenario: Scenario, values: Mapping[str, FloatArray]) -> Contributors:
    """Arrays of the contributors that offer soldiers, aircraft or ships."""
    force = scenario.force
    all_terms = {
        name: terms_of(entry, scenario.conditions, force.mandate, force.posture)
        for name, entry in scenario.contributors.items()
    }
    terms = {name: t for name, t in all_terms.items() if t.roles & FORCE_ROLES}
    entries = {name: scenario.contributors[name] for name in terms}
    draws = values["political_correlation"].size

    def drawn(field: str) -> FloatArray:  # (D, N)
        columns = [values[f"contributors.{name}.{field}"] for name in terms]
        return np.stack(columns, axis=1) if columns else np.zeros((draws, 0))

    def array(numbers: list[float]) -> FloatArray:  # (N,)
        return np.array(numbers, np.float64)

    on_land = array([float("land" in t.roles) for t in terms.values()])
    offer_factor = array([t.offer_factor for t in terms.values()])
    hub = any("logistics" in t.roles for t in all_terms.values())
    slowdown = 1.0 if hub else values["logistics_hub.delay_factor"][:, None]
    months = (
        array([t.delay_months for t in terms.values()])
        + drawn("approval_delay_months")
        + drawn("deploy_months") * slowdown
    )
    return Contributors(
        names=tuple(terms),
        commitment=scale_odds(
            drawn("commitment"), array([t.commitment_odds for t in terms.values()])
        ),
        political_correlation=values["political_correlation"],
        needs_backstop=np.array([t.requires_backstop for t in terms.values()], bool),
        troops=np.floor(drawn("troops") * offer_factor * on_land),  # whole soldiers add exactly
        aircraft=array([entries[n].aircraft * ("air" in t.roles) for n, t in terms.items()]),
        ships=array([entries[n].ships * ("sea" in t.roles) for n, t in terms.items()]),
        arrival=months / MONTHS_PER_YEAR,
        exit_rate=drawn("exit_annual") * (1.0 - values["replacement"])[:, None],
        exit_contagion=values["exit_contagion_factor"],
        cost_factor=array([entries[n].cost_factor for n in terms]),
    )


def scale_odds(probability: FloatArray, factor: FloatArray) -> FloatArray:
    """Probability whose odds are ``factor`` times as high (docs/model.md, eq. 2)."""
    return np.asarray(probability * factor / (1.0 - probability + probability * factor))


# Changes whenever the same inputs give other numbers; part of every digest.
MODEL_VERSION: Final = 5


Values = Mapping[str, FloatArray]


def compile_model(scenario: Scenario, draws: Draws) -> CompiledModel:
    """Compile a scenario under drawn assumptions: one row per draw."""
    values = draws.values
    force = scenario.force
    return CompiledModel(
        seed=draws.seed,
        draws=draws.numbers,
        horizon=float(scenario.horizon_years),
        contributors=compile_contributors(scenario, values),
        mission=Mission(
            target_troops=float(force.target_troops),
            as_needed=force.offers == "as_needed",
            reinforcement_ceiling=None
            if force.reinforcement is None
            else float(force.reinforcement),
            reinforcement_rate=1.0 / values["reinforcement_delay_years"],
            growth=values["growth_peak_over_initial"],
            end_rate=values["mission_end_annual"] + values["host_expels_force_annual"],
            consent=_consent(scenario, values),
            refusal_blocks=values[f"refusal_blocks.{force.mandate}"],
        ),
        presence=Presence(
            response=_codes(draws.labels["force_response"], FORCE_RESPONSES),
            posture_factor=values[f"posture_factor.{force.posture}"],
            half_effect=values["force_to_space_half_effect"],
            reference_density=values["presence.reference_density"],
            most_dose=values["presence.most_dose"],
            stays=np.array(draws.labels["departure"]) == "effect_stays",
            log_hr_per_doubling=np.log(values["hr_per_doubling_troops"]),
            front_km=float(scenario.front_km),
        ),
        air=_air(scenario, values),
        backstop=_backstop(scenario, values),
        monitoring=Monitoring(
            watched_km=scenario.monitoring.orbits * values["monitoring.km_per_orbit"]
            + scenario.monitoring.satellites * values["monitoring.km_per_satellite"],
            dependence=values["monitoring.dependence_us"],
        ),
        milestones=Milestones(
            army_restored=_years_to_restore(scenario, values),
            reconstituted=values["rearm_years_local"],
        ),
        hazards=_hazards(scenario, draws),
        money=Money(
            setup_per_soldier=values["setup_cost_per_soldier"],
            per_soldier_year=values["cost_per_soldier_year"],
            rotation_ratio=values["rotation_ratio"],
        ),
    )


def _codes(labels: Sequence[str], options: Sequence[str]) -> npt.NDArray[np.int64]:
    """Return the place of each label among the options."""
    places = {option: place for place, option in enumerate(options)}
    return np.fromiter(map(places.__getitem__, labels), np.int64, len(labels))


def _consent(scenario: Scenario, values: Values) -> FloatArray:
    asked = values[f"consent.{scenario.force.mandate}"]
    return asked if scenario.adversary.rejects_force else np.ones_like(asked)


def _air(scenario: Scenario, values: Values) -> AirCover:
    """Only bases whose host country is part of the plan can be opened."""
    usable = [base for base in scenario.bases.values() if _can_open(base, scenario)]
    hosts = tuple(dict.fromkeys(base.country for base in usable))
    draws = values["w0"].size
    return AirCover(
        hosts=hosts,
        host_open=np.stack([values[f"contributors.{host}.basing"] for host in hosts], axis=1)
        if hosts
        else np.zeros((draws, 0)),
        base_host=np.array([hosts.index(base.country) for base in usable], np.int64),
        base_capacity=np.array([base.aircraft for base in usable], np.float64),
        base_distance_km=np.array([_distance_km(base, scenario) for base in usable], np.float64),
        tankers=float(scenario.air_support.tankers),
        serviceability=values["air.serviceability"],
        cruise_km_h=values["air.cruise_km_h"],
        endurance_h=values["air.endurance_h"],
        endurance_tanked_h=values["air.endurance_tanked_h"],
        turnaround_h=values["air.turnaround_h"],
        aircraft_per_tanker=values["air.aircraft_per_tanker"],
        tanker_dependence=values["tanker_dependence_us"],
        on_station_required=values["air.on_station_required"],
        ships_required=values["naval.ships_required"],
    )


def _can_open(base: Base, scenario: Scenario) -> bool:
    host = scenario.contributors.get(base.country)
    return host is not None and host.basing is not None


def _distance_km(base: Base, scenario: Scenario) -> float:
    """Mean great-circle distance from a base to the patrol stations along the line (eq. 8)."""
    legs = [
        great_circle_km(base.latitude, base.longitude, station.latitude, station.longitude)
        for station in scenario.stations
    ]
    return sum(legs) / len(legs)


def _backstop(scenario: Scenario, values: Values) -> Backstop:
    promised = [c for c in COMPONENTS if getattr(scenario.us_backstop, c)]
    weights = [values[f"us_backstop.component_weights.{component}"] for component in promised]
    return Backstop(
        promised=bool(promised),
        surveillance="surveillance" in promised,
        logistics="logistics" in promised,
        weight=np.sum(weights, axis=0) if weights else np.zeros_like(values["w0"]),
        on_at_start=values["us_backstop.on_at_start"],
        loss_rate=values["us_backstop.loss_annual"],
        regain_rate=values["us_backstop.regain_annual"],
    )


def _years_to_restore(scenario: Scenario, values: Values) -> FloatArray:
    """Years until Ukraine's army is restored: faster with effort and trainers (eq. 11)."""
    support = scenario.ukraine_support
    trainer_share = values["ukraine_trainer_share"]
    trained = np.minimum(1.0, support.trainers / values["ukraine_trainers_plan"])
    help_given = (1.0 - trainer_share) * support.rearmament + trainer_share * trained
    own = values["ukraine_own_pace"]
    pace = own + (1.0 - own) * help_given
    with np.errstate(divide="ignore"):  # without any pace the army is never restored
        return np.asarray(values["ukraine_rearm_years"] / pace)


def _exponents(draws: Draws) -> tuple[FloatArray, FloatArray]:
    """Powers of a hazard ratio on the odds of failing and on the hazard within a phase (eq. 13).

    An exponent of 0 says that a class cannot give the published ratio that way: such a draw acts on
    both.
    """
    values, acts_on = draws.values, np.array(draws.labels["effect_acts_on"])
    both, odds, hazards = (
        values[f"effect_exponent.{where}"] for where in ("both", "odds", "hazards")
    )
    on_odds = (acts_on == "odds") & (odds > 0.0)
    on_hazards = (acts_on == "hazards") & (hazards > 0.0)
    return (
        np.select([on_odds, on_hazards], [odds, np.zeros_like(both)], both),
        np.select([on_odds, on_hazards], [np.zeros_like(both), hazards], both),
    )


def _hazards(scenario: Scenario, draws: Draws) -> Hazards:
    values = draws.values
    readings = CHOICES["holding_reading"] or ()
    reading = _codes(draws.labels["holding_reading"], readings)
    quartiles = reading == readings.index("quartiles")
    holding = np.select(
        [quartiles, reading == readings.index("memoryless")],
        [values["holding_gompertz.a"], values["h_holding_memoryless"]],
        values["h_holding"],
    )
    pressure = np.log(scenario.adversary.troops / values["adversary_troops"])
    with np.errstate(divide="ignore"):  # certainty of failing, or of not failing, is allowed
        logit_w0 = np.log(values["w0"]) - np.log1p(-values["w0"])
    odds_exponent, hazard_exponent = _exponents(draws)
    return Hazards(
        logit_w0=logit_w0 + values["adversary_odds_exponent"] * pressure,
        failing=-np.log1p(-values["q_failing_2y"]) / 2.0,
        holding=holding,
        holding_slope=np.where(quartiles, values["holding_gompertz.slope"], 0.0),
        kappa_0=values["kappa_0"],
        kappa=values["kappa"],
        odds_exponent=odds_exponent,
        hazard_exponent=hazard_exponent,
        rescues=np.array(draws.labels["late_force"]) == "rescues",
        cause_shares=np.stack([values[f"cause_shares.{cause}"] for cause in CAUSES], axis=1),
        log_hr=np.log(np.stack([values[f"hr.{factor}"] for factor in FACTORS], axis=1)),
        loading=np.stack(
            [
                np.stack([values[f"loadings.{cause}.{factor}"] for factor in FACTORS], axis=1)
                for cause in CAUSES
            ],
            axis=1,
        ),
        log_clamp_low=np.log(values["clamp_hr.low"]),
        log_clamp_high=np.log(values["clamp_hr.high"]),
    )
