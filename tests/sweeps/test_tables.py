"""The tables that a sweep and a comparison leave: what they say, and that others read them."""

from __future__ import annotations

import csv
import json

import numpy as np
import polars
import pytest

from simulator.cli.main import cli
from simulator.estimates.compare import Plan, comparison
from simulator.estimates.estimate import ESTIMATE_FIELDS
from simulator.estimates.paired import comparable
from simulator.inputs import InputError
from simulator.storage import csv_text, read_table
from simulator.sweeps.executors import SerialExecutor
from simulator.sweeps.files import load_sweep
from simulator.sweeps.planning import make_plan
from simulator.sweeps.run import run_plan
from simulator.sweeps.store import Store
from tests.sweeps.helpers import SMALL, planned, raises, sha256, write

DIFFERENCES = "differences.parquet"


def test_differences_are_those_of_a_comparison(small, undisturbed):
    plan, _ = small
    store = Store(undisturbed)
    rows = store.rows([point.digest for point in plan.points], store.holdings())
    found = comparison(
        [Plan(str(point.number), rows[point.digest]) for point in plan.points], "rmst_years"
    )
    table = read_table(undisturbed / DIFFERENCES).columns
    assert list(table) == [
        *("point", "scenario", "book", "force.target_troops", "us_backstop.logistics"),
        *("reference", "draws", "quantity", *ESTIMATE_FIELDS, "note"),
    ]
    assert set(table["reference"]) == {0}
    assert set(table["draws"]) == {32}
    assert len(table["point"]) == 5 * len(comparable([30.0])) == len(found.differences)
    for i, one in enumerate(found.differences):
        assert (str(table["point"][i]), table["quantity"][i]) == (one.first, one.quantity)
        for field in ESTIMATE_FIELDS:
            value = getattr(one.estimate, field)
            np.testing.assert_allclose(
                table[field][i], np.nan if value is None else value, rtol=1e-12
            )
        assert table["note"][i] == (one.estimate.note or None)


def test_differences_are_those_of_trials_enough_for_a_range(tmp_path):
    plan = planned(tmp_path, SMALL.replace("trials: 2", "trials: 16"))
    run_plan(*plan, tmp_path / "out", SerialExecutor, [])
    table = read_table(tmp_path / "out" / DIFFERENCES).columns
    ranged = (table["quantity"] == "rmst_years") & (table["point"] == 4)
    assert table["p05"][ranged] < table["value"][ranged] < table["p95"][ranged]


@pytest.mark.parametrize(
    ("text", "flags", "number"),
    [
        ("", (), 0),
        ("reference: {us_backstop.logistics: false}\n", (), 1),
        ("reference: {force.target_troops: 40000, us_backstop.logistics: true}\n", (), 4),
        ("reference: {us_backstop.logistics: false}\n", ("force.target_troops=20000.0",), 2),
    ],
)
def test_a_reference_is_the_first_point_that_has_its_values(text, flags, number, tmp_path):
    plan, _ = make_plan(load_sweep(write(tmp_path, SMALL + text), reference=flags))
    assert plan.reference == number
    assert plan.digest == planned(tmp_path)[0].digest  # the points and their results are the same


def test_another_reference_changes_the_differences_only(small, undisturbed, tmp_path):
    run_plan(*small, tmp_path, SerialExecutor, [])
    other = make_plan(load_sweep(write(tmp_path, SMALL), reference=["force.target_troops=40000"]))
    outcome = run_plan(*other, tmp_path, SerialExecutor, [])
    assert outcome.reused == 6
    assert sha256(tmp_path / "results.parquet") == sha256(undisturbed / "results.parquet")
    before, after = (read_table(f / DIFFERENCES).columns for f in (undisturbed, tmp_path))
    assert set(after["reference"]) == {4}

    def mean(table, point):
        return table["value"][(table["point"] == point) & (table["quantity"] == "rmst_years")][0]

    assert mean(after, 0) == pytest.approx(-mean(before, 4), rel=1e-12)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("reference: {front_km: 5}", "9:13: reference.front_km: is no factor of this sweep"),
        ("reference: {force.target_trops: 0}", "did you mean 'force.target_troops'?"),
        ("reference: {force.target_troops: 5}", "none of the points has this value"),
        (
            "exclude: [{force.target_troops: 0}]\nreference: {force.target_troops: 0}",
            "10:12: reference: no point has all of these values; 'exclude' leaves out",
        ),
        ("reference: 5", "expected a mapping"),
    ],
)
def test_a_reference_that_is_no_point_is_refused(text, expected, tmp_path):
    with pytest.raises(InputError) as caught:
        make_plan(load_sweep(write(tmp_path, SMALL.strip() + "\n" + text)))
    assert expected in caught.value.render()


def test_without_its_reference_a_sweep_has_no_differences_and_says_so(tmp_path, monkeypatch):
    plan = make_plan(
        load_sweep(
            write(tmp_path, SMALL),
            reference=["force.target_troops=20000", "us_backstop.logistics=true"],
        )
    )
    out = tmp_path / "out"
    with monkeypatch.context() as patched:
        patched.setattr("simulator.sweeps.tasks.simulate_chunk", raises)
        run_plan(*plan, out, SerialExecutor, [])
    assert not (out / DIFFERENCES).exists()
    assert "point 2, the reference, has no result" in (out / "run.log").read_text()
    run_plan(*plan, out, SerialExecutor, [])
    assert set(read_table(out / DIFFERENCES).columns["reference"]) == {2}


def test_a_plan_names_its_factors(tmp_path):
    text = SMALL.strip() + (
        "\nzip: {monitoring.orbits: [1, 2], monitoring.satellites: [10, 20]}\n"
        "points: [{force.posture: line}, {front_km: 900}]\n"
        "sample: {size: 2, ranges: {assumptions.kappa: [0.1, 0.2]}}\n"
    )
    tree = json.loads(json.dumps(planned(tmp_path, text)[0].tree()))
    assert [(one["kind"], one["levers"]) for one in tree["factors"]] == [
        ("grid", ["force.target_troops"]),
        ("grid", ["us_backstop.logistics"]),
        ("zip", ["monitoring.orbits", "monitoring.satellites"]),
        ("points", ["force.posture", "front_km"]),
        ("sample", ["assumptions.kappa"]),
    ]


def test_results_are_also_csv(undisturbed):
    own = read_table(undisturbed / "results.parquet").columns
    frame = polars.read_csv(undisturbed / "results.csv")
    assert frame.columns == list(own)
    for name in (*ESTIMATE_FIELDS, "point", "draws"):
        column = frame[name].cast(polars.Float64).fill_null(np.nan).to_numpy()
        np.testing.assert_array_equal(column, own[name])
    assert frame["us_backstop.logistics"].to_list() == own["us_backstop.logistics"].tolist()


def test_no_cell_of_a_csv_file_is_a_formula(tmp_path):
    names = ["=1+1", "+2", "-3", "@SUM(A1)", "\t=5", "plain"]
    options = ", ".join(f"{json.dumps(name)}: {i}.0" for i, name in enumerate(names, start=900))
    text = SMALL.partition("grid:")[0] + f"grid: {{front_km: {{options: {{{options}}}}}}}\n"
    run_plan(*planned(tmp_path, text), tmp_path / "out", SerialExecutor, [])
    for name in ("points.csv", "results.csv"):
        with (tmp_path / "out" / name).open(newline="") as stream:
            cells = list(dict.fromkeys(row["front_km"] for row in csv.DictReader(stream)))
        assert cells == [*(f"'{one}" for one in names[:-1]), "plain"]
    assert csv_text(["-a"], [[-1.5], ["-1.5"], [None], [float("nan")], [True]]) == (
        '\'-a\n-1.5\n\'-1.5\n""\n""\ntrue\n'
    )


@pytest.fixture(scope="module")
def compared(tmp_path_factory):
    folder = tmp_path_factory.mktemp("compared") / "out"
    words = ["compare", "reassurance-force", "no-force", "--draws", "600", "--trials", "2", "-q"]
    cli([*words, "--out", str(folder)], standalone_mode=False)
    return folder


@pytest.mark.slow
def test_a_comparison_keeps_its_draws(compared, tmp_path):
    """Each with the assumptions and the options of that draw, as a run of that plan has them."""
    path = compared / "draws.parquet"
    words = ["run", "reassurance-force", "--draws", "600", "--trials", "2", "-q", "--json"]
    cli([*words, "--out", str(tmp_path / "run")], standalone_mode=False)
    alone = polars.read_parquet(tmp_path / "run" / "draws.parquet")
    ours = polars.read_parquet(path).filter(polars.col("scenario") == "reassurance-force")
    assert ours.height == 600
    shared = [name for name in ours.columns if name in alone.columns]
    assert {"draw", "w0", "structure.force_response", "p_holds_20y", "cost_gbp"} <= set(shared)
    assert set(ours.columns) - set(alone.columns) <= {"peak_troops"}
    assert ours.select(shared).equals(alone.select(shared))
    difference = json.loads((compared / "comparison.json").read_text())["differences"]
    value = next(one["value"] for one in difference if one["quantity"] == "rmst_years")
    means = (
        polars.read_parquet(path)
        .group_by("scenario", maintain_order=True)
        .agg(polars.col("rmst_years").cast(polars.Float64).mean())["rmst_years"]
    )
    assert means[1] - means[0] == pytest.approx(value, rel=1e-5)  # rows are float32: 6e-8 of each


@pytest.mark.parametrize("folder", ["sweep", "comparison"])
def test_pandas_polars_and_duckdb_read_the_same(folder, undisturbed, compared):
    pandas = pytest.importorskip("pandas")
    duckdb = pytest.importorskip("duckdb")
    if folder == "sweep":
        path, column, where = undisturbed / DIFFERENCES, "value", "quantity = 'rmst_years'"
    else:
        path, column, where = compared / "draws.parquet", "rmst_years", "scenario = 'no-force'"
    own = read_table(path).columns
    frame = pandas.read_parquet(path)
    assert list(frame.columns) == list(own) == polars.read_parquet(path).columns
    query = f"select sum({column}), count(*) from read_parquet(?) where {where}"
    total, count = duckdb.connect().execute(query, [str(path)]).fetchone()
    chosen = frame.query(where.replace(" = ", " == "))[column]
    key, _, word = where.partition(" = ")
    assert count == len(chosen) == (own[key] == word.strip("'")).sum()
    assert total == pytest.approx(chosen.astype(float).sum(), rel=1e-9)


def no_force(compared):
    pandas = pytest.importorskip("pandas")
    draws = pandas.read_parquet(compared / "draws.parquet")
    return draws[draws.scenario == "no-force"].reset_index(drop=True)


@pytest.mark.slow
def test_prim_takes_the_draws(compared):
    prim = pytest.importorskip("ema_workbench.analysis.prim")
    draws = no_force(compared)
    x, y = draws[["w0", "kappa", "hr.ukraine"]], (draws.rmst_years < 10.0).to_numpy()
    box = prim.Prim(x, y, threshold=0.8).find_box()
    assert box.density > y.mean()


def test_salib_takes_the_draws(compared):
    rbd_fast = pytest.importorskip("SALib.analyze.rbd_fast")
    draws, names = no_force(compared), ["w0", "kappa", "hr.ukraine"]
    problem = {"num_vars": len(names), "names": names, "bounds": [[0.0, 1.0]] * len(names)}
    found = rbd_fast.analyze(problem, draws[names].to_numpy(), draws.rmst_years.to_numpy())
    # In the record a settlement decides most: w0 moves the mean, hr.ukraine has no part without it.
    assert found["S1"][0] == max(found["S1"])
