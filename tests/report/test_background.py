"""What stands behind a run: who is deployed, and which assumptions move the answer."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from simulator.analysis import run as running
from simulator.analysis.inputs import load_plans
from simulator.analysis.run import READ_DRAWS, Job, Result, run
from simulator.books.draws import Draws
from simulator.estimates.estimate import estimate
from simulator.estimates.force import deployment
from simulator.estimates.influence import FIFTHS, influences
from simulator.estimates.tally import COLUMNS, Tally, empty
from simulator.model.compiled import FACTORS, FloatArray
from simulator.results.forms import to_tree
from simulator.results.runs import Background, Run, load_runs
from simulator.results.simulated import run_of, runs_of
from simulator.storage import write_results
from tests.models import Contributor, build

DRAWS = 400


@cache
def finished(scenario: str, draws: int = 64) -> Result:
    ((plan, book),) = load_plans([scenario])
    return run(Job(plan, book, seed=7, draws=draws, trials=2))


@pytest.mark.parametrize("scenario", ["reassurance-force", "small-trainers"])
def test_contributors_and_reinforcement_add_up_to_the_run(scenario: str) -> None:
    """All worlds sampled: the sums by year are those of the run."""
    result = finished(scenario)
    found = deployment(result.model, 2, sample=10**6)
    assert (found.draws, found.worlds) == (64, 128)
    total = found.deployed.sum(axis=0) + found.reinforcement
    by_year = total.reshape(30, 4).mean(axis=1)
    # Survival is taken to be straight within 1/8 of a year: some 1 % where it falls fastest.
    np.testing.assert_allclose(by_year, result.outcome.curves.deployed.value, rtol=0.015, atol=0.02)
    assert (found.reinforcement.max() > 1.0) == (scenario == "small-trainers")


def test_contributors_are_there_from_their_arrival_to_their_exit() -> None:
    """By hand: one arrives after half a year, leaves at rate 0.5, of ceasefires that end at 0.2."""
    model = build(
        draws=256,
        contributors=[Contributor(name="alpha", troops=800.0, arrival=0.5, exit_rate=0.5)],
        w0=0.5,
        failing=0.2,
        holding=0.2,
        hr=dict.fromkeys(FACTORS, 1.0),
        horizon=10.0,
    )
    found = deployment(model, 4)
    assert found.names == ("alpha",)
    np.testing.assert_allclose(found.promised[0], 800.0 * (found.edges[:-1] >= 0.5))
    middle = (found.edges[:-1] + found.edges[1:]) / 2.0
    expected = np.where(
        middle > 0.5, 800.0 * np.exp(-0.2 * middle - 0.5 * np.maximum(0.0, middle - 0.5)), 0.0
    )
    # 1,024 exits: the share still there has an sd below .016, spread evenly far less; 5 sd.
    assert np.abs(found.deployed[0] - expected).max() < 800.0 * 5.0 * 0.016
    assert not found.reinforcement.any()


def test_nobody_leaves_a_promise() -> None:
    result = finished("reassurance-force")
    found = deployment(result.model, 2)
    assert (np.diff(found.promised, axis=1) >= -1e-9).all()
    assert (found.deployed <= found.promised + 1e-9).all()
    assert found.promised[:, -1].sum() <= result.model.mission.target_troops
    assert set(found.names) <= set(result.model.contributors.names)


def test_a_sample_takes_the_first_worlds_of_every_draw_or_of_the_first_draws() -> None:
    model = finished("reassurance-force").model
    sizes = [(20, 200), (2, 10**6), (20, 64), (20, 40)]
    found = [deployment(model, trials, sample) for trials, sample in sizes]
    assert [(one.draws, one.worlds) for one in found] == [(64, 192), (64, 128), (64, 64), (40, 40)]


def test_a_plan_without_soldiers_has_nobody_to_show() -> None:
    found = deployment(finished("no-force").model, 2)
    assert found.names == ()
    assert found.promised.shape == (0, 120)
    assert not found.reinforcement.any()


def known_tally(survival: FloatArray) -> Tally:
    """A tally whose share that holds for 20 years is given for each draw."""
    tally = empty(np.arange(survival.size), 4, 30.0)
    tally.rows[:, COLUMNS.index("p_holds_20y")] = survival
    return tally


def known_draws(values: dict[str, np.ndarray], labels: dict[str, list[str]]) -> Draws:
    return Draws(
        1, np.arange(DRAWS), values, {choice: tuple(taken) for choice, taken in labels.items()}
    )


def test_the_assumption_that_moves_the_answer_is_found_and_the_others_are_not() -> None:
    rng = np.random.default_rng(11)
    x = rng.uniform(size=DRAWS)
    others = {f"other.{i}": rng.uniform(size=DRAWS) for i in range(60)}
    found = influences(
        known_tally(0.2 + 0.5 * x),
        known_draws({"x": x, "constant": np.ones(DRAWS), **others}, {}),
    )
    assert found[0].name == "x"
    # Fifths of a uniform keep 1 - 1/25 of its variance.
    assert found[0].explained == pytest.approx(0.96, abs=0.01)
    assert [one.name for one in found if one.clear] == ["x"]  # false alarm: 1 in 1000 by design
    assert "constant" not in {one.name for one in found}
    groups = found[0].groups
    assert len(groups) == FIFTHS
    assert groups[0].value == pytest.approx(0.25, abs=0.02)
    assert groups[-1].value == pytest.approx(0.65, abs=0.02)
    assert groups[0].middle == pytest.approx(0.1, abs=0.03)


def test_what_merely_differs_between_pooled_books_takes_no_credit() -> None:
    rng = np.random.default_rng(12)
    book = np.arange(DRAWS) % 2
    z = book + 0.1 * rng.uniform(size=DRAWS)
    survival = 0.2 + 0.4 * book + 0.1 * rng.uniform(size=DRAWS)
    labels = {"book": [["a", "b"][b] for b in book]}
    found = {
        one.name: one for one in influences(known_tally(survival), known_draws({"z": z}, labels))
    }
    assert found["book"].clear
    assert found["book"].explained > 0.9
    assert [group.label for group in found["book"].groups] == ["a", "b"]
    assert not found["z"].clear
    assert found["z"].explained < 0.02


def test_a_choice_only_one_book_asks_is_judged_where_it_is_asked() -> None:
    rng = np.random.default_rng(13)
    book = np.arange(DRAWS) % 2
    view = np.where(book == 0, "-", np.where(rng.uniform(size=DRAWS) < 0.5, "hawk", "dove"))
    survival = 0.3 + 0.2 * (view == "dove")
    labels = {"book": [["a", "b"][b] for b in book], "view": view.tolist()}
    found = {one.name: one for one in influences(known_tally(survival), known_draws({}, labels))}
    assert [group.label for group in found["view"].groups] == ["hawk", "dove"]
    assert found["view"].clear


def test_the_mean_under_an_option_is_that_of_its_draws() -> None:
    """Book a always takes one option, at 0.9 on average; what moves in b is told as it is in b."""
    rng = np.random.default_rng(14)
    book = np.arange(DRAWS) % 2
    harsh, late = rng.uniform(size=DRAWS) < 0.5, rng.uniform(size=DRAWS)
    survival = np.where(book == 0, 0.9, 0.2 + 0.2 * ~harsh + 0.1 * late)
    labels = {
        "book": [["a", "b"][b] for b in book],
        "class": np.where((book == 1) & harsh, "harsh", "mild").tolist(),
    }
    draws = known_draws({"late": np.where(book == 0, 0.5, late)}, labels)
    found = {one.name: one for one in influences(known_tally(survival), draws)}
    for option, group in zip(["harsh", "mild"], found["class"].groups, strict=True):
        here = (book == 1) & (harsh == (option == "harsh"))
        assert (group.label, group.draws) == (option, np.count_nonzero(here))
        assert group.value == pytest.approx(survival[here].mean())
    lowest = (book == 1) & (late <= np.quantile(late[book == 1], 0.2))
    assert found["late"].groups[0].value == pytest.approx(survival[lowest].mean())


def test_the_error_of_a_group_is_that_of_its_replicates() -> None:
    rng = np.random.default_rng(15)
    x, survival = rng.uniform(size=DRAWS), rng.uniform(size=DRAWS)
    (found,) = influences(known_tally(survival), known_draws({"x": x}, {}))
    lowest = np.flatnonzero(x <= np.quantile(x, 0.2))
    assert found.groups[0].mcse == pytest.approx(estimate(survival[lowest], lowest).mcse)


def test_only_the_draws_whose_assumptions_are_read_count() -> None:
    rng = np.random.default_rng(16)
    x = rng.uniform(size=DRAWS)
    longer = known_tally(np.concatenate([0.2 + 0.5 * x, np.zeros(300)]))
    assert influences(longer, known_draws({"x": x}, {})) == influences(
        known_tally(0.2 + 0.5 * x), known_draws({"x": x}, {})
    )


def test_too_few_draws_tell_no_influence() -> None:
    draws = known_draws({"x": np.linspace(0.0, 1.0, DRAWS)}, {})
    few = replace(draws, numbers=draws.numbers[:20], values={"x": draws.values["x"][:20]})
    assert influences(known_tally(0.5 + 0.4 * few.values["x"]), few) == []
    assert influences(known_tally(np.full(DRAWS, 0.5)), draws) == []


def test_a_run_is_read_back_as_it_was_with_sources_and_shares(tmp_path: Path) -> None:
    jobs = [finished(plan) for plan in ("reassurance-force", "no-force")]
    found = runs_of(jobs, ["simulator", "run"])
    write_results(tmp_path, found.files(), found.provenance)
    assert load_runs(tmp_path) == found
    assert load_runs(tmp_path) != runs_of(jobs[1:], ["simulator", "run"])
    assert set(found.books) == {"blend"}
    assert set(found.books["blend"]["books"]) == {"evidence", "experts"}
    first = found.runs[0]
    assert first.name == "reassurance-force"
    one = background(first)
    assert sum(one.choices["book"].values()) == pytest.approx(1.0)
    low, middle, high = one.drawn["w0"]
    assert 0.0 < low < middle < high < 1.0
    assert one.draws == 64
    assert (one.deployment.draws, one.deployment.worlds) == (64, 128)


def background(run: Run) -> Background:
    assert run.background is not None
    return run.background


def test_a_long_run_reads_its_first_draws_and_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    assert READ_DRAWS == 16_384
    monkeypatch.setattr(running, "READ_DRAWS", 64)
    result = finished("reassurance-force", draws=96)
    assert (result.tally.draws.size, result.draws.numbers.size) == (96, 64)
    found = run_of(result)
    one, whole = background(found), background(run_of(finished("reassurance-force")))
    assert one.draws == 64
    assert to_tree(Background, one) == to_tree(Background, whole)
    assert found.draws == 96
    assert sum(option.draws for option in found.by_option["book"].values()) == 64


def test_curves_by_option_are_those_of_the_summary_and_sum_to_the_whole() -> None:
    result = finished("reassurance-force")
    found = run_of(result)
    kept = background(found).survival_by_option
    np.testing.assert_array_equal(kept.years[:3], found.years[:3])
    at = kept.years.tolist().index(20.0)
    for choice, options in kept.choices.items():
        for option, curve in options.items():
            one = found.by_option[choice][option].estimates["p_holds_20y"]
            assert curve.value[at] == pytest.approx(one.value, rel=1e-3)
    counts = {book: found.by_option["book"][book].draws for book in kept.choices["book"]}
    assert counts == Counter(result.draws.labels["book"])
    mean = sum(n * kept.choices["book"][b].value[at] for b, n in counts.items())
    whole = result.outcome.estimates["p_holds_20y"].value
    assert whole is not None
    assert mean / sum(counts.values()) == pytest.approx(whole, rel=1e-3)
