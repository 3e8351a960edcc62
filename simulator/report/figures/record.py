"""The simulated survival of each class of past ceasefires against the record's own."""

from collections.abc import Mapping
from textwrap import fill
from typing import Any, Final

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from simulator.report.canvas import drawing
from simulator.report.palette import BLUE, INK, MUTED, RULE

PANEL_WIDTH: Final = 380.0  # pixels, one point each
PANEL_HEIGHT: Final = 250.0
TITLE_LETTERS: Final = 46


def against_record(curves: Mapping[str, Any]) -> Figure:
    """A panel for each class: simulated survival with its range, the record's with its interval.

    Classes are as `simulator.evidence.model_curves.model_against_record` returns them.
    """
    rows = (len(curves) + 1) // 2
    with drawing():
        size = 2 * PANEL_WIDTH / 72.0, rows * PANEL_HEIGHT / 72.0 + 0.5
        figure = Figure(figsize=size, dpi=72.0, layout="constrained")
        panels = figure.subplots(rows, 2, sharex=True, sharey=True, squeeze=False)
        for axes, found in zip(panels.flat, curves.values(), strict=False):
            _panel(axes, found)
        for axes in list(panels.flat)[len(curves) :]:
            axes.set_visible(False)
        figure.supxlabel("years since the ceasefire")
        figure.supylabel("still hold, %")
        handles, labels = panels[0, 0].get_legend_handles_labels()
        figure.legend(handles, labels, loc="outside upper center", ncols=2, frameon=False)
    return figure


def _panel(axes: Axes, found: Mapping[str, Any]) -> None:
    curve, years = found["curve"], found["curve"]["years"]
    low, value, high = (100.0 * np.array(curve[name]) for name in ("p05", "value", "p95"))
    band: dict[str, Any] = {"color": BLUE, "alpha": 0.15, "linewidth": 0}
    axes.fill_between(years, low, high, label="5-95 % over assumptions", **band)
    axes.plot(years, value, color=BLUE, label="simulated, no force")
    watched = [(age, p) for age, p in zip(found["years"], found["record"], strict=True) if p]
    low, value, high = (
        100.0 * np.array([p[name] for _, p in watched]) for name in ("p05", "value", "p95")
    )
    dots: dict[str, Any] = {"fmt": "o", "color": INK, "markersize": 4, "linewidth": 1, "capsize": 2}
    ages, ends = [age for age, _ in watched], [value - low, high - value]
    axes.errorbar(ages, value, yerr=ends, label="record, 90 % interval", **dots)
    end = "fewer than 3 watched beyond"
    axes.axvline(found["watched_to_years"], color=MUTED, linestyle=":", linewidth=1, label=end)
    axes.set_title(fill(found["title"], TITLE_LETTERS), fontsize=11, color=INK, loc="left")
    axes.set_ylim(0, 100)
    axes.set_xlim(0, max(years) + 0.5)  # room for the last interval
    axes.grid(color=RULE, linewidth=0.6)
    axes.set_axisbelow(True)
    axes.tick_params(colors=MUTED)
    axes.spines[["top", "right"]].set_visible(False)
