"""What stands behind a scenario: who is deployed, and which assumptions move the answer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import numpy as np

from simulator.model.compiled import FloatArray
from simulator.number_format import percent, significant, with_error
from simulator.report import vocabulary
from simulator.report.exhibits.exhibit import Exhibit
from simulator.report.figures.influence import Lever, influence
from simulator.report.figures.troops import Force, troops
from simulator.report.results import Run
from simulator.report.tables import ESTIMATE_COLUMNS, Table, band_rows, number, rows_of, text

MOST_SHOWN: Final = 6  # contributors with a colour of their own, and influences


def force_of(run: Run) -> Force:
    """Soldiers over time in the form that the figure takes."""
    target = float(run.plan.get("force", {}).get("target_troops", 0))
    found = run.background.get("deployment") or {}
    edges = np.array(found.get("edges_years", []), np.float64)
    if not found.get("deployed"):
        edges, nothing = np.zeros(0), np.zeros(0)
        return Force(target, run.year_ends, run.deployed, edges, nothing, (), np.zeros((0, 0)))
    by_name = {str(k): np.array(v, np.float64) for k, v in found["deployed"].items()}
    promised = np.sum([np.array(v, np.float64) for v in found["promised"].values()], axis=0)
    ranked = sorted(by_name, key=lambda name: (-float(by_name[name].sum()), name))
    shown = ranked if len(ranked) <= MOST_SHOWN else ranked[: MOST_SHOWN - 1]
    known = run.plan.get("contributors", {})
    layers = {str(known.get(name, {}).get("name", name)): by_name[name] for name in shown}
    extra = np.array(found["reinforcement"], np.float64)
    if extra.max(initial=0.0) > 0.5:
        layers["reinforcement"] = extra
    rest = [by_name[name] for name in ranked[len(shown) :]]
    if rest:
        layers[f"{len(rest)} others"] = np.sum(rest, axis=0)
    return Force(
        target,
        run.year_ends,
        run.deployed,
        edges,
        promised,
        tuple(layers),
        np.stack([*layers.values()]),
    )


def troops_exhibit(run: Run) -> Exhibit:
    """Deployed against planned."""
    force = force_of(run)
    fill = run.estimates["fill_rate"]
    peak = (
        ""
        if fill.value is None
        else (
            f"The peak of a ceasefire is on average {percent(fill.value, fill.mcse)} % of the "
            "soldiers planned (0 where it collapses before anybody arrives). Peaks come at "
            "different times, so fewer are there at any one time, as the curve shows. "
        )
    )
    sampled = run.background.get("deployment", {}).get("worlds")
    composed = (
        f" Contributors and promises are those of {sampled:,} of the run's worlds."
        if sampled
        else ""
    )
    return Exhibit(
        "troops",
        "Who is there, and how many",
        f"{peak}A ceasefire that has collapsed counts as nobody deployed. Promised: those who "
        f"commit, from their arrival on, had nobody left and had the ceasefire held.{composed}",
        lambda width, heading: troops(force, width=width, heading=heading),
        _troops_table(run, force),
    )


def _troops_table(run: Run, force: Force) -> Table:
    columns = ["year", *(f"soldiers deployed: {c}" for c in ESTIMATE_COLUMNS)]
    rows = band_rows(run.year_ends, run.deployed, run.draws, 1.0)
    layers: dict[str, FloatArray] = {}
    if force.edges.size:
        layers = {"promised": force.promised}
        layers |= dict(zip(force.names, force.by_contributor, strict=True))
        columns += [f"{name}, sampled" for name in layers]
    middles = (force.edges[1:] + force.edges[:-1]) / 2.0
    full = []
    for start, row in zip([0.0, *run.year_ends[:-1].tolist()], rows, strict=True):
        inside = (middles > start) & (middles < float(row[0].raw or 0.0))
        means = [float(v[inside].mean()) if inside.any() else None for v in layers.values()]
        full.append((*row, *(number(m, None if m is None else f"{m:,.0f}") for m in means)))
    return Table(tuple(columns), rows_of(full))


def clear_influences(run: Run) -> list[Mapping[str, Any]]:
    """Influences that chance alone would hardly show, the largest first."""
    return [one for one in run.background.get("influence", {}).get("ranked", []) if one["clear"]]


def influence_exhibit(run: Run) -> Exhibit:
    """Which assumptions move the answer."""
    found = clear_influences(run)
    of = vocabulary.quantity(run.background["influence"]["quantity"])
    levers = [_lever(one) for one in found[:MOST_SHOWN]]
    rows = [
        (
            text(one["name"]),
            text(_meaning(one)),
            number(100.0 * one["explained"], f"{100.0 * one['explained']:.0f}"),
            text(vocabulary.words(g["label"])),
            number(g["middle"], None if g["middle"] is None else significant(g["middle"], 3)),
            number(g["draws"]),
            number(
                of.factor * g["value"], with_error(of.factor * g["value"], of.factor * g["mcse"])
            ),
            number(of.factor * g["mcse"], with_error(of.factor * g["mcse"], of.factor * g["mcse"])),
        )
        for one in found
        for g in one["groups"]
    ]
    return Exhibit(
        "influence",
        "Which assumptions move it most",
        f"For each assumption, the mean of “{of.title}” in the fifth of the draws where it is "
        "lowest and in the fifth where it is highest (the number is its median there); for a "
        "choice, under each option. "
        "Assumptions drawn together share the credit: this is association, not proof. Only those "
        "that chance would hardly show are drawn.",
        lambda width, heading: influence(
            levers, title=of.titled, factor=of.factor, width=width, heading=heading
        ),
        Table(
            (
                "assumption",
                "meaning",
                "share of the variation, %",
                "group of draws",
                "median of the assumption",
                "draws",
                f"{of.titled}: mean",
                "standard error",
            ),
            rows_of(rows),
        ),
    )


def _meaning(one: Mapping[str, Any]) -> str:
    name = str(one["name"])
    return vocabulary.choice(name) if one["choice"] else vocabulary.assumption(name)


def _lever(one: Mapping[str, Any]) -> Lever:
    groups = one["groups"]
    first, last = (
        vocabulary.words(g["label"])
        if g["middle"] is None
        else f"{g['label']}: {significant(g['middle'], 2)}"
        for g in (groups[0], groups[-1])
    )
    return Lever(
        f"{one['name']}: {_meaning(one)}",
        first,
        last,
        tuple(float(g["value"]) for g in groups),
        tuple(float(g["mcse"]) for g in groups),
    )
