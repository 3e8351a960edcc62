"""The levers of a plan as tables: what a planner chose, and who was asked on which terms."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any, Final

from simulator.report.page import Block, Data, Quotes, Section, prose
from simulator.report.tables import Cell, Table, number, rows_of, text
from simulator.scenario import cited

# Path of a lever in a resolved scenario -> what it is, and its unit.
LEVERS: Final[Mapping[str, tuple[str, str]]] = {
    "force.target_troops": ("soldiers planned", "soldiers"),
    "force.posture": ("where they stand", ""),
    "force.mandate": ("under which mandate", ""),
    "force.reinforcement": ("may be reinforced up to", "soldiers"),
    "air_support.tankers": ("tanker aircraft", "aircraft"),
    "us_backstop.air_defence": ("American promise: air defence", ""),
    "us_backstop.intelligence": ("American promise: intelligence", ""),
    "us_backstop.surveillance": ("American promise: surveillance", ""),
    "us_backstop.logistics": ("American promise: logistics", ""),
    "monitoring.orbits": ("drones kept on station", "orbits"),
    "monitoring.satellites": ("surveillance satellites", "satellites"),
    "ukraine_support.trainers": ("soldiers who train Ukraine's army", "soldiers"),
    "ukraine_support.rearmament": ("rearmament of Ukraine, 1 is the plan", "ratio"),
    "adversary.troops": ("Russian soldiers in the theatre", "soldiers"),
    "adversary.rejects_force": ("Russia rejects the force", ""),
    "horizon_years": ("years simulated", "years"),
    "front_km": ("length of the line", "km"),
}


def lever_blocks(plan: Mapping[str, Any], folded: bool = False) -> list[Block]:
    """What a resolved plan says, in its quotations and numbers; its table ``folded`` or open."""
    if not plan:
        return [prose(["The folder of this run does not say what was planned."])]
    blocks: list[Block] = []
    if plan.get("description"):
        blocks.append(prose([str(plan["description"])]))
    quotes = tuple((str(s["quotation"]), _place(s)) for s in plan.get("sources") or ())
    if quotes:
        blocks.append(Quotes(quotes))
    blocks.append(Data("Levers", _levers(plan), folded))
    if plan.get("notes"):
        blocks.append(prose([f"Note: {note}." for note in plan["notes"]]))
    return blocks


def asked_blocks(plans: Mapping[str, Mapping[str, Any]]) -> list[Block]:
    """Who is asked, on which terms, with which bases: what plans have in common stands once."""
    blocks: list[Block] = []
    for title, key, table_of in (
        ("Contributors", "contributors", _contributors),
        ("Conditions that contributors set", "conditions", _conditions),
        ("Air bases", "bases", _bases),
    ):
        tables = {name: table_of(plan) for name, plan in plans.items() if plan.get(key)}
        if tables:
            blocks.append(Data(title, _joined(tables, len(plans))))
    return blocks


def _joined(tables: Mapping[str, Table], plans: int) -> Table:
    """Rows of the tables of several plans, each once, with the plans that have it."""
    first = next(iter(tables.values()))
    if plans == 1:
        return first
    holders: dict[tuple[Cell, ...], list[str]] = {}
    for name, table in tables.items():
        for row in table.rows:
            holders.setdefault(row, []).append(name)
    rows = [
        (row[0], text("all" if len(names) == plans else ", ".join(names)), *row[1:])
        for row, names in sorted(holders.items(), key=lambda item: item[0][0].shown.casefold())
    ]
    return Table((first.columns[0], "plans", *first.columns[1:]), rows_of(rows))


def differing_levers(plans: Mapping[str, Mapping[str, Any]]) -> Table:
    """The levers in which plans differ, a column for each plan."""
    forms = {name: {path: value for path, _, value, _ in _rows(p)} for name, p in plans.items()}
    paths = dict.fromkeys(path for form in forms.values() for path in form)
    rows = []
    for path in paths:
        cells = [form.get(path, text("–")) for form in forms.values()]
        if len({cell.shown for cell in cells}) > 1:
            rows.append((text(path), *map(_counted, cells)))
    return Table(("lever", *plans), rows_of(rows))


def _counted(cell: Cell) -> Cell:
    """A long list as the number of its items: the plans themselves stand below."""
    return text(f"{cell.shown.count(', ') + 1} of them") if len(cell.shown) > 60 else cell


def origin(source: Mapping[str, Any] | None) -> str:
    """A source in one line: what kind of claim, the quotation, where it stands, a remark."""
    if not source:
        return ""
    quotation = f"“{source['quotation']}” " if source.get("quotation") else ""
    place = cited(source["file"]) if source.get("file") else source.get("citation") or ""
    place = f"({place}) " if place and quotation else f"{place}. " if place else ""
    return f"{source.get('kind', 'source')}: {quotation}{place}{source.get('note') or ''}".strip()


def _place(sentence: Mapping[str, Any]) -> str:
    note = f" {sentence['note']}" if sentence.get("note") else ""
    return f"{cited(sentence.get('file', ''))}.{note}"


def _levers(plan: Mapping[str, Any]) -> Table:
    rows = [(text(path), text(what), value, text(unit)) for path, what, value, unit in _rows(plan)]
    return Table(("lever", "meaning", "value", "unit"), rows_of(rows))


def _rows(plan: Mapping[str, Any]) -> Iterator[tuple[str, str, Cell, str]]:
    for path, (meaning, unit) in LEVERS.items():
        value: Any = plan
        for part in path.split("."):
            value = value.get(part) if isinstance(value, Mapping) else None
        yield path, meaning, _value(value), unit
    there = ", ".join(
        f"{name} ({one['aircraft']})" for name, one in (plan.get("bases") or {}).items()
    )
    yield (
        "air_support.bases",
        "air bases, with the aircraft that each takes",
        text(there or "none"),
        "",
    )
    members = ", ".join(plan.get("contributors") or {})
    yield "contributors", "who is asked to take part", text(members or "nobody"), ""
    for block in ("assumptions", "structure"):
        for name, value in (plan.get(block) or {}).items():
            yield f"{block}.{name}", "set by this plan instead of the book", _value(value), ""


def _value(value: Any) -> Cell:
    if isinstance(value, bool):
        return text("yes" if value else "no")
    if isinstance(value, int | float):
        return number(float(value))
    if value is None:
        return text("none")
    return text(value if isinstance(value, str) else json.dumps(value, ensure_ascii=False))


def _quantiles(value: Any) -> str:
    if isinstance(value, Mapping):
        return " / ".join(f"{v:,.6g}" for v in value.values())
    return "–" if value is None else f"{value:,.6g}"


def _contributors(plan: Mapping[str, Any]) -> Table:
    rows = [
        (
            text(one["name"]),
            text(", ".join(one["roles"])),
            text(_quantiles(one["troops"])),
            number(float(one["aircraft"])),
            number(float(one["ships"])),
            text(_quantiles(one["commitment"])),
            text(_quantiles(one["basing"])),
            text(one["approval"]),
            text(", ".join(one["conditions"]).replace("_", " ")),
            text(origin(one["source"])),
        )
        for one in plan["contributors"].values()
    ]
    columns = (
        "contributor",
        "roles",
        "soldiers offered: low / mode / high",
        "aircraft",
        "ships",
        "probability that it commits: 5 / 50 / 95 %",
        "that it opens its bases: 5 / 50 / 95 %",
        "approval",
        "conditions",
        "source",
    )
    return Table(columns, rows_of(rows))


def _conditions(plan: Mapping[str, Any]) -> Table:
    rows = [
        (text(name.replace("_", " ")), text(one["description"]), text(origin(one["source"])))
        for name, one in plan["conditions"].items()
    ]
    return Table(("condition", "effect", "source"), rows_of(rows))


def _bases(plan: Mapping[str, Any]) -> Table:
    contributors = plan.get("contributors", {})
    rows = [
        (
            text(one["name"]),
            text(contributors.get(one["country"], {}).get("name", one["country"])),
            number(float(one["aircraft"])),
            number(one["latitude"]),
            number(one["longitude"]),
            text(origin(one["source"])),
        )
        for one in plan["bases"].values()
    ]
    columns = ("base", "host", "aircraft", "latitude, °N", "longitude, °E", "source")
    return Table(columns, rows_of(rows))


def plans_section(plans: Mapping[str, Mapping[str, Any]]) -> Section | None:
    """Where plans differ, and each in full; None where none was kept."""
    if not plans:
        return None
    where = Data("Where they differ", differing_levers(plans))
    parts = tuple(
        Section(name, tuple(lever_blocks(plan, folded=True))) for name, plan in plans.items()
    )
    return Section("The plans", (where,), parts)
