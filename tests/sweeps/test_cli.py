"""The commands sweep, gather and compare, as users type them."""

from __future__ import annotations

import json
import re
import shutil

import click
import pytest
from click.testing import CliRunner

from simulator.cli.commands import cli
from simulator.cli.sweep import _duration
from simulator.inputs import InputError
from simulator.quantities import COMPARED
from simulator.report.prose.said import comparison_sentences, sweep_sentences
from simulator.results.comparison import load_comparison
from simulator.results.sweep import load_sweep as load_finished
from simulator.storage import StorageError, read_table
from simulator.sweeps.files import load_sweep
from simulator.sweeps.planning import make_plan
from simulator.sweeps.tasks import perform
from tests.sweeps import helpers
from tests.sweeps.helpers import SMALL, sha256, write

compare_command = cli.commands["compare"]
gather_command = cli.commands["gather"]
sweep_command = cli.commands["sweep"]


def call(command, *words):
    """Run a command in this process; return its exit code, stdout and stderr."""
    result = CliRunner().invoke(command, [str(word) for word in words], standalone_mode=False)
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result.return_value or 0, result.stdout, result.stderr


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    folder = tmp_path_factory.mktemp("finished")
    config = write(folder, SMALL)
    code, out, _ = call(sweep_command, config, "--out", folder / "out", "--executor", "serial")
    assert code == 0
    return config, folder / "out", out


def test_a_sweep_prints_its_points(finished):
    _, folder, out = finished
    lines = out.splitlines()
    assert re.search(r"force\. +us_backstop\. *\npoint +target_troops +logistics +P\(<= 2 y\)", out)
    assert sum("±" in line for line in lines) >= 6
    assert lines[-1] == f"6 points finished; results in {folder}"


def test_numbers_of_a_sample_are_printed_short(tmp_path):
    sample = "sample: {size: 2, ranges: {monitoring.orbits: {from: 0.0, to: 9.0}}}"
    config = write(tmp_path, SMALL.partition("grid:")[0] + sample)
    _, out, _ = call(sweep_command, config, "--out", tmp_path / "out", "--executor", "serial")
    cells = re.findall(r"^\d +([\d.]+) ", out, re.MULTILINE)
    points = load_finished(tmp_path / "out").points
    values = [point.settings["monitoring.orbits"] for point in points]
    assert [float(cell) for cell in cells] == pytest.approx(values, rel=1e-5)
    assert max(map(len, cells)) <= 8 < min(len(str(value)) for value in values)


@pytest.mark.slow
def test_a_dry_run_says_what_there_is_to_do_and_writes_nothing(finished, tmp_path):
    config, folder, _ = finished
    code, out, _ = call(sweep_command, config, "--dry-run", "--grid", "front_km=900,1000")
    assert code == 0
    assert "Small: 12 points, 32 draws x 2 trials" in out
    assert "us_backstop.logistics: true, false" in out
    assert "to compute: 12 points, 384 draws" in out
    assert re.search(r"expected time: [0-9.]+ seconds with \d+ workers", out)
    # The points at 1000 km are those of the finished sweep: another way to the same address.
    _, out, _ = call(
        sweep_command, config, "--dry-run", "--grid", "front_km=900,1000", "--out", folder
    )
    assert "finished already: 6" in out
    call(sweep_command, config, "--dry-run", "--out", tmp_path / "new")
    assert not (tmp_path / "new").exists()


def test_shards_and_gather(finished, tmp_path):
    config, folder, _ = finished
    for shard in ("1/2", "2/2"):
        code, out, _ = call(
            sweep_command, config, "--out", tmp_path, "--shard", shard, "--executor", "serial"
        )
        assert (code, out) == (0, f"3 points finished; shards in {tmp_path}\n")
        code, out, _ = call(gather_command, tmp_path)
        assert code == (3 if shard == "1/2" else 0)
    assert "6 of 6 points; results in" in out
    assert sha256(tmp_path / "results.parquet") == sha256(folder / "results.parquet")


def test_failed_points_are_named_with_exit_code_3(finished, tmp_path, monkeypatch):
    def poisoned(inputs, chunks, folder, simulation):
        return perform(inputs, chunks, folder, helpers.raises)

    monkeypatch.setattr("simulator.sweeps.executors.perform", poisoned)
    code, out, err = call(sweep_command, finished[0], "--out", tmp_path, "--executor", "serial")
    assert code == 3
    assert "1 points failed:" in err
    named = "point 2 (force.target_troops = 20000, us_backstop.logistics = true)"
    assert f"{named}: ZeroDivisionError: poisoned" in err
    assert out.splitlines()[-1].startswith("5 points finished, 1 failed; results in")
    code, out, _ = call(
        sweep_command, finished[0], "--out", tmp_path / "b", "--executor", "serial", "--fail-fast"
    )
    assert code == 3
    assert "not computed" in out


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["small.yaml"], "--out DIR is needed"),
        (["small.yaml", "--out", "x", "--shard", "3/2"], "expected i/n with 1 <= i <= n"),
        (["small.yaml", "--out", "x", "--shard", "two"], "expected i/n with 1 <= i <= n"),
        (["small.yaml", "--out", "x", "--executor", "slurm"], "expected serial, processes, dask"),
        (["small.yaml", "--out", "x", "--workers", "0"], "0 is not in the range"),
        (["nothing", "--out", "x"], "no such sweep, shipped: arrival-delay"),
        (["small.yaml", "--out", "x", "--paths", "9"], "Write --trials"),
        (["small.yaml", "--out", "x", "--precision", "1", "--draws", "9"], "leave --draws out"),
        (["force-sise", "--out", "x"], "did you mean 'force-size'"),
    ],
)
def test_wrong_calls_are_explained(words, message, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    write(tmp_path, SMALL)
    with pytest.raises(Exception) as caught:
        call(sweep_command, *words)
    error = caught.value
    shown = error.render() if isinstance(error, InputError) else error.format_message()
    assert message in shown
    assert not (tmp_path / "x").exists()


@pytest.mark.parametrize(("kind", "file"), [("run", "summary"), ("comparison", "comparison")])
def test_a_sweep_is_not_mixed_with_other_results(kind, file, tmp_path):
    write(tmp_path, "[]", f"{file}.json")
    with pytest.raises(click.BadParameter, match=f"holds a {kind}; choose another folder"):
        call(sweep_command, write(tmp_path, SMALL), "--out", tmp_path)
    assert {path.name for path in tmp_path.iterdir()} == {"small.yaml", f"{file}.json"}


def test_a_comparison_says_which_values_change_nothing(tmp_path):
    # At most 26,500 soldiers are ever offered.
    words = ("reassurance-force", "--grid", "force.target_troops=0,27000,40000", "--draws", 32)
    code, out, _ = call(compare_command, *words, "--trials", 2, "-q", "--out", tmp_path / "out")
    what = "force.target_troops changes nothing but the fill rate"
    line = f"From 27,000 to 40,000, the highest tried, {what}, in 64 worlds of each."
    assert code == 0
    assert out.count("changes nothing") == out.count(line) == 1
    assert line in comparison_sentences(load_comparison(tmp_path / "out" / "comparison.json"))


def test_plans_that_are_all_equal_have_no_order_under_assumptions(tmp_path):
    words = ("reassurance-force", "--grid", "force.target_troops=27000,40000", "--draws", 32)
    code, out, _ = call(compare_command, *words, "--trials", 2, "-q", "--out", tmp_path / "out")
    told = " ".join(comparison_sentences(load_comparison(tmp_path / "out" / "comparison.json")))
    assert code == 0
    assert "qual in every" in out and "qual in every" in told
    assert "exactly this order" not in out + told
    assert "is the best of all" not in told


def test_a_sweep_says_which_values_change_nothing(tmp_path):
    config = write(tmp_path, SMALL.replace("from: 0, to", "from: 27000, to"))
    code, out, _ = call(sweep_command, config, "--out", tmp_path / "out", "--executor", "serial")
    what = "force.target_troops changes nothing but the fill rate"
    line = f"{what} at any value tried, in 64 worlds of each."
    assert code == 0
    assert out.count("changes nothing") == out.count(line) == 1
    assert line in sweep_sentences(load_finished(tmp_path / "out"))


@pytest.mark.parametrize(
    "words",
    [
        ("no-forse", "no-force"),
        ("no-force", "reassurance-force", "--set", "force.target=3"),
        ("no-force",),
        # found only once the model is built
        ("no-force", "reassurance-force", "--set", "assumptions.kappa=5000"),
    ],
)
def test_a_mistake_leaves_no_folder_behind(words, tmp_path):
    with pytest.raises((InputError, click.UsageError, RuntimeError)):
        call(compare_command, *words, "--draws", 2, "--trials", 2, "--out", tmp_path / "a" / "b")
    assert list(tmp_path.iterdir()) == []


def test_another_sweep_in_the_folder_is_announced(finished, tmp_path):
    config, _, _ = finished
    words = ("--out", tmp_path / "out", "--executor", "serial", "-q")
    _, _, err = call(sweep_command, config, *words)
    assert err == ""
    _, _, err = call(sweep_command, config, *words)
    assert err == ""
    other = write(tmp_path, SMALL.replace("steps: 3", "steps: 2").replace("Small", "Ends"))
    _, _, err = call(sweep_command, other, *words)
    assert err.count("\n") == 1
    assert "('Small', 6 points, 4 of them in this plan of 4 points too)" in err
    assert "stays in shards" in err


def test_a_large_sweep_says_how_many_of_its_points_are_there(finished, capsys):
    from simulator.cli.sweep import print_points

    config, folder, _ = finished
    plan, _ = make_plan(load_sweep(config, grids=["front_km={from: 900, to: 1000, steps: 21}"]))
    print_points(plan, folder, 6)
    assert capsys.readouterr().out.count("\n6 of 126 points: see ") == 1
    print_points(plan, folder, 126)
    assert capsys.readouterr().out.count("\n126 points: see ") == 1


def test_a_plan_given_twice_gets_no_advice_about_numbers():
    with pytest.raises(InputError) as caught:
        call(compare_command, "no-force", "no-force")
    assert "the value no-force stands here twice" in caught.value.render()
    assert "steps" not in caught.value.render()


@pytest.mark.parametrize(
    ("seconds", "words"), [(0.31, "0.3 seconds"), (100, "1.7 minutes"), (9000, "2.5 hours")]
)
def test_durations_are_in_units_that_tell(seconds, words):
    assert _duration(seconds) == words


def test_gather_needs_a_sweep(tmp_path):
    from simulator.storage import StorageError

    with pytest.raises(StorageError, match="holds no plan of a sweep"):
        call(gather_command, tmp_path)


def test_compare_prints_differences_ranking_and_stability():
    code, out, _ = call(
        compare_command, "reassurance-force", "no-force", "--draws", 64, "--trials", 16, "-q", "-v"
    )
    assert code == 0
    assert "2 plans, book blend, seed 1, 64 draws of the assumptions x 16 trials" in out
    assert "less Reassurance force" in out
    assert "Variance gain" in out
    assert re.search(r"1\. Reassurance force", out)
    assert out.count("[reassurance-force]") == 1
    assert "How stable the order by P(holds >= 20 years) is." in out
    assert "of the draws put all plans in exactly this order" in out
    assert "--trials 16" not in out


def test_draws_of_few_trials_have_no_range_of_differences_and_no_shares():
    words = ("reassurance-force", "no-force", "--draws", 64, "-q")
    _, out, _ = call(compare_command, *words, "--trials", 15, "-v")
    table = (
        out.partition("less Reassurance force")[2]
        .partition("what decides")[0]
        .partition("How stable")[0]
    )
    assert table.count("(--trials 16)") == len(COMPARED)
    assert "draws of fewer than 16 trials cannot show how many" in out
    _, out, _ = call(compare_command, *words, "--trials", 4, "--json")
    found = json.loads(out)
    assert all(one["p05"] is one["p_better"] is None for one in found["differences"])
    assert all(one["mcse"] > 0.0 for one in found["differences"])
    assert found["ranking"]["p_order"] is None
    assert found["estimates"]["no-force"]["p_holds_20y"]["p05_mcse"] > 0.0


def test_few_draws_are_said_to_be_few():
    words = ("reassurance-force", "no-force", "-q")
    _, out, _ = call(compare_command, *words, "--draws", 3)
    assert "note: 3 draws only" in out
    assert not re.search(r" (0\.0*|1\.0*) +[\d.,]+ *$", out, re.MULTILINE)  # P(better)
    _, out, _ = call(compare_command, *words, "--draws", 1)
    assert "one draw cannot show how many" in out


@pytest.mark.slow
def test_a_comparison_takes_the_draws_that_a_precision_needs():
    words = ("reassurance-force", "no-force", "--trials", 2, "--json")
    found = {}
    for precision in (0.02, 0.002):
        _, out, _ = call(compare_command, *words, "--precision", precision, "--max-draws", 4096)
        found[precision] = json.loads(out)
    loose, tight = found.values()
    assert loose["draws"] == 256 < tight["draws"] <= 4096
    for precision, one in found.items():
        asked = one["precision"]
        assert (asked["estimate"], asked["target"]) == ("p_collapse_within_2y", precision)
        assert asked["met"] == (asked["error"] <= precision)
        of = next(d for d in one["differences"] if d["quantity"] == asked["estimate"])
        assert asked["error"] == pytest.approx(1.325 * of["mcse"], rel=1e-12)
    # It is the comparison of so many draws, to the last digit.
    _, out, _ = call(compare_command, *words, "--draws", tight["draws"])
    assert json.loads(out)["differences"] == tight["differences"]
    _, out, _ = call(compare_command, *words[:-1], "--precision", 1e-6, "--max-draws", 300, "-q")
    assert "note: 1e-06 was not reached in 300 draws" in out


def test_points_that_took_different_draws_are_compared_in_those_of_all(tmp_path):
    text = SMALL.replace("draws: 32", "precision: 0.005\nmax_draws: 512")
    text = text.partition("  force.")[0]
    config = write(tmp_path, text + "  assumptions.w0: [0.001, 0.5]\n")  # nearly none fail early
    out = tmp_path / "out"
    _, said, _ = call(sweep_command, config, "--out", out, "--executor", "serial")
    assert "points took 256 to 512 draws" in said
    columns = read_table(out / "results.parquet").columns
    assert set(columns["draws"][columns["point"] == 0]) == {256}
    assert set(columns["draws"][columns["point"] == 1]) == {512}
    _, said, _ = call(compare_command, "--sweep", out, "--json")
    found = json.loads(said)
    assert found["draws"] == 256
    words = ("--book", "evidence", "--grid", "assumptions.w0=0.001,0.5", "--trials", 2, "--json")
    _, said, _ = call(compare_command, "reassurance-force", *words, "--draws", 256)
    for one, two in zip(found["differences"], json.loads(said)["differences"], strict=True):
        assert {**one, "first": "", "second": ""} == {**two, "first": "", "second": ""}


def test_equal_plans_are_called_equal_and_spending_is_no_merit():
    code, out, err = call(
        compare_command,
        *("reassurance-force", "--grid", "contributors.sets=[[core], [core, core]]"),
        *("--draws", 32, "--trials", 2, "-q", "-v"),
    )
    assert code == 0
    assert "the same in all that matters" in err
    assert len(re.findall(r" equal +– +– *$", out, re.MULTILINE)) == len(COMPARED)
    assert "is significant" not in out
    assert "Computing: equal in every draw: " in out
    _, out, _ = call(
        compare_command,
        *("reassurance-force", "no-force", "--by", "cost_gbp", "--draws", 32, "--trials", 2, "-q"),
    )
    assert re.search(r"P\(least\)\n─+\n1\. No force \[no-force\]", out)
    spent = [line.split() for line in out.splitlines() if re.match(r" +(soldier-years|cost)", line)]
    assert [words[-1] for words in spent] == ["–"]


def test_compare_prints_json_for_variations_of_a_plan():
    code, out, _ = call(
        compare_command,
        *("reassurance-force", "--grid", "us_backstop.logistics=true,false"),
        *("--draws", 256, "--trials", 4, "--json", "--by", "rmst_years"),
    )
    assert code == 0
    found = json.loads(out)
    assert found["reference"] == "us_backstop.logistics = true"
    assert [one["quantity"] for one in found["differences"]] == list(COMPARED)
    by_name = {one["quantity"]: one for one in found["differences"]}
    assert by_name["rmst_years"]["variance_gain"] > 10
    assert by_name["rmst_years"]["value"] < 0
    assert {plan["plan"] for plan in found["ranking"]["order"]} == {
        "us_backstop.logistics = true",
        "us_backstop.logistics = false",
    }


def test_compare_keeps_the_plans_and_the_books_beside_the_numbers(tmp_path):
    words = ("reassurance-force", "no-force", "--draws", 32, "--trials", 2, "-q")
    code, out, _ = call(compare_command, *words, "--json", "--out", tmp_path / "kept")
    assert code == 0
    kept = load_comparison(tmp_path / "kept" / "comparison.json")
    plan = kept.plans["Reassurance force (February 2025)"]  # called by its title
    assert plan["scenario"]["force"]["target_troops"] == 25_000
    assert list(kept.books) == ["blend"]
    digests = kept.provenance["digests"]
    assert set(digests) == {"book:blend"} | {
        f"{kind}:{name}" for kind in ("plan", "scenario") for name in words[:2]
    }
    numbers = json.loads((tmp_path / "kept" / "comparison.json").read_text(encoding="utf-8"))
    assert {key: numbers[key] for key in json.loads(out)} == json.loads(out)
    (tmp_path / "taken").mkdir()
    (tmp_path / "taken" / "summary.json").write_text("[]", encoding="utf-8")
    refused = CliRunner().invoke(
        compare_command, [str(w) for w in (*words, "--out", tmp_path / "taken")]
    )
    assert refused.exit_code == 2
    assert "holds a run" in refused.output


def test_compare_reads_the_points_of_a_sweep(finished):
    _, folder, _ = finished
    code, out, _ = call(compare_command, "--sweep", folder, "--points", "1,3", "--json")
    assert code == 0
    found = json.loads(out)
    assert found["reference"].startswith("point 1 (force.target_troops = 0")
    # The same two plans simulated side by side say the same.
    _, out, _ = call(
        compare_command,
        *("reassurance-force", "--grid", "force.target_troops=0,20000", "--book", "evidence"),
        *("--set", "us_backstop.logistics=false", "--draws", 32, "--trials", 2, "--json"),
    )
    again = json.loads(out)
    for one, two in zip(found["differences"], again["differences"], strict=True):
        assert {**one, "first": "", "second": ""} == {**two, "first": "", "second": ""}
    code, out, _ = call(compare_command, "--sweep", folder)
    assert "6 plans" in out


def test_a_plan_that_was_changed_is_compared_only_when_asked(finished, tmp_path):
    _, folder, _ = finished
    shutil.copytree(folder, tmp_path / "copy")
    path = tmp_path / "copy" / "plan.json"
    path.write_text(path.read_text().replace('"seed": 1', '"seed": 2', 1))
    with pytest.raises(StorageError, match="it was changed; --unchecked reads it"):
        call(compare_command, "--sweep", path.parent)
    assert call(compare_command, "--sweep", path.parent, "--unchecked")[0] == 0


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["no-force"], "two plans are needed"),
        (["no-force", "air-only", "--points", "1"], "--points needs --sweep"),
        (["no-force", "--sweep", "."], "without SCENARIOS"),
        (["--sweep", ".", "--seed", "3", "--set", "a=1"], "without --set and --seed"),
        (["no-force", "air-only", "--by", "luck"], "'luck' is not one of"),
        (["no-force", "air-only", "--paths", "200"], "Write --trials"),
        (["no-force", "air-only", "--precision", ".1", "--draws", "9"], "leave --draws out"),
        (["no-force", "air-only", "--set", "horizon_years=10"], "over horizons of 10 years"),
    ],
)
def test_wrong_comparisons_are_explained(words, message, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(Exception) as caught:
        call(compare_command, *words)
    assert message in caught.value.format_message()


@pytest.mark.parametrize(
    ("points", "message"), [("0,9", "from 0 to 5"), ("x", "from 0 to 5"), ("1", "at least two")]
)
def test_wrong_points_are_explained(points, message, finished):
    with pytest.raises(Exception) as caught:
        call(compare_command, "--sweep", finished[1], "--points", points)
    assert message in caught.value.format_message()
