"""The benchmark: its processes, the gains, and the conditions under which they were measured."""

import json
import os
import platform
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from tempfile import TemporaryFile
from typing import Any, Final

import numpy as np

from simulator.bench.arms import DRAWS, TRIALS
from simulator.bench.process import PRECISION, ROUNDS, RUN, Task, command
from simulator.bench.work import Found, Gain, best_split, gain

OTHERS: Final = ("numba", "simpy", "ema", "independent")
ROUNDS_DEFAULT: Final = 20  # with 16 replicates each: the run's own variance is known to 8 %
SCENARIO: Final = "reassurance-force"
BASELINE: Final = "no-force"

ONE_THREAD: Final = dict.fromkeys(
    ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS"), "1"
)

Gains = dict[str, Gain | None]
OnStep = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Benchmark:
    """What was measured."""

    # Work of the arm over that of a run; None where the arm is not at hand
    gain: dict[str, Gains | None]
    # Of the compiled twin with the number of paths of a draw that is best for the estimate
    best_split: Gains | None
    best_paths: dict[str, int]  # that number
    parts: dict[str, float]  # microseconds of a draw, of `TRIALS`
    # Of a run of the default size, and of one to an error of .001, each in a fresh process:
    # ``seconds`` of processor time from the start of Python on, ``draws``, ``mcse``,
    # ``peak_rss_mb``. The second is empty where the estimate does not exist.
    run: dict[str, Any]
    precision: dict[str, Any]
    conditions: dict[str, Any]  # what was run, machine, versions, load

    @property
    def us_per_trial(self) -> float:
        """Microseconds to simulate one trial."""
        return self.parts["simulate"] / TRIALS

    @property
    def us_per_draw(self) -> float:
        """Microseconds of a draw without its trials."""
        return sum(self.parts.values()) - self.parts["simulate"]

    def as_json(self) -> dict[str, Any]:
        """Return a JSON tree; null where an arm is not at hand or nothing can be compared."""
        return {
            "gain": {arm: _values(self.gain[arm]) for arm in OTHERS},
            "us_per_trial": self.us_per_trial,
            "us_per_draw": self.us_per_draw,
            "seconds_to_mcse_001": self.precision.get("seconds"),
            "peak_rss_mb": self.run["peak_rss_mb"],
            "intervals": {arm: _intervals(self.gain[arm]) for arm in OTHERS},
            "best_split": {
                "gain": _values(self.best_split),
                "intervals": _intervals(self.best_split),
                "paths": self.best_paths,
            },
            "us_per_draw_by_part": self.parts,
            "run": self.run,
            "conditions": self.conditions,
        }


def _values(gains: Gains | None) -> dict[str, float | None] | None:
    return None if gains is None else {n: g.value if g else None for n, g in gains.items()}


def _intervals(gains: Gains | None) -> dict[str, list[float] | None] | None:
    return None if gains is None else {n: [g.low, g.high] if g else None for n, g in gains.items()}


class BenchmarkError(Exception):
    """A process of the benchmark failed; its last words are the message."""


def measure(
    rounds: int = ROUNDS_DEFAULT,
    scenario: str = SCENARIO,
    book: str | None = None,
    on_step: OnStep | None = None,
) -> Benchmark:
    """Run the benchmark of a plan and, beside it, of its difference to `BASELINE`."""
    say = on_step or (lambda line: None)
    plans = [scenario] if scenario == BASELINE else [scenario, BASELINE]
    say("compiling and filling caches")
    found = []
    for one in carry_out(Task(ROUNDS, plans, book, rounds)):
        found.append(one)
        say(f"round {len(found)} of {rounds}")
    say("a run of the default size")
    (run,) = carry_out(Task(RUN, plans, book))
    precision = {}
    if run["mcse"] is not None:
        say("a run to an error of .001")
        (precision,) = carry_out(Task(PRECISION, plans, book))
    of = {arm: _by_estimate(found, arm) for arm in ("core", *OTHERS)}
    core, numba = of["core"] or {}, of["numba"]
    parts = {name: [one["parts"][name] for one in found] for name in found[0]["parts"]}
    loads = [one["load"] for one in found]
    return Benchmark(
        gain={arm: _gains(of[arm], core) for arm in OTHERS},
        best_split=_gains(numba, core, lambda rounds: best_split(rounds)[0]),
        best_paths={name: best_split(of_arm)[1] for name, of_arm in (numba or {}).items()},
        parts={name: float(np.mean(s)) / DRAWS * 1e6 for name, s in parts.items()},
        run=run,
        precision=precision,
        conditions={"scenario": scenario, "baseline": BASELINE, "rounds": rounds}
        | {"draws": DRAWS, "trials": TRIALS, "book": run["book"]}
        | conditions(loads),
    )


def _by_estimate(rounds: list[dict[str, Any]], arm: str) -> dict[str, list[Found]] | None:
    if arm not in rounds[0]["arms"]:
        return None
    names = rounds[0]["arms"][arm]
    return {name: [Found(**one["arms"][arm][name]) for one in rounds] for name in names}


def _gains(
    arm: dict[str, list[Found]] | None, core: dict[str, list[Found]], *how: Any
) -> Gains | None:
    return None if arm is None else {name: gain(arm[name], core[name], *how) for name in arm}


def carry_out(task: Task) -> Iterator[dict[str, Any]]:
    """Do a task in a fresh process with one thread; yield what it prints, as it does."""
    with (
        TemporaryFile("w+", encoding="utf-8") as errors,
        subprocess.Popen(
            command(task),
            env=os.environ | ONE_THREAD,
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
        ) as process,
    ):
        assert process.stdout is not None
        try:
            for line in process.stdout:
                yield json.loads(line)
        except BaseException:
            process.kill()
            raise
        if process.wait() != 0:
            errors.seek(0)
            said = errors.read().strip().splitlines()
            raise BenchmarkError(said[-1] if said else f"exit code {process.returncode}")


def conditions(loads: list[float]) -> dict[str, Any]:
    """Machine, versions, and the load averages (least, median, most) while it was measured."""
    versions: dict[str, str | None] = {}
    for package in ("numpy", "scipy", "simpy", "numba", "ema_workbench"):
        try:
            versions[package] = version(package)
        except PackageNotFoundError:
            versions[package] = None
    return {
        "machine": _machine(),
        "cores": os.cpu_count(),
        "python": platform.python_version(),
        "versions": versions,
        "load": [min(loads), float(np.median(loads)), max(loads)],
    }


def _machine() -> str:
    information = Path("/proc/cpuinfo")
    if information.exists():
        for line in information.read_text(encoding="utf-8", errors="replace").splitlines():
            if line.startswith("model name"):
                return line.split(":", 1)[1].strip()
    return platform.processor() or platform.machine()
