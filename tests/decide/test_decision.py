"""The whole of a decision in one object."""

import json
from dataclasses import replace

import numpy as np
import pytest

from simulator.decide.decision import decide
from simulator.inputs import InputError

from .conftest import draws_of


def cases(size: int = 1_600):
    rng = np.random.default_rng(1)
    x, null = rng.random((2, size))
    held = np.stack([0.3 + 0.0 * x, 0.5 - 0.4 * x, 0.2 + 0.02 * rng.random(size)])
    cost = np.stack([10.0 + 0.0 * x, 12.0 + rng.random(size), 1.0 + 0.0 * x])
    option = np.array(["a", "b"], object)[rng.integers(0, 2, size)]
    outcomes = {"p_holds_20y": held, "cost_gbp": cost}
    return draws_of(outcomes, {"x": x, "null": null}, {"c": option})


WORTH = "200 * p_holds_20y - cost_gbp"


def test_everything_at_once_and_as_json() -> None:
    found = decide(cases(), WORTH, groups={"both": ["x", "null", "absent"], "none": ["absent"]})
    choice = found.choice
    assert (found.draws, found.of, found.given) == (1_600, 1_600, ())
    worth = {plan: value.value for plan, value in choice.mean.items()}
    assert choice.best == max(worth, key=worth.get) == choice.regret.least_loss
    assert choice.margin.value == pytest.approx(worth[choice.best] - worth[choice.second])
    assert [one.name for one in choice.margin_decided_by] == ["x"]
    by_name = {one.name: one for one in choice.information}
    assert set(by_name) == {"x", "null", "c", "both"}
    assert not by_name["x"].nothing
    assert by_name["null"].nothing
    assert [one.name for one in choice.beliefs] == ["x"]
    assert [limit.name for limit in choice.worse.limits] == ["x"]
    least = choice.regret.loss[choice.best].value
    assert choice.evpi.value == pytest.approx(least, rel=1e-12)
    tree = json.loads(json.dumps(found.as_json(), allow_nan=False))
    assert tree["choice"]["best"] == choice.best
    assert set(tree["frontier"]) == {"pooled"}


def test_without_a_worth_the_frontier_alone() -> None:
    found = decide(cases())
    assert found.choice is None
    assert found.frontier["pooled"].plans[0] == "p2"
    assert found.enough.plans == ("p0",)


def test_what_the_horizon_does_not_reach_is_left_out() -> None:
    draws = cases()
    draws.outcomes["p_holds_20y"][:] = np.nan
    found = decide(draws, "-cost_gbp")
    assert (found.frontier, found.enough, found.choice.best) == ({}, None, "p2")
    with pytest.raises(InputError, match="not finite"):
        decide(draws, WORTH)


def test_given_is_heard_by_every_answer() -> None:
    everything, some = decide(cases(), WORTH), decide(cases(), WORTH, beliefs=["x=..0.3"])
    assert some.draws < some.of == everything.draws
    assert (everything.choice.second, some.choice.best) == ("p1", "p1")
    assert some.choice.margin.value > 0.0
    assert len(some.notes) == len(everything.notes)


def test_notes_on_few_draws_and_few_trials() -> None:
    draws = replace(cases(4_096), trials=4)
    assert len(decide(draws).notes) == 0
    (note,) = decide(draws, WORTH).notes
    assert "4 trials" in note
    assert "1,600 draws" in decide(cases(), WORTH).notes[0]


def test_one_plan_is_no_decision() -> None:
    draws = cases()
    with pytest.raises(ValueError, match="two plans"):
        decide(draws_of({name: v[:1] for name, v in draws.outcomes.items()}))
