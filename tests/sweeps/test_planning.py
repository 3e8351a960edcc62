"""Plans: each point is addressed by all that changes its result, and by nothing else."""

from __future__ import annotations

import pickle
import time

import pytest

from simulator.analysis.run import Job
from simulator.books.load import load_book
from simulator.scenario import load_scenario
from simulator.sweeps.files import load_sweep
from simulator.sweeps.plan import plan_from_tree
from simulator.sweeps.planning import make_plan
from tests.sweeps.helpers import SMALL, planned, write


def digests(plan):
    return [point.digest for point in plan.points]


def test_a_point_is_the_job_that_run_would_make(tmp_path):
    plan, inputs = planned(tmp_path)
    scenario = load_scenario(
        "reassurance-force", ["force.target_troops=20000", "us_backstop.logistics=false"]
    )
    job = Job(scenario, load_book("evidence"), 1, 32, 2)
    assert plan.points[3].digest == job.digest
    assert inputs.job(3).digest == job.digest


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("draws: 32", "draws: 33"),
        ("trials: 2", "trials: 3"),
        ("draws: 32", "precision: 0.1"),
        ("trials: 2", "trials: 2\nseed: 2"),
        ("book: evidence", "book: experts"),
        ("scenario: reassurance-force", "scenario: air-only"),
        ("trials: 2", "trials: 2\nset: {front_km: 999}"),
        ("trials: 2", "trials: 2\nset: {assumptions.kappa: 0.5}"),
        ("trials: 2", "trials: 2\nset: {structure.force_response: none}"),
    ],
)
def test_what_changes_the_answer_changes_the_address(before, after, tmp_path):
    old, _ = planned(tmp_path)
    new, _ = planned(tmp_path, SMALL.replace(before, after))
    assert not set(digests(old)) & set(digests(new))


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("title: Small", "title: Other"),
        ("trials: 2", "trials: 2\nset: {front_km: 1000, force.posture: sites}"),  # as they are
        ("[true, false]", "{options: {with: true, without: false}}"),
        ("{from: 0, to: 40000, steps: 3}", "[0, 20000, 40000]"),
    ],
)
def test_nothing_else_does(before, after, tmp_path):
    old, _ = planned(tmp_path)
    new, _ = planned(tmp_path, SMALL.replace(before, after))
    assert digests(old) == digests(new)
    assert old.digest != new.digest or "40000" in after or "front_km" in after


def test_adding_a_cell_changes_no_other(tmp_path):
    old, _ = planned(tmp_path)
    new, _ = planned(tmp_path, SMALL.replace("steps: 3", "steps: 5"))
    assert len(set(digests(new)) - set(digests(old))) == 4
    assert set(digests(old)) < set(digests(new))


def test_a_copy_of_a_scenario_is_the_same_point(tmp_path):
    write(tmp_path, "extends: no-force\ntitle: My copy\n", "copy.yaml")
    text = "title: T\ndraws: 1\ntrials: 1\nbook: blend\ngrid: {scenario: [no-force, copy.yaml]}\n"
    plan, _ = planned(tmp_path, text)
    assert [point.scenario for point in plan.points] == ["no-force", "copy.yaml"]
    assert len(set(digests(plan))) == 1


def test_the_plan_survives_its_file_and_shows_tampering(tmp_path):
    plan, _ = planned(tmp_path)
    tree = plan.tree()
    again = plan_from_tree(tree)
    assert again.tree() == tree
    assert again.points == plan.points
    tree["points"][2]["levers"]["force.target_troops"] = 1
    with pytest.raises(ValueError, match="changed"):
        plan_from_tree(tree)
    with pytest.raises(ValueError, match="lacks"):
        plan_from_tree({})


def test_inputs_are_frozen(tmp_path):
    """Editing a file after launch changes nothing, in this process or in a worker."""
    write(tmp_path, "extends: no-force\ntitle: Mine\n", "mine.yaml")
    plan, inputs = planned(tmp_path, "title: T\nscenario: mine.yaml\ngrid: {front_km: [1, 2]}\n")
    write(tmp_path, "extends: no-force\ntitle: Mine\nhorizon_years: 5\n", "mine.yaml")
    for copy in (inputs, pickle.loads(pickle.dumps(inputs)), inputs.only([1])):
        assert copy.job(1).digest == plan.points[1].digest
        assert copy.job(1).scenario.horizon_years == 30
    assert set(inputs.only([1]).recipes) == {1}


def test_books_come_from_the_point_the_sweep_or_the_scenario(tmp_path):
    write(tmp_path, "extends: no-force\ntitle: Mine\nbook: experts\n", "mine.yaml")
    text = "title: T\ngrid:\n  scenario: [mine.yaml, no-force]\n"
    assert [p.book for p in planned(tmp_path, text)[0].points] == ["experts", "blend"]
    text += "book: evidence\n"
    assert [p.book for p in planned(tmp_path, text)[0].points] == ["evidence", "evidence"]


@pytest.mark.long
def test_ten_thousand_points_are_planned_in_seconds(tmp_path):
    text = SMALL.replace("steps: 3", "steps: 5000")
    started = time.perf_counter()
    plan, _ = make_plan(load_sweep(write(tmp_path, text)))
    took = time.perf_counter() - started
    assert len(plan.points) == 10_000
    assert took < 60  # 9 s on one idle core; the rest is for machines that are busy
