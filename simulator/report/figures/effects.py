"""Which lever of a sweep moves it most."""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Final

from simulator.number_format import significant
from simulator.report.exhibit import Exhibit, kind
from simulator.report.figures.influence import Lever as Effect
from simulator.report.figures.influence import influence
from simulator.report.sweep_view import View
from simulator.report.tables import number, table
from simulator.results.sweep import Lever

BAR: Final = "The bar is two standard errors of the difference between the two ends"
SCATTERED: Final = "which did not run with the same settings of the other levers"
BARS: Final[Mapping[str, str]] = {
    "paired": f"{BAR}, paired by draw: {{}}.",
    "scattered": f"{BAR}, from the scatter of the points at each, {SCATTERED}, and of the draws: "
    "{}.",
    "points alone": f"{BAR}, from the scatter of the points at each, {SCATTERED}; what other draws "
    "would change is not in it, because the sweep's folder lacks rows of this estimate by draw: "
    "{}.",
    "unknown": "No error is known, because the sweep's folder lacks rows of this estimate by draw, "
    "over one horizon, or an end has a single point, or there is a single draw: {}.",
}
PICKED: Final = (
    " Words have no order: their ends are the lowest and the highest mean, which Monte Carlo "
    "error alone sets apart too, the more the more levels there are."
)
ENDS: Final = ("lowest level, or lowest mean", "highest level, or highest mean")


@kind("effects", "which lever moves it most", "sweep", 1)
def effects(view: View) -> Exhibit | None:
    """The mean at each level of each lever, over all levels of the others."""
    of, levers = view.of, view.sweep.levers
    if not levers:
        return None
    found = [_effect(view, lever) for lever in levers]
    ordered = sorted((e for e, _ in found), key=lambda e: -(max(e.values) - min(e.values)))
    rows = [
        (lever.name, level, number(mean, significant(mean, 3)), n)
        for lever in levers
        for level, mean, n in view.levels(lever)
    ]
    errors = "± 2 standard errors of their difference"
    return Exhibit(
        "Which lever moves it most",
        f"Mean of “{of.title}” over points that have a lever at one level. Where combinations of "
        "the other levers ran with all its levels, only these count, so that like stands against "
        "like. A lever that matters only together with another shows less here than it does. "
        f"{_bars(view, [error for _, error in found])}",
        partial(influence, ordered, title=of.titled, factor=1.0, ends=ENDS, errors=errors),
        table(("lever", "level", f"{of.titled}: mean", "points"), rows),
    )


def _bars(view: View, errors: Sequence[float | None]) -> str:
    """What the bars are: not of one kind in all designs."""
    levers: dict[str, list[str]] = {bar: [] for bar in BARS}
    for lever, error in zip(view.sweep.levers, errors, strict=True):
        bar = "scattered" if view.rows else "points alone"
        bar = "paired" if view.is_matched(lever) else bar
        levers["unknown" if error is None else bar].append(lever.name)
    said = (BARS[bar].format(named(names, view)) for bar, names in levers.items() if names)
    picked = any(not lever.numeric for lever in view.sweep.levers)
    return " ".join(said) + (PICKED if picked else "")


def named(names: Sequence[str], view: View) -> str:
    """Some of the levers of a sweep, or all of them."""
    return ", ".join(names) if len(names) < len(view.sweep.levers) else "all levers"


def _effect(view: View, lever: Lever) -> tuple[Effect, float | None]:
    """Levels of a lever to draw, and the error of the difference of the two ends."""
    levels = view.levels(lever)
    order = list(range(len(levels)))
    if not lever.numeric:
        order.sort(key=lambda i: levels[i][1])
    first, last = order[0], order[-1]
    error = view.error_between(lever, first, last)
    means = tuple(levels[i][1] for i in order)
    errors = (*(0.0 for _ in means[1:]), view.of.factor * (error or 0.0))
    return Effect(lever.name, levels[first][0], levels[last][0], means, errors), error
