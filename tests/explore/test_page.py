"""The page in a browser: alone, quiet, accessible, restored by its link, used by keyboard alone."""

from __future__ import annotations

import json
import shlex
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from simulator.cli.main import cli
from simulator.explore.answer import answer
from simulator.explore.explored import Explored
from simulator.explore.page import first_setting, html, rounded
from tests.explore.test_twin import random_settings
from tests.report import browser as chromium
from tests.report.browser import DESK, PHONE, Browser

TABLET, PAPER = 768, 680
EVIL = "</script><script>alert(1)</script>"
FEW = "state.stops[1] = 3; state.stops[2] = 1; state.stops[3] = 0; state.stops[4] = 0; show();"


def opened(
    browser: Browser, page: Path, width: int = DESK, media: str = "screen", scheme: str = "light"
) -> None:
    browser.size(width)
    browser.media(media, scheme)
    browser.open(page)


@pytest.mark.slow
@pytest.mark.parametrize("width", [DESK, TABLET, PHONE])
def test_it_asks_for_nothing_and_says_nothing_to_the_console(
    browser: Browser, page: Path, width: int
) -> None:
    opened(browser, page, width)
    browser.run("for (const input of document.querySelectorAll('[data-control]')) {"
                "input.value = 1; input.dispatchEvent(new Event('input', {bubbles: true})); }"
                "await new Promise(done => setTimeout(done, 700))")  # fmt: skip
    assert browser.requests() == [page.resolve().as_uri()]
    assert browser.complaints() == []
    assert browser.run("return performance.getEntriesByType('resource').length") == 0


@pytest.mark.parametrize("few", [False, True])
@pytest.mark.parametrize(("width", "scheme"), [(PHONE, "light"), (DESK, "dark"), (TABLET, "light")])
def test_axe_finds_no_violation(
    browser: Browser, page: Path, width: int, scheme: str, few: bool
) -> None:
    script = chromium.axe_script()
    if script is None:
        pytest.skip("no axe-core here (npm install -g axe-core)")
    opened(browser, page, width, "screen", scheme)
    browser.run(FEW if few else "")
    assert browser.run("return document.body.classList.contains('few')") == few
    browser.run("document.querySelectorAll('details').forEach(part => part.open = true)")
    browser.run(script.read_text(encoding="utf-8"))
    found = browser.run(
        "const found = await axe.run();"
        "return found.violations.map(v => [v.id, v.impact, v.nodes[0].html])"
    )
    assert found == []


# Elements of the page whose own words share pixels with those of others.
OVERLAPS = """
const boxes = [];
for (const node of document.querySelectorAll("main *, header *")) {
  const own = [...node.childNodes].some(n => n.nodeType === 3 && n.textContent.trim());
  if (!own || !node.checkVisibility() || node.closest(".visually-hidden, select, .bar")) continue;
  for (const part of node.childNodes) {
    if (part.nodeType !== 3 || !part.textContent.trim()) continue;
    const range = document.createRange();
    range.selectNodeContents(part);
    for (const box of range.getClientRects()) boxes.push([part.textContent.trim(), box]);
  }
}
const found = [];
boxes.forEach(([text, a], i) => {
  if (a.right > innerWidth + 1 || a.left < -1) found.push([text, "outside"]);
  for (const [other, b] of boxes.slice(i + 1)) {
    const across = Math.min(a.right, b.right) - Math.max(a.left, b.left);
    const along = Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top);
    if (across > 1 && along > 5) found.push([text, other]);
  }
});
return found;
"""


@pytest.mark.parametrize(
    ("width", "media"),
    [(DESK, "screen"), (TABLET, "screen"), (PHONE, "screen"), (PAPER, "print")],
)
def test_nothing_sticks_out_and_no_words_lie_on_others(
    browser: Browser, page: Path, width: int, media: str
) -> None:
    opened(browser, page, width, media)
    assert browser.run("return document.documentElement.scrollWidth") <= width
    assert browser.run(OVERLAPS) == []
    browser.run(FEW)
    assert browser.run(OVERLAPS) == []
    browser.run("document.querySelector('.lead').style.marginBottom = '-20px'")
    assert browser.run(OVERLAPS)  # the check sees one


def test_without_scripts_it_shows_the_same_answer(browser: Browser, page: Path) -> None:
    seen = "return document.querySelector('.answer').innerText.replace(/Worth of 20.*/, '')"
    opened(browser, page)
    browser.run("document.querySelectorAll('.live').forEach(part => part.hidden = true)")
    whole = browser.run(seen)
    drawn = "return [...document.querySelectorAll('svg path')].map(p => p.getAttribute('d'))"
    paths = browser.run(drawn)
    browser.scripts(False)
    try:
        opened(browser, page)
        assert browser.run(seen) == whole
        assert browser.run(drawn) == paths
        assert browser.run("return document.querySelector('form').checkVisibility()") is False
    finally:
        browser.scripts(True)


@pytest.mark.slow
def test_the_link_restores_every_setting(browser: Browser, four: Explored, page: Path) -> None:
    state = "return JSON.stringify(state)"
    texts = "return document.querySelector('.answer').innerText"
    for setting, stops in random_settings(four, 4, seed=7):
        opened(browser, page)
        wanted = {"plan": setting.plan, "reference": setting.reference, "worth": setting.worth}
        browser.run(f"Object.assign(state, {json.dumps(wanted | {'stops': stops})}); show();")
        link = browser.run("return document.getElementById('link').getAttribute('href')")
        browser.run("await new Promise(done => setTimeout(done, 300))")
        assert browser.run("return location.hash") == link
        before, shown = json.loads(browser.run(state)), browser.run(texts)
        browser.open(page, link)
        assert json.loads(browser.run(state)) == before
        assert before["stops"] == stops
        assert browser.run(texts) == shown
        assert browser.run("return document.getElementById('unknown').hidden")


def test_what_a_link_says_and_the_page_does_not_know_is_named(browser: Browser, page: Path) -> None:
    browser.size(DESK)
    browser.open(page, "#plan=nobody&worth=7.77&given=hr.x%3D..1&reference=air-only")
    said = browser.run("return document.getElementById('unknown').innerText")
    assert all(one in said for one in ("plan=nobody", "worth=7.77", "given=hr.x=..1"))
    assert browser.run("return state.reference") == "air-only"


def press(browser: Browser, key: str, times: int = 1) -> None:
    codes = {"Tab": 9, "ArrowRight": 39, "ArrowDown": 40, "ArrowLeft": 37, "Enter": 13, " ": 32}
    for _ in range(times):
        for kind in ("rawKeyDown", "keyUp"):
            browser.command(
                "Input.dispatchKeyEvent", type=kind, key=key, code=key,
                windowsVirtualKeyCode=codes[key],
            )  # fmt: skip


def test_every_control_is_reached_and_moved_by_the_keyboard_alone(
    browser: Browser, four: Explored, page: Path
) -> None:
    opened(browser, page)
    wanted = {"l0", "reference", "worth", "reset", "link"} | {
        f"c{i}" for i in range(len(four.controls))
    }
    seen = set()
    where = "const a = document.activeElement; return [a.id, a.tagName, a.type ?? '']"
    for _ in range(60):
        press(browser, "Tab")
        name, tag, kind = browser.run(where)
        if name in wanted and name not in seen:
            seen.add(name)
            outline = "return getComputedStyle(document.activeElement).outlineStyle"
            assert browser.run(outline) not in ("none", "hidden"), name
            before = browser.run("return JSON.stringify(state)")
            if kind == "range":
                press(browser, "ArrowLeft")
                assert browser.run("return JSON.stringify(state)") != before, name
                press(browser, "ArrowRight")
            elif tag == "SELECT":
                press(browser, "ArrowDown")
                assert browser.run("return JSON.stringify(state)") != before, name
                browser.run("document.getElementById('reset').click()")
    assert seen == wanted
    browser.run("await new Promise(done => setTimeout(done, 700))")
    spoken = browser.run("return document.getElementById('spoken').textContent")
    assert spoken == browser.run("return document.getElementById('sentence').innerText")


def test_of_too_few_draws_the_command_that_simulates_them_is_shown_instead(
    browser: Browser, page: Path
) -> None:
    opened(browser, page)
    shown = "return [...document.querySelectorAll('#few, #again')].map(n => n.checkVisibility())"
    assert browser.run(shown) == [False, True]
    browser.run(FEW)
    assert browser.run(shown) == [True, False]
    numbers = browser.run(
        "return [...document.querySelectorAll('.numbers [data-path]')].map(n => n.textContent)"
    )
    assert set(numbers) == {"–"}
    command = shlex.split(browser.run("return document.getElementById('anew').textContent"))
    assert command[:2] == ["simulator", "decide"]
    assert command.count("--set") == 5
    assert 'structure.book={"experts": 1}' in command  # only that book has views
    browser.run("document.getElementById('reset').click()")
    assert browser.run(shown) == [False, True]


@pytest.mark.slow
def test_the_printed_command_gives_the_plan_shown(
    browser: Browser, four: Explored, page: Path
) -> None:
    opened(browser, page)
    setting, stops = next(
        one for one in random_settings(four, 50, seed=3)
        if len(one[0].beliefs) == 2 and answer(four, one[0])["enough"]
    )  # fmt: skip
    wanted = {"plan": setting.plan, "reference": setting.reference, "worth": setting.worth}
    found = browser.run(
        f"Object.assign(state, {json.dumps(wanted | {'stops': stops})});"
        "return JSON.stringify(show())"
    )
    ours: dict[str, Any] = json.loads(found)
    command = shlex.split(browser.run("return document.getElementById('again').textContent"))
    assert command[0] == "simulator"
    ran = CliRunner().invoke(cli, [*command[1:], "--json"], standalone_mode=False)
    theirs = json.loads(ran.stdout)
    assert theirs["choice"]["best"] == four.draws.plans[ours["best"]["plan"]]
    assert theirs["draws"] == ours["effective"]
    exact, half = theirs["frontier"]["pooled"]["peace"][setting.plan], 0.5 / 65_535
    assert ours["plan"]["p_holds_20y"]["value"] == pytest.approx(exact["value"], abs=half)
    assert ours["plan"]["p_holds_20y"]["mcse"] == pytest.approx(exact["mcse"], abs=2 * half)
    assert theirs["choice"]["margin"]["value"] == pytest.approx(
        1e9 * ours["best"]["margin"]["value"] / 1e9, rel=0.01
    )


def test_names_are_words_and_never_markup(browser: Browser, four: Explored, tmp_path: Path) -> None:
    plans = (EVIL, *four.draws.plans[1:])
    shown = tuple(
        replace(one, name=name, title=EVIL, levers={"plan": name})
        for one, name in zip(four.source.plans, plans, strict=True)
    )
    evil = replace(
        four,
        draws=replace(four.draws, plans=plans),
        source=replace(four.source, plans=shown, title=EVIL),
        reference=EVIL,
    )
    path = tmp_path / "evil.html"
    path.write_text(html(evil), encoding="utf-8")
    opened(browser, path)
    assert browser.complaints() == []
    assert browser.run("return document.scripts.length") == 2
    assert browser.run("return document.querySelector('h1').textContent") == EVIL
    assert EVIL in browser.run("return document.getElementById('sentence').textContent")


def test_a_dark_page_is_dark_and_paper_is_not(browser: Browser, page: Path) -> None:
    colours = {}
    for media, scheme in (("screen", "light"), ("screen", "dark"), ("print", "dark")):
        opened(browser, page, DESK, media, scheme)
        colours[media, scheme] = browser.run(
            "return [document.body, document.querySelector('.plan.line')]"
            ".map(n => getComputedStyle(n)).map(s => s.backgroundColor + s.color + s.stroke)"
        )
    assert colours["screen", "dark"] != colours["screen", "light"]
    assert colours["print", "dark"] == colours["screen", "light"]


def test_the_first_plan_shown_is_the_one_that_holds_longest(four: Explored) -> None:
    first = first_setting(rounded(four))
    held = dict(zip(four.draws.plans, four.draws.outcomes["p_holds_20y"].mean(axis=1), strict=True))
    assert first.reference == four.draws.plans[0]
    assert first.plan == max(set(held) - {first.reference}, key=lambda plan: held[plan])
