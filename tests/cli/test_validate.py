from __future__ import annotations

import json


def test_valid_files_and_their_machine_form(simulator):
    assert simulator("validate", "no-force", "air-only").returncode == 0
    done = simulator("validate", "reassurance-force", "--resolved")
    form = json.loads(done.stdout)[0]
    assert form["force"]["target_troops"] == 25000
    assert form["contributors"]["france"]["troops"]["high"] == 10000


def test_all_mistakes_of_many_files(simulator, tmp_path):
    (tmp_path / "a.yaml").write_text("title: a\nforce: {target_troops: many}\nfront_km: -1\n")
    (tmp_path / "b.yaml").write_text("title: b\nforce: {target_troops: 1}\nforce: {}\n")
    done = simulator("validate", "a.yaml", "no-force", "b.yaml")
    assert done.returncode == 2
    assert "no-force: valid" in done.stdout
    for words in ("a.yaml:2:", "a.yaml:3:", "b.yaml:3:"):
        assert words in done.stderr


def test_mistakes_in_levers_and_in_assumptions_come_together_in_order(simulator, tmp_path):
    (tmp_path / "plan.yaml").write_text(
        "title: x\n"
        "assumptions: {w0: 1.4, hr.presense: 1, kappa: much, contributors.spain.commitment: 1}\n"
        "force: {target_trops: 5, posture: lime, target_troops: 3}\n"
        "structure: {reference_class: interstate, force_respons: none, force_response: 3}\n"
        "contributors: {sets: [willling]}\n"
        "book: blend\n"
    )
    for command in ("validate", "run"):
        done = simulator(command, "plan.yaml")
        assert done.returncode == 2
        heads = [line for line in done.stderr.splitlines() if line.startswith("plan.yaml:")]
        found = [head.split(": ")[0].split(":")[1] + " " + head.split(": ")[1] for head in heads]
        # Who takes part is not known before the set is, so nothing is said of Spain.
        assert found == [
            "2 assumptions.w0",
            "2 assumptions.hr.presense",
            "2 assumptions.kappa",
            "3 force.target_trops",
            "3 force.posture",
            "4 structure.reference_class",
            "4 structure.force_respons",
            "4 structure.force_response",
            "5 contributors.sets[0]",
        ]


def test_a_book_that_is_not_there_is_a_mistake_of_the_plan(simulator, tmp_path):
    (tmp_path / "plan.yaml").write_text("extends: no-force\ntitle: x\nbook: blendd\n")
    done = simulator("validate", "plan.yaml")
    assert done.returncode == 2
    assert "did you mean 'blend'" in done.stderr


def test_pins_are_checked_against_the_book(simulator):
    done = simulator("validate", "no-force", "--set", "structure.force_response=tripwyre")
    assert done.returncode == 2
    assert "tripwire" in done.stderr


def test_list_and_schema_are_machine_readable(simulator):
    found = json.loads(simulator("list", "--json").stdout)
    assert len(found["scenarios"]) >= 9
    assert {"experts", "evidence", "blend"} <= found["books"].keys()
    schema = json.loads(simulator("schema").stdout)
    assert "force" in schema["properties"]
