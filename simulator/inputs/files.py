"""From a file to the text in it: regular files of at most 1 MiB of UTF-8."""

import codecs
import re
import stat
from pathlib import Path

from simulator.inputs.nodes import Source
from simulator.inputs.problems import Position, Problem
from simulator.limits import MAX_BYTES

_LINE_BREAK = re.compile(r"\r\n|\r|\n")


def is_file(path: Path) -> bool:
    """Tell whether a path, which a user may have written, is a regular file.

    A name that no file can have (300 characters, a null) names none.
    """
    try:
        return path.is_file()
    except (OSError, ValueError):
        return False


def is_folder(path: Path) -> bool:
    """Tell whether a path, which a user may have written, is a folder."""
    try:
        return path.is_dir()
    except (OSError, ValueError):
        return False


def read_file(path: Path) -> tuple[Source | None, list[Problem]]:
    """Read a text file."""
    name = str(path)
    try:
        # A device or a pipe could be endless, so only regular files are opened.
        if not stat.S_ISREG(path.stat().st_mode):
            return None, [Problem(None, name, "is not a regular file")]
        with path.open("rb") as stream:
            data = stream.read(MAX_BYTES + 1)
    except FileNotFoundError:
        return None, [Problem(None, name, "no such file")]
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "not a usable file name"
        return None, [Problem(None, name, f"cannot be read: {reason}")]
    if len(data) > MAX_BYTES:
        return None, [Problem(None, name, f"larger than the {MAX_BYTES} bytes allowed")]
    return _decode(name, data)


def make_source(name: str, text: str) -> Source:
    """Return a source made of a text, split at YAML's line breaks."""
    return Source(name, tuple(_LINE_BREAK.split(text)))


def _decode(name: str, data: bytes) -> tuple[Source | None, list[Problem]]:
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return None, [Problem(None, name, "is UTF-16 text; save it as UTF-8")]
    data = data.removeprefix(codecs.BOM_UTF8)
    try:
        return make_source(name, data.decode("utf-8")), []
    except UnicodeDecodeError as error:
        before = _LINE_BREAK.split(data[: error.start].decode("utf-8"))
        shown = _LINE_BREAK.split(data.decode("utf-8", errors="replace"))[len(before) - 1]
        position = Position(name, len(before), len(before[-1]) + 1, shown)
        message = f"byte 0x{data[error.start]:02x} is not UTF-8"
        return None, [Problem(position, "", message, "save the file as UTF-8")]
