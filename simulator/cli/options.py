"""Options that several commands share."""

import contextlib
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, Final, TypeVar

import click

from simulator.limits import DEFAULT_MAX_DRAWS, MAX_SEED, MOST_DRAWS, MOST_TRIALS

DEFAULT_SEED: Final = 1
# kind of result -> the file that every folder of that kind holds
RESULTS: Final = {
    "run": "summary.json",
    "sweep": "plan.json",
    "comparison": "comparison.json",
    "decision": "decision.json",
}
F = TypeVar("F", bound=Callable[..., Any])


def sets_and_seed(command: F) -> F:
    """``--set`` and ``--seed``."""
    command = click.option(
        "--seed",
        type=click.IntRange(0, MAX_SEED),
        default=DEFAULT_SEED,
        show_default=True,
        help="Plans run with the same seed share their random numbers.",
    )(command)
    return click.option(
        "--set",
        "sets",
        multiple=True,
        metavar="PATH=VALUE",
        help="Override a lever, an assumption (assumptions.NAME) or a choice (structure.CHOICE).",
    )(command)


def model_inputs(command: F) -> F:
    """``--book``, ``--set`` and ``--seed``."""
    return click.option(
        "--book",
        help="Assumption book, a shipped name or a file [default: the scenario's, else blend].",
    )(sets_and_seed(command))


def unchecked(command: F) -> F:
    """``--unchecked``, passed on as ``checked``."""
    return click.option(
        "--unchecked",
        "checked",
        flag_value=False,
        default=True,
        type=bool,
        help="Also read files that were changed since they were written.",
    )(command)


worker_processes: Final = click.option(
    "--workers", type=click.IntRange(1, 256), default=1, show_default=True
)


def finished_points(what: str, numbers: str) -> Callable[[F], F]:
    """``--sweep``, ``--unchecked`` and ``--points``: plans that a sweep has simulated already."""

    def decorate(command: F) -> F:
        command = click.option("--points", metavar="N,N,...", help=numbers)(command)
        return click.option(
            "--sweep",
            "folder",
            type=click.Path(exists=True, file_okay=False, path_type=Path),
            help=f"{what} finished points of the sweep in this folder instead.",
        )(unchecked(command))

    return decorate


class NewFolder(click.Path):
    """The folder of results. An empty name would be the working folder, full of other things."""

    def __init__(self) -> None:
        super().__init__(file_okay=False, path_type=Path)

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Return the path of a folder that has a name."""
        if value == "":
            self.fail("is empty; name a folder, or '.' for this one", param, ctx)
        return super().convert(value, param, ctx)


def draws_and_trials(command: F) -> F:
    """``--draws`` and ``--trials``; ``--paths`` says what to write instead."""
    command = click.option(
        "--paths", hidden=True, expose_value=False, callback=no_paths, metavar="N"
    )(command)
    command = click.option(
        "--trials",
        type=click.IntRange(1, MOST_TRIALS),
        default=4,
        show_default=True,
        help="Trials of each draw: worlds that are simulated.",
    )(command)
    return click.option(
        "--draws",
        type=click.IntRange(1, MOST_DRAWS),
        default=8_192,
        show_default=True,
        help="Draws of the assumptions.",
    )(command)


def no_paths(ctx: click.Context, param: click.Parameter, value: str | None) -> None:
    """Answer ``--paths`` with what to write instead."""
    if value is not None:
        raise click.UsageError(
            "there is no --paths: a trial is a world whose endings are computed, so few are "
            "needed. Write --trials for the worlds of each draw (the default is enough for most "
            "uses) and --draws for the draws, or ask for an error with --precision"
        )


vs_option: Final = click.option(
    "--vs",
    "variants",
    multiple=True,
    metavar="'TITLE: LEVER=VALUE, ...'",
    help="Also the first plan with these levers changed, under this title. Repeatable.",
)
report_option: Final = click.option(
    "--report",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Also write the results as one HTML page.",
)


def precision(names: Sequence[str]) -> Callable[[F], F]:
    """``--precision`` of one of these estimates, the first unless said, and ``--max-draws``."""

    def decorate(command: F) -> F:
        command = click.option(
            "--max-draws",
            type=click.IntRange(1, MOST_DRAWS),
            default=DEFAULT_MAX_DRAWS,
            show_default=True,
            help="With --precision: give up there.",
        )(command)
        command = click.option(
            "--precision-of",
            type=click.Choice(names),
            metavar="ESTIMATE",
            default=names[0],
            show_default=True,
            help="With --precision: of which estimate.",
        )(command)
        return click.option(
            "--precision",
            type=click.FloatRange(min=0.0, min_open=True),
            metavar="X",
            help="As many draws as make the standard error at most X, instead of --draws.",
        )(command)

    return decorate


def check_precision(ctx: click.Context) -> None:
    """Refuse options that contradict ``--precision``, or that do nothing without it."""

    def given(name: str) -> bool:
        return ctx.get_parameter_source(name) is click.core.ParameterSource.COMMANDLINE

    if given("precision"):
        if given("draws"):
            raise click.UsageError(
                "--precision decides how many draws there are: leave --draws out, and write "
                "--max-draws to cap them"
            )
        return
    for name in ("precision_of", "max_draws"):
        if given(name):
            raise click.UsageError(f"--{name.replace('_', '-')} needs --precision")


@contextlib.contextmanager
def results_folder(
    out: Path | None, kind: str, report: Path | None, silent: bool
) -> Iterator[Path | None]:
    """Yield a folder for the results that the block writes; None where nobody asks for one.

    It is made before hours of work, not after; if the block fails, what was made is taken away.
    At the end the page is written, and what to do next is said unless ``silent``.
    """
    if out is None:
        if report is None:
            yield None
            return
        from tempfile import TemporaryDirectory

        with TemporaryDirectory() as place:
            yield Path(place)
            write_page(Path(place), report, silent=silent)
        return
    from simulator.storage.atomic import make_folder
    from simulator.storage.lock import hold

    refuse_other_results(out, kind)
    missing = [folder for folder in (out, *out.parents) if not folder.exists()]
    make_folder(out)
    try:
        with hold(out):
            yield out
    except BaseException:
        for folder in missing:
            with contextlib.suppress(OSError):  # somebody else's files are in it by now
                folder.rmdir()
        raise
    if report is not None:
        write_page(out, report, silent=silent)
    if not silent:
        _say_next(out, report)


def _say_next(out: Path, report: Path | None) -> None:
    """Say where results are, and what can be made of them."""
    held = sorted(path.name for path in out.iterdir() if path.is_file() and path.name[0] != ".")
    click.echo(f"written to {out}: {', '.join(held)}", err=True)
    click.echo(f"next: simulator {f'plot {out} --kinds' if report else f'report {out}'}", err=True)


def write_page(results: Path, page: Path, checked: bool = True, silent: bool = False) -> None:
    """Write results as one HTML page."""
    from simulator.report.pages import report_of
    from simulator.results.load import load_result

    write_file(page, report_of(load_result(results, checked)).encode(), silent)
    if not silent:
        click.echo("next: open it in a browser; it needs no network", err=True)


def write_file(path: Path, content: bytes, silent: bool = False) -> None:
    """Write a file, with the folders above it, and say so."""
    from simulator.storage import make_folder, write_bytes

    make_folder(path.parent)
    write_bytes(path.parent, path.name, content)
    if not silent:
        click.echo(f"written to {path} ({len(content) / 1024:,.0f} KB)", err=True)


def refuse_other_results(out: Path, kind: str) -> None:
    """Refuse a folder that holds results of another kind."""
    from simulator.storage.results import located

    for other, file in RESULTS.items():
        if other != kind and located(out, file).exists():
            raise click.BadParameter(
                f"{out} holds a {other}; choose another folder for a {kind}", param_hint="--out"
            )
