"""Writing what users keep: Parquet, atomic files, provenance, one run at a time in a folder.

    write_json(out, "summary.json", summary)
    write_table(out, "curves.parquet", {"years": years, "survival": survival})
    with hold(out):  # refused if another run works in the folder
        ...

Names are imported on first use: catching `StorageError` must not cost the import of Arrow.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from simulator.storage.atomic import (
        atomic_file,
        json_bytes,
        make_folder,
        remove_leftovers,
        write_bytes,
        write_json,
        write_text,
    )
    from simulator.storage.csv_file import csv_text
    from simulator.storage.digests import canonical_json, digest, sha256
    from simulator.storage.lock import hold
    from simulator.storage.parquet import Table, read_table, table_bytes, write_table
    from simulator.storage.problems import StorageError
    from simulator.storage.results import Results, open_results, settle, write_results

__all__ = [
    "Results",
    "StorageError",
    "Table",
    "atomic_file",
    "canonical_json",
    "csv_text",
    "digest",
    "hold",
    "json_bytes",
    "make_folder",
    "open_results",
    "read_table",
    "remove_leftovers",
    "settle",
    "sha256",
    "table_bytes",
    "write_bytes",
    "write_json",
    "write_results",
    "write_table",
    "write_text",
]

_MODULES = {
    "atomic": (
        "atomic_file",
        "json_bytes",
        "make_folder",
        "remove_leftovers",
        "write_bytes",
        "write_json",
        "write_text",
    ),
    "csv_file": ("csv_text",),
    "digests": ("canonical_json", "digest", "sha256"),
    "lock": ("hold",),
    "parquet": ("Table", "read_table", "table_bytes", "write_table"),
    "problems": ("StorageError",),
    "results": ("Results", "open_results", "settle", "write_results"),
}
_HOME = {name: module for module, names in _MODULES.items() for name in names}


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOME[name]}"), name)
