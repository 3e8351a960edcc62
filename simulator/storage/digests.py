"""Digests of data and of files."""

import hashlib
import json
from typing import Any


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
