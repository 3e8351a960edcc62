"""`trace`: the path told is the path lived, and a pick is what it says."""

from __future__ import annotations

import json

import numpy as np
import pytest

from simulator.analysis.trace import PICKS, NoSuchPathError, find, tell
from simulator.cli import trace as command_line
from simulator.engines import core
from simulator.engines.records import EVENT_KINDS
from simulator.model.clocks import row_names
from tests.models import Contributor, build, eventful
from tests.verification.test_verify import command

MODEL = eventful(draws=[4, 8])
PATHS = 300


@pytest.fixture(scope="module")
def lived():
    return core.simulate(MODEL, PATHS, 0, 2 * PATHS, log=True)


def test_a_story_is_the_log_of_its_path(lived):
    records, log = lived
    names = row_names(MODEL)
    for row, path in ((0, 0), (1, 17), (1, 299)):
        story = tell(MODEL, row, path, {})
        p = row * PATHS + path
        rows = log.row[log.path == p]
        assert (story.draw, story.path) == (int(MODEL.draws[row]), path)
        assert [step.event for step in story.steps] == [names[r] for r in rows]
        assert [step.years for step in story.steps] == pytest.approx(
            log.time[log.path == p], rel=1e-9
        )
        assert story.years == pytest.approx(records.end_time[p], rel=1e-9)
        assert (story.cause is None) == (records.cause[p] < 0)


@pytest.mark.parametrize("pick", PICKS)
def test_a_pick_is_found(pick, lived):
    records, _ = lived
    row, path = find(MODEL, PATHS, pick)
    p = row * PATHS + path
    life, cause, events = records.end_time[p], records.cause[p], records.events[p]
    collapsed = records.cause >= 0
    kinds = {kind: records.events[:, i] for i, kind in enumerate(EVENT_KINDS)}
    assert {
        "collapse-early": lambda: (
            cause >= 0 and abs(life - 0.5) == np.abs(records.end_time[collapsed] - 0.5).min()
        ),
        "collapse-late": lambda: cause >= 0 and life == records.end_time[collapsed].max(),
        "longest": lambda: life == records.end_time.max(),
        "typical": lambda: abs(life - np.median(records.end_time)) < 0.2,
        "eventful": lambda: events.sum() == records.events.sum(axis=1).max(),
        "exodus": lambda: kinds["exit"][p] == kinds["exit"].max() > 0,
        "backstop": lambda: kinds["backstop"][p] == kinds["backstop"].max() > 0,
        "reinforced": lambda: kinds["reinforcement"][p] == 1,
    }[pick]()


def test_help_names_every_pick():
    assert set(command_line.PICKS) == set(PICKS)


def test_what_never_happens_is_not_told():
    with pytest.raises(NoSuchPathError, match="none of 50 paths is reinforced"):
        find(build(), 50, "reinforced")
    with pytest.raises(NoSuchPathError, match="none of 50 paths collapses within two years"):
        find(build(failing=0.0, holding=0.0), 50, "collapse-early")


def test_sentences_use_the_names_given_and_say_what_happened():
    model = build(
        contributors=[
            Contributor("alpha", 1200, aircraft=2, ships=1, arrival=0.5),
            Contributor("bravo", 0, arrival=1.0),
        ],
        mission_end_rate=1e3,
        failing=0.0,
        holding=0.0,
        army_restored=0.25,
        promised=True,
        on_at_start=1.0,
    )
    story = tell(model, 0, 0, {"alpha": "Arcadia"})
    texts = [step.text for step in story.steps]
    assert (
        "Arcadia arrives with 1,200 soldiers, 2 aircraft and 1 ship; 1,200 soldiers deployed"
        in (texts)
    )
    assert any(t.startswith("the mission ends; its 1,200 soldiers leave") for t in texts)
    assert not any("bravo arrives" in t for t in texts)  # the mission is over by then
    assert "2 of 2 contributors commit: Arcadia, bravo" in story.beginning
    assert "the American backstop is on" in story.beginning
    assert story.cause is None


def test_hazards_at_the_end_are_those_that_ended_it():
    row, path = find(MODEL, PATHS, "collapse-early")
    story = tell(MODEL, row, path, {})
    last = story.steps[-1]
    assert last.kind == "collapse"
    assert last.event == f"cause:{story.cause}"
    assert all(hazard > 0.0 for hazard in last.hazards.values())


@pytest.mark.parametrize(
    ("years", "text"),
    [
        (0.0, "day 0"),
        (0.08, "day 29"),
        (1 / 12, "1 months"),
        (1.0, "1 y 0 m"),
        (29.99, "29 y 11 m"),
    ],
)
def test_dates(years, text):
    assert command_line.date(years) == text


def test_command_tells_the_path_that_run_lives(monkeypatch, capsys):
    arguments = ("trace", "reassurance-force", "--book", "evidence", "--draw", "7", "--path", "3")
    code, out, _ = command(monkeypatch, capsys, *arguments, "--json")
    tree = json.loads(out)
    assert code == 0
    assert (tree["draw"], tree["path"], tree["pick"]) == (7, 3, None)
    times = [event["years"] for event in tree["events"]]
    assert times == sorted(times)
    assert set(tree["end"]) == {"years", "cause"}

    from simulator.analysis.inputs import load_plans
    from simulator.analysis.run import Job, compile_job

    ((plan, book),) = load_plans(["reassurance-force"], "evidence")
    model, _ = compile_job(Job(plan, book, 1, 10, 5))
    lives = core.simulate(model, 5, 0, 50).end_time
    assert tree["end"]["years"] == pytest.approx(lives[7 * 5 + 3], rel=1e-9)
    code, out, _ = command(monkeypatch, capsys, *arguments)
    assert "draw 7, path 3" in out
    assert "first day" in out


def test_command_picks(monkeypatch, capsys):
    arguments = ("trace", "no-force", "--book", "evidence", "--draws", "4", "--paths", "10")
    code, out, _ = command(monkeypatch, capsys, *arguments, "--pick", "collapse-early")
    assert code == 0
    assert "the ceasefire collapses" in out
    assert "hazard of collapse was" in out
    code, _, error = command(monkeypatch, capsys, *arguments, "--pick", "reinforced")
    assert code == 2
    assert "none of 40 paths is reinforced; search more with --draws and --paths" in error
    code, _, error = command(monkeypatch, capsys, *arguments, "--pick", "longest", "--path", "1")
    assert code == 2
    assert "give one of the two" in error
