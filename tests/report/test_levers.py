"""The levers of plans as tables."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from simulator.report.levers import asked_blocks
from simulator.report.page import Data
from simulator.report.tables import Table
from simulator.scenario import load_scenario


def tables(plans: Mapping[str, Mapping[str, Any]]) -> dict[str, Table]:
    return {block.title: block.table for block in asked_blocks(plans) if isinstance(block, Data)}


def test_what_plans_have_in_common_stands_once() -> None:
    plan = load_scenario("reassurance-force").machine_form()
    fewer = plan | {"contributors": dict(list(plan["contributors"].items())[:2]), "bases": {}}
    alone, both = tables({"a": plan}), tables({"a": plan, "b": fewer})
    assert alone.keys() == both.keys()
    assert len(both["Contributors"].rows) == len(alone["Contributors"].rows) > 2
    plans = [row[1].shown for row in both["Contributors"].rows]
    assert (plans.count("all"), plans.count("a")) == (2, len(plans) - 2)
    assert {row[1].shown for row in both["Conditions that contributors set"].rows} == {"all"}
    assert {row[1].shown for row in both["Air bases"].rows} == {"a"}
    assert "plans" not in alone["Contributors"].columns
