"""Results are read back whole, or refused with what is wrong and how to fix it."""

from __future__ import annotations

import json
import pkgutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import simulator.engines
from simulator.inputs.problems import InputError
from simulator.report.frame import Frame
from simulator.report.show import exhibits_of
from simulator.results.comparison import Comparison
from simulator.results.load import Trace, load_result
from simulator.results.runs import Runs, load_runs
from simulator.results.sweep import Point, Sweep, described, load_sweep
from simulator.storage import StorageError, json_bytes, write_results
from tests.report.made import (
    comparison,
    decision,
    run,
    run_folder,
    sweep_folder,
    trace,
    write,
)


def test_every_number_of_a_run_comes_back(tmp_path: Path) -> None:
    one = run("plan")
    found = load_runs(run_folder(tmp_path, [one, run("other", 0.3)]))
    assert [each.name for each in found.runs] == ["plan", "other"]
    read = found.runs[0]
    np.testing.assert_array_equal(read.survival.value, one.survival.value)
    np.testing.assert_array_equal(read.deployed.p95, one.deployed.p95)
    assert read.estimates == one.estimates
    assert set(read.incidence) == {"offensive", "escalation", "unravelling"}
    assert read.plan["force"]["target_troops"] == 25000
    assert set(found.books) == {"blend"}
    written = dict(found.files())
    del written["draws.parquet"]
    assert all((tmp_path / name).read_bytes() == data for name, data in written.items())


def test_each_kind_of_result_is_recognized(tmp_path: Path) -> None:
    assert isinstance(load_result(run_folder(tmp_path / "r", [run("p")])), Runs)
    assert isinstance(load_result(sweep_folder(tmp_path / "s", {"a.b": [1.0, 2.0]})), Sweep)
    assert isinstance(load_result(write(tmp_path / "c.json", comparison(["a", "b"]))), Comparison)
    (tmp_path / "folder").mkdir()
    files = {"comparison.json": json_bytes(comparison(["a", "b"]))}
    write_results(tmp_path / "folder", files, {"digests": {"book:blend": "ab"}})
    assert isinstance(load_result(tmp_path / "folder"), Comparison)
    assert isinstance(load_result(write(tmp_path / "t.json", trace())), Trace)


@pytest.mark.slow
@pytest.mark.parametrize("horizon", [1.0, 2.0, 12.5, 20.0, 25.5, 30.0, 40.0])
def test_every_horizon_can_be_shown(tmp_path: Path, horizon: float) -> None:
    found = load_runs(run_folder(tmp_path, [run("plan", horizon=horizon)]))
    for exhibit in exhibits_of(found):
        exhibit.draw(Frame(720.0))


def broken_runs(folder: Path) -> dict[str, Path]:
    places = {name: run_folder(folder / name, [run("p")]) for name in ("json", "keys", "curve")}
    (places["json"] / "summary.json").write_text("[{", encoding="utf-8")
    one = run("p").as_json()
    del one["causes_detail"]
    write(places["keys"] / "summary.json", [one])
    (places["curve"] / "curves.parquet").write_bytes(b"PAR1 torn")
    other = run_folder(folder / "stranger", [run("p")])
    write(other / "summary.json", [run("q").as_json()])
    (folder / "empty").mkdir()
    return {**places, "stranger": other, "empty": folder / "empty"}


SAYS = {
    "json": "cannot be read as JSON",
    "keys": "causes_detail: Field required",
    "curve": "is not a whole Parquet file",
    "stranger": "it has no curve 'survival' for 'q'",
    "empty": "summary.json: no such file",
}


def without(tree: dict[str, Any], *path: str) -> dict[str, Any]:
    first, *rest = path
    if rest:
        return {**tree, first: without(tree[first], *rest)}
    return {key: value for key, value in tree.items() if key != first}


@pytest.mark.parametrize(
    "path", [("plan_names",), ("draws",), ("choice", "margin"), ("frontier", "pooled", "worths")]
)
@pytest.mark.parametrize("kept", [True, False])
def test_a_broken_decision_is_refused_with_its_fault(
    tmp_path: Path, path: tuple[str, ...], kept: bool
) -> None:
    whole = decision()
    assert [one.kind for one in exhibits_of(load_result(write(tmp_path / "whole.json", whole)))]
    tree, place = without(whole, *path), tmp_path / "decision.json"
    if kept:
        write_results(tmp_path, {"decision.json": json_bytes(tree)}, {})
    else:
        write(place, tree)
    with pytest.raises(InputError) as raised:
        load_result(tmp_path if kept else place)
    (problem,) = raised.value.problems
    assert problem.path == str(place)
    assert path[-1] in problem.message
    assert problem.message.endswith("; run it again")


@pytest.mark.parametrize("case", SAYS)
def test_a_broken_run_is_refused_with_its_fault(tmp_path: Path, case: str) -> None:
    folder = broken_runs(tmp_path)[case]
    with pytest.raises(InputError) as raised:
        load_result(folder, checked=False)
    assert SAYS[case] in raised.value.render()
    with pytest.raises(InputError) as raised:
        load_result(folder)
    said = "no such file; give a folder that" if case == "empty" else "was changed since"
    assert said in raised.value.render()


OTHERS = [{}, [], {"ranking": {}}, {"events": []}, {"ranking": 3, "reference": None}, {"events": 1}]


@pytest.mark.parametrize("tree", OTHERS)
def test_other_json_is_refused(tmp_path: Path, tree: Any) -> None:
    with pytest.raises(InputError):
        load_result(write(tmp_path / "x.json", tree))


def test_an_unknown_scenario_or_estimate_is_named_with_the_nearest(tmp_path: Path) -> None:
    found = load_result(run_folder(tmp_path / "r", [run("one-plan"), run("other")]))
    with pytest.raises(InputError, match="did you mean 'one-plan'"):
        exhibits_of(found, "oneplan")
    sweep = load_result(sweep_folder(tmp_path / "s", {"a.b": [1.0, 2.0]}))
    with pytest.raises(InputError, match="no such estimate"):
        exhibits_of(sweep, quantity="p_hold")


def test_levers_of_a_zip_are_one(tmp_path: Path) -> None:
    folder = sweep_folder(tmp_path, {"a.x": [1.0, 2.0, 3.0], "b.y": ["k", "l"]})
    rewrite(folder, {"a.x": "a.z"}, lambda v: v * 10.0, "zip")
    sweep = load_sweep(folder, checked=False)
    assert [lever.name for lever in sweep.levers] == ["x / z", "b.y"]
    assert sweep.levers[0].labels == ("1 / 10", "2 / 20", "3 / 30")
    assert not sweep.levers[0].numeric


def test_points_written_one_by_one_join_what_changes_together(tmp_path: Path) -> None:
    folder = sweep_folder(tmp_path, {"a.x": [1.0, 2.0, 3.0]})
    rewrite(folder, {"a.x": "a.y"}, lambda v: v * 10.0, "points")
    rewrite(folder, {"a.x": "a.z"}, lambda v: np.minimum(v, 2.0), "points")
    assert [lever.name for lever in load_sweep(folder, checked=False).levers] == ["x / y", "a.z"]


def test_levers_of_a_sample_stand_alone(tmp_path: Path) -> None:
    """However few its points are, and even where one falls as the other rises."""
    folder = sweep_folder(tmp_path, {"a.x": [float(i) for i in range(12)]})
    rewrite(folder, {"a.x": "a.z"}, lambda v: 13.0 - v, "sample")
    sweep = load_sweep(folder, checked=False)
    assert [lever.name for lever in sweep.levers] == ["a.x", "a.z"]
    assert all(lever.numeric and len(lever.labels) == 12 for lever in sweep.levers)


def test_a_folder_that_names_no_factors_is_refused_with_what_to_do(tmp_path: Path) -> None:
    folder = sweep_folder(tmp_path, {"a.x": [1.0, 2.0]})
    plan = json.loads((folder / "plan.json").read_text())
    write(folder / "plan.json", {key: plan[key] for key in plan if key != "factors"})
    with pytest.raises(StorageError, match="run the same sweep command again"):
        load_sweep(folder, checked=False)


def rewrite(folder: Path, copies: dict[str, str], change: Any, kind: str) -> None:
    """Add a lever that follows another, in its factor."""
    plan = json.loads((folder / "plan.json").read_text())
    for source, target in copies.items():
        plan["levers"].append(target)
        for point in plan["points"]:
            point["levers"][target] = float(change(point["levers"][source]))
        (factor,) = (one for one in plan["factors"] if source in one["levers"])
        factor |= {"kind": kind, "levers": [*factor["levers"], target]}
    write(folder / "plan.json", plan)


def test_points_are_told_by_what_is_there() -> None:
    settings = {"us.air": True, "us.sea": False, "force.target_troops": 5e4, "scenario": "no-force"}
    point = Point(0, settings, {}, {})
    assert described(point) == "target_troops 50,000, no-force, with air"
    assert described(Point(0, {"us.air": False}, {}, {})) == "without air"


@pytest.mark.slow
def test_what_only_shows_results_imports_no_engine() -> None:
    engines = [one.name for one in pkgutil.iter_modules(simulator.engines.__path__) if one.ispkg]
    assert "worlds" in engines
    listed = f"[e for e in {engines} if 'simulator.engines.' + e in sys.modules]"
    code = f"import simulator.report.pages, sys; print({listed})"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"
