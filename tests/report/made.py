"""Results made by hand: what a run's folder holds, with numbers that tests know."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np

from simulator.decide.decision import decide
from simulator.decide.draws import Draws
from simulator.estimates.compare import Difference, Ranking
from simulator.estimates.estimate import ESTIMATE_FIELDS, Estimate, unknown
from simulator.estimates.influence import Group, Influence, Option
from simulator.estimates.outcome import Band
from simulator.estimates.paired import Rows
from simulator.estimates.records import Deployment
from simulator.estimates.tally import grid_years
from simulator.model.compile import MODEL_VERSION
from simulator.quantities import KEPT
from simulator.results.comparison import Comparison
from simulator.results.decision import decision_of
from simulator.results.runs import Background, CurvesByOption, Ranked, Run, Runs
from simulator.storage import json_bytes, table_bytes, write_results
from simulator.sweeps.plan import Point, SweepPlan
from simulator.sweeps.shards import Finished, pack_points
from simulator.sweeps.tables import ESTIMATE_COLUMNS, tidy
from simulator.sweeps.tasks import write_files

CAUSES = {"offensive": 0.5, "escalation": 0.3, "unravelling": 0.2}  # parts of all collapses
EVIL = "<script>alert(1)</script>"
CONTRIBUTORS = (
    *("united-kingdom", "france", "denmark", "norway", "sweden", "finland", "estonia", "latvia"),
)
CHOICES = {
    "book": ["evidence", "experts"],
    "reference_class (evidence)": ["civil_no_victory", EVIL, "interstate_war_or_fatal", "c"],
    "view (experts)": [f"person_{i}" for i in range(12)],
}


def estimate(value: float | None, mcse: float | None = 0.004, spread: float = 0.2) -> Estimate:
    """An estimate, its range ``spread`` to both sides."""
    if value is None:
        return unknown("unknown")
    return Estimate(value, mcse, value - spread * abs(value), value + spread * abs(value))


def survival(years: np.ndarray, failing: float) -> np.ndarray:
    """A mixture of a failing and a holding ceasefire."""
    return failing * np.exp(-0.9 * years) + (1.0 - failing) * np.exp(-0.01 * years)


def band(value: np.ndarray, low: float = 0.7, high: float = 1.2) -> Band:
    """A curve with an error and a range in proportion to it."""
    error = 0.01 * value + 1e-6
    return Band(value, error, low * value, high * value, error, error)


def run(name: str, failing: float = 0.55, horizon: float = 30.0, **more: Any) -> Run:
    """A run with a known survival curve."""
    years = np.concatenate([[0.0], grid_years(horizon)])
    s = survival(years, failing)

    def at(year: float) -> float | None:
        return float(survival(np.array(year), failing)) if year <= horizon else None

    p2, p20, p30 = (at(year) for year in (2.0, 20.0, 30.0))
    between = None if p2 is None or p20 is None else p2 - p20
    estimates = {
        "p_collapse_within_2y": estimate(None if p2 is None else 1.0 - p2),
        "p_between_2y_20y": estimate(between),
        "p_holds_20y": estimate(p20),
        "p_holds_30y": estimate(p30),
        "median_years": estimate(1.31, 0.02),
        "rmst_years": estimate(11.2, 0.1),
        "fill_rate": estimate(0.62, 0.003),
        "mean_deployed_troops_year_1": estimate(3500.0, 40.0),
        "troop_years": estimate(22_000.0, 400.0),
        "soldiers_held": estimate(33_000.0, 300.0),
        "backstop_off_share": estimate(0.47, 0.007),
        "cost_gbp": estimate(5.6e9, 0.2e9),
    }
    ends = np.arange(1.0, np.ceil(horizon) + 1.0)
    common: dict[str, Any] = {
        "title": f"Title of {name}",
        "book": "blend",
        "seed": 5,
        "draws": 400,
        "trials": 100,
        "replicates": 16,
        "digest": "ab" * 32,
        "finding": f"What was found of {name}.",
        "estimates": estimates,
        "waterfall": {
            "planned": estimate(10_000.0, 0.0),
            "committed": estimate(8_000.0, 60.0),
            "arrived": estimate(6_200.0, 50.0),
        },
        "causes": {c: estimate(part * (1.0 - float(s[-1]))) for c, part in CAUSES.items()},
        "by_option": {
            choice: {o: Option(400 // len(options), _headlines(estimates)) for o in options}
            for choice, options in CHOICES.items()
        },
        "notes": (),
        "survival": band(s),
        "plan": plan(name),
        "background": background(horizon),
    }
    return Run(
        name=name,
        years=years,
        incidence={c: band(part * (1.0 - s)) for c, part in CAUSES.items()},
        year_ends=ends,
        deployed=band(6000.0 * np.exp(-0.3 * ends)),
        **common | more,
    )


def _headlines(estimates: Mapping[str, Estimate]) -> dict[str, Estimate]:
    return {n: estimates[n] for n in ("p_collapse_within_2y", "p_holds_20y", "p_holds_30y")}


def by_option_curves(horizon: float) -> CurvesByOption:
    """Curves of options, one choice with few, one with names that try the layout, one with many."""
    years = np.arange(0.0, np.floor(horizon) + 1.0)
    found = {}
    for choice, options in CHOICES.items():
        found[choice] = {
            option: replace(
                band(survival(years, 0.3 + 0.05 * i), 0.8, 1.1), p05_mcse=None, p95_mcse=None
            )
            for i, option in enumerate(options)
        }
    return CurvesByOption(years, found)


def background(horizon: float) -> Background:
    """What stands behind a made scenario."""
    edges = np.linspace(0.0, horizon, 121)
    first = 3000.0 / np.arange(1, len(CONTRIBUTORS) + 1)
    fifths = [
        Group(label, 0.3 + 0.1 * i, 80, 0.5 - 0.08 * i, 0.01)
        for i, label in enumerate(("lowest fifth", "second fifth", "highest fifth"))
    ]
    options = Group("civil_no_victory", None, 80, 0.14, 0.01), Group(EVIL, None, 80, 0.59, 0.01)
    ranked = (
        Influence("w0", False, 0.5, True, tuple(fifths)),
        Influence("reference_class", True, 0.3, True, options),
        Influence("kappa", False, 0.0, False, ()),
    )
    return Background(
        draws=400,
        choices={"reference_class": {"civil_no_victory": 0.7, "other": 0.3}},
        drawn={"w0": (0.3, 0.5, 0.7)},
        influence=Ranked("p_holds_20y", ranked),
        survival_by_option=by_option_curves(horizon),
        deployment=Deployment(
            names=CONTRIBUTORS,
            edges=edges,
            promised=np.repeat(first[:, None], 120, axis=1),
            deployed=first[:, None] * np.exp(-0.3 * edges[1:]),
            reinforcement=np.zeros(120),
            draws=400,
            worlds=4000,
        ),
    )


def book() -> dict[str, Any]:
    """A book with an entry and a structural choice."""
    source = {"kind": "judgement", "file": "000.txt", "quotation": f"a {EVIL} quotation"}
    entry = {"unit": "probability", "group": "base hazard", "source": source}
    option = {"weight": 1.0, "description": "An option.", "source": source, "structure": {}}
    return {
        "name": "blend",
        "title": "A book",
        "description": "For tests.",
        "entries": {"w0": {"distribution": {"uniform": [0.3, 0.7]}, **entry}},
        "correlations": [],
        "structure": {
            "reference_class": {
                "description": "Which past ceasefires.",
                "options": {"civil_no_victory": {**option, "entries": {}, "correlations": []}},
            }
        },
    }


def plan(name: str) -> dict[str, Any]:
    """A resolved scenario."""
    source = {"kind": "seed", "file": "000.txt", "quotation": "led by France", "citation": None}
    return {
        "name": name,
        "title": f"Title of {name}",
        "description": f"A plan called {name}.",
        "sources": [{"file": "000.txt", "quotation": f"about {EVIL} troops", "note": None}],
        "book": None,
        "force": {"target_troops": 25000, "posture": "sites", "mandate": "coalition"},
        "air_support": {"tankers": 4},
        "us_backstop": {"air_defence": True},
        "monitoring": {"orbits": 12.0, "satellites": 20.0},
        "ukraine_support": {"trainers": 0, "rearmament": 0.5},
        "adversary": {"troops": 600000, "rejects_force": True},
        "horizon_years": 30.0,
        "front_km": 1000.0,
        "contributors": {
            name: {
                "name": name.replace("-", " ").title(),
                "roles": ["land", "air"],
                "troops": {"low": 2000, "mode": 6000, "high": 10000},
                "aircraft": 14,
                "ships": 1,
                "commitment": {"p05": 0.6, "p50": 0.82, "p95": 0.95},
                "basing": None,
                "approval": "government",
                "conditions": ["rear_position_only"],
                "source": source,
            }
            for name in CONTRIBUTORS
        },
        "conditions": {"rear_position_only": {"description": "Not on the line.", "source": source}},
        "bases": {
            "lask": {
                "name": "Łask",
                "country": "poland",
                "latitude": 51.55,
                "longitude": 19.18,
                "aircraft": 16,
                "source": source,
            }
        },
        "assumptions": {"hr.presence": 0.5},
        "structure": {},
        "notes": [f"beware of {EVIL}"],
    }


def run_folder(folder: Path, runs: Sequence[Run]) -> Path:
    """Write the folder of a run."""
    folder.mkdir(parents=True, exist_ok=True)
    about = {
        "simulator": "0.1.0",
        "written": "2025-11-30T12:00:00+00:00",
        "command": ["simulator", "run", "a b"],
        "seed": 5,
        "digests": {"scenario:x": "cd" * 32},
        "draws": 400,
        "trials": 100,
        "python": "CPython 3.11",
        "platform": "Linux",
        "libraries": {"numpy": "2.0"},
        "resolved": {run.name: run.plan for run in runs},
    }
    found = Runs(tuple(runs), {"blend": book()}, about, lambda: {"scenario": np.array(["x"])})
    write_results(folder, found.files(), about)
    return folder


def comparison(names: Sequence[str]) -> dict[str, Any]:
    """What ``simulator compare --json`` prints; each plan is better than the one before."""
    quantities = {
        "p_collapse_within_2y": -0.02,
        "p_holds_20y": 0.02,
        "p_holds_30y": 0.015,
        "rmst_years": 0.8,
        "troop_years": 4000.0,
        "cost_gbp": 2e9,
    }

    def difference(first: int, second: int, name: str) -> Difference:
        value = quantities[name] * (first - second)
        return Difference(
            first=names[first],
            second=names[second],
            quantity=name,
            estimate=estimate(value, abs(value) / 20.0, 0.5),
            p_better=0.9,
            p_better_mcse=0.01,
            gain=22.5,
            significant=True,
            same=False,
        )

    order = list(range(len(names)))[::-1]
    return Comparison(
        finding=f"{names[-1]} holds longest.",
        seed=5,
        draws=400,
        trials=100,
        replicates=16,
        book_names=("blend",),
        estimates={
            name: {
                "p_collapse_within_2y": estimate(0.5 - 0.02 * i),
                "p_holds_20y": estimate(0.2 + 0.02 * i),
                "p_holds_30y": estimate(0.1 + 0.015 * i),
            }
            for i, name in enumerate(names)
        },
        reference=names[0],
        differences=tuple(difference(i, 0, q) for i in range(1, len(names)) for q in quantities),
        ranking=Ranking(
            quantity="p_holds_20y",
            order=tuple(names[::-1]),
            estimates=tuple(estimate(0.2 + 0.02 * i, 0.006, 0.6) for i in order),
            steps=tuple(difference(i, i - 1, "p_holds_20y") for i in order[:-1]),
            p_best=tuple(float(i == order[0]) for i in order),
            p_best_mcse=(0.00125,) * len(names),
            p_order=0.4,
            p_order_mcse=0.0245,
        ),
        inert=(),
    ).as_json()


def decision() -> dict[str, Any]:
    """What ``simulator decide --json`` prints; the second of two plans is worth more where x is."""
    x = np.random.default_rng(1).random(1_600)
    draws = Draws(
        plans=("a", "b"),
        names=("x",),
        values=x[:, None],
        options={},
        outcomes={
            "p_holds_20y": np.stack([0.3 + 0.0 * x, 0.1 + 0.4 * x]),
            "cost_gbp": np.stack([10.0 + 0.0 * x, 12.0 + 0.0 * x]),
        },
        book=np.full(x.size, "blend", object),
        replicate=np.arange(x.size) % 16,
        trials=16,
    )
    found = decide(draws, "200 * p_holds_20y - cost_gbp")
    return decision_of(found, 5, ["blend"], "Which plan.").as_json()


def sweep_folder(folder: Path, levers: Mapping[str, Sequence[Any]]) -> Path:
    """Write the folder of a sweep over all combinations of levels, with estimates that add up."""
    folder.mkdir(parents=True, exist_ok=True)
    combinations = list(product(*levers.values()))
    names = {
        "p_collapse_within_2y": 0.5,
        "p_between_2y_20y": 0.25,
        "p_holds_20y": 0.25,
        "p_holds_30y": 0.2,
        "rmst_years": 9.0,
        "cost_gbp": 4e9,
    }
    plan = SweepPlan(
        name="made",
        title=f"A sweep of {EVIL}",
        description=None,
        model_version=MODEL_VERSION,
        seed=5,
        draws=400,
        trials=100,
        precision=None,
        precision_of=None,
        levers=tuple(levers),
        inputs={},
        fixed={"x.y": 1},
        options={},
        points=tuple(
            Point(i, f"{i:064x}", "no-force", "evidence", dict(zip(levers, labels, strict=True)))
            for i, labels in enumerate(combinations)
        ),
        factors=tuple({"kind": "grid", "levers": [name]} for name in levers),
    )
    rows = {}
    for point, labels in zip(plan.points, combinations, strict=True):
        step = sum(list(v).index(label) for v, label in zip(levers.values(), labels, strict=True))
        values, bases = np.array(list(names.values())) * (1.0 + 0.05 * step), [*names.values()]
        numbers = (values, 0.01, 0.5 * values, 1.5 * values, 0.02, 0.02)
        scaled = [np.array(bases) * n if isinstance(n, float) else n for n in numbers]
        rows[point.digest] = {
            "draws": np.full(len(names), 400),
            "kind": np.full(len(names), "estimate", object),
            "estimate": np.array([*names], object),
            "note": np.full(len(names), None, object),
            **dict(zip(ESTIMATE_FIELDS, scaled, strict=True)),
        }
    _write_rows(folder, len(combinations))
    lines = [f"{i},finished" for i in range(len(combinations))]
    files = {
        "results.parquet": table_bytes(tidy(plan, plan.points, rows, ESTIMATE_COLUMNS)),
        "plan.json": json_bytes(plan.tree()),
        "points.csv": "\n".join(["point,status", *lines, "99,failed\n"]).encode(),
    }
    write_results(folder, files, {"runs": []})
    return folder


def trace() -> dict[str, Any]:
    """What ``simulator trace --json`` prints, for a short path."""

    def event(
        years: float, what: str, kind: str, troops: int, phase: str, on: bool
    ) -> dict[str, Any]:
        return {
            "years": years,
            "event": what,
            "kind": kind,
            "text": f"{kind} {EVIL}",
            "phase": phase,
            "troops": troops,
            "backstop_on": on,
            "failing_probability": 0.5,
            "hazards": {"offensive": 0.1, "escalation": 0.05, "unravelling": 0.01},
        }

    return {
        "scenario": "reassurance-force",
        "book": "blend",
        "seed": 5,
        "pick": None,
        "draw": 3,
        "trial": 4,
        "backstop_on": True,
        "beginning": ["Russia rejects the force", "the American backstop is on"],
        "events": [
            event(0.2, "phase", "phase", 0, "holding", True),
            event(0.5, "contributor:france", "arrival", 4000, "holding", True),
            event(0.7, "contributor:norway", "arrival", 4500, "holding", True),
            event(1.0, "backstop", "backstop", 4500, "holding", False),
            event(1.5, "contributor:france", "exit", 500, "holding", False),
            event(2.0, "army_restored", "army_restored", 500, "holding", False),
            event(2.5, "mission_end", "mission_end", 0, "failing", False),
            event(3.0, "cause:offensive", "collapse", 0, "failing", False),
        ],
        "end": {"years": 3.0, "cause": "offensive"},
    }


def write(path: Path, tree: Any) -> Path:
    """Write a JSON file."""
    path.write_text(json.dumps(tree), encoding="utf-8")
    return path


def _write_rows(folder: Path, points: int) -> None:
    """Keep what paired differences need of points that differ by 2 % each, more or less by draw."""
    rng = np.random.default_rng(points)
    rows = (("estimate", "p_holds_20y", Estimate(0.25, 0.01, None, None)),)
    finished = []
    for i in range(points):
        level = 0.2 + 0.02 * i + 0.04 * rng.uniform(size=(20, 1))
        values = np.repeat(level, len(KEPT), axis=1).astype(np.float32)
        kept = Rows(np.arange(20), 30.0, 100, values)
        finished.append(Finished(f"{i:064x}", rows, kept))
    write_files(folder, pack_points(finished)[1])
