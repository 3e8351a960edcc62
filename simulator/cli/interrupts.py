"""Ctrl-C once to stop in good order, twice to stop at once."""

from __future__ import annotations

import signal
from collections.abc import Callable
from types import FrameType
from typing import Any


class Interrupts:
    """Counts requests to stop while it is entered; ``on_first`` is called at the first.

    The first Ctrl-C (or SIGTERM, which schedulers send) only sets `requested`; the second raises
    KeyboardInterrupt wherever the program is.
    """

    def __init__(self, on_first: Callable[[], None]) -> None:
        self.requested = False
        self.by_term = False
        self._on_first = on_first
        self._before: dict[int, Any] = {}

    def __enter__(self) -> Interrupts:
        for number in (signal.SIGINT, signal.SIGTERM):
            self._before[number] = signal.signal(number, self._handle)
        return self

    def __exit__(self, *error: object) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)

    def _handle(self, number: int, frame: FrameType | None) -> None:
        if self.requested:
            raise KeyboardInterrupt
        self.requested = True
        self.by_term = number == signal.SIGTERM
        self._on_first()
