"""The main job as a user meets it."""

from __future__ import annotations

import itertools
import json
import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from simulator.analysis import memory
from simulator.analysis.memory import TooLargeError, check_memory
from simulator.cli.commands import cli
from simulator.limits import DEFAULT_DRAWS, DEFAULT_MAX_DRAWS, DEFAULT_TRIALS
from simulator.quantities import QUANTITIES
from simulator.storage.parquet import read_table
from tests.sweeps.helpers import workers_of

run_command = cli.commands["run"]

SMALL = ("--draws", "30", "--trials", "2")
FIELDS = {"value", "mcse", "p05", "p95", "p05_mcse", "p95_mcse"}  # of estimates and of curves


@pytest.mark.slow
def test_a_force_beyond_all_offers_is_said_in_the_terminal_the_file_and_the_page(
    simulator, tmp_path
):
    plan = ("run", "reassurance-force", "--set", "force.target_troops=90000", *SMALL)
    done = simulator(*plan, "--out", "out")
    (note,) = [line for line in done.stdout.splitlines() if "note: force" in line]
    assert re.fullmatch(
        r"note: force\.target_troops is 90,000, but in each of 30 draws all contributors together "
        r"offer fewer soldiers, at most [12]\d,\d{3}: from there on a larger number changes "
        r"nothing but the fill rate in these draws",
        note,
    )
    (run,) = json.loads((tmp_path / "out" / "summary.json").read_text())
    assert note.removeprefix("note: ") in run["notes"]
    assert simulator("report", "out", "-o", "out.html").returncode == 0
    assert note.removeprefix("note: ") in (tmp_path / "out.html").read_text()
    several = simulator("run", "no-force", *plan[1:]).stdout
    on = "note on Reassurance force (February 2025), with force.target_troops=90000:"
    assert note.replace("note:", on) in several.splitlines()
    assert "note: force" not in simulator("run", "presence-force", *SMALL).stdout


def test_json_has_the_promised_form(simulator):
    done = simulator("run", "reassurance-force", "no-force", *SMALL, "--json")
    assert (done.returncode, done.stderr) == (0, "")
    runs = json.loads(done.stdout)
    assert [run["scenario"] for run in runs] == ["reassurance-force", "no-force"]
    for run in runs:
        assert (run["draws"], run["trials"], run["replicates"]) == (30, 2, 16)
        assert {"book", "seed", "digest"} <= run.keys()
        assert run["estimates"].keys() == QUANTITIES.keys()
        assert all(e.keys() >= FIELDS for e in run["estimates"].values())
        early = run["estimates"]["p_collapse_within_2y"]
        assert early["interval"][0] < early["value"] < early["interval"][1]
        assert FIELDS - {"value"} <= run["curve"].keys()
        assert any("30 draws only" in note for note in run["notes"])
        assert run["causes"].keys() == {"offensive", "escalation", "unravelling"}
        survival = run["curve"]["survival"]
        assert survival[0] == 1.0
        assert all(a >= b for a, b in itertools.pairwise(survival))
        assert sum(run["causes"].values()) == pytest.approx(1 - survival[-1], abs=1e-12)
    assert runs[1]["estimates"]["fill_rate"]["value"] is None
    assert runs[1]["estimates"]["fill_rate"]["note"]


@pytest.mark.slow
def test_bits_do_not_depend_on_workers(simulator):
    # 1,000 draws of 100 trials are 4 blocks.
    many = ("--draws", "1000", "--trials", "100")
    one, two = (
        simulator("run", "reassurance-force", *many, "--json", "--workers", w).stdout
        for w in (1, 2)
    )
    assert json.loads(one)[0]["draws"] == 1000
    assert one == two


def test_a_longer_run_contains_the_shorter(simulator):
    """Even numbers in pairs: the first 16 draws, one a replicate, are the same in both runs."""
    short, long = (
        json.loads(simulator("run", "no-force", "--draws", n, "--json").stdout)[0]["estimates"]
        for n in (1024, 4096)
    )
    for name in ("p_collapse_within_2y", "p_holds_20y", "rmst_years"):
        apart = abs(short[name]["value"] - long[name]["value"])
        # Of two even samples of which one is a quarter of the other: 5 errors of the short one.
        assert 0.0 < apart < 5.0 * short[name]["mcse"]
        assert long[name]["mcse"] < short[name]["mcse"]


def test_defaults_are_those_of_the_library():
    # Written twice, so that asking for help loads no numpy.
    defaults = {option.name: option.default for option in run_command.params}
    of_library = {
        "draws": DEFAULT_DRAWS,
        "trials": DEFAULT_TRIALS,
        "max_draws": DEFAULT_MAX_DRAWS,
    }
    assert defaults | of_library == defaults


@pytest.mark.slow
def test_a_precision_stops_at_the_run_of_so_many_draws(simulator):
    plan = ("run", "reassurance-force", "no-force", "--json")
    found = json.loads(simulator(*plan, "--precision", "0.004").stdout)
    draws = found[0]["draws"]
    assert draws in (256, 512, 1024, 2048)
    assert [run["draws"] for run in found] == [draws, draws]
    worst = max(run["estimates"]["p_collapse_within_2y"]["mcse"] for run in found)
    assert found[0]["precision"] == {
        "estimate": "p_collapse_within_2y",
        "target": 0.004,
        "error": pytest.approx(1.325 * worst, rel=1e-3),
        "met": True,
    }
    assert found[0]["precision"]["error"] <= 0.004
    plain = json.loads(simulator(*plan, "--draws", draws).stdout)
    assert plain == [{k: v for k, v in run.items() if k != "precision"} for run in found]


@pytest.mark.slow
def test_a_precision_of_another_estimate_takes_other_draws(simulator):
    plan = ("run", "no-force", "--json", "--precision-of", "rmst_years", "--precision")
    (fine,), (rough,) = (json.loads(simulator(*plan, x).stdout) for x in (0.05, 2.0))
    assert fine["draws"] > rough["draws"] == 256
    assert fine["precision"]["error"] <= 0.05 < rough["precision"]["error"]


def test_a_precision_that_is_not_reached_is_said(simulator):
    plan = ("run", "no-force", "--precision", "1e-9", "--max-draws", "300")
    done = simulator(*plan)
    assert done.returncode == 0
    (note,) = [line for line in done.stdout.splitlines() if "was not reached" in line]
    (run,) = json.loads(simulator(*plan, "--json").stdout)
    assert (run["draws"], run["precision"]["met"]) == (300, False)
    assert note.removeprefix("note: ") in run["notes"]
    assert f"{run['precision']['error']:.2g}" in note


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--paths", "20"), ("--trials", "--draws", "--precision")),
        (("--precision", "0.1", "--draws", "20"), ("--max-draws",)),
        (("--max-draws", "20"), ("needs --precision",)),
        (("--precision-of", "rmst_years"), ("needs --precision",)),
        (("--precision", "0"), ("--precision",)),
        (("--precision", "1", "--precision-of", "fill_rate"), ("no troops are planned",)),
        (("--precision", "1", "--precision-of", "fil_rate"), ("fill_rate",)),
    ],
)
def test_sizes_that_do_not_go_together_are_refused_in_words(simulator, words, said):
    done = simulator("run", "no-force", *words)
    assert (done.returncode, done.stdout) == (2, "")
    assert all(word in done.stderr for word in said)
    assert "Traceback" not in done.stderr


def test_what_memory_cannot_hold_is_refused_with_the_estimate(monkeypatch):
    monkeypatch.setattr(memory, "machine_memory", lambda: 1e9)
    check_memory(10**6, 30.0)
    with pytest.raises(
        TooLargeError, match=r"10,000,000 draws need about 3\.\d GB .*1\.0 GB"
    ) as no:
        check_memory(10**7, 30.0)
    fitting = int(re.search(r"at most about ([\d,]+) draws", str(no.value))[1].replace(",", ""))
    check_memory(fitting, 30.0)
    with pytest.raises(TooLargeError):
        check_memory(int(1.1 * fitting), 30.0)
    with pytest.raises(TooLargeError):
        check_memory(fitting, 30.0, plans=2)
    monkeypatch.setattr(memory, "machine_memory", lambda: None)
    check_memory(10**9, 30.0)


@pytest.mark.slow
def test_verbose_shows_every_estimate_and_the_errors_of_the_ends(simulator):
    (run,) = json.loads(simulator("run", "reassurance-force", *SMALL, "--json").stdout)
    shown = simulator("run", "reassurance-force", *SMALL, "-v", COLUMNS="1000").stdout
    for name, quantity in QUANTITIES.items():
        assert (quantity.label in shown) == (
            run["estimates"][name]["value"] is not None or name[0] == "q"
        )
    assert "MCSE of the ends" in shown
    assert "MCSE of the ends" not in simulator("run", "reassurance-force", *SMALL).stdout


def test_another_seed_gives_other_numbers(simulator):
    one, two = (simulator("run", "no-force", *SMALL, "--json", "--seed", s).stdout for s in (1, 2))
    assert json.loads(one)[0]["estimates"] != json.loads(two)[0]["estimates"]


def test_out_holds_summary_curves_and_provenance(simulator, tmp_path):
    done = simulator("run", "air-only", *SMALL, "--out", "results/a", "-q")
    assert done.returncode == 0
    folder = tmp_path / "results" / "a"
    summary = json.loads((folder / "summary.json").read_text(encoding="utf-8"))
    curves = read_table(folder / "curves.parquet")
    provenance = json.loads((folder / "provenance.json").read_text(encoding="utf-8"))
    assert summary[0]["scenario"] == "air-only"
    columns = curves.columns
    pick = [i for i, name in enumerate(columns["curve"]) if name == "survival"]
    assert [columns["value"][i] for i in pick] == summary[0]["curve"]["survival"]
    assert provenance["seed"] == 1
    assert provenance["digests"]["run:air-only"] == summary[0]["digest"]
    assert provenance["command"][:3] == ["simulator", "run", "air-only"]


@pytest.mark.slow
def test_a_run_says_which_other_plan_it_replaces(simulator):
    words = (*SMALL, "--out", "kept", "-q")
    for seed in ("1", "2"):
        done = simulator("run", "air-only", "no-force", *words, "--seed", seed)
        assert "another plan" not in done.stderr
    done = simulator("run", "no-force", *words)
    assert "kept: replaced the run of another plan (air-only, no-force, seed 2)\n" in done.stderr
    done = simulator("run", "no-force", *words, "--set", "front_km=900")
    assert "kept: replaced the run of another plan (no-force, seed 1)\n" in done.stderr


def test_line_peacekeepers_say_that_they_are_not_filled(simulator):
    done = simulator("run", "line-peacekeepers", *SMALL)
    assert done.returncode == 0
    assert "The force is not filled" in done.stdout


def test_the_class_of_past_ceasefires_is_given_with_its_book_and_only_where_all_are_known(
    simulator,
):
    few = simulator("run", "no-force", "--draws", 40).stdout
    assert "these draws are too few to say (" in few
    done = simulator("run", "no-force", "--draws", 300, "--json")
    options = json.loads(done.stdout)[0]["by_option"]
    classes = options["reference_class (evidence)"]
    books = {name: one["draws"] for name, one in options["book"].items()}
    assert sum(books.values()) == 300
    assert sum(one["draws"] for one in classes.values()) == books["evidence"]
    values = [one["estimates"]["p_collapse_within_2y"]["value"] for one in classes.values()]
    shown = simulator("run", "no-force", "--draws", 300).stdout
    line = next(line for line in shown.splitlines() if "class of past ceasefires alone" in line)
    assert line.startswith("In the draws from book evidence")
    assert f"from {min(values):.2f} (" in line
    assert f"to {max(values):.2f} (" in line
    experts = options["book"]["experts"]["estimates"]["p_collapse_within_2y"]["value"]
    assert f"book experts gives {experts:.2f}" in line


def test_a_title_says_what_was_changed(simulator):
    done = simulator("run", "no-force", *SMALL, "--set", "horizon_years=25")
    assert ", with horizon_years=25 [no-force]" in done.stdout.splitlines()[0]


def test_a_horizon_before_the_first_headline_leaves_out_what_lies_beyond(simulator):
    short = ("--set", "horizon_years=0.5", "--draws", "64", "-v", "--report", "page.html")
    done = simulator("run", "air-only", *short)
    assert "The ceasefire lasts" in done.stdout
    assert "moves P(collapse within 2 years)" not in done.stdout


def test_every_mistake_of_every_file_is_reported_and_nothing_runs(simulator, tmp_path):
    (tmp_path / "bad.yaml").write_text("title: x\nforce: {target_trops: 5, posture: lime}\n")
    done = simulator(
        "run", "bad.yaml", "no-forse", "no-force", "--set", "assumptions.hr.presense=0.5"
    )
    assert (done.returncode, done.stdout) == (2, "")
    for words in (
        "bad.yaml:2",
        "target_trops",
        "target_troops",
        "posture",
        "did you mean 'line'",
        "no-forse",
        "did you mean 'no-force'",
        "hr.presense",
        "hr.presence",
    ):
        assert words in done.stderr, words
    assert "Traceback" not in done.stderr
    assert "pydantic" not in done.stderr


@pytest.mark.parametrize(
    "arguments",
    [
        ("rnu", "no-force"),
        ("run",),
        ("run", "no-force", "--draws", "0"),
        ("run", "no-force", "--seed", "-1"),
        ("run", "no-force", "--bok", "evidence"),
        ("run", "no-force", "no-force"),
    ],
)
def test_wrong_usage_exits_2_in_words(simulator, arguments):
    done = simulator(*arguments)
    assert done.returncode == 2
    assert done.stderr
    assert "Traceback" not in done.stderr


def test_a_folder_that_cannot_be_written_is_said_before_the_work(simulator, tmp_path):
    (tmp_path / "taken").write_text("")
    done = simulator("run", "no-force", "--out", "taken/below", "--draws", 10**7)
    assert done.returncode in (1, 2)
    assert "taken" in done.stderr
    assert "Traceback" not in done.stderr


# The command line, with a line of progress as soon as anything is done.
IMPATIENT = """
from simulator.cli import progress
from simulator.cli.main import main

progress.SECONDS_BETWEEN_LINES = 0.0
main()
"""


def test_ctrl_c_exits_130(tmp_path):
    for workers in ("1", "2"):
        process = subprocess.Popen(
            [
                sys.executable, "-c", IMPATIENT, "run", "no-force",
                "--draws", "2000000", "--workers", workers,
            ],
            cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )  # fmt: skip
        assert "draws, about" in process.stderr.readline()
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=30)
        assert (process.returncode, out) == (130, "")
        assert "interrupted" in err
        assert "Traceback" not in err


@pytest.mark.slow
def test_a_worker_that_dies_costs_no_run(tmp_path):
    process = subprocess.Popen(
        [sys.executable, "-c", IMPATIENT, "run", "no-force", "--draws", "100000",
         "--workers", "2"],
        cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert "draws, about" in process.stderr.readline()
    os.kill(workers_of(process.pid)[0], signal.SIGKILL)
    out, err = process.communicate(timeout=60)
    assert process.returncode == 0, err
    assert "No force" in out


@pytest.mark.slow
def test_a_closed_pipe_is_no_error(tmp_path):
    command = f"{sys.executable} -m simulator list | head -1"
    done = subprocess.run(
        ["bash", "-c", f"set -o pipefail; {command}"],
        cwd=tmp_path, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.stdout == "scenarios\n"
    assert "Traceback" not in done.stderr


def test_help_names_every_command_without_importing_numpy(simulator):
    done = simulator("--help")
    assert done.returncode == 0
    assert "reassurance-force" in done.stdout
    heavy = (
        "import sys; import simulator.cli.main;"
        "print({'numpy', 'pydantic', 'rich', 'yaml'} & set(sys.modules))"
    )
    loaded = subprocess.run(
        [sys.executable, "-c", heavy], capture_output=True, text=True, check=True
    )
    assert loaded.stdout.strip() == "set()"


def test_no_colour_and_no_escape_codes_in_a_pipe(simulator):
    done = simulator("run", "no-force", *SMALL, NO_COLOR="1")
    assert "\x1b" not in done.stdout + done.stderr


def test_the_sample_in_the_readme_is_what_a_run_prints(simulator):
    readme = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")
    _, _, after = readme.partition("`simulator run reassurance-force` prints")
    sample = [
        line[4:] for line in after.partition("\n\n")[2].partition("\n\nA plan")[0].splitlines()
    ]
    printed = simulator("run", "reassurance-force", COLUMNS="100").stdout.splitlines()
    assert sample
    # Versions of rich differ by a blank in the widths of columns, and so of rules.
    words, expected = (
        [line.strip("─ ").split() for line in lines] for lines in (printed[: len(sample)], sample)
    )
    assert words == expected
