"""Figures as bytes: SVG, PNG and PDF, and SVG to stand inside a page."""

import io
import re
from typing import Final
from xml.etree import ElementTree

from matplotlib.figure import Figure

from simulator.report.canvas import drawing
from simulator.report.palette import THEME

FORMATS: Final = ("svg", "png", "pdf")
# Neither the time nor the machine: equal figures give equal files.
_METADATA: Final[dict[str, dict[str, str | None]]] = {
    "svg": {"Date": None, "Creator": "ceasefire-simulator"},
    "pdf": {"CreationDate": None, "Creator": "ceasefire-simulator", "Producer": None},
    "png": {"Software": "ceasefire-simulator"},
}
_PIXELS: Final = 2.0  # of a PNG to one of the figure
_SVG: Final = "http://www.w3.org/2000/svg"
_LINK: Final = "http://www.w3.org/1999/xlink"
_FACE: Final = "font-family: 'DejaVu Sans'; "  # the page has its own
_ELSEWHERE: Final = (b"font-family: 'DejaVu Sans'", b"font-family: 'DejaVu Sans', sans-serif")
# Numbers that matplotlib writes to six decimals; a tenth of a pixel is plenty.
_LONG_NUMBER: Final = re.compile(r"-?\d+\.\d{2,}")
_BLANKS: Final = re.compile(r"\s*([A-Za-z])\s*")  # around the commands of a path
_GEOMETRY: Final = {"d", "x", "y", "width", "height", "transform", "points"}
_REFERENCE: Final = re.compile(r"(?<=url\(#)[^)]+(?=\))")
_HREF: Final = f"{{{_LINK}}}href"


def figure_bytes(figure: Figure, kind: str) -> bytes:
    """A figure in one of `FORMATS`, on a light ground; equal figures give equal bytes."""
    buffer = io.BytesIO()
    with drawing():
        figure.savefig(buffer, format=kind, dpi=72.0 * _PIXELS, metadata=_METADATA[kind])
    # Where the typeface is not installed another one without serifs comes nearest.
    return buffer.getvalue().replace(*_ELSEWHERE) if kind == "svg" else buffer.getvalue()


class Styles(dict[str, str]):
    """Classes, by style, for the looks that the figures of a page have in common."""

    def __missing__(self, style: str) -> str:
        return self.setdefault(style, f"f{len(self)}")

    def sheet(self) -> str:
        """The style sheet of all classes so far."""
        return "".join(f".{name}{{{_themed(style)}}}\n" for style, name in self.items())


def inline_svg(figure: Figure, prefix: str, title: str, description: str, styles: Styles) -> str:
    """A figure as an SVG element for a page: named, described, themed, its ids its own.

    ``prefix`` begins every id in it, unique in the page; ``styles`` takes up the looks, and its
    sheet must be in the page.
    """
    buffer = io.BytesIO()
    with drawing():
        figure.savefig(buffer, format="svg", dpi=72.0, metadata={"Date": None}, transparent=True)
    root = ElementTree.fromstring(buffer.getvalue())
    _strip(root)
    _own_ids(root, prefix)
    _flatten(root)
    for element in root.iter():
        _dress(element, styles)
    names = {"title": title, "desc": description}
    for place, (tag, text) in enumerate(names.items()):
        element = ElementTree.Element(f"{{{_SVG}}}{tag}", {"id": f"{prefix}-{tag}"})
        element.text = text
        root.insert(place, element)
    for name in ("width", "height", "version"):
        root.attrib.pop(name, None)
    root.set("role", "img")
    root.set("aria-labelledby", f"{prefix}-title {prefix}-desc")
    ElementTree.register_namespace("", _SVG)
    ElementTree.register_namespace("xlink", _LINK)
    return ElementTree.tostring(root, encoding="unicode")


def _strip(root: ElementTree.Element) -> None:
    """Leave out metadata and the style sheet, which would reach the whole page."""
    left_out = {f"{{{_SVG}}}metadata", f"{{{_SVG}}}style"}
    for parent in root.iter():
        parent[:] = [child for child in parent if child.tag not in left_out]
        parent.tail = parent.tail if (parent.tail or "").strip() else None
        parent.text = parent.text if (parent.text or "").strip() else None


def _own_ids(root: ElementTree.Element, prefix: str) -> None:
    """Prefix the ids that are referred to, drop the others."""
    used = set()
    for element in root.iter():
        used |= {name for value in element.attrib.values() for name in _REFERENCE.findall(value)}
        used.add(element.attrib.get(_HREF, "").removeprefix("#"))
    short = {name: f"{prefix}-{i}" for i, name in enumerate(sorted(used))}
    for element in root.iter():
        name = element.attrib.pop("id", None)
        if name in short:
            element.set("id", short[name])
        for key, value in element.attrib.items():
            element.set(key, _REFERENCE.sub(lambda m: short[m.group()], value))
        if _HREF in element.attrib:
            element.set(_HREF, f"#{short[element.attrib[_HREF].removeprefix('#')]}")


def _flatten(parent: ElementTree.Element) -> None:
    """Take the children out of groups that say nothing."""
    kept: list[ElementTree.Element] = []
    for child in list(parent):
        _flatten(child)
        if child.tag == f"{{{_SVG}}}g" and not child.attrib:
            kept += list(child)
        elif len(child) or child.attrib or child.text:
            kept.append(child)
    parent[:] = kept


def _dress(element: ElementTree.Element, styles: Styles) -> None:
    """Put the look of an element into a class, and its numbers into a tenth of a pixel."""
    style = element.attrib.pop("style", "").replace(_FACE, "")
    for name in ("fill", "stroke"):
        if name in element.attrib:
            style += f"; {name}: {element.attrib.pop(name)}"
    if style:
        element.set("class", styles[style.removeprefix("; ")])
    for name in _GEOMETRY & element.attrib.keys():
        element.set(name, _LONG_NUMBER.sub(_shorter, element.attrib[name]))
    if "d" in element.attrib:
        element.set("d", _BLANKS.sub(r"\1", element.attrib["d"]).strip())
    if element.attrib.get("transform", "").startswith("rotate(-0 "):
        del element.attrib["transform"]


def _shorter(number: re.Match[str]) -> str:
    return f"{float(number.group()):.1f}".removesuffix(".0")


def _themed(style: str) -> str:
    for colour, (name, _) in THEME.items():
        style = style.replace(colour, f"var(--{name})")
    return style
