"""Draw what `measure.py` measured, and write its tables into the page that tells of it.

    python benchmarks/figures.py docs/performance

reads ``docs/performance/measured.json``, writes figures beside it, and replaces what stands between
``<!-- table: NAME -->`` and ``<!-- end -->`` in ``docs/performance.md``.
"""

from __future__ import annotations

import json
import re
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
    "svg.hashsalt": "performance",  # the same numbers give the same bytes
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


def panels(width, height, count=1):
    figure = Figure(figsize=(width, height), layout="constrained")
    return figure, figure.subplots(1, count, squeeze=False)[0]


def times_by_part(axes, rows, x):
    """Seconds of every part against a size, on logarithmic scales."""
    for (part, (colour, name)), marker in zip(PARTS.items(), MARKERS, strict=True):
        y = [row["breakdown"][part] for row in rows]
        axes.loglog(x, y, color=colour, marker=marker, markersize=4, label=name)
    axes.set_ylabel("processor time (s)")
    axes.figure.legend(fontsize=8, ncols=3, loc="outside lower center", columnspacing=1.2)


def memory(axes, rows, x):
    axes.semilogx(x, [row["peak_rss_mb"] for row in rows], color=INK, marker="o", markersize=4)
    axes.set_ylabel("peak memory (MB)")
    axes.set_ylim(bottom=0)


def cost_and_memory(rows, along, label):
    figure, (left, right) = panels(7.6, 3.9, 2)
    x = [row[along] for row in rows]
    times_by_part(left, rows, x)
    memory(right, rows, x)
    for axes in (left, right):
        axes.set_xlabel(label)
    return figure


def paths(rows):
    return cost_and_memory(rows, "paths", "paths")


def draws(rows):
    return cost_and_memory(rows, "draws", f"draws, of {rows[0]['paths']:,} paths in all")


def contributors(rows):
    figure, (axes,) = panels(5.0, 3.0)
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
    figure, (axes,) = panels(5.0, 3.0)
    x, y = ([row[name] for row in rows] for name in ("points", "processor"))
    slope, start = np.polyfit(x, y, 1)
    axes.plot(x, y, color=BLUE, marker="o", markersize=4, linestyle="none", label="measured")
    line = np.array([0.0, max(x)])
    name = f"{start:.1f} s + {1e3 * slope:.0f} ms a point"
    axes.plot(line, start + slope * line, color=MUTED, linestyle="--", label=name)
    axes.set(xlabel="points of a sweep, 20,000 paths each", ylabel="processor time (s)")
    axes.set_ylim(bottom=0)
    axes.legend(fontsize=8)
    return figure


def by_workers(rows, name):
    values = defaultdict(list)
    for row in rows:
        values[row["workers"]].append(row[name])
    return values


def workers(rows):
    figure, (axes,) = panels(5.0, 3.0)
    wall = by_workers(rows, "wall")
    for count, seconds in wall.items():
        axes.plot([count] * len(seconds), seconds, "o", color=BLUE, alpha=0.5, markersize=4)
    one, two = (float(np.median(wall[count])) for count in (1, 2))
    axes.plot([1, 2], [one, one / 2], color=MUTED, linestyle="--", label="half the time")
    axes.plot([1, 2], [one, two], color=BLUE, label="median")
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


def table(head, rows):
    lines = [head, ["---", *["---:"] * (len(head) - 1)], *rows]
    return "\n".join("| " + " | ".join(map(str, line)) + " |" for line in lines)


def short(value):
    """Three digits."""
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"


def shares(row):
    total = sum(row["breakdown"].values())
    return [f"{row['breakdown'][part] / total:.0%}" for part in ("loop", "tally", "draws", "start")]


def whole_runs(rows, size):
    head = [size, "processor time (s)", "loop", "tally", "draws", "start-up", "peak memory (MB)"]
    body = [
        [
            f"{row[size]:,}",
            short(sum(row["breakdown"].values())),
            *shares(row),
            f"{row['peak_rss_mb']:.0f}",
        ]
        for row in rows
    ]
    return table(head, body)


def arms_table(rows):
    (row,) = rows
    head = ["core against", "µs a path", "times as fast", "95 % interval"]
    body = [["core itself", short(row["ns_per_path"]["core"] / 1e3), "1", ""]]
    for arm, ratio in row["ratios"].items():
        low, high = (short(bound) for bound in row["intervals"][arm])
        body.append([arm, short(row["ns_per_path"][arm] / 1e3), short(ratio), f"{low} to {high}"])
    body.append(["random numbers alone", short(row["ns_per_path"]["floor"] / 1e3), "", ""])
    return table(head, body)


def scenarios_table(rows):
    head = ["plan", "events a path", "core: µs a path", "numba", "python", "ema", "simpy"]
    body = [
        [
            row["conditions"]["scenario"],
            f"{row['ns_per_path']['core'] / row['ns_per_event']:.1f}",
            short(row["ns_per_path"]["core"] / 1e3),
            *(short(row["ratios"][arm]) for arm in ("numba", "python", "ema", "simpy")),
        ]
        for row in rows
    ]
    return table(head, body)


def lanes_table(rows):
    head = ["lanes", "µs a turn", "ns a lane and turn", "µs a path"]
    body = [
        [
            f"{row['lanes']:,}",
            short(1e6 * row["turn"]),
            short(1e9 * row["turn"] / row["lanes"]),
            short(1e6 * row["path"]),
        ]
        for row in rows
    ]
    return table(head, body)


def workbench_table(rows):
    head = ["uncertainties of a trial", *(row["uncertainties"] for row in rows)]
    body = [
        ["the workbench's own (µs)", *(short(1e6 * row["trial"]) for row in rows)],
        [
            "to compile the assumptions (µs)",
            *[""] * (len(rows) - 1),
            short(1e6 * rows[-1]["compile"]),
        ],
    ]
    return table(head, body)


def tricks_table(rows):
    head = list(rows[0])
    return table(head, [[row["trick"], *(f"{row[name]:.2f}" for name in head[1:])] for row in rows])


def workers_table(rows):
    wall, processor, others = (by_workers(rows, n) for n in ("wall", "processor", "others"))
    head = ["workers", "wall time (s)", "processor time (s)", "taken by other programs"]
    body = [
        [
            count,
            short(np.median(wall[count])),
            short(np.median(processor[count])),
            f"{np.median(others[count]):.0%}",
        ]
        for count in wall
    ]
    return table(head, body)


def starts_table(rows):
    head = ["of a run of 10,000 paths", "least", "median", "most"]
    body = []
    for name in ("wall", "processor"):
        values = [row[name] for row in rows]
        spread = (min(values), np.median(values), max(values))
        body.append([f"{name} time (s)", *(f"{value:.2f}" for value in spread)])
    return table(head, body)


def conditions_table(measured):
    head = ["measured", "processor", "load at both ends", "Python", "numpy", "numba"]
    body = []
    for name, section in measured.items():
        of = section["conditions"]
        load = f"{of['load'][0]:.1f} and {of['load'][-1]:.1f}"
        versions = of["versions"]
        body.append([name, of["machine"], load, of["python"], versions["numpy"], versions["numba"]])
    return table(head, body)


TABLES = {
    "arms": arms_table,
    "scenarios": scenarios_table,
    "paths": lambda rows: whole_runs(rows, "paths"),
    "draws": lambda rows: whole_runs(rows, "draws"),
    "lanes": lanes_table,
    "tricks": tricks_table,
    "workbench": workbench_table,
    "workers": workers_table,
    "starts": starts_table,
}


def with_tables(page, measured):
    """The page with its tables made anew; none may be missing in what was measured."""

    def made(match):
        name = match[1]
        if name == "conditions":
            content = conditions_table(measured)
        else:
            content = TABLES[name](measured[name]["rows"])
        return f"<!-- table: {name} -->\n{content}\n<!-- end -->"

    pattern = r"<!-- table: (\w+) -->\n.*?<!-- end -->"
    return re.sub(pattern, made, page, flags=re.DOTALL)


def main():
    folder = Path(sys.argv[1])
    page = folder.with_suffix(".md")
    measured = json.loads((folder / "measured.json").read_text(encoding="utf-8"))
    page.write_text(with_tables(page.read_text(encoding="utf-8"), measured), encoding="utf-8")
    matplotlib.rcParams.update(STYLE)
    for name, draw in FIGURES.items():
        figure = draw(measured[name]["rows"])
        figure.savefig(folder / f"{name}.svg", metadata={"Date": None})


if __name__ == "__main__":
    main()
