"""The page: names are text, nothing is fetched, every figure has its words, table and file."""

from __future__ import annotations

import base64
import hashlib
import re
from html.parser import HTMLParser
from pathlib import Path

import pytest

from simulator.report.pages import report_of
from simulator.results.load import load_result
from tests.report.made import (
    EVIL,
    comparison,
    run,
    run_folder,
    sweep_folder,
    trace,
    write,
)

KIB = 1024


def pages(folder: Path) -> dict[str, str]:
    levers = {"force.target_troops": [0.0, 1000.0, 5000.0], "air_support.bases": [EVIL, "both"]}
    places = {
        "run": run_folder(folder / "run", [run(EVIL, title=EVIL)]),
        "runs": run_folder(folder / "runs", [run(EVIL, title=EVIL), run("b", 0.3)]),
        "compare": write(folder / "c.json", comparison([EVIL, "b", "c"])),
        "sweep": sweep_folder(folder / "sweep", levers),
        "trace": write(folder / "t.json", trace()),
    }
    return {name: report_of(load_result(place)) for name, place in places.items()}


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    return pages(tmp_path_factory.mktemp("pages"))


class Reader(HTMLParser):
    """What a page holds: its elements with their attributes, and its text."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.text: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text.append(data)

    def named(self, tag: str) -> list[dict[str, str | None]]:
        return [attrs for name, attrs in self.elements if name == tag]


@pytest.mark.slow
def test_one_draw_is_not_called_draws(tmp_path: Path) -> None:
    page = report_of(load_result(run_folder(tmp_path, [run("a", draws=1)])))
    assert "1 draw of the assumptions, in 100 simulated worlds." in page
    assert "1 draws" not in page


@pytest.mark.slow
def test_a_comparison_tells_each_plan_by_itself(made: dict[str, str]) -> None:
    text = " ".join("".join(Reader(made["compare"]).text).split())
    assert "Book blend, seed 5: 400 draws of the assumptions" in text
    assert "Each plan by itself" in text
    part = text.partition("Each plan by itself")[2]
    assert "collapse within 2 years, %" in part.partition("Figures")[0]


KINDS = ("run", "runs", "compare", "sweep", "trace")


@pytest.mark.parametrize("kind", KINDS)
def test_a_scripts_name_is_text(made: dict[str, str], kind: str) -> None:
    reader = Reader(made[kind])
    assert len(reader.named("script")) == 1  # ours
    assert "alert(1)" not in [s for s, _ in reader.elements]
    assert any(EVIL in text for text in reader.text)
    assert EVIL not in made[kind]


@pytest.mark.parametrize("kind", KINDS)
def test_nothing_is_fetched(made: dict[str, str], kind: str) -> None:
    reader = Reader(made[kind])
    for tag, attributes in reader.elements:
        for name in ("src", "href", "xlink:href", "action", "data", "poster", "srcset"):
            value = attributes.get(name)
            if value is not None:
                assert value.startswith(("#", "data:")), (tag, name, value[:60])
        assert not [name for name in attributes if name.startswith("on")], tag
        assert "style" not in attributes, tag
    assert "@import" not in made[kind]
    assert not re.search(r"url\((?!#)", made[kind])


@pytest.mark.parametrize("kind", KINDS)
def test_the_policy_allows_our_style_and_script_and_nothing_else(
    made: dict[str, str], kind: str
) -> None:
    reader = Reader(made[kind])
    (policy,) = (m["content"] for m in reader.named("meta") if m.get("http-equiv"))
    assert policy is not None
    assert "default-src 'none'" in policy
    for tag, directive in (("style", "style-src"), ("script", "script-src")):
        content = re.search(rf"<{tag}>(.*?)</{tag}>", made[kind], re.DOTALL)
        assert content is not None
        digest = base64.b64encode(hashlib.sha256(content[1].encode()).digest()).decode()
        assert f"{directive} 'sha256-{digest}'" in policy


@pytest.mark.parametrize("kind", KINDS)
def test_ids_are_unique_and_links_lead_somewhere(made: dict[str, str], kind: str) -> None:
    reader = Reader(made[kind])
    ids = [attrs["id"] for _, attrs in reader.elements if "id" in attrs]
    assert len(ids) == len(set(ids))
    for _, attributes in reader.elements:
        for name in ("href", "xlink:href"):
            value = attributes.get(name)
            if value is not None and value.startswith("#"):
                assert value[1:] in ids
        for one in (attributes.get("aria-labelledby") or "").split():
            assert one in ids


@pytest.mark.parametrize("kind", KINDS)
def test_every_figure_is_described_and_comes_with_its_numbers(
    made: dict[str, str], kind: str
) -> None:
    figures = re.findall(r'<figure class="exhibit">.*?</figure>', made[kind], re.DOTALL)
    assert figures
    for figure in figures:
        assert figure.count("<svg") == 2  # for a desk, for a phone
        assert figure.count("<desc") == 2
        assert "<figcaption>" in figure
        assert "<table" in figure
        assert 'href="data:text/csv' in figure


def test_the_tables_of_a_page_are_its_csv_files(made: dict[str, str]) -> None:
    figure = re.search(r'<figure class="exhibit">.*?</figure>', made["run"], re.DOTALL)
    assert figure is not None
    link = re.search(r'href="data:text/csv;charset=utf-8;base64,([^"]*)"', figure[0])
    assert link is not None
    lines = base64.b64decode(link[1]).decode("utf-8-sig").splitlines()
    assert lines[0].startswith("years since the ceasefire,")
    assert len(lines) - 1 == figure[0].count("<tr>") - 1


def test_a_run_is_small_and_says_all_that_is_asked(made: dict[str, str]) -> None:
    page = made["run"]
    assert len(page.encode()) < 1024 * KIB
    text = "".join(Reader(page).text)  # a long name may break in its middle
    for needed in (
        "The median duration is",
        "force.target_troops",
        "assumptions.hr.presence",
        "led by France",
        "uniform 0.3, 0.7",
        f"judgement: “a {EVIL} quotation” (000.txt)",
        "0.3 / 0.5 / 0.7",
        "simulator run 'a b'",
        "cd" * 32,
        "Monte Carlo standard error",
        f"Note: beware of {EVIL}.",
    ):
        assert needed in text, needed


@pytest.mark.slow
def test_equal_results_give_equal_pages(tmp_path: Path) -> None:
    folder = run_folder(tmp_path, [run("plan")])
    assert report_of(load_result(folder)) == report_of(load_result(folder))
