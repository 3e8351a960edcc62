"""A small JSON Schema checker: the keywords that our schema uses, refusing any other."""

from __future__ import annotations

import re
from typing import Any

TYPES: dict[str, Any] = {
    "object": dict,
    "array": list,
    "string": str,
    "boolean": bool,
    "null": type(None),
}
IGNORED = {"title", "description", "default", "$schema", "$defs", "$ref", "then", "pattern"}
KNOWN = IGNORED | {
    "type", "properties", "additionalProperties", "propertyNames", "patternProperties", "required",
    "items", "prefixItems", "anyOf", "allOf", "not", "if", "enum", "const", "minimum", "maximum",
    "exclusiveMinimum", "exclusiveMaximum", "minLength", "maxLength", "minItems", "maxItems",
    "minProperties",
}  # fmt: skip


def accepts(schema: Any, value: Any, root: dict[str, Any] | None = None) -> bool:
    """Whether a value meets a schema."""
    root = schema if root is None else root
    if isinstance(schema, bool):
        return schema
    assert set(schema) <= KNOWN, set(schema) - KNOWN
    if "$ref" in schema:
        target = root["$defs"][schema["$ref"].removeprefix("#/$defs/")]
        if not accepts(target, value, root):
            return False
    if "anyOf" in schema and not any(accepts(item, value, root) for item in schema["anyOf"]):
        return False
    if not all(accepts(item, value, root) for item in schema.get("allOf", ())):  # pydantic < 2.9
        return False
    if "not" in schema and accepts(schema["not"], value, root):
        return False
    holds = "if" in schema and accepts(schema["if"], value, root)
    if holds and not accepts(schema.get("then", True), value, root):
        return False
    return (
        _has_type(schema.get("type"), value)
        and value in schema.get("enum", [value])
        and value == schema.get("const", value)
        and _in_bounds(schema, value)
        and _parts_fit(schema, value, root)
    )


def _has_type(name: str | None, value: Any) -> bool:
    if name is None:
        return True
    if name in ("integer", "number"):
        # JSON Schema counts 1.0 as an integer; YAML's core schema does not.
        allowed = int if name == "integer" else int | float
        return isinstance(value, allowed) and not isinstance(value, bool)
    return isinstance(value, TYPES[name])


def _in_bounds(schema: dict[str, Any], value: Any) -> bool:
    if isinstance(value, int | float) and not isinstance(value, bool):
        return (
            value >= schema.get("minimum", value)
            and value <= schema.get("maximum", value)
            and value > schema.get("exclusiveMinimum", value - 1)
            and value < schema.get("exclusiveMaximum", value + 1)
        )
    if isinstance(value, str):
        pattern = schema.get("pattern", "")
        fits = schema.get("minLength", 0) <= len(value) <= schema.get("maxLength", len(value))
        return fits and re.search(pattern, value) is not None
    if isinstance(value, list):
        return schema.get("minItems", 0) <= len(value) <= schema.get("maxItems", len(value))
    return True


def _parts_fit(schema: dict[str, Any], value: Any, root: dict[str, Any]) -> bool:
    if isinstance(value, list):
        return all(accepts(schema.get("items", True), item, root) for item in value)
    if not isinstance(value, dict):
        return True
    known = schema.get("properties", {})
    others = schema.get("additionalProperties", True)
    names = schema.get("propertyNames", True)
    if len(value) < schema.get("minProperties", 0):
        return False
    return all(key in value for key in schema.get("required", [])) and all(
        accepts(names, key, root) and accepts(known.get(key, others), item, root)
        for key, item in value.items()
    )
