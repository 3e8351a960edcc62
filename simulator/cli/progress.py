"""Progress on stderr: a bar on a terminal, a line every ten seconds elsewhere."""

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

import click

SECONDS_BETWEEN_LINES: Final = 10.0

OnLook = Callable[[int, float | None], None]


@contextmanager
def progress(total: int, unit: str, *, quiet: bool) -> Iterator[Callable[[int], None]]:
    """Show how far a count to ``total`` has come; yields the function that advances it."""
    if quiet:
        yield lambda step: None
    elif sys.stderr.isatty():
        with _bar(total, unit) as advance:
            yield advance
    else:
        yield _lines(total, unit)


@contextmanager
def error_progress(target: float, *, quiet: bool) -> Iterator[OnLook]:
    """Show how an error falls; yields the function that takes draws and the error they give."""
    if quiet:
        yield lambda draws, error: None
    elif sys.stderr.isatty():
        from rich.console import Console

        with Console(stderr=True).status("") as status:
            yield lambda draws, error: status.update(_error_line(draws, error, target))
    else:
        yield _error_lines(target)


@contextmanager
def _bar(total: int, unit: str) -> Iterator[Callable[[int], None]]:
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TimeRemainingColumn

    columns = (BarColumn(), MofNCompleteColumn(), unit, TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("", total=total)
        yield lambda step: bar.advance(task, step)


def _lines(total: int, unit: str) -> Callable[[int], None]:
    started = last = time.monotonic()
    done = 0

    def advance(step: int) -> None:
        nonlocal last, done
        done += step
        now = time.monotonic()
        if now - last >= SECONDS_BETWEEN_LINES and done < total:
            last = now
            left = (now - started) * (total - done) / done
            click.echo(f"{done:,} of {total:,} {unit}, about {left:.0f} s left", err=True)

    return advance


def _error_lines(target: float) -> OnLook:
    last = time.monotonic()

    def look(draws: int, error: float | None) -> None:
        nonlocal last
        now = time.monotonic()
        if now - last >= SECONDS_BETWEEN_LINES:
            last = now
            click.echo(_error_line(draws, error, target), err=True)

    return look


def _error_line(draws: int, error: float | None, target: float) -> str:
    known = "not known yet" if error is None else f"{error:.2g}"
    return f"{draws:,} draws: error {known}, wanted {target:g}"
