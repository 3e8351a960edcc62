"""``simulator schema``: the JSON Schema of the files that users write."""

import json

import click


@click.command("schema")
@click.argument("kind", type=click.Choice(("plan", "book", "sweep")), default="plan")
def schema_command(kind: str) -> None:
    """Print the JSON Schema of plans (or of books, or sweeps), for editors.

    They complete the fields, explain them and check them while one types.
    """
    from simulator.glossary.fields import describe_fields
    from simulator.scenario.json_schema import file_json_schema, scenario_json_schema

    if kind == "book":
        from simulator.books.schema import BookFile

        schema = file_json_schema(BookFile)
    elif kind == "sweep":
        from simulator.sweeps.schema import SweepFile

        schema = file_json_schema(SweepFile)
    else:
        schema = scenario_json_schema()
    click.echo(json.dumps(describe_fields(schema), indent=2))
