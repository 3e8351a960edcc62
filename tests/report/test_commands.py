"""``simulator plot`` and ``simulator report`` as a user meets them."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from simulator.cli.commands import cli
from simulator.inputs.problems import InputError
from simulator.report.exhibit import kinds
from simulator.report.pages import report_of
from simulator.report.show import exhibits_of
from simulator.results.load import load_result
from tests.report.made import comparison, run, run_folder, sweep_folder, trace, write

plot_command = cli.commands["plot"]
report_command = cli.commands["report"]


def call(command: object, *words: object) -> Result:
    return CliRunner().invoke(command, [str(word) for word in words])  # type: ignore[arg-type]


MAGIC = {"svg": b"<?xml", "png": b"\x89PNG", "pdf": b"%PDF"}


@pytest.mark.slow
@pytest.mark.parametrize(("ending", "magic"), MAGIC.items())
def test_a_figure_is_written_in_the_format_of_its_name(
    tmp_path: Path, ending: str, magic: bytes
) -> None:
    folder = run_folder(tmp_path / "run", [run("plan")])
    target = tmp_path / "new" / f"curve.{ending}"
    done = call(plot_command, folder, "survival", "-o", target)
    assert done.exit_code == 0, done.output
    assert target.read_bytes().startswith(magic)
    assert [p.name for p in target.parent.iterdir()] == [target.name]


def test_a_figure_on_its_own_says_what_it_is_and_whence(tmp_path: Path) -> None:
    folder = run_folder(tmp_path / "run", [run("plan")])
    call(plot_command, folder, "claim", "-o", tmp_path / "a.svg")
    text = (tmp_path / "a.svg").read_text(encoding="utf-8")
    assert "47 % collapse within 2 years, 33 % hold 30 years or longer" in text
    assert "Title of plan [plan], book blend; seed 5, 400 draws x 100 trials" in text
    for under in ("within 2 years 37 to 56", "20 or longer 29 to 44", "30 or longer 27 to 40"):
        assert under in text


@pytest.mark.slow
def test_every_figure_names_its_plans_and_its_book(tmp_path: Path) -> None:
    several = run_folder(tmp_path / "runs", [run("a"), run("b", book="evidence")])
    places = {
        several: "a, b, book blend and evidence; seed 5, 400 draws",
        write(tmp_path / "c.json", comparison(["a", "b", "c"])): "a, c, b, book blend; seed 5, 4",
        sweep_folder(tmp_path / "s", {"a.b": [1.0, 2.0]}): "no-force, book evidence; seed 5, 400",
        write(tmp_path / "t.json", trace()): "reassurance-force, book blend; seed 5, draw 3, trial",
    }
    for place, line in places.items():
        result = load_result(place)
        page = report_of(result)
        for one in exhibits_of(result):
            assert one.source.startswith(line)
            assert one.title in page
        # In a page it stands under each figure, wide and narrow; a long line may be broken there.
        assert page.count(line.partition(";")[0]) >= len(exhibits_of(result))


@pytest.mark.slow
def test_a_home_that_cannot_be_written_is_no_concern_of_a_figure(tmp_path: Path) -> None:
    folder = run_folder(tmp_path / "run", [run("plan")])
    words = ["plot", str(folder), "claim", "-o", str(tmp_path / "a.svg")]
    home = {
        "HOME": "/dev/null/home",
        "XDG_CACHE_HOME": "/dev/null/c",
        "MPLCONFIGDIR": "/dev/null/m",
    }
    done = subprocess.run(
        [sys.executable, "-m", "simulator", *words],
        env={**os.environ, **home},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stderr.splitlines() == [str(tmp_path / "a.svg")]


def test_one_scenario_of_several_and_one_estimate_of_a_sweep(tmp_path: Path) -> None:
    folder = run_folder(tmp_path / "run", [run("a"), run("b")])
    assert call(plot_command, folder, "panels", "-o", tmp_path / "a.svg").exit_code == 0
    assert call(plot_command, folder, "causes", "-o", tmp_path / "b.svg").exit_code == 2
    done = call(plot_command, folder, "causes", "--scenario", "b", "-o", tmp_path / "b.svg")
    assert done.exit_code == 0
    sweep = sweep_folder(tmp_path / "sweep", {"a.b": [1.0, 2.0], "c.d": [1.0, 2.0]})
    done = call(plot_command, sweep, "heat", "--by", "rmst_years", "-o", tmp_path / "c.svg")
    assert done.exit_code == 0
    assert "mean duration up to the horizon" in (tmp_path / "c.svg").read_text(encoding="utf-8")


def test_mistakes_are_answered_with_what_is_possible(tmp_path: Path) -> None:
    folder = run_folder(tmp_path / "run", [run("plan")])
    done = call(plot_command, folder, "survivl", "-o", tmp_path / "a.svg")
    assert done.exit_code == 2
    assert "did you mean 'survival'" in done.output
    done = call(plot_command, folder, "heat", "-o", tmp_path / "a.svg")
    assert "cannot show 'heat'" in done.output
    assert "(sweep)" in done.output
    large = sweep_folder(tmp_path / "large", {"a": [float(n) for n in range(25)]})
    done = call(plot_command, large, "points", "-o", tmp_path / "a.svg")
    assert done.exit_code == 2
    assert "points in order, if they are at most 40" in " ".join(done.output.split())
    done = call(plot_command, folder, "survival", "-o", tmp_path / "a.gif")
    assert ".svg, .png or .pdf" in done.output
    assert not (tmp_path / "a.gif").exists()
    empty = tmp_path / "empty"
    empty.mkdir()
    assert isinstance(call(plot_command, empty, "survival").exception, InputError)
    assert call(report_command, tmp_path / "nowhere").exit_code == 2


@pytest.mark.slow
def test_a_file_that_was_changed_is_shown_only_when_asked(tmp_path: Path) -> None:
    folders = {
        "summary.json": run_folder(tmp_path / "run", [run("plan")]),
        "points.csv": sweep_folder(tmp_path / "sweep", {"a.b": [1.0, 2.0]}),
    }
    for name, folder in folders.items():
        with (folder / name).open("a") as stream:
            stream.write("\n")
        for command, words in ((plot_command, ["points"]), (report_command, [])):
            error = call(command, folder, *words, "-o", tmp_path / "new.svg").exception
            assert isinstance(error, InputError)
            assert f"{name}: was changed since" in error.render()
            assert not (tmp_path / "new.svg").exists()
        done = call(report_command, folder, "--unchecked", "-o", tmp_path / f"{name}.html")
        assert done.exit_code == 0, done.output


def test_the_kinds_are_listed_without_a_result() -> None:
    done = call(plot_command, "--kinds")
    assert done.exit_code == 0
    assert [line.split()[0] for line in done.output.splitlines()] == list(kinds())


def test_a_report_is_one_file(tmp_path: Path) -> None:
    target = tmp_path / "out" / "report.html"
    done = call(report_command, write(tmp_path / "t.json", trace()), "-o", target)
    assert done.exit_code == 0, done.output
    assert [p.name for p in target.parent.iterdir()] == ["report.html"]
    assert target.read_text(encoding="utf-8").startswith("<!DOCTYPE html>")
