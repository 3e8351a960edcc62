"""The levers of plans as tables."""

from __future__ import annotations

from simulator.report.plan_tables import asked_tables
from simulator.scenario import load_scenario


def test_what_plans_have_in_common_stands_once() -> None:
    plan = load_scenario("reassurance-force").machine_form()
    fewer = plan | {"contributors": dict(list(plan["contributors"].items())[:2]), "bases": {}}
    alone, both = asked_tables({"a": plan}), asked_tables({"a": plan, "b": fewer})
    assert alone.keys() == both.keys()
    assert len(both["Contributors"].rows) == len(alone["Contributors"].rows) > 2
    plans = [row[1].shown for row in both["Contributors"].rows]
    assert (plans.count("all"), plans.count("a")) == (2, len(plans) - 2)
    assert {row[1].shown for row in both["Conditions that contributors set"].rows} == {"all"}
    assert {row[1].shown for row in both["Air bases"].rows} == {"a"}
    assert "plans" not in alone["Contributors"].columns
