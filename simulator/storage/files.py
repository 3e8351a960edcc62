"""Files that are there whole or not at all, never outside the folder given; tables as CSV.

A file is written under a temporary name in the folder where it will lie, flushed to the disk, and
renamed: whoever looks sees the old file or the new one, also after a crash or with a full disk. The
temporary file is removed when writing fails; one that a killed process left behind is recognised by
its name and removed by the next run (`remove_leftovers`).
"""

import contextlib
import csv
import errno
import io
import json
import os
import shutil
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path, PurePosixPath
from typing import Any, BinaryIO, Final

_ADVICE = {
    errno.ENOSPC: "the disk is full; free some space and run the same command again",
    errno.EDQUOT: "your disk quota is used up; free some space and run the same command again",
    errno.EACCES: "permission denied; choose a folder that you may write to",
    errno.EPERM: "permission denied; choose a folder that you may write to",
    errno.EROFS: "the file system is read-only; choose another folder",
    errno.ENOTDIR: "part of this path is a file, not a folder",
    errno.EEXIST: "part of this path is a file, not a folder",
    errno.EISDIR: "this is a folder; a file was to be written here",
    errno.ENAMETOOLONG: "this name is too long",
    errno.EFBIG: "the file is larger than this system allows",
}


class StorageError(Exception):
    """A file that cannot be written, or that is not what was written."""

    def __init__(self, path: Path, message: str) -> None:
        self.path = path
        self.message = message
        super().__init__(path, message)

    def __str__(self) -> str:
        return f"{self.path}: {self.message}"


def explained(path: Path, error: OSError) -> StorageError:
    """Return an error of the operating system in words that say what to do."""
    advice = _ADVICE.get(error.errno or 0, error.strerror or str(error))
    return StorageError(path, advice)


_TEMPORARY = ".tmp-"  # after a dot and the name; followed by random letters


def make_folder(folder: Path) -> Path:
    """Create a folder for results, with its parents; return it."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except FileExistsError:
        raise StorageError(folder, "this is a file; a folder was expected") from None
    except OSError as error:
        raise explained(folder, error) from None
    if not os.access(folder, os.W_OK | os.X_OK):
        raise StorageError(folder, "permission denied; choose a folder that you may write to")
    return folder


@contextlib.contextmanager
def atomic_file(folder: Path, name: str) -> Iterator[BinaryIO]:
    """Open a file for writing that appears under its name when the block ends without an error.

    ``name`` is relative to the folder, with ``/`` between its parts; one that would leave it is a
    ValueError. Where writing fails, nothing remains of it and an older file is untouched.
    """
    target = _inside(folder, name)
    temporary = temporary_beside(target)
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        # O_EXCL (mode "x") never writes through a link that somebody put there.
        with temporary.open("xb") as stream:
            yield stream
            stream.flush()
            os.fsync(stream.fileno())
        temporary.replace(target)
        sync_folder(target.parent)
    except OSError as error:
        raise explained(target, error) from error
    finally:
        _remove(temporary)


def read_bytes(path: Path, missing: str | None = None) -> bytes:
    """Return what a file holds; StorageError where it cannot be read, or is ``missing``."""
    try:
        return path.read_bytes()
    except OSError as error:
        gone = isinstance(error, FileNotFoundError)
        message = (missing if gone else None) or error.strerror or "cannot be read"
        raise StorageError(path, message) from None


def write_bytes(folder: Path, name: str, data: bytes) -> Path:
    """Write a file atomically; see `atomic_file`. Return its path."""
    with atomic_file(folder, name) as stream:
        stream.write(data)
    return folder / name


def write_text(folder: Path, name: str, text: str) -> Path:
    """Write a text file as UTF-8, atomically; see `atomic_file`. Return its path."""
    return write_bytes(folder, name, text.encode())


def json_bytes(value: Any) -> bytes:
    """Return a JSON file as bytes."""
    text = json.dumps(value, indent=2, ensure_ascii=False, allow_nan=False)
    return f"{text}\n".encode()


def write_json(folder: Path, name: str, value: Any) -> Path:
    """Write a JSON file atomically; see `json_bytes`, `atomic_file`. Return its path."""
    return write_bytes(folder, name, json_bytes(value))


def temporary_beside(target: Path) -> Path:
    """Return a new name beside a file or folder, which `remove_leftovers` recognises."""
    return target.with_name(f".{target.name}{_TEMPORARY}{os.urandom(8).hex()}")


def remove_leftovers(folder: Path) -> int:
    """Remove what killed processes left half written in a folder, held; return how much it was."""
    found = list(folder.glob(f".*{_TEMPORARY}*"))
    for path in found:
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path, ignore_errors=True)
        else:
            _remove(path)
    return len(found)


def _inside(folder: Path, name: str) -> Path:
    parts = PurePosixPath(name)
    if not name or parts.is_absolute() or ".." in parts.parts or "\\" in name or ":" in name:
        raise ValueError(f"'{name}' is not a name inside a folder")
    target = folder / parts
    # A sub-folder that is a link may lead elsewhere.
    if not target.parent.resolve().is_relative_to(folder.resolve()):
        raise ValueError(f"'{name}' leads out of the folder {folder}")
    return target


def _remove(path: Path) -> None:
    with contextlib.suppress(OSError):
        path.unlink()


def sync_folder(folder: Path) -> None:
    """Make a rename last through a power cut, where the system knows how."""
    with contextlib.suppress(OSError, AttributeError):
        descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


# A spreadsheet takes a text that begins so for a formula, and would run it.
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")


def csv_text(names: Sequence[str], rows: Iterable[Iterable[Any]], end: str = "\n") -> str:
    """Return a table as CSV (RFC 4180): full numbers, and nothing that a spreadsheet would run.

    An apostrophe stands before texts that look like formulas; what is missing is empty.
    """
    text = io.StringIO()
    writer = csv.writer(text, lineterminator=end)
    writer.writerow(_cell(name) for name in names)
    writer.writerows([_cell(value) for value in row] for row in rows)
    return text.getvalue()


def _cell(value: Any) -> str:
    if value is None or value != value:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        return f"'{value}" if value.startswith(_FORMULA) else value
    return repr(value)
