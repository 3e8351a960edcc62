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
from simulator.bench.measure import OTHERS, BenchmarkError, measure
from simulator.bench.process import RUN, Task
from simulator.bench.work import DRAWS, ESTIMATES, TRIALS, arms, difference_of

PARTS = ["draw", "compile", "simulate", "tally"]
QUANTITIES = {*ESTIMATES, *(difference_of(name, "no-force") for name in ESTIMATES)}


@pytest.fixture
def made_up(monkeypatch):
    """Processes that answer at once: the k-th arm needs k + 1 times the run's work."""

    def answer(task):
        if task.kind == RUN:
            yield {"seconds": 2.0, "mcse": 0.0008, "peak_rss_mb": 50.0, "book": "blend"}
            return
        if task.kind == "precision":
            yield {"seconds": 1.5, "draws": 2048}
            return
        for _ in range(task.rounds):
            yield {
                "arms": {
                    arm: {name: one(k) for name in QUANTITIES}
                    for k, arm in enumerate(("core", *task_arms))
                },
                "parts": dict.fromkeys(PARTS, DRAWS * 1e-6),
                "load": 1.0,
            }

    def one(k):
        sizes = {"draws": 1000, "trials": 200, "within": 0.0}
        return {"variance": 1.0 + k, "drawing": 0.5, "simulating": 0.5, **sizes}

    task_arms = list(OTHERS)
    monkeypatch.setattr(measuring, "carry_out", answer)
    return task_arms


def test_json_of_measurements(made_up):
    tree = measure(rounds=3).as_json()
    for k, arm in enumerate(OTHERS, start=2):
        assert tree["gain"][arm] == pytest.approx(dict.fromkeys(QUANTITIES, k))
        assert all(
            low <= k <= high for low, high in np.round([*tree["intervals"][arm].values()], 9)
        )
    assert (tree["us_per_trial"], tree["us_per_draw"]) == pytest.approx((1.0 / TRIALS, 3.0))
    assert (tree["seconds_to_mcse_001"], tree["peak_rss_mb"]) == (1.5, 50.0)
    json.dumps(tree, allow_nan=False)


def test_an_arm_that_is_not_at_hand_is_null(made_up):
    made_up.remove("numba")
    tree = measure(rounds=2).as_json()
    assert tree["gain"]["numba"] is tree["intervals"]["numba"] is None
    assert tree["best_split"]["gain"] is None
    assert tree["gain"]["simpy"] is not None


def test_the_table_names_every_arm(capsys, made_up):
    from simulator.cli.commands import cli
    from simulator.cli.engines import ARMS

    bench_command = cli.commands["bench"]

    made_up.remove("ema")
    assert bench_command.main(["--quick"], standalone_mode=False) == 0
    shown = " ".join(capsys.readouterr().out.split())
    assert all(line in shown for line in ARMS.values())
    assert shown.count("not at hand") == 2  # of the plan, and of the difference
    assert "1.5 s, 2,048 draws" in shown.replace("1.50", "1.5")


def test_a_process_that_fails_says_why():
    with pytest.raises(BenchmarkError, match="no-such-plan"):
        list(measuring.carry_out(Task(RUN, ["no-such-plan"], None)))


@pytest.fixture(scope="module")
def quick(tmp_path_factory):
    return subprocess.run(
        [sys.executable, "-m", "simulator", "bench", "no-force", "--rounds", "2", "--json"],
        cwd=tmp_path_factory.mktemp("bench"),
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )


@pytest.mark.slow
def test_json_has_the_promised_form(quick):
    assert quick.returncode == 0, quick.stderr
    tree = json.loads(quick.stdout)
    assert list(tree["gain"]) == list(tree["intervals"]) == list(OTHERS)
    for name in OTHERS:
        if arms()[name] is None:
            assert tree["gain"][name] is None
        else:
            assert tree["gain"][name].keys() == set(ESTIMATES)
            assert all(ratio > 0.0 for ratio in tree["gain"][name].values())
    for number in ("us_per_trial", "us_per_draw", "seconds_to_mcse_001"):
        assert tree[number] > 0.0
    assert tree["peak_rss_mb"] > 10.0
    assert list(tree["us_per_draw_by_part"]) == PARTS
    assert tree["conditions"]["versions"]["numpy"] == np.__version__
    assert "round 2 of 2" in quick.stderr


def test_a_plan_that_is_none_is_refused_at_once(tmp_path):
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


@pytest.mark.slow
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
    assert "compiling" in line
    assert (process.returncode, out, rest.strip()) == (130, "", "interrupted")


@pytest.mark.slow
def test_peak_memory_leaves_out_what_the_parent_holds():
    held = np.ones(50_000_000)  # 400 MB; a run this small needs a third of that
    (whole,) = measuring.carry_out(Task(RUN, ["no-force"], None, draws=16, trials=1))
    assert whole["peak_rss_mb"] < held.nbytes / 1e6
