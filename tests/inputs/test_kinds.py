"""A file of another kind than the command reads is named as what it is."""

from __future__ import annotations

from pathlib import Path

import pytest

from simulator.books.load import load_book
from simulator.books.schema import BookFile
from simulator.inputs import InputError, names_in, shipped
from simulator.inputs.kinds import OWN_FIELDS, kind_of_file
from simulator.inputs.locations import LIBRARIES
from simulator.scenario import load_scenario
from simulator.scenario.schema import ScenarioFile
from simulator.sweeps.files import load_sweep
from simulator.sweeps.schema import SweepFile

MODELS = {"scenario": ScenarioFile, "sweep": SweepFile, "book": BookFile}


@pytest.mark.parametrize("kind", MODELS)
def test_the_fields_of_a_kind_are_its_own(kind: str) -> None:
    others = [set(model.model_fields) for name, model in MODELS.items() if name != kind]
    own = set(MODELS[kind].model_fields) - set.union(*others)
    # What says how a sweep is run, a plan is often given by mistake: it tells nothing.
    how = {"draws", "trials", "seed", "precision", "precision_of", "max_draws"}
    assert OWN_FIELDS[kind] == own - how  # type: ignore[index]


@pytest.mark.parametrize("kind", MODELS)
def test_shipped_files_are_known_by_name_and_by_path(kind: str, tmp_path: Path) -> None:
    library = shipped(LIBRARIES[kind])  # type: ignore[index]
    for name in names_in(library):
        assert kind_of_file(name) == kind
        assert kind_of_file(str(library / f"{name}.yaml")) == kind
        (tmp_path / "heir.yaml").write_text(f"extends: {name}\ntitle: x\n")
        (tmp_path / "heirs-heir.yaml").write_text("extends: heir.yaml\ntitle: y\n")
        assert kind_of_file(str(tmp_path / "heirs-heir.yaml")) == kind


TEXTS = {
    "scenario": "title: x\nforce: {target_troops: 1}\ndraws: 3\nseed: 1\n",
    "sweep": "title: x\nscenario: no-force\ngrid: {front_km: [1, 2]}\n",
    "book": "extends: experts\ntitle: x\nstructure: {view: {options: {}}}\n",
}


@pytest.mark.parametrize("kind", TEXTS)
@pytest.mark.parametrize(
    ("read", "expected"),
    [(load_scenario, "scenario"), (load_sweep, "sweep"), (load_book, "book")],
    ids=["scenario", "sweep", "book"],
)
def test_another_kind_is_refused_by_name(
    kind: str, read: object, expected: str, tmp_path: Path
) -> None:
    path = tmp_path / "file.yaml"
    path.write_text(TEXTS[kind])
    assert kind_of_file(str(path)) == kind
    if kind == expected:
        return
    with pytest.raises(InputError) as caught:
        read(path)  # type: ignore[operator]
    (problem,) = caught.value.problems
    assert problem.message.startswith("this is a")
    assert str(path) in (problem.hint or "")


@pytest.mark.parametrize(
    "text", ["title: x\n", "", "- a\n", "extends: nowhere\n", "extends: [1]\n"]
)
def test_of_some_files_nothing_can_be_told(text: str, tmp_path: Path) -> None:
    path = tmp_path / "file.yaml"
    path.write_text(text)
    assert kind_of_file(str(path)) is None
    assert kind_of_file("x" * 300) is None


def test_files_that_extend_each_other_end(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text("extends: a.yaml\n")
    assert kind_of_file(str(tmp_path / "a.yaml")) is None


def test_a_shipped_name_of_another_kind() -> None:
    with pytest.raises(InputError, match="'blend' is a shipped book"):
        load_scenario("blend")
    with pytest.raises(InputError, match=r"did you mean '--set force\.target_troops=1'"):
        load_scenario("force.target_troops=1")
