"""Results as figures and pages."""

from pathlib import Path

import click

from simulator.cli.options import Given
from simulator.cli.results import say_open, write_file, write_page
from simulator.inputs.problems import did_you_mean
from simulator.report.exhibit import kinds
from simulator.report.save import FORMATS, figure_bytes
from simulator.report.show import exhibits_of
from simulator.results.load import load_result
from simulator.storage import make_folder, write_bytes


def print_kinds() -> None:
    """Name the kinds of figures."""
    known = kinds()
    width = max(map(len, known))
    for name, one in known.items():
        click.echo(f"{name:<{width}}  {one.shows} ({one.command})")


def plot_command(
    given: Given,
    result: Path,
    kind: str,
    output: Path | None,
    scenario: str | None,
    quantity: str | None,
    narrow: bool,
) -> None:
    """Write the figure."""
    target = output or Path(f"{kind}.svg")
    form = target.suffix.removeprefix(".").lower()
    if form not in FORMATS:
        raise click.BadParameter(
            f"'{target}': the ending says the format: .svg, .png or .pdf", param_hint="--output"
        )
    found = load_result(result, given.checked)
    exhibits = {one.kind: one for one in exhibits_of(found, scenario, quantity)}
    if kind not in exhibits:
        raise click.BadParameter(_refusal(kind, list(exhibits)), param_hint="KIND")
    figure = exhibits[kind].figure(narrow)
    make_folder(target.parent)
    write_bytes(target.parent, target.name, figure_bytes(figure, form))
    click.echo(f"{target}", err=True)


def _refusal(kind: str, here: list[str]) -> str:
    hint = did_you_mean(kind, here)
    what = f"no figure is called '{kind}'"
    if one := kinds().get(kind):
        what = f"this result cannot show '{kind}': {one.shows} ({one.command})"
    return f"{what}; it can show {', '.join(here)}" + (f"; {hint}" if hint else "")


def report_command(given: Given, result: Path, output: Path, brief: bool, pdf: Path | None) -> None:
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
