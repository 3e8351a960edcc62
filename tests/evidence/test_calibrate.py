"""A user's spells: bad files are refused whole, good ones become forms, ranges and a book."""

import json
import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from simulator.cli.commands import cli
from simulator.evidence.calibrate import SURVIVAL_AGES, Calibration, calibrate_file
from simulator.evidence.forms import FORMS
from simulator.evidence.spells import DAYS_PER_YEAR, Spells
from simulator.evidence.usercsv import read_spells
from simulator.inputs import InputError

calibrate_command = cli.commands["calibrate"]


def _write(path: Path, *lines: str) -> Path:
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def _problems(path: Path) -> dict[str, str]:
    with pytest.raises(InputError) as caught:
        read_spells(path)
    return {problem.path: problem.message for problem in caught.value.problems}


def test_every_bad_row_is_reported_at_once_with_its_number(tmp_path: Path) -> None:
    path = _write(
        tmp_path / "bad.csv",
        "name,duration_years,event,entry_years",
        "a,1.5,1,0",
        "b,-2,1,0",
        "c,three,0,0",
        "d,4,,0",
        "e,4,perhaps,0",
        "f,4,1,5",
        "g,4,1,-1",
        "h,nan,1,0",
        "i,0,0,0",
        "j,4,1",
        "",
        "k,4000,1,0",
    )
    found = _problems(path)
    assert found["row 2, duration_years"] == "must be above 0, got -2"
    assert found["row 3, duration_years"] == "'three' is not a number"
    assert found["row 4, event"] == "missing: 1 if it ended, 0 if not"
    assert found["row 5, event"] == "'perhaps' is neither 1 nor 0"
    assert "not before the spell ended" in found["row 6, entry_years"]
    assert found["row 7, entry_years"] == "must be at least 0, got -1 years"
    assert found["row 8, duration_years"] == "'nan' is not a number"
    assert found["row 9, duration_years"] == "must be above 0, got 0"
    assert "3 fields" in found["row 10, columns"]
    assert found["row 11, duration_years"] == "longer than 1000 years"
    assert not any(key.startswith("row 1,") for key in found)
    with pytest.raises(InputError, match=r"bad\.csv:3:1: row 2, duration_years"):
        read_spells(path)
    with pytest.raises(InputError, match=r"bad\.csv:13:1: row 11"):  # an empty line is no row
        read_spells(path)


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        (["duration,event", "1,1"], "duration_years or duration_days"),
        (["duration_years", "1"], "no column event"),
        (["duration_years,duration_days,event", "1,365,1"], "keep one of the two"),
        (["duration_years,event,event", "1,1,1"], "more than once"),
        (["duration_years,event"], "no row"),
        (["duration_years,event", "1,0", "2,0"], "no spell ended"),
        ([""], "file is empty"),
        (["duration_years,event,group", "1,1,a", "2,1,"], "row 2, group: missing"),
    ],
)
def test_a_file_that_cannot_be_used_says_why(
    tmp_path: Path, lines: list[str], message: str
) -> None:
    with pytest.raises(InputError, match=message):
        read_spells(_write(tmp_path / "spells.csv", *lines))


def test_files_that_are_no_text_or_not_there(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot be read"):
        read_spells(tmp_path / "absent.csv")
    (tmp_path / "binary.csv").write_bytes(b"\xff\xfe\x00\x01")
    with pytest.raises(InputError, match="UTF-8"):
        read_spells(tmp_path / "binary.csv")


def test_days_truth_words_byte_order_mark_and_other_columns(tmp_path: Path) -> None:
    path = tmp_path / "spells.csv"
    path.write_text(
        "\ufeffcountry,Duration_Days,event,entry_days\nA,365.25,TRUE,0\nB,730.5,no,365.25\n",
        encoding="utf-8",
    )
    read = read_spells(path)
    assert read.spells.exit.tolist() == [1.0, 2.0]
    assert read.spells.event.tolist() == [True, False]
    assert read.spells.entry.tolist() == [0.0, 1.0]
    assert read.notes == ("columns not read: country",)


def _spells_file(path: Path, spells: Spells, days: bool = False) -> Path:
    unit, factor = ("days", DAYS_PER_YEAR) if days else ("years", 1.0)
    return _write(
        path,
        f"duration_{unit},event,entry_{unit},group",
        *(
            f"{a * factor!r},{int(e)},{b * factor!r},{'ab'[i % 2]}"
            for i, (a, e, b) in enumerate(
                zip(spells.exit.tolist(), spells.event, spells.entry.tolist(), strict=True)
            )
        ),
    )


@pytest.fixture(scope="module")
def calibration(
    tmp_path_factory: pytest.TempPathFactory, two_regimes: Callable[..., Spells]
) -> Calibration:
    folder = tmp_path_factory.mktemp("user")
    spells = two_regimes(np.random.default_rng(3), n=150)
    return calibrate_file(_spells_file(folder / "spells.csv", spells), replicates=100)


@pytest.mark.slow
def test_the_summary_holds_every_form_and_is_json(calibration: Calibration) -> None:
    summary = json.loads(json.dumps(dict(calibration.summary), allow_nan=False))
    assert set(summary["forms"]) == set(FORMS)
    for form, row in summary["forms"].items():
        assert list(row["parameters"]) == list(FORMS[form].parameters)
        assert list(row["survival"]) == [f"{age:g}" for age in SURVIVAL_AGES]
        assert row["aic"] == pytest.approx(
            2 * len(row["parameters"]) - 2 * row["log_likelihood"], abs=1e-3
        )
        for name, value in row["parameters"].items():
            assert row["ranges"][name]["p05"] < value * 1.2
    assert summary["best_form"] == min(summary["forms"], key=lambda f: summary["forms"][f]["aic"])
    assert summary["groups"]["sizes"]["a"]["spells"] == 75
    assert 0 <= summary["groups"]["logrank"][0]["p_value"] <= 1


def test_what_made_the_spells_is_recovered(calibration: Calibration) -> None:
    """Within four standard errors (a 90 % range is 3.29 of them); coverage has its own test."""
    form = calibration.summary["forms"]["two_regime_exponential"]
    truth = {"failing_share": 0.5, "failing_hazard": 0.9, "durable_hazard": 0.02}
    for name, value in truth.items():
        width = form["ranges"][name]["p95"] - form["ranges"][name]["p05"]
        assert abs(form["parameters"][name] - value) < 4 * width / 3.29, name


def test_the_book_is_ready_to_use(calibration: Calibration, tmp_path: Path) -> None:
    from simulator.books.load import load_book

    path = tmp_path / "own.yaml"
    path.write_text(calibration.book, encoding="utf-8")
    options = load_book(path).choices["reference_class"].options
    assert options["own_record"].weight == 1.0
    assert all(option.weight == 0 for name, option in options.items() if name != "own_record")
    entries = options["own_record"].entries
    for name, stated in calibration.summary["model"].items():
        drawn = entries[name].distribution.ppf(np.array([0.05, 0.5, 0.95]))
        # 200 of the 1,000 resamples, at even steps: a quantile of theirs is a neighbouring one
        np.testing.assert_allclose(drawn, list(stated.values()), rtol=0.05)


@pytest.mark.slow
def test_days_give_what_years_give(tmp_path: Path, two_regimes: Callable[..., Spells]) -> None:
    spells = two_regimes(np.random.default_rng(5), n=60, late=True)
    found = [
        calibrate_file(_spells_file(tmp_path / f"{days}.csv", spells, days), replicates=20)
        for days in (False, True)
    ]
    one, other = (dict(result.summary["forms"]["weibull"]["parameters"]) for result in found)
    assert one == pytest.approx(other, rel=1e-5)
    assert "logrank" not in found[0].summary["groups"]  # not for left-truncated spells


@pytest.mark.slow
def test_thin_records_are_told_so(tmp_path: Path) -> None:
    path = _write(
        tmp_path / "thin.csv", "duration_years,event,cluster", "1,1,x", "2,0,x", "3,1,y", "4,0,y"
    )
    notes = " ".join(calibrate_file(path, replicates=50).summary["notes"])
    assert "only 2 failures" in notes
    assert "only 2 clusters" in notes


SEVEN = ["0.3,1", "0.8,1", "1.5,1", "4,1", "12,0", "20,0", "30,0"]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("rows", "outside"),
    [
        # No durable spell fails: the fit says never, the resamples half an event.
        (SEVEN, {"durable_hazard"}),
        # One failure, which a third of the resamples lack: the others have too many.
        (["0.5,1", *SEVEN[4:], "9,0", "8,0", "7,0"], {"hazard", "failing_share", "durable_hazard"}),
    ],
)
def test_a_value_outside_its_own_range_is_said_with_the_reason(
    tmp_path: Path, rows: list[str], outside: set[str]
) -> None:
    found = calibrate_file(_write(tmp_path / "few.csv", "duration_years,event", *rows)).summary
    for form in found["forms"].values():
        for name, value in form["parameters"].items():
            low, high = (form["ranges"][name][q] for q in ("p05", "p95"))
            assert (name in form["outside"]) == (not low * 0.999 <= value <= high * 1.001), name
    assert outside <= {name for form in found["forms"].values() for name in form["outside"]}
    [note] = [note for note in found["notes"] if note.startswith("fitted outside")]
    for name, form in found["forms"].items():
        told = f"{name} {', '.join(form['outside'])}"
        assert not form["outside"] or re.search(rf"[:;] {told}[;.]", note)
    assert any("only 7 spells" in note for note in found["notes"])
    left_out = [note for note in found["notes"] if "are left out" in note]
    # (6/7)**7 = 0.34 of 1,000 resamples lack the only failure, within 5 standard errors of 15.
    assert [265 < int(note.split()[0]) < 415 for note in left_out] == [True] * (rows is not SEVEN)


def test_enough_spells_leave_no_value_outside_its_range(calibration: Calibration) -> None:
    assert not any("outside" in note for note in calibration.summary["notes"])


@pytest.mark.slow
def test_the_table_marks_the_edge_and_shows_the_middle(tmp_path: Path) -> None:
    path = _write(tmp_path / "seven.csv", "duration_years,event", *SEVEN)
    done = CliRunner().invoke(calibrate_command, [str(path), "--json"])
    middle = json.loads(done.stdout)["forms"]["phase_process"]["ranges"]["durable_hazard"]["p50"]
    wide = CliRunner(env={"COLUMNS": "160"})
    printed = wide.invoke(calibrate_command, [str(path)]).stdout
    [row] = [r for r in printed.splitlines() if re.match(r"phase_process +durable_hazard", r)]
    assert "1e-06 (edge)" in row
    assert f" {middle:.3g} " in row
    assert "edge: the search ended there" in printed


@pytest.mark.slow
def test_the_book_of_a_tiny_record_can_be_drawn_from(tmp_path: Path) -> None:
    # Six failures within months leave a two-year failure next to 1, which no draw may reach.
    from simulator.analysis.inputs import load_plans
    from simulator.analysis.run import Job, compile_job

    rows = ["0.5,1", "1,1", "3,0", "10,0", "0.2,1", "7,1", "12,0", "0.9,1", "20,0", "2,1"]
    path = _write(tmp_path / "tiny.csv", "duration_years,event", *rows)
    book = tmp_path / "tiny.yaml"
    book.write_text(calibrate_file(path, replicates=200).book, encoding="utf-8")
    [(scenario, loaded)] = load_plans(["no-force"], str(book))
    model, draws = compile_job(Job(scenario, loaded, 1, 2000, 1))
    assert set(draws.labels["reference_class"]) == {"own_record"}
    assert np.isfinite(model.hazards.failing).all()
