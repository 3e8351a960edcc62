"""Descriptions of fields that their models leave out."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from simulator.books.names import ASSUMPTIONS
from simulator.inputs import read_document


def describe_fields(schema: dict[str, Any]) -> dict[str, Any]:
    """Describe every field of a JSON Schema, in place; names of assumptions are completed too."""
    known = read_document(Path(__file__).with_suffix(".yaml")).value
    definitions = schema.get("$defs", {})

    def describe(node: Any, model: str) -> None:
        for item in node if isinstance(node, list) else ():
            describe(item, model)
        if not isinstance(node, dict):
            return
        for name, field in node.get("properties", {}).items():
            words = known.get(f"{model}.{name}") or known.get(name) or _of_model(field, definitions)
            if words:
                field.setdefault("description", words)
        for key, value in node.items():
            if key != "$defs":
                for item in value.values() if key == "properties" else [value]:
                    describe(item, model)

    describe(schema, str(schema.get("title", "")))
    for model, definition in definitions.items():
        describe(definition, model)
    block = schema["properties"].get("assumptions") or schema["properties"].get("entries")
    for branch in block["anyOf"] if block else ():
        if isinstance(branch.get("additionalProperties"), dict):
            branch["properties"] = {
                name: {"description": f"{one.meaning} ({one.unit})"}
                | branch["additionalProperties"]
                for name, one in ASSUMPTIONS.items()
            }
    return schema


def _of_model(field: Mapping[str, Any], definitions: Mapping[str, Any]) -> str | None:
    """What the model of a field says of itself."""
    refs = [field.get("$ref"), *(one.get("$ref") for one in field.get("anyOf", ()))]
    named = next((str(ref).rpartition("/")[2] for ref in refs if ref), "")
    description: str | None = definitions.get(named, {}).get("description")
    return description
