"""What exhibits take from results: like held against like, errors as given, digits as known."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from matplotlib.text import Text

from simulator.estimates.estimate import Estimate
from simulator.estimates.influence import Option
from simulator.quantities import QUANTITIES
from simulator.report.exhibit import Exhibit
from simulator.report.figures.heat import Heat, heat_map
from simulator.report.figures.rows import options
from simulator.report.forest import Column, Row, forest
from simulator.report.frame import Frame
from simulator.report.prose.names import quantity
from simulator.report.prose.said import sweep_sentences
from simulator.report.show import exhibits_of
from simulator.report.sweep_view import view_of
from simulator.results.comparison import load_comparison
from simulator.results.load import Result, load_result
from simulator.results.sweep import Lever, Sweep, load_sweep
from tests.report.made import CHOICES, comparison, run, run_folder, sweep_folder, write

TWO = {"scale": [0.0, 1000.0], "bases": ["none", "both", "all"]}


def lever(sweep: Sweep, name: str) -> Lever:
    return next(one for one in sweep.levers if one.name == name)


def means(sweep: Sweep, name: str) -> list[float]:
    return [mean for _, mean, _ in view_of(sweep, "p_holds_20y").levels(lever(sweep, name))]


def shown_of(result: Result) -> dict[str, Exhibit]:
    return {one.kind: one for one in exhibits_of(result)}


def test_levels_are_held_against_each_other_where_all_of_them_ran(tmp_path: Path) -> None:
    """Every step of a lever adds 1.25 points, whatever combinations are left out."""
    whole = load_sweep(sweep_folder(tmp_path, TWO))
    assert np.diff(means(whole, "bases")) == pytest.approx([1.25, 1.25])
    # At 1,000 only one base was tried: the plain mean of "none" would be 0.6 too high.
    points = tuple(
        p for p in whole.points if p.settings["scale"] == 0.0 or p.settings["bases"] == "none"
    )
    part = replace(whole, points=points)
    assert means(part, "bases") == pytest.approx([25.0, 26.25, 27.5])
    assert means(part, "scale") == pytest.approx([25.0, 26.25])
    # A point without a value matches nothing.
    first = points[0]
    gone = {**first.estimates, "p_holds_20y": Estimate(None, None, None, None)}
    holed = replace(part, points=(replace(first, estimates=gone), *points[1:]))
    assert len(means(holed, "scale")) == 2


def test_levels_without_any_match_are_all_counted(tmp_path: Path) -> None:
    whole = load_sweep(sweep_folder(tmp_path, {"a": [0.0, 1.0], "b": ["x", "y"]}))
    crossed = replace(whole, points=(whole.points[0], whole.points[3]))
    assert means(crossed, "a") == pytest.approx([25.0, 27.5])


@pytest.mark.parametrize(
    ("mcse", "shown"), [(0.017, {"25", "26"}), (0.0017, {"25.5", "26.4"}), (0.0, {"25.5", "26.4"})]
)
def test_cells_show_no_digit_that_each_of_them_lacks(mcse: float, shown: set[str]) -> None:
    values = np.array([[0.2549, 0.2641]])
    panel = Heat("", ("row",), 100.0 * values, np.full((1, 2), 100.0 * mcse), values < 0.0)
    figure = heat_map([panel], ["a", "b"], ("down", "across"), "hold, %", (0.0, 100.0))
    assert shown <= {text.get_text() for text in figure.findobj(Text)}


def test_the_share_of_firsts_has_the_error_that_is_given(tmp_path: Path) -> None:
    tree = comparison(["no-force", "some", "most"])
    first = tree["ranking"]["order"][0]
    first |= {"p_best": 0.8, "p_best_mcse": 0.075}
    table = shown_of(load_comparison(write(tmp_path / "a.json", tree)))["ranking"].table
    assert [row[-1].shown for row in table.rows] == ["80", "< 0.75", "< 0.75"]
    for one in tree["ranking"]["order"]:
        one |= {"p_best": None, "p_best_mcse": None}
    exhibit = shown_of(load_comparison(write(tmp_path / "b.json", tree)))["ranking"]
    assert "best of all" not in exhibit.description
    figure = exhibit.draw(Frame(720.0))
    assert not any("best of all" in text.get_text() for text in figure.findobj(Text))


def test_the_peak_is_not_told_as_what_is_there_at_one_time(tmp_path: Path) -> None:
    told = shown_of(load_result(run_folder(tmp_path, [run("plan")])))["troops"].description
    assert told.startswith("The peak of a ceasefire is on average 62.0 % of the soldiers planned")
    assert "Peaks come at different times" in told


def test_cost_is_called_that_of_the_soldiers_alone_wherever_it_stands() -> None:
    shown = (quantity("cost_gbp").titled, QUANTITIES["cost_gbp"].label)
    assert set(shown) == {"cost of the soldiers alone, GBP billion"}


def test_a_hidden_range_is_explained_in_the_figure_itself(tmp_path: Path) -> None:
    tree = comparison(["no-force", "some", "most"])
    for hidden in (False, True):
        if hidden:  # as a run of few trials has it
            tree |= {"trials": 4}
            for one in tree["differences"]:
                one |= {"p05": None, "p95": None}
        found = shown_of(load_result(write(tmp_path / "c.json", tree)))
        figure = found["differences"].draw(Frame(720.0))
        said = any(
            "no bar: it needs --trials 16" in text.get_text() for text in figure.findobj(Text)
        )
        assert said == hidden


def test_an_option_of_few_draws_has_a_range_of_few_digits(tmp_path: Path) -> None:
    """The number of draws is the option's own, whatever its error and its range make believe."""
    of = {"p_holds_20y": Estimate(0.37, 0.0019, 0.2732, 0.4732)}
    taken = {"many": Option(978, of), "few": Option(22, of)}
    exhibit = options(run("plan", draws=1000, by_option={"book": taken}))
    assert exhibit is not None
    table = exhibit.table
    rows = {row[1].shown: row for row in table.rows if "20 years" in row[3].shown}
    assert table.columns[2] == "draws"
    assert [rows[name][2].shown for name in ("many", "few")] == ["978", "22"]
    assert [rows[name][6].shown for name in ("many", "few")] == ["27.3", "27"]


@pytest.mark.parametrize("mcse", [None, 0.02])
def test_an_option_of_unknown_error_is_not_drawn_as_if_it_had_none(
    tmp_path: Path, mcse: float | None
) -> None:
    of = {"p_holds_20y": Estimate(0.3, mcse, 0.2 if mcse else None, 0.4 if mcse else None)}
    one = run("plan")
    book = one.by_option["book"]
    unknown = Option(200, {**book["evidence"].estimates, **of})
    one = replace(one, by_option={**one.by_option, "book": {**book, "evidence": unknown}})
    found = shown_of(load_result(run_folder(tmp_path, [one])))
    figure = found["options"].draw(Frame(720.0))
    told = [text.get_text() for text in figure.findobj(Text)]
    assert ("no bar: too few draws took it" in told) == (mcse is None)


def test_curves_of_options_have_the_digits_of_their_draws(tmp_path: Path) -> None:
    for draws, shown in ((200, "46"), (20_000, "45.8")):
        one = run("plan")
        options = {name: Option(draws, {}) for name in CHOICES["book"]}
        one = replace(one, by_option={**one.by_option, "book": options})
        exhibit = shown_of(load_result(run_folder(tmp_path / str(draws), [one])))["choices"]
        row = next(r for r in exhibit.table.rows if (r[1].shown, r[2].shown) == ("evidence", "20"))
        assert row[5].shown == shown, row


def test_a_sweep_in_which_nothing_varies_has_its_one_point(tmp_path: Path) -> None:
    sweep = load_sweep(sweep_folder(tmp_path, {}))
    found = shown_of(sweep)
    assert list(found) == ["points"]
    found["points"].draw(Frame(720.0))
    assert "1 plans" not in " ".join(sweep_sentences(sweep))


def test_points_that_end_before_every_headline_show_their_mean_duration(
    tmp_path: Path,
) -> None:
    sweep = load_sweep(sweep_folder(tmp_path, TWO))
    none = Estimate(None, None, None, None)
    points = tuple(
        replace(p, estimates={n: none if n.startswith("p_") else e for n, e in p.estimates.items()})
        for p in sweep.points
    )
    short = replace(sweep, points=points)
    shown = shown_of(short)["points"]
    assert shown.draw(Frame(720.0)).axes


def test_nothing_but_zeros_has_a_scale() -> None:
    zero = Estimate(0.0, 0.0, 0.0, 0.0)
    figure = forest([Row("a", (zero,)), Row("b", (zero,))], [Column("x", limits=None)])
    low, high = figure.axes[0].get_xlim()
    assert low < 0.0 < high
