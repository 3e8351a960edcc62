"""`verify`: agreement is seen, disagreement too, and what was left out is said."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest

from simulator.analysis import verify as verification
from simulator.analysis.checks import AGAINST_EXACT, PATH_BY_PATH
from simulator.analysis.reduce import largest_solvable, some_contributors, some_draws
from simulator.analysis.verify import verify
from simulator.engines import ENGINES, core, exact
from simulator.engines.records import Request
from tests.models import Contributor, eventful, harsh
from tests.verification.mutants import MUTANTS


def test_agreement_says_what_was_compared():
    agreement = verify(harsh(draws=6), paths=5, exact_draws=2, exact_paths=5_000)
    assert agreement.agrees
    methods = {check.method for check in agreement.checks}
    assert methods == {PATH_BY_PATH, AGAINST_EXACT}
    shares = [c.allowed * c.compared for c in agreement.checks if c.method == AGAINST_EXACT]
    assert sum(shares) <= 1e-6
    assert agreement.notes[0].endswith("at most 1e-06.")
    assert agreement.notes[1] == "Solved: 2 of 6 draws, 5,000 paths of each."
    assert len(agreement.notes) == 2


def test_reduction_is_told():
    many = [Contributor(f"c{i}", 1000.0 + i, commitment=0.5) for i in range(9)]
    model = eventful(contributors=many)
    kept = largest_solvable(model, verification.EXACT_STATES)
    names = kept.contributors.names
    assert names == tuple(f"c{i}" for i in range(9 - len(names), 9))  # the largest
    assert exact.size_bound(kept) <= verification.EXACT_STATES
    one_more = some_contributors(model, range(8 - len(names), 9))
    assert exact.size_bound(one_more) > verification.EXACT_STATES
    agreement = verify(model, paths=3, exact_draws=1, exact_paths=2_000)
    assert f"{len(names)} of 9 contributors" in agreement.notes[2]
    assert ", ".join(names) in agreement.notes[2]


def test_a_plan_that_no_contributor_makes_solvable_is_solved_without_any():
    assert largest_solvable(eventful(), 10).contributors.names == ()


def test_reduced_models_keep_everybodys_numbers():
    model = eventful(draws=[3, 7, 9])
    some = some_draws(model, [2, 0])
    assert some.draws.tolist() == [9, 3]
    assert some.hazards.failing.shape == (2,)
    assert some.contributors.troops.shape == (2, 3)
    assert some.air.base_distance_km.shape == (3,)
    whole = core.simulate(model, 50, 0, 150).end_time
    assert np.array_equal(core.simulate(some, 50, 0, 100).end_time[50:], whole[:50])
    two = some_contributors(model, [0, 2])
    assert two.contributors.names == ("alpha", "charlie")
    assert two.contributors.commitment.shape == (3, 2)


def test_disagreement_is_seen_both_ways(monkeypatch):
    from simulator.analysis.against_exact import against_exact
    from simulator.analysis.path_by_path import path_by_path

    mutant = MUTANTS["exit clocks not rescaled"]
    monkeypatch.setattr(
        verification, "path_by_path", lambda model, paths: path_by_path(model, paths, fast=mutant)
    )
    monkeypatch.setattr(
        verification,
        "against_exact",
        lambda model, paths: against_exact(model, paths, fast=mutant),
    )
    agreement = verify(harsh(), paths=100, exact_draws=1, exact_paths=50_000)
    wrong = {check.method for check in agreement.checks if not check.agrees}
    assert wrong == {PATH_BY_PATH, AGAINST_EXACT}
    order = agreement.checks[0]
    assert "draw 0, path " in order.worst
    assert " against " in order.worst


def test_a_small_error_of_time_is_seen(monkeypatch):
    from simulator.analysis.path_by_path import path_by_path

    def late(*args, **options):
        records, log = core.simulate(*args, **options)
        return records, replace(log, time=log.time * (1 + 2e-9))

    order, times, records = path_by_path(harsh(), 20, fast=late)
    assert order.agrees
    assert records.agrees
    assert not times.agrees
    assert times.deviation == pytest.approx(2e-9, rel=1e-3)


def test_engines_share_one_interface():
    model, years = harsh(), np.array([1.0, 10.0])
    answers = {name: engine(model, Request(150, 64), years) for name, engine in ENGINES.items()}
    assert set(answers) == {"core", "reference", "exact"}
    for name, answer in answers.items():
        for estimate in answer.estimates().values():
            assert estimate.value.shape == estimate.mcse.shape == estimate.numerical_error.shape
            assert bool(estimate.mcse.any()) == (name != "exact")
            assert np.all(estimate.numerical_error >= 0.0)
        assert answer.survival.value.shape == (1, 2)
        assert answer.incidence.value.shape == (1, 3, 2)
    # The same paths: equal up to rounding. Blocks do not matter.
    one = ENGINES["core"](model, Request(150, 150), years)
    assert answers["core"].rmst.value == pytest.approx(answers["reference"].rmst.value, rel=1e-12)
    assert answers["core"].rmst.value == pytest.approx(one.rmst.value, rel=1e-12)


def command(monkeypatch, capsys, *arguments):
    """Run the command line; return its exit code, output and error output."""
    from simulator.cli.main import main

    monkeypatch.setattr("sys.argv", ["simulator", *arguments])
    with pytest.raises(SystemExit) as ended:
        main()
    captured = capsys.readouterr()
    return ended.value.code, captured.out, captured.err


SMALL = ("--draws", "3", "--paths", "4", "--exact-draws", "1", "--exact-paths", "2000")


def test_command_prints_a_verdict(monkeypatch, capsys):
    code, out, _ = command(monkeypatch, capsys, "verify", "no-force", "--book", "evidence", *SMALL)
    assert code == 0
    assert "The engines agree." in out
    assert "events and their order" in out
    assert "none of 12 paths differs" in out


def test_command_exits_with_1_on_disagreement(monkeypatch, capsys):
    from simulator.analysis.path_by_path import path_by_path

    wrong = MUTANTS["a cause dropped"]
    monkeypatch.setattr(
        verification, "path_by_path", lambda model, paths: path_by_path(model, paths, fast=wrong)
    )
    arguments = ("verify", "no-force", "--book", "evidence", *SMALL, "--paths", "40", "--json")
    code, out, _ = command(monkeypatch, capsys, *arguments)
    tree = json.loads(out)
    assert code == 1
    assert tree["agrees"] is False
    assert next(c["what"] for c in tree["checks"] if not c["agrees"]) == "events and their order"


@pytest.mark.long
@pytest.mark.parametrize(
    "scenario",
    [
        "air-only",
        "coalition-of-the-willing",
        "line-peacekeepers",
        "no-force",
        "no-us-backstop",
        "presence-force",
        "reassurance-force",
        "small-trainers",
        "train-and-rearm",
    ],
)
def test_every_shipped_scenario(scenario, monkeypatch, capsys):
    code, out, _ = command(monkeypatch, capsys, "verify", scenario)
    assert code == 0, out
