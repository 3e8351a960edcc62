"""Briefs of a run, of nine plans, of a comparison and of a sweep."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from matplotlib.text import Text

from simulator.brief import Brief, brief_of, html, pdf
from simulator.brief.page import MARGIN, PAPER_SIZE, sheet_of
from simulator.inputs import InputError, shipped
from simulator.report.canvas import drawing
from simulator.results.load import load_result
from tests.command import run
from tests.report import browser as chromium
from tests.report.browser import PHONE, Browser

KINDS = ("run", "nine", "comparison", "sweep")
PHONE_HEIGHT = 812
PAPER = (688, 1032)  # pixels of A4 within its margins, at 96 to an inch
FEW = ("--draws", "64", "-q")


def simulator(*arguments: str) -> int:
    """The exit code of a command."""
    return run(Path.cwd(), *arguments).returncode


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("brief")
    evil = folder / "evil.yaml"
    evil.write_text('extends: reassurance-force\ntitle: "<script>alert(1)</script> & 100 $x$"\n')
    sweep = folder / "sweep.yaml"
    sweep.write_text(
        "title: Size\nscenario: reassurance-force\ndraws: 64\ntrials: 4\n"
        "grid:\n  force.target_troops: {from: 0, to: 30000, steps: 4}\n"
        "  force.posture: [rear, sites, cities]\n"
    )
    found = {kind: folder / kind for kind in KINDS}
    plans = [path.stem for path in sorted(shipped("scenarios").glob("*.yaml"))]
    assert simulator("run", str(evil), *FEW, "--out", str(found["run"])) == 0
    assert simulator("run", *plans, *FEW, "--out", str(found["nine"])) == 0
    compared = ["reassurance-force", "no-force", str(evil)]
    assert simulator("compare", *compared, *FEW, "--out", str(found["comparison"])) == 0
    assert simulator("sweep", str(sweep), "-q", "--out", str(found["sweep"])) == 0
    return found


@pytest.fixture(scope="module")
def briefs(folders: dict[str, Path]) -> dict[str, Brief]:
    return {kind: brief_of(load_result(path), path) for kind, path in folders.items()}


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
def test_the_sheet_is_one_page_on_which_nothing_sticks_out(
    briefs: dict[str, Brief], kind: str
) -> None:
    sheet = sheet_of(briefs[kind])
    with drawing():  # with the settings that text is measured in
        sheet.canvas.draw()
        boxes = [
            (text.get_text(), text.get_window_extent())
            for text in sheet.findobj(Text)
            if text.get_text() and text.get_visible() and text.get_figure() is sheet
        ]
    assert len(boxes) > 20
    for text, box in boxes:
        assert box.x0 >= MARGIN - 2 and box.x1 <= PAPER_SIZE[0] - MARGIN + 2, text
        assert box.y0 > 0 and box.y1 < PAPER_SIZE[1], text
    assert len(re.findall(rb"/Type /Page\b", pdf(briefs[kind]))) == 1


@pytest.mark.parametrize("kind", KINDS)
def test_every_text_is_escaped(briefs: dict[str, Brief], kind: str) -> None:
    page = html(briefs[kind])
    assert page.count("<script") == 1
    assert "alert(1)" not in page or "&lt;script&gt;" in page


def test_the_title_is_the_finding(folders: dict[str, Path], briefs: dict[str, Brief]) -> None:
    (summary,) = json.loads((folders["run"] / "summary.json").read_text())
    assert briefs["run"].finding == tuple(summary["finding"].splitlines())
    compared = json.loads((folders["comparison"] / "comparison.json").read_text())
    assert briefs["comparison"].finding == tuple(compared["finding"].splitlines())


def test_numbers_are_those_of_the_results(
    folders: dict[str, Path], briefs: dict[str, Brief]
) -> None:
    for one in json.loads((folders["nine"] / "summary.json").read_text()):
        early, late = briefs["nine"].bars[one["title"]]
        assert late.value == one["estimates"]["p_holds_20y"]["value"]
        assert early.value == one["estimates"]["p_collapse_within_2y"]["value"]
    values = [late.value for _, late in briefs["nine"].bars.values()]
    assert values == sorted(values, reverse=True)
    for kind in ("nine", "sweep"):  # paired differences are those of the bars
        brief = briefs[kind]
        late = {plan: late.value for plan, (_, late) in brief.bars.items()}
        assert len(brief.differences) == len(brief.bars) - 1
        for one in brief.differences:
            apart = late[one.first] - late[brief.reference]
            assert one.estimate.value == pytest.approx(apart, abs=1e-6)


def test_there_is_no_brief_of_a_decision(tmp_path: Path) -> None:
    out = tmp_path / "decision"
    assert simulator("decide", "no-force", "air-only", *FEW, "--out", str(out)) == 0
    with pytest.raises(InputError, match="no brief"):
        brief_of(load_result(out), out)


@pytest.mark.slow
def test_a_pdf_needs_the_brief(folders: dict[str, Path], tmp_path: Path) -> None:
    out = tmp_path / "x.html"
    assert simulator("report", str(folders["run"]), "-o", str(out), "--pdf", "x.pdf") == 2
    assert not out.exists()
    pages = ("--brief", "-o", str(out), "--pdf", str(tmp_path / "x.pdf"))
    assert simulator("report", str(folders["run"]), *pages) == 0
    assert (tmp_path / "x.pdf").read_bytes().startswith(b"%PDF")


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    if (why := chromium.missing()) is not None:
        pytest.skip(why)
    with chromium.browser() as one:
        yield one


@pytest.fixture(scope="module")
def pages(briefs: dict[str, Brief], tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("pages")
    found = {kind: folder / f"{kind}.html" for kind in KINDS}
    for kind, page in found.items():
        page.write_text(html(briefs[kind]), encoding="utf-8")
    return found


def _height(browser: Browser) -> float:
    return float(browser.run("return document.body.getBoundingClientRect().bottom"))


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
def test_it_is_one_screen_of_a_phone_and_one_sheet_of_paper(
    browser: Browser, pages: dict[str, Path], kind: str
) -> None:
    browser.media()
    browser.size(PHONE, PHONE_HEIGHT)
    browser.open(pages[kind])
    assert _height(browser) <= PHONE_HEIGHT
    assert browser.run("return document.documentElement.scrollWidth") <= PHONE
    browser.size(*PAPER)
    browser.open(pages[kind])
    browser.media("print")
    assert _height(browser) <= PAPER[1]
    assert browser.run("return document.querySelectorAll('details:not([open])').length") == 0
    assert browser.complaints() == []
    assert browser.requests() == [pages[kind].resolve().as_uri()]


@pytest.mark.parametrize("kind", KINDS)
def test_axe_finds_nothing_serious(browser: Browser, pages: dict[str, Path], kind: str) -> None:
    script = chromium.axe_script()
    if script is None:
        pytest.skip("no axe-core here: npm install axe-core")
    browser.media()
    browser.size(1280)
    browser.open(pages[kind])
    browser.run(script.read_text(encoding="utf-8"))
    found = browser.run(
        "const found = await axe.run();"
        "return found.violations.filter(v => ['serious', 'critical'].includes(v.impact))"
        ".map(v => v.id)"
    )
    assert found == []
