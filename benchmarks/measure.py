"""Measure what docs/performance.md tells, and keep it as JSON.

    python benchmarks/measure.py docs/performance/measured.json [SECTION ...]

Sections are the keys of `SECTIONS`; what is not named stays as it is in the file, and `figures.py`
draws it. All of them take an hour. Times are processor time, but for workers and starts, where they
are the wall's too: those need a machine that does nothing else.
"""

from __future__ import annotations

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
from ablations import by_lanes, by_trick
from workbench import by_uncertainties

from simulator.analysis.inputs import load_plans
from simulator.analysis.run import Job, compile_job
from simulator.bench.arms import ARMS, installed
from simulator.bench.measure import SCENARIO, SEED, carry_out, conditions, measure
from simulator.bench.timing import WHOLE_RUN, Task
from simulator.inputs import names_in, shipped

SCENARIO_PAIRS, SCENARIO_DRAWS = 3, 100
DRAWS = 1_000
PATHS = [10**k for k in range(4, 9)]
DRAW_COUNTS = [100, 1_000, 10_000, 100_000]
PATHS_OF_DRAWS = 1_000_000
CONTRIBUTORS = [0, 2, 5, 10, 15, 20, 26]
CONTRIBUTOR_ROUNDS = 5
CONTRIBUTOR_PATHS = 131_072
POINTS = [1, 4, 16, 64]
WORKER_PATHS = 4_000_000
WORKER_PAIRS = 3
STARTS = 15


def arms():
    """The benchmark at full length, on its own plan."""
    return [measure().as_json()]


def scenarios():
    """The same on every shipped plan, shorter."""
    names = names_in(shipped("scenarios"))
    return [measure(SCENARIO_PAIRS, SCENARIO_DRAWS, name).as_json() for name in names]


def whole_run(draws, paths):
    result = carry_out(Task(WHOLE_RUN, SCENARIO, None, SEED, draws, 1, paths // draws, 0))
    return {"draws": draws} | result


def by_paths():
    return [whole_run(DRAWS, paths) for paths in PATHS]


def by_draws():
    return [whole_run(draws, PATHS_OF_DRAWS) for draws in DRAW_COUNTS]


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
    """Nanoseconds a path of the fast engine, and of the compiled twin where there is one."""
    ((plan, book),) = load_plans([SCENARIO], None, ["contributors.sets=[all]"])
    model, _ = compile_job(Job(plan, book, SEED, 200, 1))
    paths_per_draw = -(-CONTRIBUTOR_PATHS // 200)
    models = {number: with_contributors(model, number) for number in CONTRIBUTORS}
    arms = {
        (name, number): ARMS[name](models[number], paths_per_draw)
        for name in ("core", "numba")
        if installed(name)
        for number in CONTRIBUTORS
    }
    times = {key: [] for key in arms}
    for _ in range(1 + CONTRIBUTOR_ROUNDS):  # in turn, so that a slow minute slows all of them
        for key, live in arms.items():
            start = time.process_time()
            live(0, CONTRIBUTOR_PATHS)
            times[key].append((time.process_time() - start) / CONTRIBUTOR_PATHS * 1e9)
    return [
        {
            "contributors": number,
            "events_a_path": 1.0 + _events(models[number], paths_per_draw),
            **{name: float(np.median(times[name, n][1:])) for name, n in arms if n == number},
        }
        for number in CONTRIBUTORS
    ]


def _events(model, paths_per_draw):
    from simulator.engines.core import simulate

    return float(simulate(model, paths_per_draw, 0, CONTRIBUTOR_PATHS).events.sum(axis=1).mean())


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
            grid = f"grid: {{force.target_troops: {{from: 1000, to: 64000, steps: {points}}}}}\n"
            if points == 1:
                grid = "grid: {force.target_troops: [1000]}\n"
            sweep.write_text(
                f"title: Force size\nscenario: {SCENARIO}\ndraws: 200\npaths: 100\n{grid}"
            )
            measured = command("sweep", sweep, "--out", Path(folder, "out"), "--workers", 1)
        rows.append({"points": points} | measured)
    return rows


def by_workers():
    """Wall times of one and of two workers, in the order 1 2 2 1."""
    rows = []
    for _ in range(WORKER_PAIRS):
        for workers in (1, 2, 2, 1):
            busy = _busy()
            paths = WORKER_PATHS // DRAWS
            run = command(
                "run", SCENARIO, "--draws", DRAWS, "--paths", paths, "--workers", workers, "--json"
            )
            # Processor time that others took meanwhile, of all there was.
            others = (_busy() - busy - run["processor"]) / (run["wall"] * (os.cpu_count() or 1))
            rows.append({"workers": workers, "others": others} | run)
    return rows


def starts():
    """A small job as a user calls it: 10,000 paths."""
    return [command("run", SCENARIO, "--draws", 1000, "--paths", 10) for _ in range(STARTS)]


def _busy():
    """Seconds that all processors have worked since the machine was started (Linux)."""
    user, nice, system, _, _, irq, softirq, steal, *_ = (
        int(word) for word in Path("/proc/stat").read_text().split("\n", 1)[0].split()[1:]
    )
    return (user + nice + system + irq + softirq + steal) / os.sysconf("SC_CLK_TCK")


SECTIONS = {
    "arms": arms,
    "scenarios": scenarios,
    "paths": by_paths,
    "draws": by_draws,
    "contributors": by_contributors,
    "points": by_points,
    "lanes": by_lanes,
    "workbench": by_uncertainties,
    "tricks": by_trick,
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
