"""Figures drawn from known numbers: what their artists hold, in which unit, under which label."""

from __future__ import annotations

import json
from itertools import product
from pathlib import Path

import numpy as np
import pytest
from matplotlib.artist import Artist
from matplotlib.collections import LineCollection
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Polygon, Rectangle
from matplotlib.text import Text

from simulator.estimates.estimate import Estimate
from simulator.estimates.outcome import Band
from simulator.report.canvas import NARROW, SMALL, WIDE, shortened, width_of
from simulator.report.exhibit import Exhibit, kinds
from simulator.report.figures.ends import EARLY, LONG, LONGEST, MIDDLE, Masses, claim, incidence
from simulator.report.figures.force import Force, troops
from simulator.report.figures.heat import Heat, heat_map
from simulator.report.figures.influence import Effect, influence
from simulator.report.figures.response import Response, Scatter, response, scatter
from simulator.report.figures.survival import (
    Choice,
    Curve,
    choices,
    survival,
    survival_overlay,
    survival_panels,
)
from simulator.report.figures.timeline import Path as Course
from simulator.report.figures.timeline import Stay, timeline
from simulator.report.forest import Column, Row, forest
from simulator.report.frame import Frame
from simulator.report.palette import CAUSES
from simulator.report.show import exhibits_of
from simulator.results.load import load_result
from simulator.storage import read_table, table_bytes, write_bytes
from tests.report.layout import collisions, outside
from tests.report.made import (
    EVIL,
    comparison,
    decision,
    run,
    run_folder,
    sweep_folder,
    trace,
    write,
)

YEARS = np.array([0.0, 1.0, 2.0, 10.0, 20.0, 30.0])
VALUE = np.array([1.0, 0.7, 0.55, 0.45, 0.4, 0.35])


def band(value: np.ndarray = VALUE, mcse: float = 0.01) -> Band:
    return Band(value, np.full(value.size, mcse), 0.5 * value, np.minimum(1.0, 1.5 * value))


def named(figure: Figure, name: str) -> Artist:
    (found,) = (a for a in figure.findobj(lambda a: a.get_gid() == name))
    return found


def line(figure: Figure, name: str) -> tuple[np.ndarray, np.ndarray]:
    found = named(figure, name)
    assert isinstance(found, Line2D)
    return np.asarray(found.get_xdata()), np.asarray(found.get_ydata())


def edges(figure: Figure, name: str, x: float) -> tuple[float, float]:
    """Lower and upper edge of a fill at one of its points."""
    artist = named(figure, name)
    (path,) = [artist.get_path()] if isinstance(artist, Polygon) else artist.get_paths()  # type: ignore[attr-defined]
    at = path.vertices[np.isclose(path.vertices[:, 0], x), 1]
    return float(at.min()), float(at.max())


def words(figure: Figure) -> list[str]:
    return [t.get_text() for t in figure.findobj(Text) if t.get_text()]


@pytest.mark.parametrize("width", [WIDE, NARROW])
def test_survival_is_in_per_cent_over_years_with_both_uncertainties_apart(width: float) -> None:
    figure = survival(Curve("plan", YEARS, band()), Frame(width))
    x, y = line(figure, "survival")
    np.testing.assert_array_equal(x, YEARS)
    np.testing.assert_allclose(y, 100.0 * VALUE)
    assert edges(figure, "survival:mcse", 10.0) == pytest.approx((43.0, 47.0))  # 2 errors
    assert edges(figure, "survival:range", 10.0) == pytest.approx((22.5, 67.5))
    shade, dark = (named(figure, f"survival:{k}").get_alpha() for k in ("range", "mcse"))
    assert shade < dark < 1.0
    for year, value in ((2.0, 55.0), (20.0, 40.0), (30.0, 35.0)):
        assert line(figure, f"mark:{year:g}")[1] == pytest.approx([value])
    shown = words(figure)
    assert {
        "still hold, %",
        "years since the ceasefire",
        "55.0 %",
        "5–95 % over assumptions",
    } <= set(shown)
    assert "Monte Carlo error (± 2 standard errors)" in shown


@pytest.mark.parametrize("width", [WIDE, NARROW])
def test_the_share_at_the_end_stays_within_the_axes(width: float) -> None:
    figure = survival(Curve("plan", YEARS, band()), Frame(width))
    (last,) = (t for t in figure.findobj(Text) if t.get_text() == "35.0 %")
    x, y = (p * size for p, size in zip(last.get_position(), figure.bbox.size, strict=True))
    end, height = figure.axes[0].transData.transform((30.0, 35.0))
    assert last.get_horizontalalignment() == "right"
    assert x <= end
    assert y < height - 8.0  # the curve falls: over its end it would lie on the curve


def test_what_cannot_be_told_is_not_drawn() -> None:
    nothing = np.full(VALUE.size, np.nan)
    figure = survival(Curve("plan", YEARS, Band(VALUE, nothing, nothing, nothing)))
    names = {a.get_gid() for a in figure.findobj()}
    assert "survival" in names
    assert not {"survival:mcse", "survival:range"} & names
    assert not [w for w in words(figure) if "assumptions" in w or "Monte Carlo" in w]


def test_overlaid_curves_differ_in_colour_or_dashes_and_are_named_once() -> None:
    curves = [Curve(f"plan-{i}", YEARS, band(VALUE * (1.0 - 0.001 * i))) for i in range(9)]
    figure = survival_overlay(curves)
    drawn = [named(figure, f"survival:plan-{i}") for i in range(9)]
    looks = {(a.get_color(), str(a._dash_pattern)) for a in drawn if isinstance(a, Line2D)}  # type: ignore[attr-defined]
    assert len(looks) == 9
    assert [w for w in words(figure) if w.startswith("plan-")] == [c.label for c in curves]
    assert not collisions(figure)
    phone = survival_overlay(curves[::-1], Frame(NARROW))
    assert [w for w in words(phone) if w.startswith("plan-")] == [c.label for c in curves]


def test_panels_show_each_range_and_the_other_curves() -> None:
    curves = [Curve(f"plan-{i}", YEARS, band(VALUE * (1.0 - 0.1 * i))) for i in range(4)]
    figure = survival_panels(curves)
    assert len(figure.axes) == 4
    for i, axes in enumerate(figure.axes):
        assert edges(figure, f"survival:plan-{i}:range", 10.0)[0] == pytest.approx(
            22.5 * (1.0 - 0.1 * i)
        )
        assert len([a for a in axes.lines if a.get_linewidth() == 0.7]) == 3


def test_choices_have_a_panel_each_and_a_named_line_for_each_option() -> None:
    curves = [Curve(name, YEARS, band(VALUE * f)) for name, f in (("low", 0.8), ("high", 1.0))]
    figure = choices([Choice("first", tuple(curves)), Choice("second", tuple(curves[::-1]))])
    assert len(figure.axes) == 2
    for k in range(2):
        np.testing.assert_allclose(line(figure, f"survival:{k}:low")[1], 80.0 * VALUE)
        assert edges(figure, f"survival:{k}:high:mcse", 10.0) == pytest.approx((43.0, 47.0))
    shown = words(figure)
    assert [shown.count(word) for word in ("first", "second", "low", "high")] == [1, 1, 2, 2]
    assert "per cent that still hold, over years since the ceasefire" in shown


def test_claim_bars_add_up_to_a_hundred() -> None:
    rows = [
        Masses("a", (0.5, 0.25, 0.07, 0.18), (0.01,) * 4),
        Masses("b", (0.2, 0.2, 0.2, 0.4), (0.01,) * 4),
    ]
    figure = claim((EARLY, MIDDLE, LONG, LONGEST), rows)
    for i, row in enumerate(rows):
        bars = [named(figure, f"part:{j}:{i}") for j in range(4)]
        assert all(isinstance(bar, Rectangle) for bar in bars)
        lengths = [bar.get_width() for bar in bars]  # type: ignore[attr-defined]
        np.testing.assert_allclose(lengths, 100.0 * np.array(row.shares))
        starts = [bar.get_x() for bar in bars]  # type: ignore[attr-defined]
        np.testing.assert_allclose(starts, np.concatenate([[0.0], np.cumsum(lengths)[:-1]]))
    assert {"per cent of ceasefires", "collapse within 2 years", "50", "a", "b"} <= set(
        words(figure)
    )


def test_incidence_is_stacked_in_per_cent_and_every_cause_has_its_look() -> None:
    parts = [band(0.3 * (1.0 - VALUE)), band(0.2 * (1.0 - VALUE)), band(0.1 * (1.0 - VALUE))]
    figure = incidence(YEARS, dict(zip(CAUSES, parts, strict=True)), 400)
    floor = 0.0
    for cause, part in zip(CAUSES, parts, strict=True):
        # Browsers print a transparent fill under a hatch as if it were opaque: not so a patch.
        assert isinstance(named(figure, f"incidence:{cause}"), Polygon)
        low, high = edges(figure, f"incidence:{cause}", 30.0)
        assert (low, high) == pytest.approx((floor, floor + 100.0 * part.value[-1]), abs=1e-9)
        floor = high
    looks = {(look.colour, look.hatch) for look in CAUSES.values()}
    assert len(looks) == 3
    assert "collapsed, %, by cause" in words(figure)


def test_troops_are_soldiers_with_plan_promise_and_contributors() -> None:
    ends = np.arange(1.0, 31.0)
    mid = np.linspace(0.0, 30.0, 121)
    layers = {"France": np.full(120, 2000.0), "2 others": np.full(120, 1000.0)}
    deployed = Band(
        np.full(30, 3000.0), np.full(30, 50.0), np.full(30, 1000.0), np.full(30, 6000.0)
    )
    force = Force(25_000.0, ends, deployed, mid, np.full(120, 9000.0), layers, others=True)
    figure = troops(force)
    x, y = line(figure, "deployed")
    np.testing.assert_allclose(x, ends - 0.5)
    np.testing.assert_allclose(y, 3000.0)
    assert line(figure, "promised")[1].max() == 9000.0
    assert line(figure, "target")[1] == pytest.approx([25_000.0, 25_000.0])
    assert edges(figure, "force:France", 0.125) == pytest.approx((0.0, 2000.0))
    assert edges(figure, "force:2 others", 0.125) == pytest.approx((2000.0, 3000.0))
    spread = named(figure, "deployed:range")
    assert isinstance(spread, LineCollection)
    np.testing.assert_allclose(spread.get_segments()[0][:, 1], [1000.0, 6000.0])
    assert {"soldiers deployed", "planned: 25,000"} <= set(words(figure))


@pytest.mark.parametrize("width", [WIDE, NARROW])
def test_a_forest_draws_every_estimate_at_its_place_and_leaves_out_the_unknown(
    width: float,
) -> None:
    rows = [
        Row("first", (Estimate(0.4, 0.01, 0.2, 0.6), Estimate(2e9, 1e8, None, None)), "group"),
        Row("second", (None, Estimate(1e9, None, None, None)), "group"),
    ]
    columns = [Column("hold, %"), Column("cost, GBP billion", 1e-9, None)]
    figure = forest(rows, columns, Frame(width))
    values = [a for a in figure.findobj(Line2D) if a.get_gid() == "value"]
    np.testing.assert_allclose(np.asarray(values[0].get_xdata()), [40.0])
    np.testing.assert_allclose(np.asarray(values[1].get_xdata()), [2.0, 1.0])
    bars = [a for a in figure.findobj(LineCollection) if a.get_gid() == "mcse"]
    np.testing.assert_allclose(bars[0].get_segments()[0][:, 0], [38.0, 42.0])
    ranges = [a for a in figure.findobj(LineCollection) if a.get_gid() == "range"]
    np.testing.assert_allclose(ranges[0].get_segments()[0][:, 0], [20.0, 60.0])
    assert {"hold, %", "group", "first", "second"} <= set(words(figure))


def test_differences_stand_on_a_line_at_zero() -> None:
    rows = [
        Row("a", (Estimate(-0.05, 0.002, -0.1, 0.01),)),
        Row("b", (Estimate(0.03, 0.001, 0.0, 0.06),)),
    ]
    figure = forest(rows, [Column("difference, percentage points", 100.0, None)], zero=True)
    assert line(figure, "zero")[0] == pytest.approx([0.0, 0.0])
    (bars,) = (a for a in figure.findobj(LineCollection) if a.get_gid() == "bar")
    assert [tuple(s[:, 0]) for s in bars.get_segments()] == [(0.0, -5.0), (0.0, 3.0)]
    low, high = figure.axes[0].get_xlim()
    assert low < -10.0
    assert high > 6.0
    assert "−5.0" in words(figure)


def test_a_long_number_keeps_clear_of_the_axis() -> None:
    rows = [Row("a", (Estimate(-22_700.0, 210.0, -30_000.0, -10_000.0),))]
    figure = forest(rows, [Column("soldier-years", 1.0, None)], zero=True)
    (number,) = (t for t in figure.findobj(Text) if t.get_text() == "−22,700")
    right = number.get_position()[0] * figure.bbox.width
    zero = figure.axes[0].transData.transform((0.0, 0.0))[0]
    assert right - width_of("−22,700", SMALL) > zero + 4.0


def test_a_heat_map_holds_its_numbers_in_the_unit_of_its_scale() -> None:
    values = np.array([[20.0, 30.0], [40.0, np.nan]])
    panel = Heat("all", ("low", "high"), values, np.full((2, 2), 2.0), np.zeros((2, 2), bool))
    figure = heat_map([panel], ["a", "b"], ("down", "across"), "hold, %", (20.0, 40.0))
    mesh = named(figure, "heat:0")
    np.testing.assert_allclose(mesh.get_array().filled(-1.0), [[20.0, 30.0], [40.0, -1.0]])  # type: ignore[attr-defined]
    assert {"20", "30", "40", "hold, %", "across: across", "all", "low"} <= set(words(figure))


def test_a_cell_that_waits_is_not_one_that_is_not_planned(tmp_path: Path) -> None:
    levers = {"force.target_troops": [0.0, 1e4, 2e4], "air_support.bases": ["none", "both"]}
    folder = sweep_folder(tmp_path, levers)
    plan = json.loads((folder / "plan.json").read_text())
    combinations = list(product(*levers.values()))
    for point, labels in zip(plan["points"], combinations, strict=True):
        point["levers"] = dict(zip(levers, labels, strict=True))
    del plan["points"][1]  # none of 0 and both: not in the plan
    write(folder / "plan.json", plan)
    columns = read_table(folder / "results.parquet").columns
    kept = ~np.isin(columns["point"], [1, 2])  # 10,000 and none: not computed
    write_bytes(
        folder,
        "results.parquet",
        table_bytes({k: np.asarray(v)[kept] for k, v in columns.items()}),
    )
    (folder / "points.csv").write_text("point,status\n2,missing\n")
    exhibit = next(e for e in exhibits_of(load_result(folder, checked=False)) if e.kind == "heat")
    figure = exhibit.draw(Frame(source=exhibit.source))
    cells = [str(a.get_gid()) for a in figure.findobj(Rectangle) if a.get_gid()]
    assert cells == ["waiting:0:0:1"]
    assert "planned, without a result" in words(figure)
    assert "4 of 5 points" in " ".join(words(figure))


def test_influence_joins_the_groups_of_each_assumption() -> None:
    lever = Effect("w0: failing", "low", "high", (0.5, 0.4, 0.1), (0.01, 0.01, 0.02))
    figure = influence([lever], title="hold 20 years or longer, %")
    assert line(figure, "groups:0")[0] == pytest.approx([50.0, 40.0, 10.0])
    assert line(figure, "low:0")[0] == pytest.approx([50.0])
    assert line(figure, "high:0")[0] == pytest.approx([10.0])
    assert {"low → high", "hold 20 years or longer, %"} <= set(words(figure))


def test_responses_and_scatters_hold_their_points() -> None:
    x = np.array([0.0, 1000.0, 5000.0])
    lines = [Response(f"set {i}", x, band(np.array([0.2, 0.3, 0.35]) + 0.01 * i)) for i in range(3)]
    figure = response(lines, x_title="soldiers", y_title="hold, %")
    assert line(figure, "response:set 1")[1] == pytest.approx([21.0, 31.0, 36.0])
    assert line(figure, "errors")[1] == pytest.approx([18.0, 22.0])
    assert {"soldiers", "hold, %", "set 2"} <= set(words(figure))
    panel = Scatter("orbits", x, np.array([0.2, 0.25, 0.3]), x[:2], np.array([0.2, 0.3]))
    figure = scatter([panel], y_title="hold, %")
    assert line(figure, "points:0")[1] == pytest.approx([20.0, 25.0, 30.0])
    assert line(figure, "mean:0")[1] == pytest.approx([20.0, 30.0])


def test_a_timeline_shows_every_stay_and_the_end() -> None:
    path = Course(
        end=3.0,
        cause="offensive",
        phases=(Stay("establishing", 0.0, 0.2), Stay("holding", 0.2, 3.0)),
        backstop=(Stay("backstop", 0.0, 1.0),),
        contributors=(Stay("France", 0.5, 1.5),),
        troops=((0.0, 0.0), (0.5, 4000.0), (1.5, 0.0)),
        moments=((2.0, "Ukraine's army is restored"),),
    )
    figure = timeline(path)
    stay = named(figure, "stay:0")
    assert (stay.get_x(), stay.get_width()) == pytest.approx((0.5, 1.0))  # type: ignore[attr-defined]
    assert named(figure, "phase:1").get_width() == pytest.approx(2.8)  # type: ignore[attr-defined]
    assert line(figure, "moment:0")[0] == pytest.approx([2.0])
    assert line(figure, "end")[0] == pytest.approx([3.0, 3.0])
    assert {"offensive: 3 years", "France", "years since the ceasefire"} <= set(words(figure))


def test_a_heading_and_the_source_stand_round_a_figure_on_its_own() -> None:
    figure = survival(Curve("plan", YEARS, band()), Frame(WIDE, "Title", "seed 1"))
    assert {"Title", "seed 1"} <= set(words(figure))


def test_text_is_measured_and_cut_where_it_must_be() -> None:
    assert width_of("ab") == pytest.approx(width_of("a") + width_of("b"))
    assert shortened("a long name", width_of("a long…") + 0.1) == "a long…"
    assert shortened("short", 1000.0) == "short"
    assert width_of("日本") > 0.0


def every_exhibit(folder: Path) -> list[tuple[str, str, Exhibit]]:
    """All kinds of figures, of made results with names that try the layout."""
    names = [
        "no-force",
        "a-plan-with-a-rather-long-name-indeed",
        EVIL,
        "$x$ and $y_1$",
        "日本",
        "f",
        "g",
    ]
    runs = [run(name, 0.4 + 0.02 * i) for i, name in enumerate(names)]
    size = {
        "force.target_troops": [0.0, 10000.0, 100000.0],
        "air_support.bases": ["none", "both"],
        "us_backstop.logistics": [True, False],
    }
    many = {"monitoring.orbits": [float(i) for i in range(30)], "force.posture": ["line", "rear"]}
    places = {
        "run": run_folder(folder / "run", [run(EVIL)]),
        "runs": run_folder(folder / "runs", runs),
        "compare": write(folder / "compare.json", comparison(names)),
        "decide": write(folder / "decide.json", decision()),
        "sweep": sweep_folder(folder / "sweep", size),
        "sample": sweep_folder(folder / "sample", many),
        "trace": write(folder / "trace.json", trace()),
    }
    return [
        (place, exhibit.kind, exhibit)
        for place, path in places.items()
        for exhibit in exhibits_of(load_result(path))
    ]


@pytest.mark.slow
def test_no_text_lies_on_another_or_leaves_its_figure(tmp_path: Path) -> None:
    found = every_exhibit(tmp_path)
    # Draws of a decision are drawn over two assumptions; that which is made has one.
    assert {kind for _, kind, _ in found} == set(kinds()) - {"worse"}
    title = "A title that is long enough to be broken " * 2
    for place, kind, exhibit in found:
        for width in (WIDE, NARROW):
            figure = exhibit.draw(Frame(width, title, exhibit.source))
            assert collisions(figure) == [], (place, kind, width)
            assert outside(figure) == [], (place, kind, width)


def test_the_layout_check_sees_a_collision() -> None:
    figure = Figure(figsize=(5.0, 2.0), dpi=72.0)
    figure.text(0.1, 0.5, "one text")
    figure.text(0.12, 0.5, "another")
    figure.text(0.97, 0.1, "out of it")
    assert collisions(figure) == [("one text", "another")]
    assert outside(figure) == ["out of it"]
