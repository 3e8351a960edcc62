"""The main job as a user meets it."""

from __future__ import annotations

import itertools
import json
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from simulator.analysis.run import BLOCK, DEFAULT_DRAWS, DEFAULT_PATHS
from simulator.cli.run import run_command
from simulator.storage.parquet import read_table

SMALL = ("--draws", "30", "--paths", "20")
NAMES = {
    "p_collapse_within_2y",
    "p_holds_20y",
    "p_holds_30y",
    "median_years",
    "rmst_years",
    "fill_rate",
    "mean_deployed_troops_year_1",
    "cost_gbp",
}


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
    assert note.replace("note:", "note on reassurance-force:") in several.splitlines()
    assert "note: force" not in simulator("run", "presence-force", *SMALL).stdout


def test_json_has_the_promised_form(simulator):
    done = simulator("run", "reassurance-force", "no-force", *SMALL, "--json")
    assert (done.returncode, done.stderr) == (0, "")
    runs = json.loads(done.stdout)
    assert [run["scenario"] for run in runs] == ["reassurance-force", "no-force"]
    for run in runs:
        assert {"book", "seed", "draws", "paths"} <= run.keys()
        assert run["estimates"].keys() >= NAMES
        assert all({"value", "mcse", "p05", "p95"} <= e.keys() for e in run["estimates"].values())
        assert run["causes"].keys() == {"offensive", "escalation", "unravelling"}
        survival = run["curve"]["survival"]
        assert survival[0] == 1.0
        assert all(a >= b for a, b in itertools.pairwise(survival))
        assert sum(run["causes"].values()) == pytest.approx(1 - survival[-1], abs=1e-12)
    assert runs[1]["estimates"]["fill_rate"]["value"] is None
    assert runs[1]["estimates"]["fill_rate"]["note"]


def test_bits_do_not_depend_on_blocks_or_workers(simulator):
    texts = {
        simulator("run", "reassurance-force", *SMALL, "--json", *more).stdout
        for more in ((), ("--block", 1), ("--block", 1000), ("--workers", 2))
    }
    assert len(texts) == 1


def test_defaults_are_those_of_the_library():
    # Written twice, so that asking for help loads no numpy.
    defaults = {option.name: option.default for option in run_command.params}
    of_library = {"draws": DEFAULT_DRAWS, "paths": DEFAULT_PATHS, "block": BLOCK}
    assert defaults | of_library == defaults


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


def test_a_run_says_which_other_plan_it_replaces(simulator):
    words = (*SMALL, "--out", "kept", "-q")
    assert simulator("run", "air-only", "no-force", *words).stderr == ""
    assert simulator("run", "air-only", "no-force", *words, "--seed", "2").stderr == ""
    done = simulator("run", "no-force", *words)
    assert done.stderr == "kept: replaced the run of another plan (air-only, no-force, seed 2)\n"
    done = simulator("run", "no-force", *words, "--set", "front_km=900")
    assert done.stderr == "kept: replaced the run of another plan (no-force, seed 1)\n"


def test_line_peacekeepers_say_that_they_are_not_filled(simulator):
    done = simulator("run", "line-peacekeepers", *SMALL)
    assert done.returncode == 0
    assert "The force is not filled" in done.stdout


def test_the_class_of_past_ceasefires_is_told_with_its_book_and_only_where_all_are_known(simulator):
    few = simulator("run", "no-force", "--draws", 40, "--paths", 5).stdout
    assert "these draws are too few to tell (" in few
    done = simulator("run", "no-force", "--draws", 300, "--paths", 20, "--json")
    options = json.loads(done.stdout)[0]["by_option"]
    classes = options["reference_class (evidence)"]
    books = {name: one["draws"] for name, one in options["book"].items()}
    assert sum(books.values()) == 300
    assert sum(one["draws"] for one in classes.values()) == books["evidence"]
    values = [one["estimates"]["p_collapse_within_2y"]["value"] for one in classes.values()]
    shown = simulator("run", "no-force", "--draws", 300, "--paths", 20).stdout
    line = next(line for line in shown.splitlines() if "class of past ceasefires alone" in line)
    assert line.startswith("In the draws from book evidence")
    assert f"from {min(values):.2f} (" in line
    assert f"to {max(values):.2f} (" in line
    experts = options["book"]["experts"]["estimates"]["p_collapse_within_2y"]["value"]
    assert f"book experts gives {experts:.2f}" in line


def test_a_title_says_what_was_changed(simulator):
    done = simulator("run", "no-force", *SMALL, "--set", "horizon_years=25")
    assert ", with horizon_years=25 [no-force]" in done.stdout.splitlines()[0]


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


def test_ctrl_c_exits_130(tmp_path):
    for workers in ("1", "2"):
        process = subprocess.Popen(
            [
                sys.executable, "-m", "simulator", "run", "no-force",
                "--draws", "200", "--paths", "1000000", "--workers", workers,
            ],
            cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )  # fmt: skip
        time.sleep(3.0)
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=30)
        assert (process.returncode, out) == (130, "")
        assert "interrupted" in err
        assert "Traceback" not in err


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
    sample = [line[4:] for line in after.split("\n\n")[1].splitlines()]
    printed = simulator("run", "reassurance-force").stdout.splitlines()
    assert sample
    assert [line.rstrip() for line in printed[: len(sample)]] == sample
