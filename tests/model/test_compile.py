"""What levers and catalogue entries come to in the compiled model."""

from __future__ import annotations

import numpy as np
import pytest

from simulator.analysis.inputs import load_plans
from simulator.analysis.run import Job, compile_job, run
from simulator.model.compile import scale_odds
from simulator.model.formulas import great_circle_km

DRAWS = 40


def compiled(scenario="coalition-of-the-willing", *sets, book="evidence"):
    [(plan, loaded)] = load_plans([scenario], book, sets)
    return compile_job(Job(plan, loaded, seed=5, draws=DRAWS, trials=1))


def column(model, name):
    return model.contributors.names.index(name)


def test_contributors_without_forces_are_left_out():
    model, _ = compiled()
    assert "united-states" not in model.contributors.names
    assert "poland" not in model.contributors.names  # refuses soldiers, opens bases
    assert "poland" in model.air.hosts


def test_a_condition_removes_a_role_only_where_it_bites():
    cities, _ = compiled()
    line, _ = compiled("coalition-of-the-willing", "force.posture=line")
    france = column(cities, "france")
    assert (cities.contributors.troops[:, france] > 0).all()
    assert (line.contributors.troops[:, column(line, "france")] == 0).all()
    assert line.contributors.aircraft[column(line, "france")] > 0


def test_conditions_delay_and_parliament_takes_longer():
    base, draws = compiled()
    values = draws.values
    i = column(base, "turkiye")
    months = base.contributors.arrival[:, i] * 12
    delay = (
        values["contributors.turkiye.approval_delay_months"]
        + values["contributors.turkiye.deploy_months"]
    )
    assert months - delay == pytest.approx(np.full(DRAWS, 6.0))


def test_no_logistics_hub_slows_everybody_down():
    hub, draws = compiled()
    none, _ = compiled("coalition-of-the-willing", "contributors.without=[poland]")
    i, j = column(hub, "france"), column(none, "france")
    slower = (none.contributors.arrival[:, j] - hub.contributors.arrival[:, i]) * 12
    expected = draws.values["contributors.france.deploy_months"] * (
        draws.values["logistics_hub.delay_factor"] - 1
    )
    assert slower == pytest.approx(expected)
    assert (slower >= 0).all()


def test_a_base_without_its_host_in_the_plan_is_unusable():
    model, _ = compiled("coalition-of-the-willing", "contributors.without=[poland]")
    assert "poland" not in model.air.hosts
    assert not any("poland" in host for host in model.air.hosts)


def test_dropping_a_contributor_leaves_every_other_number_alone():
    everybody, _ = compiled()
    fewer, _ = compiled("coalition-of-the-willing", "contributors.without=[germany, france]")
    for name in fewer.contributors.names:
        i, j = column(everybody, name), column(fewer, name)
        for field in ("commitment", "troops", "arrival", "exit_rate"):
            a, b = getattr(everybody.contributors, field), getattr(fewer.contributors, field)
            assert np.array_equal(a[:, i], b[:, j]), (name, field)


def test_replacement_makes_part_of_the_exits_good():
    none, draws = compiled("coalition-of-the-willing", "assumptions.replacement=0")
    some, _ = compiled("coalition-of-the-willing", "assumptions.replacement=0.75")
    i = column(none, "france")
    leaving = draws.values["contributors.france.exit_annual"]
    assert none.contributors.exit_rate[:, i] == pytest.approx(leaving)
    assert some.contributors.exit_rate[:, i] == pytest.approx(leaving / 4)


@pytest.mark.parametrize(
    ("acts_on", "on_odds", "on_hazards"),
    [("both", True, True), ("odds", True, False), ("hazards", False, True)],
)
def test_effects_act_where_the_choice_says(acts_on, on_odds, on_hazards):
    model, draws = compiled("no-force", f"structure.effect_acts_on={acts_on}")
    power = draws.values[f"effect_exponent.{acts_on}"]
    found = (model.hazards.odds_exponent, model.hazards.hazard_exponent)
    for exponent, acts in zip(found, (on_odds, on_hazards), strict=True):
        # A stored exponent of 0 says that no power would do: such a draw acts on both.
        assert exponent[power > 0.0] == pytest.approx((power * acts)[power > 0.0])
        assert (exponent[power == 0.0] > 0.0).all()
    assert (power > 0.0).any()


def test_late_forces_and_departures_reach_the_model():
    for late, departure in (("too_late", "effect_goes"), ("rescues", "effect_stays")):
        model, _ = compiled(
            "no-force", f"structure.late_force={late}", f"structure.departure={departure}"
        )
        assert (model.hazards.rescues == (late == "rescues")).all()
        assert (model.presence.stays == (departure == "effect_stays")).all()


def test_offers_as_needed_reach_the_model():
    assert not compiled()[0].mission.as_needed
    assert compiled("coalition-of-the-willing", "force.offers=as_needed")[0].mission.as_needed


def test_support_restores_the_army_sooner_and_none_leaves_its_own_pace():
    plan, draws = compiled(
        "no-force", "ukraine_support.rearmament=1", "ukraine_support.trainers=100000"
    )
    none, _ = compiled("no-force", "ukraine_support.rearmament=0", "ukraine_support.trainers=0")
    years = draws.values["ukraine_rearm_years"]
    assert plan.milestones.army_restored == pytest.approx(years)
    own = draws.values["ukraine_own_pace"]
    assert none.milestones.army_restored == pytest.approx(years / own)


def test_more_russian_troops_raise_the_odds_of_failing_by_the_exponent():
    base, draws = compiled("no-force")
    more, _ = compiled("no-force", "adversary.troops=1200000")
    shift = more.hazards.logit_w0 - base.hazards.logit_w0
    assert shift == pytest.approx(draws.values["adversary_odds_exponent"] * np.log(2))


def test_a_plan_that_is_not_rejected_has_consent():
    model, _ = compiled("coalition-of-the-willing", "adversary.rejects_force=false")
    assert (model.mission.consent == 1.0).all()


def test_promised_components_add_up():
    model, draws = compiled(
        "no-force", "us_backstop.intelligence=true", "us_backstop.logistics=true"
    )
    weights = [
        draws.values[f"us_backstop.component_weights.{c}"] for c in ("intelligence", "logistics")
    ]
    assert model.backstop.weight == pytest.approx(sum(weights))
    assert (model.backstop.promised, model.backstop.logistics) == (True, True)
    assert not model.backstop.surveillance


def test_odds_scale_and_keep_certainty():
    p = np.array([0.0, 0.2, 0.5, 1.0])
    assert scale_odds(p, np.array(4.0)) == pytest.approx([0.0, 0.5, 0.8, 1.0])


def test_great_circle_against_published_distances():
    # Airports' published great-circle distances (Karney's ellipsoidal values differ by < 0.5 %).
    assert great_circle_km(51.4706, -0.4619, 40.6398, -73.7789) == pytest.approx(5540, rel=5e-3)
    assert great_circle_km(10, 20, 10, 20) == 0.0
    assert great_circle_km(1, 2, 3, 4) == great_circle_km(3, 4, 1, 2)


@pytest.mark.parametrize(
    "pin",
    [
        "kappa=20",
        "kappa={lognormal: {median: 0.1, sigma: 1.4}}",  # beyond the limit in a draw of 10**12
        "kappa_0=1e30",
        "holding_gompertz.slope=5",
        "holding_gompertz.a=1e30",
        "presence.reference_density=1e-12",
        "cost_per_soldier_year=1e30",
        "rotation_ratio=1e30",
        "air.aircraft_per_tanker=1e30",
    ],
)
def test_whatever_is_valid_can_be_run(pin):
    pins = [f"assumptions.{pin}", "structure.holding_reading=quartiles"]
    [(plan, book)] = load_plans(["reassurance-force"], "evidence", pins)
    outcome = run(Job(plan, book, seed=5, draws=16, trials=2)).outcome
    values = [e.value for e in outcome.estimates.values() if e.value is not None]
    assert np.all(np.isfinite(values))
