"""``simulator gather``: the shards of a sweep joined."""

from pathlib import Path

import click

_FOLDER = click.Path(exists=True, file_okay=False, path_type=Path)


@click.command("gather")
@click.argument("out", type=click.Path(file_okay=False, path_type=Path))
@click.argument("shards", nargs=-1, type=_FOLDER)
def gather_command(out: Path, shards: tuple[Path, ...]) -> int:
    """Write the tables of the sweep in OUT from what it holds and from the folders SHARDS.

    Exit codes: 0, 1 (failure), 3 (points are missing or failed).
    """
    from simulator.cli.sweep_tables import print_failures, print_points
    from simulator.sweeps.run import gather

    plan, ending = gather(out, shards)
    print_points(plan, out, ending.finished)
    print_failures(plan, ending.failures)
    line = f"{ending.finished:,} of {len(plan.points):,} points"
    if ending.missing:
        line += f", {ending.missing:,} not computed yet (see {out / 'points.csv'})"
    click.echo(f"{line}; results in {out}")
    click.echo(f"next: simulator report {out}, or simulator compare --sweep {out}", err=True)
    return 3 if ending.failures or ending.missing else 0
