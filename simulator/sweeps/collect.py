"""Plans simulated side by side in memory, for a comparison that keeps no folder."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from simulator.analysis.paired import PairedSums, merge_sums
from simulator.inputs import Entry, Node
from simulator.inputs.nodes import Document, Mark, Source
from simulator.storage import read_table
from simulator.sweeps.dispatch import Dispatcher
from simulator.sweeps.executors import Executor
from simulator.sweeps.files import SweepInput, checked_sweep
from simulator.sweeps.pieces import cut
from simulator.sweeps.plan import Plan
from simulator.sweeps.run import Watch
from simulator.sweeps.shards import PARTS, SUMS, unpack_part, unpack_sums
from simulator.sweeps.work import Failure, Report


def side_by_side(
    scenarios: Sequence[str],
    sets: Sequence[str],
    grids: Sequence[str],
    options: dict[str, str | int | None],
) -> SweepInput:
    """Return scenarios, and perhaps variations of them, as a sweep that no file describes.

    Parameters
    ----------
    scenarios : sequence of str
        Shipped names or files, relative to the working folder.
    sets, grids : sequence of str
        As for `load_sweep`.
    options : mapping
        ``book``, ``seed``, ``draws``, ``paths``; None leaves out.

    Raises
    ------
    InputError
        With every problem of the overrides.
    """
    mark = Mark(Source("command line", (" ".join(scenarios),)), 1, 1)

    def leaf(value: str | int) -> Entry:
        return Entry(mark, Node(mark, value, str(value)))

    names = Node(mark, tuple(Node(mark, name, name) for name in scenarios))
    given = {"title": "Comparison", **options}
    entries: dict[str, Entry] = {k: leaf(v) for k, v in given.items() if v is not None}
    entries["grid"] = Entry(mark, Node(mark, {"scenario": Entry(mark, names)}))
    document = Document(Node(mark, entries), (mark.source.file,))
    return checked_sweep("comparison", Path.cwd() / "comparison", document, sets, grids, {}, [])


def collect_sums(plan: Plan, executor: Executor, watch: Watch) -> dict[str, PairedSums]:
    """Simulate every point of a plan and return the sums that comparisons need, by digest.

    Parameters
    ----------
    plan : Plan
    executor : Executor
        Without a folder, so that results come back with the reports. It is closed.
    watch : Watch

    Raises
    ------
    RuntimeError
        If a plan could not be simulated; says which and why.
    ExecutorLostError
        If tasks can no longer be run.
    """
    found: dict[str, PairedSums] = {}
    parts: dict[str, list[PairedSums]] = {}

    def take_in(report: Report) -> list[Failure]:
        for file in report.files:
            if file.name.startswith(SUMS):
                found.update(unpack_sums(read_table(file.data)))
            elif file.name.startswith(PARTS):
                table = read_table(file.data)
                parts.setdefault(table.metadata["digest"], []).append(unpack_part(table)[1])
        watch.advance(report.paths)
        return []

    first = {point.digest: point.number for point in reversed(plan.points)}
    pieces = [
        piece
        for digest, number in sorted(first.items(), key=lambda item: item[1])
        for piece in cut(number, digest, plan.paths_per_point)
    ]
    dispatcher = Dispatcher(executor, take_in, watch.stopping, watch.note)
    try:
        dispatcher.run(pieces)
    finally:
        executor.close()
    for failure in dispatcher.failures.values():
        raise RuntimeError(f"point {failure.point} failed: {failure.error}")
    return found | {digest: merge_sums(some) for digest, some in parts.items()}
