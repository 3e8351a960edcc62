"""Scenarios: resolution, overrides, notes, digests, and all problems at once."""

from __future__ import annotations

import json
import pickle
import subprocess
import sys
from pathlib import Path

import pytest

from simulator.inputs import InputError, names_in, shipped
from simulator.scenario import Scenario, load_scenario
from simulator.storage import canonical_json

NINE = {
    "no-force", "reassurance-force", "coalition-of-the-willing", "line-peacekeepers",
    "presence-force", "small-trainers", "train-and-rearm", "no-us-backstop", "air-only",
}  # fmt: skip
TEXT = """
title: A plan
force: {target_troops: 9000, posture: rear}
contributors: {sets: [core], members: {poland: {}}}
air_support: {bases: {lublin: {aircraft: 8}, lask: {aircraft: 12}}}
assumptions: {hr.presence: {uniform: [0.5, 1]}}
structure: {force_response: tripwire}
"""


@pytest.fixture
def plan(tmp_path: Path) -> Path:
    path = tmp_path / "plan.yaml"
    path.write_text(TEXT)
    return path


def changed(plan: Path, *sets: str) -> Scenario:
    return load_scenario(plan, sets)


def test_the_nine_are_shipped_and_cite_their_sentence() -> None:
    assert set(names_in(shipped("scenarios"))) == NINE
    for name in NINE:
        scenario = load_scenario(name)
        assert scenario.name == name
        assert scenario.sources


def test_line_peacekeepers_cannot_fill_and_says_so() -> None:
    assert any("cannot fill" in note for note in load_scenario("line-peacekeepers").notes)


class TestResolution:
    def test_everything_is_resolved(self, plan: Path) -> None:
        scenario = load_scenario(plan)
        assert list(scenario.contributors) == ["france", "poland", "united-kingdom"]
        assert list(scenario.bases) == ["lask", "lublin"]
        assert (scenario.bases["lask"].aircraft, scenario.bases["lask"].country) == (12, "poland")
        assert set(scenario.conditions) == {"rear_position_only", "political_refusal"}
        assert len(scenario.stations) >= 5
        assert scenario.horizon_years == 30.0
        assert type(scenario.horizon_years) is float
        assert scenario.adversary.troops == 600_000
        assert scenario.adversary.rejects_force
        assert not scenario.us_backstop.logistics
        assert scenario.name == "plan"

    def test_positions_of_pins_stay_known(self, plan: Path) -> None:
        scenario = changed(plan, "assumptions.w0=0.7")
        place = scenario.document.where(("assumptions", "hr.presence"))
        assert (place.line, place.column) == (6, 28)
        assert scenario.document.where(("assumptions", "w0")).file == "--set"
        assert scenario.assumptions == {"hr.presence": {"uniform": [0.5, 1]}, "w0": 0.7}

    def test_overrides_change_one_entry_and_not_the_catalogue(self, plan: Path) -> None:
        scenario = changed(plan, "contributors.members.france.troops=4000")
        assert scenario.contributors["france"].troops.high == 4000
        assert load_scenario(plan).contributors["france"].troops.high == 10000

    def test_parts_of_an_offer_can_be_overridden(self, plan: Path) -> None:
        before = load_scenario(plan).contributors["france"]
        after = changed(plan, "contributors.members.france.troops.mode=5000").contributors["france"]
        assert (after.troops.low, after.troops.mode) == (before.troops.low, 5000)
        assert after.commitment == before.commitment

    def test_members_can_be_left_out_again(self, plan: Path) -> None:
        scenario = changed(plan, "contributors.without=[poland, norway]")
        assert list(scenario.contributors) == ["france", "united-kingdom"]
        scenario = changed(plan, "contributors.members.poland=null")
        assert list(scenario.contributors) == ["france", "united-kingdom"]

    def test_nothing_can_be_changed_and_everything_can_be_sent(self, plan: Path) -> None:
        scenario = load_scenario(plan)
        with pytest.raises(AttributeError):
            scenario.front_km = 3.0  # type: ignore[misc]
        with pytest.raises(ValueError, match="frozen"):
            scenario.force.target_troops = 3
        with pytest.raises(TypeError):
            scenario.contributors["x"] = scenario.contributors["france"]  # type: ignore[index]
        copy = pickle.loads(pickle.dumps(scenario))
        assert copy == scenario
        assert copy.digest == scenario.digest


class TestDigest:
    def test_it_is_stable(self, plan: Path) -> None:
        digests = {load_scenario(plan).digest for _ in range(3)}
        code = (
            "from simulator.scenario import load_scenario;"
            f"print(load_scenario({str(plan)!r}).digest)"
        )
        run = subprocess.run(
            [sys.executable, "-c", code], check=True, capture_output=True, text=True
        )
        assert digests == {run.stdout.strip()}
        assert len(run.stdout.strip()) == 64

    @pytest.mark.parametrize(
        "sets",
        [
            ("title=Another",),
            ("description=Words",),
            ("book=experts",),
            ("sources=[{file: a, quotation: b}]",),
            ("contributors.members.france.name=La France",),
            ("contributors.members.france.source.note=x",),
            ("horizon_years=30.0",),
            ("front_km=1e3",),
            ("monitoring.orbits=-0.0",),
            ("assumptions.hr.presence={uniform: [0.5, 1.0]}",),
            ("contributors.sets=[core, core]",),
            ("contributors.sets=[]", "contributors.members.france={}",
             "contributors.members.united-kingdom={}"),
            ("contributors.without=[norway]",),
        ],
    )  # fmt: skip
    def test_what_changes_no_result_changes_no_digest(
        self, plan: Path, sets: tuple[str, ...]
    ) -> None:
        assert changed(plan, *sets).digest == load_scenario(plan).digest

    @pytest.mark.parametrize(
        "text",
        [
            "force.target_troops=9001",
            "force.posture=sites",
            "force.reinforcement=10000",
            "contributors.sets=[likely]",
            "contributors.members.france.commitment=0.9",
            "contributors.members.france.conditions=[]",
            "air_support.bases.lask.aircraft=13",
            "air_support.tankers=1",
            "us_backstop.logistics=true",
            "monitoring.orbits=1",
            "ukraine_support.rearmament=1",
            "adversary.rejects_force=false",
            "horizon_years=31",
            "assumptions.hr.presence=0.5",
            "assumptions.name=1",
            "structure.force_response=none",
            "structure.book=experts",
        ],
    )
    def test_what_changes_a_result_changes_the_digest(self, plan: Path, text: str) -> None:
        assert changed(plan, text).digest != load_scenario(plan).digest

    def test_the_order_of_a_file_changes_nothing(self, plan: Path, tmp_path: Path) -> None:
        lines = TEXT.strip().split("\n")
        other = tmp_path / "other.yaml"
        text = "\n".join(reversed(lines)).replace(
            "lublin: {aircraft: 8}, lask: {aircraft: 12}",
            "lask: {aircraft: 12}, lublin: {aircraft: 8}",
        )
        other.write_text(text)
        assert load_scenario(other).digest == load_scenario(plan).digest

    def test_the_machine_form_is_json_and_complete(self, plan: Path) -> None:
        scenario = load_scenario(plan)
        form = scenario.machine_form()
        assert json.loads(canonical_json(form)) == form
        assert form["title"] == "A plan"
        assert form["us_backstop"]["surveillance"] is False
        assert form["contributors"]["france"]["troops"]["low"] == 2000
        assert form["bases"]["lask"]["latitude"] == scenario.bases["lask"].latitude
        assert "title" not in scenario.identity()


class TestNotes:
    @pytest.mark.parametrize(
        ("sets", "words"),
        [
            (["contributors.members.poland=null"], "host 'poland' does not take part"),
            (["contributors.members.poland.basing=null"], "host 'poland' offers no bases"),
            (["force.target_troops=50000"], "offer at most 20,000 soldiers of the 50,000"),
            (["force.posture=line", "contributors.without=[united-kingdom]"], "nobody offers"),
            (["contributors.members.germany={}"], "'germany' takes part only with an American"),
            (
                ["contributors.members.france.aircraft=0",
                 "contributors.members.united-kingdom.roles=[land]"],
                "no contributor offers aircraft",
            ),
            (["air_support={tankers: 3, bases: null}"], "tankers are planned"),
            (["contributors.without=[italy]"], "'italy' is left out, but would not take part"),
            (["force={target_troops: 0, reinforcement: 100}"], "nothing to grow"),
        ],
    )  # fmt: skip
    def test_notes(self, plan: Path, sets: list[str], words: str) -> None:
        assert any(words in note for note in changed(plan, *sets).notes)

    def test_a_sound_plan_needs_none(self, plan: Path) -> None:
        assert load_scenario(plan).notes == ()


class TestProblems:
    def test_the_file_and_its_references_and_the_overrides_at_once(self, plan: Path) -> None:
        plan.write_text(
            TEXT.replace("lask:", "lsk:").replace("rear", "rare").replace("core", "cor")
        )
        with pytest.raises(InputError) as caught:
            load_scenario(plan, ["horizon_years=0", "broken", "monitoring.orbit=1"])
        places = [
            (p.path, p.position and Path(p.position.file).name) for p in caught.value.problems
        ]
        assert places == [
            ("force.posture", "plan.yaml"),
            ("contributors.sets[0]", "plan.yaml"),
            ("air_support.bases.lsk", "plan.yaml"),
            ("horizon_years", "--set"),
            ("", "--set"),
            ("monitoring.orbit", "--set"),
        ]

    def test_an_unknown_scenario(self) -> None:
        with pytest.raises(
            InputError, match=r"no such scenario, shipped: .*did you mean 'no-force'"
        ):
            load_scenario("noforce")

    @pytest.mark.parametrize("block", ["null", "[]", "3", "text", "{sets: null, members: 3}"])
    def test_odd_blocks_do_not_break_the_search_for_names(self, plan: Path, block: str) -> None:
        text = TEXT.replace("{sets: [core], members: {poland: {}}}", block)
        plan.write_text(
            text.replace("{bases: {lublin: {aircraft: 8}, lask: {aircraft: 12}}}", block)
        )
        with pytest.raises(InputError) as caught:
            load_scenario(plan)
        assert caught.value.problems


def test_resolving_a_scenario_needs_no_numerics() -> None:
    """Start-up: `validate` must answer in 0.6 s, and numpy or scipy alone would take a third."""
    code = (
        "import sys; from simulator.scenario import load_scenario;"
        "load_scenario('no-force').digest;"
        "assert not {'numpy', 'scipy', 'simpy', 'rich', 'arro3'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
