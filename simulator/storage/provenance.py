"""Where results come from: what was run, with which versions, on what kind of machine."""

import os
import platform
import sys
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from simulator import __version__

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
        "libraries": {name: _version(name) for name in LIBRARIES},
    }


def _version(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None
