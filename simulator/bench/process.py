"""One fresh process of the benchmark. Run as ``python -m simulator.bench.process TASK``.

It prints lines of JSON: what one round found, or what a whole run took.
"""

import json
import os
import resource
import sys
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, Final

from simulator.analysis.run import Job
from simulator.limits import DEFAULT_DRAWS, DEFAULT_MAX_DRAWS, DEFAULT_TRIALS

ROUNDS, RUN, PRECISION = "rounds", "run", "precision"
TARGET: Final = 0.001
TARGET_ESTIMATE: Final = "p_collapse_within_2y"


@dataclass(frozen=True, slots=True)
class Task:
    """What one process does."""

    # `ROUNDS`: all arms in turn; `RUN`: one run; `PRECISION`: one run to an error of `TARGET`
    kind: str
    plans: list[str]  # names or files
    book: str | None
    rounds: int = 1
    draws: int = DEFAULT_DRAWS  # of a `RUN`
    trials: int = DEFAULT_TRIALS  # of a `RUN`


def command(task: Task) -> list[str]:
    """Command line that carries out a task."""
    return [sys.executable, "-m", "simulator.bench.process", json.dumps(asdict(task))]


def main() -> None:
    """Carry out the task of the command line."""
    task = Task(**json.loads(sys.argv[1]))
    for found in _rounds(task) if task.kind == ROUNDS else [_whole_run(task)]:
        sys.stdout.write(json.dumps(found) + "\n")
        sys.stdout.flush()


def _rounds(task: Task) -> Iterator[dict[str, Any]]:
    """Yield what each round found: all arms once, in alternating order, with a seed of its own."""
    from simulator.analysis.inputs import load_plans
    from simulator.bench.work import arms, estimates

    plans = load_plans(task.plans, task.book)
    at_hand = {name: arm for name, arm in arms().items() if arm is not None}
    for number in range(task.rounds + 1):
        names = list(at_hand) if number % 2 else list(reversed(at_hand))
        samples = {name: at_hand[name](plans, number) for name in names}
        if number:
            yield {
                "arms": {
                    name: {of: asdict(one) for of, one in estimates(of_arm, task.plans[-1]).items()}
                    for name, of_arm in samples.items()
                },
                "parts": samples["core"][0].parts,
                "load": os.getloadavg()[0],
            }


def _whole_run(task: Task) -> dict[str, Any]:
    """Processor time from the start of Python to the estimates, and memory."""
    from simulator.analysis.inputs import load_plans
    from simulator.analysis.precision import Target, results_to_precision
    from simulator.analysis.run import run
    from simulator.analysis.workers import tallying

    ((scenario, book),) = load_plans(task.plans[:1], task.book)
    job = Job(scenario, book, 1, task.draws, task.trials)
    if task.kind == RUN:
        result = run(job)
    else:
        job = replace(job, draws=DEFAULT_MAX_DRAWS)
        goal = Target(TARGET_ESTIMATE, TARGET)
        with tallying([job], 1) as tally:
            (result,) = results_to_precision([job], goal, tally)
    return {
        "seconds": time.process_time(),
        "draws": result.job.draws,
        "trials": result.job.trials,
        "mcse": result.outcome.estimates[TARGET_ESTIMATE].mcse,
        "peak_rss_mb": _peak_rss_mb(),
        "book": book.name,
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


if __name__ == "__main__":
    main()
