"""``simulator gather``: the shards of a sweep joined."""

from pathlib import Path

import click

from simulator.cli.options import Given
from simulator.cli.sweep_tables import print_failures, print_points
from simulator.sweeps.run import gather


def command(given: Given, shards: tuple[Path, ...]) -> int:
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
    return 3 if ending.failures or ending.missing else 0
