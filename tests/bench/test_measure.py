"""What is made of measurements, and the command: a smoke test that gates on no time."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys

import numpy as np
import pytest

from simulator.bench import measure as measuring
from simulator.bench.arms import NEEDS, installed
from simulator.bench.measure import OTHERS, RATIOS, BenchmarkError, measure
from simulator.bench.timing import WHOLE_RUN, Task

TINY = ("--pairs", "1", "--draws", "1")
PARTS = ["start", "draws", "compile", "loop", "tally", "io"]


@pytest.fixture
def made_up(monkeypatch):
    """Processes that answer at once: the core takes 1 us a path, an arm k us in pair k."""
    tasks = []

    def answer(task):
        tasks.append(task)
        if task.arm == WHOLE_RUN:
            parts = dict.fromkeys(PARTS, 1.0)
            sizes = {"paths": 100, "events": 1000, "peak_rss_mb": 50.0, "book": "blend"}
            return {"breakdown": parts, **sizes}
        pair = sum(other.arm == task.arm for other in tasks)
        return {"per_path": {"core": 1e-6, "arm": pair * 1e-6}, "load": float(pair)}

    monkeypatch.setattr(measuring, "carry_out", answer)
    return tasks


def test_a_ratio_is_the_median_of_pairs(made_up, monkeypatch):
    monkeypatch.setattr(measuring, "installed", lambda arm: True)
    result = measure(pairs=5)
    for ratio in result.ratios.values():
        assert (ratio.value, ratio.nanoseconds, ratio.pairs) == pytest.approx((3.0, 3000.0, 5))
        assert 1.0 <= ratio.low < 3.0 < ratio.high <= 5.0
    tree = result.as_json()
    assert tree["ratios"] == dict.fromkeys(RATIOS, pytest.approx(3.0))
    assert tree["ns_per_event"] == pytest.approx(100.0)
    assert tree["paths_per_second"] == pytest.approx(1e6)
    assert tree["conditions"]["load"] == [1.0, 3.0, 5.0]


def test_every_arm_is_checked_before_it_is_timed_for_good(made_up, monkeypatch):
    monkeypatch.setattr(measuring, "installed", lambda arm: True)
    measure(pairs=2)
    first = {task.arm: task.check for task in made_up[: len(OTHERS)]}
    assert all(first[arm] > 0 for arm in RATIOS)
    assert [task.arm for task in made_up[: 2 * len(OTHERS)]] == [*OTHERS, *OTHERS]


def test_an_arm_that_is_not_installed_is_null(made_up, monkeypatch):
    monkeypatch.setattr(measuring, "installed", lambda arm: arm not in NEEDS)
    tree = measure(pairs=2).as_json()
    for arm in RATIOS:
        assert (tree["ratios"][arm] is None) == (arm in NEEDS)
        assert (tree["intervals"][arm] is None) == (arm in NEEDS)
    assert not {task.arm for task in made_up} & set(NEEDS)


def test_the_interval_of_equal_pairs_is_a_point():
    ratio = measuring._ratio(np.tile([[2.0, 3.0]], (7, 1)))
    assert (ratio.low, ratio.value, ratio.high) == (1.5, 1.5, 1.5)


def test_a_process_that_fails_says_why():
    task = Task("python", "no-such-plan", None, 1, 1, 1, 1, 0)
    with pytest.raises(BenchmarkError, match=r"python: .*no-such-plan"):
        measuring.carry_out(task)


@pytest.fixture(scope="module")
def quick(tmp_path_factory):
    return subprocess.run(
        [sys.executable, "-m", "simulator", "bench", *TINY, "--json"],
        cwd=tmp_path_factory.mktemp("bench"),
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )


def test_json_has_the_promised_form(quick):
    assert quick.returncode == 0, quick.stderr
    tree = json.loads(quick.stdout)
    promised = {"ratios", "ns_per_event", "paths_per_second", "breakdown", "peak_rss_mb"}
    assert tree.keys() >= promised
    assert tuple(tree["ratios"]) == ("numba", "simpy", "python", "ema")
    for arm, ratio in tree["ratios"].items():
        assert (ratio > 0.0) if installed(arm) else (ratio is None)
    assert list(tree["breakdown"]) == PARTS
    assert all(seconds >= 0.0 for seconds in tree["breakdown"].values())
    assert tree["breakdown"]["loop"] > 0.0
    assert tree["ns_per_event"] > 0.0
    assert tree["paths_per_second"] > 0.0
    assert tree["peak_rss_mb"] > 10.0
    assert tree["conditions"]["versions"]["numpy"] == np.__version__


def test_progress_goes_to_stderr(quick):
    assert "simpy: pair 1 of 1" in quick.stderr


def test_the_table_names_every_arm(capsys, made_up):
    from simulator.cli.bench import ARMS, PARTS, bench_command

    assert bench_command.main(["--quick"], standalone_mode=False) == 0
    shown = " ".join(capsys.readouterr().out.split())
    for arm in OTHERS:
        assert ARMS[arm] in shown
    assert shown.count("not installed") == sum(not installed(arm) for arm in OTHERS)
    assert all(part in shown for part in PARTS.values())
    assert "100 ns an event (10.0 events a path), 1,000,000 paths a second" in shown
    assert "peak memory 50 MB" in shown


def test_a_plan_that_is_none_is_told_at_once(tmp_path):
    done = subprocess.run(
        [sys.executable, "-m", "simulator", "bench", "no-such-plan"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (done.returncode, done.stdout) == (2, "")
    assert "no-such-plan" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.skipif(os.name == "nt", reason="interrupts are signals")
def test_an_interrupt_ends_it(tmp_path):
    process = subprocess.Popen(
        [sys.executable, "-m", "simulator", "bench"],
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    assert process.stderr is not None
    line = process.stderr.readline()
    os.killpg(process.pid, signal.SIGINT)  # as a terminal does, to all of them
    out, rest = process.communicate(timeout=60)
    assert "pair 1 of 7" in line
    assert (process.returncode, out, rest.strip()) == (130, "", "interrupted")


def test_peak_memory_leaves_out_what_the_parent_holds():
    held = np.ones(50_000_000)  # 400 MB; a run this small needs a quarter of that
    whole = measuring.carry_out(Task(WHOLE_RUN, "no-force", None, 1, 2, 1, 2, 0))
    assert whole["peak_rss_mb"] < held.nbytes / 1e6
