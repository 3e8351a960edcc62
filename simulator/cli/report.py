"""``simulator report``: results as one self-contained HTML page."""

from __future__ import annotations

from pathlib import Path

import click

from simulator.cli.options import unchecked, write_page


@click.command("report")
@click.argument("result", type=click.Path(exists=True, path_type=Path))
@click.option(
    "-o",
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    default="report.html",
    show_default=True,
    help="The HTML file.",
)
@unchecked
def report_command(result: Path, output: Path, checked: bool) -> None:
    """Write RESULT as one HTML page that opens offline and holds all its figures and numbers.

    RESULT is the folder that --out of 'simulator run', 'compare' or 'sweep' filled, or what
    'simulator trace --json' printed.
    """
    write_page(result, output, checked)
