"""``simulator plot``: one figure from results."""

from pathlib import Path
from typing import Final

import click

from simulator.cli.options import unchecked

FORMATS: Final = ("svg", "png", "pdf")


def _list_kinds(ctx: click.Context, param: click.Parameter, value: bool) -> None:
    if not value or ctx.resilient_parsing:
        return
    from simulator.report.exhibit import kinds

    known = kinds()
    width = max(map(len, known))
    for name, one in known.items():
        click.echo(f"{name:<{width}}  {one.shows} ({one.command})")
    ctx.exit()


@click.command("plot")
@click.argument("result", type=click.Path(exists=True, path_type=Path))
@click.argument("kind")
@click.option(
    "-o",
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    help="File: .svg, .png or .pdf [default: KIND.svg here].",
)
@click.option("--scenario", help="Of a run of several scenarios, the one to draw.")
@click.option("--by", "quantity", metavar="ESTIMATE", help="Of a sweep, what to draw.")
@click.option("--narrow", is_flag=True, help="For a column or a phone.")
@unchecked
@click.option(
    "--kinds",
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=_list_kinds,
    help="Name the kinds of figures and exit.",
)
def plot_command(
    result: Path,
    kind: str,
    output: Path | None,
    scenario: str | None,
    quantity: str | None,
    narrow: bool,
    checked: bool,
) -> None:
    """Draw KIND (see --kinds) from RESULT.

    RESULT is the folder that --out of 'simulator run', 'compare' or 'sweep' filled, or what
    'simulator trace --json' printed.
    """
    target = output or Path(f"{kind}.svg")
    form = target.suffix.removeprefix(".").lower()
    if form not in FORMATS:
        raise click.BadParameter(
            f"'{target}': the ending says the format: .svg, .png or .pdf", param_hint="--output"
        )
    from simulator.report.show import exhibits_of
    from simulator.results.load import load_result

    found = load_result(result, checked)
    exhibits = {one.kind: one for one in exhibits_of(found, scenario, quantity)}
    if kind not in exhibits:
        raise click.BadParameter(_refusal(kind, list(exhibits)), param_hint="KIND")
    from simulator.report.save import figure_bytes
    from simulator.storage import make_folder, write_bytes

    figure = exhibits[kind].figure(narrow)
    make_folder(target.parent)
    write_bytes(target.parent, target.name, figure_bytes(figure, form))
    click.echo(f"{target}", err=True)


def _refusal(kind: str, here: list[str]) -> str:
    from simulator.inputs.problems import did_you_mean
    from simulator.report.exhibit import kinds

    hint = did_you_mean(kind, here)
    what = f"no figure is called '{kind}'"
    if one := kinds().get(kind):
        what = f"this result cannot show '{kind}': {one.shows} ({one.command})"
    return f"{what}; it can show {', '.join(here)}" + (f"; {hint}" if hint else "")
