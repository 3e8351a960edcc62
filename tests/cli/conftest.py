from __future__ import annotations

import os
import subprocess
import sys

import pytest


@pytest.fixture
def simulator(tmp_path):
    """Run the command line in a process of its own, in an empty folder."""

    def call(*arguments, timeout=120, **environment):
        return subprocess.run(
            [sys.executable, "-m", "simulator", *map(str, arguments)],
            cwd=tmp_path,
            env=os.environ | environment,
            capture_output=True,
            text=True,
            timeout=timeout,
            check=False,
        )

    return call
