"""What all tests rest on."""

import os
import signal

import pytest

# A background job of a shell starts with Ctrl-C ignored, and so would every command that a test
# starts and then interrupts.
signal.signal(signal.SIGINT, signal.default_int_handler)

# Tests that run beside each other are given a terminal's width; commands print as into a file.
os.environ.pop("COLUMNS", None)

# Thorough tests take minutes; the limit of pyproject.toml is for the others.
LONG_SECONDS = 840


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if item.get_closest_marker("long") and not item.get_closest_marker("timeout"):
            item.add_marker(pytest.mark.timeout(LONG_SECONDS))
