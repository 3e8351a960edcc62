"""What a sweep found, from the points that are finished, and what runs found side by side."""

from collections.abc import Sequence

from simulator.analysis import findings
from simulator.estimates.compare import Comparison
from simulator.report.sweep_view import View
from simulator.results.runs import Run
from simulator.results.sweep import Point, Sweep, short, shown


def runs_finding(found: Comparison, runs: Sequence[Run]) -> str:
    """What runs of several plans add to the first of them, and with how many soldiers."""
    steps = {run.name: run.waterfall for run in runs}
    planned, offered = (
        {name: of[step].value or 0.0 for name, of in steps.items() if of}
        for step in ("planned", "offered")
    )
    titles = findings.distinct({run.name: run.title for run in runs})
    return findings.of_comparison(found, titles, planned, offered)


def sweep_finding(found: Sweep, quantity: str) -> str:
    """Between which points a quantity lies, and which lever moves it most."""
    points = [(point_name(point), point.estimates[quantity]) for point in found.points]
    return findings.of_sweep(points, lever_spans(found, quantity), quantity)


def lever_spans(found: Sweep, quantity: str) -> list[tuple[str, float]]:
    """How far each lever moves a quantity between its levels, in its unit; the most first."""
    view, spans = View(found, quantity, {}), []
    for lever in found.levers:
        means = [mean for _, mean, _ in view.levels(lever)]
        if means:
            spans.append((lever.name, max(means) - min(means)))
    return sorted(spans, key=lambda one: -one[1])


def point_name(point: Point) -> str:
    """The settings of a point in a few words."""
    return ", ".join(f"{short(name)} {shown(label)}" for name, label in point.settings.items())
