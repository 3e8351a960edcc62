"""Sweep files: what they mean, and every mistake at its place."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from simulator.inputs import InputError, names_in, shipped
from simulator.sweeps.files import load_sweep
from simulator.sweeps.planning import make_plan
from tests.sweeps.helpers import SMALL, write

HEAD = "title: T\nscenario: no-force\n"


def rows(tmp_path, text, **options):
    sweep = load_sweep(write(tmp_path, text), **options)
    return [{key: value.label for key, value in row} for row in sweep.design.rows()]


def test_grid_factors_multiply_and_the_last_changes_fastest(tmp_path):
    found = rows(tmp_path, SMALL)
    assert [tuple(row.values()) for row in found] == [
        (0, True),
        (0, False),
        (20000, True),
        (20000, False),
        (40000, True),
        (40000, False),
    ]


def test_blocks_multiply_with_each_other(tmp_path):
    text = HEAD + (
        "grid: {force.posture: [rear, line]}\n"
        "zip: {monitoring.orbits: [1, 2, 1], monitoring.satellites: [10, 20, 30]}\n"
        "points:\n- {force.target_troops: 1}\n- {}\n"
    )
    found = rows(tmp_path, text)
    assert len(found) == 2 * 3 * 2
    assert found[0] == {
        "force.posture": "rear",
        "monitoring.orbits": 1,
        "monitoring.satellites": 10,
        "force.target_troops": 1,
    }
    assert "force.target_troops" not in found[1]


def test_ranges(tmp_path):
    text = HEAD + (
        "grid:\n"
        "  front_km: {from: 10, to: 1000, steps: 3, scale: log}\n"
        "  force.target_troops: {from: 0, to: 10, steps: 4}\n"
    )
    found = rows(tmp_path, text)
    # A lever of whole numbers gets whole numbers; the ends are exact.
    assert [row["force.target_troops"] for row in found[:4]] == [0, 3, 7, 10]
    lengths = [found[4 * i]["front_km"] for i in range(3)]
    assert lengths[0] == 10
    assert lengths[2] == 1000
    assert lengths[1] == pytest.approx(100, rel=1e-12)


def test_options_name_values_and_replace_a_mapping_as_a_whole(tmp_path):
    text = (
        "title: T\nscenario: reassurance-force\ngrid:\n  air_support.bases:\n    options:\n"
        "      none: {}\n      one: {lask: {aircraft: 3}}\n"
    )
    plan, inputs = make_plan(load_sweep(write(tmp_path, text)))
    assert [point.levers["air_support.bases"] for point in plan.points] == ["none", "one"]
    assert [list(inputs.job(n).scenario.bases) for n in (0, 1)] == [[], ["lask"]]
    assert plan.options["air_support.bases"]["one"] == {"lask": {"aircraft": 3}}


def test_exclude_leaves_out_by_value_or_name(tmp_path):
    text = HEAD + (
        "grid:\n  force.target_troops: [0, 1000]\n  contributors.sets: [[core], [likely]]\n"
        "exclude:\n- {force.target_troops: 0, contributors.sets: [likely]}\n"
        "- {contributors.sets: core, force.target_troops: [1000.0, 0]}\n"
    )
    assert rows(tmp_path, text) == [{"force.target_troops": 1000, "contributors.sets": "likely"}]


def test_samples_fill_their_ranges(tmp_path):
    text = HEAD + (
        "sample:\n  method: {method}\n  size: 64\n  ranges:\n"
        "    force.target_troops: {{from: 0, to: 1000}}\n"
        "    front_km: {{from: 1.0, to: 100.0, scale: log}}\n"
        "    force.posture: [rear, line]\n"
    )
    for method in ("sobol", "latin_hypercube"):
        found = rows(tmp_path, text.format(method=method))
        troops = sorted(row["force.target_troops"] for row in found)
        # One point in each of 64 slices, whichever the method (64 is a power of two).
        assert [int(n / 1000 * 64) for n in troops[1:-1]] == pytest.approx(range(1, 63), abs=1)
        assert all(isinstance(n, int) for n in troops)
        assert sum(row["force.posture"] == "rear" for row in found) == 32
        assert sum(row["front_km"] < 10 for row in found) == 32
        assert found == rows(tmp_path, text.format(method=method))


def test_a_larger_sobol_sample_keeps_the_points_of_a_smaller_one(tmp_path):
    text = HEAD + "sample: {{size: {}, ranges: {{front_km: {{from: 1.0, to: 2.0}}}}}}\n"
    assert rows(tmp_path, text.format(1000))[:100] == rows(tmp_path, text.format(100))


def test_the_command_line_overrides(tmp_path):
    found = rows(
        tmp_path,
        SMALL,
        sets=["us_backstop.logistics=true", "force.posture=line"],
        grids=["force.target_troops=1,2", "front_km={from: 1, to: 2, steps: 2}"],
    )
    assert found == [
        {"force.target_troops": troops, "front_km": km} for troops in (1, 2) for km in (1, 2)
    ]
    sweep = load_sweep(write(tmp_path, SMALL), options={"draws": 7, "book": "blend"})
    assert (sweep.file.draws, sweep.file.trials, sweep.file.book) == (7, 2, "blend")


def test_draws_and_a_precision_take_each_others_place_on_the_command_line(tmp_path):
    path = write(tmp_path, SMALL)
    file = load_sweep(path, options={"precision": 0.01}).file
    assert file.target is not None
    assert (file.target.estimate, file.target.error) == ("p_collapse_within_2y", 0.01)
    path = write(tmp_path, SMALL.replace("draws: 32", "precision: 0.01\nprecision_of: rmst_years"))
    assert load_sweep(path).file.precision_of == "rmst_years"
    file = load_sweep(path, options={"draws": 7}).file
    assert (file.draws, file.target) == (7, None)


@pytest.mark.parametrize(
    ("line", "where", "words"),
    [
        ("paths: 100", "paths", "write 'trials'"),
        ("precision: 0.01\ndraws: 7", "precision", "leave 'draws' out"),
        ("max_draws: 100", "max_draws", "without 'precision'"),
        ("precision_of: rmst_years", "precision_of", "without 'precision'"),
        (
            "precision: 0.01\nprecision_of: p_holds_20",
            "precision_of",
            "did you mean 'p_holds_20y'?",
        ),
        ("precision: -1", "precision", "expected a number > 0"),
    ],
)
def test_sizes_that_make_no_sense_are_explained(line, where, words, tmp_path):
    text = SMALL.replace("draws: 32\n", f"{line}\n").replace("40000", "-1")
    with pytest.raises(InputError) as caught:
        make_plan(load_sweep(write(tmp_path, text)))
    first, *others = caught.value.problems
    assert first.path == where
    assert first.position is not None
    assert words in caught.value.render()
    assert others  # the impossible number of soldiers is reported with it


def test_sweeps_extend_each_other(tmp_path):
    write(tmp_path, SMALL)
    text = "extends: small.yaml\ntitle: Other\ngrid: {force.target_troops: [5]}\n"
    sweep = load_sweep(write(tmp_path, text, "other.yaml"))
    assert [len(factor.rows) for factor in sweep.design.factors] == [1, 2]


MISTAKES = {
    "grid: {force.target_troops: [1]}\nzip: {force.target_troops: [2]}": (
        "4:7: zip.force.target_troops: set in two blocks, also as 'grid.force.target_troops'"
    ),
    "set: {force: {target_troops: 1}}\ngrid: {force.target_troops: [2]}": (
        "4:8: grid.force.target_troops: 'force' is set too, as 'set.force': one of them holds"
    ),
    "grid: {scenario: [no-force]}": "3:8: grid.scenario: set in two blocks, also as 'scenario'",
    "zip: {monitoring.orbits: [1, 2], monitoring.satellites: [1]}": (
        "3:34: zip.monitoring.satellites: has 1 values, but 'monitoring.orbits' has 2"
    ),
    "grid: {front_km: 5}": (
        "3:18: grid.front_km: expected a list of values, a range {from: ..., to: ..., steps: ..., "
        "scale: linear|log} or {options: {name: value, ...}}; one value that is the same goes under"
    ),
    "grid: {front_km: []}": "3:18: grid.front_km: an empty list leaves no point",
    "grid: {front_km: [1, 2, 1.0]}": "3:25: grid.front_km: the value 1.0 stands here twice",
    "grid: {front_km: [2, 2]}": "3:22: grid.front_km: the value 2 stands here twice",
    "grid: {force.target_troops: {from: 0, to: 2, steps: 5}}": (
        "3:29: grid.force.target_troops: the value 0 stands here twice; take fewer steps: this "
        "lever takes whole numbers"
    ),
    "grid: {front_km: {from: 1, to: 2, step: 3}}": (
        "3:35: grid.front_km.step: unknown field, allowed: from, to, steps, scale; "
        "did you mean 'steps'?"
    ),
    "grid: {front_km: {from: 0, to: 2, steps: 3, scale: log}}": (
        "3:25: grid.front_km.from: a range on the log scale must be above 0"
    ),
    "grid: {front_km: {from: a, to: 2, steps: 0, scale: cubic}}": (
        "3:52: grid.front_km.scale: expected one of linear, log"
    ),
    "grids: {front_km: [1]}": "3:1: grids: unknown field",
    "sample: {size: 0, ranges: {front_km: {from: 1, to: 2}}}": (
        "3:16: sample.size: expected a whole number in [1, 1000000], got 0"
    ),
    "sample: {size: 2, ranges: {front_km: {from: 1, to: 1}}}": (
        "3:52: sample.ranges.front_km.to: the range is empty: both ends are the same"
    ),
    "exclude: [{front_km: 1}]": "3:12: exclude[0].front_km: is no factor of this sweep",
    "grid: {front_km: [1]}\nexclude: [{front_km: 2}]": (
        "4:22: exclude[0].front_km: none of the points has this value"
    ),
    "grid: {front_km: {from: 1, to: 2, steps: 2000}, monitoring.orbits: {from: 0, to: 200000, "
    "steps: 2000}}": "3:7: the factors multiply to 4,000,000 points, at most 1,000,000 are allowed",
    "grid: {front_km: {from: 1, to: 2, steps: 100000}, monitoring.orbits: {from: 0, to: 200000, "
    "steps: 100000}}": "3:7: the factors multiply to 10,000,000,000 points, at most 1,000,000",
    "sample: {size: 30000, ranges: {front_km: {from: 1, to: 2}}}\n"
    "grid: {monitoring.orbits: {from: 0, to: 49, steps: 50}}": (
        "the factors multiply to 1,500,000 points"
    ),
    # A lever of whole numbers takes no others, at the ends of a range as in a list.
    "grid: {force.target_troops: {from: 0.5, to: 3, steps: 2}}": (
        "3:36: grid.force.target_troops.from: expected a whole number, got 0.5"
    ),
    "zip: {force.target_troops: {from: 0, to: 3.0, steps: 2}}": (
        "zip.force.target_troops.to: expected a whole number, got 3.0"
    ),
    "sample: {size: 2, ranges: {force.target_troops: {from: 0, to: 1e3}}}": (
        "sample.ranges.force.target_troops.to: expected a whole number, got 1000.0"
    ),
    # Commas within numbers.
    "grid: {force.target_troops: [20,000]}": (
        "3:33: grid.force.target_troops[1]: whole number with a leading zero: 000; a comma "
        "separates values, write 20000"
    ),
    "set: {force.target_troops: 20,500}": (
        "3:31: set.500: '500' is no entry of its own; a comma separates values, write 20500"
    ),
    "grid: {assumptions.w0: [010, 0,05]}": "write 10 or 0.10, or put it in quotes",
    # What other tools call it.
    "grid: {seed: [1, 2]}": "'seed' is no lever: it is the same at every point; write 'seed: ...'",
    "grid: {draws: [1, 2]}": "'draws' is no lever",
    "zip: {trials: [1, 2]}": "'trials' is no lever",
    "parameters: {front_km: [1]}": "write levers under 'grid'",
    "force: {target_troops: [1]}": "write levers under 'grid'",
    "metric: p_holds_20y": "leave it out: a sweep keeps every result of every point",
    "hydra: {sweeper: {}}": "leave it out: simulator sweep needs no launcher",
    "method: grid": "write it under 'sample'",
    "base: no-force": "did you mean 'scenario'?",
    "constants: {front_km: 1}": "did you mean 'set'?",
    "sample: {method: lhs, size: 2, ranges: {front_km: [1]}}": "did you mean 'latin_hypercube'?",
    "sample: {n: 2, ranges: {front_km: [1]}}": "did you mean 'size'?",
    "grid: {force: {target_troops: [1, 2]}}": (
        "3:15: grid.force: expected a list of values, a range {from: ..., to: ..., steps: ..., "
        "scale: linear|log} or {options: {name: value, ...}}; write the whole name of the lever: "
        "force.target_troops: [...]"
    ),
    "grid: {front_km: {min: 1, max: 2, num: 3}}": "did you mean 'from'?",
    "grid: {front_km: {start: 1, stop: 2, steps: 3}}": "did you mean 'to'?",
    "grid: {air_support.bases: {none: {}, one: {lask: {aircraft: 1}}}}": (
        "write {options: {...}} around values with a name"
    ),
    # Names that no file can have, where they are named.
    "book: " + "x" * 300: "3:7: book 'xxx",
    "book: " + "x" * 300 + ".yaml": "3:7: book '",
    "grid: {book: [blend, " + "x" * 300 + ".yaml]}": "3:22: book '",
    "grid: {contributors.members" + ".a" * 400 + ": [1]}": "deeper than the 32 levels allowed",
    # A number is a name like any other, and no lever.
    "grid: {7: [1]}": "3:8: grid.7: unknown field '7'",
    "grid: {front_km: [{1: 1, a: 2}]}": "3:19: front_km: expected a number",
    "seed: -1": "3:7: seed: expected a whole number in [0, 9223372036854775807], got -1",
    # Found when the points are resolved.
    "grid: {force.target_trops: [1]}": (
        "3:8: grid.force.target_trops: unknown field 'target_trops', allowed: target_troops, "
        "posture, mandate, offers, reinforcement; did you mean 'target_troops'?"
    ),
    "set: {force.target_trops: 1}": "3:7: set.force.target_trops: unknown field 'target_trops'",
    "points: [{front_km: 1}, {posture: line}]": (
        "3:26: points[1].posture: unknown field 'posture', allowed: title, description, sources, "
        "book, force, air_support, us_backstop, contributors, monitoring, ukraine_support, "
        "adversary, horizon_years, front_km, assumptions, structure; did you mean force.posture?"
    ),
    "zip: {force.target_trops: [1, 2]}\nexclude: [{force.target_troops: 1}]": (
        "3:7: zip.force.target_trops: unknown field"
    ),
    "grid: {force.posture: [rear, lime]}": (
        "3:30: force.posture: expected one of rear, sites, cities, line, got the text 'lime'"
    ),
    "grid: {assumptions.hr.presens: [0.5]}": "did you mean 'hr.presence'?",
    "grid: {structure.force_response: [tripwires]}": "did you mean 'tripwire'?",
    "grid: {contributors.sets: [[core], [cor]]}": "unknown set 'cor'",
    "grid: {book: [blend, blendd]}": "no such book, shipped: blend, evidence, experts, forecasters",
    "grid: {front_km: [1]}\nexclude: [{front_km: 1}]": "every point is excluded",
}


@pytest.mark.parametrize("text", MISTAKES)
def test_a_mistake_is_found_at_its_place(text, tmp_path):
    expected = MISTAKES[text]
    path = write(tmp_path, HEAD + text + "\n")
    with pytest.raises(InputError) as caught:
        make_plan(load_sweep(path))
    place = f"{path}:" if expected[0].isdigit() else ""
    assert f"{place}{expected}" in caught.value.render()


def test_all_mistakes_are_reported_at_once(tmp_path):
    text = "title: ''\ngrid: {front_km: 5, monitoring.orbits: []}\nzip: {front_km: [1]}\n"
    with pytest.raises(InputError) as caught:
        make_plan(load_sweep(write(tmp_path, text)))
    assert len(caught.value.problems) == 4
    overrides = {"sets": ["x"], "grids": ["a=[1", "=2"]}
    with pytest.raises(InputError) as caught:
        make_plan(load_sweep(write(tmp_path, text.replace("''", "T")), **overrides))
    assert len(caught.value.problems) == 6


def test_mistakes_of_all_kinds_are_reported_at_once_in_the_order_of_the_file(tmp_path):
    """What fields, factors, names, values and assumptions get wrong; `exclude` is right."""
    text = (
        "title: T\ndrawz: 5\npaths: -3\nscenario: reasurance-force\ngrid:\n"
        "  force.posture: [sits, line]\n"
        "  force.target_trops: [1000, 2000]\n"
        "  assumptions.w0: [0.2, 1.3]\n"
        "  assumptions.hr.presense: [0.5]\n"
        "  front_km: []\n"
        "exclude:\n"
        "- {force.target_troops: 1000, force.postur: line}\n"
        "- {assumptions.hr.presence: 0.5, front_km: 3}\n"
    )
    with pytest.raises(InputError) as caught:
        make_plan(load_sweep(write(tmp_path, text)))
    places = [
        (problem.position and problem.position.line, problem.path)
        for problem in caught.value.problems
    ]
    assert places == [
        (2, "drawz"),
        (3, "paths"),
        (4, "scenario 'reasurance-force'"),
        (6, "force.posture"),
        (7, "grid.force.target_trops"),
        (8, "assumptions.w0"),
        (9, "grid.assumptions.hr.presense"),
        (10, "grid.front_km"),
        (12, "exclude[0].force.postur"),
    ]
    assert "did you mean 'force.posture'?" in caught.value.render()


def test_a_misspelt_factor_is_blamed_and_not_the_line_that_spells_it_right(tmp_path):
    text = HEAD + "grid: {force.target_trops: [1, 2]}\nexclude: [{force.target_troops: 1}]\n"
    with pytest.raises(InputError) as caught:
        make_plan(load_sweep(write(tmp_path, text)))
    assert [problem.path for problem in caught.value.problems] == ["grid.force.target_trops"]


def test_values_are_checked_against_a_plan_and_a_book_beside_other_mistakes(tmp_path):
    text = HEAD + (
        "grid: {structure.force_response: [tripwires], force.posture: [lime]}\ndrawz: 1\n"
    )
    with pytest.raises(InputError) as caught:
        make_plan(load_sweep(write(tmp_path, text)))
    assert [problem.path for problem in caught.value.problems] == [
        "structure.force_response",
        "force.posture",
        "drawz",
    ]
    # What is no mistake is not taken for one because a part of the sweep cannot be read.
    text = (
        "title: T\nscenario: 5\nset: {front_km: 3}\n"
        "grid: {contributors.members.france.troops.high: [9000]}\n"
    )
    with pytest.raises(InputError) as caught:
        make_plan(load_sweep(write(tmp_path, text)))
    assert [problem.path for problem in caught.value.problems] == ["scenario"]


def test_a_mistake_of_many_points_is_reported_once(tmp_path):
    text = HEAD + "grid:\n  force.posture: [lime]\n  front_km: {from: 1, to: 50, steps: 50}\n"
    with pytest.raises(InputError) as caught:
        make_plan(load_sweep(write(tmp_path, text)))
    assert len(caught.value.problems) == 1


def test_a_sweep_needs_a_scenario(tmp_path):
    with pytest.raises(InputError, match="expected the name of a scenario"):
        make_plan(load_sweep(write(tmp_path, "title: T\n")))


@pytest.mark.slow
@pytest.mark.parametrize("name", names_in(shipped("configs/sweeps")))
def test_shipped_sweeps_resolve(name):
    sweep = load_sweep(name)
    short = [replace(factor, rows=factor.rows[:40]) for factor in sweep.design.factors]
    sweep = replace(sweep, design=replace(sweep.design, factors=tuple(short)))
    plan, _ = make_plan(sweep)
    assert len(plan.points) == len({point.digest for point in plan.points})
    assert sweep.file.description
    assert json.dumps(plan.tree())


def test_what_must_be_shipped():
    assert {
        "arrival-delay",
        "backstop-components",
        "drop-one-contributor",
        "expert-views",
        "force-size",
        "levers-sobol",
        "structural-choices",
    } <= set(names_in(shipped("configs/sweeps")))


def notes(tmp_path, text):
    return load_sweep(write(tmp_path, HEAD + text + "\n")).notes


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (
            "sample: {size: 2, ranges: {force.target_troops: [0, 100000]}}",
            "sample.ranges.force.target_troops: two values, not a range: write "
            "{from: 0, to: 100000}",
        ),
        ("sample: {size: 2, ranges: {front_km: [500.0, 1e3]}}", "{from: 500.0, to: 1e3}"),
        ("grid: {force.target_troops: [20,500]}", "write 20500 if one was meant"),
        ("zip: {force.target_troops: [1,250]}", "write 1250 if one was meant"),
        ("grid: {assumptions.hr.presence: [0,57]}", "write 0.57 if one was meant"),
        ("grid: {front_km: [1.000,5]}", "write 1000.5 if one was meant"),
    ],
)
def test_a_list_that_may_not_be_what_was_meant_is_noted(tmp_path, text, words):
    (note,) = notes(tmp_path, text)
    assert words in note


@pytest.mark.parametrize(
    "text",
    [
        "sample: {size: 2, ranges: {force.target_troops: [0, 1, 2]}}",
        "sample: {size: 2, ranges: {force.posture: [rear, line]}}",
        "sample: {size: 2, ranges: {us_backstop.logistics: [true, false]}}",
        "sample: {size: 2, ranges: {front_km: {from: 1, to: 2}}}",
        "grid: {force.target_troops: [20, 500]}",
        "grid: {force.target_troops: [100,200,300]}",
        "grid: {force.target_troops: [0,100]}",
        "grid: {assumptions.hr.presence: [0.5,0.7]}",
        "grid: {front_km: [100,1000]}",
    ],
)
def test_lists_that_are_clear_are_not_noted(tmp_path, text):
    assert notes(tmp_path, text) == ()


def test_a_comma_in_a_number_on_the_command_line(tmp_path):
    path = write(tmp_path, SMALL)
    sweep = load_sweep(path, grids=["force.target_troops=20,000"])
    (problem,) = sweep.problems
    assert problem.position is not None
    assert (problem.position.file, problem.position.line) == ("--grid", 1)
    assert problem.path == "grid.force.target_troops"
    assert problem.hint == "a comma separates values, write 20000"
    assert "20500" in load_sweep(path, grids=["force.target_troops=20,500"]).notes[0]


@pytest.mark.timeout(20)
def test_many_levers_are_compared_in_linear_time(tmp_path):
    """Pairs of 5,000 levers would take minutes."""
    levers = ", ".join(f"contributors.members.a{i}: [{{}}]" for i in range(5_000))
    sweep = load_sweep(write(tmp_path, f"{HEAD}grid: {{{levers}, contributors.members: [{{}}]}}"))
    assert "one of them holds the other" in sweep.problems[0].message
