"""JSON Schema of scenario files, for editors that complete and check while one types."""

from typing import Any

from pydantic import BaseModel

from simulator.inputs.inheritance import WORDS
from simulator.scenario.catalogue import Contributor, load_catalogues
from simulator.scenario.schema import ScenarioFile

DIALECT = "https://json-schema.org/draft/2020-12/schema"


def scenario_json_schema() -> dict[str, Any]:
    """Return the JSON Schema (2020-12) of scenario files.

    Ids are completed from the catalogues. A field is required only in a file that extends no other,
    and null takes back what a file inherits: the schema rejects no valid file, but accepts some
    that the full check rejects.
    """
    known = load_catalogues()
    schema, entry = file_json_schema(ScenarioFile), Contributor.model_json_schema()
    definitions = schema["$defs"]
    extra = entry.pop("$defs") | {"Contributor": entry}
    _soften(list(extra.values()))
    definitions |= extra
    choice = definitions["ContributorChoice"]["properties"]
    sets, without, members = (choice[n]["anyOf"][0] for n in ("sets", "without", "members"))
    sets["items"] = {"anyOf": [{"enum": list(known.sets)}]}
    # A contributor that the file adds itself can be left out too.
    without["items"] = {"anyOf": [{"enum": list(known.contributors)}, {"type": "string"}]}
    members["additionalProperties"] = contributor = {"$ref": "#/$defs/Contributor"}
    members["properties"] = dict.fromkeys(known.contributors, contributor)
    bases = definitions["AirSupport"]["properties"]["bases"]["anyOf"][0]
    bases["propertyNames"] = {"enum": list(known.bases)}
    bases["additionalProperties"] = {"anyOf": [{"type": "integer"}, bases["additionalProperties"]]}
    schema["properties"]["us_backstop"]["anyOf"].append({"enum": list(WORDS)})
    schema["then"]["properties"] = {"force": {"required": ["target_troops"]}}
    return schema


def file_json_schema(model: type[BaseModel]) -> dict[str, Any]:
    """Return the JSON Schema of a file that may extend another, and take back what it inherits."""
    schema = model.model_json_schema()
    required = schema["required"]
    _soften(schema)
    schema["properties"]["extends"] = {
        "type": "string",
        "description": "A file to inherit from: a path relative to this one, or a shipped name.",
    }
    schema["$schema"] = DIALECT
    schema["if"] = {"not": {"required": ["extends"]}}
    schema["then"] = {"required": required}
    return schema


def _soften(definition: Any) -> None:
    """Let every field be absent or null, at any depth."""
    inner = definition.values() if isinstance(definition, dict) else definition
    for value in inner if isinstance(definition, dict | list) else ():
        _soften(value)
    if isinstance(definition, dict) and "properties" in definition:
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
