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
