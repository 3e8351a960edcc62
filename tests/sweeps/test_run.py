"""Sweeps from plan to tables: resumed, extended, repaired, shared out; always the same bytes."""

from __future__ import annotations

import csv
import errno
import io
import json
import os
import stat
from dataclasses import replace
from functools import partial
from itertools import count

import duckdb
import numpy as np
import polars
import pytest

from simulator.analysis.run import run
from simulator.estimates.estimate import ESTIMATE_FIELDS
from simulator.results.sweep import load_sweep as load_finished
from simulator.storage import StorageError, hold, read_table
from simulator.sweeps.executors import SerialExecutor
from simulator.sweeps.run import Progress, Share, gather, run_plan
from simulator.sweeps.tables import points_csv
from simulator.sweeps.tasks import simulate_chunk
from tests.storage.kills import killed_before
from tests.sweeps.helpers import SMALL, perform_with, planned, raises, sha256

COMMAND = ["simulator", "sweep", "small.yaml"]


class Counting(SerialExecutor):
    """A serial executor that counts what it is asked for."""

    computed: list[int]

    def __init__(self, inputs, folder, simulation):
        super().__init__(inputs, folder)
        self._perform = partial(perform_with, simulation, inputs, folder=folder)
        self.computed = []

    def submit(self, chunks):
        self.computed += [chunk.point for chunk in chunks]
        return super().submit(chunks)


def sweep(planned_sweep, folder, simulation=simulate_chunk, **options):
    """Run a sweep in this process; return its outcome and the points that were computed."""
    made = []

    def launch(inputs, where):
        made.append(Counting(inputs, where, simulation))
        return made[-1]

    outcome = run_plan(*planned_sweep, folder, launch, COMMAND, **options)
    return outcome, made[0].computed if made else []


def stopped_after(draws):
    """Return a watch that asks to stop once so many draws are done."""
    done = []
    return Progress(stopping=lambda: sum(done) >= draws, advance=done.append)


@pytest.fixture(scope="module")
def undisturbed(small, tmp_path_factory):
    folder = tmp_path_factory.mktemp("undisturbed")
    sweep(small, folder)
    return folder


def test_results_are_those_of_single_runs(small, undisturbed):
    _, inputs = small
    table = read_table(undisturbed / "results.parquet").columns
    for number in (0, 3):
        found = run(inputs.job(number)).outcome
        for kind, estimates in (("estimate", found.estimates), ("cause", found.causes)):
            rows = (table["point"] == number) & (table["kind"] == kind)
            assert table["estimate"][rows].tolist() == list(estimates)
            for field in ESTIMATE_FIELDS:
                single = [getattr(e, field) for e in estimates.values()]
                single = np.array([np.nan if v is None else v for v in single])
                np.testing.assert_array_equal(table[field][rows], single)


def test_points_are_no_formulas_of_a_spreadsheet(tmp_path):
    text = SMALL.replace("[true, false]", "{options: {'=1+1': true, '-2': false}}")
    plan, _ = planned(tmp_path, text)
    rows = list(csv.DictReader(io.StringIO(points_csv(plan, [], []))))
    assert [row["us_backstop.logistics"] for row in rows[:2]] == ["'=1+1", "'-2"]
    assert rows[0]["force.target_troops"] == "0"


def test_the_folder_holds_what_it_should(small, undisturbed):
    plan, _ = small
    names = {path.name for path in undisturbed.iterdir()}
    assert {
        "plan.json",
        "provenance.json",
        "points.csv",
        "results.parquet",
        "failures.jsonl",
        "run.log",
        "shards",
    } <= names
    assert not list((undisturbed / "parts").iterdir())
    with (undisturbed / "points.csv").open(newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert [row["status"] for row in rows] == ["finished"] * 6
    assert [row["force.target_troops"] for row in rows] == ["0", "0", "20000", "20000"] + [
        "40000"
    ] * 2
    assert [row["us_backstop.logistics"] for row in rows] == ["true", "false"] * 3
    assert [row["digest"] for row in rows] == [point.digest for point in plan.points]
    runs = json.loads((undisturbed / "provenance.json").read_text())["runs"]
    assert runs[0]["command"] == COMMAND
    assert runs[0]["digests"]["plan"] == plan.digest
    assert (undisturbed / "failures.jsonl").read_text() == ""
    assert "6 points finished" in (undisturbed / "run.log").read_text()


def test_the_same_command_again_computes_nothing(small, undisturbed):
    before = sha256(undisturbed / "results.parquet")
    outcome, computed = sweep(small, undisturbed)
    assert computed == []
    assert (outcome.finished, outcome.reused, outcome.missing) == (6, 6, 0)
    assert sha256(undisturbed / "results.parquet") == before


@pytest.mark.parametrize("tasks", [1, 2])
def test_a_stopped_sweep_goes_on_to_the_same_bytes(tasks, small, undisturbed, tmp_path):
    done = []
    watch = Progress(stopping=lambda: len(done) >= tasks, advance=done.append)
    outcome, _ = sweep(small, tmp_path, progress=watch)
    assert 0 < outcome.missing < 6
    outcome, computed = sweep(small, tmp_path)
    assert len(computed) == 6 - outcome.reused
    assert sha256(tmp_path / "results.parquet") == sha256(undisturbed / "results.parquet")


@pytest.mark.slow
def test_a_larger_plan_keeps_what_is_there(small, tmp_path, tmp_path_factory):
    sweep(small, tmp_path)
    larger = planned(tmp_path_factory.mktemp("plan"), SMALL.replace("steps: 3", "steps: 5"))
    outcome, computed = sweep(larger, tmp_path)
    assert computed == [2, 3, 6, 7]
    assert outcome.reused == 6
    fresh = tmp_path_factory.mktemp("fresh")
    sweep(larger, fresh)
    assert sha256(tmp_path / "results.parquet") == sha256(fresh / "results.parquet")
    said = "another plan was here ('Small', 6 points, 6 of them in this plan of 10 points too)"
    assert said in (tmp_path / "run.log").read_text()


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["shards", "rows"])
@pytest.mark.parametrize("damage", ["torn", "changed", "gone"])
def test_damaged_files_are_reported_and_computed_again(kind, damage, small, undisturbed, tmp_path):
    sweep(small, tmp_path)
    victim = sorted((tmp_path / kind).iterdir())[0]
    data = bytearray(victim.read_bytes())
    data[len(data) // 3] ^= 4
    if damage == "gone":
        victim.unlink()
    else:
        victim.write_bytes(data[: len(data) // 2] if damage == "torn" else data)
    said = []
    outcome, computed = sweep(small, tmp_path, progress=Progress(note=said.append))
    assert computed
    assert outcome.reused == 6 - len(computed)
    assert sha256(tmp_path / "results.parquet") == sha256(undisturbed / "results.parquet")
    if (kind, damage) != ("shards", "gone"):
        assert any("computed again" in line and victim.name in line for line in said)
        assert "set aside" in (tmp_path / "run.log").read_text()


@pytest.mark.slow
def test_points_cut_in_parts_are_the_same_and_resume_in_the_middle(
    small, undisturbed, tmp_path, monkeypatch
):
    monkeypatch.setattr(
        "simulator.sweeps.plan.longest_chunk", lambda trials: 5
    )  # seven parts a point
    outcome, _ = sweep(small, tmp_path, progress=stopped_after(60))
    assert outcome.finished < 6
    parts = len(list((tmp_path / "parts").iterdir()))
    assert 0 < parts < 7
    outcome, computed = sweep(small, tmp_path)
    assert len(computed) == 7 * (6 - outcome.reused) - parts
    assert not list((tmp_path / "parts").iterdir())
    assert sha256(tmp_path / "results.parquet") == sha256(undisturbed / "results.parquet")


@pytest.mark.slow
def test_parts_of_another_cut_are_not_counted_twice(small, undisturbed, tmp_path, monkeypatch):
    for longest, most in ((5, 20), (7, 60), (400, 10**9)):
        monkeypatch.setattr(
            "simulator.sweeps.plan.longest_chunk", lambda trials, longest=longest: longest
        )
        sweep(small, tmp_path, progress=stopped_after(most))
    assert sha256(tmp_path / "results.parquet") == sha256(undisturbed / "results.parquet")


def test_a_failed_point_is_named_and_tried_again(small, undisturbed, tmp_path):
    outcome, _ = sweep(small, tmp_path, raises)
    assert (outcome.finished, outcome.missing) == (5, 0)
    assert [failure.point for failure in outcome.failures] == [2]
    entry = json.loads((tmp_path / "failures.jsonl").read_text())
    assert entry["point"] == 2
    assert entry["levers"] == {"force.target_troops": 20000, "us_backstop.logistics": True}
    assert entry["error"] == "ZeroDivisionError: poisoned"
    assert "in raises" in entry["trace"]
    assert 2 not in read_table(tmp_path / "results.parquet").columns["point"]
    assert "2,failed" in (tmp_path / "points.csv").read_text()

    outcome, computed = sweep(small, tmp_path)
    assert computed == [2]
    assert sha256(tmp_path / "results.parquet") == sha256(undisturbed / "results.parquet")
    assert (tmp_path / "failures.jsonl").read_text() == ""


@pytest.mark.slow
@pytest.mark.parametrize("of", [2, 3, 8])
def test_shards_join_to_the_same_bytes(of, small, undisturbed, tmp_path):
    plan, _ = small
    for number in range(1, of + 1):
        outcome, _ = sweep(small, tmp_path, share=Share(number, of))
        assert outcome.missing == 0
        assert not (tmp_path / "results.parquet").exists()
    found, outcome = gather(tmp_path)
    assert found.digest == plan.digest
    assert (outcome.finished, outcome.missing) == (6, 0)
    assert sha256(tmp_path / "results.parquet") == sha256(undisturbed / "results.parquet")


def test_shards_in_folders_of_their_own_join(small, undisturbed, tmp_path):
    folders = [tmp_path / f"job{number}" for number in (1, 2)]
    for number, folder in enumerate(folders, start=1):
        sweep(small, folder, raises, share=Share(number, 2))
    _, outcome = gather(tmp_path / "all", folders[:1])
    assert (outcome.finished, outcome.missing) == (2, 3)
    assert [failure.point for failure in outcome.failures] == [2]
    sweep(small, folders[0], share=Share(1, 2))
    _, outcome = gather(tmp_path / "all", folders)
    assert (outcome.finished, outcome.missing, outcome.failures) == (6, 0, ())
    name = "results.parquet"
    assert sha256(tmp_path / "all" / name) == sha256(undisturbed / name)


def test_shards_of_different_plans_are_kept_apart(small, tmp_path, tmp_path_factory):
    other = planned(tmp_path_factory.mktemp("plan"), SMALL.replace("draws: 32", "draws: 33"))
    sweep(small, tmp_path / "a", share=Share(1, 2))
    with pytest.raises(StorageError, match="holds another plan"):
        sweep(other, tmp_path / "a", share=Share(2, 2))
    sweep(other, tmp_path / "b", share=Share(2, 2))
    with pytest.raises(StorageError, match="holds another plan"):
        gather(tmp_path / "a", [tmp_path / "b"])
    with pytest.raises(StorageError, match="holds no plan"):
        gather(tmp_path / "c")


def test_a_second_run_in_one_folder_is_refused(small, tmp_path):
    with hold(tmp_path), pytest.raises(StorageError, match="in use by process"):
        sweep(small, tmp_path)
    with hold(tmp_path, shared=True):
        sweep(small, tmp_path, share=Share(1, 6))
        with pytest.raises(StorageError, match="in use"):
            gather(tmp_path)
        with hold(tmp_path, name=".lock-shard-2-of-6"), pytest.raises(StorageError, match="in use"):
            sweep(small, tmp_path, share=Share(2, 6))


def test_points_with_equal_settings_are_computed_once(tmp_path, tmp_path_factory):
    text = (
        SMALL.replace("[true, false]", "[true]") + "  contributors.sets: [[core], [core, core]]\n"
    )
    twins = planned(tmp_path_factory.mktemp("plan"), text)
    outcome, computed = sweep(twins, tmp_path)
    assert computed == [0, 2, 4]
    assert outcome.finished == 6
    assert set(read_table(tmp_path / "results.parquet").columns["point"]) == set(range(6))


def test_a_broken_plan_is_replaced(small, undisturbed, tmp_path):
    sweep(small, tmp_path)
    path = tmp_path / "plan.json"
    path.write_text(path.read_text()[:500])
    with pytest.raises(StorageError, match="is not the plan of a sweep"):
        gather(tmp_path)
    _, computed = sweep(small, tmp_path)
    assert computed == []
    assert gather(tmp_path)[1].finished == 6


def test_results_of_another_version_are_refused(small, tmp_path):
    """Neither mixed with new ones nor replaced, and the message says what to do."""
    sweep(small, tmp_path)
    path = tmp_path / "plan.json"
    path.write_text(path.read_text().replace('"format": 2', '"format": 1'))
    before = path.read_bytes()
    for use in (lambda: sweep(small, tmp_path), lambda: gather(tmp_path)):
        with pytest.raises(StorageError, match=r"another version .*choose another folder"):
            use()
    assert path.read_bytes() == before


def test_points_take_the_draws_that_a_precision_needs(tmp_path, tmp_path_factory):
    text = SMALL.replace("draws: 32", "precision: 0.02\nmax_draws: 512")
    plan, inputs = planned(tmp_path_factory.mktemp("plan"), text)
    outcome, _ = sweep((plan, inputs), tmp_path / "loose")
    assert outcome.finished == 6
    loose = read_table(tmp_path / "loose" / "results.parquet").columns
    asked = loose["estimate"] == "p_collapse_within_2y"
    draws = loose["draws"][asked]
    assert set(draws) <= {256, 512}
    # What is said of a point is what a run of so many draws says.
    again = run(replace(inputs.job(0), draws=int(draws[0]))).outcome.estimates
    here = (loose["point"] == 0) & (loose["kind"] == "estimate")
    assert loose["value"][here][:4].tolist() == [e.value for e in list(again.values())[:4]]
    reached = 1.325 * loose["mcse"][asked]
    assert ((reached <= 0.02) | (draws == 512)).all()
    # A tighter one takes more, and keeps its results apart.
    other = planned(tmp_path_factory.mktemp("plan"), text.replace("0.02", "0.001"))
    assert not {p.digest for p in other[0].points} & {p.digest for p in plan.points}


def test_a_full_disk_stops_the_sweep_and_it_goes_on_later(
    small, undisturbed, tmp_path, monkeypatch
):
    files = []
    real = os.fsync

    def fsync(descriptor):
        if stat.S_ISREG(os.fstat(descriptor).st_mode):
            files.append(descriptor)
            if len(files) == 6:
                raise OSError(errno.ENOSPC, "No space left on device")
        real(descriptor)

    monkeypatch.setattr(os, "fsync", fsync)
    with pytest.raises(StorageError, match="the disk is full"):
        sweep(small, tmp_path)
    monkeypatch.undo()
    sweep(small, tmp_path)
    assert sha256(tmp_path / "results.parquet") == sha256(undisturbed / "results.parquet")


def test_results_are_read_by_other_programs(small, undisturbed):
    """Polars and DuckDB read the tables as this package does."""
    path = undisturbed / "results.parquet"
    own = read_table(path).columns
    frame = polars.read_parquet(path)
    assert frame.columns == list(own)
    for name in ("value", "mcse"):
        np.testing.assert_array_equal(frame[name].fill_null(np.nan).to_numpy(), own[name])
    assert frame["estimate"].to_list() == own["estimate"].tolist()
    assert frame["force.target_troops"].dtype == polars.Int64
    assert frame["us_backstop.logistics"].dtype == polars.Boolean
    query = (
        'select "force.target_troops", avg(value) from read_parquet(?) '
        "where estimate = 'rmst_years' group by 1 order by 1"
    )
    rows = duckdb.connect().execute(query, [str(path)]).fetchall()
    assert [row[0] for row in rows] == [0, 20000, 40000]
    means = own["value"][own["estimate"] == "rmst_years"].reshape(3, 2).mean(axis=1)
    np.testing.assert_allclose([row[1] for row in rows], means, rtol=1e-12)
    shards = duckdb.connect().execute(
        "select count(distinct digest) from read_parquet(?)", [f"{undisturbed}/shards/*.parquet"]
    )
    assert shards.fetchone() == (6,)


def test_a_worker_of_another_version_changes_nothing(small, tmp_path):
    """What it computes is refused, and named, whatever its results."""
    plan, inputs = small
    other = replace(inputs, draws=33)
    outcome, _ = sweep((plan, other), tmp_path)
    assert outcome.finished == 0
    assert len(outcome.failures) == 6
    assert not (tmp_path / "results.parquet").exists()


@pytest.mark.slow
@pytest.mark.parametrize("step", [pytest.param(1, marks=pytest.mark.long), 13])
def test_a_kill_before_any_operation_on_files_loses_nothing(step, small, tmp_path):
    """Another plan of which half is known replaces a finished one, and is killed on the way."""
    plan, inputs = small
    first = replace(plan, points=plan.points[:3], title="Before")
    sweep((plan, inputs), tmp_path / "whole")
    tables = ("results.parquet", "points.csv", "plan.json", "failures.jsonl")
    for number in count(1, step):
        out = tmp_path / str(number)
        sweep((first, inputs), out)
        killed = killed_before(number, lambda at=out: sweep((plan, inputs), at))
        try:
            found = load_finished(out)
        except StorageError:
            pass  # refused, as long as its tables are not those of one plan
        else:
            assert (found.plan.title, len(found.points)) in {("Before", 3), (plan.title, 6)}
        outcome, computed = sweep((plan, inputs), out)
        assert outcome.finished == 6
        assert len(computed) == 6 - outcome.reused <= 3
        for name in tables:
            assert sha256(out / name) == sha256(tmp_path / "whole" / name)
        assert not list(out.rglob("*.tmp-*"))
        if not killed:
            break
    assert number > 50
