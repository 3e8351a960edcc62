"""Measure what docs/performance.md says, and keep it as JSON.

    python benchmarks/measure.py docs/performance.json [SECTION ...]

Sections are the keys of `SECTIONS`; what is not named stays as it is in the file, and `page.py`
puts it into the page. All of them take half an hour. Wall times of workers and of starts need a
machine that does nothing else; all other times are processor time.
"""

import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path

import numpy as np

from simulator.analysis.inputs import load_plans
from simulator.analysis.run import Job, compile_job
from simulator.bench.measure import BASELINE, SCENARIO, carry_out, conditions, measure
from simulator.bench.process import RUN, Task
from simulator.bench.work import arms, engine, estimates, gain
from simulator.engines.worlds import simulate
from simulator.estimates.tally import ages
from simulator.limits import DEFAULT_DRAWS, DEFAULT_TRIALS

PLANS = ("no-force", "reassurance-force", "coalition-of-the-willing")
GAIN_SIZES = [(2048, 2), (8192, 2), (32_768, 2)]
SIZES = [(4**k, DEFAULT_TRIALS) for k in range(4, 9)] + [(10**6, 1)]
TRIALS = [1, 4, 16, 64]
CONTRIBUTORS = [0, 2, 5, 10, 15, 20, 26]
POINTS = [1, 4, 16, 64]
WORKER_DRAWS = 10**6
ROUNDS = 10
PAIRS = 3
STARTS = 9


def gains():
    return [measure(scenario=plan, rounds=ROUNDS).as_json() for plan in PLANS]


def gains_by_size():
    """Work of whole paths over that of the engine at several sizes."""
    rows = []
    for plan in PLANS:
        plans = load_plans(list(dict.fromkeys([plan, BASELINE])), None)
        found = []
        for seed in range(1 + ROUNDS):  # the first compiles the twin
            samples = {"twin": arms()["numba"](plans, seed)}
            samples |= {size: engine(plans, seed, True, *size) for size in GAIN_SIZES}
            found.append({who: estimates(of, BASELINE) for who, of in samples.items()})
        for size in GAIN_SIZES:
            gains = {
                name: gain(
                    [one["twin"][name] for one in found[1:]], [one[size][name] for one in found[1:]]
                )
                for name in found[0]["twin"]
            }
            intervals = {name: [of.value, of.low, of.high] for name, of in gains.items()}
            rows.append({"plan": plan, "draws": size[0], "trials": size[1], "gain": intervals})
    return rows


def run(draws, trials):
    (found,) = carry_out(Task(RUN, [SCENARIO], None, draws=draws, trials=trials))
    return found


def by_draws():
    return [run(*size) for size in SIZES]


def by_trials():
    return [run(8192, trials) for trials in TRIALS]


def with_contributors(model, number):
    """The first contributors of a model; beyond them, the same once more under other names."""
    force = model.contributors
    columns = np.arange(number) % len(force.names)
    arrays = {
        name: getattr(force, name)[..., columns]
        for name in force.__dataclass_fields__
        if isinstance(getattr(force, name), np.ndarray)
        and getattr(force, name).shape[-1:] == (len(force.names),)
    }
    names = tuple(f"{force.names[c]}-{i}" for i, c in enumerate(columns))
    return replace(model, contributors=replace(force, names=names, **arrays))


def by_contributors():
    """Microseconds a trial of the engine."""
    ((plan, book),) = load_plans([SCENARIO], None, ["contributors.sets=[all]"])
    model, _ = compile_job(Job(plan, book, 1))
    models = {number: with_contributors(model, number) for number in CONTRIBUTORS}
    times = {number: [] for number in CONTRIBUTORS}
    for _ in range(1 + PAIRS):  # in turn, so that a slow minute slows all of them
        for number, of in models.items():
            start = time.process_time()
            simulate(of, 4, ages(model.horizon))
            times[number].append((time.process_time() - start) / (4 * model.draws.size) * 1e6)
    return [
        {"contributors": number, "us_per_trial": float(np.median(found[1:]))}
        for number, found in times.items()
    ]


def command(*arguments):
    """Wall time and processor time of a command, its children included."""
    before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    subprocess.run(
        [sys.executable, "-m", "simulator", *map(str, arguments)], check=True, capture_output=True
    )
    wall, after = time.perf_counter() - start, resource.getrusage(resource.RUSAGE_CHILDREN)
    processor = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return {"wall": wall, "processor": processor}


def by_points():
    rows = []
    for points in POINTS:
        with tempfile.TemporaryDirectory() as folder:
            sweep = Path(folder, "sweep.yaml")
            sizes = [1000 * (1 + i) for i in range(points)]
            sweep.write_text(
                f"title: Force size\nscenario: {SCENARIO}\ndraws: {DEFAULT_DRAWS}\n"
                f"trials: {DEFAULT_TRIALS}\ngrid: {{force.target_troops: {sizes}}}\n"
            )
            measured = command("sweep", sweep, "--out", Path(folder, "out"), "--workers", 1)
        rows.append({"points": points} | measured)
    return rows


def by_workers():
    """Wall times of one and two workers, a world each of many draws, in the order 1 2 2 1."""
    size = ("--draws", WORKER_DRAWS, "--trials", 1)
    return [
        {"workers": workers} | command("run", SCENARIO, *size, "--workers", workers, "--json")
        for workers in (1, 2, 2, 1)
    ]


def starts():
    """A run of the default size as a user calls it."""
    return [{"plan": plan} | command("run", plan) for _ in range(STARTS) for plan in PLANS]


SECTIONS = {
    "gains": gains,
    "gains_by_size": gains_by_size,
    "draws": by_draws,
    "trials": by_trials,
    "contributors": by_contributors,
    "points": by_points,
    "workers": by_workers,
    "starts": starts,
}


def main():
    file, *names = sys.argv[1:]
    for name in names or SECTIONS:
        load = [os.getloadavg()[0]]
        rows = SECTIONS[name]()
        load.append(os.getloadavg()[0])
        path = Path(file)
        kept = json.loads(path.read_text()) if path.exists() else {}
        kept[name] = {"conditions": conditions(load), "rows": rows}
        path.write_text(json.dumps(kept, indent=1) + "\n")
        print(name, "measured")


if __name__ == "__main__":
    main()
