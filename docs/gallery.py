"""Make the gallery: run the shipped scenarios, draw every kind of figure, write docs/gallery.md.

Run ``python docs/gallery.py`` in the root of the repository; it takes a minute or two. Equal
versions give equal files, so a changed figure in a diff is a changed result.
"""

from __future__ import annotations

import contextlib
import io
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from simulator.cli.main import cli
from simulator.inputs import names_in, shipped
from simulator.report.save import figure_bytes
from simulator.report.show import exhibits_of
from simulator.results.load import load_result

HERE: Final = Path(__file__).parent
FOLDER: Final = HERE / "gallery"
REFERENCE: Final = "no-force"
WORTH: Final = "200e9 * p_holds_20y - cost_gbp"
SIZE: Final = ("--draws", "512", "--trials", "16", "--seed", "1")

# The shipped sample has a thousand points: too many for a picture of a few hundred pixels.
SAMPLE: Final = "{extends: levers-sobol, sample: {size: 200}}\n"


@dataclass(frozen=True)
class Part:
    """Figures of one result.

    Attributes
    ----------
    title, command : str
        What it is and how it is made.
    result : str
        Folder or file of the result.
    kinds : tuple of str
        Figures to draw.
    """

    title: str
    command: str
    result: str
    kinds: tuple[str, ...]


PARTS: Final = (
    Part(
        "One plan",
        "simulator run reassurance-force --out run",
        "run",
        ("survival", "claim", "causes", "troops", "waterfall", "influence", "options", "choices"),
    ),
    Part(
        "Nine plans side by side",
        "simulator run no-force reassurance-force … --out runs",
        "runs",
        ("headlines", "panels"),
    ),
    Part(
        "Plans compared draw by draw",
        "simulator compare no-force reassurance-force … --out compare",
        "compare",
        ("ranking", "differences", "other-differences", "better"),
    ),
    Part(
        "Which plan, and what decides it",
        f'simulator decide no-force reassurance-force … --worth "{WORTH}" --out decide',
        "decide",
        ("frontier", "losses", "information", "worse"),
    ),
    Part(
        "A sweep over force size, air basing and contributors",
        "simulator sweep force-size --out sweep",
        "sweep",
        ("effects", "lever-differences", "heat", "response"),
    ),
    Part(
        "A sample over ten levers",
        "simulator sweep sample.yaml --out sample  # {extends: levers-sobol, sample: {size: 200}}",
        "sample",
        ("scatter",),
    ),
    Part(
        "What each contributor adds",
        "simulator sweep drop-one-contributor --out drop",
        "drop",
        ("points",),
    ),
    Part(
        "One path",
        "simulator trace reassurance-force --pick collapse-late --json > trace.json",
        "trace.json",
        ("timeline",),
    ),
)


def simulate(folder: Path) -> None:
    """Fill a folder with the results that are drawn."""
    scenarios = sorted(names_in(shipped("scenarios")), key=lambda name: (name != REFERENCE, name))
    call("run", "reassurance-force", *SIZE, "-q", "--out", str(folder / "run"))
    call("run", *scenarios, *SIZE, "-q", "--out", str(folder / "runs"))
    call("compare", *scenarios, *SIZE, "-q", "--out", str(folder / "compare"))
    call("decide", *scenarios, *SIZE, "--worth", WORTH, "-q", "--out", str(folder / "decide"))
    size = ("--draws", "128", "--trials", "16", "-q", "--executor", "serial")
    call("sweep", "force-size", *size, "--out", str(folder / "sweep"))
    call("sweep", "drop-one-contributor", *size, "--out", str(folder / "drop"))
    (folder / "sample.yaml").write_text(SAMPLE, encoding="utf-8")
    call("sweep", str(folder / "sample.yaml"), *size, "--out", str(folder / "sample"))
    written = call("trace", "reassurance-force", "--pick", "collapse-late", "--json")
    (folder / "trace.json").write_text(written, encoding="utf-8")


def call(*words: str) -> str:
    """Run a command of the simulator; return what it prints."""
    stream = io.StringIO()
    with contextlib.redirect_stdout(stream):
        code = cli.main(list(words), standalone_mode=False)
    if code not in (0, None):
        raise SystemExit(f"simulator {' '.join(words)}: exit code {code}")
    return stream.getvalue()


def draw(folder: Path) -> str:
    """Write the figures; return the text of the gallery."""
    FOLDER.mkdir(exist_ok=True)
    for old in FOLDER.glob("*.svg"):
        old.unlink()
    lines = [
        "# Gallery",
        "",
        "Every kind of figure that `simulator plot` draws, from the shipped scenarios. Made by",
        "`python docs/gallery.py`; small runs, so read the shapes and not the digits.",
        "`simulator report` puts all figures of a result into one HTML page, with their numbers.",
    ]
    for part in PARTS:
        result = load_result(folder / part.result)
        exhibits = {one.kind: one for one in exhibits_of(result)}
        lines += ["", f"## {part.title}", "", f"    {part.command}"]
        for kind in part.kinds:
            exhibit = exhibits[kind]
            name = f"{part.result.partition('.')[0]}-{kind}.svg"
            (FOLDER / name).write_bytes(figure_bytes(exhibit.figure(), "svg"))
            lines += [
                "",
                f"### `{kind}`",
                "",
                f"![{exhibit.title}](gallery/{name})",
                "",
                exhibit.description,
            ]
    return "\n".join(lines) + "\n"


def main() -> None:
    """Simulate, draw, write."""
    with tempfile.TemporaryDirectory() as place:
        simulate(Path(place))
        text = draw(Path(place))
    (HERE / "gallery.md").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
