"""`trace`: the path described is the path simulated, and a selected one is what it says."""

from __future__ import annotations

import json
from itertools import pairwise

import numpy as np
import pytest

from simulator.analysis.trace import SELECTORS, NoSuchPathError, find, trace_path
from simulator.cli.commands import SELECTORS as OFFERED
from simulator.cli.engines import date
from simulator.cli.main import main
from simulator.engines import reference, worlds
from simulator.engines.records import EVENT_KINDS
from simulator.model.clocks import row_names
from tests.models import Contributor, build, eventful

MODEL = eventful(draws=[4, 8])
TRIALS = 100


@pytest.fixture(scope="module")
def simulated():
    return reference.simulate(MODEL, TRIALS)


def command(monkeypatch, capsys, *arguments):
    """Run the command line; return its exit code, output and error output."""
    monkeypatch.setattr("sys.argv", ["simulator", "trace", *arguments])
    with pytest.raises(SystemExit) as ended:
        main()
    captured = capsys.readouterr()
    return ended.value.code, captured.out, captured.err


def test_a_trace_is_the_log_of_its_path(simulated):
    records, log = simulated
    names = row_names(MODEL)
    for row, trial in ((0, 0), (1, 17), (1, 99)):
        trace = trace_path(MODEL, row, trial, {})
        p = row * TRIALS + trial
        assert (trace.draw, trace.trial) == (int(MODEL.draws[row]), trial)
        assert [step.event for step in trace.steps] == [names[r] for r in log.row[log.path == p]]
        assert [step.years for step in trace.steps] == log.time[log.path == p].tolist()
        assert trace.years == records.end_time[p]
        assert (trace.cause is None) == (records.cause[p] < 0)


def test_a_trace_has_the_events_of_its_world():
    # The world knows nothing of reinforcement and collapse, and goes on after the collapse.
    model = eventful(kappa=1.0)
    names = row_names(model)
    log = worlds.world_log(model, 8)
    for trial in range(8):
        trace = trace_path(model, 0, trial, {})
        mine = [s for s in trace.steps if s.kind not in ("reinforcement", "collapse")]
        of_world = (log.path == trial) & (log.time < trace.years)
        assert [s.event for s in mine] == [names[r] for r in log.row[of_world]]
        assert [s.years for s in mine] == pytest.approx(log.time[of_world], rel=1e-9, abs=1e-12)


@pytest.mark.parametrize("name", SELECTORS)
def test_a_path_is_found(name, simulated):
    records, _ = simulated
    row, trial = find(MODEL, TRIALS, name)
    p = row * TRIALS + trial
    end, cause, events = records.end_time[p], records.cause[p], records.events[p]
    collapsed = records.cause >= 0
    kinds = {kind: records.events[:, i] for i, kind in enumerate(EVENT_KINDS)}
    assert {
        "collapse-early": lambda: (
            cause >= 0 and abs(end - 0.5) == np.abs(records.end_time[collapsed] - 0.5).min()
        ),
        "collapse-late": lambda: cause >= 0 and end == records.end_time[collapsed].max(),
        "longest": lambda: end == records.end_time.max(),
        "typical": lambda: abs(end - np.median(records.end_time)) < 0.5,
        "eventful": lambda: events.sum() == records.events.sum(axis=1).max(),
        "exodus": lambda: kinds["exit"][p] == kinds["exit"].max() > 0,
        "backstop": lambda: kinds["backstop"][p] == kinds["backstop"].max() > 0,
        "reinforced": lambda: kinds["reinforcement"][p] == 1,
    }[name]()


def test_help_names_every_selector():
    assert set(OFFERED) == set(SELECTORS)


def test_what_never_happens_is_not_found():
    with pytest.raises(NoSuchPathError, match="none of 50 paths is reinforced"):
        find(build(), 50, "reinforced")
    with pytest.raises(NoSuchPathError, match="none of 50 paths collapses within two years"):
        find(build(failing=0.0, holding=0.0), 50, "collapse-early")


PEACE = {"failing": 0.0, "holding": 0.0, "kappa_0": 1e3}


def test_sentences_use_the_names_given_and_say_what_happened():
    model = build(
        contributors=[
            Contributor("alpha", 1200, aircraft=2, ships=1, arrival=0.5),
            Contributor("bravo", 0, arrival=1.0),
        ],
        mission_end_rate=1e3,
        army_restored=0.25,
        promised=True,
        on_at_start=1.0,
        **PEACE,
    )
    trace = trace_path(model, 0, 0, {"alpha": "Arcadia"})
    texts = [step.text for step in trace.steps]
    arrival = "arrival of Arcadia with 1,200 soldiers, 2 aircraft and 1 ship"
    assert f"{arrival}; 1,200 soldiers now deployed" in texts
    assert any(t.startswith("the mission ends: 1,200 soldiers") for t in texts)
    assert not any("arrival of bravo" in t for t in texts)  # the mission is over by then
    assert "contributors that commit: 2 of 2 (Arcadia and bravo)" in trace.beginning
    assert "the American backstop is on" in trace.beginning
    assert trace.backstop_on is True
    assert trace.cause is None


@pytest.mark.parametrize(
    ("on_at_start", "verbs"),
    [(1.0, ["withdraws", "restores"]), (0.0, ["provides", "withdraws", "restores"])],
)
def test_a_backstop_is_restored_only_where_it_was_on(on_at_start, verbs):
    model = build(promised=True, on_at_start=on_at_start, loss_rate=2.0, regain_rate=2.0, **PEACE)
    flips = [step for step in trace_path(model, 0, 0, {}).steps if step.kind == "backstop"]
    said = [step.text.removeprefix("the United States ").split()[0] for step in flips]
    assert said[: len(verbs)] == verbs
    assert [step.backstop_on for step in flips] == [verb != "withdraws" for verb in said]


def test_a_phase_that_is_drawn_again_goes_on():
    drawn = [s for s in trace_path(build(kappa=2.0, **PEACE), 0, 0, {}).steps if s.kind == "phase"]
    for before, after in pairwise(drawn):
        assert ("goes on" in after.text) == (before.phase == after.phase)
    assert {step.phase for step in drawn} == {"holding", "failing"}


def test_hazards_at_the_end_are_those_that_ended_it():
    trace = trace_path(MODEL, *find(MODEL, TRIALS, "collapse-early"), {})
    last = trace.steps[-1]
    assert last.kind == "collapse"
    assert last.event == f"cause:{trace.cause}"
    assert all(hazard > 0.0 for hazard in last.hazards.values())


@pytest.mark.parametrize(
    ("years", "text"),
    [
        (0.0, "day 1"),
        (0.08, "day 30"),
        (1 / 12, "1 month"),
        (0.99, "11 months"),
        (1.0, "1 year"),
        (1.1, "1 year 1 month"),
        (29.99, "29 years 11 months"),
    ],
)
def test_dates(years, text):
    assert date(years) == text


def test_command_prints_a_trial_of_the_run(monkeypatch, capsys):
    arguments = ("reassurance-force", "--book", "evidence", "--draw", "7", "--trial", "3")
    code, out, _ = command(monkeypatch, capsys, *arguments, "--json")
    tree = json.loads(out)
    assert code == 0
    assert (tree["draw"], tree["trial"], tree["pick"]) == (7, 3, None)
    assert len(tree["digest"]) == 64
    times = [event["years"] for event in tree["events"]]
    assert times == sorted(times)

    from simulator.analysis.inputs import load_plans
    from simulator.analysis.run import Job, compile_job

    ((plan, book),) = load_plans(["reassurance-force"], "evidence")
    model, _ = compile_job(Job(plan, book, 1, 10, 5))
    path = reference.simulate_path(model, 7, 3)
    assert tree["end"] == {"years": path.env.now, "cause": path.over.value}
    code, out, _ = command(monkeypatch, capsys, *arguments)
    assert "draw 7, trial 3" in out
    assert "at the start  Russia" in out


def test_command_finds_a_path(monkeypatch, capsys):
    arguments = ("no-force", "--book", "evidence", "--draws", "4", "--trials", "10")
    code, out, _ = command(monkeypatch, capsys, *arguments, "--pick", "collapse-early")
    assert code == 0
    assert "the ceasefire collapses" in out
    code, _, error = command(monkeypatch, capsys, *arguments, "--pick", "reinforced")
    assert code == 2
    assert "none of 40 paths is reinforced; search more with --draws and --trials" in error
    code, _, error = command(monkeypatch, capsys, *arguments, "--pick", "longest", "--trial", "1")
    assert code == 2
    assert "give one of the two" in error


@pytest.mark.parametrize("number", ["path", "paths"])
def test_paths_have_become_trials(number, monkeypatch, capsys):
    code, _, error = command(monkeypatch, capsys, "no-force", f"--{number}", "3")
    assert code == 2
    assert f"write --{number.replace('path', 'trial')} 3" in " ".join(error.split())
