"""One fresh process: the core and another arm, timed in the order A B B A.

Run as ``python -m simulator.bench.timing TASK`` with a JSON task; prints JSON.
"""

from __future__ import annotations

import json
import os
import resource
import sys
import tempfile
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np

WHOLE_RUN: Final = "whole run"


@dataclass(frozen=True, slots=True)
class Task:
    """What one process does.

    Attributes
    ----------
    arm : str
        Timed against the core; `WHOLE_RUN` times the parts of a run instead.
    scenario : str
    book : str, optional
    seed, draws : int
    paths, core_paths : int
        Paths of each draw, for the arm and for the core.
    check : int
        Paths of each draw compared before anything is timed.
    """

    arm: str
    scenario: str
    book: str | None
    seed: int
    draws: int
    paths: int
    core_paths: int
    check: int


def main() -> None:
    """Carry out the task of the command line."""
    task = Task(**json.loads(sys.argv[1]))
    result = _whole_run(task) if task.arm == WHOLE_RUN else _pair(task)
    sys.stdout.write(json.dumps(result) + "\n")


def _pair(task: Task) -> dict[str, Any]:
    from simulator.analysis.run import compile_job
    from simulator.bench.arms import ARMS, check_agreement

    model, _ = compile_job(_job(task, task.paths))
    if task.check:
        few, true = ARMS[task.arm](model, task.check), ARMS["core"](model, task.check)
        check_agreement(task.arm, few, true, task.check * task.draws)
    core, other = ARMS["core"](model, task.core_paths), ARMS[task.arm](model, task.paths)
    sizes = {"core": task.core_paths * task.draws, "arm": task.paths * task.draws}
    core(0, sizes["core"])  # brings memory and caches to life
    other(0, min(sizes["arm"], 100))
    seconds: dict[str, list[float]] = {"core": [], "arm": []}
    for name, live in (("core", core), ("arm", other), ("arm", other), ("core", core)):
        # Processor time: other programs' turns do not count.
        start = time.process_time()
        live(0, sizes[name])
        seconds[name].append(time.process_time() - start)
    per_path = {name: float(np.sum(s)) / (2 * sizes[name]) for name, s in seconds.items()}
    return {"per_path": per_path, "load": os.getloadavg()[0]}


def _whole_run(task: Task) -> dict[str, Any]:
    """Processor time of the parts of a run, from the start of Python on, and its memory."""
    from simulator.analysis.run import BLOCK, Result
    from simulator.analysis.summary import curve_columns, summary
    from simulator.assumptions.draws import draw_assumptions
    from simulator.engines.core import simulate
    from simulator.model.compile import compile_model
    from simulator.outcomes.estimates import outcome
    from simulator.outcomes.tally import add, empty
    from simulator.storage.atomic import write_json
    from simulator.storage.parquet import write_table

    began = time.perf_counter()
    job = _job(task, task.core_paths)
    parts = dict.fromkeys(("start", "draws", "compile", "loop", "tally", "io"), 0.0)
    clock = 0.0  # when this process began

    def lap(part: str) -> None:
        nonlocal clock
        now = time.process_time()
        parts[part] += now - clock
        clock = now

    lap("start")
    draws = draw_assumptions(job.book, job.scenario, job.seed, 0, job.draws)
    lap("draws")
    model = compile_model(job.scenario, draws)
    lap("compile")
    tally, total = empty(model.draws, model.horizon), job.draws * job.paths
    for first in range(0, total, BLOCK):
        records = simulate(model, job.paths, first, min(first + BLOCK, total))
        lap("loop")
        add(tally, records, job.paths)
        lap("tally")
    result = Result(job, outcome(tally, model), draws, tally)
    lap("tally")
    with tempfile.TemporaryDirectory() as folder:
        write_json(Path(folder), "summary.json", summary(result))
        write_table(Path(folder), "curves.parquet", curve_columns(result))
    lap("io")
    events = int(tally.events.sum()) + total
    return {
        "breakdown": parts,
        "book": job.book.name,
        "paths": total,
        "events": events,
        "wall": time.perf_counter() - began,
        "peak_rss_mb": _peak_rss_mb(),
    }


def _peak_rss_mb() -> float:
    """Most memory that this process has had, in MB.

    On Linux `getrusage` would count what the parent had when it started this process.
    """
    status = Path("/proc/self/status")
    if status.exists():
        for line in status.read_text(encoding="utf-8").splitlines():
            if line.startswith("VmHWM:"):
                return float(line.split()[1]) / 1024.0
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / (1024.0 if sys.platform != "darwin" else 1024.0**2)


def _job(task: Task, paths: int) -> Any:
    from simulator.analysis.inputs import load_plans
    from simulator.analysis.run import Job

    ((scenario, book),) = load_plans([task.scenario], task.book)
    return Job(scenario, book, task.seed, task.draws, paths)


def arguments(task: Task) -> list[str]:
    """Command line that carries out a task."""
    return [sys.executable, "-m", "simulator.bench.timing", json.dumps(asdict(task))]


if __name__ == "__main__":
    main()
