"""A small sweep, and what it gives when nothing disturbs it."""

import pytest

from simulator.sweeps.executors import SerialExecutor
from simulator.sweeps.run import run_plan
from tests.sweeps.helpers import planned


@pytest.fixture(scope="module")
def small(tmp_path_factory):
    return planned(tmp_path_factory.mktemp("small"))


@pytest.fixture(scope="module")
def undisturbed(small, tmp_path_factory):
    folder = tmp_path_factory.mktemp("undisturbed")
    run_plan(*small, folder, SerialExecutor, [])
    return folder
