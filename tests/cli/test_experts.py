"""What `simulator experts` prints: people, the record, and the crowds apart from both."""

from __future__ import annotations

import json
import re

from click.testing import CliRunner

from simulator.cli.commands import cli

experts_command = cli.commands["experts"]

CELL = re.compile(r"(\d\.\d\d) \((\d\.\d\d) to (\d\.\d\d)\)")


def test_no_printed_value_lies_outside_its_own_interval():
    shown = CliRunner().invoke(experts_command, [], catch_exceptions=False).output
    cells = [tuple(map(float, cell)) for cell in CELL.findall(shown)]
    assert len(cells) >= 36  # nine classes, four numbers each
    assert all(low <= value <= high for value, low, high in cells)


def test_the_crowds_are_listed_apart_from_the_people_quoted():
    output = CliRunner().invoke(experts_command, ["--json"], catch_exceptions=False).output
    tree = json.loads(output)
    people = {view["name"] for view in tree["views"]}
    crowds = {found["view"] for found in tree["forecasts"]}
    assert len(crowds) == 6
    assert not people & crowds
    [rand] = [found for found in tree["forecasts"] if found["view"] == "rand_may"]
    assert rand["date"] == "8 May 2025"
    assert abs(rand["said_by_bin"]["within 30 days"] - rand["book"]["within 30 days"]) < 0.002
