"""Draw what `scaling.py` measured.

python benchmarks/figures.py docs/performance/scaling.json docs/performance
"""

from __future__ import annotations

import json
import sys
from collections import defaultdict
from pathlib import Path

import matplotlib
import numpy as np
from matplotlib.figure import Figure

from simulator.report.palette import BLUE, GREEN, GREY, INK, MUTED, ORANGE, RULE, SKY, VERMILION

STYLE = {
    "font.family": "sans-serif",
    "font.size": 10,
    "axes.edgecolor": MUTED,
    "axes.labelcolor": INK,
    "axes.grid": True,
    "grid.color": RULE,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "legend.frameon": False,
    "svg.fonttype": "none",  # text stays text, and files small
    "svg.hashsalt": "performance",  # the same figures give the same bytes
}
PARTS = {
    "loop": (BLUE, "simulating paths"),
    "tally": (ORANGE, "tallying and estimating"),
    "draws": (GREEN, "drawing assumptions"),
    "compile": (VERMILION, "compiling the model"),
    "io": (GREY, "writing files"),
    "start": (SKY, "start-up"),
}
MARKERS = "osD^vP"


def panels(width=7.2, height=3.0, count=1):
    figure = Figure(figsize=(width, height), layout="constrained")
    axes = figure.subplots(1, count, squeeze=False)[0]
    return figure, axes


def times_by_part(axes, rows, x, label):
    """Seconds of every part against a size, on logarithmic scales."""
    for (part, (colour, name)), marker in zip(PARTS.items(), MARKERS, strict=True):
        y = [row["breakdown"][part] for row in rows]
        axes.loglog(x, y, color=colour, marker=marker, markersize=4, label=name)
    axes.set(xlabel=label, ylabel="processor time (s)")
    axes.legend(fontsize=8)


def memory(axes, rows, x, label):
    axes.semilogx(x, [row["peak_rss_mb"] for row in rows], color=INK, marker="o", markersize=4)
    axes.set(xlabel=label, ylabel="peak memory (MB)")
    axes.set_ylim(bottom=0)


def paths(rows):
    figure, (left, right) = panels(height=3.6, count=2)
    x = [row["paths"] for row in rows]
    times_by_part(left, rows, x, "paths")
    memory(right, rows, x, "paths")
    right.axhline(400, color=MUTED, linestyle="--")
    right.annotate("limit", (x[0], 400), (0, 4), textcoords="offset points", color=MUTED)
    right.set_ylim(0, 450)
    return figure


def draws(rows):
    figure, (left, right) = panels(height=3.6, count=2)
    x = [row["draws"] for row in rows]
    times_by_part(left, rows, x, f"draws, of {rows[0]['paths']:,} paths in all")
    memory(right, rows, x, "draws")
    return figure


def contributors(rows):
    figure, (axes,) = panels(width=5.0)
    x = [row["contributors"] for row in rows]
    core, numba = (BLUE, "o", "the fast engine"), (VERMILION, "s", "the scalar twin, by numba")
    for arm, (colour, marker, name) in {"core": core, "numba": numba}.items():
        if arm in rows[0]:
            y = [row[arm] / 1e3 for row in rows]
            axes.plot(x, y, color=colour, marker=marker, markersize=4, label=name)
    axes.set(xlabel="contributors in the plan", ylabel="µs a path")
    axes.set_ylim(bottom=0)
    axes.legend(fontsize=8)
    return figure


def points(rows):
    figure, (axes,) = panels(width=5.0)
    x, y = ([row[name] for row in rows] for name in ("points", "processor"))
    slope, start = np.polyfit(x, y, 1)
    axes.plot(x, y, color=BLUE, marker="o", markersize=4, linestyle="none", label="measured")
    line = np.array([0.0, max(x)])
    name = f"{start:.2g} s + {slope:.2g} s a point"
    axes.plot(line, start + slope * line, color=MUTED, linestyle="--", label=name)
    axes.set(xlabel="points of a sweep (20,000 paths each)", ylabel="processor time (s)")
    axes.set_ylim(bottom=0)
    axes.legend(fontsize=8)
    return figure


def workers(rows):
    figure, (axes,) = panels(width=5.0)
    wall = defaultdict(list)
    for row in rows:
        wall[row["workers"]].append(row["wall"])
    for count, seconds in wall.items():
        axes.plot([count] * len(seconds), seconds, "o", color=BLUE, alpha=0.5, markersize=4)
    one = float(np.median(wall[1]))
    axes.plot([1, 2], [one, one / 2], color=MUTED, linestyle="--", label="half the time")
    axes.plot([1, 2], [one, np.median(wall[2])], color=BLUE, label="median")
    axes.set(xlabel="workers", ylabel="wall time (s)", xticks=[1, 2], xlim=(0.7, 2.3))
    axes.set_ylim(bottom=0)
    axes.legend(fontsize=8)
    return figure


FIGURES = {
    "paths": paths,
    "draws": draws,
    "contributors": contributors,
    "points": points,
    "workers": workers,
}


def main():
    source, folder = sys.argv[1:]
    measured = json.loads(Path(source).read_text())
    matplotlib.rcParams.update(STYLE)
    for name, section in measured.items():
        figure = FIGURES[name](section["rows"])
        figure.savefig(Path(folder, f"{name}.svg"), metadata={"Date": None})


if __name__ == "__main__":
    main()
