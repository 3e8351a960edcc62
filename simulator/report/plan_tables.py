"""The levers of a plan as tables: what a planner chose, and who was asked on which terms."""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Final

from simulator.report.prose.names import called, words
from simulator.report.tables import NOTHING, Cell, Table, number, table
from simulator.scenario import cited

Plan = Mapping[str, Any]  # a resolved scenario
Row = tuple[Any, ...]


def lever_table(plan: Plan) -> Table:
    """Every lever of a plan with its value."""
    return table(("lever", "meaning", "value", "unit"), _levers(plan))


def quotations(plan: Plan) -> list[tuple[str, str]]:
    """The sentences that a plan was read from, each with where it stands."""
    return [
        (one["quotation"], f"{cited(one.get('file', ''))}. {one.get('note') or ''}".rstrip())
        for one in plan.get("sources") or ()
    ]


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
    for key, row in _ASKED.items():
        rows = {
            name: [row(member, one, plan) for member, one in plan[key].items()]
            for name, plan in plans.items()
            if plan.get(key)
        }
        if rows:
            of = called("asked")[key]
            found[of["title"]] = _joined(of["columns"], rows, len(plans))
    return found


def _joined(columns: Sequence[str], by_plan: Mapping[str, list[Row]], plans: int) -> Table:
    """Rows of several plans, each once, with the plans that have it."""
    if plans == 1:
        return table(columns, *by_plan.values())
    holders: dict[Row, list[str]] = {}
    for name, rows in by_plan.items():
        for row in rows:
            holders.setdefault(row, []).append(name)
    joined = (
        (row[0], "all" if len(names) == plans else ", ".join(names), *row[1:])
        for row, names in sorted(holders.items(), key=lambda item: str(item[0][0]).casefold())
    )
    return table((columns[0], "plans", *columns[1:]), joined)


def origin(source: Mapping[str, Any] | None) -> str:
    """A source in one line: what kind of claim, the quotation, where it stands, a remark."""
    if not source:
        return ""
    quotation = f"“{source['quotation']}” " if source.get("quotation") else ""
    place = cited(source["file"]) if source.get("file") else source.get("citation") or ""
    place = f"({place}) " if place and quotation else f"{place}. " if place else ""
    return f"{source.get('kind', 'source')}: {quotation}{place}{source.get('note') or ''}".strip()


def _levers(plan: Plan) -> Iterator[tuple[str, str, Cell, str]]:
    for path, (meaning, unit) in called("levers").items():
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


def _contributor(_: str, one: Plan, __: Plan) -> Row:
    return (
        *(one["name"], ", ".join(one["roles"]), _quantiles(one["troops"])),
        *(float(one["aircraft"]), float(one["ships"])),
        *(_quantiles(one["commitment"]), _quantiles(one["basing"]), str(one["approval"])),
        *(words(", ".join(one["conditions"])), origin(one["source"])),
    )


def _condition(name: str, one: Plan, _: Plan) -> Row:
    return words(name), one["description"], origin(one["source"])


def _base(_: str, one: Plan, plan: Plan) -> Row:
    host = plan.get("contributors", {}).get(one["country"], {}).get("name", one["country"])
    place = one["latitude"], one["longitude"]
    return one["name"], host, float(one["aircraft"]), *place, origin(one["source"])


_ASKED: Final[Mapping[str, Callable[[str, Plan, Plan], Row]]] = {
    "contributors": _contributor,
    "conditions": _condition,
    "bases": _base,
}
