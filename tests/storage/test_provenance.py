"""Provenance says what is needed to repeat a run, and nothing about its user."""

from __future__ import annotations

import getpass
import json
import socket

from simulator import __version__
from simulator.storage.results import provenance


def test_provenance_is_complete_and_impersonal():
    record = provenance(["simulator", "run", "no-force"], 7, {"scenario": "ab"}, draws=10)

    assert record["simulator"] == __version__
    assert record["command"] == ["simulator", "run", "no-force"]
    assert (record["seed"], record["draws"]) == (7, 10)
    assert record["digests"] == {"scenario": "ab"}
    assert record["libraries"]["numpy"]
    assert record["libraries"]["arro3-io"]
    text = json.dumps({k: v for k, v in record.items() if k != "platform"})
    assert socket.gethostname() not in text
    assert f"/{getpass.getuser()}/" not in text
