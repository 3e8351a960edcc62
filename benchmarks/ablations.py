"""What tricks of the core are worth: a run without each of them against a run with all."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from types import ModuleType

import numpy as np
from scipy.special import ndtr

from simulator.analysis.inputs import load_plans
from simulator.analysis.run import BLOCK, Job, compile_job
from simulator.bench.measure import SEED
from simulator.engines import core, starts

SCENARIOS = ("coalition-of-the-willing", "no-force")
DRAWS, PAIRS = 200, 7
WIDTH = core.fastest_width(BLOCK)
LANE_COUNTS = [16, 256, 1024, 4096, 8192, 16_384, 32_768]
SWITCHES = (
    "clamps_low",
    "clamps_high",
    "has_ageing",
    "has_cost_factors",
    "has_doubling",
    "has_refusal",
    "has_switching",
    "has_unarmed",
)


def _all_switched_on(model, first, last, prepare=core.prepare):
    return replace(prepare(model, first, last), **dict.fromkeys(SWITCHES, True))


@dataclass(frozen=True)
class Ablation:
    """A trick that is left out by running paths in shorter blocks, or by replacing a name."""

    trick: str
    block: int = BLOCK
    lanes: int | None = None
    module: ModuleType = core
    name: str | None = None
    value: Callable | int | None = None

    @contextlib.contextmanager
    def without(self):
        if self.name is None:
            yield
            return
        kept = getattr(self.module, self.name)
        setattr(self.module, self.name, self.value)
        try:
            yield
        finally:
            setattr(self.module, self.name, kept)


ABLATIONS = (
    Ablation("a lane is refilled as soon as its path ends", block=WIDTH, lanes=WIDTH),
    Ablation("at the end, empty lanes are dropped", name="compact", value=lambda lane: lane),
    Ablation("paths are started 8,192 at a time, not 512", name="STAGED", value=512),
    Ablation(
        "a logistic function decides most commitments",
        module=starts,
        name="below_ndtr",
        value=lambda u, x: u < ndtr(x),
    ),
    Ablation("what a model lacks is not computed", name="prepare", value=_all_switched_on),
)


def _seconds(model, paths_per_draw, block=BLOCK, lanes=None):
    start = time.process_time()
    for first in range(0, BLOCK, block):
        core.simulate(model, paths_per_draw, first, min(first + block, BLOCK), lanes=lanes)
    return time.process_time() - start


def _model(scenario, paths_per_draw):
    ((plan, book),) = load_plans([scenario])
    return compile_job(Job(plan, book, SEED, DRAWS, paths_per_draw))[0]


def by_trick():
    """Time without each trick over time with it: median of pairs in the order A B B A."""
    paths_per_draw = -(-BLOCK // DRAWS)
    rows = [{"trick": ablation.trick} for ablation in ABLATIONS]
    for scenario in SCENARIOS:
        model = _model(scenario, paths_per_draw)
        _seconds(model, paths_per_draw)
        ratios = np.empty((PAIRS, len(ABLATIONS)))
        for pair in range(PAIRS):  # all in turn, so that a slow minute slows all of them
            for i, ablation in enumerate(ABLATIONS):
                with_it = _seconds(model, paths_per_draw)
                with ablation.without():
                    without = sum(
                        _seconds(model, paths_per_draw, ablation.block, ablation.lanes)
                        for _ in "BB"
                    )
                ratios[pair, i] = without / (with_it + _seconds(model, paths_per_draw))
        for row, ratio in zip(rows, np.median(ratios, axis=0), strict=True):
            row[scenario] = float(ratio)
    return rows


def by_lanes():
    """Time of a turn against the lanes that it advances, each with a few paths for every lane."""
    rows = []
    for lanes in LANE_COUNTS:
        paths = min(16 * BLOCK, max(2048, 8 * lanes))
        paths_per_draw = -(-paths // DRAWS)
        model = _model(SCENARIOS[0], paths_per_draw)
        turns, turn = 0, core._turn

        def counted(*arguments, turn=turn):
            nonlocal turns
            turns += 1
            return turn(*arguments)

        core._turn = counted
        try:
            core.simulate(model, paths_per_draw, 0, paths, lanes=lanes)
        finally:
            core._turn = turn
        times = []
        for _ in range(5):
            start = time.process_time()
            core.simulate(model, paths_per_draw, 0, paths, lanes=lanes)
            times.append(time.process_time() - start)
        seconds = float(np.median(times))
        rows.append({"lanes": lanes, "turn": seconds / turns, "path": seconds / paths})
    return rows
