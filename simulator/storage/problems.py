"""What can go wrong with files that the simulator writes or reads back."""

import errno
from pathlib import Path

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
    """A file that cannot be written, or that is not what was written.

    Parameters
    ----------
    path : Path
        The file or folder concerned.
    message : str
        What is wrong and how to fix it.
    """

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
