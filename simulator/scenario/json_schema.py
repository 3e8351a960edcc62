"""JSON Schema of scenario files, for editors that complete and check while one types."""

from __future__ import annotations

from typing import Any

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
    schema = ScenarioFile.model_json_schema()
    entry = Contributor.model_json_schema()
    definitions = {**schema.pop("$defs"), **entry.pop("$defs")}
    required = {"title": True, "force": True}
    for definition in (schema, entry, *definitions.values()):
        _soften(definition)
    members = {"$ref": "#/$defs/Contributor"}
    definitions["Contributor"] = entry
    choice = definitions["ContributorChoice"]["properties"]
    _complete(choice["sets"], list(known.sets))
    _complete(choice["without"], list(known.contributors))
    choice["members"]["additionalProperties"] = members
    choice["members"]["properties"] = dict.fromkeys(known.contributors, members)
    bases = definitions["AirSupport"]["properties"]["bases"]
    bases["propertyNames"] = {"enum": list(known.bases)}
    schema["properties"]["extends"] = {
        "type": "string",
        "description": "A file to inherit from: a path relative to this one, or a shipped name.",
    }
    schema["$schema"] = DIALECT
    schema["$defs"] = definitions
    schema["if"] = {"not": {"required": ["extends"]}}
    schema["then"] = {
        "required": list(required),
        "properties": {"force": {"required": ["target_troops"]}},
    }
    return schema


def _complete(field: dict[str, Any], words: list[str]) -> None:
    field["items"] = {"enum": words}


def _soften(definition: dict[str, Any]) -> None:
    """Let every field be absent or null."""
    definition.pop("required", None)
    for name, field in definition.get("properties", {}).items():
        definition["properties"][name] = field
