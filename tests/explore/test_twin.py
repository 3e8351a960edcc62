"""The page's script and Python give the same answers, at any setting of the controls."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest

from simulator.explore.answer import Setting, answer
from simulator.explore.explored import Explored
from simulator.explore.page import first_setting, resolution, rounded
from tests.report.browser import DESK, Browser

SETTINGS = 200
# Of sums of some thousand numbers in another order.
SAME = {"rel": 1e-9, "abs": 1e-9}


def random_settings(
    explored: Explored, count: int, seed: int = 1
) -> list[tuple[Setting, list[int]]]:
    """Settings with up to two controls moved, and where each control then stands."""
    rng = np.random.default_rng(seed)
    plans = explored.draws.plans
    found = []
    for _ in range(count):
        stops = [control.start for control in explored.controls]
        for i in rng.choice(len(stops), rng.integers(0, 3), replace=False):
            stops[i] = int(rng.integers(len(explored.controls[i].stops)))
        given = [c.stops[stop].given for c, stop in zip(explored.controls, stops, strict=True)]
        plan, reference = rng.choice(plans, 2, replace=False)
        worth = float(rng.choice(explored.worths))
        found.append((Setting(str(plan), str(reference), worth, tuple(filter(None, given))), stops))
    return found


def numbers_of(browser: Browser, setting: Setting, stops: list[int]) -> dict[str, Any]:
    """What the script of the open page answers."""
    asked = {"plan": setting.plan, "reference": setting.reference, "worth": setting.worth}
    found = browser.run(f"return JSON.stringify(answer({json.dumps(asked | {'stops': stops})}))")
    tree: dict[str, Any] = json.loads(found)
    return tree


def leaves(tree: Any, place: str = "") -> dict[str, Any]:
    """Every number and word of a tree by its place."""
    if isinstance(tree, dict):
        parts = tree.items()
    elif isinstance(tree, list | tuple):
        parts = [(str(i), one) for i, one in enumerate(tree)]
    else:
        return {place: tree}
    return {k: v for name, one in parts for k, v in leaves(one, f"{place}.{name}").items()}


def known(tree: Any) -> dict[str, Any]:
    return {place: value for place, value in leaves(tree).items() if value is not None}


@pytest.mark.slow
def test_the_page_answers_what_python_answers(browser: Browser, four: Explored, page: Any) -> None:
    browser.size(DESK)
    browser.open(page)
    kept = rounded(four)
    enough = 0
    for setting, stops in random_settings(four, SETTINGS):
        ours, theirs = answer(kept, setting), numbers_of(browser, setting, stops)
        assert known(theirs) == pytest.approx(known(ours), **SAME), setting
        enough += ours["enough"]
    assert SETTINGS / 4 < enough < SETTINGS  # both kinds are among them


@pytest.mark.slow
def test_rounding_moves_no_number_by_more_than_the_stated_resolution(four: Explored) -> None:
    kept, steps = rounded(four), resolution(four)
    compared = 0
    for setting, _ in random_settings(four, 60):
        exact, found = answer(four, setting), answer(kept, setting)
        assert found["effective"] == exact["effective"]
        if not exact["enough"]:
            continue
        for who, share in (("plan", 0.5), ("reference", 0.5), ("difference", 1.0)):
            for name, one in found[who].items():
                if name in steps:
                    for part in ("value", "low", "high"):
                        if one[part] is not None:
                            off = abs(one[part] - exact[who][name][part])
                            assert off <= share * steps[name] * 1.001, (setting, who, name, part)
                            compared += 1
    assert compared > 1_000


def test_the_resolution_is_far_below_the_monte_carlo_error(four: Explored) -> None:
    found, steps = answer(four, first_setting(four)), resolution(four)
    for name, one in found["difference"].items():
        assert steps[name] < 0.05 * one["mcse"], name


@pytest.mark.slow
def test_a_wrong_script_would_be_seen(browser: Browser, four: Explored, page: Any) -> None:
    browser.open(page)
    kept = rounded(four)
    setting, stops = first_setting(kept), [control.start for control in four.controls]
    ours = known(answer(kept, setting))
    assert known(numbers_of(browser, setting, stops)) == pytest.approx(ours, **SAME)
    browser.run("replicate[0] = (replicate[0] + 1) % 16")  # one draw in the wrong replicate
    assert known(numbers_of(browser, setting, stops)) != pytest.approx(ours, **SAME)
