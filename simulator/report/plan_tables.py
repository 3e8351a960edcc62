"""The levers of a plan as tables: what a planner chose, and who was asked on which terms."""

import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from simulator.report.prose.names import words
from simulator.report.tables import NOTHING, Cell, Table, number, table
from simulator.scenario import cited

Plan = Mapping[str, Any]  # a resolved scenario

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


def lever_table(plan: Plan) -> Table:
    """Every lever of a plan with its value."""
    return table(("lever", "meaning", "value", "unit"), _levers(plan))


def quotations(plan: Plan) -> list[tuple[str, str]]:
    """The sentences that a plan was read from, each with where it stands."""
    return [
        (str(one["quotation"]), f"{cited(one.get('file', ''))}." + _after(one.get("note")))
        for one in plan.get("sources") or ()
    ]


def _after(note: object) -> str:
    return f" {note}" if note else ""


def differing_levers(plans: Mapping[str, Plan]) -> Table:
    """The levers in which plans differ, a column for each plan."""
    forms = {name: {path: value for path, _, value, _ in _levers(p)} for name, p in plans.items()}
    rows = []
    for path in dict.fromkeys(path for form in forms.values() for path in form):
        cells = [form.get(path, Cell(NOTHING, NOTHING)) for form in forms.values()]
        if len({cell.shown for cell in cells}) > 1:
            rows.append((path, *map(_counted, cells)))
    return table(("lever", *plans), rows)


def _counted(cell: Cell) -> Cell | str:
    """A long list as the number of its items: the plans themselves stand below."""
    return f"{cell.shown.count(', ') + 1} of them" if len(cell.shown) > 60 else cell


def asked_tables(plans: Mapping[str, Plan]) -> dict[str, Table]:
    """Who is asked, on which terms, with which bases: what plans have in common stands once."""
    found = {}
    for title, key, table_of in _ASKED:
        tables = {name: table_of(plan) for name, plan in plans.items() if plan.get(key)}
        if tables:
            found[title] = _joined(tables, len(plans))
    return found


def _joined(tables: Mapping[str, Table], plans: int) -> Table:
    """Rows of the tables of several plans, each once, with the plans that have it."""
    first = next(iter(tables.values()))
    if plans == 1:
        return first
    holders: dict[tuple[Cell, ...], list[str]] = {}
    for name, one in tables.items():
        for row in one.rows:
            holders.setdefault(row, []).append(name)
    rows = [
        (row[0], "all" if len(names) == plans else ", ".join(names), *row[1:])
        for row, names in sorted(holders.items(), key=lambda item: item[0][0].shown.casefold())
    ]
    return table((first.columns[0], "plans", *first.columns[1:]), rows)


def origin(source: Mapping[str, Any] | None) -> str:
    """A source in one line: what kind of claim, the quotation, where it stands, a remark."""
    if not source:
        return ""
    quotation = f"“{source['quotation']}” " if source.get("quotation") else ""
    place = cited(source["file"]) if source.get("file") else source.get("citation") or ""
    place = f"({place}) " if place and quotation else f"{place}. " if place else ""
    return f"{source.get('kind', 'source')}: {quotation}{place}{source.get('note') or ''}".strip()


def _levers(plan: Plan) -> Iterator[tuple[str, str, Cell, str]]:
    for path, (meaning, unit) in LEVERS.items():
        value: Any = plan
        for part in path.split("."):
            value = value.get(part) if isinstance(value, Mapping) else None
        yield path, meaning, _value(value), unit
    bases = (f"{name} ({one['aircraft']})" for name, one in (plan.get("bases") or {}).items())
    there, members = ", ".join(bases) or "none", ", ".join(plan.get("contributors") or {})
    yield "air_support.bases", "air bases, with the aircraft that each takes", _value(there), ""
    yield "contributors", "who is asked to take part", _value(members or "nobody"), ""
    for block in ("assumptions", "structure"):
        for name, value in (plan.get(block) or {}).items():
            yield f"{block}.{name}", "set by this plan instead of the book", _value(value), ""


def _value(value: Any) -> Cell:
    if isinstance(value, int | float) and not isinstance(value, bool):
        return number(float(value))
    if value is None or isinstance(value, bool):
        shown = "none" if value is None else "yes" if value else "no"
    else:
        shown = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return Cell(shown, shown)


def _quantiles(value: Any) -> str:
    if isinstance(value, Mapping):
        return " / ".join(f"{v:,.6g}" for v in value.values())
    return NOTHING if value is None else f"{value:,.6g}"


def _contributors(plan: Plan) -> Table:
    columns = (
        *("contributor", "roles", "soldiers offered: low / mode / high", "aircraft", "ships"),
        "probability that it commits: 5 / 50 / 95 %",
        "that it opens its bases: 5 / 50 / 95 %",
        *("approval", "conditions", "source"),
    )
    rows = (
        (
            *(one["name"], ", ".join(one["roles"]), _quantiles(one["troops"])),
            *(float(one["aircraft"]), float(one["ships"])),
            *(_quantiles(one["commitment"]), _quantiles(one["basing"]), str(one["approval"])),
            *(words(", ".join(one["conditions"])), origin(one["source"])),
        )
        for one in plan["contributors"].values()
    )
    return table(columns, rows)


def _conditions(plan: Plan) -> Table:
    rows = (
        (words(name), one["description"], origin(one["source"]))
        for name, one in plan["conditions"].items()
    )
    return table(("condition", "effect", "source"), rows)


def _bases(plan: Plan) -> Table:
    hosts = plan.get("contributors", {})
    rows = (
        (
            *(one["name"], hosts.get(one["country"], {}).get("name", one["country"])),
            *(float(one["aircraft"]), one["latitude"], one["longitude"], origin(one["source"])),
        )
        for one in plan["bases"].values()
    )
    return table(("base", "host", "aircraft", "latitude, °N", "longitude, °E", "source"), rows)


_ASKED: Final[tuple[tuple[str, str, Callable[[Plan], Table]], ...]] = (
    ("Contributors", "contributors", _contributors),
    ("Conditions that contributors set", "conditions", _conditions),
    ("Air bases", "bases", _bases),
)
