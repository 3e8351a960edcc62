"""Put what was measured into docs/performance.md.

    python benchmarks/page.py docs/performance.json docs/performance.md

Replaces what stands between ``<!-- table: NAME -->`` and ``<!-- end -->``.
"""

import json
import re
import sys
from pathlib import Path

import numpy as np

ESTIMATES = {
    "p_collapse_within_2y": "P(collapse ≤ 2 y)",
    "p_holds_20y": "P(holds 20 y)",
    "rmst_years": "RMST",
}
ARMS = {
    "numba": "whole paths in numba, 1,000 draws x 200",
    "best split": "the same, its best number of paths a draw",
    "simpy": "whole paths in simpy",
    "ema": "EMA Workbench, trial by trial",
    "independent": "the same engine, independent draws",
}


def table(head, rows):
    lines = [head, ["---", *["---:"] * (len(head) - 1)], *rows]
    return "\n".join("| " + " | ".join(map(str, line)) + " |" for line in lines)


def short(value):
    """Three digits."""
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"


def gains(rows):
    return _gains(rows, "")


def differences(rows):
    (baseline,) = {row["conditions"]["baseline"] for row in rows}
    others = [row for row in rows if row["conditions"]["scenario"] != baseline]
    return _gains(others, f" less {baseline}")


def _gains(rows, suffix):
    body = []
    for row in rows:
        found = row["gain"] | {"best split": row["best_split"]["gain"]}
        reach = row["intervals"] | {"best split": row["best_split"]["intervals"]}
        for arm, line in ARMS.items():
            cells = [_gain(found[arm], reach[arm], name + suffix) for name in ESTIMATES]
            body.append([row["conditions"]["scenario"] + suffix, line, *cells])
    head = ["plan", "against", *ESTIMATES.values()]
    return table(head, body)


def _gain(found, reach, name):
    if not found or found[name] is None:
        return "-"
    return with_interval(found[name], *reach[name])


def with_interval(value, low, high):
    return f"{short(value)} ({short(low)} to {short(high)})"


def gains_by_size(rows):
    body = []
    for row in rows:
        for suffix in ("", " less no-force"):
            cells = [row["gain"].get(name + suffix) for name in ESTIMATES]
            if all(cells):
                size = f"{row['draws']:,} x {row['trials']}"
                body.append([row["plan"] + suffix, size, *(with_interval(*cell) for cell in cells)])
    return table(["plan", "draws x trials", *ESTIMATES.values()], body)


def parts(rows):
    head = ["plan", "a trial", "drawing", "compiling", "tallying"]
    body = []
    for row in rows:
        of = row["us_per_draw_by_part"]
        cells = [row["us_per_trial"], of["draw"], of["compile"], of["tally"]]
        body.append([row["conditions"]["scenario"], *(short(cell) for cell in cells)])
    return table(head, body)


def sizes(rows):
    head = ["draws x trials", "processor time (s)", "error of P(collapse ≤ 2 y)", "memory (MB)"]
    body = [
        [
            f"{row['draws']:,} x {row['trials']}",
            short(row["seconds"]),
            f"{row['mcse']:.5f}",
            f"{row['peak_rss_mb']:.0f}",
        ]
        for row in rows
    ]
    return table(head, body)


def contributors(rows):
    head = ["contributors", *(row["contributors"] for row in rows)]
    return table(head, [["µs a trial", *(short(row["us_per_trial"]) for row in rows)]])


def points(rows):
    head = ["points", *(row["points"] for row in rows)]
    return table(head, [["processor time (s)", *(short(row["processor"]) for row in rows)]])


def _by(rows, key):
    values = {}
    for row in rows:
        values.setdefault(row[key], []).append((row["wall"], row["processor"]))
    return {name: np.median(times, axis=0) for name, times in values.items()}


def commands(key):
    def made(rows):
        body = [[name, *(f"{t:.2f}" for t in times)] for name, times in _by(rows, key).items()]
        return table([key, "wall time (s)", "processor time (s)"], body)

    return made


def conditions(measured):
    head = ["measured", "processor", "load at both ends", "Python", "numpy", "numba"]
    body = []
    for name, section in measured.items():
        of = section["conditions"]
        load, versions = of["load"], of["versions"]
        ends = f"{load[0]:.1f} and {load[-1]:.1f}"
        body.append([name, of["machine"], ends, of["python"], versions["numpy"], versions["numba"]])
    return table(head, body)


TABLES = {  # name -> (section of what was measured, how it is shown)
    "gains": ("gains", gains),
    "differences": ("gains", differences),
    "gains_by_size": ("gains_by_size", gains_by_size),
    "parts": ("gains", parts),
    "draws": ("draws", sizes),
    "trials": ("trials", sizes),
    "contributors": ("contributors", contributors),
    "points": ("points", points),
    "workers": ("workers", commands("workers")),
    "starts": ("starts", commands("plan")),
}


def with_tables(page, measured):
    """The page with its tables made anew; none may be missing in what was measured."""

    def made(match):
        if match[1] == "conditions":
            content = conditions(measured)
        else:
            section, show = TABLES[match[1]]
            content = show(measured[section]["rows"])
        return f"<!-- table: {match[1]} -->\n{content}\n<!-- end -->"

    return re.sub(r"<!-- table: (\w+) -->\n.*?<!-- end -->", made, page, flags=re.DOTALL)


def main():
    file, page = map(Path, sys.argv[1:])
    measured = json.loads(file.read_text(encoding="utf-8"))
    text = page.read_text(encoding="utf-8")
    page.write_text(with_tables(text, measured), encoding="utf-8")


if __name__ == "__main__":
    main()
