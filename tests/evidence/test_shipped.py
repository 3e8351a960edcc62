"""What comes with the project: whole, unchanged, and enough to fit again without the rows."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from research import build
from research.fitting import bootstrap, establishing_rates
from simulator.evidence import writing
from simulator.evidence.fits import fit
from simulator.evidence.forms import FORMS, phases, survival
from simulator.evidence.reference import MODEL_FORM, MODEL_NAMES, ROWS
from simulator.evidence.spells import Floats
from simulator.evidence.writing import (
    BOOK_CLASSES,
    load_evidence,
    shipped_class,
)
from simulator.inputs import InputError, read_document
from tests.evidence.tables import foretell_table, shipped_table

CLASSES = tuple(load_evidence("life_tables"))

# Two maxima of almost equal height: which of them is higher turns on how the first year is grouped.
TWO_MAXIMA = {("civil_no_force", form) for form in ("two_regime", "two_regime_exponential")}


@pytest.mark.parametrize("part", writing.PARTS)
def test_every_part_matches_its_digest(part: str) -> None:
    assert load_evidence(part)


def test_a_changed_number_is_noticed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = (writing.shipped("configs/evidence") / "targets.yaml").read_text()
    (tmp_path / "targets.yaml").write_text(text.replace("failures: 40", "failures: 41", 1))
    monkeypatch.setattr(writing, "shipped", lambda _: tmp_path)
    with pytest.raises(InputError, match="does not match its digest"):
        load_evidence("targets")


def test_unknown_names_are_answered_with_those_there_are() -> None:
    with pytest.raises(InputError, match="did you mean 'targets'"):
        load_evidence("target")
    with pytest.raises(InputError, match="civil_all"):
        shipped_class("civil_al")


@pytest.mark.parametrize("name", CLASSES)
def test_a_table_adds_up_and_lists_no_spell(name: str) -> None:
    content, table = shipped_class(name), shipped_table(name)
    assert table.failures == content["failures"]
    assert table.entering[-1] >= 3  # no band tells the length of a single spell
    assert (table.entering[1:] <= table.entering[:-1].max()).all()
    assert {"study", "definition", "source_sha256"} <= set(content)


@pytest.mark.slow
@pytest.mark.parametrize("name", CLASSES)
def test_fits_from_the_table_alone_are_within_the_stated_grouping_error(name: str) -> None:
    table, content = shipped_table(name), shipped_class(name)
    ages = np.array([float(age) for age in content["kaplan_meier"]])
    for form, stated in content["fits"].items():
        rows = survival(FORMS[form], np.array([list(stated["parameters"].values())]), ages)[0]
        error = np.abs(fit(form, table).survival(ages) - rows).max()
        # the table's years are shipped to 3 digits after the point, the error to 4
        assert error <= stated["grouping_error"] + 2e-4, form


def test_grouping_moves_survival_by_less_than_two_points() -> None:
    for name, content in load_evidence("life_tables").items():
        if "contributor" in name:
            continue  # whole years: every exit sits on the edge of its band
        for form, stated in content["fits"].items():
            if (name, form) not in TWO_MAXIMA:
                assert stated["grouping_error"] < 0.02, (name, form)


def test_ranges_from_the_table_alone_resemble_those_from_the_rows() -> None:
    """Failures of a band are drawn from Poisson laws; clusters are lost, so ranges are narrower."""
    drawn = bootstrap(MODEL_FORM, shipped_table("civil_no_victory"), 300, np.random.default_rng(1))
    quantiles = shipped_class("civil_no_victory", "reference_classes")["ranges"]["w0"]
    low, middle, high = np.nanquantile(drawn.values[:, 0], [0.05, 0.5, 0.95])
    assert middle == pytest.approx(quantiles["p50"], abs=0.05)
    assert 0.5 < (high - low) / (quantiles["p95"] - quantiles["p05"]) < 1.2


def test_reference_classes_are_fitted_and_inside_their_units() -> None:
    for name, content in load_evidence("reference_classes").items():
        assert tuple(content["ranges"]) == MODEL_NAMES
        assert content["not_fitted"] == 0, name
        for entry, q in content["ranges"].items():
            assert q["p05"] < q["p50"] < q["p95"]
            assert entry == "h_holding" or 0 < q["p05"] < q["p95"] < 1


def _rows(name: str) -> Mapping[str, Floats]:
    """Shipped resamples of a class, by assumption."""
    part = read_document(writing.shipped("configs/evidence") / "resamples.yaml").value
    entries = part["structure"]["reference_class"]["options"][name]["entries"]
    written = {key: next(iter(entry["distribution"].values())) for key, entry in entries.items()}
    return {key: np.array(str(column).split(), np.float64) for key, column in written.items()}


def _curves(rows: Mapping[str, Floats], ages: Floats) -> Floats:
    """Survival under each resample, shape (resamples, ages), with its own establishing rate."""
    three = np.stack(
        [rows["w0"], -np.log1p(-rows["q_failing_2y"]) / 2.0, rows["h_holding"]], axis=1
    )
    found = np.empty((len(three), len(ages)))
    for rate in np.unique(rows["kappa_0"]):
        here = rows["kappa_0"] == rate
        found[here] = survival(phases(float(rate)), three[here], ages)
    return found


@pytest.mark.parametrize("name", BOOK_CLASSES)
def test_the_resamples_that_a_book_draws_stand_for_all(name: str) -> None:
    """Median and range of survival are those of the 2,000 resamples at the book's median rate."""
    stated = shipped_class(name, "reference_classes")["survival"]
    ages = np.array([float(age) for age in stated])
    curves = _curves(_rows(name), ages)
    assert len(curves) == ROWS
    for quantile, within in ((0.05, 0.03), (0.5, 0.02), (0.95, 0.03)):
        key = f"p{round(100 * quantile):02d}"
        found = np.quantile(curves, quantile, axis=0)
        expected = [row[key] for row in stated.values()]
        np.testing.assert_allclose(found, expected, atol=within, err_msg=key)


@pytest.mark.parametrize("name", BOOK_CLASSES)
def test_neighbouring_resamples_are_alike(name: str) -> None:
    """Even numbers pay off where like outcomes lie together: a random order has steps of .33."""
    curves = _curves(_rows(name), np.array([2.0, 20.0]))
    ranks = curves.argsort(axis=0).argsort(axis=0) / len(curves)
    assert np.abs(np.diff(ranks, axis=0)).mean() < 0.06


@pytest.mark.parametrize("name", BOOK_CLASSES)
def test_every_establishing_rate_is_drawn_about_equally_often(name: str) -> None:
    """Thinning cares for survival only: of 20 rows a rate at least 8 and at most 34 are there.

    If rates fell on rows at random, a count outside would have probability below 1e-3.
    """
    rates, counts = np.unique(_rows(name)["kappa_0"], return_counts=True)
    np.testing.assert_allclose(rates, establishing_rates(), rtol=1e-3)
    assert counts.min() >= 8
    assert counts.max() <= 34


@pytest.mark.parametrize(
    ("name", "ages", "within"),
    [
        ("civil_no_force", (2.0,), 0.03),
        ("interstate_rivals_war_or_fatal", (1.0, 2.0, 5.0, 10.0, 20.0, 30.0), 0.04),
        ("interstate_rivals_new_war", (1.0, 2.0, 5.0, 10.0, 20.0, 30.0), 0.04),
    ],
)
def test_a_class_gives_its_record_back(name: str, ages: tuple[float, ...], within: float) -> None:
    curves = _curves(_rows(name), np.array(ages)).mean(axis=0)
    record = [shipped_class(name)["kaplan_meier"][f"{age:g}"][0] for age in ages]
    np.testing.assert_allclose(curves, record, atol=within)


def test_medians_of_a_class_taken_apart_do_not_give_its_record_back() -> None:
    """What drawing whole is for: the three medians together are no record that there was."""
    rows = {key: np.array([np.median(column)]) for key, column in _rows("civil_no_force").items()}
    [[alive]] = _curves(rows, np.array([2.0]))
    assert abs(alive - shipped_class("civil_no_force")["kaplan_meier"]["2"][0]) > 0.03


def test_one_class_foretells_another_from_tables_alone() -> None:
    civil, states = shipped_table("civil_no_victory"), shipped_table("interstate_war_or_fatal")
    same = foretell_table(civil, civil, MODEL_FORM)
    # at a maximum of the likelihood the failures expected in all are close to those observed
    assert same["expected"] == pytest.approx(same["observed"], rel=0.02)
    other = foretell_table(civil, states, MODEL_FORM)
    assert other["observed"] == 37
    assert other["expected"] > 60  # civil wars foretell twice the failures between states
    assert sum(band[2] for band in other["bands"]) == 37


def _assert_same(found: Any, stated: Any, path: str) -> None:
    """Equal, but for the last of the three or four digits that numbers are shipped with."""
    if isinstance(stated, dict):
        assert list(found) == list(stated), path
        for key in stated:
            _assert_same(found[key], stated[key], f"{path}.{key}")
    elif isinstance(stated, list):
        assert len(found) == len(stated), path
        for i, (a, b) in enumerate(zip(found, stated, strict=True)):
            _assert_same(a, b, f"{path}[{i}]")
    elif isinstance(stated, float):
        assert found == pytest.approx(stated, rel=2e-3, abs=2e-4), path
    else:
        assert found == stated, path


@pytest.mark.slow
def test_the_shipped_tables_are_those_of_the_rows(rows: Path) -> None:
    _assert_same(
        build.PARTS["life_tables"].make(rows), dict(load_evidence("life_tables")), "life_tables"
    )


@pytest.mark.long
@pytest.mark.parametrize("part", build.PARTS)
def test_every_part_can_be_computed_again(part: str, rows: Path) -> None:
    if build.PARTS[part].sealed:
        stated = dict(load_evidence(part))
    else:
        stated = read_document(writing.shipped("configs/evidence") / f"{part}.yaml").value
    _assert_same(build.PARTS[part].make(rows), stated, part)
