"""Where inputs are, shipped and users' own, and the text in them: at most 1 MiB of UTF-8."""

import codecs
import os
import re
import stat
from pathlib import Path
from typing import Final, Literal

from simulator.inputs.nodes import Source
from simulator.inputs.problems import InputError, Position, Problem, closest, did_you_mean, listed
from simulator.limits import MAX_BYTES

Kind = Literal["scenario", "sweep", "book"]
LIBRARIES: Final[dict[Kind, str]] = {
    "scenario": "scenarios",
    "sweep": "configs/sweeps",
    "book": "configs/assumptions",
}
_PACKAGE = Path(__file__).resolve().parent.parent
_LINE_BREAK = re.compile(r"\r\n|\r|\n")

# Those of Path raise where what a user wrote can be no path.
is_file, is_folder = os.path.isfile, os.path.isdir


def shipped(folder: str) -> Path:
    """Return a shipped folder or file, such as ``scenarios`` or ``configs/assumptions``."""
    installed = _PACKAGE / "data" / folder
    if installed.exists():
        return installed
    checkout = _PACKAGE.parent
    # Beside an installed package lie other people's folders; only a checkout has this file.
    if (checkout / "pyproject.toml").is_file() and (checkout / folder).exists():
        return checkout / folder
    message = f"the installation lacks '{folder}'"
    raise InputError([Problem(None, "", message, "install the package again")])


def names_in(folder: Path) -> tuple[str, ...]:
    """Return the names of the YAML files in a folder, sorted; none if there is no such folder."""
    found = folder.glob("*.yaml") if is_folder(folder) else ()
    return tuple(sorted(path.stem for path in found))


def near_file(path: Path) -> str | None:
    """Return a hint at the file in the same folder whose name is most like a path's."""
    near = closest(path.stem, names_in(path.parent))
    return f"did you mean '{path.with_name(near)}.yaml'?" if near else None


def find_input(name_or_path: str | Path, folder: Path, kind: str) -> Path:
    """Return the file that a user names: a shipped one, or a path (with a separator or ending)."""
    text = str(name_or_path)
    path = Path(text)
    names = names_in(folder)
    if isinstance(name_or_path, Path) or path.suffix in (".yaml", ".yml") or path.name != text:
        if is_file(path):
            return path
        what = "is not a file" if is_folder(path) else "no such file"
        raise InputError([Problem(None, f"{kind} '{text}'", what, near_file(path))])
    if text in names:
        return folder / f"{text}.yaml"
    message = f"no such {kind}, shipped: {listed(names)}"
    hint = did_you_mean(text, names)
    other = next((k for k, folder in LIBRARIES.items() if text in names_in(shipped(folder))), None)
    if other is not None:
        hint = f"'{text}' is a shipped {other}"
    elif "=" in text:
        hint = f"did you mean '--set {text}'?"
    elif hint is None and is_file(Path(f"{text}.yaml")):
        hint = f"did you mean '{text}.yaml'?"
    raise InputError([Problem(None, f"{kind} '{text}'", message, hint)])


def read_file(path: Path) -> tuple[Source | None, list[Problem]]:
    """Read a text file."""
    name = str(path)

    def refused(message: str) -> tuple[None, list[Problem]]:
        return None, [Problem(None, name, message)]

    try:
        # A device or a pipe could be endless, so only regular files are opened.
        if not stat.S_ISREG(path.stat().st_mode):
            return refused("is not a regular file")
        with path.open("rb") as stream:
            data = stream.read(MAX_BYTES + 1)
    except FileNotFoundError:
        return refused("no such file")
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "not a usable file name"
        return refused(f"cannot be read: {reason}")
    if len(data) > MAX_BYTES:
        return refused(f"larger than the {MAX_BYTES} bytes allowed")
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return refused("is UTF-16 text; save it as UTF-8")
    data = data.removeprefix(codecs.BOM_UTF8)
    try:
        return make_source(name, data.decode("utf-8")), []
    except UnicodeDecodeError as error:
        before = _LINE_BREAK.split(data[: error.start].decode("utf-8"))
        shown = _LINE_BREAK.split(data.decode("utf-8", errors="replace"))[len(before) - 1]
        position = Position(name, len(before), len(before[-1]) + 1, shown)
        message = f"byte 0x{data[error.start]:02x} is not UTF-8"
        return None, [Problem(position, "", message, "save the file as UTF-8")]


def make_source(name: str, text: str) -> Source:
    """Return a source made of a text, split at YAML's line breaks."""
    return Source(name, tuple(_LINE_BREAK.split(text)))
