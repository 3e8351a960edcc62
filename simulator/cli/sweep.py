"""``simulator sweep``: every point of a sweep file, in one process or on many machines."""

from __future__ import annotations

import contextlib
import os
import re
import shlex
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from simulator.cli.options import NewFolder, no_paths, refuse_other_results
from simulator.limits import MAX_SEED, MOST_DRAWS, MOST_TRIALS

if TYPE_CHECKING:
    from simulator.cli.interrupts import Interrupts
    from simulator.sweeps.files import LoadedSweep
    from simulator.sweeps.plan import SweepInputs, SweepPlan
    from simulator.sweeps.run import Launch, Share, SweepOutcome

FAILURE, POINTS_FAILED, INTERRUPTED, TERMINATED = 1, 3, 130, 143
MAX_WORKERS: Final = 4096
MANY_POINTS: Final = 10_000  # whose check takes long enough to be announced


def processors() -> int:
    """Return how many processors this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _read_shard(ctx: click.Context, param: click.Parameter, value: str | None) -> Share | None:
    if value is None:
        return None
    found = re.fullmatch(r"(\d{1,6})/(\d{1,6})", value)
    if not found or not 1 <= int(found[1]) <= int(found[2]):
        raise click.BadParameter(f"'{value}': expected i/n with 1 <= i <= n, such as 2/8")
    from simulator.sweeps.run import Share

    return Share(int(found[1]), int(found[2]))


def _read_executor(ctx: click.Context, param: click.Parameter, value: str) -> str:
    kind, colon, address = value.partition(":")
    if value in ("serial", "processes", "dask") or (kind == "dask" and colon and address):
        return value
    raise click.BadParameter(f"'{value}': expected serial, processes, dask or dask:ADDRESS")


@click.command("sweep")
@click.argument("config")
@click.option(
    "--out",
    type=NewFolder(),
    help="Folder of the results; the same command again goes on where it stopped.",
)
@click.option(
    "--workers",
    type=click.IntRange(1, MAX_WORKERS),
    help="Processes on this machine [default: its processors].",
)
@click.option(
    "--executor",
    metavar="serial|processes|dask[:ADDRESS]",
    default="processes",
    show_default=True,
    callback=_read_executor,
    help="Where points are simulated.",
)
@click.option(
    "--shard",
    metavar="i/n",
    callback=_read_shard,
    help="Compute part i of n; join them with 'simulator gather'.",
)
@click.option("--dry-run", is_flag=True, help="Say what there is to do, and how long it may take.")
@click.option("--fail-fast", is_flag=True, help="Stop at the first point that fails.")
@click.option("--book", help="Assumption book for all points.")
@click.option("--seed", type=click.IntRange(0, MAX_SEED), help="Instead of the file's.")
@click.option("--draws", type=click.IntRange(1, MOST_DRAWS), help="Instead of the file's.")
@click.option("--trials", type=click.IntRange(1, MOST_TRIALS), help="Instead of the file's.")
@click.option("--paths", hidden=True, expose_value=False, callback=no_paths, metavar="N")
@click.option(
    "--precision",
    type=click.FloatRange(min=0.0, min_open=True),
    metavar="X",
    help="Instead of draws: as many as bring every point's standard error to X.",
)
@click.option(
    "--set", "sets", multiple=True, metavar="LEVER=VALUE", help="The same at every point."
)
@click.option(
    "--grid",
    "grids",
    multiple=True,
    metavar="LEVER=V1,V2,...",
    help="Another factor; or {from: .., to: .., steps: ..}.",
)
@click.option(
    "--reference",
    multiple=True,
    metavar="LEVER=VALUE",
    help="Of the point that others are compared with [default: the file's, else the first].",
)
@click.option(
    "--memory",
    type=click.FloatRange(0.25),
    metavar="GIB",
    help="A worker that needs more fails its point [default: a fair share].",
)
@click.option("-q", "--quiet", is_flag=True, help="No progress and no table.")
def sweep_command(
    config: str,
    out: Path | None,
    workers: int | None,
    executor: str,
    shard: Share | None,
    dry_run: bool,
    fail_fast: bool,
    book: str | None,
    seed: int | None,
    draws: int | None,
    trials: int | None,
    precision: float | None,
    sets: tuple[str, ...],
    grids: tuple[str, ...],
    reference: tuple[str, ...],
    memory: float | None,
    quiet: bool,
) -> int:
    """Run every point of CONFIG (a shipped sweep or a file) that is not in --out yet.

    Exit codes: 0, 1 (failure), 2 (usage or input), 3 (some points failed), 130 (interrupted).
    """
    if out is None and not dry_run:
        raise click.UsageError("--out DIR is needed (or --dry-run)")
    if out is not None:
        refuse_other_results(out, "sweep")
    from simulator.sweeps.files import load_sweep
    from simulator.sweeps.planning import make_plan

    if precision is not None and draws is not None:
        raise click.UsageError("--precision decides how many draws there are: leave --draws out")
    given = {
        "book": book,
        "seed": seed,
        "draws": draws,
        "trials": trials,
        "precision": precision,
    }
    options = {key: value for key, value in given.items() if value is not None}
    sweep = load_sweep(config, sets, grids, options, reference)
    if not quiet:
        _say_beforehand(sweep)
    plan, inputs = make_plan(sweep)
    workers = workers or processors()
    if dry_run:
        _print_estimate(plan, inputs, out, shard, 1 if executor == "serial" else workers)
        return 0
    assert out is not None
    limit = None if memory is None else int(memory * 2**30)
    return _run(plan, inputs, out, _launch(executor, workers, limit), shard, fail_fast, quiet)


def _say_beforehand(sweep: LoadedSweep) -> None:
    for note in sweep.notes:
        click.echo(f"note: {note}", err=True)
    size = sweep.design.size
    if size > MANY_POINTS and not sweep.problems:
        click.echo(f"checking {size:,} points first, some {size // 1_000:,} seconds", err=True)


def _launch(executor: str, workers: int, memory: int | None) -> Launch:
    kind, _, address = executor.partition(":")
    if kind == "dask":
        from simulator.sweeps.executors import DaskExecutor

        return lambda inputs, folder: DaskExecutor(inputs, address or None, workers)
    if kind == "serial":
        from simulator.sweeps.executors import SerialExecutor

        return lambda inputs, folder: SerialExecutor(inputs, folder)
    from simulator.pool import memory_per_worker
    from simulator.sweeps.executors import local_executor

    limit = memory_per_worker(workers) if memory is None else memory
    return lambda inputs, folder: local_executor(inputs, folder, workers, limit)


def _run(
    plan: SweepPlan,
    inputs: SweepInputs,
    out: Path,
    launch: Launch,
    share: Share | None,
    fail_fast: bool,
    quiet: bool,
) -> int:
    from simulator.cli.interrupts import Interrupts
    from simulator.cli.progress import progress
    from simulator.pool import ExecutorLostError
    from simulator.sweeps.run import Progress, run_plan

    command = ["simulator", *sys.argv[1:]]
    points = len(share.part(plan.points) if share else plan.points)
    # How many draws a precision takes shows only at the end: whole points are counted then.
    unit, units = (1, "draws") if plan.precision is None else (plan.draws, "points")

    def say(line: str) -> None:
        click.echo(line, err=True)

    def on_first() -> None:
        # Called from a signal handler, perhaps in the middle of a write: past all buffers.
        with contextlib.suppress(OSError):
            os.write(2, b"\nstopping: what is running is kept (Ctrl-C again stops at once)\n")

    try:
        with (
            Interrupts(on_first) as interrupts,
            progress(points * plan.draws // unit, units, quiet=quiet) as advance,
        ):
            watched = Progress(lambda: interrupts.requested, lambda n: advance(n // unit), say)
            outcome = run_plan(plan, inputs, out, launch, command, share, fail_fast, watched)
    except KeyboardInterrupt:
        say(f"stopped; go on with: {shlex.join(command)}")
        raise
    except ExecutorLostError as error:
        say(f"simulator: {error}; what is finished is kept, go on with: {shlex.join(command)}")
        return _code(interrupts) if interrupts.requested else FAILURE
    _print_outcome(plan, out, outcome, share, quiet)
    if interrupts.requested and outcome.missing:
        say(f"interrupted; go on with: {shlex.join(command)}")
        return _code(interrupts)
    return POINTS_FAILED if outcome.failures else 0


def _code(interrupts: Interrupts) -> int:
    return TERMINATED if interrupts.by_term else INTERRUPTED


def _print_outcome(
    plan: SweepPlan, out: Path, outcome: SweepOutcome, share: Share | None, quiet: bool
) -> None:
    from simulator.cli.sweep_tables import print_failures, print_points

    if share is None and not quiet:
        print_points(plan, out, outcome.finished)
    print_failures(plan, outcome.failures)
    parts = [f"{outcome.finished:,} points finished"]
    if outcome.reused:
        parts[0] += f" ({outcome.reused:,} of them before)"
    if outcome.failures:
        parts.append(f"{len(outcome.failures):,} failed")
    if outcome.missing:
        parts.append(f"{outcome.missing:,} not computed")
    where = "shards in" if share else "results in"
    click.echo(f"{', '.join(parts)}; {where} {out}")
    if share is None and outcome.finished and not quiet:
        line = f"next: simulator report {out}, or simulator compare --sweep {out}"
        click.echo(line, err=True)


def _print_estimate(
    plan: SweepPlan, inputs: SweepInputs, out: Path | None, share: Share | None, workers: int
) -> None:
    from simulator.sweeps.levers import shown
    from simulator.sweeps.runtime_estimate import runtime_estimate
    from simulator.sweeps.store import Store, StoredResults

    points = share.part(plan.points) if share else plan.points
    held = Store(out).holdings() if out is not None and out.is_dir() else StoredResults()
    todo = [point.digest for point in points if point.digest not in held.points]
    expected = runtime_estimate(plan, inputs, todo, workers)
    draws = f"{plan.draws:,} draws"
    if plan.precision is not None:
        draws = f"{plan.precision:g} in {plan.precision_of}, at most {draws}"
    click.echo(f"{plan.title}: {len(points):,} points, {draws} x {plan.trials:,} trials")
    for key in ("scenario", "book", *plan.levers):
        found = [
            getattr(p, key) if key in ("scenario", "book") else p.levers.get(key) for p in points
        ]
        labels = ["(not set)" if x is None else f"{shown(x)}" for x in dict.fromkeys(found)]
        text = ", ".join(labels[:8]) + (f", ... ({len(labels):,} values)" if labels[8:] else "")
        click.echo(f"  {key}: {text}")
    click.echo(f"finished already: {len(points) - len(todo):,}")
    about = "" if plan.precision is None else "about "
    click.echo(f"to compute: {expected.points:,} points, {about}{expected.draws:,} draws")
    text = _duration(expected.seconds)
    click.echo(
        f"expected time: {text} with {workers} workers (from a short pilot here, their start "
        "included)"
    )


def _duration(seconds: float) -> str:
    for size, name in ((3600.0, "hours"), (60.0, "minutes")):
        if seconds >= 1.5 * size:
            return f"{seconds / size:.1f} {name}"
    return f"{seconds:.1f} seconds"
