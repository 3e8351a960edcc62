"""Plans simulated side by side in memory, for a comparison that keeps no folder."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from simulator.analysis.paired import Rows, check_comparable, in_columns, join
from simulator.analysis.precision import UPPER_BOUND, OnLook, looks
from simulator.analysis.records import Precision
from simulator.inputs import Entry, Node
from simulator.inputs.nodes import Document, Mark, Source
from simulator.outcomes.spread import known, mean_error
from simulator.storage import read_table
from simulator.sweeps.dispatch import Dispatcher
from simulator.sweeps.executors import Executor
from simulator.sweeps.files import LoadedSweep, checked_sweep
from simulator.sweeps.plan import SweepPlan
from simulator.sweeps.run import Progress
from simulator.sweeps.shards import unpack_rows
from simulator.sweeps.tasks import Failure, Report, cut, longest_chunk


def side_by_side(
    scenarios: Sequence[str], sets: Sequence[str], grids: Sequence[str], options: Mapping[str, Any]
) -> LoadedSweep:
    """Return scenarios, and perhaps variations of them, as a sweep that no file describes."""
    mark = Mark(Source("command line", (" ".join(scenarios),)), 1, 1)
    names = Node(mark, tuple(Node(mark, name, name) for name in scenarios))
    title = Entry(mark, Node(mark, "Comparison", "Comparison"))
    grid = Entry(mark, Node(mark, {"scenario": Entry(mark, names)}))
    document = Document(Node(mark, {"title": title, "grid": grid}), (mark.source.file,))
    overrides = {"set": sets, "grid": grids}
    return checked_sweep(Path.cwd() / "comparison", document, overrides, options)


def collect_rows(
    plan: SweepPlan, executor: Executor, progress: Progress, on_look: OnLook | None = None
) -> tuple[dict[str, Rows], Precision | None]:
    """Simulate every point of a plan for a comparison with the first.

    Where the plan has a precision: as many draws as bring the error of every difference from the
    first point there, or the most that the plan allows. A comparison that stops at ``D`` draws is
    the comparison of ``D`` draws.

    The executor has no folder, so that results come back with the reports; it is closed.

    Raises
    ------
    RuntimeError
        If a plan could not be simulated; says which and why.
    ExecutorLostError
        If tasks can no longer be run.
    NotComparableError
        If plans cannot be compared in the estimate of the precision.
    """
    parts: dict[str, list[Rows]] = {}

    def take_in(report: Report) -> list[Failure]:
        for file in report.files:
            for digest, rows in unpack_rows(read_table(file.data, verified=True)).items():
                parts.setdefault(digest, []).append(rows)
        progress.advance(report.draws)
        return []

    numbers = {point.digest: point.number for point in reversed(plan.points)}
    dispatcher = Dispatcher(executor, take_in, progress.stopping, progress.note)
    longest = longest_chunk(plan.trials)
    found: dict[str, Rows] = {}
    reached: Precision | None = None
    done = 0
    try:
        for draws in [plan.draws] if plan.precision is None else looks(plan.draws):
            dispatcher.run(
                chunk
                for digest, number in sorted(numbers.items(), key=lambda item: item[1])
                for chunk in cut(number, digest, done, draws, longest, "rows")
            )
            for failure in dispatcher.failures.values():
                raise RuntimeError(f"point {failure.point} failed: {failure.error}")
            found = {digest: join(some) for digest, some in parts.items()}
            parts = {digest: [rows] for digest, rows in found.items()}
            done = draws
            reached = _reached(plan, found)
            if reached is not None and on_look is not None:
                on_look(draws, reached.error)
            if reached is not None and reached.met:
                break
    finally:
        executor.close()
    return found, reached


def _reached(plan: SweepPlan, found: Mapping[str, Rows]) -> Precision | None:
    """Upper bound of the largest error of a difference from the first point."""
    if plan.precision is None or plan.precision_of is None:
        return None
    plans = [found[digest] for digest in dict.fromkeys(point.digest for point in plan.points)]
    check_comparable([rows.horizon for rows in plans], plan.precision_of)
    columns = in_columns(plans, plan.precision_of)
    error = known(UPPER_BOUND * mean_error(columns - columns[:, :1], plans[0].draws).max())
    met = error is not None and error <= plan.precision
    return Precision(plan.precision_of, plan.precision, error, met)
