"""JSON Schema of scenario files, for editors that complete and check while one types."""

from typing import Any

from pydantic import BaseModel

from simulator.inputs.inheritance import WORDS
from simulator.scenario.catalogue import Catalogues, Contributor, load_catalogues
from simulator.scenario.schema import ScenarioFile

DIALECT = "https://json-schema.org/draft/2020-12/schema"


def scenario_json_schema(catalogues: Catalogues | None = None) -> dict[str, Any]:
    """Return the JSON Schema (2020-12) of scenario files.

    Ids are completed from the catalogues. A field is required only in a file that extends no
    other, and null is allowed everywhere, since it takes back what a file inherits: the schema
    rejects no valid file; it does accept some that the full check rejects (unordered
    quantiles, say).
    """
    known = catalogues or load_catalogues()
    schema = file_json_schema(ScenarioFile)
    entry = Contributor.model_json_schema()
    definitions = schema["$defs"]
    extra = entry.pop("$defs")
    for definition in (entry, *extra.values()):
        _soften(definition)
    definitions |= extra
    members = {"$ref": "#/$defs/Contributor"}
    definitions["Contributor"] = entry
    choice = definitions["ContributorChoice"]["properties"]
    _complete(choice["sets"], list(known.sets))
    _complete(choice["without"], list(known.contributors))
    # A contributor that the file adds itself can be left out too.
    choice["without"]["anyOf"][0]["items"]["anyOf"].append({"type": "string"})
    by_id = choice["members"]["anyOf"][0]
    by_id["additionalProperties"] = members
    by_id["properties"] = dict.fromkeys(known.contributors, members)
    bases = definitions["AirSupport"]["properties"]["bases"]
    bases["anyOf"][0]["propertyNames"] = {"enum": list(known.bases)}
    bases["anyOf"][0]["additionalProperties"] = {
        "anyOf": [{"type": "integer"}, bases["anyOf"][0]["additionalProperties"]]
    }
    schema["properties"]["us_backstop"]["anyOf"].append({"enum": list(WORDS)})
    schema["then"]["properties"] = {"force": {"required": ["target_troops"]}}
    return schema


def file_json_schema(model: type[BaseModel]) -> dict[str, Any]:
    """Return the JSON Schema of a file that may extend another, and take back what it inherits."""
    schema = model.model_json_schema()
    required = schema["required"]
    for definition in (schema, *schema["$defs"].values()):
        _soften(definition)
    schema["properties"]["extends"] = {
        "type": "string",
        "description": "A file to inherit from: a path relative to this one, or a shipped name.",
    }
    schema["$schema"] = DIALECT
    schema["if"] = {"not": {"required": ["extends"]}}
    schema["then"] = {"required": required}
    return schema


def _complete(field: dict[str, Any], words: list[str]) -> None:
    """Let an editor offer the words of a list."""
    field["anyOf"][0]["items"] = {"anyOf": [{"enum": words}]}


def _soften(definition: Any) -> None:
    """Let every field be absent or null, at any depth."""
    if isinstance(definition, list):
        for item in definition:
            _soften(item)
    if not isinstance(definition, dict):
        return
    for value in definition.values():
        _soften(value)
    if "properties" in definition:
        definition.pop("required", None)
        fields = definition["properties"]
        definition["properties"] = {name: _nullable(field) for name, field in fields.items()}


def _nullable(field: dict[str, Any]) -> dict[str, Any]:
    """Return the schema of a field that may be null; what describes it stays outside."""
    # The titles are only the field names again.
    outside: dict[str, Any] = {
        key: field[key] for key in ("description", "default") if key in field
    }
    inside = {key: field[key] for key in field if key not in outside and key != "title"}
    choices = inside["anyOf"] if set(inside) == {"anyOf"} else [inside]
    null = {"type": "null"}
    return {**outside, "anyOf": [*(choice for choice in choices if choice != null), null]}
