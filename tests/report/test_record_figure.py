"""The record figure draws what it is given."""

from __future__ import annotations

import numpy as np

from simulator.report.figures.record import against_record
from simulator.report.save import figure_bytes

FOUND = {
    "title": "Civil wars",
    "years": [1.0, 30.0],
    "watched_to_years": 12,
    "record": [{"value": 0.6, "p05": 0.5, "p95": 0.7}, None],
    "curve": {"years": [0.0, 15.0, 30.0], "value": [1.0, 0.5, 0.4], "p05": [1, 0.3, 0.2],
              "p95": [1, 0.7, 0.6]},
}  # fmt: skip


def test_curve_points_and_labels():
    figure = against_record({"a": FOUND, "b": FOUND, "c": FOUND})
    panels = [axes for axes in figure.axes if axes.get_visible()]
    assert len(panels) == 3
    line = next(entry for entry in panels[0].lines if entry.get_label() == "simulated, no force")
    assert np.array_equal(line.get_xdata(), [0, 15, 30])
    assert np.array_equal(line.get_ydata(), [100, 50, 40])
    mark = next(entry for entry in panels[0].lines if entry.get_label().startswith("fewer than 3"))
    assert list(mark.get_xdata()) == [12, 12]
    [points] = panels[0].containers
    assert np.array_equal(points[0].get_xydata(), [[1, 60]])  # unwatched ages are left out
    assert figure.get_supxlabel() == "years since the ceasefire"
    assert figure.get_supylabel() == "still hold, %"
    assert panels[0].get_title("left") == "Civil wars"


def test_equal_figures_give_equal_files():
    one, two = (figure_bytes(against_record({"a": FOUND}), "svg") for _ in range(2))
    assert one == two
