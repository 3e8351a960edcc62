"""``simulator report``: results as one self-contained HTML page."""

from pathlib import Path

import click

from simulator.cli.options import unchecked, write_file, write_page


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
@click.option("--brief", is_flag=True, help="One page: the finding and what a decision needs.")
@click.option(
    "--pdf",
    type=click.Path(dir_okay=False, path_type=Path),
    help="With --brief: write it as a PDF of one A4 page, too.",
)
@unchecked
def report_command(
    result: Path, output: Path, brief: bool, pdf: Path | None, checked: bool
) -> None:
    """Write RESULT as one HTML page that opens offline and holds all its figures and numbers.

    RESULT is the folder that --out of 'simulator run', 'compare' or 'sweep' filled, or what
    'simulator trace --json' printed.
    """
    from simulator.results.load import load_result

    if pdf is not None and not brief:
        raise click.UsageError("--pdf needs --brief: the long report is printed from a browser")
    if not brief:
        write_page(result, output, checked)
        return
    from simulator.brief import brief_of, html
    from simulator.brief import pdf as pdf_of

    content = brief_of(load_result(result, checked), result)
    write_file(output, html(content).encode())
    if pdf is not None:
        write_file(pdf, pdf_of(content))
    click.echo("next: open it in a browser; it needs no network", err=True)
