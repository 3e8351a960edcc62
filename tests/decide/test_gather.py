"""From simulated plans to what decides between them: like stands against like."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from simulator.analysis.run import Job, tally_draws
from simulator.books.draws import draw_assumptions
from simulator.books.load import load_book
from simulator.books.names import ASSUMPTIONS, CHOICES, CONTRIBUTOR_FIELDS
from simulator.cli.commands import cli
from simulator.decide.decision import decide
from simulator.decide.gather import Simulated, gather, groups, groups_of
from simulator.estimates.paired import rows_of, values
from simulator.quantities import COMPARED
from simulator.report.exhibit import kinds
from simulator.report.pages import report_of
from simulator.report.show import exhibits_of
from simulator.results.load import load_result
from simulator.scenario import load_scenario

compare_command = cli.commands["compare"]
decide_command = cli.commands["decide"]
sweep_command = cli.commands["sweep"]

WORTH = "200e9 * p_holds_20y - cost_gbp"
SIZE = ("--draws", "256", "--trials", "2")


def job(plan: str, book: str = "blend", sets: tuple[str, ...] = (), draws: int = 64) -> Job:
    return Job(load_scenario(plan, sets), load_book(book), 1, draws, 2)


def simulated(plan: str, one: Job) -> Simulated:
    return Simulated(plan, one, rows_of(tally_draws(one, 0, one.draws)))


def call(command, *words: object) -> str:
    found = CliRunner().invoke(command, [str(word) for word in words], standalone_mode=False)
    if found.exception is not None:
        raise found.exception
    return found.stdout


def test_every_assumption_and_choice_belongs_to_one_group() -> None:
    names = [
        *(name for name in ASSUMPTIONS),
        *CHOICES,
        *(f"contributors.poland.{field}" for field in CONTRIBUTOR_FIELDS),
    ]
    found = groups_of(names)
    assert sorted(name for members in found.values() for name in members) == sorted(names)
    assert list(found) == list(groups())
    assert {"hr.backstop", "loadings.offensive.backstop"} <= set(found["backstop"])
    assert {"reference_class", "w0"} <= set(found["base rates"])
    assert groups_of(["book", "view"]) == {}


def test_assumptions_and_outcomes_stand_in_the_draws_that_made_them() -> None:
    jobs = {plan: job(plan) for plan in ("reassurance-force", "air-only")}
    made = [simulated(plan, one) for plan, one in jobs.items()]
    draws = gather(made)
    assert (draws.plans, draws.size, draws.trials, draws.apart) == (tuple(jobs), 64, 2, ())
    assert set(draws.outcomes) == set(COMPARED)
    for i, one in enumerate(made):
        for name in COMPARED:
            np.testing.assert_array_equal(draws.outcomes[name][i], values(one.rows, name))
        own = draw_assumptions(one.job.book, one.job.scenario, 1, 0, 64)
        for name, drawn in own.values.items():
            np.testing.assert_array_equal(draws.values[:, draws.names.index(name)], drawn)
        assert draws.book.tolist() == list(own.labels["book"])
        assert draws.options["force_response"].tolist() == list(own.labels["force_response"])
    assert (draws.replicate == np.arange(64) % 16).all()


def test_what_a_plan_sets_is_no_assumption() -> None:
    sets = ("assumptions.hr.presence=0.5", "structure.departure=effect_goes")
    draws = gather(
        [
            simulated("drawn", job("reassurance-force")),
            simulated("set", job("reassurance-force", sets=sets)),
        ]
    )
    assert draws.apart == ("departure", "hr.presence")
    assert "hr.presence" not in draws.names
    assert "departure" not in draws.options
    assert "hr.backstop" in draws.names
    note = decide(draws).notes[-1]
    assert note.startswith("departure, hr.presence")


def test_books_follow_one_another_with_equal_weight() -> None:
    jobs = [(p, b) for p in ("air-only", "no-force") for b in ("evidence", "experts")]
    made = {key: simulated(key[0], job(*key)) for key in jobs}
    draws = gather(list(made.values()))
    assert draws.size == 128
    assert draws.book.tolist() == ["evidence"] * 64 + ["experts"] * 64
    for i, plan in enumerate(draws.plans):
        for k, book in enumerate(("evidence", "experts")):
            held = values(made[plan, book].rows, "p_holds_20y")
            np.testing.assert_array_equal(
                draws.outcomes["p_holds_20y"][i, 64 * k : 64 * (k + 1)], held
            )
    with pytest.raises(ValueError, match="every book"):
        gather([one for key, one in made.items() if key != ("no-force", "experts")])
    with pytest.raises(ValueError, match="one seed"):
        first = made["air-only", "evidence"]
        other = made["no-force", "evidence"]
        gather([first, replace(other, job=replace(other.job, seed=2))])


def test_a_python_user_gets_what_the_command_prints(tmp_path: Path) -> None:
    plans = ("reassurance-force", "air-only", "no-force")
    draws = gather([simulated(plan, job(plan, draws=256)) for plan in plans])
    found = decide(draws, WORTH, groups=groups_of([*draws.names, *draws.options]))
    printed = json.loads(
        call(decide_command, *plans, *SIZE, "--worth", WORTH, "--json", "--out", tmp_path)
    )
    tree = json.loads(json.dumps(found.as_json()))
    assert printed["choice"] == tree["choice"]
    assert printed["frontier"] == tree["frontier"]
    assert (printed["plan_names"], printed["book_names"]) == (list(plans), ["blend"])
    run = json.loads((tmp_path / "provenance.json").read_text())["digests"]
    assert {
        f"plan:{plan}": digest for plan, digest in printed["digests"].items()
    }.items() <= run.items()
    result = load_result(tmp_path)
    shown = [one.kind for one in exhibits_of(result)]
    assert shown[:2] == ["frontier", "losses"]
    assert {"information", "worse"} >= set(shown[2:])
    assert all(kinds()[kind].command == "decide" for kind in shown)
    page = report_of(result)
    assert found.choice.best in page
    assert "reproduce" in page.lower()


@pytest.mark.slow
def test_tables_fit_80_columns_and_say_the_best_plan_first(monkeypatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    plans = ("reassurance-force", "coalition-of-the-willing", "no-force")
    out = call(decide_command, *plans, *SIZE, "--worth", WORTH, "-v", "-q")
    assert max(map(len, out.splitlines())) <= 80
    best = json.loads(call(decide_command, *plans, *SIZE, "--worth", WORTH, "--json"))
    assert out.startswith(best["choice"]["best"])
    without = call(decide_command, *plans, *SIZE, "-q")
    assert "twenty years of peace" in without.splitlines()[0]


@pytest.mark.slow
def test_points_of_a_sweep_are_the_plans_from_its_file_and_from_its_folder(tmp_path: Path) -> None:
    file = tmp_path / "force.yaml"
    file.write_text(
        "{title: Force, scenario: reassurance-force, draws: 128, trials: 2, "
        "grid: {force.target_troops: [5000, 20000], contributors.sets: [[core], [core, likely]]}}"
    )
    call(sweep_command, file, "--out", tmp_path / "out", "-q", "--executor", "serial")
    from_file = json.loads(call(decide_command, file, "--worth", WORTH, "--json"))
    from_folder = json.loads(
        call(decide_command, "--sweep", tmp_path / "out", "--worth", WORTH, "--json")
    )
    assert from_file == from_folder
    assert len(from_file["plan_names"]) == 4
    assert from_file["draws"] == 128


def test_given_is_answered_from_the_draws_in_which_it_holds() -> None:
    plans = ("reassurance-force", "air-only")
    words = (*plans, "--draws", 512, "--trials", 1, "--json")
    found = json.loads(call(decide_command, *words, "--given", "book=experts"))
    alone = json.loads(call(decide_command, *words))
    assert found["of"] == alone["draws"] == 512
    assert found["draws"] == alone["frontier"]["experts"]["draws"]
    assert found["frontier"]["pooled"]["peace"] == alone["frontier"]["experts"]["peace"]


def test_the_example_of_the_page_on_deciding() -> None:
    """Its numbers to the digits in which docs/deciding.md states them; the run is deterministic."""
    plans = ("no-us-backstop", "reassurance-force")
    tree = json.loads(call(compare_command, *plans, "--draws", 512, "--trials", 4, "--json"))
    held = next(one for one in tree["differences"] if one["quantity"] == "p_holds_20y")
    assert (held["value"], held["mcse"]) == pytest.approx((0.054, 0.0010), abs=5e-4)
    assert set(tree["digests"]) == set(plans)
    first, *others = tree["decided_by"]["reassurance-force"]
    assert first["name"] == "hr.backstop"
    share = first["share"]
    assert (share["value"], share["mcse"]) == pytest.approx((0.38, 0.02), abs=5e-3)
    low, high = (part["value"]["value"] for part in first["parts"])
    assert (low, high) == pytest.approx((0.094, 0.017), abs=5e-4)
    assert "reference_class" not in {one["name"] for one in others}
