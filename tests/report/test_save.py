"""Figures as files: the same bytes again, text as text, nothing of ours on the reader's page."""

from __future__ import annotations

from xml.etree import ElementTree

import matplotlib
import numpy as np
import pytest

from simulator.estimates.outcome import Band
from simulator.report.figures.ends import incidence
from simulator.report.figures.survival import Curve, survival
from simulator.report.frame import Frame
from simulator.report.palette import CAUSES, THEME
from simulator.report.save import FORMATS, Styles, figure_bytes, inline_svg
from tests.report.made import EVIL

YEARS = np.linspace(0.0, 30.0, 31)
BAND = Band(np.exp(-YEARS), np.full(31, 0.01), 0.5 * np.exp(-YEARS), np.exp(-0.5 * YEARS))
MAGIC = {"svg": b"<?xml", "png": b"\x89PNG", "pdf": b"%PDF"}
SVG = "{http://www.w3.org/2000/svg}"


def figure(title: str = "A title") -> matplotlib.figure.Figure:
    return survival(Curve("x", YEARS, BAND), Frame(720.0, title, "seed 1"))


@pytest.mark.slow
@pytest.mark.parametrize("kind", FORMATS)
def test_equal_figures_give_equal_files(kind: str) -> None:
    first, second = (figure_bytes(figure(), kind) for _ in range(2))
    assert first == second
    assert first.startswith(MAGIC[kind])
    assert first != figure_bytes(figure("Another title"), kind)


def test_text_of_users_is_text_in_svg_and_never_mathematics() -> None:
    root = ElementTree.fromstring(figure_bytes(figure(f"{EVIL} $x_1$ & more"), "svg"))
    texts = ["".join(e.itertext()) for e in root.iter(f"{SVG}text")]
    assert any(EVIL in text and "$x_1$" in text for text in texts)
    assert not list(root.iter(f"{SVG}script"))


def test_a_users_own_settings_change_nothing() -> None:
    usual = figure_bytes(figure(), "svg")
    with matplotlib.rc_context({"font.size": 30.0, "axes.facecolor": "red", "text.usetex": True}):
        assert figure_bytes(figure(), "svg") == usual
    assert matplotlib.rcParams["text.parse_math"] is True  # and ours do not stay


def inline(prefix: str, styles: Styles) -> ElementTree.Element:
    drawn = incidence(YEARS, dict.fromkeys(CAUSES, BAND), 100)
    return ElementTree.fromstring(inline_svg(drawn, prefix, EVIL, "What it <b>shows</b>", styles))


def test_a_figure_in_a_page_is_named_and_described() -> None:
    root = inline("a", Styles())
    assert root.get("role") == "img"
    ids = str(root.get("aria-labelledby")).split()
    found = {e.get("id"): e.text for e in root.iter() if e.get("id") in ids}
    assert list(found.values()) == [EVIL, "What it <b>shows</b>"]


def test_ids_of_two_figures_never_meet_and_every_reference_leads_somewhere() -> None:
    styles = Styles()
    first, second = (inline(prefix, styles) for prefix in ("a", "b"))
    ids = [{e.get("id") for e in root.iter() if e.get("id")} for root in (first, second)]
    assert not ids[0] & ids[1]
    sheet = styles.sheet()
    for root, own in zip((first, second), ids, strict=True):
        for element in root.iter():
            for value in element.attrib.values():
                if value.startswith("#"):
                    assert value[1:] in own
                if value.startswith("url(#"):
                    assert value[5:-1] in own
    referred = {part.partition(")")[0] for part in sheet.split("url(#")[1:]}
    assert referred
    assert referred <= ids[0] | ids[1]


def test_looks_become_classes_and_colours_follow_the_page() -> None:
    styles = Styles()
    root = inline("a", styles)
    assert not [e for e in root.iter() if "style" in e.attrib or "fill" in e.attrib]
    assert not list(root.iter(f"{SVG}style"))
    sheet = styles.sheet()
    assert "var(--ink)" in sheet
    assert not [colour for colour in THEME if colour in sheet]


def test_numbers_written_in_a_figure_are_not_rounded_with_its_geometry() -> None:
    drawn = survival(Curve("x", YEARS, BAND), Frame(720.0, "0.0066 and 12.3456 "))
    text = inline_svg(drawn, "a", "t", "d", Styles())
    assert "0.0066 and 12.3456" in text
