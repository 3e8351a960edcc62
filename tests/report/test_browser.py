"""Reports in a real browser: readable, quiet, alone, accessible, nothing sticks out.

They need Chromium (Debian: chromium); the check of accessibility needs axe-core besides
(``npm install axe-core``). What is missing is skipped, with the reason.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.report import browser as chromium
from tests.report.browser import DESK, PHONE, Browser
from tests.report.made import EVIL
from tests.report.test_page import KINDS, pages

PAPER = 680  # pixels between the margins of A4

missing = chromium.missing()
pytestmark = pytest.mark.skipif(missing is not None, reason=str(missing))


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("browser")
    found = {}
    for kind, page in pages(folder).items():
        found[kind] = folder / f"{kind}.html"
        found[kind].write_text(page, encoding="utf-8")
    return found


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium.browser() as one:
        yield one


def opened(
    browser: Browser, page: Path, width: int, media: str = "screen", scheme: str = "light"
) -> None:
    browser.size(width)
    browser.media(media, scheme)
    browser.open(page)


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
def test_the_console_is_quiet_and_no_request_leaves(
    browser: Browser, files: dict[str, Path], kind: str
) -> None:
    opened(browser, files[kind], DESK)
    assert browser.complaints() == []
    assert browser.requests() == [files[kind].resolve().as_uri()]
    assert browser.run("return performance.getEntriesByType('resource').length") == 0


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    ("width", "media"), [(DESK, "screen"), (PHONE, "screen"), (PAPER, "print")]
)
def test_nothing_sticks_out_and_no_text_lies_on_another(
    browser: Browser, files: dict[str, Path], kind: str, width: int, media: str
) -> None:
    opened(browser, files[kind], width, media)
    assert browser.run("return document.documentElement.scrollWidth") <= width
    assert browser.run(OVERLAPS) == []
    shown = browser.run(
        "return [...document.querySelectorAll('.exhibit svg')].map(s => s.getClientRects().length)"
    )
    assert sum(1 for boxes in shown if boxes) == len(shown) // 2  # one of the two forms of each


# Pairs of level texts in a figure whose letters share pixels, and texts outside their figure.
OVERLAPS = """
const found = [];
for (const svg of document.querySelectorAll(".exhibit svg")) {
  const frame = svg.getBoundingClientRect();
  if (!frame.width) continue;
  const level = text => !(text.getAttribute("transform") || "").includes("rotate");
  const texts = [...svg.querySelectorAll("text")].filter(level);
  const boxes = texts.map(t => t.getBoundingClientRect());
  texts.forEach((text, i) => {
    const a = boxes[i];
    const out = a.left < frame.left - 1 || a.right > frame.right + 1;
    if (out) found.push([text.textContent, "outside"]);
    for (let j = i + 1; j < texts.length; j++) {
      const b = boxes[j];
      const across = Math.min(a.right, b.right) - Math.max(a.left, b.left);
      const along = Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top);
      if (across > 1 && along > 5) found.push([text.textContent, texts[j].textContent]);
    }
  });
}
return found;
"""


def test_the_check_of_overlaps_sees_one(browser: Browser, files: dict[str, Path]) -> None:
    opened(browser, files["run"], DESK)
    browser.run(
        "const svg = document.querySelector('.exhibit .wide svg');"
        "const text = svg.querySelector('text'); svg.append(text.cloneNode(true));"
    )
    assert browser.run(OVERLAPS)


@pytest.mark.parametrize("kind", KINDS)
def test_a_scripts_name_runs_nowhere(browser: Browser, files: dict[str, Path], kind: str) -> None:
    opened(browser, files[kind], DESK)
    assert EVIL in browser.run("return document.body.innerText + document.body.textContent")
    assert browser.run("return document.scripts.length") == 1


def test_tables_are_sorted_by_a_click_and_by_the_keyboard(
    browser: Browser, files: dict[str, Path]
) -> None:
    opened(browser, files["sweep"], DESK)
    table = "const table = document.querySelector('table');"
    third = f"{table} return [...table.tBodies[0].rows].map(r => r.cells[2].textContent)"
    click = f"{table} table.tHead.rows[0].cells[2].querySelector('button').click()"
    before = browser.run(third)
    browser.run(click)
    once = browser.run(third)
    browser.run(click)
    twice = browser.run(third)
    assert sorted(before) == sorted(once) == sorted(twice)
    numbers = [float(text) for text in once]
    assert numbers == sorted(numbers)
    assert [float(text) for text in twice] == sorted(numbers, reverse=True)
    state = (
        "return document.querySelector('table').tHead.rows[0].cells[2].getAttribute('aria-sort')"
    )
    assert browser.run(state) == "descending"


def test_a_column_of_numbers_and_words_is_sorted_in_two_parts(
    browser: Browser, files: dict[str, Path]
) -> None:
    opened(browser, files["run"], DESK)
    found = browser.run("""
        const table = [...document.querySelectorAll("table")].find(
            t => [...t.rows].some(r => r.cells[0].textContent === "force.target_troops"));
        table.tHead.rows[0].cells[2].querySelector("button").click();
        return [...table.tBodies[0].rows].map(r => r.cells[2].textContent);
    """)
    values = [text.replace(",", "") for text in found]
    numbers = [v for v in values if v.replace(".", "").isdigit()]
    words = values[len(numbers) :]
    assert numbers == sorted(values[: len(numbers)], key=float)
    assert len(numbers) > 3
    assert words == sorted(words, key=str.casefold)
    assert len(set(words)) > 3


def test_a_dark_page_is_dark_and_paper_is_not(browser: Browser, files: dict[str, Path]) -> None:
    colours = {}
    for media, scheme in (("screen", "light"), ("screen", "dark"), ("print", "dark")):
        opened(browser, files["run"], DESK, media, scheme)
        colours[media, scheme] = browser.run(
            "const text = document.querySelector('.exhibit .wide text');"
            "return [getComputedStyle(document.body).backgroundColor, getComputedStyle(text).fill]"
        )
    assert colours["screen", "light"][0] == "rgb(255, 255, 255)"
    assert colours["screen", "dark"] != colours["screen", "light"]
    assert colours["print", "dark"] == colours["screen", "light"]


def test_without_scripts_everything_is_there(browser: Browser, files: dict[str, Path]) -> None:
    seen = """
        const shown = e => e.checkVisibility();
        const of = name => [...document.querySelectorAll(name)].filter(shown).length;
        return [of("svg"), of("table"), of("tbody tr"), of("a.download")];
    """
    opened(browser, files["run"], DESK)
    whole = browser.run(seen)
    assert min(whole) > 0
    assert browser.run("return document.querySelectorAll('th button').length") > 0
    browser.scripts(False)
    try:
        opened(browser, files["run"], DESK)
        assert browser.run(seen) == whole
        assert browser.run("return document.querySelectorAll('th button').length") == 0
        browser.run("document.querySelector('.exhibit details summary').click()")
        assert browser.run("return document.querySelector('.exhibit table').checkVisibility()")
    finally:
        browser.scripts(True)


def test_a_table_is_downloaded_as_it_stands(
    browser: Browser, files: dict[str, Path], tmp_path: Path
) -> None:
    opened(browser, files["run"], DESK)
    browser.downloads_to(tmp_path)
    name, rows, first = browser.run(
        "const figure = document.querySelector('.exhibit');"
        "figure.querySelector('details').open = true;"
        "const link = figure.querySelector('a.download'); link.click();"
        "const table = figure.querySelector('table');"
        "return [link.download, table.rows.length, table.tBodies[0].rows[0].cells[0].textContent]"
    )
    until = time.monotonic() + 30.0
    while not (tmp_path / name).is_file():  # written under another name until it is whole
        assert time.monotonic() < until, "no file has come"
        time.sleep(0.02)
    lines = (tmp_path / name).read_text(encoding="utf-8-sig").splitlines()
    assert len(lines) == rows
    assert float(lines[1].split(",")[0]) == float(first)


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(("width", "scheme"), [(PHONE, "light"), (DESK, "dark")])
def test_axe_finds_no_violation(
    browser: Browser, files: dict[str, Path], kind: str, width: int, scheme: str
) -> None:
    script = chromium.axe_script()
    if script is None:
        pytest.skip("no axe-core here (npm install -g axe-core)")
    opened(browser, files[kind], width, "screen", scheme)
    browser.run("document.querySelectorAll('details').forEach(part => part.open = true)")
    browser.run(script.read_text(encoding="utf-8"))
    found = browser.run(
        "const found = await axe.run();"
        "return found.violations.map(v => [v.id, v.impact, v.nodes[0].html])"
    )
    assert found == []
