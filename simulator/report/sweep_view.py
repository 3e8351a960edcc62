"""A sweep seen by one estimate: the levels of its levers, their means, and how these differ."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

import numpy as np

from simulator.estimates.estimate import Estimate
from simulator.estimates.paired import Rows, comparable, contrast
from simulator.model.compiled import BoolArray, FloatArray
from simulator.number_format import with_error
from simulator.quantities import Quantity
from simulator.report.prose.names import difference_unit, quantity
from simulator.report.tables import Cell, Table, estimate_cells, measured, number, table
from simulator.results.sweep import Lever, Point, Sweep, shown

MOST_LEVELS: Final = 24  # of a lever, before it is drawn as points and not as cells
SLICES: Final = 8  # of a lever, for the mean along it

Members = list[tuple[str, BoolArray]]  # levels of a lever with the points that count at each


def headline(sweep: Sweep) -> str:
    """The estimate that a sweep is shown by: the headline, or what the horizon allows."""
    for name in ("p_holds_20y", "p_collapse_within_2y"):
        if any(p.estimates[name].value is not None for p in sweep.points):
            return name
    return "rmst_years"


def view_of(sweep: Sweep, name: str | None = None) -> View:
    """A sweep by an estimate, its headline if none is named, with what its folder has of it."""
    name = name or headline(sweep)
    return View(sweep, name, paired_rows(sweep, name) if sweep.levers else {})


def paired_rows(sweep: Sweep, name: str) -> Mapping[int, Rows]:
    """What the sweep's folder keeps for paired differences in an estimate, by number of a point.

    Empty where the folder has none, and where the estimate is not one that they are kept for.
    """
    from simulator.sweeps.store import Store  # with the engines, which other reports do not need

    finished = {point.number for point in sweep.points}
    digests = {one.number: one.digest for one in sweep.plan.points if one.number in finished}
    store = Store(sweep.folder)
    held = store.holdings()
    kept = store.rows([digest for digest in digests.values() if digest in held.points], held)
    if not kept or name not in comparable([one.horizon for one in kept.values()]):
        return {}
    return {number: kept[digest] for number, digest in digests.items() if digest in kept}


@dataclass(frozen=True, eq=False)
class View:
    """A sweep by one estimate, with the rows by draw that are kept of it, by number of a point."""

    sweep: Sweep
    name: str
    rows: Mapping[int, Rows]

    @property
    def of(self) -> Quantity:
        """What the estimate is called."""
        return quantity(self.name)

    @property
    def difference_unit(self) -> str:
        """The unit of a difference and of an error."""
        return difference_unit(self.of)

    @property
    def values(self) -> FloatArray:
        """The estimate at every point; NaN where it does not exist."""
        return np.array([p.estimates[self.name].value for p in self.sweep.points], np.float64)

    @property
    def is_sample(self) -> bool:
        """Whether a lever has more numbers than can be drawn one by one."""
        return any(one.numeric and len(one.labels) > MOST_LEVELS for one in self.sweep.levers)

    @property
    def typical_error(self) -> float | None:
        """Median Monte Carlo standard error of the points, in the unit shown; None if not known."""
        known = [e for p in self.sweep.points if (e := p.estimates[self.name].mcse) is not None]
        return self.of.factor * float(np.median(known)) if known else None

    def shown_at(self, point: Point) -> str:
        """The estimate at a point in the unit and the digits that it is printed in."""
        e = point.estimates[self.name].scaled(self.of.factor)
        return with_error(e.value, e.mcse, 1)

    def level_with(self, point: Point) -> str:
        """How many other points show the same number: the first of them is not more extreme."""
        at = self.shown_at(point)
        same = sum(self.shown_at(p) == at for p in self.sweep.points) - 1
        more = f", and {same:,} more that show{'s' if same == 1 else ''} the same number"
        return more if same else ""

    def levels(self, lever: Lever) -> list[tuple[str, float, int]]:
        """Levels of a lever with the mean there, in the unit shown, and the points behind it.

        Where levels are combined with different levels of the other levers, their plain means would
        differ by those too; so only combinations count that have a value at every level, if there
        are any. A lever of numbers as in a sample, very many or never with the same others, is cut
        into slices, which share the others alike.
        """
        values = self.of.factor * self.values
        return [
            (level, float(values[here].mean()), int(np.count_nonzero(here)))
            for level, here in self._members(lever)[0]
        ]

    def is_matched(self, lever: Lever) -> bool:
        """Whether the same combinations of the other levers count at every level of this one."""
        return self._members(lever)[1]

    def differences(self, lever: Lever) -> list[tuple[str, Estimate]]:
        """Levels after the first with their mean less the mean at the first, paired by draw.

        Empty where levels did not run with the same settings of the other levers, or the rows of a
        point that counts are not there.
        """
        members, matched = self._members(lever)
        found = [(level, self._rows_at(here)) for level, here in members]
        if not matched or not all(rows for _, rows in found):
            return []
        first = found[0][1]
        return [(level, contrast(some, first, self.name)) for level, some in found[1:]]

    def from_first(self) -> dict[int, Estimate]:
        """Every point less the first, paired by draw, by number; empty where rows are not kept."""
        numbers = [p.number for p in self.sweep.points]
        if not self.rows.keys() >= {*numbers}:
            return {}
        first = self.rows[numbers[0]]
        return {n: contrast([self.rows[n]], [first], self.name) for n in numbers}

    def error_between(self, lever: Lever, first: int, second: int) -> float | None:
        """Standard error of the difference of two levels, as `levels` counts; None if not known.

        That of the draws, paired, where both ran with the same settings of the other levers. Else
        these settings differ by chance between the two, as in a sample: ``sqrt(s1**2 / n1 + s2**2 /
        n2)``, from the scatter of the points at each, is added to it in quadrature. That scatter
        alone knows nothing of the draws, which all points share; with few it can be the smaller
        part by far. Without rows it is all there is.
        """
        members, matched = self._members(lever)
        reference, points = (self._rows_at(members[i][1]) for i in (first, second))
        paired = reference and points
        of_draws = contrast(points, reference, self.name).mcse if paired else None
        if matched:
            return of_draws
        of_points = self.error_of_points(lever, first, second)
        return None if of_points is None else float(np.hypot(of_points, of_draws or 0.0))

    def error_of_points(self, lever: Lever, first: int, second: int) -> float | None:
        """Standard error of the difference of two levels from the scatter of the points at each."""
        ends = [self.values[self._members(lever)[0][i][1]] for i in (first, second)]
        if min(end.size for end in ends) < 2:
            return None
        return float(np.sqrt(sum(end.var(ddof=1) / end.size for end in ends)))

    def table(self, names: list[str]) -> Table:
        """One row for each point: its levers, and its estimates of these names."""
        levers, draws = self.sweep.levers, self.sweep.draws
        columns = ["point", *(lever.name for lever in levers)]
        rows: list[list[Cell | str]] = []
        for point in self.sweep.points:
            labels = [point.settings[lever.name] for lever in levers]
            cells = (number(v, shown(v)) if isinstance(v, float) else shown(v) for v in labels)
            rows.append([number(point.number), *cells])
        for name in names:
            of = quantity(name)
            columns += measured(of.titled)
            for row, point in zip(rows, self.sweep.points, strict=True):
                row += estimate_cells(point.estimates.get(name), draws, of.factor)
        return table(columns, rows)

    def _rows_at(self, here: BoolArray) -> list[Rows]:
        """The rows of these points; empty where those of any are not there."""
        numbers = [p.number for p, at in zip(self.sweep.points, here, strict=True) if at]
        return [self.rows[n] for n in numbers] if self.rows.keys() >= {*numbers} else []

    def _members(self, lever: Lever) -> tuple[Members, bool]:
        """Levels with the points that count at each, and whether like stands against like."""
        known = np.isfinite(self.values)
        labels = [p.settings[lever.name] for p in self.sweep.points]
        matched = self._matched(lever, known)
        most = SLICES if not matched.any() else MOST_LEVELS
        if lever.numeric and len(lever.labels) > most:
            x = np.array(labels, np.float64)
            edges = np.quantile(x, np.linspace(0.0, 1.0, SLICES + 1))
            code = slice_of(x, edges)
            found = [
                (f"{shown(low)} to {shown(high)}", (code == i) & known)
                for i, (low, high) in enumerate(pairwise(edges.tolist()))
            ]
            matched = np.zeros_like(known)
        else:
            counted = matched if matched.any() else known
            found = [(shown(v), np.array([v == w for w in labels]) & counted) for v in lever.labels]
        return [(level, here) for level, here in found if here.any()], bool(matched.any())

    def _matched(self, lever: Lever, known: BoolArray) -> BoolArray:
        """Points whose setting of the other levers has a value at all levels of this one."""
        others = [
            tuple(label for name, label in point.settings.items() if name != lever.name)
            for point in self.sweep.points
        ]
        count = Counter(other for other, here in zip(others, known, strict=True) if here)
        return known & np.array([count[other] == len(lever.labels) for other in others], np.bool_)


def slice_of(x: FloatArray, edges: FloatArray) -> FloatArray:
    """In which of the slices between the edges each value lies."""
    return np.clip(np.searchsorted(edges, x, side="right") - 1, 0, SLICES - 1)
