"""Catalogues: the shipped ones are sound, and a broken one is refused with every mistake."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from simulator.inputs import InputError, shipped
from simulator.scenario import Catalogues, Condition, load_catalogues, terms


@pytest.fixture(scope="module")
def known() -> Catalogues:
    return load_catalogues()


def test_who_is_in(known: Catalogues) -> None:
    assert set(known.contributors) == {
        "united-kingdom", "france", "denmark", "norway", "sweden", "finland", "estonia", "latvia",
        "lithuania", "germany", "netherlands", "poland", "italy", "turkiye", "romania", "others",
        "united-states",
    }  # fmt: skip
    assert {"core", "likely", "willing", "all"} <= set(known.sets)
    assert set(known.sets["all"]) == set(known.contributors)
    assert {base.country for base in known.bases.values()} == {"poland", "romania"}


def test_the_american_entry_is_backstop_only(known: Catalogues) -> None:
    own = terms(known.contributors["united-states"], known.conditions, "coalition", "rear")
    assert own.roles == {"backstop"}
    assert known.contributors["united-states"].troops.high == 0


def test_places_are_where_they_should_be(known: Catalogues) -> None:
    for base in known.bases.values():
        assert 43 < base.latitude < 55
        assert 14 < base.longitude < 29
    for station in known.stations.values():
        assert 45 < station.latitude < 52
        assert 31 < station.longitude < 40


def test_every_source_names_an_origin(known: Catalogues) -> None:
    for table in (known.contributors, known.conditions, known.bases, known.stations):
        for entry in table.values():
            source = entry.source
            assert source.file or source.citation
            if source.kind == "seed":
                assert source.quotation


def test_nothing_in_a_catalogue_can_be_changed(known: Catalogues) -> None:
    with pytest.raises(TypeError):
        known.contributors["france"] = known.contributors["poland"]  # type: ignore[index]
    with pytest.raises(ValueError, match="frozen"):
        known.contributors["france"].aircraft = 3


class TestTerms:
    def test_poland_offers_bases_and_transit_only(self, known: Catalogues) -> None:
        own = terms(known.contributors["poland"], known.conditions, "coalition", "sites")
        assert own.roles == {"basing", "logistics"}
        assert own.approval == "parliament"

    def test_france_stays_off_the_line(self, known: Catalogues) -> None:
        france = known.contributors["france"]
        assert "land" in terms(france, known.conditions, "coalition", "rear").roles
        assert "land" not in terms(france, known.conditions, "coalition", "line").roles

    def test_germany_prefers_nato_and_needs_the_backstop(self, known: Catalogues) -> None:
        germany = known.contributors["germany"]
        alone = terms(germany, known.conditions, "coalition", "rear")
        allied = terms(germany, known.conditions, "nato", "rear")
        assert allied.commitment_odds > alone.commitment_odds == 1
        assert alone.requires_backstop

    def test_turkiye_waits_for_the_ceasefire(self, known: Catalogues) -> None:
        own = terms(known.contributors["turkiye"], known.conditions, "coalition", "rear")
        assert own.delay_months > 0
        assert own.roles == {"sea"}

    def test_factors_multiply_and_delays_add(self, known: Catalogues) -> None:
        source = known.contributors["france"].source

        def condition(**fields: object) -> Condition:
            return Condition.model_validate({"description": "x", "source": source, **fields})

        table = {
            "a": condition(commitment_odds=2.0, offer_factor=0.5, delay_months=3.0),
            "b": condition(commitment_odds=0.25, offer_factor=0.5, delay_months=1.5),
            "c": condition(delay_months=100.0, when={"mandate": ("un",), "posture": ("line",)}),
            "d": condition(approval="parliament", when={"posture": ("line", "rear")}),
        }
        entry = known.contributors["france"].model_copy(update={"conditions": tuple("abcd")})
        rear = terms(entry, table, "un", "rear")
        assert (rear.commitment_odds, rear.offer_factor, rear.delay_months) == (0.5, 0.25, 4.5)
        assert rear.approval == "parliament"
        assert terms(entry, table, "un", "line").delay_months == 104.5
        assert terms(entry, table, "nato", "cities").approval == "government"
        assert not rear.requires_backstop


def test_a_broken_catalogue_is_refused_with_every_dangling_name(tmp_path: Path) -> None:
    for name in ("contributors", "conditions", "bases", "front_line", "contributor_sets"):
        shutil.copy(shipped("configs") / f"{name}.yaml", tmp_path)
    for name, old, new in (
        ("contributors", "[rear_position_only]", "[rear_position]"),
        ("bases", "country: romania", "country: rumania"),
        ("contributor_sets", "[united-kingdom, france]", "[united-kingdom, frnace]"),
    ):
        path = tmp_path / f"{name}.yaml"
        text = path.read_text(encoding="utf-8")
        assert old in text
        path.write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(InputError) as caught:
        load_catalogues(tmp_path)
    hints = [problem.hint for problem in caught.value.problems]
    assert hints == [
        "did you mean 'rear_position_only'?", "did you mean 'romania'?", "did you mean 'france'?",
    ]  # fmt: skip
    (tmp_path / "front_line.yaml").write_text("{}")
    with pytest.raises(InputError, match="names no station"):
        load_catalogues(tmp_path)


def test_a_mistyped_catalogue_is_refused_with_places(tmp_path: Path) -> None:
    for name in ("contributors", "conditions", "bases", "front_line", "contributor_sets"):
        shutil.copy(shipped("configs") / f"{name}.yaml", tmp_path)
    (tmp_path / "bases.yaml").write_text("Lask: {name: Lask, country: poland, latitude: 91}\n")
    with pytest.raises(InputError) as caught:
        load_catalogues(tmp_path)
    assert [problem.path for problem in caught.value.problems] == [
        "Lask", "Lask.longitude", "Lask.source", "Lask.latitude",
    ]  # fmt: skip
