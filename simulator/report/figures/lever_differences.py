"""What each level of a sweep's lever adds to its first, draw by draw."""

from collections.abc import Collection
from functools import partial

from simulator.report.exhibit import Exhibit, gap_of, kind, of_few_trials
from simulator.report.figures.effects import named
from simulator.report.forest import Column, Row, forest
from simulator.report.sweep_view import View
from simulator.report.tables import ESTIMATE_COLUMNS, estimate_cells, table
from simulator.results.sweep import Lever, shown


@kind("lever-differences", "what each level of a lever adds to its first, by draw", "sweep", 2)
def lever_differences(view: View) -> Exhibit | None:
    """What each level of a lever adds to its first; None where the design supports none."""
    of, sweep = view.of, view.sweep
    found = {lever: some for lever in sweep.levers if (some := view.differences(lever))}
    if not found:
        return None
    ordered = sorted(found, key=lambda lever: -max(abs(e.value or 0.0) for _, e in found[lever]))
    all_of = [(lever, shown(lever.labels[0]), *one) for lever in ordered for one in found[lever]]
    rows = [Row(level, (e,), f"{one.name}, against {first}") for one, first, level, e in all_of]
    column = Column(f"{of.title}: difference, {view.difference_unit}", of.factor, None, most=3)
    numbers = [
        (lever.name, level, first, *estimate_cells(e, sweep.draws, of.factor))
        for lever, first, level, e in all_of
    ]
    measures = (f"{of.title}, difference, {view.difference_unit}: {c}" for c in ESTIMATE_COLUMNS)
    return Exhibit(
        "What each level adds to the first",
        f"Difference in the mean of “{of.title}” from that at the lever's first level, over the "
        "same combinations of the other levers, paired by draw: all points meet the same "
        "assumptions and the same random numbers. The blue bar on a dot, often hidden by it, is "
        "two paired standard errors to both sides; the light one is the range over assumptions."
        f"{of_few_trials(sweep.plan.trials)}{_unpaired(view, found)}",
        partial(forest, rows, [column], zero=True, gap=gap_of(sweep.plan.trials)),
        table(("lever", "level", "against", *measures), numbers),
    )


def _unpaired(view: View, found: Collection[Lever]) -> str:
    """Which levers have no difference with an error, and why; those ``found`` have."""
    levers = view.sweep.levers
    apart = [lever.name for lever in levers if not view.is_matched(lever)]
    lacking = [one.name for one in levers if one.name not in apart and one not in found]
    said = ""
    if apart:
        said += (
            f" Not here: {named(apart, view)}. Levels that are slices, or that never ran "
            "with the same settings of the other levers, differ by those too."
        )
    if lacking:
        said += (
            f" Not here: {named(lacking, view)}. The sweep's folder lacks rows of this "
            "estimate by draw, over one horizon."
        )
    return said
