"""One run at a time in a folder: a lock that the system lets go when its holder dies."""

import contextlib
import json
import os
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import IO

from simulator.storage.files import StorageError, explained

NAME = ".lock"


@contextlib.contextmanager
def hold(folder: Path, shared: bool = False, name: str = NAME) -> Iterator[None]:
    """Hold a folder while the block runs; a second run in it is refused.

    The lock is the operating system's, on an open file: a killed process, even one killed with
    SIGKILL, holds nothing. The file itself means nothing; it is taken away by who held it alone.

    A ``shared`` hold allows others like it. ``name`` is for parts of a folder held one by one.
    """
    path = folder / name
    with _locked(folder, path, shared) as stream:
        since = datetime.now(UTC).isoformat(timespec="seconds")
        _sign(stream, "" if shared else json.dumps({"pid": os.getpid(), "since": since}) + "\n")
        try:
            yield
        finally:
            _sign(stream, "")
            if not shared:
                with contextlib.suppress(OSError):  # Windows keeps what is open
                    path.unlink()
            _unlock(stream)


def _locked(folder: Path, path: Path, shared: bool) -> IO[str]:
    """Open and lock the file; again if whoever held it took it away in between."""
    while True:
        try:
            stream = path.open("a+", encoding="utf-8")
        except OSError as error:
            raise explained(path, error) from None
        try:
            _lock(stream, shared)
        except OSError:
            with stream:
                raise StorageError(folder, f"is in use{_holder(stream)}; {_ADVICE}") from None
        with contextlib.suppress(FileNotFoundError):
            if os.path.samestat(os.fstat(stream.fileno()), path.stat()):
                return stream
        stream.close()


_ADVICE = "wait for it, stop it, or choose another folder"


def _sign(stream: IO[str], note: str) -> None:
    """Write down who holds it: for messages only, so a full disk does no harm here."""
    with contextlib.suppress(OSError):
        stream.seek(0)
        stream.truncate()
        stream.write(note)
        stream.flush()


def _holder(stream: IO[str]) -> str:
    try:
        stream.seek(0)
        note = json.loads(stream.read(1000))
        return f" by process {note['pid']} since {note['since']}"
    except (OSError, ValueError, KeyError, TypeError):
        return " by another process"


if sys.platform == "win32":
    import msvcrt

    # Windows locks bytes, for one holder only: a shared hold keeps others out as well. The byte
    # lies far behind the note, which stays readable.
    _FAR = 1 << 20

    def _lock(stream: IO[str], shared: bool) -> None:
        stream.seek(_FAR)
        msvcrt.locking(stream.fileno(), msvcrt.LK_NBLCK, 1)

    def _unlock(stream: IO[str]) -> None:
        stream.seek(_FAR)
        msvcrt.locking(stream.fileno(), msvcrt.LK_UNLCK, 1)

else:
    import fcntl

    def _lock(stream: IO[str], shared: bool) -> None:
        mode = fcntl.LOCK_SH if shared else fcntl.LOCK_EX
        fcntl.flock(stream, mode | fcntl.LOCK_NB)

    def _unlock(stream: IO[str]) -> None:
        fcntl.flock(stream, fcntl.LOCK_UN)
