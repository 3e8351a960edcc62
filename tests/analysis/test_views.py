"""Views share their draws, so that what differs between two is theirs."""

from __future__ import annotations

import numpy as np
import pytest

from simulator.analysis.run import Job, run
from simulator.analysis.views import differs, views
from simulator.books.load import load_book
from simulator.estimates.estimate import Estimate
from simulator.quantities import CLAIM
from simulator.scenario import load_scenario

DRAWS = 64


def job(book: str, *sets: str) -> Job:
    return Job(load_scenario("no-force", sets), load_book(book), 1, DRAWS, 1)


def test_views_that_touch_nothing_of_a_plan_are_equal_in_every_digit() -> None:
    found = views(job("experts"))["experts"]
    idle = ["healey", "hegseth", "litra", "scholz", "trump", "tusk"]  # no force, no backstop
    assert len({tuple(found[view][name].value for name in CLAIM) for view in idle}) == 1
    assert found["sakaliene"]["p_holds_20y"].value > found["tusk"]["p_holds_20y"].value


def test_a_difference_is_that_of_runs_with_the_view_pinned() -> None:
    found = views(job("forecasters"))["forecasters"]
    names = list(found)
    pinned = [run(job("forecasters", f"structure.view={name}")) for name in names]
    values = np.array([one.outcome.estimates["p_holds_20y"].value for one in pinned])
    differences = [found[name]["p_holds_20y"].value for name in names]
    assert differences == pytest.approx(values - values.mean(), abs=1e-6)


def test_only_views_that_a_job_can_take_are_compared() -> None:
    assert views(job("evidence")) == {}
    assert views(job("blend", "structure.view=besch")) == {}
    assert views(job("blend", "structure.book=evidence")) == {}
    found = views(job("blend", "structure.view={besch: 3, clarke: 1}"))
    assert list(found) == ["experts"]
    one, three = (found["experts"][view]["p_holds_30y"].value for view in ("clarke", "besch"))
    assert one + 3.0 * three == pytest.approx(0.0, abs=1e-12)


def test_a_view_is_told_if_it_differs_by_more_than_chance() -> None:
    def one(value: float, mcse: float | None) -> dict[str, Estimate]:
        return {"p_holds_20y": Estimate(value, mcse, None, None)}

    assert differs(one(-0.02, 0.002), DRAWS)
    assert not differs(one(-0.02, 0.01), DRAWS)
    assert not differs(one(0.009, 0.0), DRAWS)
    assert not differs(one(0.5, None), 1)
