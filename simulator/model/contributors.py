"""What each contributor brings to this plan, once its conditions have been weighed."""

from collections.abc import Mapping
from typing import Final

import numpy as np

from simulator.model.compiled import Contributors, FloatArray
from simulator.scenario import Scenario
from simulator.scenario.catalogue import terms as terms_of

MONTHS_PER_YEAR: Final = 12.0
FORCE_ROLES: Final = frozenset({"land", "air", "sea"})


def compile_contributors(scenario: Scenario, values: Mapping[str, FloatArray]) -> Contributors:
    """Arrays of the contributors that offer soldiers, aircraft or ships.

    ``values`` are drawn assumptions by name, each of shape (D,).
    """
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
    """Probability whose odds are ``factor`` times as high (docs/model.md, eq. 2).

    Examples
    --------
    >>> scale_odds(np.array(0.5), np.array(3.0))
    array(0.75)
    """
    return np.asarray(probability * factor / (1.0 - probability + probability * factor))
