"""The simulator's own survival curves, set against the record's."""

from typing import Any, Final

import numpy as np

from simulator.analysis.run import Job, run
from simulator.books.load import load_book
from simulator.evidence.writing import BOOK_CLASSES, shipped_class
from simulator.scenario import load_scenario

AGES: Final = (1.0, 2.0, 5.0, 10.0, 20.0, 30.0)
TRIALS: Final = 16  # of each draw: without a force, worlds differ in when the phase is drawn

# What makes a simulated ceasefire one of the record: its own durable hazard, and no factor that the
# rows do not distinguish (both sides had just fought in all of them).
RECORD_LIKE: Final = (
    "structure.holding_reading=record",
    "assumptions.hr.russia_unready=1",
    "assumptions.hr.ukraine=1",
)


def model_against_record(draws: int, seed: int) -> dict[str, Any]:
    """Simulate a ceasefire without a force under each class and set it beside that class.

    By class: ``record`` (Kaplan-Meier with its 90 % pointwise interval; None at ages that nobody
    was watched to), ``watched_to_years`` (past which fewer than three were watched), ``model``
    (5-95 % range over assumptions), ``outside`` (ages at which it leaves the record's interval) ...
    """
    return {name: _against(name, draws, seed) for name in BOOK_CLASSES}


def _against(name: str, draws: int, seed: int) -> dict[str, Any]:
    found = shipped_class(name)
    sets = (*RECORD_LIKE, f"structure.reference_class={name}")
    job = Job(load_scenario("no-force", sets), load_book("evidence"), seed, draws, TRIALS)
    curves = run(job).outcome.curves
    keys = ("value", "p05", "p95")
    curve = {key: getattr(curves.survival, key).tolist() for key in keys}
    record, model, outside = [], [], []
    for age in AGES:
        at = int(np.flatnonzero(curves.years == age)[0])
        model.append({key: values[at] for key, values in curve.items()})
        point = found["kaplan_meier"].get(f"{age:g}")
        record.append(point and dict(zip(keys, point, strict=True)))
        if point and not record[-1]["p05"] <= model[-1]["value"] <= record[-1]["p95"]:
            outside.append(age)
    return {
        "title": found["title"],
        "years": list(AGES),
        "record": record,
        "watched_to_years": found["watched_to_years"],
        "model": model,
        "outside": outside,
        "curve": {"years": curves.years.tolist()} | curve,
    }
