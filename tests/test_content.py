"""The shipped files: they load, they cite, and they agree with each other.

The two newspaper articles are not part of the project. Where they lie beside it, in
``../shared/seeds``, every quotation is looked up in them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from math import exp
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from simulator.books.draws import draw_assumptions
from simulator.books.load import load_book
from simulator.books.names import ASSUMPTIONS, SHARES, describe
from simulator.books.schema import BookFile
from simulator.inputs import check, read_document, shipped
from simulator.scenario import cited, load_catalogues, load_scenario

FEBRUARY = "000_e6bd231cd2f2ab5e.txt"
NOVEMBER = "004_613f9821fd55f3da.txt"  # a reworded copy of another paper's article
CAVEAT = "wording may not be the speaker's own"
KINDS = {"seed", "data", "literature", "judgement"}
ARTICLES = Path(__file__).resolve().parents[2] / "shared" / "seeds"

SCENARIOS = {
    "no-force",
    "reassurance-force",
    "coalition-of-the-willing",
    "line-peacekeepers",
    "presence-force",
    "small-trainers",
    "train-and-rearm",
    "no-us-backstop",
    "air-only",
}
BOOKS = ("evidence", "experts")  # blend has nothing of its own but the pool
VIEWS = {
    "clarke",
    "analysts",
    "sakaliene",
    "lavrov",
    "hegseth",
    "trump",
    "scholz",
    "tusk",
    "italian_dutch_law",
    "likely_contributors",
    "british_french_plan",
    "macron",
    "healey",
    "ingram",
    "turkish_ministry",
    "litra",
    "besch",
    "military_planners",
    "coalition_aim",
}
CATALOGUES = ("contributors", "conditions", "bases", "front_line", "contributor_sets")


def _files() -> list[Path]:
    folders = (shipped("configs"), shipped("configs/assumptions"), shipped("scenarios"))
    catalogues = {f"{name}.yaml" for name in CATALOGUES}
    return sorted(
        path
        for folder in folders
        for path in folder.glob("*.yaml")
        if folder.name != "configs" or path.name in catalogues
    )


@cache
def _read(path: Path) -> Any:
    return read_document(path, library=path.parent).value


def _mappings(tree: Any, path: str = "") -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Yield every mapping of a file with its path."""
    if isinstance(tree, Mapping):
        yield path, tree
        for key, value in tree.items():
            yield from _mappings(value, f"{path}.{key}")
    elif isinstance(tree, list):
        for index, value in enumerate(tree):
            yield from _mappings(value, f"{path}[{index}]")


def _quotations(tree: Any) -> list[tuple[str, Mapping[str, Any]]]:
    return [(at, item) for at, item in _mappings(tree) if "quotation" in item]


def _unmarked(tree: Any) -> list[str]:
    """Return the places that quote the reworded article without saying what it is."""
    return [
        at
        for at, item in _quotations(tree)
        if item["file"] == NOVEMBER and CAVEAT not in item.get("note", "")
    ]


def _invented(tree: Any, text: Mapping[str, str]) -> list[str]:
    """Return the places whose quotation is not in the article that they name."""
    return [at for at, item in _quotations(tree) if item["quotation"] not in text[item["file"]]]


@cache
def _book(name: str) -> BookFile:
    folder = shipped("configs/assumptions")
    return check(read_document(folder / f"{name}.yaml", library=folder), BookFile)


def test_the_nine_scenarios_are_shipped_and_load_with_the_sentence_they_come_from() -> None:
    names = {path.stem for path in shipped("scenarios").glob("*.yaml")}
    assert names == SCENARIOS
    for name in sorted(names):
        scenario = load_scenario(name)
        assert scenario.sources, name
        assert scenario.horizon_years == 30, name
        unusable = [note for note in scenario.notes if "unusable" in note or "nobody" in note]
        assert not unusable, name


def test_every_book_gives_every_scenario_all_its_numbers() -> None:
    books = [load_book(book) for book in ("blend", *BOOKS)]
    for name in sorted(SCENARIOS):
        scenario = load_scenario(name)
        for book in books:
            draws = draw_assumptions(book, scenario, seed=1, first=0, last=64)
            assert set(ASSUMPTIONS) <= set(draws.values), (book.name, name)
            assert all(np.isfinite(column).all() for column in draws.values.values())


def test_the_books_have_every_name_of_the_model_in_its_unit() -> None:
    for name in BOOKS:
        entries = _book(name).entries
        given = set(entries) - set(SHARES)
        for vector in SHARES.keys() & entries.keys():
            given |= {f"{vector}.{share}" for share in SHARES[vector]}
        assert given == set(ASSUMPTIONS), name
        for entry in set(entries) - set(SHARES):
            known = describe(entry)
            assert known is not None
            assert entries[entry].unit == known.unit, (name, entry)


def test_every_source_has_an_allowed_kind_and_an_origin() -> None:
    seen = 0
    for path in _files():
        for at, item in _mappings(_read(path)):
            source = item.get("source")
            if not isinstance(source, Mapping):
                continue
            seen += 1
            assert source["kind"] in KINDS, (path.name, at)
            assert any(source.get(key) for key in ("file", "citation", "note")), (path.name, at)
    assert seen > 300


def test_everything_that_should_be_sourced_is() -> None:
    for name in BOOKS:
        book = _book(name)
        for choice in book.structure.values():
            for option in choice.options.values():
                assert option.source is not None
                assert all(entry.source is not None for entry in option.entries.values())
        assert all(pair.note for pair in book.correlations), name


def test_quotations_name_one_of_the_two_articles_and_stay_short() -> None:
    for path in _files():
        for at, item in _quotations(_read(path)):
            assert item["file"] in (FEBRUARY, NOVEMBER), (path.name, at)
            assert cited(item["file"]) != item["file"], (path.name, at)
            assert 5 < len(item["quotation"]) <= 300, (path.name, at)


def test_what_the_reworded_article_reports_is_marked_as_reported() -> None:
    for path in _files():
        assert not _unmarked(_read(path)), path.name


def test_quotations_stand_in_the_articles_word_for_word() -> None:
    if not ARTICLES.is_dir():
        pytest.skip(f"the articles are not part of the project and not beside it: {ARTICLES}")
    text = {name: (ARTICLES / name).read_text("utf-8") for name in (FEBRUARY, NOVEMBER)}
    for path in _files():
        assert not _invented(_read(path), text), path.name
    assert sum(len(_quotations(_read(path))) for path in _files()) > 100


def test_the_checks_of_quotations_can_fail() -> None:
    said = {"file": NOVEMBER, "quotation": "in a rear position", "note": f"Reported, {CAVEAT}."}
    text = {FEBRUARY: "", NOVEMBER: "deploy the force in a rear position"}
    tree = {"entries": [{"source": said}]}
    assert not _invented(tree, text)
    assert not _unmarked(tree)
    tree["entries"].append({"source": {"file": NOVEMBER, "quotation": "in a front position"}})
    assert _invented(tree, text) == [".entries[1].source"]
    assert _unmarked(tree) == [".entries[1].source"]


def test_every_person_or_group_quoted_is_a_view() -> None:
    views = _book("experts").structure["view"].options
    assert set(views) == VIEWS
    for name, view in views.items():
        assert view.source.file in (FEBRUARY, NOVEMBER), name
        assert view.source.quotation, name
        assert view.entries or view.structure, name
    assert sum(view.weight for view in views.values()) == pytest.approx(1.0, abs=1e-12)
    assert views["clarke"].structure["holding_reading"] == {
        "quartiles": 0.7,
        "memoryless": 0.3,
        "record": 0.0,
    }


def test_structural_weights_sum_to_one_and_views_lean_on_options_that_exist() -> None:
    for name in BOOKS:
        structure = _book(name).structure
        for choice, content in structure.items():
            total = sum(option.weight for option in content.options.values())
            assert total == pytest.approx(1.0, abs=1e-12), (name, choice)
            for option in content.options.values():
                for other, weights in option.structure.items():
                    assert isinstance(weights, Mapping)
                    assert set(weights) == set(structure[other].options), (name, other)
                    assert sum(weights.values()) == pytest.approx(1.0, abs=1e-12)


def test_reference_classes_replace_the_base_hazard_jointly() -> None:
    for name in BOOKS:
        options = _book(name).structure["reference_class"].options
        assert not options["book"].entries
        for option in options.keys() - {"book"}:
            entries = options[option].entries
            assert set(entries) == {
                "w0",
                "q_failing_2y",
                "h_holding",
                "kappa_0",
                "effect_exponent.both",
                "effect_exponent.odds",
                "effect_exponent.hazards",
            }
            assert all(entry.distribution.resamples for entry in entries.values())


def test_the_gompertz_reading_passes_through_the_quartiles_it_states() -> None:
    entries = _book("evidence").entries
    a = entries["holding_gompertz.a"].distribution.fixed
    slope = entries["holding_gompertz.slope"].distribution.fixed
    assert a is not None
    assert slope is not None
    for years, survival in ((20.0, 0.75), (30.0, 0.25)):
        # a has three digits, the slope four: S is good to about 0.003
        assert exp(-a / slope * (exp(slope * years) - 1.0)) == pytest.approx(survival, abs=0.003)


@pytest.mark.parametrize(
    ("members", "troops"),
    [
        (("denmark", "norway", "sweden", "finland"), (800, 2800, 5000)),
        (("estonia", "latvia", "lithuania"), (200, 700, 1500)),
    ],
    ids=["nordics", "baltics"],
)
def test_group_totals_survive_the_split(
    members: tuple[str, ...], troops: tuple[int, int, int]
) -> None:
    offers = [load_catalogues().contributors[member].troops for member in members]
    total = tuple(sum(getattr(offer, key) for offer in offers) for key in ("low", "mode", "high"))
    assert total == troops


def test_sets_nest_and_hosts_open_bases() -> None:
    catalogues = load_catalogues()
    core, likely, willing, everybody = (
        set(catalogues.sets[name]) for name in ("core", "likely", "willing", "all")
    )
    assert core < likely < willing < everybody
    assert everybody == set(catalogues.contributors)
    hosts = {base.country for base in catalogues.bases.values()}
    assert hosts == {"poland", "romania"} == set(catalogues.sets["hosts"])
    assert all(catalogues.contributors[host].basing is not None for host in hosts)


def test_every_condition_of_the_catalogue_is_used() -> None:
    catalogues = load_catalogues()
    used = {word for entry in catalogues.contributors.values() for word in entry.conditions}
    assert used == set(catalogues.conditions)
