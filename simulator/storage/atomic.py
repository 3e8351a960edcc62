"""Files that are there whole or not at all, and never outside the folder given.

A file is written under a temporary name in the folder where it will lie, flushed to the disk, and
renamed: whoever looks sees the old file or the new one, also after a crash or with a full disk. The
temporary file is removed when writing fails; one that a killed process left behind is recognised by
its name and removed by the next run (`remove_leftovers`).
"""

import contextlib
import json
import os
import secrets
import shutil
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import Any, BinaryIO

from simulator.storage.problems import StorageError, explained

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
        _remove(temporary)
        raise explained(target, error) from error
    except BaseException:
        _remove(temporary)
        raise


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
    return target.with_name(f".{target.name}{_TEMPORARY}{secrets.token_hex(8)}")


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
