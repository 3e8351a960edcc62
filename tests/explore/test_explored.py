"""What the page is made of: its controls, its commands, and what is refused."""

from __future__ import annotations

import json
import shlex
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

import simulator as sim
from simulator.books.draws import NOT_ASKED
from simulator.cli.main import cli
from simulator.decide.draws import Draws, held
from simulator.decide.frontier import PEACE
from simulator.explore.answer import answer, book_shares, kish
from simulator.explore.explored import CUTS, DOZEN, Explored, cuts_of
from simulator.explore.page import command, first_setting, rounded
from simulator.inputs import InputError
from tests.explore.conftest import put_together

# Short runs of every kind of source; the numbers are tested elsewhere.
SIZES = {"draws": 64, "trials": 2}
LEVERS = {"force.target_troops": [5000, 15000], "us_backstop.logistics": [True, False]}


@pytest.mark.slow
def test_a_control_keeps_the_draws_that_its_belief_keeps(four: Explored) -> None:
    stops = 0
    for control in four.controls:
        assert not control.stops[control.start].given
        for number, stop in enumerate(control.stops):
            if stop.given:
                rows, _ = held(four.draws, [stop.given])
                np.testing.assert_array_equal(control.holds(number), rows, err_msg=stop.given)
                assert 0 < rows.sum() < rows.size
                stops += 1
    assert stops > 100


def test_books_and_views_come_first_then_at_most_a_dozen_no_two_of_them_the_same(
    four: Explored,
) -> None:
    names = [control.name for control in four.controls]
    assert names[:2] == ["book", "view"]
    assert len(names) == len(set(names)) == DOZEN + 2
    assert "hr.presence" in names  # what troops do decides between forces and none
    # These only say in other words which book a draw is of.
    assert not {"clamp_hr.low", "clamp_hr.high"} & set(names)


def test_an_assumption_that_decides_is_found_and_one_that_does_not_is_left_out(
    four: Explored,
) -> None:
    rng = np.random.default_rng(5)
    size = 2_048
    values = rng.normal(size=(size, 3))
    noise = rng.normal(0.0, 0.01, size)
    peace = np.stack([np.full(size, 0.3), 0.3 + 0.05 * values[:, 0] + noise])
    draws = Draws(
        plans=("none", "some"),
        names=("decides", "idle", "twin"),
        values=np.stack([values[:, 0], values[:, 1], values[:, 0]], axis=1),
        options={},
        outcomes={
            **{name: np.ones((2, size)) for name in four.draws.outcomes},
            PEACE: peace,
            "cost_gbp": np.stack([np.zeros(size), np.full(size, 1e9)]),
        },
        book=np.full(size, "one", object),
        replicate=np.arange(size) % 16,
        trials=16,
    )
    assert [control.name for control in put_together(draws).controls] == ["decides"]


def test_cuts_have_few_digits_and_lie_near_their_shares() -> None:
    values = np.random.default_rng(2).lognormal(size=2_000)
    cuts = cuts_of(values)
    shares = [np.mean(values <= cut) for _, cut in cuts]
    assert np.abs(np.array(shares) - CUTS).max() < 0.006
    assert all(float(text) == cut and len(text) <= 6 for text, cut in cuts)
    few = np.repeat([0.0, 1.0, 7.0], [10, 50, 40])
    first, second = cuts_of(np.append(few, np.nan))
    assert 0.0 < first[1] < 1.0 < second[1] < 7.0


def test_weights_that_differ_leave_fewer_effective_draws() -> None:
    rng = np.random.default_rng(3)
    weights = rng.gamma(1.0, size=400)
    values = rng.normal(size=(20_000, 400))
    means = values @ weights / weights.sum()
    # The variance of a weighted mean of unit variances is one over the effective number; that of
    # 20,000 of them is off by 1 %: 5 % is five standard errors.
    assert 1.0 / means.var() == pytest.approx(kish(weights), rel=0.05)


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"plans": ("no-force",)}, "nothing to be held against"),
        ({"reference": "nobody"}, "no plan of this name"),
        ({"horizon": 10.0}, "20 or more"),
        ({"size": 40}, "fewer than 50"),
    ],
)
def test_refusals_say_what_and_how(
    four: Explored, change: dict[str, object], expected: str
) -> None:
    draws = four.draws
    if "plans" in change:
        outcomes = {name: values[:1] for name, values in draws.outcomes.items()}
        draws = replace(draws, plans=("no-force",), outcomes=outcomes)
    if "horizon" in change:
        nothing = np.full_like(draws.outcomes[PEACE], np.nan)
        draws = replace(draws, outcomes={**draws.outcomes, PEACE: nothing})
    if "size" in change:
        draws = draws.take(np.arange(draws.size) < 40)
    with pytest.raises(InputError, match=expected):
        put_together(draws, change.get("reference"))  # type: ignore[arg-type]


def test_a_horizon_of_20_years_has_no_30th(four: Explored) -> None:
    beyond = {**four.draws.outcomes, "p_holds_30y": np.full((4, four.draws.size), np.nan)}
    found = put_together(replace(four.draws, outcomes=beyond))
    tree = answer(rounded(found), first_setting(found))
    assert "p_holds_30y" not in tree["plan"]
    assert len(tree["plan"]["survival"]) == 7


def run(*words: object) -> str:
    found = CliRunner().invoke(cli, [str(word) for word in words], standalone_mode=False)
    if found.exception is not None:
        raise found.exception
    return found.stdout


def data_of(path: Path) -> dict[str, object]:
    page = path.read_text(encoding="utf-8")
    _, _, rest = page.partition('<script type="application/json" id="data">')
    tree: dict[str, object] = json.loads(rest.partition("</script>")[0])
    return tree


@pytest.mark.slow
def test_a_sweep_is_explored_by_its_levers_from_file_folder_and_python(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    sweep = {"title": "Size and support", "scenario": "reassurance-force", **SIZES}
    Path("sizes.yaml").write_text(json.dumps({**sweep, "grid": LEVERS}))
    folder = sim.sweep("sizes.yaml", "finished").folder
    one, two = tmp_path / "one.html", tmp_path / "two.html"
    run("explore", folder, "-o", one)
    assert sim.sweep("sizes.yaml", "finished").explore(two) == two
    tree = data_of(one)
    assert tree == data_of(two) | {"again": tree["again"]}
    assert [lever["name"] for lever in tree["levers"]] == list(LEVERS)
    assert [lever["labels"] for lever in tree["levers"]] == [["5000", "15000"], ["true", "false"]]
    assert len(tree["plans"]) == 4
    assert tree["plans"][2]["planned"] == 15_000
    three = tmp_path / "three.html"
    run("explore", "sizes.yaml", "-q", "-o", three)
    assert data_of(three)["columns"] == tree["columns"]
    # Both commands run, and answer from the same draws.
    for found in (tree, data_of(three)):
        words = shlex.split(found["again"]["head"].replace("{worth}", "100"))
        answered = json.loads(run(*words[1:], "--json"))
        assert answered["plan_names"] == [plan["name"] for plan in found["plans"]]
        assert answered["draws"] == found["draws"]


def test_a_run_in_python_prints_python_that_gives_the_same(tmp_path: Path) -> None:
    found = sim.run(["no-force", "small-trainers"], **SIZES)
    path = found.explore(tmp_path / "run.html", reference="small-trainers")
    tree = data_of(path)
    assert tree["setting"]["reference"] == "small-trainers"
    assert tree["setting"]["plan"] == "no-force"
    source = found_source(tree)
    decision = eval(source["again"], {"found": found, "sim": sim})
    assert decision.draws == 64
    assert decision.plans == found.plans
    assert tree["weigh"] == ['"structure.book": {', "}"]
    assert "sim.plan(one, {" in source["anew"]


def found_source(tree: dict[str, object]) -> dict[str, str]:
    from simulator.explore.explored import Command

    return {
        name: command(Command(**tree[name]), 100.0)  # type: ignore[arg-type]
        for name in ("again", "anew")
    }


def test_a_belief_that_one_book_holds_more_often_raises_the_share_of_that_book(
    four: Explored,
) -> None:
    asked = four.draws.options["view"] != NOT_ASKED
    assert set(four.draws.book[asked]) == {"experts"}
    assert book_shares(four.draws, ["view=ingram"]) == {"evidence": 0.0, "experts": 1.0}
    assert book_shares(four.draws, []) == pytest.approx({"evidence": 0.5, "experts": 0.5})
    # Of one belief it is the share among the draws that are kept.
    kept, _ = held(four.draws, ["reference_class=book"])
    share = float(np.mean(four.draws.book[kept] == "experts"))
    assert 0.5 < share < 1.0
    assert book_shares(four.draws, ["reference_class=book"])["experts"] == pytest.approx(share)
    both = book_shares(four.draws, ["view=ingram", "book=evidence"])
    assert both == {"evidence": 0.0, "experts": 0.0}
