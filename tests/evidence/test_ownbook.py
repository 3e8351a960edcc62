"""Books made of users' records: what `calibrate --book` writes, `run --book` takes."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner, Result

from simulator.analysis.inputs import load_plans
from simulator.books.load import load_book
from simulator.cli.main import cli
from simulator.evidence.calibrate import book_text, calibrate, write_book
from simulator.evidence.fits import Replicates
from simulator.evidence.kernels import ESTABLISHING_RATE
from simulator.evidence.reference import MODEL_FORM
from simulator.evidence.spells import Floats, Spells
from simulator.evidence.usercsv import UserSpells
from simulator.inputs import InputError
from tests.evidence.shapes import PUBLIC, public_file, records


def _command(*arguments: str | Path) -> Result:
    return CliRunner().invoke(cli, [str(argument) for argument in arguments])


def _runs(book: Path) -> None:
    """The book is taken by `run`, with all draws from the record."""
    done = _command("run", "no-force", "--book", book, "--draws", "100", "--trials", "5", "--json")
    assert done.exit_code == 0, done.output


def _calibrated(spells: Spells, folder: Path) -> Path:
    found = calibrate(UserSpells(spells, ("",) * len(spells), ()), "spells.csv", 50)
    write_book(folder / "own.yaml", found.book)
    return folder / "own.yaml"


@pytest.mark.slow
@pytest.mark.parametrize("name", PUBLIC)
def test_public_records_as_they_lie_become_books(name: str, tmp_path: Path) -> None:
    data = public_file(name)
    if data is None:
        pytest.skip("needs the records in lifelines' package")
    book, named = tmp_path / "own.yaml", PUBLIC[name][1]
    options = [
        part
        for option, value in vars(named).items()
        if value is not None
        for part in (f"--{option}", value)
    ]
    done = _command("calibrate", data, "--replicates", "50", "--book", book, *options)
    assert done.exit_code == 0, done.output
    assert f"use it: simulator run no-force --book {book}" in done.output
    _runs(book)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("years", "ended"),
    [
        ([3.0], [1]),
        ([3.0, 3.0], [1, 1]),
        ([3.0] * 8, [1] * 8),
        ([3.0] * 8, [1] * 4 + [0] * 4),
        ([0.001] * 8, [1] * 8),
        ([900.0, 900.0, 901.0], [1, 1, 0]),
        ([1.0, 1.0, 30.0, 30.0], [1, 1, 0, 0]),
        (
            [2.1, 3.4, 4.2, 2.8, 5.1, 3.9, 1.6, 6.0, 4.7, 3.1, 2.4, 5.5],
            [1] * 7 + [0] + [1] * 3 + [0],
        ),
    ],
)
def test_small_and_equal_records_become_books(
    years: list[float], ended: list[int], tmp_path: Path
) -> None:
    _runs(_calibrated(Spells(np.array(years), np.array(ended, dtype=bool)), tmp_path))


def test_one_cluster_has_one_resample_and_a_book_of_fixed_numbers(tmp_path: Path) -> None:
    spells = Spells(np.array([0.5, 2.0, 9.0]), np.array([1, 1, 0], bool), cluster=np.zeros(3, int))
    book = _calibrated(spells, tmp_path)
    text = book.read_text()
    assert text.count("fixed:") == 7  # three numbers, the establishing rate and three exponents
    assert "resamples:" not in text
    _runs(book)


def test_a_book_is_drawn_with_the_establishing_rate_of_its_fit(
    two_regimes: Callable[..., Spells], tmp_path: Path
) -> None:
    """The failing share that is fitted hangs on that rate: .15 at 2 a year, .37 at 15."""
    book = load_book(_calibrated(two_regimes(np.random.default_rng(2)), tmp_path))
    own = book.choices["reference_class"].options["own_record"].entries
    assert own["kappa_0"].distribution.ppf(np.array([0.0, 0.5, 1.0])) == pytest.approx(
        np.full(3, ESTABLISHING_RATE)
    )


@pytest.mark.long
def test_records_of_all_shapes_become_books(tmp_path: Path) -> None:
    for _, spells in records():
        _runs(_calibrated(spells, tmp_path))


def _book_of(values: Floats) -> str:
    """The book of resamples given in the model's terms: the form has a hazard for the failure."""
    w0, q, holding = values.T
    own = np.stack([w0, -np.log1p(-q) / 2.0, holding], axis=1)
    return book_text("x.csv", {"spells": 9, "failures": 5}, Replicates(MODEL_FORM, own))


@pytest.mark.slow
@pytest.mark.parametrize("column", [0, 1, 2])
def test_ties_make_a_book(column: int, tmp_path: Path) -> None:
    rng = np.random.default_rng(4)
    one = rng.uniform(0.2, 0.8, 200)
    values = np.stack([one, 1 - one / 2, one / 10], axis=1)  # each determines the others
    values[:, column] = np.median(values[:, column])
    write_book(tmp_path / "own.yaml", _book_of(values))


def test_a_book_that_run_refuses_is_not_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bad = _book_of(np.random.default_rng(1).uniform(0.2, 0.4, (50, 3)))
    bad = bad.replace("h_holding:\n", "h_holding:\n            unit: 1/day\n")
    book = tmp_path / "own.yaml"
    book.write_text("the older one")
    with pytest.raises(InputError, match=r"run would refuse it: .*h_holding\.unit"):
        write_book(book, bad)
    assert book.read_text() == "the older one"
    assert list(tmp_path.iterdir()) == [book]
    # the command prints its fits, says why, and ends with 2
    data = tmp_path / "spells.csv"
    data.write_text("duration_years,event\n1,1\n2,0\n5,1\n")
    monkeypatch.setattr("simulator.evidence.calibrate.book_text", lambda *_: bad)
    done = _command("calibrate", data, "--replicates", "50", "--book", book)
    assert done.exit_code != 0
    assert isinstance(done.exception, InputError)
    assert "lowest AIC" in done.output
    assert "use it" not in done.output
    assert book.read_text() == "the older one"


def test_every_book_is_tried_before_it_is_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tried: list[str] = []

    def load(names: list[str], book: str) -> object:
        tried.append(Path(book).read_text())
        return load_plans(names, book)

    monkeypatch.setattr("simulator.analysis.inputs.load_plans", load)
    text = _book_of(np.random.default_rng(1).uniform(0.2, 0.4, (50, 3)))
    write_book(tmp_path / "own.yaml", text)
    assert tried == [text]


@pytest.mark.parametrize("name", ["evidence", "own"])
def test_a_name_that_run_would_not_take_for_a_file_is_refused(name: str, tmp_path: Path) -> None:
    data = tmp_path / "spells.csv"
    data.write_text("duration_years,event\n1,1\n2,0\n")
    done = _command("calibrate", data, "--book", name)
    assert done.exit_code == 2
    assert f"{name}.yaml" in done.output
    done = _command("calibrate", data, "--replicates", "50", "--book", data)
    assert done.exit_code == 2
    assert data.read_text().startswith("duration_years")


def test_names_of_files_do_not_break_the_book(tmp_path: Path) -> None:
    spells = Spells(np.array([1.0, 2.0, 4.0]), np.array([1, 0, 1], bool))
    found = calibrate(UserSpells(spells, ("",) * 3, ()), "a: 'b\u202e\x1b\u2028#{}.csv", 50)
    write_book(tmp_path / "own.yaml", found.book)
    _runs(tmp_path / "own.yaml")


def _summary(spells: Spells, groups: list[str] | None = None) -> dict[str, object]:
    read = UserSpells(spells, tuple(groups or [""] * len(spells)), ())
    return json.loads(json.dumps(dict(calibrate(read, "x", 50).summary), allow_nan=False))


@pytest.mark.slow
def test_groups_never_watched_together_are_null_and_said(tmp_path: Path) -> None:
    spells = Spells(np.array([1.0, 1.5, 2.0, 3.0]), np.array([0, 0, 1, 1], bool))
    found = _summary(spells, ["a", "a", "b", "b"])
    assert found["groups"]["logrank"] == [{"between": ["a", "b"], "p_value": None}]
    assert any(note.startswith("a against b") for note in found["notes"])
    data = tmp_path / "spells.csv"
    data.write_text("duration_years,event,group\n1,0,a\n1.5,0,a\n2,1,b\n3,1,b\n")
    done = _command("calibrate", data, "--replicates", "50", "--json")
    assert done.exit_code == 0, done.output
    told = _command("calibrate", data, "--replicates", "50").output
    assert "nan" not in told
    assert "a against b: not defined" in told


def test_curves_under_delayed_entry_are_on_one_scale(two_regimes: Callable[..., Spells]) -> None:
    """Everybody enters at 3 years: fits and Kaplan-Meier speak of those who got so far."""
    spells = two_regimes(np.random.default_rng(8), n=3000)
    late = spells.subset(spells.exit > 3.0)
    found = _summary(Spells(late.exit, late.event, np.full(len(late), 3.0)))
    assert found["given_survival_to"] == 3.0
    form = found["forms"]["two_regime_exponential"]
    assert form["survival"]["1"] is None
    assert form["survival"]["3"] == 1.0
    assert "1" not in found["kaplan_meier"]
    for age in ("5", "10", "20", "30"):
        curve = found["kaplan_meier"][age]
        # the 90 % interval on both sides once more: 3.3 standard errors
        reach = curve["high"] - curve["low"]
        assert abs(form["survival"][age] - curve["value"]) < reach, age
        spread = form["survival_ranges"][age]
        assert spread["p05"] <= form["survival"][age] * 1.02
    assert any("given survival to 3 years" in note for note in found["notes"])


def test_a_lone_early_spell_does_not_end_the_curve() -> None:
    entry = np.array([0.0, 1.0, 1.2, 1.5, 2.0])
    exit_ = np.array([0.5, 4.0, 6.0, 11.0, 12.0])
    found = _summary(Spells(exit_, np.array([1, 1, 0, 1, 0], bool), entry))
    assert found["given_survival_to"] == 1.0
    assert found["kaplan_meier"]["10"]["value"] > 0
    assert any("all who were had failed" in note for note in found["notes"])


def test_a_fit_at_the_edge_is_marked_and_not_ranked() -> None:
    """A share that never fails: the durable hazard ends at the edge, with the lowest AIC."""
    rng = np.random.default_rng(3)
    life = np.where(rng.random(200) < 0.5, rng.exponential(1.0, 200), np.inf)
    found = _summary(Spells(np.minimum(life, 15.0), life <= 15.0))
    forms = found["forms"]
    lowest = min(forms, key=lambda name: forms[name]["aic"])
    assert forms[lowest]["at_bound"] == ["durable_hazard"]
    assert found["best_form"] in forms
    assert not forms[found["best_form"]]["at_bound"]
    assert any(note.startswith(f"{lowest} has an AIC") for note in found["notes"])


def test_edges_are_marked_beside_their_aic(tmp_path: Path) -> None:
    data = tmp_path / "spells.csv"
    rows = [f"{0.1 * i:.1f},1" for i in range(1, 9)] + ["15,0"] * 12
    data.write_text("duration_years,event\n" + "\n".join(rows) + "\n")
    told = _command("calibrate", data, "--replicates", "50").output
    [row] = [line for line in told.splitlines() if line.startswith("phase_process ")][:1]
    assert "(edge)" in row
