"""Findings: the case that is chosen and the numbers in it."""

from __future__ import annotations

import numpy as np
import pytest

from simulator.analysis import findings
from simulator.estimates.compare import Plan, comparison
from simulator.estimates.estimate import Estimate
from simulator.estimates.paired import Rows
from simulator.quantities import COMPARED

DRAWS = np.arange(256)


def plan(name, held, peak=0.0):
    """A plan that holds 20 years with these probabilities, and has so many soldiers at its peak."""
    rows = np.zeros((DRAWS.size, len(COMPARED)), np.float32)
    rows[:, COMPARED.index("p_holds_20y")] = held
    rows[:, COMPARED.index("peak_troops")] = peak
    return Plan(name, Rows(DRAWS, 30.0, 16, rows))


def finding(*plans, planned=None, offered=None):
    names = [one.name for one in plans]
    found = comparison(plans, "p_holds_20y")
    planned = planned or dict.fromkeys(names, 0.0)
    return findings.of_comparison(
        found, dict(zip(names, names, strict=True)), planned, offered or {}
    )


NOISE = np.random.default_rng(1).normal(0.0, 0.01, DRAWS.size)
BASE = plan("base", 0.4, 4_000.0)


def test_a_significant_difference_is_said_with_what_it_brings():
    said = finding(BASE, plan("more", 0.45, 7_830.0), planned={"base": 10_000.0, "more": 25_000.0})
    assert "raises" in said and "5.00" in said
    assert "15,000 more" in said and "3,800 more" in said


def test_soldiers_who_are_not_offered_are_the_reason():
    said = finding(
        BASE,
        plan("more", 0.4, 4_000.0),
        planned={"base": 10_000.0, "more": 25_000.0},
        offered={"more": 9_600.0},
    )
    assert "does not change" in said and "9,600" in said


def test_an_offer_that_is_not_known_is_not_named():
    said = finding(BASE, plan("more", 0.4, 4_000.0), planned={"base": 1.0, "more": 2.0})
    assert "bring none" in said and "offer" not in said


def test_a_difference_within_its_error_comes_with_the_draws_that_would_resolve_it():
    said = finding(BASE, plan("alike", 0.4 + NOISE))
    assert "no significant difference" in said and "draws would resolve it" in said


def test_of_many_plans_the_first_and_the_spread_are_said():
    many = [plan(f"p{i}", 0.4 + 0.01 * i) for i in range(6)]
    said = finding(*many)
    assert said.startswith("p5 has the highest") and "within 5" in said
    tied = [plan(f"p{i}", 0.4 + 0.01 * (i < 4) + np.roll(NOISE, 16 * i)) for i in range(6)]
    assert "order is not significant" in finding(*tied) or "No plan" in finding(*tied)


@pytest.mark.parametrize("missing", ["p_holds_20y", "both"])
def test_a_short_horizon_leaves_out_what_it_does_not_reach(missing):
    nothing = Estimate(None, None, None, None, note="beyond")
    estimates = {
        "p_collapse_within_2y": nothing if missing == "both" else Estimate(0.3, 0.01, 0.1, 0.5),
        "p_holds_20y": nothing,
        "rmst_years": Estimate(1.5, 0.01, 1.0, 2.0),
    }
    said = findings.of_run(estimates, {"offensive": Estimate(0.2, 0.01, 0.1, 0.3)}, {}, 256, 5.0)
    assert ("30" in said) == (missing != "both") and "20 years" not in said
    assert "100 %" in said


def test_the_largest_cause_and_the_steps_are_those_given():
    estimates = {
        name: Estimate(0.5, 0.001, 0.2, 0.8) for name in ("p_collapse_within_2y", "p_holds_20y")
    }
    causes = {"offensive": Estimate(0.1, 0.01, 0, 1), "escalation": Estimate(0.3, 0.01, 0, 1)}
    steps = {
        name: Estimate(value, 1.0, None, None)
        for name, value in (("planned", 25_000.0), ("committed", 13_170.0), ("arrived", 8_620.0))
    }
    said = findings.of_run(estimates, causes, steps, 256, 30.0)
    assert "75 % are an escalation" in said
    assert "25,000" in said and "13,000" in said and "8,600" in said


def test_a_sweep_says_its_ends_and_its_strongest_lever():
    points = [(f"size {i}", Estimate(0.3 + 0.02 * i, 0.001, 0.1, 0.6)) for i in range(4)]
    said = findings.of_sweep(points, [("size", 6.0), ("posture", 0.2)], "p_holds_20y")
    assert "30.00 % (size 0)" in said and "36.00 % (size 3)" in said
    assert "most is size: 6 points" in said
    same = [("a", points[0][1]), ("b", points[0][1])]
    assert findings.of_sweep(same, [], "p_holds_20y").startswith("None of the 2 points")


def test_plans_of_one_title_go_by_their_names():
    assert findings.distinct({"a": "One", "b": "Two"}) == {"a": "One", "b": "Two"}
    assert findings.distinct({"a": "One", "b": "One"}) == {"a": "a", "b": "b"}
    assert findings.distinct({"a": "", "b": "One"}) == {"a": "a", "b": "One"}
