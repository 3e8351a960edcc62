"""`verify`: agreement is seen, disagreement too, and what was left out is said."""

from __future__ import annotations

import json
from contextlib import contextmanager
from dataclasses import replace
from functools import partial

import numpy as np
import pytest

from simulator.engines import exact, worlds
from simulator.model.compiled import restricted
from simulator.verification import against_exact, against_worlds
from simulator.verification import verify as verification
from simulator.verification.against_exact import AGAINST_EXACT, GIVEN_WORLDS, SAME_WORLDS
from simulator.verification.verify import largest_solvable, some_contributors, verify
from tests.models import Contributor, build, eventful, harsh
from tests.verification.mutants import MUTANTS


def test_agreement_says_what_was_compared():
    agreement = verify(harsh(draws=6), trials=5, exact_draws=2, exact_trials=2_000)
    assert agreement.agrees
    methods = {check.method for check in agreement.checks}
    assert methods == {SAME_WORLDS, GIVEN_WORLDS, AGAINST_EXACT}
    for method in (GIVEN_WORLDS, AGAINST_EXACT):
        shares = [c.allowed * c.compared for c in agreement.checks if c.method == method]
        assert 0.8e-6 < sum(shares) <= 1e-6
    assert agreement.notes[0].endswith("at most 2e-06.")
    assert "relative 1e-09 plus 4e-12 of the horizon" in agreement.notes[0]
    assert "6 draws of 5 trials" in agreement.notes[1]
    assert "2 of these draws, 2,000 worlds of each" in agreement.notes[1]
    assert len(agreement.notes) == 2


@pytest.mark.slow
def test_reduction_is_told():
    many = [Contributor(f"c{i}", 1000.0 + i, commitment=0.5) for i in range(9)]
    model = eventful(contributors=many)
    kept = largest_solvable(model, verification.EXACT_STATES)
    names = kept.contributors.names
    assert names == tuple(f"c{i}" for i in range(9 - len(names), 9))  # the largest
    assert exact.size_bound(kept) <= verification.EXACT_STATES
    one_more = some_contributors(model, range(8 - len(names), 9))
    assert exact.size_bound(one_more) > verification.EXACT_STATES
    agreement = verify(model, trials=3, exact_draws=1, exact_trials=500)
    assert f"{len(names)} of 9 contributors" in agreement.notes[2]
    assert ", ".join(names) in agreement.notes[2]


def test_a_plan_that_no_contributor_makes_solvable_is_solved_without_any():
    assert largest_solvable(eventful(), 10).contributors.names == ()


def test_reduced_models_keep_everybodys_numbers():
    model = eventful(draws=[3, 7, 9])
    some = restricted(model, np.array([2, 0]))
    assert some.draws.tolist() == [9, 3]
    assert some.hazards.failing.shape == (2,)
    assert some.contributors.troops.shape == (2, 3)
    assert some.air.base_distance_km.shape == (3,)
    years = np.array([30.0])
    whole, part = (worlds.simulate_worlds(m, 50, years).rmst for m in (model, some))
    assert np.array_equal(part[50:], whole[:50])
    two = some_contributors(model, [0, 2])
    assert two.contributors.names == ("alpha", "charlie")
    assert two.contributors.commitment.shape == (3, 2)


@contextmanager
def mistaken(name):
    """Have the fast engine make a mistake wherever `verify` uses it."""
    engine = MUTANTS[name]

    def wrong(right):
        def called(model, *arguments):
            with engine(model) as believed:
                return right(believed, *arguments)

        return called

    with pytest.MonkeyPatch.context() as patch:
        for function, option in (("same_worlds", "log"), ("given_worlds", "of_worlds")):
            right = worlds.world_log if option == "log" else worlds.simulate_worlds
            changed = partial(getattr(against_worlds, function), **{option: wrong(right)})
            patch.setattr(against_worlds, function, changed)
        patch.setattr(verification, "sample", wrong(verification.sample))
        yield


@pytest.mark.slow
def test_disagreement_is_seen_in_every_way():
    model = build(kappa=2.0, kappa_0=20.0, failing=0.02, holding=0.01, horizon=8.0)
    with mistaken("phase redrawn twice as often"):
        agreement = verify(model, trials=700, exact_draws=1, exact_trials=1_000)
    wrong = {check.method for check in agreement.checks if not check.agrees}
    assert wrong == {SAME_WORLDS, GIVEN_WORLDS, AGAINST_EXACT}
    order = agreement.checks[0]
    assert not order.agrees
    assert "draw 0, trial " in order.worst
    assert " against " in order.worst


@pytest.mark.parametrize(("shift", "agrees"), [(0.5e-9, True), (2e-9, False)])
def test_a_small_error_of_time_is_seen(shift, agrees):
    def late(*arguments):
        log = worlds.world_log(*arguments)
        return replace(log, time=log.time + shift * (log.time + 4e-3 * 30.0))

    order, times = against_worlds.same_worlds(harsh(), 20, log=late)
    assert order.agrees
    assert times.agrees == agrees
    assert times.deviation == pytest.approx(shift, rel=0.05)


def test_early_times_are_allowed_the_rounding_of_the_horizon():
    # A few seconds after the ceasefire, 2**-40 of the horizon is more than 1e-9 of the time.
    model = eventful(draws=3, kappa_0=1e7, kappa=0.0, contributors=())
    assert all(check.agrees for check in against_worlds.same_worlds(model, 200))


def test_caps_hold_for_steps_and_for_offers_as_needed():
    model = eventful(as_needed=True, target_troops=60_000.0, reinforcement_ceiling=None)
    years, n = verification.ages(model.horizon), 400
    caps = against_exact.caps(model, years, n, 1e-9)
    for name, values in verification.sample(model, n, years).items():
        assert np.all(values.reshape(n, -1).max(axis=0) <= np.ravel(caps[name]) * (1 + 1e-12)), name


def command(monkeypatch, capsys, *arguments):
    """Run the command line; return its exit code, output and error output."""
    from simulator.cli.main import main

    monkeypatch.setattr("sys.argv", ["simulator", *arguments])
    with pytest.raises(SystemExit) as ended:
        main()
    captured = capsys.readouterr()
    return ended.value.code, captured.out, captured.err


SMALL = ("--draws", "3", "--trials", "4", "--exact-draws", "1", "--exact-trials", "500")


def test_command_prints_a_verdict(monkeypatch, capsys):
    code, out, _ = command(monkeypatch, capsys, "verify", "no-force", "--book", "evidence", *SMALL)
    assert code == 0
    assert "The engines agree." in out
    assert "events and their order" in out
    assert "none of 12 paths differs" in out
    assert "a false alarm of this command has a probability of at most 2e-06" in out
    assert "3 draws of 4 trials" in out


def test_command_exits_with_1_on_disagreement(monkeypatch, capsys):
    arguments = ("verify", "no-force", "--book", "evidence", *SMALL, "--json")
    with mistaken("armies in one step"):
        code, out, _ = command(monkeypatch, capsys, *arguments)
    tree = json.loads(out)
    assert code == 1
    assert tree["agrees"] is False
    assert next(c["what"] for c in tree["checks"] if not c["agrees"]) == "events and their order"
    assert len(tree["notes"]) == 2


def test_command_solves_no_more_draws_than_there_are(monkeypatch, capsys):
    arguments = ("verify", "no-force", "--draws", "2", "--trials", "2", "--exact-trials", "200")
    code, out, _ = command(monkeypatch, capsys, *arguments)
    assert code == 0
    assert "Solved: 2 of these draws" in out


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
