"""The benchmarks kept for history run: every one of them once, tiny."""

from __future__ import annotations

import inspect
import json
from itertools import product
from pathlib import Path

import pytest

from benchmarks.suite import engine

FOLDER = Path(__file__).parents[2] / "benchmarks"
KINDS = ("time_", "peakmem_", "track_")
CASES = [
    pytest.param(of, params, id="-".join((of.__name__, *params)))
    for of in (engine.Run, engine.Arms)
    for params in product(*of.params)
]


@pytest.fixture
def tiny(monkeypatch):
    monkeypatch.setattr(engine, "DRAWS", 2)
    monkeypatch.setattr(engine, "PATHS", 3)
    monkeypatch.setattr(engine, "ARM_PATHS", dict.fromkeys(engine.ARM_PATHS, 2))


@pytest.mark.parametrize(("of", "params"), CASES)
def test_each_runs_once(of, params, tiny):
    benchmark = of()
    try:
        benchmark.setup(*params)
    except NotImplementedError:
        pytest.skip("not installed")
    methods = [m for name, m in inspect.getmembers(benchmark) if name.startswith(KINDS)]
    assert len(methods) >= 2
    for method in methods:
        value = method(*params)
        if method.__name__.startswith("track_"):
            assert value > 0.0


def test_asv_finds_them():
    settings = json.loads((FOLDER / "asv.conf.json").read_text(encoding="utf-8"))
    assert (FOLDER / settings["benchmark_dir"] / "engine.py").is_file()
    assert (FOLDER / settings["repo"] / "pyproject.toml").is_file()
