"""The benchmarks kept for history run: every one of them once, tiny."""

from __future__ import annotations

import inspect
import json
from itertools import product
from pathlib import Path

import pytest

from benchmarks.suite import engine
from simulator.bench.work import arms

FOLDER = Path(__file__).parents[2] / "benchmarks"
KINDS = ("time_", "peakmem_", "track_")
SIZES = {
    "core": "draws",
    "independent": "draws",
    "numba": "draws",
    "simpy": "paths",
    "ema": "trials",
}
CASES = [
    pytest.param(of, params, id="-".join((of.__name__, *params)))
    for of in (engine.Run, engine.Gain)
    for params in product(*of.params)
    if of is engine.Run or params[0] == "no-force"
]


def small_arms():
    """The arms, each with few draws or paths."""

    def small(name, arm):
        return lambda plans, seed: arm(plans, seed, **{SIZES.get(name, "draws"): 32})

    return {name: arm and small(name, arm) for name, arm in arms().items()}


@pytest.fixture
def tiny(monkeypatch):
    monkeypatch.setattr(engine, "DRAWS", 32)
    monkeypatch.setattr(engine, "ROUNDS", 2)
    monkeypatch.setattr(engine, "arms", small_arms)


@pytest.mark.slow
@pytest.mark.parametrize(("of", "params"), CASES)
def test_each_runs_once(of, params, tiny):
    benchmark = of()
    try:
        benchmark.setup(*params)
    except NotImplementedError:
        pytest.skip("not installed")
    methods = [m for name, m in inspect.getmembers(benchmark) if name.startswith(KINDS)]
    assert methods
    for method in methods:
        value = method(*params)
        if method.__name__.startswith("track_"):
            assert value > 0.0


def test_asv_finds_them():
    settings = json.loads((FOLDER / "asv.conf.json").read_text(encoding="utf-8"))
    assert (FOLDER / settings["benchmark_dir"] / "engine.py").is_file()
    assert (FOLDER / settings["repo"] / "pyproject.toml").is_file()
