"""``simulator``: the entry point, standard streams, and what becomes of errors."""

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
from pathlib import Path
from typing import Any, Final

import click

from simulator.cli.commands import cli
from simulator.inputs.problems import InputError, printable
from simulator.storage.files import StorageError, explained

OK, FAILURE, BAD_INPUT, INTERRUPTED = 0, 1, 2, 130


def main() -> None:
    """Run the command line; exit 0, 1 (failure), 2 (usage or input) or 130 (interrupted)."""
    prepare()
    code = _exit_code()
    try:
        sys.stdout.flush()
    except OSError as error:
        code = _stopped(error)
    sys.exit(code)


def _exit_code() -> int:
    try:
        code = cli.main(standalone_mode=False)
        return code if isinstance(code, int) else OK
    except SystemExit as stop:
        # click ends the process where a pipe breaks, with a code of its own.
        if not went_away(stop.__context__):
            raise
        abandon(1, 2)
        return OK
    except (KeyboardInterrupt, click.exceptions.Abort):
        return _said("interrupted", INTERRUPTED)
    except click.ClickException as error:
        error.show()
        if "unexpected extra argument" in error.message and "=" in error.message:
            click.echo("values are given with --set PATH=VALUE", err=True)
        return BAD_INPUT
    except InputError as error:
        return _said(error.render(), BAD_INPUT)
    except (StorageError, ChildProcessError) as error:
        return _said(f"simulator: {error}", FAILURE)
    except OSError as error:
        return _stopped(error)
    except MemoryError:
        return _said("simulator: not enough memory; ask for fewer draws or trials", FAILURE)


def _said(message: str, code: int) -> int:
    click.echo(message, err=True)
    return code


def _stopped(error: OSError) -> int:
    """Say what the system refused; a reader that went away is no failure, and gets nothing more."""
    gone = went_away(error)
    if not gone:
        # On a full disk the system does not always name the file.
        unnamed = error.filename is None
        why = explained(Path("output"), error) if unnamed else error.strerror or error
        click.echo(f"simulator: {why if unnamed else f'{error.filename}: {why}'}", err=True)
    abandon(1, 2)
    return OK if gone else FAILURE


_INSTEAD: Final = dict(zip("±×–—…−≤≥", ("+-", "x", "-", "-", "...", "-", "<=", ">="), strict=True))


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
            write = stream.write if name == "stdout" else _lossy(stream.write)
            stream.write = partial(_write, write, stream.isatty())  # type: ignore[method-assign]
    sys.stderr.flush = _lossy(sys.stderr.flush)  # type: ignore[method-assign]


def _lossy(call: Callable[..., Any]) -> Callable[..., Any]:
    """Write to standard error what can be written: a remark that is lost is no failure."""

    def attempt(*arguments: Any) -> Any:
        try:
            return call(*arguments)
        except OSError:
            abandon(2)

    return attempt


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


def abandon(*streams: int) -> None:
    """Let nothing more be written to streams whose reader went away."""
    for number in streams:
        with contextlib.suppress(OSError):
            null = os.open(os.devnull, os.O_WRONLY)
            os.dup2(null, number)
            os.close(null)


def _shown(error: UnicodeError) -> tuple[str, int]:
    """Return what stands for characters that an encoding lacks: ü -> u, unknown ones -> ?."""
    assert isinstance(error, UnicodeEncodeError)
    shown = []
    for character in error.object[error.start : error.end]:
        plain = unicodedata.normalize("NFKD", character).encode("ascii", "ignore").decode()
        shown.append(_INSTEAD.get(character, plain or "?"))
    return "".join(shown), error.end
