"""Standard streams that are closed, that close, or that cannot show a character."""

import codecs
import contextlib
import errno
import io
import os
import re
import sys
import unicodedata
from collections.abc import Callable
from functools import partial
from typing import Final

from simulator.inputs.problems import printable

_INSTEAD: Final = {
    "±": "+-",
    "×": "x",
    "–": "-",
    "—": "-",
    "…": "...",
    "−": "-",
    "≤": "<=",
    "≥": ">=",
}


def prepare() -> None:
    """Make the standard streams safe to write to, whatever they are.

    A file that is opened while one of them is closed would get its number, and be written to by
    whoever means the stream: the null device takes the place. A character that the encoding of
    a stream lacks is shown by others.
    """
    while (opened := os.open(os.devnull, os.O_RDWR)) <= 2:
        pass
    os.close(opened)
    codecs.register_error("simulator.shown", _shown)
    for name in ("stdin", "stdout", "stderr"):
        stream = getattr(sys, name)
        if stream is None:
            mode = "r" if name == "stdin" else "w"
            setattr(sys, name, open(os.devnull, mode, encoding="utf-8"))  # noqa: PTH123, SIM115
        elif name != "stdin" and isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="simulator.shown")
            stream.write = partial(_write, stream.write, stream.isatty())  # type: ignore[method-assign]


# Colours of tables, and how a line of progress is drawn anew.
_OF_RICH: Final = re.compile(r"(\x1b\[(?:[0-9;]*m|2K|[0-9]*A|\?25[hl])|\r)")


def _write(write: Callable[[str], int], terminal: bool, text: str) -> int:
    """Write a text with what could steer a terminal, or reorder a line, escaped."""
    parts = _OF_RICH.split(text) if terminal else [text]
    safe = (part if i % 2 else printable(part, keep="\n\t") for i, part in enumerate(parts))
    return write("".join(safe))


def went_away(error: BaseException | None) -> bool:
    """Whether an error says that the reader of a stream went away (``| head``).

    Windows says "invalid argument" for it.
    """
    if isinstance(error, BrokenPipeError):
        return True
    on_windows = os.name == "nt" and isinstance(error, OSError) and error.filename is None
    return on_windows and getattr(error, "errno", None) == errno.EINVAL


def abandon() -> None:
    """Let nothing more be written to streams whose reader went away."""
    for number in (1, 2):
        with contextlib.suppress(OSError):
            null = os.open(os.devnull, os.O_WRONLY)
            os.dup2(null, number)
            os.close(null)


def _shown(error: UnicodeError) -> tuple[str, int]:
    """Return what stands for characters that an encoding lacks: ü -> u, unknown ones -> ?."""
    assert isinstance(error, UnicodeEncodeError)
    text = error.object[error.start : error.end]
    return "".join(map(_alike, text)), error.end


def _alike(character: str) -> str:
    if character in _INSTEAD:
        return _INSTEAD[character]
    plain = unicodedata.normalize("NFKD", character).encode("ascii", "ignore").decode()
    return plain or "?"
