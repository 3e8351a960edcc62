from __future__ import annotations

from functools import partial

import pytest

from tests.command import run


@pytest.fixture
def simulator(tmp_path):
    """Run the command line in an empty folder."""
    return partial(run, tmp_path)
