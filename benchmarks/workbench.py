"""What EMA Workbench costs by itself, against the uncertainties that a trial is given."""

from __future__ import annotations

import time

import numpy as np

from simulator.analysis.inputs import load_plans
from simulator.assumptions.draws import draw_assumptions
from simulator.bench.arms import ema_workbench
from simulator.bench.measure import SCENARIO, SEED
from simulator.model.compile import compile_model

TRIALS, ROUNDS = 2_000, 5


def by_uncertainties():
    """Seconds a trial of a function that does nothing, and to compile one set of assumptions."""
    ((plan, book),) = load_plans([SCENARIO])
    draws = draw_assumptions(book, plan, SEED, 0, 1)
    drawn = {name: float(values[0]) for name, values in draws.values.items()}
    rows = []
    for count in (1, len(drawn) // 10, len(drawn) // 2, len(drawn)):
        given = dict(list(drawn.items())[:count])
        rows.append({"uncertainties": count, "trial": _median_of(_trials(given), TRIALS)})
    compiled = _median_of(lambda: [compile_model(plan, draws) for _ in range(100)], 100)
    return [row | {"compile": compiled} for row in rows]


def _trials(given):
    """Experiments that are all the same, on a function that looks at nothing."""
    workbench = ema_workbench()
    model = workbench.Model("nothing", function=lambda **_: {"end_time": 1.0, "cause": 1.0})
    names = {name: f"u{i}" for i, name in enumerate(given)}  # it wants Python's names
    model.uncertainties = [
        workbench.RealParameter(names[name], value - 1.0, value + 1.0)
        for name, value in given.items()
    ]
    model.outcomes = [workbench.ScalarOutcome(name) for name in ("end_time", "cause")]
    values = {names[name]: value for name, value in given.items()}
    scenarios = [workbench.Scenario(str(i), **values) for i in range(TRIALS)]

    def perform():
        with workbench.SequentialEvaluator(model) as evaluator:
            evaluator.perform_experiments(scenarios, reporting_interval=TRIALS + 1)

    return perform


def _median_of(work, times):
    """Processor time of one of so many things that ``work`` does; median of some rounds."""
    seconds = []
    for _ in range(ROUNDS):
        start = time.process_time()
        work()
        seconds.append((time.process_time() - start) / times)
    return float(np.median(seconds))
