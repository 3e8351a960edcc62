"""Progress on stderr, a bar on a terminal and a line every ten seconds elsewhere; and Ctrl-C."""

from __future__ import annotations

import signal
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

import click

SECONDS_BETWEEN_LINES: Final = 10.0


@contextmanager
def progress(total: int, unit: str, *, quiet: bool) -> Iterator[Callable[[int], None]]:
    """Show how far a count to ``total`` has come; yields the function that advances it."""
    if not quiet and sys.stderr.isatty():
        from rich.console import Console
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TimeRemainingColumn

        columns = (BarColumn(), MofNCompleteColumn(), unit, TimeRemainingColumn())
        with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
            task = bar.add_task("", total=total)
            yield lambda step: bar.advance(task, step)
        return
    started, done, is_due = time.monotonic(), 0, _from_time_to_time()

    def advance(step: int) -> None:
        nonlocal done
        done += step
        if not quiet and done < total and is_due():
            left = (time.monotonic() - started) * (total - done) / done
            click.echo(f"{done:,} of {total:,} {unit}, about {left:.0f} s left", err=True)

    yield advance


@contextmanager
def error_progress(target: float, *, quiet: bool) -> Iterator[Callable[[int, float | None], None]]:
    """Show how an error falls; yields the function that takes draws and the error they give."""
    is_due = _from_time_to_time()

    def line(draws: int, error: float | None) -> str:
        known = "not known yet" if error is None else f"{error:.2g}"
        return f"{draws:,} draws: error {known}, wanted {target:g}"

    def look(draws: int, error: float | None) -> None:
        if not quiet and is_due():
            click.echo(line(draws, error), err=True)

    if quiet or not sys.stderr.isatty():
        yield look
        return
    from rich.console import Console

    with Console(stderr=True).status("") as status:
        yield lambda draws, error: status.update(line(draws, error))


def _from_time_to_time() -> Callable[[], bool]:
    """Whether the time for another line has come since there was one."""
    last = time.monotonic()

    def is_due() -> bool:
        nonlocal last
        now = time.monotonic()
        due = now - last >= SECONDS_BETWEEN_LINES
        last = now if due else last
        return due

    return is_due


class Interrupts:
    """Counts requests to stop while it is entered; ``on_first`` is called at the first.

    The first Ctrl-C (or SIGTERM, which schedulers send) only sets `requested`; the second raises
    KeyboardInterrupt wherever the program is.
    """

    def __init__(self, on_first: Callable[[], None]) -> None:
        self.requested = self.by_term = False
        self._on_first = on_first

    def __enter__(self) -> Interrupts:
        numbers = (signal.SIGINT, signal.SIGTERM)
        self._before = {number: signal.signal(number, self._handle) for number in numbers}
        return self

    def __exit__(self, *error: object) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)

    def _handle(self, number: int, frame: object) -> None:
        if self.requested:
            raise KeyboardInterrupt
        self.requested, self.by_term = True, number == signal.SIGTERM
        self._on_first()
