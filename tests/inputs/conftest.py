"""Both parsers of PyYAML: the fast one, and the one used where libyaml is missing."""

from __future__ import annotations

import pytest

from simulator.inputs import reader
from simulator.inputs.reader import PlainParser

FAST = reader._Parser


@pytest.fixture(params=["fast", "plain"])
def parser(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setattr(reader, "_Parser", FAST if request.param == "fast" else PlainParser)
    return str(request.param)
