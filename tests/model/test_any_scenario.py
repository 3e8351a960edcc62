"""Any valid scenario runs, and its survival is a survival curve."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.analysis.inputs import load_plans
from simulator.analysis.run import Job, run
from simulator.scenario import load_catalogues, load_scenario

CATALOGUES = load_catalogues()
COMPONENTS = ("air_defence", "intelligence", "surveillance", "logistics")


@st.composite
def overrides(draw):
    """``--set`` arguments over every block of a scenario, extremes included."""

    def one_of(strategy):
        return draw(strategy)

    troops = st.one_of(st.just(0), st.integers(1, 200_000), st.just(10_000_000))
    sets = {
        "force.target_troops": one_of(troops),
        "force.posture": one_of(st.sampled_from(["rear", "sites", "cities", "line"])),
        "force.mandate": one_of(st.sampled_from(["coalition", "bilateral", "nato", "un"])),
        "force.offers": one_of(st.sampled_from(["pledged", "as_needed"])),
        "force.reinforcement": one_of(st.one_of(st.just("null"), troops)),
        "contributors.sets": one_of(
            st.lists(st.sampled_from(sorted(CATALOGUES.sets)), unique=True, max_size=3)
        ),
        "contributors.without": one_of(
            st.lists(st.sampled_from(sorted(CATALOGUES.contributors)), unique=True, max_size=4)
        ),
        "air_support.tankers": one_of(st.integers(0, 40)),
        "monitoring.orbits": one_of(st.floats(0, 200)),
        "ukraine_support.rearmament": one_of(st.floats(0, 3)),
        "ukraine_support.trainers": one_of(st.integers(0, 50_000)),
        "adversary.troops": one_of(st.integers(1, 5_000_000)),
        "adversary.rejects_force": one_of(st.sampled_from(["true", "false"])),
        "horizon_years": one_of(st.floats(0.05, 100)),
        "front_km": one_of(st.floats(1, 5_000)),
    }
    for component in COMPONENTS:
        sets[f"us_backstop.{component}"] = one_of(st.sampled_from(["true", "false"]))
    for base in one_of(st.lists(st.sampled_from(sorted(CATALOGUES.bases)), unique=True)):
        sets[f"air_support.bases.{base}.aircraft"] = one_of(st.integers(0, 100))
    return [f"{path}={value}" for path, value in sets.items()]


@lru_cache(maxsize=1)
def _book():
    return load_plans(["no-force"], "blend")[0][1]


@settings(max_examples=60, deadline=None, derandomize=True)
@given(sets=overrides(), seed=st.integers(0, 2**63 - 1))
def test_any_valid_scenario_yields_a_survival_curve(sets, seed):
    scenario = load_scenario("no-force", sets)
    outcome = run(Job(scenario, _book(), seed, draws=5, trials=3)).outcome
    survival = outcome.curves.survival.value
    assert survival[0] == 1.0
    assert (np.diff(survival) <= 0.0).all()
    assert (survival >= 0.0).all()
    total = sum(cause.value for cause in outcome.causes.values())
    assert abs(total - (1.0 - survival[-1])) < 1e-12
    fill = outcome.estimates["fill_rate"].value
    assert (fill is None) == (scenario.force.target_troops == 0)
    for estimate in outcome.estimates.values():
        assert estimate.value is None or np.isfinite(estimate.value)
        assert estimate.value is not None or estimate.note
