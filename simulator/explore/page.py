"""The page: one file that holds its data, its script and the answer it starts with."""

import base64
import json
from collections.abc import Mapping
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any, Final

import numpy as np
from jinja2.utils import htmlsafe_json_dumps
from markupsafe import Markup
from scipy.special import stdtrit

from simulator.addresses import REPLICATES
from simulator.decide.draws import FEWEST, Floats
from simulator.decide.frontier import COST, PEACE
from simulator.estimates.outcome import TRIALS_FOR_RANGE
from simulator.explore.answer import CLEAR, Setting, Tree, answer
from simulator.explore.explored import AGES, Command, Explored
from simulator.number_format import significant, value_and_error
from simulator.report.page import single_page
from simulator.report.palette import series
from simulator.storage import make_folder, write_text

STEPS: Final = 65_535  # an outcome is kept as so many parts of the largest of its kind
PARTS: Final = (COST, "rmst_years", "troop_years", "peak_troops")
_OF_CONTROL: Final = ("name", "title", "unit", "kind", "start", "ends")
FACTORS: Final = {"percent": 100.0, "billion": 1e-9, "count": 1.0}


def resolution(explored: Explored) -> dict[str, float]:
    """The step in which the page keeps each outcome; a mean is off by half of it at most."""
    return {
        name: 1.0 / STEPS if name in AGES else float(values.max()) / STEPS or 1.0
        for name, values in explored.draws.outcomes.items()
        if name in AGES or name in PARTS
    }


def rounded(explored: Explored) -> Explored:
    """The same with outcomes as the page keeps them."""
    steps = resolution(explored)
    outcomes = {n: _codes(explored.draws.outcomes[n], s) * s for n, s in steps.items()}
    return replace(explored, draws=replace(explored.draws, outcomes=outcomes))


def _codes(values: Floats, step: float) -> Floats:
    return np.asarray(np.rint(values / step))


def first_setting(explored: Explored) -> Setting:
    """The plan that holds longest against the reference, all as it was drawn."""
    held = explored.draws.outcomes[PEACE].mean(axis=1)
    order = [explored.draws.plans[i] for i in np.argsort(-held, kind="stable")]
    plan = next(name for name in order if name != explored.reference)
    return Setting(plan, explored.reference, explored.worths[len(explored.worths) // 2])


def html(explored: Explored) -> str:
    """The page of plans and controls."""
    kept = rounded(explored)
    setting = first_setting(kept)
    found = answer(kept, setting)
    looks = [series(i).colour for i in range(len(kept.draws.plans))]
    tree = data(kept, setting)
    # The years that axes name, at even distances, and the ends of the strip of worths.
    last = max(tree["ages"].values())
    parts = 3 if last % 3.0 == 0.0 else 4
    return single_page(
        "explore",
        "".join(f".swatch{i} {{ fill: {c}; background: {c}; }}\n" for i, c in enumerate(looks)),
        data=tree,
        found=found,
        setting=setting,
        text=lambda path, form, part="value": text(found, path, form, part),
        ticks=[f"{last * i / parts:g}" for i in range(parts + 1)],
        step_text=lambda change, part: text({"one": change}, "one", "billion", part),
        path=lambda who, part: drawing(tree, found[who]["survival"])[part],
        strip=strip(tree, found, setting.worth),
        command=command(explored.source.again, setting.worth),
        encoded=Markup(htmlsafe_json_dumps(tree)),
    )


def data(explored: Explored, setting: Setting) -> Tree:
    """Everything that the script works with."""
    draws, source, steps = explored.draws, explored.source, resolution(explored)
    codes = {name: _codes(draws.outcomes[name], step) for name, step in steps.items()}
    return {
        "title": source.title,
        "about": source.about,
        "draws": draws.size,
        "ranged": draws.trials >= TRIALS_FOR_RANGE,
        "fewest": FEWEST,
        "clear": CLEAR,
        "factors": FACTORS,
        # Student's 97.5 % point by the number of replicates.
        "student": [0.0, 0.0, *(float(stdtrit(n - 1, 0.975)) for n in range(2, REPLICATES + 1))],
        "replicate": _base64(draws.replicate.astype(np.uint8)),
        "ages": {name: AGES[name] for name in AGES if name in steps},
        "columns": {
            name: {"step": step, "codes": _base64(codes[name].astype("<u2"))}
            for name, step in steps.items()
        },
        "plans": [asdict(one) for one in source.plans],
        "levers": [
            {"name": name, "labels": list(dict.fromkeys(one.levers[name] for one in source.plans))}
            for name in source.plans[0].levers
        ],
        "controls": [
            {name: getattr(one, name) for name in _OF_CONTROL}
            | {
                "codes": _base64(one.codes),
                "stops": [
                    {
                        "label": stop.label,
                        "keep": [stop.first, stop.last],
                        "given": stop.given,
                        "belief": source.belief(stop.given),
                        "setting": source.setting(stop.anew) if stop.anew else "",
                    }
                    for stop in one.stops
                ],
            }
            for one in explored.controls
        ],
        "worths": explored.worths,
        "again": asdict(source.again),
        "anew": asdict(source.anew),
        "weigh": source.weigh,
        # Names of books in JSON, whole within the single quotes of a shell.
        "books": {
            book: json.dumps(book).replace("'", "\\u0027")
            for book in answer(explored, setting)["books"]
        },
        "setting": asdict(setting),
    }


def _base64(values: np.ndarray[Any, Any]) -> str:
    return base64.b64encode(values.tobytes()).decode()


def command(template: Command, worth: float) -> str:
    """A command where nothing is believed; `explore.js` adds what is."""
    head = template.head + template.books + template.tail
    return head.replace("{worth}", f"{worth:g}")


def text(found: Tree, path: str, form: str, part: str = "value") -> str:
    """A number of an answer in words, as the page shows it; `explore.js` has the same.

    ``path`` is names into it, with dots between; ``form`` one of `FACTORS`; ``part`` is ``value``
    (with its error), ``range``, or ``size`` (without a sign).
    """
    one: Any = found
    for name in path.split("."):
        if one is not None:
            one = one[int(name)] if isinstance(one, list) else one.get(name)
    if one is None:
        return "–"
    factor = FACTORS[form]
    if not isinstance(one, Mapping):
        return f"{one:,.0f}"
    if part == "range":
        if one["low"] is None or one["high"] is None:
            return "–"
        return " to ".join(significant(factor * one[end], 2) for end in ("low", "high"))
    if one["value"] is None:
        return "–"
    value = abs(one["value"]) if part == "size" else one["value"]
    error = None if one["mcse"] is None else factor * one["mcse"]
    shown, off = value_and_error(factor * value, error)
    return f"{shown}\u00a0±\u00a0{off}" if error else shown


def drawing(tree: Tree, survival: list[Tree]) -> dict[str, str]:
    """Survival as paths in percent over years: its line, its marks and its range."""
    years = [0.0, *tree["ages"].values()]

    def points(end: str) -> list[str]:
        values = [1.0, *(one[end] for one in survival)]
        return [f"{x:.2f} {100.0 * y:.2f}" for x, y in zip(years, values, strict=True)]

    return {
        "line": "M" + "L".join(points("value")),
        "marks": "".join(f"M{point}h0" for point in points("value")[1:]),
        "range": "M" + "L".join(points("high") + points("low")[::-1]) + "Z",
    }


def strip(tree: Tree, found: Tree, worth: float) -> Tree:
    """The best plan by the worth of peace, as paths over its decimal logarithm."""
    ends = [float(np.log10(tree["worths"][i])) for i in (0, -1)]

    def at(value: float | None, otherwise: float) -> float:
        if value is None:
            return otherwise
        shown = float(np.log10(max(value / 1e9, 1e-9)))
        return min(max(shown, ends[0]), ends[1])

    steps = found["best"]["steps"]
    starts = [at(None if one is None else one["value"], ends[0]) for _, one in steps]
    stops = [*starts[1:], ends[1]]
    return {
        "ends": ends,
        "ranks": [
            f"M{low:.4f} 0H{high:.4f}V1H{low:.4f}Z" for low, high in zip(starts, stops, strict=True)
        ],
        "unsure": "".join(
            f"M{at(one['low'], ends[0]):.4f} .5H{at(one['high'], ends[1]):.4f}"
            for _, one in steps
            if one is not None
        ),
        "now": f"M{at(1e9 * worth, ends[0]):.4f} 0V1",
    }


def write(explored: Explored, path: Path) -> Path:
    """Write the page into a file; StorageError if that cannot be done."""
    make_folder(path.parent)
    return write_text(path.parent, path.name, html(explored))
