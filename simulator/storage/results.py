"""The results of one command in a folder: all of them, or a clear refusal.

New results are staged in a folder of their own inside the result folder. When every file of it is
on the disk it is renamed to ``.pending``: from that moment on the folder holds the new results,
before it the old ones. What is pending is then moved to its place, by the next command if this one
is killed. Readers look at what is pending first, so they never see files of two runs.

``provenance.json`` holds the SHA-256 of each output and, against changes of its own, of the rest of
itself.
"""

import hashlib
import json
import os
import platform
import shutil
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final

from simulator import __version__
from simulator.storage.files import (
    StorageError,
    explained,
    json_bytes,
    make_folder,
    read_bytes,
    remove_leftovers,
    sync_folder,
    temporary_beside,
    write_bytes,
)

LIBRARIES = ("numpy", "scipy", "pyyaml", "pydantic", "arro3-core", "arro3-io")


def provenance(
    command: Sequence[str],
    seed: int,
    digests: Mapping[str, str],
    **more: Any,
) -> dict[str, Any]:
    """Describe a run so that it can be repeated.

    It holds the time and the machine, so it is the one file of a run that differs when the same
    command is run again. Nothing in it says who or where: no user, host or path but those in the
    command itself.
    """
    return {
        "simulator": __version__,
        "written": datetime.now(UTC).isoformat(timespec="seconds"),
        # Names of files may hold bytes that are no text.
        "command": [word.encode(errors="backslashreplace").decode() for word in command],
        "seed": seed,
        "digests": dict(digests),
        **more,
        "python": f"{platform.python_implementation()} {platform.python_version()}",
        "platform": f"{platform.system()} {platform.release()} {platform.machine()}",
        "byte_order": sys.byteorder,
        "processors": os.cpu_count(),
        "libraries": {name: version(name) for name in LIBRARIES},
    }


PROVENANCE: Final = "provenance.json"
_PENDING: Final = ".pending"
_WHAT_TO_DO: Final = "run the command again, or read it as it is with --unchecked"


def write_results(folder: Path, files: Mapping[str, bytes], about: Mapping[str, Any]) -> None:
    """Replace the results in a folder, all at once; call it while holding the folder."""
    settle(folder)
    body = {**about, "outputs": {name: sha256(data) for name, data in files.items()}}
    # The provenance comes last: where files are moved one by one, it is the mark of a whole.
    staged = {**files, PROVENANCE: json_bytes({**body, "digest": digest(body)})}
    for name in staged:
        if (folder / name).is_dir():
            raise StorageError(folder / name, "this is a folder; a file was to be written here")
    stage = make_folder(temporary_beside(folder / _PENDING))
    try:
        for name, data in staged.items():
            write_bytes(stage, name, data)
        stage.rename(folder / _PENDING)
        sync_folder(folder)
    except OSError as error:
        raise explained(folder, error) from error
    finally:
        shutil.rmtree(stage, ignore_errors=True)
    settle(folder)


def settle(folder: Path) -> None:
    """Put in place what a killed command left pending, and remove what it left half written."""
    remove_leftovers(folder)
    pending = folder / _PENDING
    try:
        names = sorted((path.name for path in pending.iterdir()), key=PROVENANCE.__eq__)
        for name in reversed(names):
            (folder / name).unlink(missing_ok=True)
        for name in names:
            (pending / name).replace(folder / name)
        pending.rmdir()
    except FileNotFoundError:
        return
    except OSError as error:
        raise explained(folder, error) from error
    sync_folder(folder)


@dataclass(frozen=True)
class Results:
    """The results in a folder, or those that are to be written into one."""

    folder: Path
    provenance: Mapping[str, Any]
    checked: bool
    files: Mapping[str, bytes] = field(default_factory=dict)

    def has(self, name: str) -> bool:
        """Whether there is a file of this name."""
        return name in self.files or located(self.folder, name).is_file()

    def read(self, name: str) -> bytes:
        """Return the contents of a file."""
        if name in self.files:
            return self.files[name]
        path = self.folder / name
        outputs = self.provenance.get("outputs", {})
        if self.checked and name not in outputs:
            raise StorageError(path, f"is no output of a command that ended: {_WHAT_TO_DO}")
        data = read_bytes(located(self.folder, name), "no such file: run the command again")
        if self.checked and sha256(data) != outputs[name]:
            raise StorageError(
                path, f"was changed since it was written, or is of another run: {_WHAT_TO_DO}"
            )
        return data

    def json(self, name: str) -> Any:
        """Return the contents of a JSON file; raise as `read` does."""
        return parsed(self.folder / name, self.read(name))


def open_results(folder: Path, checked: bool = True) -> Results:
    """Open the results in a folder."""
    path = located(folder, PROVENANCE)
    if not checked and not path.exists():
        return Results(folder, {}, checked)
    missing = "no such file; give a folder that --out of `simulator run`, `compare` or `sweep` "
    missing += f"filled; if this is one, it is not whole: {_WHAT_TO_DO}"
    tree = parsed(path, read_bytes(path, missing))
    if not isinstance(tree, dict):
        raise StorageError(path, f"is not what was written: {_WHAT_TO_DO}")
    body = {key: value for key, value in tree.items() if key != "digest"}
    try:
        whole = "outputs" in body and digest(body) == tree.get("digest")
    except ValueError:  # NaN, which a changed byte can make of a number
        whole = False
    if checked and not whole:
        message = "was changed since it was written, or is of an older version"
        raise StorageError(path, f"{message}: {_WHAT_TO_DO}")
    return Results(folder, body, checked)


def located(folder: Path, name: str) -> Path:
    """Return where a file of the results lies: it may still be pending."""
    pending = folder / _PENDING / name
    return pending if pending.exists() else folder / name


def parsed(path: Path, data: bytes) -> Any:
    """Return what a JSON file holds."""
    try:
        return json.loads(data)
    except (ValueError, RecursionError) as error:
        raise StorageError(path, f"cannot be read as JSON ({error})") from None


def canonical_json(tree: Any) -> str:
    """Return JSON with sorted keys and no blanks: equal trees give equal text."""
    return json.dumps(
        tree, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False
    )


def digest(tree: Any) -> str:
    """SHA-256 of a tree's canonical JSON: hex."""
    return sha256(canonical_json(tree).encode())


def sha256(data: bytes) -> str:
    """SHA-256 of bytes: hex."""
    return hashlib.sha256(data).hexdigest()
