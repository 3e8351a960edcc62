"""``simulator schema``: the JSON Schema of the files that users write."""

import json

import click
from pydantic import BaseModel

from simulator.books.schema import BookFile
from simulator.cli.options import Given
from simulator.glossary.fields import describe_fields
from simulator.scenario.json_schema import file_json_schema, scenario_json_schema
from simulator.sweeps.schema import SweepFile


def command(given: Given, kind: str) -> None:
    """Print the schema."""
    models: dict[str, type[BaseModel]] = {"book": BookFile, "sweep": SweepFile}
    schema = file_json_schema(models[kind]) if kind in models else scenario_json_schema()
    click.echo(json.dumps(describe_fields(schema), indent=2))
