"""The public interface: what a script and a notebook see."""

from __future__ import annotations

import doctest
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import simulator as sim

DOCS = Path(__file__).parents[2] / "docs"


@pytest.fixture(scope="module")
def found() -> sim.RunResult:
    return sim.run(["no-force", "reassurance-force"], draws=64, trials=16)


def test_the_page_on_python(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    flags = doctest.ELLIPSIS | doctest.IGNORE_EXCEPTION_DETAIL
    failed, tried = doctest.testfile(
        str(DOCS / "python.md"), module_relative=False, optionflags=flags
    )
    assert tried > 20
    assert failed == 0


def test_the_public_names_are_there_and_no_others_are_documented() -> None:
    for name in sim.__all__:
        assert getattr(sim, name).__doc__
    assert set(sim.__all__) < set(dir(sim))
    with pytest.raises(AttributeError, match="nothing"):
        _ = sim.nothing  # type: ignore[attr-defined]


def test_importing_loads_nothing_heavy() -> None:
    code = "import sys, simulator; print(sorted({'numpy', 'pydantic', 'scipy'} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


def test_a_result_that_is_read_back_is_the_same(found: sim.RunResult, tmp_path: Path) -> None:
    again = sim.load(found.save(tmp_path / "out"))
    for table in ("estimates", "curves", "draws"):
        before, after = getattr(found, table), getattr(again, table)
        assert list(before) == list(after)
        for name in before:
            np.testing.assert_array_equal(before[name], after[name])
    (tmp_path / "out" / "summary.json").write_text("[]")
    with pytest.raises(sim.StorageError, match="was changed"):
        sim.load(tmp_path / "out")


def test_estimates_are_the_means_of_draws(found: sim.RunResult) -> None:
    mine = found.draws.where(plan="no-force")
    of = found.estimates.where(plan="no-force", estimate="p_holds_20y")
    assert mine.rows == 64
    assert of["value"][0] == pytest.approx(mine["p_holds_20y"].mean(), rel=1e-6)


def test_workers_change_no_bit(found: sim.RunResult) -> None:
    two = sim.run(["no-force", "reassurance-force"], draws=64, trials=16, workers=2)
    for name, column in found.draws.items():
        np.testing.assert_array_equal(column, two.draws[name])


def test_a_difference_is_paired(found: sim.RunResult) -> None:
    one = found.difference("no-force").where(estimate="p_holds_20y")
    assert (one["plan"][0], one["reference"][0]) == ("reassurance-force", "no-force")
    draws = found.draws
    paired = (
        draws.where(plan="reassurance-force")["p_holds_20y"]
        - draws.where(plan="no-force")["p_holds_20y"]
    )
    assert one["value"][0] == pytest.approx(paired.mean(), rel=1e-5)
    with pytest.raises(sim.InputError, match="no plan of this run"):
        found.difference("no-forse")


def test_other_libraries_read_tables_and_files(found: sim.RunResult, tmp_path: Path) -> None:
    duckdb = pytest.importorskip("duckdb")
    pytest.importorskip("pandas")
    pytest.importorskip("polars")
    file = found.save(tmp_path / "out") / "draws.parquet"
    query = f"select avg(p_holds_20y) from '{file}' where scenario = 'no-force'"
    ((mean,),) = duckdb.sql(query).fetchall()
    pandas, polars = found.draws.to_pandas(), found.draws.to_polars()
    assert mean == pytest.approx(pandas[pandas.plan == "no-force"].p_holds_20y.mean(), rel=1e-6)
    assert polars.shape == pandas.shape == (128, len(found.draws))


def test_a_notebook_shows_a_result_with_its_text_escaped() -> None:
    plan = sim.plan({"extends": "no-force", "title": "<script>alert(1)</script>"}, name="mine")
    shown = sim.run(plan, draws=32, trials=4)._repr_html_()
    assert "<script>" not in shown
    assert "&lt;script&gt;" in shown
    assert shown.count("<svg") == 1


def test_mistakes_come_together() -> None:
    with pytest.raises(sim.InputError) as caught:
        sim.run(["no-forse", "no-force"], draws=0)
    text = str(caught.value)
    assert "did you mean 'no-force'?" in text
    assert "draws: must be at least 1, got 0" in text
    with pytest.raises(sim.InputError, match="two plans of this name"):
        sim.run(["no-force", sim.plan("no-force", {"horizon_years": 40})], draws=1)
    with pytest.raises(sim.InputError, match="unknown field"):
        sim.plan({"extends": "no-force", "forse": 1})


def test_a_sweep_goes_on_where_it_stopped(tmp_path: Path) -> None:
    file = tmp_path / "sweep.yaml"
    file.write_text(
        "title: x\nscenario: no-force\ndraws: 16\ntrials: 2\ngrid: {front_km: [500, 1000]}\n"
    )
    first = sim.sweep(file, tmp_path / "out")
    assert (first.finished, first.missing, first.failed) == (2, 0, 0)
    assert sim.sweep(file, tmp_path / "out").estimates.rows == first.estimates.rows


def test_calibrate_reads_spells(tmp_path: Path) -> None:
    file = tmp_path / "spells.csv"
    rows = [f"{years},{ended}" for years, ended in zip(range(1, 21), [1, 1, 0] * 7, strict=False)]
    file.write_text("years,ended\n" + "\n".join(rows) + "\n")
    found = sim.calibrate(file, replicates=50, duration="years", event="ended", unit="years")
    assert found.summary["spells"] == 20
    assert "extends: evidence" in found.book
