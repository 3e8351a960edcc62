"""What comes with the project: whole, unchanged, and enough to fit again without the rows."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from simulator.evidence import build, shipped
from simulator.evidence.fits import bootstrap, fit
from simulator.evidence.forms import FORMS, survival
from simulator.evidence.reference import MODEL_FORM, MODEL_NAMES
from simulator.evidence.shipped import (
    foretell_table,
    load_evidence,
    shipped_class,
    shipped_table,
)
from simulator.evidence.spells import Floats
from simulator.inputs import InputError

CLASSES = tuple(load_evidence("life_tables"))

# Two maxima of almost equal height: which of them is higher turns on how the first year is grouped.
TWO_MAXIMA = {("civil_no_force", form) for form in ("two_regime", "two_regime_exponential")}


@pytest.mark.parametrize("part", shipped.PARTS)
def test_every_part_matches_its_digest(part: str) -> None:
    assert load_evidence(part)


def test_a_changed_number_is_noticed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = (shipped.shipped("configs/evidence") / "targets.yaml").read_text()
    (tmp_path / "targets.yaml").write_text(text.replace("failures: 40", "failures: 41", 1))
    monkeypatch.setattr(shipped, "shipped", lambda _: tmp_path)
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
    stated = shipped_class("civil_no_victory", "reference_classes")["entries"]["w0"]
    quantiles = stated["distribution"]["quantiles"]
    low, middle, high = np.nanquantile(drawn.column("failing_share"), [0.05, 0.5, 0.95])
    assert middle == pytest.approx(quantiles["p50"], abs=0.05)
    assert 0.5 < (high - low) / (quantiles["p95"] - quantiles["p05"]) < 1.2


def test_reference_classes_are_joint_and_inside_their_units() -> None:
    for name, content in load_evidence("reference_classes").items():
        assert tuple(content["entries"]) == MODEL_NAMES
        assert content["not_fitted"] == 0, name
        for entry in content["entries"].values():
            q = entry["distribution"]["quantiles"]
            assert q["p05"] < q["p50"] < q["p95"]
            assert entry["unit"] == "1/year" or 0 < q["p05"] < q["p95"] < 1
        rho = np.eye(3)
        for pair in content["correlations"]:
            i, j = (MODEL_NAMES.index(entry) for entry in pair["between"])
            rho[i, j] = rho[j, i] = pair["rho"]
        assert np.linalg.eigvalsh(rho).min() > 0, name


def test_the_three_numbers_and_their_copula_give_the_survival_of_the_bootstrap() -> None:
    """What a book draws from the entries is what the record said: within four points of S."""
    rng = np.random.default_rng(2)
    for name, content in load_evidence("reference_classes").items():
        drawn = _draw(content, rng, 4000)
        values = np.stack([drawn[0], -np.log1p(-drawn[1]) / 2.0, drawn[2]], axis=1)
        ages = np.array([float(age) for age in content["survival"]])
        curves = np.quantile(survival(FORMS[MODEL_FORM], values, ages), 0.5, axis=0)
        stated = [row["p50"] for row in content["survival"].values()]
        np.testing.assert_allclose(curves, stated, atol=0.04, err_msg=name)


def _draw(content: Mapping[str, Any], rng: np.random.Generator, draws: int) -> Floats:
    """Draw the three entries of a class through their normal scores, by the definitions."""
    rho = np.eye(3)
    for pair in content["correlations"]:
        i, j = (MODEL_NAMES.index(entry) for entry in pair["between"])
        rho[i, j] = rho[j, i] = pair["rho"]
    z = rng.multivariate_normal(np.zeros(3), rho, draws).T
    found = []
    for score, entry in zip(z, content["entries"].values(), strict=True):
        q = np.array([entry["distribution"]["quantiles"][k] for k in ("p05", "p50", "p95")])
        logit = entry["distribution"]["scale"] == "logit"
        low, middle, high = np.log(q / (1 - q)) if logit else np.log(q)
        step = np.where(score < 0, middle - low, high - middle) / 1.6448536269514722
        x = middle + score * step
        found.append(1 / (1 + np.exp(-x)) if logit else np.exp(x))
    return np.array(found)


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


def test_the_shipped_tables_are_those_of_the_rows(rows: Path) -> None:
    _assert_same(build.life_tables(rows), dict(load_evidence("life_tables")), "life_tables")


@pytest.mark.long
@pytest.mark.parametrize("part", build.PARTS)
def test_every_part_can_be_computed_again(part: str, rows: Path) -> None:
    _assert_same(build.PARTS[part].make(rows), dict(load_evidence(part)), part)
