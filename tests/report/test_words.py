"""Plain sentences: what they say follows from the numbers, and no further."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from simulator.estimates.estimate import Estimate
from simulator.estimates.outcome import Band
from simulator.report.prose.said import comparison_sentences, sweep_sentences
from simulator.report.prose.said import run_sentences as sentences
from simulator.results.comparison import load_comparison
from simulator.results.runs import Ranked, Run
from simulator.results.sweep import load_sweep
from tests.report.made import comparison, sweep_folder, write
from tests.report.made import run as a_run


def numbers(text: str) -> list[float]:
    """Every number of a sentence."""
    return [float(word.replace(",", "")) for word in re.findall(r"\d[\d,]*(?:\.\d+)?", text)]


def made(**more: Any) -> Run:
    return a_run("plan", **more)


def with_estimates(run: Run, **changes: Estimate) -> Run:
    return replace(run, estimates={**run.estimates, **changes})


def test_a_run_in_words() -> None:
    run = made()
    finding, median, causes, rests_on, sure = sentences(run)
    assert finding == run.finding
    assert numbers(median) == [1.3, 1.0, 1.6]
    assert causes.index("a deliberate offensive") < causes.index("an escalation")
    assert numbers(causes)[:2] == [100, 30]
    assert "(w0)" in rests_on
    assert numbers(rests_on)[1:3] == [0.3, 50]
    assert numbers(sure) == [20, 0.4, 5, 95, 29, 44]


def test_a_poor_run_claims_little() -> None:
    run = made(draws=5, trials=4)
    poor = replace(run.survival, mcse=run.survival.mcse * 0.0 + 0.2)
    run = with_estimates(
        replace(run, survival=poor),
        p_collapse_within_2y=Estimate(0.47, 0.2, None, None),
        p_between_2y_20y=Estimate(0.16, 0.2, None, None),
        p_holds_20y=Estimate(0.37, 0.2, None, None),
        median_years=Estimate(1.3, None, None, None),
    )
    told = sentences(run)
    assert "roughly 1 year." in told[1]
    assert "Only 5 sets of assumptions were drawn" in told[-1]
    assert "95 %" not in told[-1]


def test_one_draw_has_no_error() -> None:
    run = made(draws=1, trials=1)
    run = with_estimates(run, p_holds_20y=Estimate(0.37, None, None, None))
    assert "gives no Monte Carlo error" in sentences(run)[-1]


def test_one_set_of_assumptions_is_not_told_as_many() -> None:
    told = sentences(made(draws=1, trials=1000))[-1]
    assert "under this one set of assumptions" in told
    assert "under this one set" not in sentences(made(draws=32))[-1]


def test_few_draws_have_no_nine_tenths() -> None:
    for draws, said in ((2, False), (31, False), (32, True)):
        told = sentences(made(draws=draws))[-1]
        assert "29 to 44 %" in told
        assert ("95 % range" in told) == said


def test_what_was_not_tested_is_not_called_error() -> None:
    run = made(draws=49)
    assert run.background is not None
    untested = replace(run.background, influence=Ranked("p_holds_20y", ()))
    told = " ".join(sentences(replace(run, background=untested)))
    assert "So few draws do not show" in told
    assert "stands out from Monte Carlo error" not in told
    many = " ".join(sentences(replace(run, background=untested, draws=50)))
    assert "do not show" not in many and "stands out" not in many


def test_a_half_life_beyond_the_horizon_is_told_with_its_range() -> None:
    run = with_estimates(made(), median_years=Estimate(4.31, 0.1, 0.75, None))
    assert "4.3 years (0.8 to beyond 30 years)" in sentences(run)[1]
    held = replace(run, survival=replace(run.survival, value=run.survival.value * 0.0 + 0.9))
    held = with_estimates(held, median_years=Estimate(None, None, 3.2, None))
    assert "More than half of the ceasefires hold after 30 years" in sentences(held)[1]
    assert "3.2 to beyond 30 years" in sentences(held)[1]


def test_a_trial_that_held_does_not_say_that_most_do() -> None:
    run = made()
    whole = np.ones_like(run.survival.value)
    held = replace(run, survival=Band(whole, 0.0 * whole, whole, whole))
    held = with_estimates(held, median_years=Estimate(None, None, None, None))
    assert "More than half of the ceasefires hold" in " ".join(sentences(held))
    single = " ".join(sentences(replace(held, draws=1, trials=1)))
    assert "is not clear" in single
    assert "More than half of the ceasefires hold" not in single


def test_causes_whose_difference_is_not_significant_are_not_ranked() -> None:
    run = made()
    near = {
        "offensive": Estimate(0.30, 0.01, 0.2, 0.4),
        "escalation": Estimate(0.28, 0.01, 0.2, 0.4),
        "unravelling": Estimate(0.05, 0.01, 0.0, 0.1),
    }
    told = sentences(replace(run, causes=near))[2]
    assert "is not significant" in told
    # 4.2 standard errors of independent shares, but what one gains the other may lose.
    close = near | {"escalation": Estimate(0.24, 0.01, 0.1, 0.3)}
    assert "is not significant" in sentences(replace(run, causes=close))[2]
    far = near | {"escalation": Estimate(0.2, 0.01, 0.1, 0.3)}
    assert "is not significant" not in sentences(replace(run, causes=far))[2]
    none = {name: Estimate(0.0, 0.0, 0.0, 0.0) for name in near}
    assert sentences(replace(run, causes=none))[2] == "None of the simulated ceasefires collapsed."


def test_an_influence_within_monte_carlo_error_is_not_named() -> None:
    run = made()
    assert run.background is not None
    ranked = tuple(replace(one, clear=False) for one in run.background.influence.ranked)
    dim = replace(run.background, influence=Ranked("p_holds_20y", ranked))
    told = sentences(replace(run, background=dim))
    assert any("No single assumption stands out from Monte Carlo error" in text for text in told)
    assert not any("moves this most" in text for text in told)


def test_a_comparison_in_words(tmp_path: Path) -> None:
    tree = comparison(["no-force", "some", "most"])
    tree["ranking"]["steps"][0]["significant"] = False
    told = comparison_sentences(load_comparison(write(tmp_path / "c.json", tree)))
    finding, order, computing, robust, shares = told
    assert finding == tree["finding"]
    assert numbers(order) == [20, 24.0, 10, 38, 20.0, 8, 32]
    assert computing == "Not significant with this many draws: most and some."
    assert "some and no-force" in robust
    assert numbers(shares)[:3] == [100, 35, 45]


@pytest.mark.parametrize(
    ("low", "high", "robust"),
    [
        (0.01, 0.03, "The order is robust, zero"),
        (-0.037, 0.013, "may reverse the order"),
        (-0.05, -0.01, "The order is robust, zero"),
        (None, None, "That range is not given"),
    ],
)
def test_a_lead_says_whether_assumptions_may_turn_it(
    tmp_path: Path, low: float | None, high: float | None, robust: str
) -> None:
    tree = comparison(["no-force", "some", "most"])
    tree["ranking"]["steps"][0] |= {"value": 0.005, "p05": low, "p95": high}
    told = comparison_sentences(load_comparison(write(tmp_path / "c.json", tree)))
    (of_pair,) = [part for part in told[3].split(". ") if robust in part]
    assert "most and some" in of_pair


def test_shares_are_told_with_the_errors_that_the_comparison_gives(tmp_path: Path) -> None:
    def told(draws: int = 400, **changes: Any) -> list[str]:
        tree = comparison(["no-force", "some", "most"]) | {"draws": draws}
        tree["ranking"] |= {k: v for k, v in changes.items() if k in tree["ranking"]}
        tree["ranking"]["order"][0] |= {k: v for k, v in changes.items() if "best" in k}
        tree["ranking"]["steps"][0] |= {k: v for k, v in changes.items() if k == "same"}
        tree["ranking"]["steps"][0]["significant"] = not changes.get("same", False)
        return comparison_sentences(load_comparison(write(tmp_path / "c.json", tree)))

    assert "sets of assumptions 25 to 55 put" in told(p_order_mcse=0.075)[4]
    assert "best of all under 65 to 95 of 100" in told(p_best=0.8, p_best_mcse=0.075)[4]
    hidden = told(p_order=None, p_order_mcse=None, p_best=None, p_best_mcse=None)[4]
    assert "is not given (it needs --trials 16)" in hidden
    assert "best of all" not in hidden
    assert "One set of assumptions was drawn" in told(draws=1)[-1]
    equal = told(same=True)
    assert "Equal in every set of assumptions: most and some." in equal[2]
    assert numbers(equal[2]) == [3.9]


def test_a_small_effect_is_not_told_as_a_sure_one(tmp_path: Path) -> None:
    sweep = load_sweep(sweep_folder(tmp_path, {"force.target_troops": [0.0, 1000.0]}))
    for mcse, little in ((0.001, False), (0.01, True)):  # of a difference of 0.0125
        points = tuple(
            replace(p, estimates={n: replace(e, mcse=mcse) for n, e in p.estimates.items()})
            for p in sweep.points
        )
        told = " ".join(sweep_sentences(replace(sweep, points=points)))
        assert ("which lever comes first is not settled" in told) == little


def test_a_sweep_in_words(tmp_path: Path) -> None:
    levers = {"force.target_troops": [0.0, 10000.0], "air_support.bases": ["none", "both", "all"]}
    told = sweep_sentences(load_sweep(sweep_folder(tmp_path / "s", levers)))
    assert "6 plans were simulated" in told[0]
    assert "runs from 25.0 % (target_troops 0, none)" in told[0]
    # The bases move it by 2.5 points, the troops by 1.25, single points are known to 0.25.
    assert "is air_support.bases" in told[1]
    assert "of about 0.2 percentage points" in told[2]
    assert "usually known better" in told[2]
    assert "much wider" not in told[2]
    assert told[-1] == "Without a result: 0 points not computed, 1 failed."


def test_points_that_show_the_same_number_are_all_extreme(tmp_path: Path) -> None:
    sweep = load_sweep(sweep_folder(tmp_path / "s", {"force.target_troops": [0.0, 1e4, 2e4, 3e4]}))
    top = sweep.points[-1].estimates
    level = tuple(p if p.number == 0 else replace(p, estimates=top) for p in sweep.points)
    told = sweep_sentences(replace(sweep, points=level))[0]
    assert told.endswith("(target_troops 10,000, and 2 more that show the same number).")
    assert "more" not in told.partition(" to ")[0]


def test_a_lever_is_not_called_the_strongest_on_a_lead_within_error(tmp_path: Path) -> None:
    levers = {"force.target_troops": [0.0, 10000.0], "air_support.bases": ["none", "both"]}
    told = sweep_sentences(load_sweep(sweep_folder(tmp_path / "s", levers)))[1]
    assert "their order is not significant" in told
    assert "air_support.bases by 1" in told
    assert "force.target_troops by 1" in told
