"""Results made by hand: what a run's folder holds, with numbers that tests know."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from simulator.estimates.estimate import Estimate
from simulator.estimates.paired import Rows
from simulator.estimates.tally import grid_years
from simulator.quantities import KEPT
from simulator.storage import json_bytes, table_bytes, write_results
from simulator.sweeps.shards import Finished, pack_points
from simulator.sweeps.tasks import write_files

CAUSES = ("offensive", "escalation", "unravelling")
EVIL = "<script>alert(1)</script>"
CHOICES = {
    "book": ["evidence", "experts"],
    "reference_class (evidence)": ["civil_no_victory", EVIL, "interstate_war_or_fatal", "c"],
    "view (experts)": [f"person_{i}" for i in range(12)],
}


def estimate(
    value: float | None, mcse: float | None = 0.004, spread: float = 0.2
) -> dict[str, Any]:
    """An estimate as JSON, its range ``spread`` to both sides."""
    if value is None:
        return {"value": None, "mcse": None, "p05": None, "p95": None, "note": "unknown"}
    low, high = value - spread * abs(value), value + spread * abs(value)
    return {"value": value, "mcse": mcse, "p05": low, "p95": high}


def survival(years: np.ndarray, failing: float) -> np.ndarray:
    """A mixture of a failing and a holding ceasefire."""
    return failing * np.exp(-0.9 * years) + (1.0 - failing) * np.exp(-0.01 * years)


def summary(name: str, failing: float = 0.55, horizon: float = 30.0, **more: Any) -> dict[str, Any]:
    """What `simulator.analysis.summary.summary` gives, for a known survival curve."""
    years = np.concatenate([[0.0], grid_years(horizon)])
    s = survival(years, failing)

    def at(year: float) -> float | None:
        return float(survival(np.array(year), failing)) if year <= horizon else None

    collapsed = 1.0 - float(s[-1])
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
    parts = dict(zip(CAUSES, (0.5, 0.3, 0.2), strict=True))
    return {
        "scenario": name,
        "title": f"Title of {name}",
        "book": "blend",
        "seed": 5,
        "draws": 400,
        "trials": 100,
        "digest": "ab" * 32,
        "finding": f"What was found of {name}.",
        "waterfall": {
            "planned": estimate(10_000.0, 0.0),
            "committed": estimate(8_000.0, 60.0),
            "arrived": estimate(6_200.0, 50.0),
        },
        "estimates": estimates,
        "causes": {c: part * collapsed for c, part in parts.items()},
        "causes_detail": {c: estimate(part * collapsed) for c, part in parts.items()},
        "curve": {
            "years": years.tolist(),
            "survival": s.tolist(),
            "mcse": np.full(years.size, 0.004).tolist(),
            "p05": (0.7 * s).tolist(),
            "p95": np.minimum(1.0, 1.2 * s).tolist(),
        },
        "by_option": {
            choice: {
                option: {
                    "draws": 400 // len(options),
                    "estimates": {
                        n: estimates[n]
                        for n in ("p_collapse_within_2y", "p_holds_20y", "p_holds_30y")
                    },
                }
                for option in options
            }
            for choice, options in CHOICES.items()
        },
        "notes": [],
    } | more


def columns(one: Mapping[str, Any]) -> dict[str, Any]:
    """The curves of a summary as the columns of ``curves.parquet``."""
    curve = one["curve"]
    years = np.array(curve["years"])
    parts = [("survival", years, np.array(curve["survival"]))]
    for cause, e in one["causes_detail"].items():
        total = 1.0 - curve["survival"][-1]
        share = 0.0 if total == 0.0 else e["value"] / total
        parts.append((f"incidence:{cause}", years, share * (1.0 - np.array(curve["survival"]))))
    ends = np.arange(1.0, np.ceil(years[-1]) + 1.0)
    parts.append(("deployed", ends, 6000.0 * np.exp(-0.3 * ends)))
    size = sum(y.size for _, y, _ in parts)
    value = np.concatenate([v for _, _, v in parts])
    return {
        "scenario": np.full(size, one["scenario"], object),
        "curve": np.concatenate([np.full(y.size, name, object) for name, y, _ in parts]),
        "years": np.concatenate([y for _, y, _ in parts]),
        "value": value,
        "mcse": 0.01 * value + 1e-6,
        "p05": 0.7 * value,
        "p95": 1.2 * value,
    }


def by_option_curves(horizon: float) -> dict[str, Any]:
    """Curves of options, one choice with few, one with names that try the layout, one with many."""
    years = np.arange(0.0, np.floor(horizon) + 1.0)

    def curve(i: int) -> dict[str, list[float]]:
        value = survival(years, 0.3 + 0.05 * i)
        return {
            "value": value.tolist(),
            "mcse": (0.01 * value).tolist(),
            "p05": (0.8 * value).tolist(),
            "p95": (1.1 * value).tolist(),
        }

    return {
        "years": years.tolist(),
        "choices": {
            choice: {option: curve(i) for i, option in enumerate(options)}
            for choice, options in CHOICES.items()
        },
    }


def background(one: Mapping[str, Any]) -> dict[str, Any]:
    """What stands behind a made scenario."""
    edges = np.linspace(0.0, float(one["curve"]["years"][-1]), 121)
    names = [
        "united-kingdom",
        "france",
        "denmark",
        "norway",
        "sweden",
        "finland",
        "estonia",
        "latvia",
    ]
    deployed = {
        n: (3000.0 / (i + 1) * np.exp(-0.3 * edges[1:])).tolist() for i, n in enumerate(names)
    }
    group = {"draws": 80, "mcse": 0.01}
    ranked = [
        {
            "name": "w0",
            "choice": False,
            "explained": 0.5,
            "clear": True,
            "groups": [
                {"label": label, "middle": 0.3 + 0.1 * i, "value": 0.5 - 0.08 * i, **group}
                for i, label in enumerate(("lowest fifth", "second fifth", "highest fifth"))
            ],
        },
        {
            "name": "reference_class",
            "choice": True,
            "explained": 0.3,
            "clear": True,
            "groups": [
                {"label": "civil_no_victory", "middle": None, "value": 0.14, **group},
                {"label": EVIL, "middle": None, "value": 0.59, **group},
            ],
        },
        {"name": "kappa", "choice": False, "explained": 0.0, "clear": False, "groups": []},
    ]
    return {
        "scenario": one["scenario"],
        "book": one["book"],
        "choices": {"reference_class": {"civil_no_victory": 0.7, "other": 0.3}},
        "drawn": {"w0": [0.3, 0.5, 0.7]},
        "influence": {"quantity": "p_holds_20y", "ranked": ranked},
        "survival_by_option": by_option_curves(float(one["curve"]["years"][-1])),
        "deployment": {
            "draws": 400,
            "worlds": 4000,
            "edges_years": edges.tolist(),
            "promised": {n: np.full(120, 3000.0 / (i + 1)).tolist() for i, n in enumerate(names)},
            "deployed": deployed,
            "reinforcement": np.zeros(120).tolist(),
        },
    }


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
            "france": {
                "name": "France",
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


def run_folder(folder: Path, summaries: Sequence[Mapping[str, Any]], bare: bool = False) -> Path:
    """Write the folder of a run; ``bare`` leaves out what older runs do not have."""
    folder.mkdir(parents=True, exist_ok=True)
    tables = [columns(one) for one in summaries]
    joined = {k: np.concatenate([t[k] for t in tables]) for k in tables[0]}
    files = {"curves.parquet": table_bytes(joined), "summary.json": json_bytes(list(summaries))}
    if not bare:
        behind = [background(one) for one in summaries]
        tree = {"books": {"blend": book()}, "scenarios": behind}
        files["background.json"] = json_bytes(tree)
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
        "resolved": {one["scenario"]: plan(one["scenario"]) for one in summaries},
    }
    write_results(folder, files, {} if bare else about)
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

    def difference(first: int, second: int, name: str) -> dict[str, Any]:
        value = quantities[name] * (first - second)
        return {
            "first": names[first],
            "second": names[second],
            "quantity": name,
            **estimate(value, abs(value) / 20.0, 0.5),
            "p_better": 0.9,
            "p_better_mcse": 0.01,
            "variance_gain": 22.5,
            "significant": True,
            "same": False,
        }

    order = list(range(len(names)))[::-1]
    return {
        "finding": f"{names[-1]} holds longest.",
        "seed": 5,
        "draws": 400,
        "trials": 100,
        "book_names": ["blend"],
        "estimates": {
            name: {
                "p_collapse_within_2y": estimate(0.5 - 0.02 * i),
                "p_holds_20y": estimate(0.2 + 0.02 * i),
                "p_holds_30y": estimate(0.1 + 0.015 * i),
            }
            for i, name in enumerate(names)
        },
        "reference": names[0],
        "differences": [difference(i, 0, q) for i in range(1, len(names)) for q in quantities],
        "ranking": {
            "quantity": "p_holds_20y",
            "order": [
                {
                    "plan": names[i],
                    **estimate(0.2 + 0.02 * i, 0.006, 0.6),
                    "p_best": float(i == order[0]),
                    "p_best_mcse": 0.00125,
                }
                for i in order
            ],
            "steps": [difference(i, i - 1, "p_holds_20y") for i in order[:-1]],
            "p_order": 0.4,
            "p_order_mcse": 0.0245,
            "unresolved": [],
        },
    }


def sweep_folder(folder: Path, levers: Mapping[str, Sequence[Any]]) -> Path:
    """Write the folder of a sweep over all combinations of levels, with estimates that add up."""
    from itertools import product

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
    rows: dict[str, list[Any]] = {
        k: []
        for k in (
            "point",
            "draws",
            "scenario",
            "book",
            *levers,
            "kind",
            "estimate",
            "value",
            "mcse",
            "p05",
            "p95",
            "p05_mcse",
            "p95_mcse",
            "note",
        )
    }
    for number, labels in enumerate(combinations):
        step = sum(list(v).index(label) for v, label in zip(levers.values(), labels, strict=True))
        for name, base in names.items():
            value = base * (1.0 + 0.05 * step)
            found = {
                "point": number,
                "draws": 400,
                "scenario": "no-force",
                "book": "evidence",
                **dict(zip(levers, labels, strict=True)),
                "kind": "estimate",
                "estimate": name,
                "value": value,
                "mcse": 0.01 * base,
                "p05": 0.5 * value,
                "p95": 1.5 * value,
                "p05_mcse": 0.02 * base,
                "p95_mcse": 0.02 * base,
                "note": None,
            }
            for key, item in found.items():
                rows[key].append(item)
    plan = {
        "name": "made",
        "title": f"A sweep of {EVIL}",
        "description": None,
        "seed": 5,
        "draws": 400,
        "trials": 100,
        "levers": list(levers),
        "factors": [{"kind": "grid", "levers": [name]} for name in levers],
        "inputs": {},
        "fixed": {"x.y": 1},
        "options": {},
        "digest": "ef" * 32,
        "points": [
            {"point": i, "scenario": "no-force", "book": "evidence", "digest": f"{i:064x}"}
            for i in range(len(combinations))
        ],
    }
    _write_rows(folder, len(combinations))
    lines = [f"{i},finished" for i in range(len(combinations))]
    files = {
        "results.parquet": table_bytes(rows),
        "plan.json": json_bytes(plan),
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
