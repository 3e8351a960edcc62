"""Losses, regrets and good-enough plans, against tables small enough to work out by hand."""

import numpy as np

from simulator.decide.regret import enough, regret

from .conftest import draws_of

SIZE = 200
BOOK = np.repeat(["a", "b"], SIZE // 2)
# By book: a is best off with p0, b with p1; p2 is second in both.
WORTH = np.stack(
    [np.repeat([10.0, 0.0], 100), np.repeat([0.0, 9.0], 100), np.repeat([8.0, 6.0], 100)]
)


def test_the_plan_that_is_never_far_wrong() -> None:
    found = regret(draws_of(WORTH, book=BOOK), WORTH)
    assert {plan: value.value for plan, value in found.loss.items()} == {
        "p0": 4.5,
        "p1": 5.0,
        "p2": 2.5,
    }
    assert found.least_loss == "p2"
    assert [(view.option, view.best) for view in found.views] == [("a", "p0"), ("b", "p1")]
    assert {plan: one.regret.value for plan, one in found.worst.items()} == {
        "p0": 9.0,
        "p1": 10.0,
        "p2": 3.0,
    }
    assert found.minimax == "p2"
    assert (found.worst["p2"].choice, found.worst["p2"].option) == ("book", "b")


def test_regret_is_of_means_and_a_plan_best_on_average_has_none() -> None:
    rng = np.random.default_rng(1)
    worth = rng.normal(0.0, 5.0, (2, 20_000)) + np.array([[1.0], [0.0]])
    option = np.where(rng.random(worth.shape[1]) < 0.5, "x", "y")
    found = regret(draws_of(worth, choices={"c": option}), worth)
    assert found.worst["p0"].regret.value == 0.0
    assert found.worst["p0"].option is None
    assert found.loss["p0"].value > 2.0  # draw by draw it is wrong often enough
    worst = found.worst["p1"].regret
    assert abs(worst.value - 1.0) <= 4.0 * worst.mcse


def test_small_views_are_named_and_left_out() -> None:
    option = np.array(["x"] * 151 + ["y"] * 49, object)
    found = regret(draws_of(WORTH, choices={"c": option}), WORTH)
    assert found.left_out == ("c=y",)
    assert [view.option for view in found.views] == ["x"]


def test_a_book_without_the_choice_has_no_say_in_it() -> None:
    option = np.array(["-"] * 100 + ["x"] * 50 + ["y"] * 50, object)
    found = regret(draws_of(WORTH, choices={"c": option}, book=BOOK), WORTH)
    assert {view.option: view.draws for view in found.views} == {
        "x": 50,
        "y": 50,
        "a": 100,
        "b": 100,
    }


def test_without_views_there_is_no_worst() -> None:
    found = regret(draws_of(WORTH), WORTH)
    assert (found.views, found.worst, found.minimax) == ((), {}, None)


def test_good_enough() -> None:
    found = enough(draws_of({"p_holds_20y": WORTH / 10.0}), "p_holds_20y", 0.6, 0.8)
    assert {plan: value.value for plan, value in found.reached.items()} == {
        "p0": 0.5,
        "p1": 0.5,
        "p2": 1.0,
    }
    assert found.plans == ("p2",)
