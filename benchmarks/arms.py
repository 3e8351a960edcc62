"""Arms of `simulator bench` that need what developers install: numba and EMA Workbench."""

import warnings
from importlib import import_module

import numpy as np

from benchmarks import twin
from simulator.bench.work import Laps, Sample, draw_independent
from simulator.estimates.tally import ages
from simulator.model.compile import compile_model

DRAWS, PATHS = 1_000, 200  # how whole paths used to be simulated
TRIALS = 1_000  # of the workbench


def numba(plans, seed, draws=DRAWS, paths=PATHS):
    """Whole paths in the compiled twin; two halves of the paths of a draw apart."""
    samples = []
    for plan in plans:
        lap = Laps()
        model = _model(plan, seed, draws, lap)
        years = ages(model.horizon)
        halves = ((0, paths // 2), (paths // 2, paths))
        rows = []
        for first, last in halves:
            means = twin.simulate(model, first, last, years)
            rows.append(_rows(years, means.survival, means.rmst))
        lap("simulate")
        samples.append(Sample(lap.parts, np.stack(rows), paths))
    return samples


def ema(plans, seed, trials=TRIALS):
    """EMA Workbench calling the twin trial by trial, each with assumptions of its own.

    It is given one number, that of the trial; with the assumptions as its uncertainties it would
    take several times as long.
    """
    with warnings.catch_warnings():  # of what it could use and does not find
        warnings.simplefilter("ignore")
        workbench = import_module("ema_workbench")
    samples = []
    for plan in plans:
        lap = Laps()
        model = _model(plan, seed, trials, lap)
        years = ages(model.horizon)
        simulate = twin.one_by_one(model, years)

        def one(number, simulate=simulate):
            held, rmst = simulate(number)
            return {"held": held, "rmst": rmst}

        ceasefire = workbench.Model("ceasefire", function=one)
        ceasefire.uncertainties = [workbench.IntegerParameter("number", 0, trials - 1)]
        ceasefire.outcomes = [
            workbench.ArrayOutcome("held", shape=years.shape, dtype=float),
            workbench.ScalarOutcome("rmst"),
        ]
        scenarios = [workbench.Scenario(str(i), number=i) for i in range(trials)]
        with workbench.SequentialEvaluator(ceasefire) as evaluator:
            _, found = evaluator.perform_experiments(
                scenarios, reporting_interval=trials + 1, log_progress=True
            )
        lap("simulate")
        rows = _rows(years, found["held"], found["rmst"])
        samples.append(Sample(lap.parts, rows[None], 1))
    return samples


def _model(plan, seed, draws, lap):
    drawn = draw_independent(plan, seed, np.arange(draws))
    lap("draw")
    model = compile_model(plan[0], drawn)
    lap("compile")
    return model


def _rows(years, held, rmst):
    def at(age):
        found = np.flatnonzero(years == age)
        return held[:, found[0]] if found.size else np.full(rmst.size, np.nan)

    return np.stack([1.0 - at(2.0), at(20.0), rmst], axis=1)
