"""A real sweep's levels against each other, with the errors that its kept rows give."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from matplotlib.text import Text

from simulator.cli.main import cli
from simulator.estimates.estimate import estimate
from simulator.estimates.paired import contrast, values
from simulator.report.exhibit import Exhibit
from simulator.report.figures.influence import effects
from simulator.report.figures.rows import lever_differences
from simulator.report.frame import Frame
from simulator.report.prose.said import sweep_sentences
from simulator.report.show import exhibits_of
from simulator.report.sweep_view import View, paired_rows
from simulator.results.sweep import Lever, Sweep, load_sweep

NAME = "p_holds_20y"
# Two of the nine combinations are left out, so that no level has the same points as another.
TEXT = """
title: Small
scenario: reassurance-force
book: evidence
draws: 64
trials: 16
grid:
  force.target_troops: [0, 10000, 40000]
  assumptions.hr.presence: [0.3, 0.6, 0.9]
exclude:
  - {force.target_troops: 0, assumptions.hr.presence: [0.3, 0.6]}
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("sweep")
    (place / "small.yaml").write_text(TEXT, encoding="utf-8")
    words = ["sweep", str(place / "small.yaml"), "--executor", "serial", "-q"]
    assert cli.main([*words, "--out", str(place / "out")], standalone_mode=False) in (0, None)
    return place / "out"


def lever(sweep: Sweep, name: str) -> Lever:
    return next(one for one in sweep.levers if one.name == name)


def view(sweep: Sweep, rows: Any = None, name: str = NAME) -> View:
    return View(sweep, name, paired_rows(sweep, name) if rows is None else rows)


def effect(of: View) -> Exhibit:
    found = effects(of)
    assert found is not None
    return found


def by_hand(sweep: Sweep, name: str, level: float, first: float, over: dict[str, list[float]]):
    """Difference in each draw, over points whose other lever is one of those named."""
    rows = paired_rows(sweep, NAME)
    ((other, allowed),) = over.items()

    def mean(at: float) -> np.ndarray:
        points = [
            rows[p.number]
            for p in sweep.points
            if p.settings[name] == at and p.settings[other] in allowed
        ]
        return np.mean([values(one, NAME) for one in points], axis=0)

    return mean(level) - mean(first)


@pytest.mark.parametrize(
    ("name", "level", "first", "over"),
    [
        ("force.target_troops", 40_000.0, 0.0, {"assumptions.hr.presence": [0.9]}),
        ("assumptions.hr.presence", 0.9, 0.3, {"force.target_troops": [10_000.0, 40_000.0]}),
    ],
)
def test_a_hole_in_the_grid_leaves_like_against_like(
    folder: Path, name: str, level: float, first: float, over: dict[str, list[float]]
) -> None:
    sweep = load_sweep(folder)
    found = view(sweep).differences(lever(sweep, name))
    delta = by_hand(sweep, name, level, first, over)
    _, last = found[-1]
    assert last.value == pytest.approx(delta.mean(), abs=1e-12)
    assert last.mcse == pytest.approx(estimate(delta, np.arange(64)).mcse)
    assert last.value != 0.0
    levels = [mean for _, mean, _ in view(sweep).levels(lever(sweep, name))]
    # Rows are kept as float32: 6e-8 of a probability.
    steps = list(np.diff(levels).cumsum() / 100.0)
    assert [e.value for _, e in found] == pytest.approx(steps, abs=1e-7)


def test_the_bar_of_an_effect_is_that_of_the_difference_of_its_ends(folder: Path) -> None:
    sweep = load_sweep(folder)
    exhibit = effect(view(sweep))
    axes = exhibit.draw(Frame(720.0)).axes[0]
    bars = [line.get_xdata() for line in axes.lines if line.get_linewidth() == 5.0]
    halves = sorted((max(x) - min(x)) / 2.0 for x in bars)
    ends = [view(sweep).differences(one)[-1][1].mcse for one in sweep.levers]
    assert halves == pytest.approx(sorted([0.0, 0.0, *(200.0 * (e or 0.0) for e in ends)]))
    assert "two ends, paired by draw: all levers." in exhibit.description


def test_differences_are_drawn_and_tabled_with_error_and_range_apart(folder: Path) -> None:
    sweep = load_sweep(folder)
    found = {one.kind: one for one in exhibits_of(sweep)}
    one = found["lever-differences"]
    assert [row[1].shown for row in one.table.rows if row[0].shown == "force.target_troops"] == [
        "10,000",
        "40,000",
    ]
    assert {row[2].shown for row in one.table.rows} == {"0", "0.3"}
    drawn = [text.get_text() for text in one.draw(Frame(720.0)).findobj(Text)]
    assert "force.target_troops, against 0" in drawn
    assert [name.partition(": ")[2] for name in one.table.columns[3:]] == [
        "value",
        "Monte Carlo standard error",
        "5 %",
        "95 %",
    ]
    one.draw(Frame(340.0))


@pytest.mark.parametrize("what", ["gone", "torn", "another estimate"])
def test_without_rows_there_is_no_error_and_the_reason_is_told(
    folder: Path, tmp_path: Path, what: str
) -> None:
    shutil.copytree(folder, tmp_path / "copy")
    sweep, name = load_sweep(tmp_path / "copy"), NAME
    if what == "gone":
        shutil.rmtree(tmp_path / "copy" / "rows")
    elif what == "torn":
        for path in (tmp_path / "copy" / "rows").iterdir():
            path.write_bytes(path.read_bytes()[:-1])
    else:
        name = "fill_rate"
    of = view(sweep, name=name)
    assert not of.rows
    assert lever_differences(of) is None
    exhibit = effect(of)
    assert "lacks rows" in exhibit.description
    assert "paired by draw" not in exhibit.description
    exhibit.draw(Frame(720.0))


def test_levels_that_never_met_the_same_settings_have_no_difference(folder: Path) -> None:
    sweep = load_sweep(folder)
    low, high = 0.3, 0.9  # 10,000 soldiers at one value only, 40,000 at another
    kept = {(10_000.0, low), (40_000.0, high)}
    crossed = [
        p
        for p in sweep.points
        if (p.settings["force.target_troops"], p.settings["assumptions.hr.presence"]) in kept
    ]
    levers = tuple(
        Lever(one.name, tuple(dict.fromkeys(p.settings[one.name] for p in crossed)), True)
        for one in sweep.levers
    )
    part = replace(sweep, points=tuple(crossed), levers=levers)
    rows = paired_rows(sweep, NAME)
    assert all(not view(part, rows).differences(one) for one in levers)
    told = effect(view(part, rows)).description
    assert "No error is known" in told  # one point at each end


def test_the_error_between_slices_is_that_of_their_points(folder: Path) -> None:
    """A sample's levels meet other settings of the other levers: their scatter is the error."""
    sweep = load_sweep(folder)
    of = lever(sweep, "force.target_troops")
    rng = np.random.default_rng(0)
    levels = rng.normal(0.4, 0.05, 64)
    points = tuple(
        replace(
            sweep.points[0],
            number=i,
            settings={of.name: 1000.0 * i},
            estimates={NAME: replace(sweep.points[0].estimates[NAME], value=float(value))},
        )
        for i, value in enumerate(levels)
    )
    sampled = replace(of, labels=tuple(p.settings[of.name] for p in points))
    part = replace(sweep, points=points, levers=(sampled,))
    ends = levels[:8], levels[-8:]
    expected = np.sqrt(sum(end.var(ddof=1) / 8 for end in ends))
    assert view(part, {}).error_between(sampled, 0, 7) == pytest.approx(expected, rel=1e-12)
    told = effect(view(part, {})).description
    assert "two ends, from the scatter of the points at each, which" in told
    assert "what other draws would change is not in it" in told

    # With rows, what the draws leave of the difference comes to it.
    kept = list(paired_rows(sweep, NAME).values())
    rows = {i: kept[0 if i < 32 else -1] for i in range(64)}
    of_draws = contrast(kept[-1:], kept[:1], NAME).mcse
    assert of_draws
    found = view(part, rows).error_between(sampled, 0, 7)
    assert found == pytest.approx(np.hypot(expected, of_draws), rel=1e-12)
    assert "other levers, and of the draws: all levers." in effect(view(part, rows)).description


@pytest.mark.filterwarnings("error")
def test_levels_that_are_equal_in_every_draw_have_a_known_error(folder: Path) -> None:
    sweep = load_sweep(folder)
    of = lever(sweep, "force.target_troops")
    points = tuple(
        replace(sweep.points[0], number=i, settings={of.name: x}) for i, x in enumerate(of.labels)
    )
    part = replace(sweep, points=points, levers=(of,))
    rows = {i: paired_rows(sweep, NAME)[sweep.points[0].number] for i in range(len(points))}
    assert view(part, rows).error_between(of, 0, 2) == 0.0
    exhibit = effect(view(part, rows))
    assert "paired by draw: all levers." in exhibit.description
    exhibit.draw(Frame(720.0))


def test_a_sample_of_few_points_is_drawn_in_slices_and_as_points(tmp_path: Path) -> None:
    """Every number has a value of its own at every point, and no two points share the others."""
    (tmp_path / "few.yaml").write_text(
        "title: Few\nscenario: reassurance-force\nbook: evidence\ndraws: 16\ntrials: 2\nsample:\n"
        "  method: sobol\n  size: 16\n  ranges:\n"
        "    force.target_troops: {from: 0, to: 30000}\n"
        "    monitoring.orbits: {from: 0.0, to: 24.0}\n",
        encoding="utf-8",
    )
    words = ["sweep", str(tmp_path / "few.yaml"), "--executor", "serial", "-q"]
    out = tmp_path / "out"
    assert cli.main([*words, "--out", str(out)], standalone_mode=False) in (0, None)
    sweep = load_sweep(out)
    assert [one.name for one in sweep.levers] == ["force.target_troops", "monitoring.orbits"]
    assert [len(view(sweep).levels(one)) for one in sweep.levers] == [8, 8]
    shown = {one.kind: one for one in exhibits_of(sweep)}
    assert [*shown] == ["effects", "scatter", "points"]
    assert len(shown["scatter"].draw(Frame(720.0)).axes) == 2
    mixed = "as in a sample, part of its number is theirs."
    assert [line.endswith(mixed) for line in sweep_sentences(sweep)].count(True) == 1


def test_of_a_grid_nothing_is_told_of_samples(folder: Path) -> None:
    assert not any("as in a sample" in line for line in sweep_sentences(load_sweep(folder)))


def test_a_lead_that_the_scatter_of_few_points_makes_is_not_called_the_strongest(
    folder: Path,
) -> None:
    """However well each point is known: two levers that do nothing, beside points that differ."""
    sweep = load_sweep(folder)
    size, presence = (lever(sweep, n) for n in ("force.target_troops", "assumptions.hr.presence"))
    scattered = np.random.default_rng(0).normal(0.4, 0.1, 32)
    exact = replace(sweep.points[0].estimates[NAME], mcse=1e-6)

    def sampled(slope: float) -> str:
        points = tuple(
            replace(
                sweep.points[0],
                number=i,
                settings={size.name: float(i), presence.name: float(i * 13 % 32)},
                estimates={NAME: replace(exact, value=float(value + slope * i))},
            )
            for i, value in enumerate(scattered)
        )
        labels = tuple(float(i) for i in range(32))
        levers = tuple(replace(one, labels=labels) for one in (size, presence))
        return sweep_sentences(replace(sweep, points=points, levers=levers))[1]

    assert "more points would show which lever comes first" in sampled(0.0)
    assert "that move it most, on average over the others, are force.target_troops" in sampled(0.05)
