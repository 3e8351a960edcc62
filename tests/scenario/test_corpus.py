"""The corpus: scenario files that must be accepted, and files that must be refused in these words.

``invalid/NAME.yaml`` has its whole message in ``invalid/NAME.expected``; ``valid/NAME.yaml`` has in
``valid/NAME.json`` what it means. Files in ``invalid/parents`` are only extended by others.
"""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from simulator.inputs import InputError, reader
from simulator.inputs.reader import PlainParser
from simulator.scenario import load_scenario

CORPUS = Path(__file__).parent.parent / "corpus"
VALID = sorted(path.name for path in (CORPUS / "valid").glob("*.yaml"))
INVALID = sorted(path.name for path in (CORPUS / "invalid").glob("*.yaml"))


@pytest.fixture(params=["fast", "plain"])
def parser(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    if request.param == "plain":
        monkeypatch.setattr(reader, "_Parser", PlainParser)
    return str(request.param)


def test_the_corpus_is_there() -> None:
    assert len(INVALID) >= 50
    assert len(VALID) >= 14


@pytest.mark.parametrize("name", INVALID)
@pytest.mark.usefixtures("parser")
def test_refused_in_these_words(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(CORPUS / "invalid")
    with pytest.raises(InputError) as caught:
        load_scenario(name)
    expected = Path(name).with_suffix(".expected").read_text(encoding="utf-8")
    assert caught.value.render() + "\n" == expected


@pytest.mark.parametrize("name", INVALID)
def test_every_message_has_a_place_a_caret_and_no_foreign_words(name: str) -> None:
    text = (CORPUS / "invalid" / name).with_suffix(".expected").read_text(encoding="utf-8")
    assert not re.search(
        r"pydantic|http|Input should|Traceback|Error\b|python/object(?!/apply)", text
    )
    blocks = text.rstrip("\n").split("\n")
    if name == "empty.yaml":  # nothing to point at
        return
    heads, carets = blocks[::3], blocks[2::3]
    assert all(re.match(r"[\w/-]+\.yaml:\d+:\d+: ", head) for head in heads)
    assert all(re.fullmatch(r" +\| *\^", caret) for caret in carets)


@pytest.mark.parametrize("name", VALID)
@pytest.mark.usefixtures("parser")
def test_accepted_with_this_meaning(name: str) -> None:
    path = CORPUS / "valid" / name
    scenario = load_scenario(path)
    form = scenario.machine_form()
    found = {
        key: value
        for key, value in form.items()
        if key not in ("name", "sources", "conditions", "stations", "air_support")
    }
    found["tankers"] = form["air_support"]["tankers"]
    found["bases"] = {base: use["aircraft"] for base, use in form["bases"].items()}
    found["contributors"] = list(form["contributors"])
    expected = json.loads(path.with_suffix(".json").read_text(encoding="utf-8"))
    assert json.loads(json.dumps(found)) == expected
