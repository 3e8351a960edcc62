"""Writing what users keep: Parquet, atomic files, provenance, one run at a time in a folder.

    write_json(out, "summary.json", summary)
    write_table(out, "curves.parquet", {"years": years, "survival": survival})
    with hold(out):  # refused if another run works in the folder
        ...

Names are imported on first use: catching `StorageError` must not cost the import of Arrow.
"""

from typing import TYPE_CHECKING

from simulator.lazy import lazily

if TYPE_CHECKING:
    from simulator.storage.atomic import atomic_file as atomic_file
    from simulator.storage.atomic import json_bytes as json_bytes
    from simulator.storage.atomic import make_folder as make_folder
    from simulator.storage.atomic import remove_leftovers as remove_leftovers
    from simulator.storage.atomic import write_bytes as write_bytes
    from simulator.storage.atomic import write_json as write_json
    from simulator.storage.atomic import write_text as write_text
    from simulator.storage.csv_file import csv_text as csv_text
    from simulator.storage.lock import hold as hold
    from simulator.storage.parquet import Table as Table
    from simulator.storage.parquet import read_table as read_table
    from simulator.storage.parquet import table_bytes as table_bytes
    from simulator.storage.parquet import write_table as write_table
    from simulator.storage.problems import StorageError as StorageError
    from simulator.storage.results import Results as Results
    from simulator.storage.results import canonical_json as canonical_json
    from simulator.storage.results import digest as digest
    from simulator.storage.results import open_results as open_results
    from simulator.storage.results import settle as settle
    from simulator.storage.results import sha256 as sha256
    from simulator.storage.results import write_results as write_results

# The cheapest first: a name that one of them imports is found there too.
__getattr__ = lazily(__name__, ("problems", "atomic", "csv_file", "lock", "results", "parquet"))
