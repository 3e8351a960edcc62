"""``simulator report``: results as one self-contained HTML page."""

from pathlib import Path

import click

from simulator.cli.options import Given
from simulator.cli.results import say_open, write_file, write_page


def command(given: Given, result: Path, output: Path, brief: bool, pdf: Path | None) -> None:
    """Write the page, or the brief and its PDF."""
    if pdf is not None and not brief:
        raise click.UsageError("--pdf needs --brief: the long report is printed from a browser")
    if not brief:
        write_page(result, output, given.checked)
        return
    from simulator.brief import brief_of, html
    from simulator.brief import pdf as pdf_of
    from simulator.results.load import load_result

    content = brief_of(load_result(result, given.checked), result)
    write_file(output, html(content).encode())
    if pdf is not None:
        write_file(pdf, pdf_of(content))
    say_open()
