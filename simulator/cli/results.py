"""Folders of results: made before hours of work, written whole, and what to do with them next."""

import contextlib
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import click

from simulator.cli.options import Given
from simulator.storage.files import make_folder, write_bytes
from simulator.storage.lock import hold
from simulator.storage.results import located

# kind of result -> the file that every folder of that kind holds
RESULTS: Final = {
    "run": "summary.json",
    "sweep": "plan.json",
    "comparison": "comparison.json",
    "decision": "decision.json",
}


def this_command() -> list[str]:
    """The words of this command, as provenance keeps them."""
    return ["simulator", *sys.argv[1:]]


@contextlib.contextmanager
def results_folder(given: Given, kind: str) -> Iterator[Path | None]:
    """Yield a folder for the results that the block writes; None where nobody asks for one.

    It is made before hours of work, not after; if the block fails, what was made is taken away.
    At the end the page is written, and what to do next is said.
    """
    out, report, silent = given.out, given.report, given.as_json
    if out is None:
        if report is None:
            yield None
            return
        from tempfile import TemporaryDirectory

        with TemporaryDirectory() as place:
            yield Path(place)
            write_page(Path(place), report, silent=silent)
        return
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
        held = sorted(one.name for one in out.iterdir() if one.is_file() and one.name[0] != ".")
        click.echo(f"written to {out}: {', '.join(held)}", err=True)
        what = f"plot {out} --kinds" if report else f"report {out}"
        click.echo(f"next: simulator {what}", err=True)


def refuse_other_results(out: Path, kind: str) -> None:
    """Refuse a folder that holds results of another kind."""
    for other, name in RESULTS.items():
        if other != kind and located(out, name).exists():
            raise click.BadParameter(
                f"{out} holds a {other}; choose another folder for a {kind}", param_hint="--out"
            )


def write_page(results: Path, page: Path, checked: bool = True, silent: bool = False) -> None:
    """Write results as one HTML page."""
    from simulator.report.pages import report_of
    from simulator.results.load import load_result

    write_file(page, report_of(load_result(results, checked)).encode(), silent)
    if not silent:
        say_open()


def say_open() -> None:
    """Say what to do with a page."""
    click.echo("next: open it in a browser; it needs no network", err=True)


def write_file(path: Path, content: bytes, silent: bool = False) -> None:
    """Write a file, with the folders above it, and say so."""
    make_folder(path.parent)
    write_bytes(path.parent, path.name, content)
    if not silent:
        click.echo(f"written to {path} ({len(content) / 1024:,.0f} KB)", err=True)
