"""Plans written on the command line as what differs from another."""

from __future__ import annotations

import json

import pytest

SIZE = ("--draws", "64", "--trials", "2", "-q")


def numbers(tree):
    """Differences without the names of plans; the gain's last bit depends on how many there are."""
    left_out = ("first", "second", "variance_gain")
    return [
        {key: value for key, value in one.items() if key not in left_out}
        for one in tree["differences"]
    ]


def test_a_variant_is_the_plan_that_a_grid_or_a_file_would_give(simulator, tmp_path):
    (tmp_path / "all.yaml").write_text("extends: reassurance-force\ntitle: A\nus_backstop: all\n")
    text = "smaller: force.target_troops=10000, contributors.sets=core, hosts"
    words = ("compare", "reassurance-force", "all.yaml", "--vs", text, *SIZE, "--json")
    found = json.loads(simulator(*words, "--vs", "all of it: us_backstop=all").stdout)
    first, second, third = (
        [one for one in found["differences"] if one["first"] == name]
        for name in ("all.yaml", "smaller", "all of it")
    )
    assert numbers({"differences": first}) == numbers({"differences": third})
    assert found["digests"]["all.yaml"] == found["digests"]["all of it"]
    assert found["reference"] == "reassurance-force"
    assert found["titles"]["reassurance-force"] == "Reassurance force (February 2025)"
    assert found["titles"]["smaller"] == "smaller"
    (tmp_path / "smaller.yaml").write_text(
        "extends: reassurance-force\ntitle: S\nforce: {target_troops: 10000}\n"
        "contributors: {sets: [core, hosts]}\n"
    )
    words = ("compare", "reassurance-force", "smaller.yaml", *SIZE, "--json")
    alone = json.loads(simulator(*words).stdout)
    assert numbers(alone) == numbers({"differences": second})


def test_a_lever_of_a_variant_replaces_what_all_plans_are_given(simulator):
    words = ("compare", "reassurance-force", *SIZE, "--json", "--set", "force.target_troops=5000")
    found = json.loads(simulator(*words, "--vs", "more: force.target_troops=9000").stdout)
    grid = ("compare", "reassurance-force", "--grid", "force.target_troops=5000,9000", *SIZE)
    assert numbers(found) == numbers(json.loads(simulator(*grid, "--json").stdout))


def test_parts_and_wholes_of_the_backstop_may_differ_between_variants(simulator):
    words = ("--vs", "none: us_backstop=none", "--vs", "no transport: us_backstop.logistics=false")
    done = simulator("compare", "reassurance-force", *words, *SIZE, "--json")
    assert done.returncode == 0, done.stderr
    assert len(json.loads(done.stdout)["digests"]) == 3


def test_every_mistake_is_said_at_its_place_with_what_is_allowed(simulator):
    mistakes = {
        "a: froce.target_troops=3": ("--vs:1:4:", "did you mean 'force'?"),
        "b: w0=0.4": ("--vs:2:4:", "did you mean assumptions.w0?"),
        "no lever": ("--vs:3:1:", "LEVER=VALUE"),
        "c: force.target_troops=20,000": ("--vs:4:24:", "did you mean 20000?"),
        "d: us_backstop=some": ("--vs:5:16:", "all, none"),
        "e: force.posture=": ("--vs:6:18:", "no value"),
    }
    words = [word for text in mistakes for word in ("--vs", text)]
    done = simulator("compare", "reassurance-force", *words, *SIZE)
    assert done.returncode == 2
    for place, hint in mistakes.values():
        (line,) = [line for line in done.stderr.splitlines() if line.startswith(place)]
        assert hint in line
    twice = ("--vs", "x: front_km=900", "--vs", "x: front_km=800")
    assert "two plans called 'x'" in simulator("compare", "no-force", *twice, *SIZE).stderr
    both = ("--vs", "x: front_km=900", "--grid", "front_km=800")
    assert "give one of them" in simulator("compare", "no-force", *both, *SIZE).stderr


@pytest.mark.parametrize("command", ["run", "compare"])
def test_titles_are_printed_and_the_page_is_written_in_the_same_run(command, simulator, tmp_path):
    text = "15,000 more: force.target_troops=40000"
    words = (command, "reassurance-force", "--vs", text, *SIZE, "--report", "page/a.html")
    done = simulator(*words)
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("[reassurance-force]") == 1
    assert "15,000 more" in done.stdout
    assert "15,000 more" in (tmp_path / "page" / "a.html").read_text("utf-8")
    assert "written to page/a.html" in done.stderr
    assert sorted(path.name for path in tmp_path.iterdir()) == ["page"]


def test_what_is_written_and_what_to_do_next_is_said(simulator):
    done = simulator("run", "no-force", *SIZE, "--out", "results/a")
    assert "written to results/a: background.json" in done.stderr
    assert "next: simulator report results/a" in done.stderr


def test_only_the_best_of_many_plans_are_printed(simulator):
    words = ("compare", "no-force", "--grid", "front_km=900,950,1000,1050,1100", *SIZE)
    shown = simulator(*words, "--top", "2").stdout
    assert "3 more plans: --top 5 prints all" in shown
    assert shown.count("\n1. ") == shown.count("\n2. ") == 1
    assert "\n3. " not in shown
