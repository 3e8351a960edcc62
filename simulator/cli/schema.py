"""``simulator schema``: the JSON Schema of scenario files."""

from __future__ import annotations

import json

import click


@click.command("schema")
def schema_command() -> None:
    """Print the JSON Schema of scenario files, for editors that complete and check YAML."""
    from simulator.scenario import scenario_json_schema

    click.echo(json.dumps(scenario_json_schema(), indent=2))
