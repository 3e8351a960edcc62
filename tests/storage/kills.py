"""Processes that end between two operations on files, as a kill or a power cut would end them."""

from __future__ import annotations

import os
import sys
import traceback
import warnings
from collections.abc import Callable
from typing import Any

KILLED = 9
OPERATIONS = {"open", "os.rename", "os.remove", "os.mkdir", "os.rmdir", "os.scandir", "os.listdir"}


def killed_before(number: int, work: Callable[[], object]) -> bool:
    """Work in a process that ends before its ``number``-th operation; tell if it has so many."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # of forks of processes with threads
        pid = os.fork()
    if pid == 0:
        left = number

        def count(event: str, _: Any) -> None:
            nonlocal left
            left -= event in OPERATIONS
            if left == 0:
                os._exit(KILLED)

        sys.addaudithook(count)
        try:
            work()
        except BaseException:
            traceback.print_exc()
            os._exit(1)
        os._exit(0)
    code = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    assert code in (0, KILLED)
    return code == KILLED
