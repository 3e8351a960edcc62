"""Descriptions of fields that their models leave out, by model and field or by field alone."""

from collections.abc import Mapping
from typing import Any, Final

from simulator.books.names import ASSUMPTIONS

FIELDS: Final[Mapping[str, str]] = {
    "title": "What tables and reports call it.",
    "description": "What it is, in a few sentences.",
    "sources": "Sentences that the plan stands on.",
    "note": "A remark.",
    "source": "Where it comes from.",
    "kind": "What kind of claim: the seed articles, data, literature or judgement.",
    "file": "File name of the article.",
    "citation": "Author, year, title.",
    "quotation": "The sentence, as printed.",
    "low": "Least.",
    "mode": "Most likely.",
    "high": "Most.",
    "p05": "5th percentile.",
    "p50": "Median.",
    "p95": "95th percentile.",
    "Contributor.name": "What it is called.",
    "Contributor.roles": "What it can bring: land, air, sea, basing, logistics, backstop.",
    "Contributor.troops": "Soldiers offered, given that it commits.",
    "Contributor.aircraft": "Fighters that it brings.",
    "Contributor.ships": "Ships that it brings.",
    "Contributor.commitment": "Probability that it commits.",
    "Contributor.basing": "Probability that it opens its air bases; null if it has none.",
    "Contributor.approval": "Who approves: the government or parliament.",
    "Contributor.conditions": "Conditions that it sets, by id.",
    "Contributor.exit_hazard": "Its own rate of leaving per year; else contributor_exit_annual.",
    "Contributor.cost_factor": "Cost of its soldiers over the usual cost.",
    "BookFile.entries": "Assumptions by name ('simulator list assumptions').",
    "BookFile.correlations": "Pairs of assumptions that go together.",
    "BookFile.structure": "Structural choices by name, each with its options.",
    "ChoiceFile.options": "Answers by name, each with a weight.",
    "CorrelationFile.between": "Two assumptions.",
    "CorrelationFile.rho": "Correlation of their normal scores.",
    "distribution": "A number, or a distribution such as {uniform: [0.2, 0.4]}.",
    "unit": "Its unit ('simulator explain NAME').",
    "group": "Heading under which reports show it.",
    "weight": "Relative to the others; 0 leaves it out unless it is asked for.",
    "OptionFile.entries": "Assumptions that this option replaces.",
    "Form.triangular": "Triangular between low and high with its peak at mode.",
    "Form.pert": "Beta between low and high with its peak at mode.",
    "Form.normal": "Normal, by mean and standard deviation.",
    "Form.lognormal": "Lognormal, by median and sigma of the logarithm.",
    "Form.beta": "Beta on [0, 1], by its shapes a and b.",
    "Form.gamma": "Gamma, by shape and scale.",
    "Form.mixture": "One of several distributions, by weight.",
    "BetaForm.a": "First shape.",
    "BetaForm.b": "Second shape.",
    "GammaForm.shape": "Shape.",
    "GammaForm.scale": "Scale; the mean is shape times scale.",
    "LognormalForm.median": "Median.",
    "LognormalForm.sigma": "Standard deviation of the logarithm.",
    "NormalForm.mean": "Mean.",
    "NormalForm.sd": "Standard deviation.",
}


def describe_fields(schema: dict[str, Any]) -> dict[str, Any]:
    """Describe every field of a JSON Schema, in place; names of assumptions are completed too."""
    definitions = schema.get("$defs", {})
    _describe(schema, str(schema.get("title", "")), definitions)
    for model, definition in definitions.items():
        _describe(definition, model, definitions)
    block = schema["properties"].get("assumptions") or schema["properties"].get("entries")
    for branch in block["anyOf"] if block else ():
        if isinstance(branch.get("additionalProperties"), dict):
            branch["properties"] = {
                name: {
                    "description": f"{one.meaning} ({one.unit})",
                    **branch["additionalProperties"],
                }
                for name, one in ASSUMPTIONS.items()
            }
    return schema


def _describe(node: Any, model: str, definitions: Mapping[str, Any]) -> None:
    for item in node if isinstance(node, list) else ():
        _describe(item, model, definitions)
    if not isinstance(node, dict):
        return
    for name, field in node.get("properties", {}).items():
        words = FIELDS.get(f"{model}.{name}") or FIELDS.get(name) or _of_model(field, definitions)
        if words:
            field.setdefault("description", words)
    for key, value in node.items():
        if key != "$defs":
            inside = value.values() if key == "properties" else [value]
            for item in inside:
                _describe(item, model, definitions)


def _of_model(field: Mapping[str, Any], definitions: Mapping[str, Any]) -> str | None:
    """Return what the model of a field says of itself."""
    refs = [field.get("$ref"), *(one.get("$ref") for one in field.get("anyOf", ()))]
    named = next((str(ref).rpartition("/")[2] for ref in refs if ref), "")
    found = definitions.get(named, {}).get("description")
    return None if found is None else str(found)
