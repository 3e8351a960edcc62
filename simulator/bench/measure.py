"""The benchmark: pairs in fresh processes, medians of their ratios, intervals, conditions."""

from __future__ import annotations

import json
import os
import platform
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any, Final

import numpy as np

from simulator.bench.arms import NEEDS, installed
from simulator.bench.timing import WHOLE_RUN, Task, arguments

OTHERS: Final = ("numba", "simpy", "python", "ema", "floor")
RATIOS: Final = ("numba", "simpy", "python", "ema")
PAIRS: Final = 7
DRAWS: Final = 200
SCENARIO: Final = "coalition-of-the-willing"
SEED: Final = 1
RESAMPLES: Final = 10_000

# Paths of each draw. With 200 draws an arm takes about half a second, and so does the core.
PATHS: Final = {"numba": 1310, "simpy": 2, "python": 40, "ema": 20, "floor": 5240}
CORE_PATHS: Final = 655
WHOLE_RUN_PATHS: Final = 5240
CHECKED: Final = {"numba": 50, "simpy": 1, "python": 5, "ema": 5}  # floor: there are no lives

ONE_THREAD: Final = dict.fromkeys(
    ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS"), "1"
)

OnStep = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Ratio:
    """How many times as fast the core is as an arm.

    Attributes
    ----------
    value : float
        Median over pairs.
    low, high : float
        95 % bootstrap interval of that median.
    nanoseconds : float
        Of the arm, a path; median.
    pairs : int
    """

    value: float
    low: float
    high: float
    nanoseconds: float
    pairs: int


@dataclass(frozen=True, slots=True)
class Benchmark:
    """What was measured, and under which conditions.

    Attributes
    ----------
    ratios : dict of arm to Ratio or None
        None where an arm is not installed.
    core_nanoseconds : float
        A path; median over all pairs.
    events_a_path : float
        Its end included.
    breakdown : dict of part to seconds
        Of processor time, in a whole run.
    whole_run_paths : int
    peak_rss_mb : float
        Of the whole run's process.
    conditions : dict
        Machine, versions, load.
    """

    ratios: dict[str, Ratio | None]
    core_nanoseconds: float
    events_a_path: float
    breakdown: dict[str, float]
    whole_run_paths: int
    peak_rss_mb: float
    conditions: dict[str, Any]

    def as_json(self) -> dict[str, Any]:
        """Return a JSON tree; a ratio is the core's speed over the arm's."""
        return {
            "ratios": {arm: r.value if (r := self.ratios[arm]) else None for arm in RATIOS},
            "ns_per_event": self.core_nanoseconds / self.events_a_path,
            "paths_per_second": 1e9 / self.core_nanoseconds,
            "breakdown": self.breakdown,
            "peak_rss_mb": self.peak_rss_mb,
            "intervals": {
                arm: [r.low, r.high] if (r := self.ratios[arm]) else None for arm in RATIOS
            },
            "ns_per_path": {"core": self.core_nanoseconds}
            | {arm: r.nanoseconds for arm, r in self.ratios.items() if r},
            "conditions": self.conditions,
        }


class BenchmarkError(Exception):
    """A process of the benchmark failed; its last words are the message."""


def measure(
    pairs: int = PAIRS,
    draws: int = DRAWS,
    scenario: str = SCENARIO,
    book: str | None = None,
    on_step: OnStep | None = None,
) -> Benchmark:
    """Run the benchmark.

    Parameters
    ----------
    pairs : int
        Fresh processes for each arm; each times core and arm twice, in the order A B B A.
    draws : int
        Draws of the assumptions, to which the length of every measurement is proportional.
    scenario, book : str
        Shipped names or files; without a book the scenario's own, else the default one.
    on_step : callable, optional
        Called with a line before each process.

    Raises
    ------
    BenchmarkError
        If a process fails, also because an arm disagrees with the core.
    """
    tell = on_step or (lambda line: None)
    times: dict[str, list[tuple[float, float]]] = {arm: [] for arm in OTHERS if installed(arm)}
    loads: list[float] = []
    for k in range(pairs):  # all arms in turn, so that a slow minute slows all of them
        for arm, measured in times.items():
            tell(f"{arm}: pair {k + 1} of {pairs}")
            check = CHECKED.get(arm, 0) if k == 0 else 0
            task = Task(arm, scenario, book, SEED, draws, PATHS[arm], CORE_PATHS, check)
            result = carry_out(task)
            measured.append((result["per_path"]["core"], result["per_path"]["arm"]))
            loads.append(result["load"])
    tell("whole run")
    whole = carry_out(Task(WHOLE_RUN, scenario, book, SEED, draws, 1, WHOLE_RUN_PATHS, 0))
    ratios = {arm: _ratio(np.array(times[arm])) if arm in times else None for arm in OTHERS}
    core = [seconds for measured in times.values() for seconds, _ in measured]
    return Benchmark(
        ratios=ratios,
        core_nanoseconds=float(np.median(core)) * 1e9,
        events_a_path=whole["events"] / whole["paths"],
        breakdown=whole["breakdown"],
        whole_run_paths=whole["paths"],
        peak_rss_mb=whole["peak_rss_mb"],
        conditions={"scenario": scenario, "book": whole["book"], "draws": draws, "pairs": pairs}
        | conditions(loads),
    )


def carry_out(task: Task) -> dict[str, Any]:
    """Do a task in a fresh process with one thread; return what it measured.

    Raises
    ------
    BenchmarkError
        If the process fails.
    """
    done = subprocess.run(
        arguments(task),
        env=os.environ | ONE_THREAD,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        lines = done.stderr.strip().splitlines() or [f"exit code {done.returncode}"]
        raise BenchmarkError(f"{task.arm}: {lines[-1]}")
    result: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return result


def _ratio(times: np.ndarray[Any, np.dtype[np.float64]]) -> Ratio:
    """Median of the paired ratios, shape (pairs, 2) given as core and arm, with an interval."""
    ratios = times[:, 1] / times[:, 0]
    chosen = np.random.default_rng(0).integers(0, ratios.size, (RESAMPLES, ratios.size))
    low, high = np.quantile(np.median(ratios[chosen], axis=1), [0.025, 0.975])
    return Ratio(
        value=float(np.median(ratios)),
        low=float(low),
        high=float(high),
        nanoseconds=float(np.median(times[:, 1])) * 1e9,
        pairs=ratios.size,
    )


def conditions(loads: list[float]) -> dict[str, Any]:
    """Machine, versions, and the load averages (least, median, most) while it was measured."""
    versions: dict[str, str | None] = {}
    for package in ("numpy", "scipy", "simpy", *NEEDS.values()):
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
