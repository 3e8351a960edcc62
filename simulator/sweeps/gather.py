"""The shards of a sweep that ran in several jobs, joined into its tables."""

import json
from collections.abc import Iterable, Sequence
from pathlib import Path

from simulator.storage import StorageError, hold
from simulator.sweeps.plan import SweepPlan
from simulator.sweeps.run import SweepOutcome, outcome_of
from simulator.sweeps.shards import File, read_file
from simulator.sweeps.store import Store
from simulator.sweeps.tasks import Failure, write_files


def gather(folder: Path, others: Sequence[Path] = ()) -> tuple[SweepPlan, SweepOutcome]:
    """Write the tables of a sweep from all shards in its folder and in others, which are copied.

    Points that no shard has are counted as missing.

    Raises
    ------
    StorageError
        If there is no plan, the plans differ, or the folder is in use or cannot be written.
    """
    store = Store(folder)
    plan = _common_plan([folder, *others])
    store.create()
    with hold(folder):
        store.clean()
        if store.read_plan() is None:
            store.write_plan(plan)
        for other in others:
            _copy(Store(other), store, plan)
        held = store.holdings()
        store.set_aside(held.broken)
        failures = _failures([folder, *others], plan, held.points)
        runs = [run for one in (folder, *others) for run in Store(one).runs()]
        store.write_tables(plan, held, failures, runs)
    return plan, outcome_of(plan.points, held.points, held.points, failures)


def _common_plan(folders: Sequence[Path]) -> SweepPlan:
    """Return the plan of all folders; the first may not have it yet."""
    plans = {folder: Store(folder).read_plan() for folder in folders}
    found = {folder: plan for folder, plan in plans.items() if plan is not None}
    for folder in folders[0 if not found else 1 :]:
        if folder not in found:
            raise StorageError(folder, "holds no plan of a sweep")
    first, plan = next(iter(found.items()))
    for folder, other in found.items():
        if other.digest != plan.digest:
            raise StorageError(folder, f"holds another plan than {first}; they cannot be joined")
    return plan


def _copy(source: Store, target: Store, plan: SweepPlan) -> None:
    """Copy the files of finished points that the target has not."""
    held, there = source.holdings(), target.holdings()
    for error in held.broken:
        target.log(f"left out: {error}")
    wanted = {point.digest for point in plan.points} - set(there.points)
    for shard in dict.fromkeys(held.points[d] for d in held.points if d in wanted):
        rows = read_file(source.folder, shard).metadata["rows"]
        files = [File(name, (source.folder / name).read_bytes()) for name in (rows, shard)]
        write_files(target.folder, files)


def _failures(folders: Iterable[Path], plan: SweepPlan, finished: Iterable[str]) -> list[Failure]:
    """Return what the shards wrote of failed points, unless they were finished since."""
    done = set(finished)
    found: dict[str, Failure] = {}
    for folder in folders:
        for path in sorted(folder.glob("failures*.jsonl")):
            for line in path.read_text(encoding="utf-8").splitlines():
                entry = json.loads(line)
                number, digest = entry["point"], entry["digest"]
                known = number < len(plan.points) and plan.points[number].digest == digest
                if known and digest not in done:
                    found[digest] = Failure(number, digest, entry["error"], entry["trace"])
    return list(found.values())
