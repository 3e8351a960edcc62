"""Results as figures and pages."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from simulator.cli.options import Given
from simulator.cli.plans import Plans, from_sweep, named
from simulator.cli.results import say_open, write_file, write_page
from simulator.decide.draws import ADVISED
from simulator.explore.explored import Explored, Shown, explored, shell_source
from simulator.explore.page import write
from simulator.inputs.kinds import kind_of_file
from simulator.inputs.problems import did_you_mean
from simulator.quantities import ALSO_HELD
from simulator.report.exhibit import kinds, size_line
from simulator.report.save import FORMATS, figure_bytes
from simulator.report.show import exhibits_of
from simulator.results.load import load_result
from simulator.storage import make_folder, write_bytes
from simulator.sweeps.levers import shown
from simulator.sweeps.plan import SweepPlan

if TYPE_CHECKING:
    from matplotlib.figure import Figure


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
    _form_of(target, "--output")
    found = load_result(result, given.checked)
    exhibits = {one.kind: one for one in exhibits_of(found, scenario, quantity)}
    if kind not in exhibits:
        raise click.BadParameter(_refusal(kind, list(exhibits)), param_hint="KIND")
    write_figure(exhibits[kind].figure(narrow), target, "--output")
    click.echo(f"{target}", err=True)


def write_figure(figure: Figure, target: Path, option: str) -> None:
    """Write a figure into the file that an option names, in the format of its ending."""
    form = _form_of(target, option)
    make_folder(target.parent)
    write_bytes(target.parent, target.name, figure_bytes(figure, form))


def _form_of(target: Path, option: str) -> str:
    form = target.suffix.removeprefix(".").lower()
    if form not in FORMATS:
        message = f"'{target}': the ending says the format: .svg, .png or .pdf"
        raise click.BadParameter(message, param_hint=option)
    return form


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
    from simulator import brief as briefs

    content = briefs.brief_of(load_result(result, given.checked), result)
    write_file(output, briefs.html(content).encode())
    if pdf is not None:
        write_file(pdf, briefs.pdf(content))
    say_open()


def explore_command(given: Given, output: Path, reference: str | None) -> None:
    """Write the page."""
    first = Path(given.scenarios[0])
    if len(given.scenarios) == 1 and first.is_dir():
        found = of_folder(first, given, reference)
    else:
        if given.points is not None:
            raise click.UsageError("--points needs a folder that 'simulator sweep --out' filled")
        plans = named(given)
        words = [*given.scenarios, *(word for one in given.sets for word in ("--set", one))]
        books = [word for one in given.books for word in ("--book", one)]
        again = [*words, *books, *_sizes(plans.plan, plans.plan.draws)]
        found = _explored(plans.simulated(given), again, words, given.books, reference)
    page = write(found, output)
    click.echo(f"{page} ({page.stat().st_size / 1024:,.0f} KB)", err=True)


def of_folder(folder: Path, given: Given, reference: str | None) -> Explored:
    """The finished points of a sweep, ready for a page."""
    plans = from_sweep(folder, given)
    points = ["--points", given.points] if given.points else []
    name = plans.plan.name
    file = name if kind_of_file(name) == "sweep" else f"{name}.yaml"
    return _explored(plans, ["--sweep", str(folder), *points], [file], (), reference)


def _sizes(plan: SweepPlan, draws: int) -> list[str]:
    sizes = {"--seed": plan.seed, "--draws": draws, "--trials": plan.trials}
    return [word for name, value in sizes.items() for word in (name, str(value))]


def _explored(
    plans: Plans,
    again: Sequence[str],
    anew: Sequence[str],
    books: Sequence[str],
    reference: str | None,
) -> Explored:
    """Plans ready for a page; the words are those of `shell_source`."""
    plan, jobs = plans.plan, plans.jobs()
    draws = plans.draws(jobs, tuple(ALSO_HELD))
    several = len({point.scenario for point in plans.points}) > 1 or not plan.levers
    on_page = []
    for name, point, job in zip(plans.names, plans.points, jobs, strict=True):
        levers = {"plan": point.scenario} if several else {}
        levers |= {key: str(shown(point.levers.get(key))) for key in plan.levers}
        on_page.append(Shown(name, job.scenario.title, levers, job.scenario.force.target_troops))
    of = " and ".join(dict.fromkeys(job.book.name for job in jobs))
    title = plan.title if plan.levers else f"{len(on_page)} plans for one ceasefire"
    about = f"Book {of}, seed {plan.seed}: {size_line(draws.size, plan.trials)}."
    sizes = _sizes(plan, ADVISED)
    return explored(
        draws, shell_source(title, about, on_page, again, anew, books, sizes), reference
    )
