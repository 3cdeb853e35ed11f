"""The command line, put together: one file for each command."""

import typer

from diptych.cli.schemas import openapi, schema
from diptych.cli.serve import serve

app = typer.Typer(
    help="One declaration, two doors: serve SQLModel resources as REST and GraphQL, with every write guarded by a version.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
for command in (serve, schema, openapi):
    app.command()(command)
