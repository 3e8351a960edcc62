"""A sweep from the command line, killed and interrupted at random moments, and gone on with.

Seeds fix the moments, not what the machine is doing then: a failure may not repeat, but it is real.
"""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from simulator.storage import hold, read_table
from tests.sweeps.helpers import sha256, workers_of, write

pytestmark = pytest.mark.skipif(
    sys.platform == "win32", reason="signals and /proc are a POSIX matter"
)

SWEEP = """
title: Chaos
scenario: reassurance-force
book: evidence
draws: 100
trials: 4
grid:
  force.target_troops: {from: 0, to: 40000, steps: 6}
  us_backstop.logistics: [true, false]
"""
MAIN = "from simulator.cli.main import main; main()"


def start(config: Path, out: Path, *more: str) -> subprocess.Popen:
    return subprocess.Popen(
        [sys.executable, "-c", MAIN, "sweep", str(config), "--out", str(out), *more],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def finish(process: subprocess.Popen) -> tuple[int, str, str]:
    out, err = process.communicate(timeout=300)
    return process.returncode, out, err


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory):
    folder = tmp_path_factory.mktemp("undisturbed")
    config = write(folder, SWEEP, "chaos.yaml")
    code, out, err = finish(start(config, folder / "out", "--workers", "2"))
    assert code == 0, err
    assert "12 points finished" in out
    return config, folder / "out" / "results.parquet"


def killed_again_and_again(undisturbed, tmp_path, times, target):
    """Kill a sweep, or one of its workers, at random moments; yield each folder that was finished.

    A moment is some number of results from where the sweep began, and a random while after that.
    """
    config, _ = undisturbed
    chance = random.Random(f"chaos {target}")
    out, kills, rounds = tmp_path / "0", 0, 0
    while kills < times:
        there = len(list(out.glob("shards/*.parquet")))
        process = start(config, out, "--workers", "2")
        wait_for_results(process, out, there + chance.randint(0, 4))
        time.sleep(chance.uniform(0.0, 0.5))
        victims = [process.pid] if target == "sweep" else workers_of(process.pid)
        if process.poll() is None and victims:
            os.kill(chance.choice(victims), signal.SIGKILL)
            kills += 1
        code, _, err = finish(process)
        assert code in ((0,) if target == "worker" else (0, -signal.SIGKILL)), err
        if code == 0:
            yield out
            rounds += 1
            out = tmp_path / str(rounds)
    code, _, err = finish(start(config, out, "--workers", "2"))
    assert code == 0, err
    yield out


def wait_for_results(process, out, count):
    """Wait until a sweep has written so many shards, or is over."""
    while process.poll() is None and len(list(out.glob("shards/*.parquet"))) < count:
        time.sleep(0.01)


@pytest.mark.slow
@pytest.mark.parametrize("target", ["sweep", "worker"])
def test_kill_9_changes_nothing(target, undisturbed, tmp_path):
    for out in killed_again_and_again(undisturbed, tmp_path, 1, target):
        assert sha256(out / "results.parquet") == sha256(undisturbed[1])


@pytest.mark.long
@pytest.mark.parametrize("target", ["sweep", "worker"])
def test_kill_9_at_ten_random_moments_changes_nothing(target, undisturbed, tmp_path):
    for out in killed_again_and_again(undisturbed, tmp_path, 10, target):
        assert sha256(out / "results.parquet") == sha256(undisturbed[1])
        assert not list(out.glob("**/*.broken"))


def started_and_working(undisturbed, out):
    """Start a sweep; return it when its first results are there."""
    process = start(undisturbed[0], out, "--workers", "1")
    wait_for_results(process, out, 1)
    return process


@pytest.mark.slow
@pytest.mark.parametrize(("number", "expected"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_the_first_interrupt_keeps_what_is_running(number, expected, undisturbed, tmp_path):
    process = started_and_working(undisturbed, tmp_path)
    process.send_signal(number)
    code, out, err = finish(process)
    assert code == expected, err
    assert "go on with: simulator sweep" in err
    assert "not computed" in out
    kept = sum(
        len(read_table(path).metadata["digests"]) for path in tmp_path.glob("shards/*.parquet")
    )
    code, out, err = finish(start(undisturbed[0], tmp_path, "--workers", "1"))
    assert code == 0, err
    assert f"12 points finished ({kept} of them before)" in out
    assert sha256(tmp_path / "results.parquet") == sha256(undisturbed[1])


@pytest.mark.slow
def test_the_second_interrupt_stops_at_once(undisturbed, tmp_path):
    process = started_and_working(undisturbed, tmp_path)
    workers = workers_of(process.pid)
    process.send_signal(signal.SIGINT)
    time.sleep(0.05)
    process.send_signal(signal.SIGINT)
    code, _, err = finish(process)
    assert code == 130, err
    assert "go on with: simulator sweep" in err
    assert not any(Path(f"/proc/{pid}").exists() for pid in workers)


def test_a_second_sweep_in_the_folder_is_refused(undisturbed, tmp_path):
    with hold(tmp_path):
        code, _, err = finish(start(undisturbed[0], tmp_path))
    assert code == 1
    assert f"in use by process {os.getpid()}" in err
