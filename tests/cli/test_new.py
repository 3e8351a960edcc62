"""Files to start from: valid as they are, valid with every setting in use, never overwriting."""

from __future__ import annotations

import re

import pytest
from click.testing import CliRunner

from simulator.books.load import load_book
from simulator.books.names import ASSUMPTIONS, SHARES
from simulator.cli.commands import cli
from simulator.inputs import shipped
from simulator.inputs.kinds import kind_of_file
from simulator.scenario import load_scenario
from simulator.storage import StorageError
from simulator.sweeps.files import load_sweep
from simulator.sweeps.planning import make_plan

new_command = cli.commands["new"]


def new(*words):
    found = CliRunner().invoke(new_command, list(map(str, words)), standalone_mode=False)
    if found.exception is not None:
        raise found.exception
    return found.stderr


def in_use(path):
    """The file with the # of every setting taken away."""
    text = path.read_text("utf-8")
    used = path.with_name(f"used-{path.name}")
    used.write_text(re.sub(r"^#([^#])", r"\1", text, flags=re.MULTILINE), "utf-8")
    assert used.read_text("utf-8") != text
    return used


@pytest.mark.parametrize("start", ["reassurance-force", "no-force", "no-us-backstop"])
def test_a_new_plan_is_the_plan_that_it_starts_from(start, tmp_path):
    path = tmp_path / "deep" / "mine.yaml"
    said = new("plan", "--from", start, "-o", path)
    assert f"simulator run {path}" in said
    plan, old = load_scenario(path), load_scenario(start)
    assert plan.identity() == old.identity()
    used = load_scenario(in_use(path))
    assert used.assumptions["w0"] == 0.4
    same = used.identity() | {"assumptions": {}, "structure": {}}
    assert same == old.identity() | {"assumptions": {}, "structure": {}}


def test_a_new_plan_may_start_from_a_file_elsewhere(tmp_path):
    new("plan", "-o", tmp_path / "a" / "one.yaml")
    new("plan", "--from", tmp_path / "a" / "one.yaml", "-o", tmp_path / "b" / "two.yaml")
    assert load_scenario(tmp_path / "b" / "two.yaml").force.target_troops == 25_000


@pytest.mark.parametrize("start", ["evidence", "experts"])
def test_a_new_book_is_the_book_that_it_starts_from(start, tmp_path):
    path = tmp_path / "mine.yaml"
    new("book", "--from", start, "-o", path)
    old = load_book(start)
    assert load_book(path).entries == old.entries
    used = load_book(in_use(path))
    assert [e.form for e in used.entries.values()] == [e.form for e in old.entries.values()]
    assert used.choices["view"].options["my-expert"].entries["w0"]
    written = set(
        re.findall(r"^#  ([\w.]+): \{distribution", path.read_text("utf-8"), re.MULTILINE)
    )
    parts = {f"{whole}.{part}" for whole, names in SHARES.items() for part in names}
    assert written == set(ASSUMPTIONS) - parts | set(SHARES)


def test_a_new_book_may_start_from_a_pool(tmp_path):
    new("book", "--from", "blend", "-o", tmp_path / "mine.yaml")
    assert load_book(in_use(tmp_path / "mine.yaml")).pool_weights == {
        "evidence": 0.5,
        "experts": 0.5,
    }


@pytest.mark.parametrize(("start", "points"), [("no-force", 6), ("backstop-components", 16)])
def test_a_new_sweep_runs_what_it_starts_from(start, points, tmp_path):
    path = tmp_path / "mine.yaml"
    new("sweep", "--from", start, "-o", path)
    assert kind_of_file(str(path)) == "sweep"
    plan, _ = make_plan(load_sweep(path))
    assert len(plan.points) == points
    assert (start in {point.scenario for point in plan.points}) == (points == 6)
    if points == 6:
        assert len(make_plan(load_sweep(in_use(path)))[0].points) == 6 * 2 * 2 * 8


def test_nothing_is_overwritten_and_what_it_starts_from_is_checked(tmp_path):
    (tmp_path / "mine.yaml").write_text("kept")
    with pytest.raises(StorageError, match="is there already"):
        new("plan", "-o", tmp_path / "mine.yaml")
    assert (tmp_path / "mine.yaml").read_text() == "kept"
    for kind in ("plan", "book", "sweep"):
        with pytest.raises(Exception, match="no such"):
            new(kind, "--from", "reasurance-force", "-o", tmp_path / "other.yaml")
        assert not (tmp_path / "other.yaml").exists()
    assert shipped("scenarios").exists()
