"""Every point of a sweep file, in one process or on many machines, and shards joined."""

import contextlib
import os
import shlex
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any, Final

import click

from simulator.analysis.precision import UPPER_BOUND
from simulator.cli.options import Given
from simulator.cli.progress import Interrupts, progress
from simulator.cli.results import refuse_other_results, this_command
from simulator.cli.tables import Table, console, print_table, say
from simulator.number_format import value_and_error
from simulator.pool import ExecutorLostError, memory_per_worker
from simulator.quantities import CLAIM, HEADLINES, QUANTITIES
from simulator.storage import read_table
from simulator.sweeps.executors import DaskExecutor, SerialExecutor, local_executor
from simulator.sweeps.files import load_sweep
from simulator.sweeps.levers import shown
from simulator.sweeps.plan import SweepInputs, SweepPlan, described
from simulator.sweeps.planning import make_plan
from simulator.sweeps.run import Launch, Progress, Share, gather, run_plan
from simulator.sweeps.runtime_estimate import runtime_estimate
from simulator.sweeps.store import Store, StoredResults
from simulator.sweeps.tasks import Failure
from simulator.templates import rendered

FAILURE, POINTS_FAILED, INTERRUPTED, TERMINATED = 1, 3, 130, 143
MANY_POINTS: Final = 10_000  # whose check takes long enough to be announced


def processors() -> int:
    """Return how many processors this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def sweep_command(
    given: Given,
    config: str,
    executor: str,
    shard: str | None,
    dry_run: bool,
    fail_fast: bool,
    reference: tuple[str, ...],
    memory: float | None,
) -> int:
    """Simulate the points, or say what there is to do; return the exit code."""
    if given.out is None and not dry_run:
        raise click.UsageError("--out DIR is needed (or --dry-run)")
    if given.out is not None:
        refuse_other_results(given.out, "sweep")
    if {"--precision", "--draws"} <= given.written:
        raise click.UsageError("--precision decides how many draws there are: leave --draws out")
    names = ("book", "seed", "draws", "trials", "precision")
    options = {name: getattr(given, name) for name in names if f"--{name}" in given.written}
    sweep = load_sweep(config, given.sets, given.grids, options, reference)
    if not given.quiet:
        for note in sweep.notes:
            click.echo(f"note: {note}", err=True)
        size = sweep.design.size
        if size > MANY_POINTS and not sweep.problems:
            click.echo(f"checking {size:,} points first, some {size // 1_000:,} seconds", err=True)
    plan, inputs = make_plan(sweep)
    workers = given.workers if "--workers" in given.written else processors()
    share = None if shard is None else Share(*map(int, shard.split("/")))
    if dry_run:
        _print_estimate(plan, inputs, given.out, share, 1 if executor == "serial" else workers)
        return 0
    launch = launch_of(executor, workers, None if memory is None else int(memory * 2**30))
    return _run(plan, inputs, given, launch, share, fail_fast)


def launch_of(executor: str, workers: int, memory: int | None = None) -> Launch:
    """What starts an executor: of so many workers, each of so much memory in bytes."""
    kind, _, address = executor.partition(":")
    if kind == "dask":
        return lambda inputs, folder: DaskExecutor(inputs, address or None, workers)
    if kind == "serial":
        return SerialExecutor
    limit = memory_per_worker(workers) if memory is None else memory
    return lambda inputs, folder: local_executor(inputs, folder, workers, limit)


def _run(
    plan: SweepPlan,
    inputs: SweepInputs,
    given: Given,
    launch: Launch,
    share: Share | None,
    fail_fast: bool,
) -> int:
    out = given.out
    assert out is not None
    go_on = f"go on with: {shlex.join(this_command())}"
    # How many draws a precision takes shows only at the end: whole points are counted then.
    unit, units = (1, "draws") if plan.precision is None else (plan.draws, "points")
    total = len(share.part(plan.points) if share else plan.points) * plan.draws // unit
    say_aside = partial(click.echo, err=True)

    def on_first() -> None:
        # Called from a signal handler, perhaps in the middle of a write: past all buffers.
        with contextlib.suppress(OSError):
            os.write(2, b"\nstopping: what is running is kept (Ctrl-C again stops at once)\n")

    interrupts = Interrupts(on_first)
    try:
        with interrupts, progress(total, units, quiet=given.quiet) as advance:
            watched = Progress(
                lambda: interrupts.requested, lambda n: advance(n // unit), say_aside
            )
            found = run_plan(plan, inputs, out, launch, this_command(), share, fail_fast, watched)
    except KeyboardInterrupt:
        say_aside(f"stopped; {go_on}")
        raise
    except ExecutorLostError as error:
        say_aside(f"simulator: {error}; what is finished is kept, {go_on}")
        return _code(interrupts) if interrupts.requested else FAILURE
    if share is None and not given.quiet:
        print_points(plan, out, found.finished)
    print_failures(plan, found.failures)
    before = f" ({found.reused:,} of them before)" if found.reused else ""
    others = ((len(found.failures), "failed"), (found.missing, "not computed"))
    parts = [f"{count:,} {what}" for count, what in others if count]
    done = ", ".join([f"{found.finished:,} points finished{before}", *parts])
    click.echo(f"{done}; {'shards' if share else 'results'} in {out}")
    if share is None and found.finished and not given.quiet:
        say_aside(f"next: simulator report {out}, or simulator compare --sweep {out}")
    if interrupts.requested and found.missing:
        say_aside(f"interrupted; {go_on}")
        return _code(interrupts)
    return POINTS_FAILED if found.failures else 0


def _code(interrupts: Interrupts) -> int:
    return TERMINATED if interrupts.by_term else INTERRUPTED


def _print_estimate(
    plan: SweepPlan, inputs: SweepInputs, out: Path | None, share: Share | None, workers: int
) -> None:
    points = share.part(plan.points) if share else plan.points
    held = Store(out).holdings() if out is not None and out.is_dir() else StoredResults()
    todo = [point.digest for point in points if point.digest not in held.points]
    expected = runtime_estimate(plan, inputs, todo, workers)
    labels = {}
    for key in ("scenario", "book", *plan.levers):
        values = dict.fromkeys(point.settings.get(key) for point in points)
        labels[key] = ["(not set)" if value is None else f"{shown(value)}" for value in values]
    page = rendered(
        "simulator.cli",
        "sweep-estimate.txt",
        plan=plan,
        points=len(points),
        finished=len(points) - len(todo),
        labels=labels,
        expected=expected,
        duration=_duration(expected.seconds),
        workers=workers,
    )
    click.echo(page)


def _duration(seconds: float) -> str:
    for size, name in ((3600.0, "hours"), (60.0, "minutes")):
        if seconds >= 1.5 * size:
            return f"{seconds / size:.1f} {name}"
    return f"{seconds:.1f} seconds"


def gather_command(given: Given, shards: tuple[Path, ...]) -> int:
    """Join the shards and print what is there; return the exit code."""
    out = given.folder
    assert out is not None
    plan, ending = gather(out, shards)
    print_points(plan, out, ending.finished)
    print_failures(plan, ending.failures)
    line = f"{ending.finished:,} of {len(plan.points):,} points"
    if ending.missing:
        line += f", {ending.missing:,} not computed yet (see {out / 'points.csv'})"
    click.echo(f"{line}; results in {out}")
    click.echo(f"next: simulator report {out}, or simulator compare --sweep {out}", err=True)
    return POINTS_FAILED if ending.failures or ending.missing else 0


MOST_ROWS: Final = 40


def print_points(plan: SweepPlan, folder: Path, finished: int) -> None:
    """Print the headlines of each finished point; of a large sweep only where they are."""
    path = folder / "results.parquet"
    if not path.is_file():
        return
    from simulator.report.findings import sweep_finding
    from simulator.report.prose.no_effect import inert_in_sweep, inert_sentences
    from simulator.results.sweep import load_sweep

    out = console()
    columns = read_table(path, verified=True).columns
    found = load_sweep(folder) if finished else None
    if found is not None:
        say(out, f"{sweep_finding(found, CLAIM[1])}\n")
    if len(plan.points) > MOST_ROWS:
        of = "" if finished == len(plan.points) else f"{finished:,} of "
        where = f"see {path}, or simulator compare --sweep {path.parent}"
        say(out, f"{of}{len(plan.points):,} points: {where}")
    else:
        print_table(out, _headlines(plan, columns, path))
        say(out, f"value ± Monte Carlo standard error; {path} holds the ranges over assumptions")
        if plan.precision is not None:
            say(out, _on_precision(plan, columns))
    if found is not None:
        trials = int(columns["draws"].min()) * plan.trials
        say(out, *inert_sentences(inert_in_sweep(found), trials))


def _headlines(plan: SweepPlan, columns: Mapping[str, Any], path: Path) -> Table:
    found: dict[int, dict[str, str]] = {}
    rows = zip(*(columns[n] for n in ("point", "estimate", "value", "mcse")), strict=True)
    for point, name, *numbers in rows:
        known = (float(one) if one == one else None for one in numbers)  # NaN: a missing number
        value, error = value_and_error(*known)
        found.setdefault(int(point), {})[name] = f"{value} ± {error}" if error else value
    # Scenario and book only where they differ between points.
    named = [key for key in ("scenario", "book") if len({getattr(p, key) for p in plan.points}) > 1]
    keys, briefs = [*named, *plan.levers], [QUANTITIES[name].brief for name in HEADLINES]
    cells = []
    for point in plan.points:
        if of := found.get(point.number):
            labels = (_label(point.settings.get(key)) for key in keys)
            cells.append([str(point.number), *labels, *(of[name] for name in HEADLINES)])
    heads = ["point", *(key.replace(".", ".\n") for key in keys), *briefs]
    return Table(heads, cells, range(1 + len(keys)), briefs[1:], f"{path} holds")


def _label(value: Any) -> str:
    if isinstance(value, float):  # of a sample it has all the digits; the file keeps them
        return f"{value:.6g}"
    return "" if value is None else str(shown(value))


def _on_precision(plan: SweepPlan, columns: Mapping[str, Any]) -> str:
    """How many draws the points took, and how many of them did not get where they should."""
    asked = columns["estimate"] == plan.precision_of
    draws, errors = columns["draws"][asked], UPPER_BOUND * columns["mcse"][asked]
    missed = sum(not error <= plan.precision for error in errors)  # NaN is no error known
    text = f"points took {draws.min():,} to {draws.max():,} draws"
    if missed:
        text += f"; {missed:,} did not reach {plan.precision:g}: a larger max_draws may"
    return text


def print_failures(plan: SweepPlan, failures: Sequence[Failure]) -> None:
    """Name each point that failed, and why."""
    if not failures:
        return
    click.echo(f"{len(failures):,} points failed:", err=True)
    for failure in failures[:MOST_ROWS]:
        click.echo(f"  {described(plan.points[failure.point])}: {failure.error}", err=True)
    if len(failures) > MOST_ROWS:
        click.echo(f"  ... and {len(failures) - MOST_ROWS:,} more, in failures.jsonl", err=True)
