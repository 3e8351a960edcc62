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
    from simulator.storage.files import *  # noqa: F403
    from simulator.storage.lock import *  # noqa: F403
    from simulator.storage.parquet import *  # noqa: F403
    from simulator.storage.results import *  # noqa: F403

# The cheapest first: a name that one of them imports is found there too.
__getattr__ = lazily(__name__, ("files", "lock", "results", "parquet"))
